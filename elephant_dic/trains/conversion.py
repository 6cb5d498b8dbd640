"""Spike times from anywhere to neo's spike trains."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from typing import Any

import neo
import numpy as np
import quantities as pq

from ..arguments import magnitude, shown
from .other_tools import cell_from, named, trains_of
from .spiketrains import cell_of, cells_of


def to_spiketrains(
    data: Any,
    *,
    units: str | None = None,
    t_start: pq.Quantity | None = None,
    t_stop: pq.Quantity | None = None,
) -> list[neo.SpikeTrain | neo.Group]:
    """The spike trains that another tool holds as neo's, one entry a cell.

    What knows its unit, all but plain numbers, can be given as it is to `infer_dics`, `reconstruct` and all
    others that take a spike train.

    Parameters
    ----------
    data : object
        A ``pynapple.Ts`` or ``TsGroup``: the stretches of its time support are sweeps. A sorting of
        spikeinterface: its segments are sweeps. Times of one cell, as a Quantity or as plain numbers; a
        list of these, or a mapping of names to them. What neo has stays as it is; a mapping names what has
        no name.
    units : str, optional
        Of plain numbers, such as "s" or "ms".
    t_start, t_stop : Quantity, optional
        When the recording of times that do not tell it started and ended. Default: at 0, or at the first
        spike of a cell that is earlier; with the last spike of all.

    Returns
    -------
    list of neo.SpikeTrain or neo.Group
        Named where names are known; labels and metadata of a unit are annotations.

    Raises
    ------
    TypeError
        For another object; for plain numbers without `units`, or a limit without a unit.
    ValueError
        If the unit is none of time, spikes lie outside of the limits, or a unit or limits are given for what
        has its own.

    Warns
    -----
    UserWarning
        If the end of a recording is not known, and taken to be the last spike.

    Examples
    --------
    >>> import numpy as np, quantities as pq
    >>> (train,) = to_spiketrains(np.arange(0.5, 10), units="s", t_stop=10 * pq.s)
    >>> len(train)
    10
    """
    for name, limit in (("t_start", t_start), ("t_stop", t_stop)):
        if limit is not None:
            magnitude(limit, "s", name)
    entries = _entries(data)
    plain = {i: (_times(entry, units), name) for i, (name, entry) in enumerate(entries) if _is_plain(entry)}
    given = any(value is not None for value in (units, t_start, t_stop))
    if given and len(plain) < len(entries):
        other = next(entry for _, entry in entries if not _is_plain(entry))
        raise ValueError(
            f"units, t_start and t_stop are for plain times; a {type(other).__name__} has its own"
        )
    made = {}
    if plain:
        times, names = zip(*plain.values(), strict=True)
        try:
            made = dict(zip(plain, trains_of(times, names, t_start, t_stop), strict=True))
        except ValueError as error:  # neo's, of spikes outside of the limits
            raise ValueError(f"{error}: correct t_start and t_stop, or units") from None
    return [made[i] if i in made else named(cell_of(entry), name) for i, (name, entry) in enumerate(entries)]


def _entries(data):
    """(name or None, object) of each cell."""
    if isinstance(data, neo.SpikeTrain | neo.Group) or _is_plain(data):
        return [(None, data)]
    if (one := cell_from(data)) is not None:
        return [(None, one)]
    if isinstance(data, Mapping) and not _is_of_pynapple(data):
        return [(str(name), _counted(times)) for name, times in data.items()]
    return [(None, _counted(cell)) for cell in (data if isinstance(data, list | tuple) else cells_of(data))]


def _counted(cell):
    """A cell of a collection: an empty list is a silent one."""
    return np.array([]) if isinstance(cell, list | tuple) and not cell else cell


def _is_plain(data):
    """Whether an object is the times of one cell, without limits."""
    if isinstance(data, list | tuple):
        return bool(data) and all(isinstance(each, numbers.Real) for each in data)
    if isinstance(data, neo.SpikeTrain) or _is_of_pynapple(data):
        return False
    return hasattr(data, "__array__") and np.ndim(data) == 1 and np.asarray(data).dtype.kind in "iuf"


def _is_of_pynapple(data):
    return type(data).__module__.startswith("pynapple")


def _times(times, units):
    """The times of one cell with their unit."""
    if isinstance(times, pq.Quantity):
        if units is not None:
            raise ValueError(f"units is for plain numbers; these times are in {times.dimensionality}")
        return times
    if units is None:
        raise TypeError('plain numbers have no unit: give it, as in to_spiketrains(times, units="ms")')
    try:
        pq.Quantity(1.0, units).rescale("ms")
    except Exception:  # quantities parses names by evaluating them
        raise ValueError(f'units must be a unit of time, such as "ms", got {shown(units)}') from None
    try:
        return pq.Quantity(np.asarray(times, dtype=float), units)
    except OverflowError:  # of an int that no float is as large as
        raise ValueError(f"spike times must be finite, got {shown(max(times, key=abs))}") from None
