"""Reconstruct all cells of a session: files in, a folder of populations and a table out."""

from __future__ import annotations

import json
import os
import pickle
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import quantities as pq

from .._version import __version__
from ..arguments import check_n_models, check_seed, check_tolerance, path_of
from ..emulation import load_emulator
from ..inference import card_of, load_regressor, load_step_regressor
from ..neurons import NeuronModel, fingerprint, get_neuron, list_neurons, prior_of
from ..populations import SUFFIXES, alone_in
from ..recordings import RecordingError
from ..simulation import map_chunks, progress_bar
from ..steps import has_step_library
from ..training import check_manifest
from ..trains import check_capacitance
from .cells import MANIFEST, TABLE, Recording, SessionCell, check_output, recordings_of, some
from .journal import JOURNAL, Journal
from .table import write_csv, write_nwb
from .work import Settings, one_blas_thread, packed, reconstruct_cell

#: In place of a neuron: for each cell the one of those installed that is the most likely to fire like it.
AUTO = "auto"
#: Cells, and spikes of them, that may be in memory at a time: read ahead for the workers, and as many kept of
#: those that were looked at.
_MOST_CELLS, _MOST_SPIKES = 1024, 10_000_000


@dataclass(frozen=True)
class _Part:
    """A recording of the session, with the keys of its cells, or why it cannot be read."""

    recording: Recording
    keys: tuple[bytes, ...] = ()
    error: str = ""
    notes: tuple[str, ...] = ()
    cells: tuple[SessionCell, ...] = ()  # as far as they are kept; the others are read again


def reconstruct_session(
    recordings: Any,
    folder: str | os.PathLike[str],
    neuron: str | NeuronModel = "stg",
    n_models: int = 500,
    *,
    verify: bool = True,
    tolerance: float = 0.1,
    prior: str | Mapping[str, tuple[float, float]] = "mixture",
    capacitance: pq.Quantity | None = None,
    figures: Sequence[str] = (),
    beyond_block: bool = False,
    seed: int | None = None,
    suffix: str = ".nix",
    executor: Executor | None = None,
    progress: bool = False,
    **reading: Any,
) -> Path:
    """`reconstruct` for all cells of many recordings: a file each, a table of all, and none of it twice.

    What is done is kept, whatever ends the process: the same call goes on where it stopped, and the result is
    that of an undisturbed run. Cells that cannot be reconstructed, and files that cannot be read, stand in
    the table with the reason, and do not stop the others.

    Parameters
    ----------
    recordings : path, spike trains, or a list of these
        Files, folders that are one recording, and folders with recordings in them. Or what `to_spiketrains`
        takes: cells as in `reconstruct_many`, or objects of other tools.
    folder : str or path-like
        For the results: a new one, or one without recordings. A folder made by an earlier call with the same
        settings is completed; recordings may have been added or taken away.
    neuron : str or NeuronModel
        With "auto", for each cell the neuron that `suggest_neuron` puts first; `prior` then has to suit each
        of those that have a network. Default: "stg".
    n_models : int
        Members of each population. Default: 500.
    verify, tolerance, prior, capacitance, figures, beyond_block
        As in `reconstruct`; the last three are for those cells that are under current steps.
    seed : int, optional
        A cell's own seed follows from this one and the names of its file and unit alone: it does not depend
        on the other cells. With None that of the folder is taken; a new one is drawn.
    suffix : str
        Of the files of the populations: ".nix", ".nwb", ".csv" or ".mat". Default: ".nix".
    executor : concurrent.futures.Executor, optional
        Each of its workers reconstructs one cell at a time and writes its file: all need to see `folder`.
        Default: processes, one a core. The result is the same with any.
    progress : bool
        Whether to show a progress bar with the time left.
    **reading
        As in `read_spiketrains`, such as ``where='quality == "good"'``, for all files.

    Returns
    -------
    Path
        Of the table, ``session.csv`` in `folder`; with a `suffix` of ".nwb" the same is in ``session.nwb``. A
        line a cell, in the order of the recordings: file, cell, spikes, rate, class of firing, quality,
        neuron, DICs with their 68 % intervals, verdict, doubts, seed, the file of its population, or why it
        was skipped, and the seconds that it took.

    Raises
    ------
    TypeError, ValueError
        For wrong arguments, as in `reconstruct` and `read_spiketrains`; if the folder holds recordings or was
        made with other settings, or another process works in it.
    RecordingError
        If there is no such file, or none of the recordings has cells.
    concurrent.futures.BrokenExecutor
        If the executor has lost a worker. What was done is kept.

    Warns
    -----
    UserWarning
        As `read_spiketrains`; about what is left out of folders.

    See Also
    --------
    reconstruct_many : for spike trains in memory, without files.
    """
    settings, made_with = _checked(
        path_of(folder), neuron, n_models, tolerance if verify else None, prior, seed, suffix,
        _of_steps(capacitance, figures, beyond_block),
    )  # fmt: skip
    found, notes = recordings_of(recordings, reading)
    check_output(Path(folder), found)
    with alone_in(settings.folder, "reconstructs a session"):
        begun = (settings.folder / JOURNAL).exists()
        if begun:
            check_manifest(settings.folder / MANIFEST, made_with, JOURNAL)
        with Journal(settings.folder) as journal:
            parts = _looked_at(found)
            for note in [*notes, *(note for part in parts for note in part.notes)]:
                warnings.warn(note, UserWarning, stacklevel=2)
            if not any(part.keys for part in parts):
                raise RecordingError(some([part.error for part in parts], "; ") or "no recordings are given")
            if not begun:  # only now is there something to do
                check_manifest(settings.folder / MANIFEST, made_with, JOURNAL)
            _complete(parts, journal, settings, executor, progress)
            table = Path(folder, TABLE)
            write_csv(_rows(parts, journal), table)
            if suffix.lower() == ".nwb":
                write_nwb(_rows(parts, journal), made_with, table.with_suffix(".nwb"))
    return table


def _of_steps(capacitance, figures, beyond_block) -> dict[str, Any]:
    """What is asked for of cells under current steps, in JSON's types; nothing of what is not."""
    asked: dict[str, Any] = {}
    if capacitance is not None:
        asked["capacitance"] = check_capacitance(capacitance)
    if figures:
        asked["figures"] = [str(figure) for figure in ([figures] if isinstance(figures, str) else figures)]
    return asked | ({"beyond_block": True} if beyond_block else {})


def _checked(
    folder, neuron, n_models, tolerance, prior, seed, suffix, of_steps
) -> tuple[Settings, dict[str, Any]]:
    """What the workers need to know, and what the folder was made with, in JSON's types."""
    chosen = None if neuron == AUTO else get_neuron(neuron)
    networks = _all_networks() if chosen is None else {chosen.name: _networks(chosen)}
    _check_prior(prior, chosen, networks)
    if suffix not in SUFFIXES:
        raise ValueError(f"suffix must be one of {', '.join(SUFFIXES)}, got {suffix!r}")
    settings = Settings(
        folder=folder.resolve(),
        neuron=chosen,
        n_models=check_n_models(n_models),
        tolerance=None if tolerance is None else check_tolerance(tolerance),
        prior=prior,
        seed=check_seed(_seed_of(folder) if seed is None else seed),
        suffix=suffix,
        of_steps=of_steps,
    )
    made_with = {
        "neurons": networks,
        "auto": chosen is None,
        "n_models": settings.n_models,
        "tolerance": settings.tolerance,
        "prior": _plain(prior),
        "seed": settings.seed,
        "suffix": suffix,
        "package_version": __version__,
    } | ({"steps": of_steps} if of_steps else {})
    return settings, made_with


def _check_prior(prior, chosen, names) -> None:
    """Whether the neuron, or each of those among which "auto" chooses, takes a prior."""
    if chosen is not None:
        prior_of(chosen, prior)
        return
    for name in names:
        try:
            prior_of(get_neuron(name), prior)
        except ValueError as error:
            raise ValueError(
                f'{error}; neuron="{AUTO}" chooses among {", ".join(names)}, and the prior has to suit each'
            ) from None


def _plain(prior):
    """A prior in JSON's types."""
    if isinstance(prior, str):
        return prior
    return {str(name): [float(bound) for bound in bounds] for name, bounds in prior.items()}


def _networks(neuron: NeuronModel) -> list[str | None]:
    """What tells a neuron and its networks from others."""
    if has_step_library(neuron) and not card_of(neuron):  # for current steps alone
        regressor = load_step_regressor(neuron)
        return [fingerprint(neuron), regressor.card["weights_sha256"] if regressor else None]
    emulator = load_emulator(neuron)
    hashes = (load_regressor(neuron).card["weights_sha256"], emulator and emulator.card["weights_sha256"])
    return [fingerprint(neuron), *hashes]


def _all_networks() -> dict[str, list[str | None]]:
    """Of the neurons among which `suggest_neuron` chooses: those that have a network."""
    found = {}
    for neuron in map(get_neuron, list_neurons()):
        with suppress(ValueError):
            found[neuron.name] = _networks(neuron)
    return found


def _seed_of(folder) -> int | None:
    """Of a session that has begun."""
    try:
        return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["seed"]
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _looked_at(recordings: Iterable[Recording]) -> list[_Part]:
    """Which cells the recordings have."""
    parts, n_kept, n_spikes = [], 0, 0
    for recording in recordings:
        try:
            cells, notes = recording.cells()
        except RecordingError as error:
            parts.append(_Part(recording, error=str(error)))
            continue
        n_kept, n_spikes = n_kept + len(cells), n_spikes + sum(cell.n_spikes for cell in cells)
        kept = tuple(cells) if n_kept <= _MOST_CELLS and n_spikes <= _MOST_SPIKES else ()
        parts.append(_Part(recording, tuple(cell.key for cell in cells), notes=tuple(notes), cells=kept))
    return parts


def _complete(parts, journal: Journal, settings: Settings, executor, progress) -> None:
    """Reconstruct the cells that are not in the journal."""
    keys = {key for part in parts for key in part.keys}
    n_done = sum(key in journal for key in keys)
    with one_blas_thread(), progress_bar(len(keys), "reconstructing", "cell", progress) as bar:
        bar.initial = bar.n = n_done  # the time left is told from those of this run
        for cells in _batches(_missing(parts, journal)):

            def receive(index, row, cells=cells):
                journal.add(cells[index].key, row)
                bar.update()

            map_chunks(
                reconstruct_cell,
                [(settings, packed(cell)) for cell in cells],
                receive,
                executor,
                processes=_can_travel(settings.neuron),
                resume=f"the cells in {settings.folder} are kept; the same call goes on with the others",
            )


def _missing(parts, journal) -> Iterator[SessionCell]:
    """The cells that are to be done, each once, read when they are asked for."""
    begun: set[bytes] = set()
    for part in parts:
        missing = {key for key in part.keys if key not in journal} - begun
        if not missing:
            continue
        cells = {cell.key: cell for cell in part.cells or part.recording.cells()[0]}
        if missing - set(cells):
            raise RecordingError(f"{part.recording.name} has changed since this call began: call again")
        begun |= missing
        yield from (cells[key] for key in dict.fromkeys(part.keys) if key in missing)


def _batches(cells: Iterable[SessionCell]) -> Iterator[list[SessionCell]]:
    """As many cells at a time as may be in memory."""
    batch: list[SessionCell] = []
    n_spikes = 0
    for cell in cells:
        batch.append(cell)
        n_spikes += cell.n_spikes
        if len(batch) == _MOST_CELLS or n_spikes > _MOST_SPIKES:
            yield batch
            batch, n_spikes = [], 0
    if batch:
        yield batch


def _can_travel(neuron) -> bool:
    """Whether processes know a neuron by its name; one that was only declared here stays here."""
    try:
        pickle.dumps(neuron)
    except pickle.PicklingError:
        return False
    return True


def _rows(parts, journal: Journal) -> Iterator[dict[str, Any]]:
    """The lines of the table, in the order of the recordings."""
    for part in parts:
        file = {"file": part.recording.name}
        if part.error:
            yield file | {"skipped": part.error}
        yield from (file | row for row in journal.rows(part.keys))
