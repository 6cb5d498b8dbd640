"""Gates by their rates, and those of the spike currents that several neurons share."""

from __future__ import annotations

import numpy as np

from .gates import Gate, VoltageFunction, x_over_expm1


def rate_gate(
    name: str, opening: VoltageFunction, closing: VoltageFunction, exponent: int = 1, origin: float = 0.0
) -> Gate:
    """A gate by its rates (1/ms), functions of the voltage relative to an origin (mV)."""

    def total(voltage):
        return opening(voltage - origin) + closing(voltage - origin)

    return Gate(name, lambda v: opening(v - origin) / total(v), lambda v: 1 / total(v), exponent=exponent)


def spike_gates(threshold):
    """m and h of sodium, n of potassium, as Traub and Miles (1991) and Pospischil et al. (2008) have them.

    Parameters
    ----------
    threshold : float
        mV, to which their rates refer.
    """
    m = rate_gate(
        "m", lambda v: 1.28 * x_over_expm1((13 - v) / 4), lambda v: 1.4 * x_over_expm1((v - 40) / 5), 3,
        threshold,
    )  # fmt: skip
    h = rate_gate(
        "h", lambda v: 0.128 * np.exp((17 - v) / 18), lambda v: 4 / (1 + np.exp((40 - v) / 5)),
        origin=threshold,
    )  # fmt: skip
    n = rate_gate(
        "n", lambda v: 0.16 * x_over_expm1((15 - v) / 5), lambda v: 0.5 * np.exp((10 - v) / 40), 4, threshold
    )
    return m, h, n
