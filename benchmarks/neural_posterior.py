"""Cells by sbi's neural posterior estimation (needs `pip install sbi`), beside which ours are measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from truth_cells import cells

from elephant_dic.search.comparison import Comparison
from elephant_dic.search.found import Found
from elephant_dic.simulation import simulate
from elephant_dic.trains import clean, feature_table, network_scale, recording_firing

SEED = 20261130
_EPOCHS, _BATCH, _PER_MODEL = 60, 128, 40


@dataclass(frozen=True)
class Posterior:
    """Of logarithms of conductances between their bounds, from standardised features."""

    neuron: Any
    posterior: Any
    center: np.ndarray
    scale: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def draw(self, train, n):
        """(n, n_channels) cells for a recording."""
        import torch

        features = network_scale(feature_table(self.neuron, [clean(train).times]))[0]
        x = torch.tensor(np.clip((features - self.center) / self.scale, -8, 8), dtype=torch.float32)
        unit = self.posterior.sample((n,), x=x, show_progress_bars=False).numpy()
        return np.exp(self.low + (self.high - self.low) * np.clip(unit, 0, 1))

    def draw_alike(self, train, n, tolerance):
        """As many draws, at most n, that fire like the recording, by our rule; and what was simulated."""
        cell, window = clean(train), self.neuron.training.window
        recording = recording_firing(cell.times, window, cell.duration)
        found = Found(Comparison(self.neuron, recording, tolerance, seed=SEED))
        while len(found.confirmed) < n and found.comparison.n_simulated < _PER_MODEL * n:
            found.add(self.draw(train, _BATCH))
            found.judge(np.flatnonzero(found.state == "hopeful"))
        return found.table[found.confirmed[:n]], found.comparison.n_simulated


@lru_cache(maxsize=1)
def posterior_of(neuron, n) -> Posterior:
    """Trained on n cells, half of them of the reference family, half with any conductances."""
    import torch
    from sbi.inference import NPE
    from sbi.utils import BoxUniform

    rng = np.random.default_rng(SEED)
    table = np.vstack([cells(neuron, kind, n // 2, rng) for kind in ("family", "broad")])
    transient, window = neuron.training.transient, neuron.training.window
    runs = simulate(neuron, table, transient + 3 * window).spike_times
    trains = [times[times >= transient] for times in runs]
    fires = np.array([len(times) >= 5 for times in trains])
    features = network_scale(feature_table(neuron, [[trains[i]] for i in np.flatnonzero(fires)]))
    center, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    logs = np.log(np.maximum(table[fires], 1e-3))
    low, high = logs.min(axis=0), logs.max(axis=0) + 1e-9
    torch.manual_seed(SEED % 2**31)
    dimension = logs.shape[1]
    inference = NPE(BoxUniform(torch.zeros(dimension), torch.ones(dimension)))
    inference.append_simulations(
        torch.tensor((logs - low) / (high - low), dtype=torch.float32),
        torch.tensor(np.clip((features - center) / scale, -8, 8), dtype=torch.float32),
    )
    estimator = inference.train(max_num_epochs=_EPOCHS)
    return Posterior(neuron, inference.build_posterior(estimator), center, scale, low, high)
