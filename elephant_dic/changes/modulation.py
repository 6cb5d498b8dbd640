"""Populations changed as a whole: moved along a dynamic input conductance (DIC), or with blocked channels.

What members do then is simulated, with the noise of the population and, if its recording is under current
steps, with these: some no longer fire as they did.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Executor

import neo
import numpy as np
import quantities as pq

from ..arguments import check_number
from ..neurons import DIC_NAMES, compensate, dics_of
from ..populations import (
    PREFIX,
    build_population,
    capacitance_of,
    conductance_table,
    identity,
    neuron_of,
    noise_of,
    provenance,
    recording_of,
)
from ..simulation import simulate
from ..steps import COARSENESS, Bench
from ..trains import ACTIVITIES, firings_of, is_stepped, protocol_of

#: Annotation of the members that a changed population is made of, by their numbers in the first one.
MEMBER = PREFIX + "first_member"
_MOST_LISTED = 10
#: Class of cells under current steps that fire at one level or another.
_FIRES = "firing"
#: Of the noise, which is the same before and after.
_SEED = 0


def neuromodulate(
    block: neo.Block, dics: Mapping[str, float], *, executor: Executor | None = None
) -> neo.Block:
    """Move each member of a population to other DICs, as neuromodulators do: by few of its conductances.

    Two conductances of each member are solved, three if all DICs are given (the pair is that of the neuron's
    compensation at the new DICs); the others stay.

    Parameters
    ----------
    block : neo.Block
        A population.
    dics : mapping
        New values, normalised by the leak, without unit: ``{"g_s": -3}`` gives each member a g_s of -3. Where
        one of the two DICs in which the neuron is trained, mostly g_s and g_u, is not named, each member
        keeps its own; the third follows unless it is named.
    executor : concurrent.futures.Executor, optional
        For the simulations. Default: threads, one a core.

    Returns
    -------
    neo.Block
        The moved population, not verified, with the recording of the one given, and its noise and
        capacitance. ``population_first_member`` says which member of the first population each was,
        ``population_activity`` how it fires now, ``population_leaves`` whether that is another class than
        before. The provenance holds that of the population given and, as ``left`` of the ``change``, how
        many members went from which class to which.

    Raises
    ------
    TypeError
        If `block` is not a neo.Block, `dics` is no mapping or a value is no number.
    ValueError
        If `block` is not a population, a DIC is unknown or not finite, or no member can reach it.

    Warns
    -----
    UserWarning
        If some members would need a negative conductance: they are left out.

    Notes
    -----
    Fyon, Franci, Sacré, Drion, PNAS Nexus 2024, doi 10.1093/pnasnexus/pgae415.
    """
    neuron, table = neuron_of(block), conductance_table(block)[1]
    wanted = _numbers(dics, DIC_NAMES, "DIC")
    targets = dics_of(neuron, table)
    targets[:, neuron.training.target_rows[-1]] = np.nan
    for name, value in wanted.items():
        targets[:, DIC_NAMES.index(name)] = value
    moved, accepted = compensate(neuron, table, targets)
    listed = ", ".join(f"{name} = {value:g}" for name, value in wanted.items())
    if not accepted.any():
        raise ValueError(
            f"no member can be moved to {listed}: each would need a negative conductance; choose values "
            f"nearer to their own ({_spans(neuron, table, wanted)})"
        )
    if not accepted.all():
        left_out = np.flatnonzero(~accepted)
        numbers_listed = ", ".join(map(str, left_out[:_MOST_LISTED].tolist()))
        warnings.warn(
            f"{len(left_out)} of {len(table)} members cannot be moved to {listed} without a negative "
            f"conductance and are left out: {numbers_listed}{' …' if len(left_out) > _MOST_LISTED else ''}",
            UserWarning,
            stacklevel=2,
        )
    mean = np.array([wanted.get(name, np.nan) for name in DIC_NAMES])
    return _changed(block, neuron, moved, accepted, mean, {"dics": wanted}, executor)


def scale_conductances(
    block: neo.Block, factors: Mapping[str, float], *, executor: Executor | None = None
) -> neo.Block:
    """Scale conductances of each member of a population, as a drug does that blocks channels.

    Parameters
    ----------
    block : neo.Block
        A population.
    factors : mapping
        By name of the conductance, what remains of it: 0.5 halves it, 0 blocks it, 2 doubles it. The leak,
        by which DICs are normalised, cannot be blocked altogether.
    executor : concurrent.futures.Executor, optional
        As in `neuromodulate`.

    Returns
    -------
    neo.Block
        The changed population, not verified; see `neuromodulate`.

    Raises
    ------
    TypeError
        If `block` is not a neo.Block, `factors` is no mapping or a value is no number.
    ValueError
        If `block` is not a population, a conductance is unknown, or a factor negative or not finite.
    """
    neuron, table = neuron_of(block), conductance_table(block)[1]
    names = neuron.conductance_names
    wanted = _numbers(factors, names, "conductance")
    for name, factor in wanted.items():
        if factor < 0 or (factor == 0 and names.index(name) == neuron.leak_index):
            least = "positive" if factor == 0 else "zero or positive"
            raise ValueError(
                f"the factor of {name} is what remains of it and must be {least}, got {factor:g}"
            )
        table[:, names.index(name)] *= factor
    everyone, unknown = np.ones(len(table), dtype=bool), np.full(len(DIC_NAMES), np.nan)
    return _changed(block, neuron, table, everyone, unknown, {"factors": wanted}, executor)


def _numbers(mapping, names, what) -> dict[str, float]:
    if not isinstance(mapping, Mapping):
        raise TypeError(f"a dict such as {{{names[1]!r}: 0.5}} is needed, got {type(mapping).__name__}")
    unknown = [name for name in mapping if name not in names]
    if unknown or not mapping:
        wrong = f"unknown {what} {unknown[0]!r}" if unknown else f"no {what} is named"
        raise ValueError(f"{wrong}; choose among {', '.join(names)}")
    for name, value in mapping.items():
        if not np.isfinite(check_number(value, f"the value of {name}")):
            raise ValueError(f"the value of {name} must be finite, got {value}")
    return {name: float(value) for name, value in mapping.items()}


def _spans(neuron, table, wanted):
    own = dics_of(neuron, table)
    columns = [(name, own[:, DIC_NAMES.index(name)]) for name in wanted]
    return ", ".join(f"{name} from {values.min():.3g} to {values.max():.3g}" for name, values in columns)


def _changed(block, neuron, table, kept, dic_mean, change, executor) -> neo.Block:
    """A population of the kept members with other conductances, and how these fire."""
    parent, names, first = provenance(block), *conductance_table(block)
    known: dict = {key: parent[key] for key in ("seed", "source") if key in parent}
    numbered = np.asarray(block.annotations.get(MEMBER, np.arange(len(table))), dtype=int)
    before, after = (_activities(neuron, block, cells[kept], executor) for cells in (first, table))
    left = Counter(f"{old} to {new}" for old, new in zip(before, after, strict=True) if old != new)
    changed = build_population(
        table[kept],
        names,
        member_dics=dics_of(neuron, table[kept]),
        dic_mean=dic_mean,
        dic_std=np.where(np.isnan(dic_mean), np.nan, 0.0),
        provenance={
            **identity(neuron),
            "verdict": "not verified",
            **known,
            "change": change | {"left": dict(left)},
            "parent": parent,
        },
        spiketrains=recording_of(block),
    )
    changed.annotations[MEMBER] = pq.Quantity(np.atleast_1d(numbered)[kept], pq.dimensionless)
    changed.annotations[PREFIX + "activity"] = after
    changed.annotations[PREFIX + "leaves"] = before != after
    return changed


def _activities(neuron, block, table, executor) -> np.ndarray:
    """(n,) class of each cell, under the noise and the currents of a population."""
    noise, recording, capacitance = noise_of(block), recording_of(block), capacitance_of(block)
    if capacitance is not None and recording and all(map(is_stepped, recording)):
        bench = Bench(neuron, protocol_of(recording), capacitance, executor=executor)
        counts = bench.responses(table, COARSENESS, noise, _SEED).counts
        return np.where(counts.any(axis=1), _FIRES, ACTIVITIES[0])
    transient, window = neuron.training.transient, neuron.training.window
    run = simulate(neuron, table, transient + window, noise_std=noise, seed=_SEED, executor=executor)
    kept = [times[times >= transient] for times in run.spike_times]
    return np.array([firing.activity for firing in firings_of(kept, window)])
