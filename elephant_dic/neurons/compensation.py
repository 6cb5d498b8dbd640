"""Conductances with wanted DICs: the reference population and iterative compensation.

A degenerate population starts from a neuron's reference population; two conductances of each member are
then solved such that the two DICs that the neuron is trained in, mostly (g_s, g_u), are the wanted ones
(three, if the third is wanted too), the others stay. Where
calcium makes the sensitivities depend on the conductances, the linear system is solved again and again
with its derivative at the current solution, until the DICs are met (Fyon, Franci, Sacré, Drion, PNAS
Nexus 2024, with Newton steps instead of substitutions).
"""

from __future__ import annotations

import numpy as np

from .dics import dics_of
from .kinetics import STEP
from .model import DIC_NAMES, NeuronModel, UniformPopulation

#: Largest accepted distance between wanted and reached DICs.
TOLERANCE = 1e-3
_MAX_ITERATIONS = 50
#: A target is given up when this many draws in a row gave no acceptable member.
MAX_DRAWS = 20


def solve(neuron: NeuronModel, conductances, columns, rows, targets):
    """Solve some conductances of each member such that some of its DICs are the wanted ones.

    Parameters
    ----------
    neuron : NeuronModel
    conductances : (n, n_channels) array
        mS/cm**2; not modified.
    columns : k ints
        The conductances to solve.
    rows : k ints
        The DICs to reach: 0 is g_f, 1 g_s, 2 g_u.
    targets : (n, k) array

    Returns
    -------
    conductances : (n, n_channels) array
        With solved columns, which may be negative.
    residuals : (n,) array
        Euclidean distance of the DICs from the targets; infinite where nothing was found.
    """
    solved = np.array(conductances, dtype=float)
    columns, rows = list(columns), list(rows)
    residuals = np.full(len(solved), np.inf)
    active = np.arange(len(solved))
    for _ in range(_MAX_ITERATIONS):
        members = solved[active]
        errors = dics_of(neuron, members)[:, rows] - targets[active]
        residuals[active] = np.linalg.norm(errors, axis=1)
        todo = residuals[active] > 1e-2 * TOLERANCE
        if not todo.any():
            break
        active, members, errors = active[todo], members[todo], errors[todo]
        solved[np.ix_(active, columns)] -= _newton_step(neuron, members, columns, rows, errors)
        # What diverges is out of reach; it must not stop the others with overflows.
        finite = (np.abs(solved[np.ix_(active, columns)]) < 1e9).all(axis=1)
        residuals[active[~finite]] = np.inf
        active = active[finite]
    else:  # not all converged
        errors = dics_of(neuron, solved[active])[:, rows] - targets[active]
        residuals[active] = np.linalg.norm(errors, axis=1)
    return solved, residuals


def _newton_step(neuron, members, columns, rows, errors):
    shifted = np.tile(members.astype(complex), (len(columns), 1, 1))
    for k, column in enumerate(columns):
        shifted[k, :, column] += 1j * STEP
    derivatives = dics_of(neuron, shifted.reshape(-1, members.shape[1]))[:, rows].imag / STEP
    jacobian = derivatives.reshape(len(columns), len(members), len(rows)).transpose(1, 2, 0)
    singular = ~(np.abs(np.linalg.det(jacobian)) > 0)
    jacobian[singular] = np.eye(len(rows))
    step = np.linalg.solve(jacobian, errors[..., None])[..., 0]
    step[singular] = np.inf
    return step


def reference_population(neuron: NeuronModel, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw cells from the neuron's reference population.

    The leak is gamma distributed with the mean and variance of its range, all else is drawn uniformly and
    scaled with the leak; three conductances are then solved for the reference DICs. In a `UniformPopulation`
    all conductances are drawn uniformly.

    Returns
    -------
    (n, n_channels) array
        mS/cm**2. Cells that a rare draw leaves with a negative conductance are drawn again.
    """
    reference = neuron.reference
    if isinstance(reference, UniformPopulation):
        return _draw_uniform(neuron, n, rng)
    columns = [neuron.index(name) for name in reference.solved]
    accepted = np.empty((0, len(neuron.channels)))
    for _ in range(MAX_DRAWS):
        table = _draw_uncompensated(neuron, n - len(accepted), rng)
        targets = np.tile(reference.dics, (len(table), 1))
        table, residuals = solve(neuron, table, columns, (0, 1, 2), targets)
        good = (table >= 0).all(axis=1) & (residuals <= TOLERANCE)
        accepted = np.vstack([accepted, table[good]])
        if len(accepted) == n:
            return accepted
    raise ValueError(
        f"the reference population of neuron {neuron.name} cannot have the DICs {reference.dics}: "
        f"its ranges give {len(accepted)} of {n} cells without a negative conductance"
    )


def _draw_uncompensated(neuron, n, rng):
    shape, scale = leak_distribution(neuron)
    leak = rng.gamma(shape, scale, n)
    shares = np.transpose([rng.random(n) for _ in neuron.reference.ranges])
    return uncompensated(neuron, leak, shares)


def leak_distribution(neuron: NeuronModel) -> tuple[float, float]:
    """Shape and scale of the gamma distribution of the leak in the reference population."""
    low, high = neuron.reference.leak
    mean, variance = (low + high) / 2, (high - low) ** 2 / 12
    return mean**2 / variance, variance / mean


def uncompensated(neuron: NeuronModel, leak, shares) -> np.ndarray:
    """(n, n_channels) cells of which the channels that are solved for DICs are zero still.

    Parameters
    ----------
    neuron : NeuronModel
    leak : (n,) array
        mS/cm**2.
    shares : (n, k) array
        Where in its range each of the k channels with one is, from 0 to 1.
    """
    mean = sum(neuron.reference.leak) / 2
    table = np.zeros((len(leak), len(neuron.channels)))
    for name, share in zip(neuron.reference.ranges, np.transpose(shares), strict=True):
        low, high = neuron.reference.ranges[name]
        table[:, neuron.index(name)] = (low + (high - low) * share) * leak / mean
    table[:, neuron.leak_index] = leak
    return table


def ranges_of(neuron: NeuronModel, population: UniformPopulation) -> np.ndarray:
    """(n_channels, 2) lowest and highest conductance of each channel, in mS/cm**2."""
    leak = {neuron.channels[neuron.leak_index].name: population.leak}
    return np.array([(leak | dict(population.ranges))[channel.name] for channel in neuron.channels], float)


def _draw_uniform(neuron, n, rng):
    low, high = ranges_of(neuron, neuron.reference).T
    return rng.uniform(low, high, (n, len(low)))


def pairs_of(neuron, targets):
    """Index of the first compensation that applies to each target (g_f, g_s, g_u)."""
    first, second, _ = neuron.training.target_rows
    wanted = targets[:, first], targets[:, second]
    applies = [np.broadcast_to(pair.applies(*wanted), len(targets)) for pair in neuron.compensations]
    return np.argmax(applies, axis=0)


def compensate(neuron: NeuronModel, conductances, targets):
    """Move cells to their target DICs.

    Parameters
    ----------
    neuron : NeuronModel
    conductances : (n, n_channels) or (n, n_columns) array
        mS/cm**2 (parameters, if the neuron has any, in mV), one cell a target; not modified.
    targets : (n, 3) array
        g_f, g_s, g_u; a NaN in the one without a training range (mostly g_f) leaves it free.

    Returns
    -------
    conductances : (n, n_channels) array
    accepted : (n,) bool array
        Whether all conductances are zero or positive and the DICs within `TOLERANCE` of the target.
    """
    targets = np.asarray(targets, dtype=float)
    moved = np.array(conductances, dtype=float)
    accepted = np.zeros(len(moved), dtype=bool)
    pairs = pairs_of(neuron, targets)
    all_fixed = ~np.isnan(targets[:, neuron.training.target_rows[-1]])
    for index, third in {(int(p), bool(f)) for p, f in zip(pairs, all_fixed, strict=True)}:
        members = np.flatnonzero((pairs == index) & (all_fixed == third))
        names = neuron.compensations[index].channels + ((neuron.fast_channel,) if third else ())
        rows = neuron.training.target_rows[: len(names)]
        columns = [neuron.index(name) for name in names]
        table, residuals = solve(neuron, moved[members], columns, rows, targets[members][:, rows])
        moved[members] = table
        accepted[members] = (table[:, : len(neuron.channels)] >= 0).all(axis=1) & (residuals <= TOLERANCE)
    return moved, accepted


def compensated_population(neuron: NeuronModel, targets, rng: np.random.Generator, redraw=None):
    """One cell for each target, from the reference population.

    Parameters
    ----------
    neuron : NeuronModel
    targets : (n, 3) array
        g_f, g_s, g_u; a NaN in the one without a training range (mostly g_f) leaves it free.
    rng : numpy.random.Generator
    redraw : function of an int m, optional
        Gives m new targets (m, 3) in place of those that were missed. By default a missed target is tried
        again with another cell of the reference population.

    Returns
    -------
    conductances : (n, n_channels) array
        mS/cm**2.
    n_redrawn : int
        How many draws were rejected on the way.

    Raises
    ------
    ValueError
        If some targets are still missed after `MAX_DRAWS` draws: they are out of reach.
    """
    targets = np.array(targets, dtype=float)
    *wanted, free = neuron.training.target_rows
    if np.isnan(targets[:, wanted]).any() or np.isinf(targets).any():
        raise ValueError(f"target DICs must be finite (only {DIC_NAMES[free]} may be left free)")
    table = np.empty((len(targets), len(neuron.channels)))
    missing, n_redrawn = np.arange(len(targets)), 0
    for _ in range(MAX_DRAWS):
        table[missing], accepted = compensate(
            neuron, reference_population(neuron, len(missing), rng), targets[missing]
        )
        missing = missing[~accepted]
        if not len(missing):
            return table, n_redrawn
        n_redrawn += len(missing)
        if redraw is not None:
            targets[missing] = redraw(len(missing))
    raise ValueError(_out_of_reach(neuron, targets[missing], len(targets)))


def _out_of_reach(neuron, missed, n_targets):
    pair = neuron.compensations[pairs_of(neuron, missed[:1])[0]].channels
    target = ", ".join(
        f"{name} = {value:.3g}"
        for name, value in zip(DIC_NAMES, missed[0], strict=True)
        if not np.isnan(value)
    )
    return (
        f"{len(missed)} of {n_targets} targets are out of reach of neuron {neuron.name}: at {target}, "
        f"solving {' and '.join(pair)} gives a negative conductance or no solution in {MAX_DRAWS} draws; "
        f"choose other DICs or another neuron"
    )
