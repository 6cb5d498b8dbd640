"""What the sensitivities of a neuron's currents to the voltage are made of, whatever the conductances."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .calcium import CalciumPool
from .columns import shift_of
from .gates import DIC_NAMES, Gate, Hill, Scheme
from .model import NeuronModel

#: The step of complex-step derivatives: no subtraction, so it may be as small as one likes.
STEP = 1e-30
#: Relative step of `stencil_derivative`: its error is of the fourth order.
_STENCIL = 1e-3


def derivative(function, voltage):
    """d function / dV by a complex step."""
    return function(voltage + 1j * STEP).imag / STEP


def stencil_derivative(function, x, scale):
    """Derivative at real or complex x, to some 1e-11: where the imaginary part has its own use already."""
    h = _STENCIL * scale
    near, far = function(x + h) - function(x - h), function(x + 2 * h) - function(x - 2 * h)
    return (8 * near - far) / (12 * h)


def log_slope(factor, calcium):
    """d ln factor / dCa of a function of calcium; 0 where that is zero."""
    if isinstance(factor, Hill) and factor.power == 1:
        return factor.half / (calcium * (calcium + factor.half))
    if isinstance(factor, Hill):
        half, raised = factor.half**factor.power, calcium**factor.power
        return factor.power * half / (calcium * (raised + half))
    value = factor(calcium)
    return stencil_derivative(factor, calcium, calcium.real) / np.where(value == 0, np.inf, value)


def timescale_weights(time_constant, references):
    """Shares of the fast, slow and ultraslow DIC in a process with the given time constant.

    Parameters
    ----------
    time_constant : (...) array
        In ms.
    references : three (...) arrays
        Time constants that stand for the three timescales, ascending.

    Returns
    -------
    (3, ...) array
        Interpolated between neighbouring references in the logarithm of the time constant; sums to 1.
    """
    fast, slow, ultraslow = (np.log(reference) for reference in references)
    with np.errstate(divide="ignore"):
        log_tau = np.log(time_constant)
    to_fast = np.clip((slow - log_tau) / (slow - fast), 0, 1)
    to_slow = np.clip((ultraslow - log_tau) / (ultraslow - slow), 0, 1)
    return np.stack([to_fast, to_slow - to_fast, 1 - to_slow])


@dataclass(frozen=True)
class Kinetics:
    """All that a neuron's sensitivities need at given voltages, whatever the conductances.

    Reversals that follow calcium are those at 1 uM here; `opening` is what their distance from it adds. Of
    gates, the kinetic schemes that depend on calcium are left out: they are the caller's to count.
    """

    voltage: np.ndarray  # (...)
    references: list  # three (...), the time constants of the timescales
    direct: np.ndarray  # (3, n_channels, ...), without calcium factors
    opening: np.ndarray  # (3, n_channels, ...), per mV of driving force: of the gates alone
    open_fraction: np.ndarray  # (n_channels, ...), without calcium factors
    pool_weights: np.ndarray  # (3, ...), shares of the pool's time constant; NaN if that is not constant
    calcium_current: np.ndarray  # (n_channels, ...), per conductance
    calcium_slope: np.ndarray  # (n_channels, ...), its derivative with the voltage


def is_scheme_of_calcium(gate) -> bool:
    """Whether a gate is a kinetic scheme of which a rate depends on calcium."""
    return isinstance(gate, Scheme) and gate.depends_on_calcium


def _gate_weights(gate: Gate | Scheme, voltage, references):
    if isinstance(gate, Scheme):
        row = DIC_NAMES.index(gate.timescale)
        return np.eye(3)[row].reshape(3, *(1,) * np.ndim(voltage)) + np.zeros_like(voltage)
    if not gate.parts:
        return timescale_weights(0 * voltage, references)
    weighted = [share * timescale_weights(tau(voltage), references) for share, tau in gate.parts]
    return np.sum(weighted, axis=0)


def _open_fraction(channel, voltage, references):
    """Open fraction without calcium factors, and its derivative split over the three rows."""
    gates = [gate for gate in channel.gates if not is_scheme_of_calcium(gate)]
    values = [gate.steady_state(voltage) for gate in gates]
    powers = [value**gate.exponent for value, gate in zip(values, gates, strict=True)]
    open_fraction = np.prod(powers, axis=0) if powers else np.ones_like(voltage)
    opening = np.zeros((3, *np.shape(voltage)))
    for gate, value in zip(gates, values, strict=True):
        slope = open_fraction * gate.exponent / value * derivative(gate.steady_state, voltage)
        opening += slope * _gate_weights(gate, voltage, references)
    return open_fraction, opening


def kinetics_of(neuron: NeuronModel, voltage, parameters=None) -> Kinetics:
    """Kinetics at voltages (...), of cells with (..., n_parameters) parameters or those declared."""
    voltage = np.asarray(voltage, dtype=float)
    references = [tau(voltage) for tau in neuron.timescales]
    shape = (3, len(neuron.channels), *voltage.shape)
    direct, opening, open_fraction = np.zeros(shape), np.zeros(shape), np.zeros(shape[1:])
    current, slope, weights = np.zeros(shape[1:]), np.zeros(shape[1:]), np.full((3, *voltage.shape), np.nan)
    pool = neuron.calcium
    if isinstance(pool, CalciumPool):
        weights = timescale_weights(pool.time_constant + 0 * voltage, references)
    for i, channel in enumerate(neuron.channels):
        driving_force = voltage - channel.reversal_at(1.0)
        shift = 0.0 if parameters is None else shift_of(neuron, channel.name, parameters)
        open_fraction[i], opening[:, i] = _open_fraction(channel, voltage - shift, references)
        direct[:, i] = opening[:, i] * driving_force
        direct[0, i] += open_fraction[i]
        if pool is not None and channel.name in pool.channels:
            current[i] = open_fraction[i] * driving_force
            slope[i] = direct[:, i].sum(axis=0)
    return Kinetics(voltage, references, direct, opening, open_fraction, weights, current, slope)


@lru_cache(maxsize=64)
def kinetics_at(neuron: NeuronModel, voltage: float) -> Kinetics:
    """Kinetics at one voltage, kept."""
    return kinetics_of(neuron, voltage)


def weighted(conductances, rows):
    """sum over channels of conductance times row; rows may differ from member to member."""
    if rows.ndim == 2:
        # Not by BLAS: its threads, once woken, wait busily, and its sums differ between processors.
        return np.einsum("nc,rc->nr", conductances, rows)
    return np.einsum("nc,rcn->nr", conductances, rows)
