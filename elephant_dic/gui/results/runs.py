"""A run: the search for models, which goes on whoever looks at the page."""

from __future__ import annotations

import asyncio

from ...inference import infer_dics, load_step_regressor
from ...neurons import get_neuron
from ...reconstruction import reconstruct
from ...trains import capacitance_of_cell, is_stepped
from ..widgets.jobs import Search, StoppableThreads, run_long, work
from .result import Result


class Run(Search):
    """The search for the models of a result.

    Parameters
    ----------
    result : Result
        With a cell and options; gets the estimate, then the population or the error.

    Attributes
    ----------
    report : (n_matching, n_models, n_simulated) or None
        None until the first models were simulated.
    """

    def __init__(self, result: Result):
        super().__init__()
        self.result = result
        self.report: tuple[int, int, int] | None = None

    async def _search(self):
        result, options = self.result, self.result.options
        estimate = await work(_estimate, result.cell, options)
        if estimate.error:
            result.error = estimate.error
            return
        result.estimate = estimate.value
        found = await run_long(_reconstruct, result.cell, self.stop, progress=self._progress, **options)
        result.block, result.notes, result.error = found.value, found.warnings, found.error

    def _progress(self, n_matching, n_models, n_simulated):
        """Called in the thread that simulates."""
        self.report = (n_matching, n_models, n_simulated)
        if self.stop.is_set():
            raise KeyboardInterrupt

    async def end(self):
        """Stop it, and wait until it has stopped."""
        self.stop.set()
        while not self.is_over:
            await asyncio.sleep(0.05)


def _estimate(cell, options):
    """What a network says of the cell; None of one under steps, where the neuron has no network for them."""
    neuron = get_neuron(options["neuron"])
    if not is_stepped(cell):
        return infer_dics(cell, neuron)
    capacitance = options.get("capacitance")
    capacitance_of_cell(cell, capacitance)  # an error of it is told at once
    return None if load_step_regressor(neuron) is None else infer_dics(cell, neuron, capacitance=capacitance)


def _reconstruct(cell, stop, **options):
    with StoppableThreads(stop) as threads:
        return reconstruct(cell, executor=threads, **options)
