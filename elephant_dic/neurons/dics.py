"""Dynamic input conductances (DICs) of any declared neuron, at any voltage.

The DICs of a cell are g_DIC(V) = S(V) g / g_leak, with one row of the sensitivity matrix S for each of the
fast, slow and ultraslow timescales (Drion, Franci, Dethier, Sepulchre, eNeuro 2015). A gate x of channel i
contributes (d a_i / d x) x_inf'(V) (V - E_i), split over the rows by where its time constant lies between
the three reference timescales of the neuron; the open fraction itself is fast. What calcium moves, gates and
reversals, counts on the timescale of its pool. Positive values restore, negative ones regenerate. All rows
together are dI_ss/dV / g_leak.
"""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
import quantities as pq

from ..arguments import columns_by_name, magnitudes, shown, table_by_name
from .columns import check_values, shifts_of, unit_of_column, with_parameters
from .gates import DIC_NAMES
from .kinetics import (
    is_scheme_of_calcium,
    kinetics_at,
    kinetics_of,
    log_slope,
    stencil_derivative,
    timescale_weights,
    weighted,
)
from .model import NeuronModel
from .registry import get_neuron
from .resting_calcium import calcium_at_rest, calcium_factor

#: mS/cm**2.
_HIGHEST = 1e30


def _calcium_dependent(neuron, conductances, kinetics):
    """What calcium adds to the DICs: factors on open fractions, reversals, and currents by the pool."""
    calcium, calcium_slope = calcium_at_rest(neuron, conductances, kinetics)
    weights = kinetics.pool_weights.T
    if np.isnan(weights).any():
        weights = timescale_weights(1 / neuron.calcium.removal_slope(calcium.real), kinetics.references).T
    total = 0
    for i, channel in enumerate(neuron.channels):
        if not channel.depends_on_calcium:
            continue
        factor = calcium_factor(channel, calcium)[0]
        conductance, reversal = conductances[:, i], channel.reversal_at(calcium)
        # The weighted sum has counted the column without its calcium factor, and at 1 uM.
        counted = (conductance * factor - conductance)[:, None] * kinetics.direct[:, i].T
        moved = conductance * factor * (channel.reversal_at(1.0) - reversal)
        total = total + counted + moved[:, None] * kinetics.opening[:, i].T
        opened = conductance * factor * kinetics.open_fraction[i]
        for relative, share in _moved_by_calcium(neuron, channel, calcium, weights, kinetics):
            by_calcium = opened * (kinetics.voltage - reversal) * relative * calcium_slope
            total = total + by_calcium[:, None] * share
        if channel.has_moving_reversal:
            total = total - (opened * channel.reversal.slope(calcium) * calcium_slope)[:, None] * weights
        for gate in filter(is_scheme_of_calcium, channel.gates):
            total = total + _scheme(
                gate, channel, conductance, calcium, calcium_slope, weights, kinetics.voltage
            )
    return total


def _moved_by_calcium(neuron, channel, calcium, weights, kinetics):
    """Of each gate that calcium moves: d ln of its factor / dCa, and how that splits over the timescales."""
    for gate in channel.gates:
        if gate.calcium_factor is None:
            continue
        relative, share = gate.exponent * log_slope(gate.calcium_factor, calcium), weights
        if gate.calcium_lag:
            pool = 1 / neuron.calcium.removal_slope(calcium.real)
            share = sum(
                part * timescale_weights(pool + tau(kinetics.voltage), kinetics.references).T
                for part, tau in gate.parts
            )
        yield relative, share


def _scheme(gate, channel, conductance, calcium, calcium_slope, weights, voltage):
    """What a channel with one kinetic scheme of calcium adds to the conductance with which it was counted."""
    voltage, force = voltage + 0 * calcium.real, voltage - channel.reversal
    by_voltage = stencil_derivative(lambda v: gate.steady_state(v, calcium), voltage, 1.0)
    by_calcium = stencil_derivative(lambda c: gate.steady_state(voltage, c), calcium, calcium.real)
    fast, own = np.eye(len(DIC_NAMES))[[0, DIC_NAMES.index(gate.timescale)]]
    return (
        np.multiply.outer(conductance * (gate.steady_state(voltage, calcium) - 1), fast)
        + np.multiply.outer(conductance * by_voltage * force, own)
        + (conductance * by_calcium * calcium_slope * force)[:, None] * weights
    )


def dics_of(neuron: NeuronModel, conductances: np.ndarray, voltage=None) -> np.ndarray:
    """DICs of conductances, as plain arrays.

    Parameters
    ----------
    neuron : NeuronModel
    conductances : (n, n_channels) or (n, n_columns) array
        mS/cm**2, real or complex (for derivatives); parameters, if the neuron has any, in mV.
    voltage : float or (n,) array, optional
        mV, one for all or one each. Default: the neuron's threshold voltage, which moves with the gates that
        a parameter of the cell moves.

    Returns
    -------
    (n, 3) array
        g_f, g_s, g_u, normalised by the leak; NaN where calcium has no rest.
    """
    n_channels = len(neuron.channels)
    if voltage is None:
        moved = shifts_of(neuron, conductances.real) if conductances.shape[1] > n_channels else np.empty(0)
        voltage = neuron.threshold_voltage + moved if moved.size else neuron.threshold_voltage
    if conductances.shape[1] > n_channels:
        voltage = np.broadcast_to(voltage, len(conductances))
        kinetics = kinetics_of(neuron, voltage, conductances[:, n_channels:].real)
        conductances = conductances[:, :n_channels]
    elif np.ndim(voltage) == 0:
        kinetics = kinetics_at(neuron, float(voltage))
    else:
        kinetics = kinetics_of(neuron, voltage)
    total = weighted(conductances, kinetics.direct)
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
    """Cells as an (n, n_columns) float array in mS/cm**2 and mV, or an error that says what is wrong.

    Parameters, if the neuron has any, are as declared where they are not given. Zero is a blocked channel;
    the leak, by which DICs are normalised, must be positive. What is above `_HIGHEST` is no conductance, and
    more than the simulator's numbers hold.
    """
    names, columns = neuron.conductance_names, columns_by_name(conductances)
    if columns is None:
        table = _plain_table(conductances)
    else:
        wanted = neuron.column_names if set(columns) & set(neuron.column_names[len(names) :]) else names
        table = table_by_name(columns, wanted, unit_of_column, f"neuron {neuron.name}")
    if table.ndim == 2:
        table = with_parameters(neuron, table)
    if table.ndim != 2 or table.shape[1] != len(neuron.column_names):
        raise ValueError(
            f"conductances of neuron {neuron.name} must have shape (n, {len(names)}), in the order "
            f"{', '.join(names)}; got {table.shape}"
        )
    check_values(neuron, table[:, len(names) :])
    given = table[:, : len(names)]
    wrong = ~np.isfinite(given) | (given < 0) | (given > _HIGHEST)
    wrong[:, neuron.leak_index] |= given[:, neuron.leak_index] == 0
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        what = "positive" if column == neuron.leak_index else "zero or positive"
        raise ValueError(
            f"{names[column]} of member {row} is {table[row, column]} mS/cm**2; "
            f"it must be {what}, and at most {_HIGHEST:g}"
        )
    return table


def _plain_table(conductances):
    if isinstance(conductances, pq.Quantity):
        conductances = magnitudes(conductances, "mS/cm**2", "conductances")
    try:
        return np.asarray(conductances, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"conductances must be numbers in mS/cm**2, got {shown(conductances)}") from None


def compute_dics(
    conductances: npt.ArrayLike | pq.Quantity,
    neuron: str | NeuronModel = "stg",
    voltage: pq.Quantity | None = None,
) -> np.ndarray:
    """Dynamic input conductances of given cells.

    Parameters
    ----------
    conductances : (n, n_channels) array or Quantity, DataFrame, or mapping of name to (n,) values
        By name, or in the order of ``get_neuron(neuron).conductance_names``; mS/cm**2 if it has no unit.
    neuron : str or NeuronModel
        Default: "stg".
    voltage : Quantity, optional
        Where to evaluate them: one voltage, or one a cell. Default: the neuron's threshold voltage (of cells
        with a threshold of their own, as far from that).

    Returns
    -------
    (n, 3) array
        g_f, g_s, g_u, normalised by the leak conductance, dimensionless. NaN for a cell whose calcium has no
        rest at the voltage.

    Warns
    -----
    UserWarning
        If there are such cells.

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
        voltage = magnitudes(voltage, "mV", "voltage")
        if not np.isfinite(voltage).all():
            raise ValueError(f"voltage must be finite, got {voltage} mV")
        if voltage.ndim and voltage.shape != (len(table),):
            raise ValueError(f"voltage must be one value or one a cell ({len(table)}), got {voltage.shape}")
    dics = dics_of(neuron, table, voltage)
    restless = np.flatnonzero(np.isnan(dics).any(axis=1))
    if len(restless):
        warnings.warn(
            f"{len(restless)} of {len(table)} cells have no DICs (NaN), the first is member {restless[0]}: "
            f"more calcium enters them at that voltage than they can remove, so it has no rest",
            UserWarning, stacklevel=2,
        )  # fmt: skip
    return dics
