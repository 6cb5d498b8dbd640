"""The capacitance of a recorded cell, by which injected currents become current densities."""

from __future__ import annotations

from typing import Any

import quantities as pq

from ..arguments import magnitude
from .spiketrains import sweeps_of

_HIGHEST = 1e5  # pF


def capacitance_of_cell(spiketrain, given: pq.Quantity | None = None) -> dict[str, Any]:
    """How large it is, and who says so.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
        With the annotations that reading has made, of all and of each sweep, if it could tell.
    given : Quantity, optional
        What the user says.

    Returns
    -------
    dict
        ``value`` (pF) and ``source``; of an estimate also its ``spread`` (pF) and from how many ``sweeps``.

    Raises
    ------
    TypeError
        If it is given without a unit.
    ValueError
        If nobody tells it, or it is no capacitance.
    """
    known = next(
        (
            each.annotations
            for each in (spiketrain, *sweeps_of(spiketrain))
            if "capacitance" in each.annotations
        ),
        {},
    )
    if given is None and "capacitance" not in known:
        raise ValueError(
            "the capacitance of the cell is not known, by which currents become current densities, and no "
            "hyperpolarising step tells it: give it, as in capacitance=40 * pq.pF"
        )
    value = magnitude(known["capacitance"] if given is None else given, "pF", "capacitance")
    if not 0 < value < _HIGHEST:
        raise ValueError(f"capacitance must be from 0 to {_HIGHEST:,g} pF, got {value:g} pF")
    if given is not None:
        return {"value": value, "source": "given"}
    return {
        "value": value,
        "source": "estimated from hyperpolarising steps",
        "spread": magnitude(known.get("capacitance_spread", 0 * pq.pF), "pF", "capacitance_spread"),
        "sweeps": int(known.get("capacitance_sweeps", 0)),
    }
