"""Quantities of NeuroML as numbers in mV, ms, mM, mS/cm**2 and degrees Celsius."""

from __future__ import annotations

import re

_FACTORS = {
    "": 1.0, "mV": 1.0, "V": 1e3, "ms": 1.0, "s": 1e3, "us": 1e-3, "per_ms": 1.0, "per_s": 1e-3, "Hz": 1e-3,
    "per_mV": 1.0, "per_V": 1e-3, "mM": 1.0, "uM": 1e-3, "M": 1e3, "mol_per_m3": 1.0, "mol_per_cm3": 1e6,
    "mS_per_cm2": 1.0, "S_per_cm2": 1e3, "S_per_m2": 0.1, "degC": 1.0, "K": 1.0, "mol_per_m_per_A_per_s": 1.0,
    "mol_per_cm_per_uA_per_ms": 1e11,
}  # fmt: skip
_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z_]\w*)?\s*")
_ZERO = 273.15  # K of 0 degrees Celsius


def number_of(text: str) -> float:
    """The number of a quantity such as ``"-40mV"`` or ``"0.07 per_ms"``.

    Raises
    ------
    ValueError
        If it is none, or its unit is not known.
    """
    found = _QUANTITY.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no quantity")
    unit = found[2] or ""
    if unit not in _FACTORS:
        raise ValueError(f"the unit of {text!r} is not known")
    return _FACTORS[unit] * float(found[1]) - (_ZERO if unit == "K" else 0.0)
