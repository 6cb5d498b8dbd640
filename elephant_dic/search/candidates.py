"""Candidates: cells with the DICs that a recording tells of, where the search for models begins."""

from __future__ import annotations

import numpy as np

from ..inference import DICEstimate
from ..neurons import NeuronModel, compensated_population
from ..trains import Firing
from .library import Neighbours, load_library
from .settings import SETTINGS, Settings


class Candidates:
    """Cells with DICs drawn from an estimate.

    Parameters
    ----------
    neuron : NeuronModel
    estimate : DICEstimate
    rng : numpy.random.Generator

    Attributes
    ----------
    n_redrawn : int
        How many DICs have been drawn again, as no cell of the neuron has them.
    """

    def __init__(self, neuron: NeuronModel, estimate: DICEstimate, rng: np.random.Generator):
        self.neuron, self.estimate, self.rng, self.n_redrawn = neuron, estimate, rng, 0

    def targets(self, n) -> np.ndarray:
        """(n, 3) DICs; g_f is NaN: it is reported, not imposed."""
        targets = self.estimate.sample(n, self.rng)
        targets[:, self.neuron.training.target_rows[-1]] = np.nan
        return targets

    def draw(self, n) -> np.ndarray:
        """(n, n_channels) cells in mS/cm**2."""
        table, n_redrawn = compensated_population(self.neuron, self.targets(n), self.rng, redraw=self.targets)
        self.n_redrawn += n_redrawn
        return table

    def near(self, recording: Firing, settings: Settings = SETTINGS):
        """How candidates for a recording are drawn: near the cells of the neuron's library, if it has one."""
        library = load_library(self.neuron)
        if library is None:
            return self.draw
        neighbours = Neighbours(library, self.neuron, recording, self.targets, self.rng, settings)
        return neighbours.draw if len(neighbours.cells) else self.draw
