"""The capacitance of a recorded cell, by which injected currents become current densities."""

from __future__ import annotations

from typing import Any

import quantities as pq

from ..arguments import magnitude
from .spiketrains import sweeps_of

_LOWEST, _HIGHEST = 0.1, 1e5  # pF


def check_capacitance(given: pq.Quantity) -> float:
    """A capacitance in pF, or an error."""
    value = magnitude(given, "pF", "capacitance")
    if not _LOWEST <= value <= _HIGHEST:
        raise ValueError(f"capacitance must be from {_LOWEST:g} to {_HIGHEST:,g} pF, got {value:g} pF")
    return value


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
        ``value`` (pF) and ``source``; of an estimate also from how many ``sweeps``, and of several its
        ``spread`` (pF). One that is annotated without them was given.

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
    value = check_capacitance(known["capacitance"] if given is None else given)
    if given is not None or "capacitance_sweeps" not in known:
        return {"value": value, "source": "given"}
    told = {"value": value, "source": "estimated from hyperpolarising steps"}
    if "capacitance_spread" in known:
        told["spread"] = magnitude(known["capacitance_spread"], "pF", "capacitance_spread")
    return told | {"sweeps": int(known["capacitance_sweeps"])}
