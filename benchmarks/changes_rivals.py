"""Other ways to say which channel was changed between two recordings, for `changes.py`."""

from __future__ import annotations

import numpy as np
from neural_posterior import posterior_of
from scipy.spatial import cKDTree
from truth_cells import cells, channels

from elephant_dic import infer_dics_many, reconstruct
from elephant_dic.neurons import dics_of
from elephant_dic.populations import conductance_table
from elephant_dic.simulation import simulate
from elephant_dic.trains import firing_of

SEED = 20261130
MODELS = 100
#: Factors that are tried where channels are ranked by their DICs.
_TRIED = np.geomspace(0.125, 4, 21)
#: Tonic cells whose changes are known, and neighbours that are asked.
_KNOWN, _NEIGHBOURS, _ASKED = 6000, 60, 4000


def ranked(neuron, scores):
    """Names of the channels, the highest score first."""
    names = [neuron.conductance_names[k] for k in channels(neuron)]
    return [names[i] for i in np.argsort(-np.asarray(scores), kind="stable")]


def by_dics(neuron, before, after, seed):
    """By how near a channel's change brings the DICs to what the network says of the difference."""
    first, last = infer_dics_many([before, after], neuron)
    wanted, error = last.mean - first.mean, np.sqrt(first.std**2 + last.std**2)
    table = conductance_table(reconstruct(before, neuron, MODELS, verify=False, seed=seed))[1]
    own, scores = dics_of(neuron, table), []
    for column in channels(neuron):
        moved = np.repeat(table[None], len(_TRIED), axis=0)
        moved[:, :, column] *= _TRIED[:, None]
        differences = (
            dics_of(neuron, moved.reshape(-1, table.shape[1])).reshape(len(_TRIED), len(table), 3) - own
        )
        scores.append(-np.min((((differences.mean(axis=1) - wanted) / error) ** 2).sum(axis=1)))
    return ranked(neuron, scores)


def by_difference(neuron, before, after):
    """By how far the logarithms of the conductances (n, n_channels) of two populations differ."""
    a, b = (np.log(np.maximum(table[:, channels(neuron)], 1e-6)) for table in (before, after))
    spread = np.sqrt((a.var(axis=0) + b.var(axis=0)) / 2) + 1e-9
    return ranked(neuron, np.abs(a.mean(axis=0) - b.mean(axis=0)) / spread)


def by_populations(neuron, before, after, seed):
    """By how far two populations differ, each of one recording."""
    blocks = [reconstruct(train, neuron, MODELS, seed=seed + i) for i, train in enumerate((before, after))]
    return by_difference(neuron, *(conductance_table(block)[1] for block in blocks))


def by_sbi(neuron, before, after, n):
    """The same with samples of a neural posterior estimate."""
    posterior = posterior_of(neuron, n)
    return by_difference(neuron, *(posterior.draw(train, MODELS) for train in (before, after)))


def bound_of_tonic(neuron, kind, factors, tolerance):
    """How often the channel is first by the nearest of many known changes of tonic cells that show.

    Known are the classes and rates before and after: all that two tonic trains tell.
    """
    rng = np.random.default_rng([SEED, *kind.encode()])
    table, transient = cells(neuron, kind, _KNOWN, rng), neuron.training.transient

    def fire(cells_now):
        runs = simulate(neuron, cells_now, transient + neuron.training.window).spike_times
        found = [firing_of([times[times >= transient]]) for times in runs]
        return np.array([each.activity for each in found]), np.array([each.rate for each in found])

    activities, rates = fire(table)
    tonic = activities == "tonic"
    table, rates, points, truth, shows = table[tonic], rates[tonic], [], [], []
    for k, column in enumerate(channels(neuron)):
        changed = table.copy()
        changed[:, column] *= np.exp(rng.uniform(*np.log(factors), len(table)))
        after, moved = fire(changed)
        number = np.select([after == each for each in ("silent", "tonic", "bursting")], [0, 1, 2], 3)
        ratio = np.where(number == 0, 1.0, moved / rates)
        points.append(np.column_stack([np.log(rates) / 0.3, np.log(ratio) / 0.1, 10.0 * number]))
        truth.append(np.full(len(table), k))
        shows.append((number != 1) | (np.abs(ratio - 1) > tolerance))
    points, truth, shows = np.concatenate(points), np.concatenate(truth), np.concatenate(shows)
    asked = rng.permutation(np.flatnonzero(shows))[:_ASKED]
    _, nearest = cKDTree(points).query(points[asked], _NEIGHBOURS + 1)
    votes = [
        np.bincount(truth[row[row != i]], minlength=len(channels(neuron)))
        for i, row in zip(asked, nearest, strict=True)
    ]
    return float(np.mean(np.argmax(votes, axis=1) == truth[asked]))
