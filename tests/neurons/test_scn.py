"""The clock neuron of the suprachiasmatic nucleus: hand-computed values, golden spike times, its DICs."""

import json
from pathlib import Path

import numpy as np
import pytest

from elephant_dic.neurons import dics_of, reference_population, solve_adaptively, steady_current
from elephant_dic.neurons.scn import NEURON
from elephant_dic.simulation import simulate
from elephant_dic.training import draw_cells
from elephant_dic.trains import firing_of

GOLDEN = json.loads((Path(__file__).parents[1] / "reference" / "spike_times_scn.json").read_text())["cells"]
CELLS = np.array([list(cell["conductances_mS_per_cm2"].values()) for cell in GOLDEN])
NOMINAL, DAY = CELLS[1], CELLS[3]
GATES = {(channel.name, gate.name): gate for channel in NEURON.channels for gate in channel.gates}


def test_golden_cells_are_in_the_order_of_the_declaration():
    assert all(tuple(cell["conductances_mS_per_cm2"]) == NEURON.conductance_names for cell in GOLDEN)


@pytest.mark.parametrize(
    ("gate", "voltage", "steady", "time_constant"),
    [
        (("Na", "m"), -60, 0.0180629, None),
        (("Na", "h"), -60, 0.917668, 12.5887),
        (("K", "n"), -60, 6.40855e-5, 7.55303),
        (("Ca", "m"), -60, 0.310026, 0.367684),
        (("Ca", "h"), -60, 0.999856, 284.771),
        (("Na", "m"), -38, 0.182414, None),
        (("Na", "h"), -38, 0.268600, 68.3410),
        (("K", "n"), -38, 0.00338756, 15.6944),
        (("Ca", "m"), -38, 0.519989, 3.27905),
        (("Ca", "h"), -38, 0.985850, 306.677),
        (("Na", "h"), 0, 0.0010102, 5.91541),
        (("K", "n"), 0, 0.763994, 7.11832),
        (("Ca", "h"), 0, 0.023927, 405.371),
    ],
)
def test_gates(gate, voltage, steady, time_constant):
    voltage, gate = np.array(float(voltage)), GATES[gate]
    assert gate.steady_state(voltage) == pytest.approx(steady, rel=1e-4)
    if time_constant is None:
        assert gate.time_constant is None
    else:
        assert gate.time_constant(voltage) == pytest.approx(time_constant, rel=1e-5)


@pytest.mark.parametrize(("voltage", "current"), [(-60, -1.9090161), (-38, -0.015660341), (0, 232.05346)])
def test_steady_current_of_the_nominal_cell(voltage, current):
    # Its conductances are given to nine digits, and at -38 mV the current is a small difference.
    assert steady_current(NEURON, NOMINAL, voltage) == pytest.approx(current, rel=1e-5, abs=1e-6)


def test_dics_of_the_nominal_cell():
    assert dics_of(NEURON, NOMINAL[None])[0] == pytest.approx([0.382952, -0.374370, 0.251841], abs=2e-6)


def test_columns_of_the_sensitivities():
    """Of the nominal cell, what each channel adds to the three DICs; K is closed at -38 mV."""
    alone = np.diag(NOMINAL)
    alone[:, 4] = NOMINAL[4]
    parts = dics_of(NEURON, alone)
    parts[:4, 0] -= 1  # the leak's
    wanted = [[-0.409305, 0.088203, 0.086435], [0, 0, 0], [-0.264857, -0.462573, 0.165405], [0.057114, 0, 0]]
    assert parts == pytest.approx(np.array([*wanted, [1, 0, 0]]), abs=2e-6)


@pytest.mark.parametrize("voltage", [-70.0, -50.0, -38.0, -20.0])
def test_rows_sum_to_the_slope_of_the_steady_current(voltage):
    for cell in reference_population(NEURON, 5, np.random.default_rng(0)):
        high, low = (steady_current(NEURON, cell, voltage + shift) for shift in (1e-3, -1e-3))
        assert dics_of(NEURON, cell[None], voltage).sum() == pytest.approx(
            (high - low) / 2e-3 / cell[4], rel=1e-5, abs=1e-6
        )


def test_spikes_of_the_simulator_are_the_golden_ones():
    runs = simulate(NEURON, CELLS, 8000.0)
    for cell, times in zip(GOLDEN, runs.spike_times, strict=True):
        wanted = np.array(cell["spike_times_ms"])
        assert times[times >= cell["discard_ms"]] == pytest.approx(wanted, rel=2e-3)


def test_spikes_of_an_adaptive_solver_are_the_golden_ones():
    wanted = np.array(GOLDEN[3]["spike_times_ms"])[:3]
    spikes, _ = solve_adaptively(NEURON, DAY, wanted[-1] + 1)
    assert spikes[-3:] == pytest.approx(wanted, abs=0.01)


def test_spikes_that_stay_below_zero_are_counted():
    run = simulate(NEURON, DAY[None], 5000.0, trace_start=3000.0, trace_step=0.1)
    assert run.traces.max() == pytest.approx(-0.68, abs=0.05)
    assert np.count_nonzero(run.spike_times[0] > 3000) == 23


def test_at_night_the_base_cell_is_silent_and_by_day_it_fires_faster():
    """The factor that divides the leak of sodium and multiplies that of potassium."""
    factors = np.array([0.9, 0.95, 1.0, 1.05])
    cells = np.tile(NOMINAL, (4, 1))
    cells[:, NEURON.index("LNa")] /= factors
    cells[:, NEURON.index("LK")] *= factors
    fires = [firing_of([times[times > 4000]]) for times in simulate(NEURON, cells, 9000.0).spike_times]
    assert [each.rate for each in fires[:3]] == pytest.approx([11.44, 9.68, 3.573], rel=2e-3)
    assert fires[3].activity == "silent"


def test_cells_of_the_training_box_fire_as_the_docs_say():
    cells = draw_cells(NEURON, 200, np.random.default_rng(1))
    run = simulate(NEURON, cells, 9000.0)
    kinds = [firing_of([times[times > 4000]]).activity for times in run.spike_times]
    assert 0.35 < np.mean([kind != "silent" for kind in kinds]) < 0.65
    assert kinds.count("tonic") > 0.75 * (200 - kinds.count("silent"))
