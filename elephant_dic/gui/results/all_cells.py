"""A run over all cells of a recording: each on a processor of its own, a row of results once it is done."""

from __future__ import annotations

import io
import time
import zipfile
from concurrent.futures import BrokenExecutor, CancelledError
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import neo

from ...populations import load_population
from ...session import reconstruct_session, rows_so_far, write_csv
from ...simulation import cpu_count, own_processes
from ...trains import sweeps_of
from ..widgets.jobs import run_long

STOPPED = "Stopped: what was done is kept."


class AllCells:
    """Populations of many cells, in a folder of a session.

    Parameters
    ----------
    cells : list of neo.SpikeTrain or neo.Group
        As they were read.
    options : dict
        Arguments of `reconstruct`, for all of them.
    folder : Path
        Of the visitor, in which a new one is made.

    Attributes
    ----------
    is_over, is_stopped : bool
    error : str
        Why it ended before all was done; "" otherwise.
    """

    def __init__(self, cells: list, options: dict[str, Any], folder: Path):
        self.cells, self.options = list(cells), options
        self.folder = Path(mkdtemp(prefix="all-cells-", dir=folder))
        self.is_over, self.is_stopped, self.error = False, False, ""
        self._workers, self._begun, self._lasted = ExitStack(), time.monotonic(), 0.0

    async def go(self) -> None:
        """Reconstruct them."""
        found = await run_long(self._reconstruct)
        self.error = STOPPED if self.is_stopped else found.error
        self._lasted, self.is_over = self.elapsed, True

    def _reconstruct(self):
        with self._workers:
            pool = self._workers.enter_context(own_processes(min(cpu_count(), len(self.cells))))
            try:
                if not self.is_stopped:
                    reconstruct_session(self.cells, self.folder, executor=pool, **self.options)
            except (BrokenExecutor, CancelledError):
                if not self.is_stopped:
                    raise

    def stop(self) -> None:
        """End it, at once."""
        self.is_stopped = True
        self._workers.close()

    @property
    def elapsed(self) -> float:
        """Seconds that it has taken."""
        return self._lasted if self.is_over else time.monotonic() - self._begun

    def rows(self) -> list[dict[str, Any]]:
        """What is done, as in the table of `reconstruct_session`, with the ``index`` of each cell."""
        places: dict[tuple[str, int], list[int]] = {}
        for index, cell in enumerate(self.cells):
            key = (str(cell.name or f"cell {index}"), sum(map(len, sweeps_of(cell))))
            places.setdefault(key, []).append(index)
        found = [
            row | {"index": (places.get((row["cell"], row["n_spikes"])) or [-1]).pop(0)}
            for row in rows_so_far(self.folder)
        ]
        return sorted(found, key=lambda row: row["index"])

    def block(self, row: dict[str, Any]) -> neo.Block:
        """The population of a row."""
        return load_population(self.folder / row["block"])

    def table(self) -> bytes:
        """The rows as a CSV file."""
        with TemporaryDirectory() as place:
            path = Path(place, "table.csv")
            write_csv(self.rows(), path)
            return path.read_bytes()

    def populations(self) -> bytes:
        """The table and all populations, as a ZIP file."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("session.csv", self.table())
            for row in self.rows():
                if row.get("block"):
                    archive.write(self.folder / row["block"], row["block"])
        return buffer.getvalue()
