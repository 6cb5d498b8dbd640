"""The search for what changed between two recordings, which goes on whoever looks at the page."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import neo

from ..populations import provenance
from .jobs import StoppableThreads, run_long
from .results import Result, judged


class ChangeRun:
    """The search for what changed from the recording of a population to another one.

    Parameters
    ----------
    before : Result
        With a verified population.
    after : neo.SpikeTrain or neo.Group
    controls : list of neo.SpikeTrain or neo.Group

    Attributes
    ----------
    result : Result
        Gets the pairs, or the error.
    stop : threading.Event
        Set to end it.
    is_over : bool
    """

    def __init__(self, before: Result, after: neo.SpikeTrain | neo.Group, controls: list):
        self.before, self.after, self._controls = before, after, controls
        self.result = Result(before.cell, replace(before.settings))
        self.stop, self.is_over, self._begun = threading.Event(), False, time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._begun

    async def go(self) -> None:
        """Search to the end."""
        try:
            found = await run_long(_identify, self.before.population, self.after, self._controls, self.stop)
            self.result.block, self.result.notes, self.result.error = found.value, found.warnings, found.error
        finally:
            self.is_over = True


def _identify(block, after, controls, stop):
    from ..changes import identify_changes  # loads much, and is needed rarely

    tolerance, seed = judged(block).tolerance, provenance(block).get("seed")
    with StoppableThreads(stop) as threads:
        return identify_changes(
            block, after, controls=controls, tolerance=tolerance, seed=seed, executor=threads
        )
