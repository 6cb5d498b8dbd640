"""The pre-Bötzinger pacemaker: hand-computed values, golden spike times, its DICs."""

import json
from pathlib import Path

import numpy as np
import pytest

from elephant_dic.neurons import compensate, dics_of, reference_population, solve_adaptively, steady_current
from elephant_dic.neurons.prebotc import NEURON
from elephant_dic.simulation import simulate
from elephant_dic.training import draw_cells
from elephant_dic.trains import firing_of

GOLDEN = json.loads((Path(__file__).parents[1] / "reference" / "spike_times_prebotc.json").read_text())
CELLS = np.array([list(cell["conductances_mS_per_cm2"].values()) for cell in GOLDEN["cells"]])
CURRENTS = np.array([cell["current_uA_per_cm2"] for cell in GOLDEN["cells"]])
TRAINS = [np.array(cell["spike_times_ms"]) for cell in GOLDEN["cells"]]
DURATION = GOLDEN["cells"][0]["duration_ms"]
GATES = {(channel.name, gate.name): gate for channel in NEURON.channels for gate in channel.gates}


@pytest.fixture(scope="module")
def simulated():
    return simulate(NEURON, CELLS, DURATION, currents=CURRENTS).spike_times


def test_golden_cells_are_in_the_order_of_the_declaration():
    assert all(tuple(c["conductances_mS_per_cm2"]) == NEURON.conductance_names for c in GOLDEN["cells"])


@pytest.mark.parametrize(
    ("gate", "half", "tenfold"),
    [(("Na", "m"), -34, 5), (("Na", "h"), -29, -4), (("K", "n"), -29, 4), (("NaP", "m"), -40, 6),
     (("NaP", "h"), -48, -6)],
)  # fmt: skip
def test_gates_are_half_open_where_they_should_be(gate, half, tenfold):
    """And nine tenths where their exponent is the logarithm of 9."""
    voltages = np.array([half, half + np.log(9) * tenfold])
    assert GATES[gate].steady_state(voltages) == pytest.approx([0.5, 0.9])


def test_inactivation_of_sodium_is_one_minus_the_activation_of_potassium():
    h, n, voltages = GATES["Na", "h"], GATES["K", "n"], np.linspace(-90, 60, 31)
    assert h.steady_state(voltages) == pytest.approx(1 - n.steady_state(voltages))
    assert h.time_constant is n.time_constant


def test_time_constants():
    """Largest in the middle; cosh(1) = 1.5430806 one width away."""
    tau_n, tau_h = GATES["K", "n"].time_constant, GATES["NaP", "h"].time_constant
    assert tau_n(np.array([-29.0, -21.0])) == pytest.approx([10, 10 / 1.5430806])
    assert tau_h(np.array([-48.0, -60.0])) == pytest.approx([10_000, 10_000 / 1.5430806])


@pytest.mark.parametrize(
    ("voltage", "columns"),
    [
        (-44.5, [[-0.06298613, 1.709034e-7, -1.114263], [6.110469e-4, 6.780854e-6, 0], [0, 0, 1.161584]]),
        (-50.0, [[-3.385679e-3, 7.425468e-10, -1.204926], [7.799493e-6, 2.585347e-8, 0], [0, 0, 0.6439022]]),
    ],
)
def test_columns_of_the_sensitivities(voltage, columns):
    """Of each channel beside as much leak, which adds one to the fast DIC."""
    alone = np.eye(4)
    alone[:, 3] = 1
    parts = dics_of(NEURON, alone, voltage).T
    assert parts[:, 3] == pytest.approx([1, 0, 0])
    assert parts[:, :3] - [[1], [0], [0]] == pytest.approx(np.array(columns), rel=1e-6, abs=1e-12)


def test_steady_current_is_that_of_persistent_sodium_and_leak_at_rest():
    """At -60 mV, by hand: m = 1 / (1 + e^(20/6)), h = 1 / (1 + e^-2); the leak reverses there."""
    by_hand = 0.13333333 * 0.0344452 * 0.8807971 * -110
    assert steady_current(NEURON, [0, 0, 0.13333333, 0.13333333], -60.0) == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize("voltage", [-65.0, -50.0, -44.5, -20.0])
def test_rows_sum_to_the_slope_of_the_steady_current(voltage):
    for cell in reference_population(NEURON, 5, np.random.default_rng(0)):
        high, low = (steady_current(NEURON, cell, voltage + shift) for shift in (1e-3, -1e-3))
        slope = (high - low) / 2e-3 / cell[3]
        assert dics_of(NEURON, cell[None], voltage).sum() == pytest.approx(slope, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("cell", range(len(CELLS)))
def test_spikes_of_the_simulator_are_the_golden_ones(cell, simulated):
    times, wanted = simulated[cell], TRAINS[cell]
    assert len(times) == len(wanted)
    assert times == pytest.approx(wanted, rel=3e-3)


def test_spikes_of_an_adaptive_solver_are_the_golden_ones():
    spikes, _ = solve_adaptively(NEURON, CELLS[1], 90.0, current=CURRENTS[1])
    assert spikes == pytest.approx(TRAINS[1][: len(spikes)], abs=0.01)
    assert len(spikes) == np.count_nonzero(TRAINS[1] < 90)


def test_more_current_turns_silence_into_bursts_and_bursts_into_tonic_firing(simulated):
    """The leak at -65, -60, -57.5 and -54 mV, as currents."""
    found = [firing_of([simulated[i][simulated[i] > 8000]]) for i in (3, 0, 1, 2)]
    assert [each.activity for each in found] == ["silent", "bursting", "bursting", "tonic"]
    assert [each.burst_rate for each in found[1:3]] == pytest.approx([0.146, 0.639], rel=0.01)
    assert found[1].spikes_per_burst == pytest.approx(26, abs=1)
    assert found[1].burst_duration == pytest.approx(644, rel=0.02)
    assert found[3].rate == pytest.approx(9.47, rel=0.01)


def test_no_spike_would_be_found_at_the_usual_level():
    run = simulate(NEURON, CELLS[:1], 2000.0, trace_start=0.0, trace_step=0.05)
    assert 5 < run.traces.max() < 10


def test_cells_of_the_training_box_fire_as_the_docs_say():
    cells = draw_cells(NEURON, 96, np.random.default_rng(1))
    start, end = NEURON.training.transient, NEURON.training.transient + NEURON.training.window
    kinds = [firing_of([t[t > start]]).activity for t in simulate(NEURON, cells, end).spike_times]
    assert np.mean([kind == "silent" for kind in kinds]) < 0.25
    assert min(kinds.count("tonic"), kinds.count("bursting")) > 0.2 * len(cells)


def test_cells_are_moved_to_the_fast_and_ultraslow_dics_of_others():
    cells = draw_cells(NEURON, 50, np.random.default_rng(2))
    targets = dics_of(NEURON, cells[::-1])
    targets[:, 1] = np.nan
    moved, accepted = compensate(NEURON, cells, targets)
    assert accepted.mean() > 0.9
    assert dics_of(NEURON, moved[accepted])[:, [0, 2]] == pytest.approx(
        targets[accepted][:, [0, 2]], abs=1e-3
    )
    unmoved = [NEURON.index("K"), NEURON.leak_index]
    assert np.array_equal(moved[:, unmoved], cells[:, unmoved])
