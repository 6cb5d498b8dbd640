"""Trains that no cell of a neuron fires, told from its own: chance, and two cells in one train.

They can resemble a cell that fires irregularly under noise, or whose spikes were missed, so closely that no
distance tells them from it. A small network that was shown both does.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..neurons import NeuronModel
from ..trains import MIN_SPIKES, clean_times, feature_table, steady
from .forward_pass import Dense, through

#: Shapes of the gamma distributions of intervals; 1 is a Poisson train.
_SHAPES = (1.0, 3.0)
#: Some of the trains that are merged are slowed down or sped up by up to this factor first: else the network
#: knows only pairs of the neuron's most frequent rates.
_PACED, _PACES = 0.25, (1 / 3, 3.0)
_HIDDEN, _EPOCHS, _BATCH = 128, 20, 512
_N_TRAINING = 100_000
#: Share of held-out trains of the neuron that are not taken for foreign: between these.
_SHARES_OWN = 0.985, 0.995
_FAR = 8.0  # standard deviations; what is further is as far


@dataclass(frozen=True)
class Contrast:
    """A network that tells a neuron's trains from foreign ones, as plain arrays.

    Attributes
    ----------
    weights_1, weights_2, weights_3 : arrays
        Of its layers, (n_in + 1, n_out): the last row is the bias.
    typical, limit : float
        Median output for the neuron's own trains, and output beyond which a train is foreign.
    """

    weights_1: np.ndarray
    weights_2: np.ndarray
    weights_3: np.ndarray
    typical: np.ndarray
    limit: np.ndarray

    def score(self, standardised: np.ndarray) -> np.ndarray:
        """(n,) scores of standardised features (n, n_features): 0 is typical, above 1 is foreign."""
        return (self.output(standardised) - self.typical) / (self.limit - self.typical)

    def output(self, standardised: np.ndarray) -> np.ndarray:
        """(n,) logarithms of the odds of being foreign."""
        bent = [Dense(each[:-1], each[-1], silu=True) for each in (self.weights_1, self.weights_2)]
        last = Dense(self.weights_3[:-1], self.weights_3[-1], silu=False)
        return through([*bent, last], np.clip(standardised, -_FAR, _FAR))[:, 0]


def foreign_trains(trains, neuron: NeuronModel, rng: np.random.Generator) -> list:
    """For each train of a neuron, a renewal process of its rate, and it merged with another, at other paces.

    Parameters
    ----------
    trains : list of arrays
        ms.
    neuron : NeuronModel
    rng : numpy.random.Generator

    Returns
    -------
    list of arrays
        The intervals of a renewal process have a gamma distribution.
    """
    found, window = [], neuron.training.window
    for times, other in zip(trains, rng.permutation(len(trains)), strict=True):
        shape, mean = rng.uniform(*_SHAPES), np.diff(times).mean()
        n = max(int(3 * window / mean), 5 * MIN_SPIKES)
        renewal = np.cumsum(rng.gamma(shape, mean / shape, n))
        found.append(renewal[: max(np.searchsorted(renewal, window), MIN_SPIKES)])
        found.append(_merged([times, trains[other]], window, rng))
    return found


def _merged(trains, window, rng):
    paces = np.exp((rng.random() < _PACED) * rng.uniform(*np.log(_PACES), len(trains)))
    both = np.unique(np.concatenate([pace * times for pace, times in zip(paces, trains, strict=True)]))
    within = both[both < window]
    return within if len(within) >= MIN_SPIKES else np.unique(np.concatenate(trains))


def foreign_features(neuron: NeuronModel, paths, seed) -> np.ndarray:
    """(n, n_features) features of foreign trains, made of the cells in chunks of a training set.

    Parameters
    ----------
    neuron : NeuronModel
    paths : list of path
        As `training_sets.generate` gives them.
    seed : int
    """
    tables = []
    for path in map(Path, paths):
        rng = np.random.default_rng([seed, int(path.stem.split("_")[1])])
        with np.load(path) as chunk:
            cells = np.split(chunk["spikes"].astype(float), np.cumsum(chunk["counts"])[:-1])
        trains = [steady(times, neuron, rng) for times in cells if len(times)]
        trains = [times - times[0] for times in trains if len(times) >= MIN_SPIKES]
        foreign = [clean_times([times]) for times in foreign_trains(trains, neuron, rng)]
        tables.append(feature_table(neuron, [cell for cell in foreign if sum(map(len, cell)) >= MIN_SPIKES]))
    return np.concatenate(tables)


@contextmanager
def keras_seeded(seed: int) -> Iterator[None]:
    """Let Keras draw from a seed; the global generators of Python and numpy are afterwards as they were."""
    import keras

    states = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        keras.utils.set_random_seed(seed % 2**32)
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002


def fit_contrast(own, foreign, held_out, seed) -> Contrast:
    """Train the network that tells a neuron's trains from foreign ones.

    Parameters
    ----------
    own, foreign, held_out : (n, n_features) arrays
        Standardised features of the neuron's trains, of foreign trains, and of more of the neuron's, which
        set the limit: foreign is what is more likely so than not, within `_SHARES_OWN` of these.
    seed : int
    """
    rng = np.random.default_rng(seed)
    own, foreign = (rng.permutation(rows)[:_N_TRAINING] for rows in (own, foreign))
    with keras_seeded(seed):
        first, second, third = _trained(own, foreign)
    outputs = Contrast(first, second, third, np.array(0.0), np.array(1.0)).output(held_out)
    typical, lowest, highest = np.quantile(outputs, (0.5, *_SHARES_OWN))
    return Contrast(first, second, third, typical, np.clip(0.0, lowest, highest))


def _trained(own, foreign):
    """Weights of the layers, with biases, after training."""
    import keras

    x = np.clip(np.concatenate([own, foreign]), -_FAR, _FAR).astype(np.float32)
    y = np.repeat([0.0, 1.0], [len(own), len(foreign)])
    dense = keras.layers.Dense
    model = keras.Sequential([dense(_HIDDEN, activation="silu"), dense(_HIDDEN, activation="silu"), dense(1)])
    model.compile(keras.optimizers.AdamW(2e-3), keras.losses.BinaryCrossentropy(from_logits=True))
    as_many = {0: 1.0, 1: len(own) / len(foreign)}
    model.fit(x, y, batch_size=_BATCH, epochs=_EPOCHS, class_weight=as_many, verbose=0)
    return [np.vstack([layer.kernel.numpy(), layer.bias.numpy()]) for layer in model.layers]
