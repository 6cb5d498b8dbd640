"""Checks of a neuron's declaration: what a neuron must fulfil for the method to work with it."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..neurons import (
    DIC_NAMES,
    MAX_DRAWS,
    NeuronModel,
    Scheme,
    compensate,
    derivative,
    dics_of,
    reference_population,
    solve_adaptively,
    steady_current,
)
from ..simulation import simulate
from ..trains import firing_of

#: Voltages (mV) beyond the reversal potentials at which functions are looked at.
_MARGIN = 20.0
#: Cells drawn for the checks, cells whose DICs and cells whose spikes are checked one by one.
_CELLS, _DIC_CELLS, _SPIKE_CELLS = 64, 8, 2
#: Longest run of the adaptive solver in ms, and spikes of a cell after which it ends.
_LONGEST, _SPIKES = 1000.0, 4
#: Accepted error of spike times, as a share of the time simulated, and in ms.
_SPIKE_ERROR, _LEAST_ERROR = 0.005, 0.1
#: uA/cm**2 under which cells are looked at that are silent without a current, until half of them fire.
_CURRENTS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
#: Targets of the reachability map in each direction, and the share of them that cells should reach.
_GRID, _WANTED_REACH = (13, 9), 0.5


@dataclass(frozen=True)
class Check:
    """One check: what was looked at, whether it is right, and what was found."""

    name: str
    passed: bool
    found: str


def load_neuron_file(path) -> NeuronModel:
    """The neuron that a Python file declares. The file is run.

    Raises
    ------
    ValueError
        If there is no such file, it cannot be run, or declares no neuron or several.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"{path} is not a file")
    spec = importlib.util.spec_from_file_location(f"declared_in_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # other people's code
        raise ValueError(f"{path} cannot be run: {type(error).__name__}: {error}") from error
    found = {id(value): value for value in vars(module).values() if isinstance(value, NeuronModel)}
    if len(found) != 1:
        raise ValueError(f"{path} declares {len(found) or 'no'} neurons; it must declare one NeuronModel")
    return next(iter(found.values()))


def check_neuron(neuron: NeuronModel, seed=0) -> list[Check]:
    """Look for mistakes in a declaration.

    Parameters
    ----------
    neuron : NeuronModel
    seed : int
        Of the cells drawn from its reference population.

    Returns
    -------
    list of Check
        The first that fails ends them where the next ones would make no sense.
    """
    found = []
    for check in (_check_functions, _check_derivatives, _check_timescales):
        found.append(check(neuron))
        if not found[-1].passed:
            return found
    rng = np.random.default_rng(seed)
    try:
        cells = reference_population(neuron, _CELLS, rng)
    except ValueError as error:
        return [*found, Check("reference population", False, str(error))]
    found.append(Check("reference population", True, f"{_CELLS} cells without a negative conductance"))
    cells = _with_parameters(neuron, cells, rng)
    found.append(_check_dics(neuron, cells))
    trains, current, check = _check_activity(neuron, cells)
    return [*found, check, _check_spikes(neuron, cells, trains, current), _check_reach(neuron, cells)]


def _with_parameters(neuron, cells, rng):
    """The cells with parameters from their ranges, if the neuron has any."""
    if not neuron.parameters:
        return cells
    low, high = np.array([parameter.range for parameter in neuron.parameters]).T
    return np.concatenate([cells, rng.uniform(low, high, (len(cells), len(low)))], axis=1)


def _functions(neuron):
    """(name, function, smallest value, largest value, whether the smallest is excluded) of each gate."""
    for channel in neuron.channels:
        for gate in channel.gates:
            name = f"gate {gate.name} of {channel.name}"
            if isinstance(gate, Scheme):
                for each in gate.reactions:
                    there, back = f"{each.source} to {each.target}", f"{each.target} to {each.source}"
                    yield f"rate from {there} of {name}", each.forward, 0.0, np.inf, False
                    yield f"rate from {back} of {name}", each.backward, 0.0, np.inf, False
                continue
            yield f"steady state of {name}", gate.steady_state, 0.0, 1.0, False
            for _, time_constant in gate.parts:
                yield f"time constant of {name}", time_constant, 0.0, np.inf, True
    for name, function in zip(DIC_NAMES, neuron.timescales, strict=True):
        yield f"timescale of {name}", function, 0.0, np.inf, True


def _voltages(neuron):
    reversals = [channel.reversal_at(1.0) for channel in neuron.channels]
    return np.arange(min(reversals) - _MARGIN, max(reversals) + _MARGIN, 0.37)


def _check_functions(neuron) -> Check:
    voltage = _voltages(neuron)
    name = f"functions of the voltage from {voltage[0]:.0f} to {voltage[-1]:.0f} mV"
    functions = list(_functions(neuron))
    for what, function, low, high, open_end in functions:
        try:
            values = function(voltage)
        except Exception as error:  # other people's code
            return Check(name, False, f"{what}: {type(error).__name__}: {error}")
        if np.shape(values) != voltage.shape:
            return Check(name, False, f"{what} takes {voltage.shape} voltages and gives {np.shape(values)} "
                         f"values; a constant is written as c + 0 * voltage")  # fmt: skip
        wrong = ~np.isfinite(values) | (values < low) | (values > high) | (open_end & (values == low))
        if wrong.any():
            i = int(np.argmax(wrong))
            bounds = "positive" if open_end else f"from {low:g} to {high:g}"
            return Check(
                name, False, f"{what} is {values[i]:.3g} at {voltage[i]:.1f} mV; it must be {bounds}"
            )
    wrong = _wrong_factor(neuron)
    if wrong is not None:
        return Check(name, False, wrong)
    return Check(name, True, f"{len(functions)} functions: steady states in [0, 1], time constants positive")


def _wrong_factor(neuron) -> str | None:
    """What is wrong with a gate's function of calcium."""
    calcium = np.logspace(-3, 3, 200)
    for channel in neuron.channels:
        for gate in channel.gates:
            owner = f"gate {gate.name} of {channel.name}"
            factors = [(f"the calcium factor of {owner}", gate.calcium_factor, 1.0)]
            if isinstance(gate, Scheme):
                factors = [
                    (f"what calcium does from {r.source} to {r.target} in {owner}", r.calcium, np.inf)
                    for r in gate.reactions
                ]
            for what, factor, highest in factors:
                if factor is not None and (wrong := _wrong_values(what, factor, calcium, highest)):
                    return wrong
    return None


def _wrong_values(what, factor, calcium, highest) -> str | None:
    try:
        values, slopes = factor(calcium), derivative(factor, calcium)
    except Exception as error:  # other people's code
        return f"{what}: {type(error).__name__}: {error}"
    if np.shape(values) != calcium.shape:
        return f"{what} takes {calcium.shape} values of calcium and gives {np.shape(values)}"
    wrong = ~((values >= 0) & (values <= highest))
    if wrong.any():
        i = int(np.argmax(wrong))
        return f"{what} is {values[i]:.3g} at {calcium[i]:.3g} uM; it must be from 0 to {highest:g}"
    differences = factor(calcium * 1.0001) - factor(calcium * 0.9999)
    if np.abs(2e-4 * calcium * slopes - differences).max() > 1e-3 * np.abs(differences).max() + 1e-12:
        return (
            f"{what} is not analytic: it must be made of numpy.exp and the like, without abs or comparisons"
        )
    return None


def _check_derivatives(neuron) -> Check:
    name, voltage = "derivatives by complex steps", _voltages(neuron)
    step = voltage[1] - voltage[0]
    for what, function, *_ in _functions(neuron):
        try:
            slopes = [derivative(function, voltage + part * step) + 0 * voltage for part in (0, 0.5, 1)]
        except Exception as error:  # other people's code
            return Check(name, False, f"{what} cannot take complex voltages: {type(error).__name__}: {error}")
        difference = function(voltage + step) - function(voltage)
        integral = step / 6 * (slopes[0] + 4 * slopes[1] + slopes[2])  # Simpson's rule
        limit = 1e-3 * np.abs(difference).max() + 1e-8 * np.abs(function(voltage)).max()
        wrong = ~(np.abs(integral - difference) <= limit)
        if wrong.any():
            at = voltage[np.argmax(wrong)]
            why = "it must be made of numpy.exp and the like, without abs, comparisons or poles"
            return Check(name, False, f"{what} is not analytic at {at:.1f} mV: {why}")
    return Check(name, True, "their integrals are the differences of the functions")


def _check_timescales(neuron) -> Check:
    at = np.array([neuron.threshold_voltage])
    values = [float(np.squeeze(tau(at))) for tau in neuron.timescales]
    listed = ", ".join(f"{value:.3g}" for value in values)
    return Check("timescales", values[0] < values[1] < values[2],
                 f"{listed} ms at {neuron.threshold_voltage:g} mV (they must ascend)")  # fmt: skip


def _check_dics(neuron, cells) -> Check:
    """The rows must sum to the slope of the steady current."""
    worst, step = 0.0, 1e-3
    for cell in cells[:_DIC_CELLS]:
        for voltage in neuron.threshold_voltage + np.array([-20.0, 0.0, 15.0]):
            rows = dics_of(neuron, cell[None], voltage)[0]
            if np.isnan(rows).any():  # calcium has no rest there
                continue
            high, low = (steady_current(neuron, cell, voltage + shift) for shift in (step, -step))
            slope = (high - low) / (2 * step) / cell[neuron.leak_index]
            worst = max(worst, abs(rows.sum() - slope) / (1 + np.abs(rows).sum()))
    return Check("DICs against finite differences", bool(worst < 1e-4), f"largest relative error {worst:.1e}")


def _check_activity(neuron, cells):
    """Spike times of the cells, the current under which they are, and the check.

    Neurons that are declared without a transient may be silent until a current flows.
    """
    name, current, half = "activity of the reference population", 0.0, len(cells) / 2
    trains, kinds, listed = _activity(neuron, cells, current)
    fires, is_for_steps = kinds["silent"] < len(cells), neuron.training.transient == 0
    if kinds["silent"] <= half or (fires and not is_for_steps):
        return trains, current, Check(name, True, listed)
    for current in _CURRENTS:
        trains, kinds, under = _activity(neuron, cells, current)
        if kinds["silent"] <= half:
            break
    listed += f" without a current; under {current:g} uA/cm**2: {under}"
    return trains, current, Check(name, is_for_steps and kinds["silent"] < len(cells), listed)


def _activity(neuron, cells, current):
    start = neuron.training.transient
    trains = simulate(neuron, cells, start + neuron.training.window, currents=current).spike_times
    kinds = Counter(firing_of([times[times >= start]]).activity for times in trains)
    return trains, kinds, ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())


def _check_spikes(neuron, cells, trains, current) -> Check:
    name, errors = "simulation against an adaptive solver", []
    for cell, times in zip(cells, trains, strict=True):
        early = times[times < _LONGEST][:_SPIKES]
        if len(early) < 2:
            continue
        until = early[-1] * (1 + _SPIKE_ERROR) + _LEAST_ERROR
        spikes, _ = solve_adaptively(neuron, cell, until, current=current)
        if len(spikes) < len(early):
            return Check(name, False, f"{len(early)} spikes, the adaptive solver finds {len(spikes)}")
        error = np.abs(spikes[: len(early)] - early)
        error = float((error / np.maximum(early, _LEAST_ERROR / _SPIKE_ERROR)).max())
        if error >= _SPIKE_ERROR and not _is_settled(neuron, cell, spikes, early[-1], current):
            continue
        errors.append(error)
        if len(errors) == _SPIKE_CELLS:
            break
    if not errors:
        return Check(name, True, f"not compared: no cell fires twice in {_LONGEST:g} ms")
    return Check(name, max(errors) < _SPIKE_ERROR, f"spike times within {max(errors):.2%} of the time "
                 f"simulated, with steps of up to {neuron.time_step:g} ms")  # fmt: skip


def _is_settled(neuron, cell, spikes, until, current) -> bool:
    """Whether the adaptive solver finds these spikes at another tolerance: of some cells nobody can tell."""
    others, _ = solve_adaptively(neuron, cell, until * (1 + _SPIKE_ERROR), current=current, tolerance=1e-6)
    n = min(len(others), len(spikes))
    return bool(n and np.abs(others[:n] - spikes[:n]).max() < _SPIKE_ERROR * until / 2)


def _check_reach(neuron, cells) -> Check:
    reached = reachability(neuron, cells)[2]
    share = (reached > 1 / MAX_DRAWS).mean()
    return Check(
        "reachability", bool(share >= _WANTED_REACH), f"{share:.0%} of the training box can be reached"
    )


def reachability(neuron: NeuronModel, cells):
    """Which DICs cells can be moved to by the neuron's compensations.

    Parameters
    ----------
    neuron : NeuronModel
    cells : (n, n_channels) or (n, n_columns) array
        mS/cm**2; parameters, if the neuron has any, in mV.

    Returns
    -------
    first : (k,) array
    second : (m,) array
        Values of the two DICs in which the neuron is trained, mostly g_s and g_u.
    reached : (m, k) array
        Share of the cells that reach each target without a negative conductance.
    """
    training = neuron.training
    grid = zip(training.target_names, _GRID, strict=True)
    first, second = (np.linspace(*training.targets[name], n) for name, n in grid)
    targets = np.full((len(second) * len(first), len(DIC_NAMES)), np.nan)
    targets[:, training.target_rows[0]] = np.tile(first, len(second))
    targets[:, training.target_rows[1]] = np.repeat(second, len(first))
    _, accepted = compensate(
        neuron, np.tile(cells, (len(targets), 1)), np.repeat(targets, len(cells), axis=0)
    )
    return first, second, accepted.reshape(len(second), len(first), len(cells)).mean(axis=2)


def reachability_text(neuron: NeuronModel, seed=0) -> str:
    """The map of `reachability` in tenths: 9 is nearly all cells, a dot is none."""
    cells = reference_population(neuron, _CELLS, np.random.default_rng(seed))
    first, second, reached = reachability(neuron, cells)
    right, up = neuron.training.target_names
    lines = [f"tenths of the reference cells that reach a target; right: {right}, up: {up}"]
    for height, row in zip(second[::-1], reached[::-1], strict=True):
        marks = ["." if share == 0 else str(min(int(10 * share), 9)) for share in row]
        lines.append(f"{height:8.3g}  {'  '.join(marks)}")
    lines.append(f"{'':8}  {first[0]:<.3g}{f'{first[-1]:.3g}':>{3 * len(first) - 3}}")
    return "\n".join(lines)
