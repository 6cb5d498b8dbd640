"""Dynamic input conductances (DICs) of any declared neuron, at any voltage.

The DICs of a cell are g_DIC(V) = S(V) g / g_leak, with one row of the sensitivity matrix S for each of the
fast, slow and ultraslow timescales (Drion, Franci, Dethier, Sepulchre, eNeuro 2015). A gate x of channel i
contributes (d a_i / d x) x_inf'(V) (V - E_i), split over the rows by where its time constant lies between
the three reference timescales of the neuron; the open fraction itself is fast. What calcium moves, gates and
reversals, counts on the timescale of its pool. Positive values restore, negative ones regenerate. All rows
together are dI_ss/dV / g_leak.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import quantities as pq

from .model import DIC_NAMES, NeuronModel, TwoStateGate
from .registry import get_neuron

#: The step of complex-step derivatives: no subtraction, so it may be as small as one likes.
STEP = 1e-30
#: Of Newton's method for calcium at rest; it needs some ten, more where calcium is near zero.
_MAX_ITERATIONS = 100


def derivative(function, voltage):
    """d function / dV by a complex step."""
    return function(voltage + 1j * STEP).imag / STEP


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
class _Kinetics:
    """All that a neuron's sensitivities need at given voltages, whatever the conductances.

    Reversals that follow calcium are those at 1 uM here; `opening` is what their distance from it adds.
    """

    voltage: np.ndarray  # (...)
    direct: np.ndarray  # (3, n_channels, ...), without calcium factors
    opening: np.ndarray  # (3, n_channels, ...), per mV of driving force: of the gates alone
    open_fraction: np.ndarray  # (n_channels, ...), without calcium factors
    pool_weights: np.ndarray  # (3, ...), shares of the pool's time constant
    calcium_current: np.ndarray  # (n_channels, ...), per conductance
    calcium_slope: np.ndarray  # (n_channels, ...), its derivative with the voltage


def _gate_weights(gate, voltage, references):
    if isinstance(gate, TwoStateGate):
        row = DIC_NAMES.index(gate.timescale)
        return np.eye(3)[row].reshape(3, *(1,) * np.ndim(voltage)) + np.zeros_like(voltage)
    tau = 0 * voltage if gate.time_constant is None else gate.time_constant(voltage)
    return timescale_weights(tau, references)


def _open_fraction(channel, voltage, references):
    """Open fraction without calcium factors, and its derivative split over the three rows."""
    values = [gate.steady_state(voltage) for gate in channel.gates]
    powers = [value**gate.exponent for value, gate in zip(values, channel.gates, strict=True)]
    open_fraction = np.prod(powers, axis=0) if powers else np.ones_like(voltage)
    opening = np.zeros((3, *np.shape(voltage)))
    for gate, value in zip(channel.gates, values, strict=True):
        slope = open_fraction * gate.exponent / value * derivative(gate.steady_state, voltage)
        opening += slope * _gate_weights(gate, voltage, references)
    return open_fraction, opening


def _kinetics(neuron, voltage) -> _Kinetics:
    """Kinetics at voltages (...)."""
    voltage = np.asarray(voltage, dtype=float)
    references = [tau(voltage) for tau in neuron.timescales]
    shape = (3, len(neuron.channels), *voltage.shape)
    direct, opening, open_fraction = np.zeros(shape), np.zeros(shape), np.zeros(shape[1:])
    current, slope, weights = np.zeros(shape[1:]), np.zeros(shape[1:]), np.zeros((3, *voltage.shape))
    pool = neuron.calcium
    if pool is not None:
        weights = timescale_weights(pool.time_constant + 0 * voltage, references)
    for i, channel in enumerate(neuron.channels):
        driving_force = voltage - channel.reversal_at(1.0)
        open_fraction[i], opening[:, i] = _open_fraction(channel, voltage, references)
        direct[:, i] = opening[:, i] * driving_force
        direct[0, i] += open_fraction[i]
        if pool is not None and channel.name in pool.channels:
            current[i] = open_fraction[i] * driving_force
            slope[i] = direct[:, i].sum(axis=0)
    return _Kinetics(voltage, direct, opening, open_fraction, weights, current, slope)


@lru_cache(maxsize=64)
def _kinetics_at(neuron: NeuronModel, voltage: float) -> _Kinetics:
    return _kinetics(neuron, voltage)


def _weighted(conductances, rows):
    """sum over channels of conductance times row; rows may differ from member to member."""
    if rows.ndim == 2:
        # Not by BLAS: its threads, once woken, wait busily, and its sums differ between processors.
        return np.einsum("nc,rc->nr", conductances, rows)
    return np.einsum("nc,rcn->nr", conductances, rows)


def _calcium_at_rest(neuron, conductances, kinetics):
    """Steady state of the pool, and its derivative with the voltage.

    With reversals that follow calcium it is the root of Ca + a ln Ca + b, which increases with Ca.
    """
    pool = neuron.calcium
    current = _weighted(conductances, kinetics.calcium_current[None])[:, 0]
    slope = _weighted(conductances, kinetics.calcium_slope[None])[:, 0]
    calcium = pool.baseline - pool.per_current * current
    moving = [i for i, c in enumerate(neuron.channels) if c.has_moving_reversal and c.name in pool.channels]
    if not moving:
        return calcium, -pool.per_current * slope
    scales = np.array([neuron.channels[i].reversal.scale for i in moving])
    scaled = conductances[:, moving] * scales
    a = pool.per_current * _weighted(scaled, kinetics.open_fraction[None, moving])[:, 0]
    # Solving for conductances can pass through negative ones; these carry no calcium.
    calcium = np.where((a.real < 0) & ~(calcium.real > pool.baseline), pool.baseline, calcium)
    a = np.where(a.real < 0, 0.0, a)
    log_calcium = _root_of_pool(a, -calcium)
    calcium = np.exp(log_calcium)
    # The matrix product has counted the driving forces at 1 uM.
    opening = kinetics.opening[:, moving].sum(axis=0)
    slope = slope + log_calcium * _weighted(scaled, opening[None])[:, 0]
    return calcium, -pool.per_current * slope / (1 + a / calcium)


def _root_of_pool(a, b):
    """u with exp(u) + a u + b = 0, for a >= 0 and real or complex values: Newton's method from above."""
    root = np.log(np.maximum(np.abs(b.real), 1.0))
    for _ in range(_MAX_ITERATIONS):
        step = (np.exp(root) + a.real * root + b.real) / (np.exp(root) + a.real)
        root = root - step
        if (np.abs(step) < 1e-14 * (1 + np.abs(root))).all():
            break
    # One more step, from the root of the real parts, is exact in an infinitesimal imaginary part.
    return root - (np.exp(root) + a * root + b) / (np.exp(root) + a)


def _calcium_dependent(neuron, conductances, kinetics):
    """What calcium adds to the DICs: factors on open fractions, reversals, and currents by the pool."""
    calcium, calcium_slope = _calcium_at_rest(neuron, conductances, kinetics)
    total = 0
    for i, channel in enumerate(neuron.channels):
        gates = [gate for gate in channel.gates if gate.calcium_half]
        if not (gates or channel.has_moving_reversal):
            continue
        factor, log_slope = 1, 0
        for gate in gates:
            half = gate.calcium_half
            factor = factor * (calcium / (calcium + half)) ** gate.exponent
            log_slope = log_slope + gate.exponent * half / (calcium * (calcium + half))
        conductance = conductances[:, i]
        reversal = channel.reversal_at(calcium)
        reversal_slope = channel.reversal.slope(calcium) if channel.has_moving_reversal else 0
        # The matrix product has counted the column without its calcium factor, and at 1 uM.
        total = total + (conductance * factor - conductance)[:, None] * kinetics.direct[:, i].T
        moved = conductance * factor * (channel.reversal_at(1.0) - reversal)
        total = total + moved[:, None] * kinetics.opening[:, i].T
        by_calcium = (kinetics.voltage - reversal) * log_slope - reversal_slope
        by_calcium = conductance * factor * kinetics.open_fraction[i] * by_calcium * calcium_slope
        total = total + by_calcium[:, None] * kinetics.pool_weights.T
    return total


def dics_of(neuron: NeuronModel, conductances: np.ndarray, voltage=None) -> np.ndarray:
    """DICs of conductances, as plain arrays.

    Parameters
    ----------
    neuron : NeuronModel
    conductances : (n, n_channels) array
        mS/cm**2, real or complex (for derivatives).
    voltage : float or (n,) array, optional
        mV, one for all or one each. Default: the neuron's threshold voltage.

    Returns
    -------
    (n, 3) array
        g_f, g_s, g_u, normalised by the leak.
    """
    voltage = neuron.threshold_voltage if voltage is None else voltage
    kinetics = _kinetics_at(neuron, float(voltage)) if np.ndim(voltage) == 0 else _kinetics(neuron, voltage)
    total = _weighted(conductances, kinetics.direct)
    if neuron.calcium is not None:
        total = total + _calcium_dependent(neuron, conductances, kinetics)
    return total / conductances[:, [neuron.leak_index]]


def threshold_voltage(
    neuron: NeuronModel,
    conductances: np.ndarray,
    search: tuple[float, float] = (-80.0, 0.0),
    n_grid: int = 100,
) -> np.ndarray:
    """Voltage at which the total DIC g_f + g_s + g_u first turns from positive to negative.

    Parameters
    ----------
    neuron : NeuronModel
    conductances : (n, n_channels) array
        mS/cm**2.
    search : (low, high)
        mV.
    n_grid : int
        Number of voltages tried before the crossing is refined by bisection.

    Returns
    -------
    (n,) array
        mV; NaN for a cell without such a crossing.
    """
    grid = np.linspace(search[0], search[1], n_grid)
    total = np.array([dics_of(neuron, conductances, voltage).sum(axis=1) for voltage in grid])
    falls = (total[:-1] > 0) & (total[1:] <= 0)
    first = falls.argmax(axis=0)
    low, high = grid[first], grid[first + 1]
    for _ in range(40):
        middle = (low + high) / 2
        positive = dics_of(neuron, conductances, middle).sum(axis=1) > 0
        low, high = np.where(positive, middle, low), np.where(positive, high, middle)
    return np.where(falls.any(axis=0), (low + high) / 2, np.nan)


def check_conductances(neuron: NeuronModel, conductances) -> np.ndarray:
    """Conductances as an (n, n_channels) float array in mS/cm**2, or an error that says what is wrong.

    Zero is a blocked channel; the leak, by which DICs are normalised, must be positive.
    """
    if isinstance(conductances, pq.Quantity):
        conductances = conductances.rescale("mS/cm**2").magnitude
    table = np.asarray(conductances, dtype=float)
    names = neuron.conductance_names
    if table.ndim != 2 or table.shape[1] != len(names):
        raise ValueError(
            f"conductances of neuron {neuron.name} must have shape (n, {len(names)}), in the order "
            f"{', '.join(names)}; got {table.shape}"
        )
    wrong = ~np.isfinite(table) | (table < 0)
    wrong[:, neuron.leak_index] |= table[:, neuron.leak_index] == 0
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        what = "positive" if column == neuron.leak_index else "zero or positive"
        raise ValueError(
            f"{names[column]} of member {row} is {table[row, column]} mS/cm**2; it must be finite and {what}"
        )
    return table


def compute_dics(
    conductances: npt.ArrayLike | pq.Quantity,
    neuron: str | NeuronModel = "stg",
    voltage: pq.Quantity | None = None,
) -> np.ndarray:
    """Dynamic input conductances of given cells.

    Parameters
    ----------
    conductances : (n, n_channels) array or Quantity
        In the order of ``get_neuron(neuron).conductance_names``; mS/cm**2 if it has no unit.
    neuron : str or NeuronModel
        Default: "stg".
    voltage : Quantity, optional
        Where to evaluate them: one voltage, or one a cell. Default: the neuron's threshold voltage.

    Returns
    -------
    (n, 3) array
        g_f, g_s, g_u, normalised by the leak conductance, dimensionless.

    Raises
    ------
    TypeError
        If `voltage` has no unit.
    ValueError
        If a conductance is negative, not finite, or the leak is zero; if the shape is wrong.

    Notes
    -----
    Drion, Franci, Dethier, Sepulchre, eNeuro 2015, doi 10.1523/ENEURO.0031-14.2015.
    """
    neuron = get_neuron(neuron)
    table = check_conductances(neuron, conductances)
    if voltage is not None:
        if not isinstance(voltage, pq.Quantity):
            raise TypeError(f"voltage must be a Quantity such as -51 * pq.mV, got {type(voltage).__name__}")
        voltage = voltage.rescale("mV").magnitude
        if not np.isfinite(voltage).all():
            raise ValueError(f"voltage must be finite, got {voltage} mV")
        if voltage.ndim and voltage.shape != (len(table),):
            raise ValueError(f"voltage must be one value or one a cell ({len(table)}), got {voltage.shape}")
    return dics_of(neuron, table, voltage)
