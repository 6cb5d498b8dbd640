"""The search for what changed between two recordings, which goes on whoever looks at the page."""

from __future__ import annotations

from dataclasses import replace

import neo

from ...populations import provenance
from ..widgets.jobs import Search, StoppableThreads, run_long
from .result import Result, judged


class ChangeRun(Search):
    """The search for what changed from the recording of a population to another one.

    Parameters
    ----------
    before : Result
        With a verified population.
    after : neo.SpikeTrain or neo.Group
    controls : list of neo.SpikeTrain or neo.Group
    together : int
        How many channels may have changed.

    Attributes
    ----------
    result : Result
        Gets the pairs, or the error.
    """

    def __init__(self, before: Result, after: neo.SpikeTrain | neo.Group, controls: list, together: int):
        super().__init__()
        self.before, self.after, self.together, self._controls = before, after, together, controls
        self.result = Result(before.cell, replace(before.settings))

    async def _search(self):
        found = await run_long(
            _identify, self.before.population, self.after, self.stop,
            controls=self._controls, together=self.together,
        )  # fmt: skip
        self.result.block, self.result.notes, self.result.error = found.value, found.warnings, found.error


def _identify(block, after, stop, **options):
    from ...changes import identify_changes  # loads much, and is needed rarely

    tolerance, seed = judged(block).tolerance, provenance(block).get("seed")
    with StoppableThreads(stop) as threads:
        return identify_changes(block, after, **options, tolerance=tolerance, seed=seed, executor=threads)
