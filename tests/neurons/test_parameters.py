"""Voltages that cells have beside their conductances: declaration, tables, DICs, and simulations."""

import re
from dataclasses import replace

import numpy as np
import pytest
import quantities as pq
from support.toy_neuron import constant, toy_neuron

from elephant_dic import compute_dics, get_neuron, population_from_conductances
from elephant_dic.neurons import (
    Gate,
    Hill,
    compensate,
    constant_currents,
    dics_of,
    fingerprint,
    shifts_of,
    solve_adaptively,
    steady_current,
    unit_of_column,
)
from elephant_dic.neurons.columns import with_parameters
from elephant_dic.neurons.dics import check_conductances
from elephant_dic.neurons.model import CalciumPool, Channel, Parameter, sigmoid
from elephant_dic.neurons.plain_equations import initial_state, slope
from elephant_dic.simulation import simulate

SHIFT = Parameter("V_half", -45.0, (-60.0, -30.0), gates_of=("In",))
REST = Parameter("E_leak", -60.0, (-80.0, -40.0), reversal_of="leak")


def firing_toy(**changes):
    """The toy neuron without instantaneous gates in its inward current, so that a parameter can move them."""
    fields = {"parameters": (SHIFT, REST)}
    inward, *others = toy_neuron().channels
    opening = Gate("m", sigmoid(25, -6), constant(0.3))
    return toy_neuron(
        **fields | {"channels": (Channel("In", 55.0, (opening, inward.gates[1])), *others)} | changes
    )


TOY = firing_toy()
CELL = np.array([40.0, 80.0, 1.0, 0.15])


def declared_with(shifted, rest):
    """The toy neuron in the declaration of which its parameters have these values (mV)."""
    by = shifted - SHIFT.value

    def moved(gate):
        return replace(
            gate,
            steady_state=lambda v: gate.steady_state(v - by),
            time_constant=lambda v: gate.time_constant(v - by),
        )

    inward, *others, _ = TOY.channels
    channels = (replace(inward, gates=tuple(map(moved, inward.gates))), *others, Channel("leak", rest))
    return firing_toy(
        channels=channels, parameters=(replace(SHIFT, value=shifted), replace(REST, value=rest))
    )


# Declarations


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("V", -50.0, (-40.0, -60.0), ("In",)), r"V: its range must ascend, from -200 to 200 mV, got \(-40"),
        (("V", -50.0, (-50.0, -50.0), ("In",)), "V: its range must ascend"),
        (("V", -50.0, (-900.0, -40.0), ("In",)), "V: its range must ascend"),
        (("V", -50.0, (np.nan, -40.0), ("In",)), "V: its range must ascend"),
        (
            ("V", -70.0, (-60.0, -40.0), ("In",)),
            r"V: its value must be in its range \(-60.0, -40.0\), got -70",
        ),
        (("V", np.nan, (-60.0, -40.0), ("In",)), "V: its value must be in its range"),
        (("V", -50.0, (-60.0, -40.0)), "V: give the channels it moves, or the one of its reversal"),
        (("V", -50.0, (-60.0, -40.0), ("In",), "leak"), "V: give the channels it moves, or the one"),
        (("g_T", -50.0, (-60.0, -40.0), ("In",)), "g_T: names with g_ are those of conductances"),
    ],
)
def test_a_wrong_parameter(arguments, message):
    with pytest.raises(ValueError, match=f"parameter {message}"):
        Parameter(*arguments)


def of(name="V", channels=("In",), **fields):
    return Parameter(name, **{"value": -50.0, "range": (-60.0, -40.0), "gates_of": channels} | fields)


LEAK = {"channels": (), "reversal_of": "leak"}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ((of(), of(channels=("Out",))), "parameters need names of their own, got ['V', 'V']"),
        ((of("In"),), "parameters need names of their own, got ['In']"),
        ((of("a"), of("b", ("H",))), "one parameter can move gates, got ['a', 'b']"),
        ((of(channels=("Na",)),), "parameter V is of an unknown channel 'Na'"),
        ((of(channels="In"),), "parameter V is of an unknown channel 'I'"),
        ((of(**LEAK),), "parameter V must be the reversal of a channel without gates, declared as -50 mV"),
        ((of(value=-60.0, channels=(), reversal_of="H"),), "must be the reversal of a channel without gates"),
        (
            (of("a", value=-60.0, **LEAK), of("b", value=-60.0, **LEAK)),
            "two parameters are the reversal of one channel, of ['leak', 'leak']",
        ),
        ((of(channels=("leak",)),), "and leak has no gates"),
        ((of(channels=("In", "Out")),), "that have time constants and do not depend on calcium, and Out has"),
    ],
)
def test_parameters_that_do_not_fit(parameters, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        firing_toy(parameters=parameters)


def test_a_gate_that_follows_at_once_is_not_moved():
    with pytest.raises(ValueError, match="gates that have time constants .* and In has others"):
        toy_neuron(parameters=(SHIFT,))


def test_a_leak_that_carries_calcium_keeps_its_reversal():
    pool = CalciumPool(("leak",), time_constant=20.0, per_current=0.01, baseline=1.0, initial=2.0)
    with pytest.raises(ValueError, match="parameter E_leak is of leak, which carries calcium"):
        firing_toy(calcium=pool, parameters=(REST,))


def test_parameters_are_part_of_what_is_declared():
    """But their ranges are not: they say nothing of the equations."""
    marks = {
        fingerprint(neuron) for neuron in (TOY, firing_toy(parameters=()), firing_toy(parameters=(REST,)))
    }
    assert len(marks) == 3
    assert fingerprint(TOY) == fingerprint(
        firing_toy(parameters=(replace(SHIFT, range=(-70.0, -20.0)), REST))
    )


# Tables


def test_columns_stand_behind_the_conductances():
    assert TOY.column_names == ("g_In", "g_Out", "g_H", "g_leak", "V_half", "E_leak")
    assert [unit_of_column(name) for name in TOY.column_names] == ["mS/cm**2"] * 4 + ["mV"] * 2
    table = np.tile(CELL, (2, 1))
    assert with_parameters(TOY, table).tolist() == [[*CELL, -45.0, -60.0]] * 2
    full = np.array([[*CELL, -40.0, -65.0]])
    assert with_parameters(TOY, full) is full
    assert shifts_of(TOY, full) == [5.0]
    assert shifts_of(firing_toy(parameters=(REST,)), full[:, [0, 1, 2, 3, 5]]).shape == (0,)
    assert constant_currents(TOY, full) == pytest.approx([0.15 * -5.0])


def test_tables_by_name():
    columns = dict(zip(TOY.conductance_names, CELL, strict=True))
    assert check_conductances(TOY, columns).tolist() == [[*CELL, -45.0, -60.0]]
    volts = {"V_half": -0.04 * pq.V, "E_leak": -65.0}
    assert check_conductances(TOY, columns | volts) == pytest.approx(np.array([[*CELL, -40.0, -65.0]]))
    with pytest.raises(ValueError, match="neuron toy also has E_leak: give all"):
        check_conductances(TOY, columns | {"V_half": -40.0})
    with pytest.raises(ValueError, match="E_leak must be numbers in mV, got"):
        check_conductances(TOY, columns | {"V_half": -40.0, "E_leak": 3 * pq.nA})


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([*CELL, -45.0, np.nan], "E_leak of member 0 is nan mV; it must be from -200 to 200 mV"),
        ([*CELL, -450.0, -60.0], "V_half of member 0 is -450.0 mV; it must be"),
        ([*CELL, -45.0], r"must have shape \(n, 4\), in the order g_In, .*; got \(1, 5\)"),
        ([-1.0, *CELL[1:], -45.0, -60.0], "g_In of member 0 is -1.0 mS/cm"),
    ],
)
def test_wrong_rows_are_named(row, message):
    for use in (check_conductances, lambda neuron, table: simulate(neuron, table, 10.0)):
        with pytest.raises(ValueError, match=message):
            use(TOY, np.array([row]))


def test_a_neuron_without_parameters_has_no_such_columns():
    with pytest.raises(ValueError, match=r"must have shape \(n, 4\).*; got \(1, 6\)"):
        check_conductances(firing_toy(parameters=()), np.array([[*CELL, -45.0, -60.0]]))


# What they do


@pytest.mark.parametrize("voltage", [-70.0, -50.0, -30.0])
def test_dics_are_those_of_a_neuron_that_is_declared_so(voltage):
    for shifted, rest in ((-40.0, -60.0), (-52.5, -72.0), (-45.0, -50.0)):
        found = dics_of(TOY, np.array([[*CELL, shifted, rest]]), voltage)
        assert found == pytest.approx(dics_of(declared_with(shifted, rest), CELL[None], voltage), rel=1e-12)


def test_cells_of_one_table_have_each_their_own():
    table = np.array([[*CELL, -45.0, -60.0], [*CELL, -40.0, -60.0]])
    found = dics_of(TOY, table, -50.0)
    assert found[0] == pytest.approx(dics_of(TOY, CELL[None], -50.0)[0])
    assert np.abs(found[1] - found[0]).max() > 0.1
    assert compute_dics(table, TOY, voltage=[-50, -50] * pq.mV) == pytest.approx(found)


def test_the_threshold_voltage_moves_with_the_gates():
    moved = dics_of(TOY, np.array([[*CELL, -40.0, -60.0]]))
    assert moved == pytest.approx(dics_of(TOY, np.array([[*CELL, -40.0, -60.0]]), TOY.threshold_voltage + 5))


def test_the_steady_current_is_that_of_a_neuron_that_is_declared_so():
    for voltage in (-70.0, -45.0):
        assert steady_current(TOY, [*CELL, -40.0, -65.0], voltage) == pytest.approx(
            steady_current(declared_with(-40.0, -65.0), CELL, voltage)
        )


def test_the_equations_are_those_of_a_neuron_that_is_declared_so():
    other, cell = declared_with(-41.3, -64.0), [*CELL, -41.3, -64.0]
    assert initial_state(TOY, cell) == pytest.approx(initial_state(other))
    state = np.array(initial_state(other)) * 1.1
    assert slope(TOY, cell, state, 2.0) == pytest.approx(slope(other, CELL, state, 2.0))


@pytest.mark.parametrize(
    ("shifted", "rest"), [(-45.0, -60.0), (-41.37, -60.0), (-45.0, -52.0), (-49.0, -66.6)]
)
def test_the_simulator_solves_these_equations(shifted, rest):
    cell, other = np.array([*CELL, shifted, rest]), declared_with(shifted, rest)
    (times,) = simulate(TOY, cell[None], 60.0, currents=3.0, dt=0.02).spike_times
    assert len(times) > 3
    wanted, _ = solve_adaptively(TOY, cell, times[-1] + 1, current=3.0)
    assert times == pytest.approx(wanted[: len(times)], abs=0.02)
    (again,) = simulate(other, CELL[None], 60.0, currents=3.0, dt=0.02).spike_times
    assert again == pytest.approx(times, abs=2e-4)


def test_a_moved_start():
    """The potential starts where it is declared, the gates at rest there, as the cell's own gates are."""
    cells = np.array([[*CELL, shifted, -60.0] for shifted in (-45.0, -35.0, -55.0)])
    runs = simulate(TOY, cells, 2.0, dt=0.005, trace_step=0.5).traces
    for cell, trace in zip(cells, runs, strict=True):
        _, wanted = solve_adaptively(TOY, cell, 2.0, times=np.arange(0, 2.0, 0.5))
        assert trace == pytest.approx(wanted, abs=0.01)


def test_declared_values_change_nothing():
    runs = [simulate(TOY, table, 50.0, currents=3.0).spike_times[0]
            for table in (CELL[None], np.array([[*CELL, -45.0, -60.0]]))]  # fmt: skip
    assert len(runs[0]) > 3
    assert (runs[0] == runs[1]).all()


def test_runs_in_pieces_keep_what_is_each_cells_own():
    cells = np.array([[*CELL, -42.0, -58.0], [*CELL, -47.0, -62.0]])
    (whole, _) = simulate(TOY, cells, 60.0, currents=3.0).spike_times
    first = simulate(TOY, cells, 25.0, currents=3.0, keep_states=True)
    second = simulate(TOY, cells, 35.0, currents=3.0, states=first.states)
    assert np.append(first.spike_times[0], second.spike_times[0] + 25.0) == pytest.approx(whole, abs=1e-6)


def test_a_gate_of_several_time_constants_is_moved_whole():
    inward, *others = TOY.channels
    parts = ((0.6, constant(0.3)), (0.4, constant(0.6)))
    neuron = firing_toy(
        channels=(Channel("In", 55.0, (Gate("m", sigmoid(25, -6), parts), inward.gates[1])), *others)
    )
    cell = np.array([*CELL, -40.0, -60.0])
    (times,) = simulate(neuron, cell[None], 40.0, currents=5.0, dt=0.01).spike_times
    wanted, _ = solve_adaptively(neuron, cell, 40.0, current=5.0)
    assert len(times) > 1
    assert times == pytest.approx(wanted, abs=0.02)


def test_cells_are_compensated_with_their_own_parameters():
    cells = with_parameters(TOY, np.tile(CELL, (3, 1)))
    cells[:, 4] = -42.0, -45.0, -47.0
    targets = dics_of(TOY, cells) * [1.0, 1.0, 1.05]
    targets[:, TOY.training.target_rows[-1]] = np.nan
    moved, accepted = compensate(TOY, cells, targets)
    assert accepted.all()
    assert (moved[:, 4:] == cells[:, 4:]).all()
    assert dics_of(TOY, moved)[:, 1:] == pytest.approx(targets[:, 1:], abs=1e-3)


def test_calcium_gates_beside_moved_ones():
    """The factor of calcium of a channel that is not moved is what it was."""
    q = Gate("q", constant(1.0), constant(100.0), calcium=Hill(2.0, 2), calcium_lag=True)
    neuron = firing_toy(
        channels=(TOY.channels[0], TOY.channels[1], Channel("H", -20.0, (q,)), TOY.channels[3])
    )
    cell = np.array([*CELL, -42.0, -60.0])
    (times,) = simulate(neuron, cell[None], 40.0, currents=3.0, dt=0.02).spike_times
    assert times == pytest.approx(solve_adaptively(neuron, cell, 40.0, current=3.0)[0], abs=0.02)


def test_populations_hold_them_in_millivolts():
    cortical = get_neuron("cortical")
    row = dict(
        zip(cortical.column_names, [50, 5, 0.07, 0.02, 0.05, 0.05, 10, 0.1, 0.01, -58, -68], strict=True)
    )
    block = population_from_conductances({name: [value] for name, value in row.items()}, cortical)
    assert block.annotations["population_V_T"].dimensionality == pq.mV.dimensionality
    assert block.annotations["population_E_leak"].item() == -68
