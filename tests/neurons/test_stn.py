"""The neuron of the subthalamic nucleus against values worked out by hand, and golden spike times."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from elephant_dic.neurons import dics_of, reference_population, solve_adaptively, steady_current
from elephant_dic.neurons.dics import threshold_voltage
from elephant_dic.neurons.kinetics import kinetics_of
from elephant_dic.neurons.model import Nernst
from elephant_dic.neurons.resting_calcium import calcium_at_rest
from elephant_dic.neurons.stn import NEURON
from elephant_dic.simulation import simulate
from elephant_dic.trains import firing_of

NOMINAL = np.array([49, 57, 5, 15, 5, 1, 0.35])
REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "spike_times_stn.json").read_text(encoding="utf-8")
)
GOLDEN = REFERENCE["cells"]
#: The neuron with the reference timescale of the activation of Na, with which the rows below were made.
BY_ACTIVATION = replace(
    NEURON, timescales=(NEURON.channels[0].gates[0].time_constant, *NEURON.timescales[1:])
)
#: Steady state and time constant (ms) of each gate at -56 and -50 mV.
KINETICS = {
    ("Na", "m"): ((0.119203, 3.15927), (0.222700, 0.240731)),
    ("Na", "h"): ((0.837620, 11.5277), (0.668880, 12.25)),
    ("Kd", "n"): ((0.255132, 5.37254), (0.344601, 5.49944)),
    ("CaT", "p"): ((0.5, 8.24805), (0.710028, 7.50989)),
    ("CaT", "q"): ((0.00669285, 188.208), (0.00238901, 200.0)),
    ("CaL", "c"): ((0.00618146, 50.7924), (0.0202330, 52.5951)),
    ("CaL", "d1"): ((0.369740, 478.201), (0.208609, 500.098)),
    ("CaL", "d2"): ((1.0, 130.0), (1.0, 130.0)),
    ("A", "a"): ((0.321192, 2.0), (0.415776, 2.0)),
    ("A", "b"): ((0.0106306, 32.8102), (0.00480475, 48.6157)),
    ("KCa", "r"): ((1.0, 2.0), (1.0, 2.0)),
}
#: Steady current (uA/cm**2) and calcium at rest (uM) of the nominal cell.
AT_REST = {-56: (0.24168525, 0.004985861), -50: (-5.1120055, 0.004170223)}
#: Fast, slow and ultraslow DIC of the nominal cell, by the activation of Na.
ROWS = {
    -70: (1.08699, -0.48138, 0.24146),
    -56: (-5.6038, 4.87615, 0.70686),
    -50: (-28.75709, 21.70171, 1.43984),
}
#: What each channel of the nominal cell adds to them at -56 mV; the two that carry calcium move each other.
COLUMNS = {
    "Na": (-7.41166, 0.48516, 0.09943),
    "Kd": (0.69002, 4.99291, 0.0),
    "A": (0.06486, -0.04194, -0.02833),
    "KCa": (0.03398, 0.0, 0.0),
    "leak": (1.0, 0.0, 0.0),
}


def gate(channel, name):
    (found,) = (each for each in NEURON.channels[NEURON.index(channel)].gates if each.name == name)
    return found


def cell(golden):
    return np.array([golden["conductances_mS_per_cm2"][name] for name in NEURON.conductance_names])


def spikes(neuron, golden):
    (times,) = simulate(neuron, cell(golden)[None], golden["duration_ms"]).spike_times
    return times[times >= golden["discard_ms"]], np.array(golden["spike_times_ms"])


@pytest.mark.parametrize(("channel", "name"), KINETICS)
def test_gates(channel, name):
    each = gate(channel, name)
    for voltage, (steady, tau) in zip((-56.0, -50.0), KINETICS[channel, name], strict=True):
        assert each.steady_state(voltage) == pytest.approx(steady, rel=5e-6)
        assert each.time_constant(voltage) == pytest.approx(tau, rel=5e-6)


def test_what_calcium_does_to_gates():
    assert gate("CaL", "d2").calcium_factor(0.005) == pytest.approx(0.9914225, rel=1e-7)
    assert gate("KCa", "r").calcium_factor(0.005) == pytest.approx(0.1127954, rel=1e-6)
    assert gate("KCa", "r").calcium_factor(0.0) == pytest.approx(0.107, abs=5e-4)  # never closed
    assert gate("CaL", "d2").calcium_factor(0.1) == gate("KCa", "r").calcium_factor(0.17) == 0.5


def test_calcium_of_one_uA_per_cm2_and_its_removal():
    assert NEURON.calcium.influx == pytest.approx(5.182136e-3, rel=1e-6)
    assert NEURON.calcium.removal(0.5) == pytest.approx(1.0)  # 2 / ms


@pytest.mark.parametrize("voltage", AT_REST)
def test_the_nominal_cell_at_rest(voltage):
    current, calcium = AT_REST[voltage]
    assert steady_current(NEURON, NOMINAL, float(voltage)) == pytest.approx(current, rel=1e-6)
    found, _ = calcium_at_rest(NEURON, NOMINAL[None], kinetics_of(NEURON, float(voltage)))
    assert found == pytest.approx([calcium], rel=1e-6)


@pytest.mark.parametrize("voltage", ROWS)
def test_dics_of_the_nominal_cell(voltage):
    (rows,) = dics_of(BY_ACTIVATION, NOMINAL[None], float(voltage))
    assert rows == pytest.approx(ROWS[voltage], abs=6e-6)
    step = 1e-4
    high, low = (steady_current(NEURON, NOMINAL, voltage + shift) for shift in (step, -step))
    slope = (high - low) / (2 * step) / 0.35
    assert rows.sum() == pytest.approx(slope, rel=1e-5)
    assert dics_of(NEURON, NOMINAL[None], float(voltage)).sum() == pytest.approx(slope, rel=1e-5)


@pytest.mark.parametrize("channel", COLUMNS)
def test_what_a_channel_adds_to_the_dics(channel):
    half, factor = NOMINAL.copy(), 0.5 if channel == "leak" else 1.0
    half[NEURON.index(channel)] /= 2
    added = dics_of(BY_ACTIVATION, NOMINAL[None], -56.0) - factor * dics_of(BY_ACTIVATION, half[None], -56.0)
    assert 2 * added[0] == pytest.approx(COLUMNS[channel], abs=1e-5)


def test_the_total_dic_turns_negative_at_the_threshold_of_the_nominal_cell():
    assert threshold_voltage(NEURON, NOMINAL[None]) == pytest.approx([-56.04], abs=0.005)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["label"])
def test_golden_spike_times(golden):
    times, wanted = spikes(NEURON, golden)
    assert len(times) == len(wanted)
    assert np.max(np.abs(times / wanted - 1)) < 0.0025


def test_golden_spike_times_with_other_calcium():
    (golden,) = REFERENCE["other_calcium"]
    warmer = Nernst(scale=13.3186, outside=2000.0)
    channels = tuple(replace(c, reversal=warmer) if c.has_moving_reversal else c for c in NEURON.channels)
    calcium = replace(NEURON.calcium, per_current=0.5 * 5.02613e-3)
    times, wanted = spikes(replace(NEURON, channels=channels, calcium=calcium), golden)
    assert len(times) == len(wanted)
    assert np.max(np.abs(times / wanted - 1)) < 0.0025


@pytest.mark.parametrize("index", [0, 2])
def test_golden_spike_times_by_an_adaptive_solver(index):
    wanted = GOLDEN[index]["spike_times_ms"][:2]
    times, _ = solve_adaptively(NEURON, cell(GOLDEN[index]), wanted[-1] + 1.0)
    assert times[times >= 2000] == pytest.approx(wanted, abs=0.02)


def test_golden_cells_fire_in_the_ways_that_the_neuron_has():
    kinds = [firing_of([np.array(golden["spike_times_ms"])]) for golden in GOLDEN]
    assert [firing.activity for firing in kinds] == ["tonic", "tonic", "bursting", "bursting"]
    assert [round(firing.spikes_per_burst) for firing in kinds[2:]] == [3, 13]


def test_reference_cells_are_tonic_and_bursting():
    table = reference_population(NEURON, 120, np.random.default_rng(0))
    start = NEURON.training.transient
    trains = simulate(NEURON, table, start + 2000.0).spike_times
    kinds = Counter(firing_of([times[times >= start]]).activity for times in trains)
    assert kinds["tonic"] > 55
    assert kinds["bursting"] > 15
    assert kinds["silent"] < 35
