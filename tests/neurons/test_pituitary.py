"""The pituitary cell: hand-computed values, golden spikes (maxima by a swing of 2 mV), its DICs."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from elephant_dic.neurons import compensate, dics_of, reference_population, solve_adaptively, steady_current
from elephant_dic.neurons.kinetics import kinetics_at
from elephant_dic.neurons.model import Crossing, Swing
from elephant_dic.neurons.pituitary import NEURON
from elephant_dic.neurons.resting_calcium import calcium_at_rest
from elephant_dic.simulation import simulate
from elephant_dic.training import draw_cells
from elephant_dic.trains import firing_of

GOLDEN = json.loads((Path(__file__).parents[1] / "reference" / "spike_times_pituitary.json").read_text())[
    "cells"
]
CELLS = np.array([list(cell["conductances_mS_per_cm2"].values()) for cell in GOLDEN])
SPIKING, BURSTING = CELLS[:2]  # without and with BK


@pytest.fixture(scope="module")
def simulated():
    return simulate(NEURON, CELLS, 20000.0).spike_times


def test_golden_cells_are_in_the_order_of_the_declaration():
    assert all(tuple(cell["conductances_mS_per_cm2"]) == NEURON.conductance_names for cell in GOLDEN)


def test_gates():
    """Half open, and nine tenths where the exponent is the logarithm of 9; SK opens by calcium."""
    gates = {channel.name: channel.gates[0] for channel in NEURON.channels if channel.gates}
    for name, half, width in (("CaL", -20, 12), ("K", -5, 10), ("BK", -20, 2)):
        voltages = np.array([half, half + np.log(9) * width])
        assert gates[name].steady_state(voltages) == pytest.approx([0.5, 0.9])
    assert gates["SK"].calcium_factor(np.array([0.2, 0.4, 1.2])) == pytest.approx([0.2, 0.5, 0.9])
    assert gates["CaL"].time_constant is gates["SK"].time_constant is None
    assert [float(gates[name].time_constant(np.array(-50.0))) for name in ("K", "BK")] == [30, 5]


def test_calcium_at_rest():
    """At -20 mV half of CaL is open: 0.125 uM per uA/cm**2 of 0.2 * 0.5 * 80 = 8 uA/cm**2 is 1 uM."""
    calcium, _ = calcium_at_rest(NEURON, SPIKING[None], kinetics_at(NEURON, -20.0))
    assert calcium == pytest.approx([1.0])
    assert NEURON.calcium.time_constant == pytest.approx(833.33, abs=0.01)


def test_steady_current():
    """At -20 mV: CaL -8; K 0.3 * 55 / (1 + e**1.5); SK 0.2 * 55 / 1.16; BK 0.1 * 55 / 2; leak 0.02 * 30."""
    wanted = -8 + 16.5 / (1 + np.exp(1.5)) + 11 / 1.16 + 2.75 + 0.6
    assert steady_current(NEURON, BURSTING, -20.0) == pytest.approx(wanted)


def test_dics_where_one_channel_acts():
    """K counts as slow, its open fraction and the leak as fast; without CaL there is no calcium."""
    cell, opened = np.array([[0, 0.3, 0.2, 0, 0.02]]), 1 / (1 + np.exp(4.0))
    fast, slow = 15 * opened + 1, 15 * opened * (1 - opened) / 10 * 30
    assert dics_of(NEURON, cell) == pytest.approx(np.array([[fast, slow, 0]]))


@pytest.mark.parametrize("voltage", [-65.0, -45.0, -30.0, -20.0])
def test_rows_sum_to_the_slope_of_the_steady_current(voltage):
    for cell in reference_population(NEURON, 5, np.random.default_rng(0)):
        high, low = (steady_current(NEURON, cell, voltage + shift) for shift in (1e-3, -1e-3))
        assert dics_of(NEURON, cell[None], voltage).sum() == pytest.approx(
            (high - low) / 2e-3 / cell[4], rel=1e-5, abs=1e-5
        )


def test_spikes_of_the_simulator_are_the_golden_ones(simulated):
    """Golden maxima are those of the solver's own steps, of up to 0.5 ms."""
    for cell, times in zip(GOLDEN, simulated, strict=True):
        wanted = np.array(cell["spike_times_ms"])
        assert len(times) == len(wanted)
        assert np.all(np.abs(times - wanted) <= 0.5 + 0.002 * wanted)


def test_spikes_of_an_adaptive_solver_are_the_golden_ones():
    wanted = np.array(GOLDEN[1]["spike_times_ms"])[:6]
    spikes, _ = solve_adaptively(NEURON, BURSTING, wanted[-1] + 20)
    assert spikes == pytest.approx(wanted, abs=0.6)


def test_bk_makes_bursts_of_spikelets(simulated):
    """Three of them, 1.6 times a second; without BK single spikes."""
    spiking, bursting = (firing_of([times[times > 2000]]) for times in simulated[:2])
    assert spiking.activity == "tonic"
    assert spiking.rate == pytest.approx(3.06, abs=0.01)
    assert bursting.activity == "bursting"
    assert bursting.spikes_per_burst == pytest.approx(3)
    assert bursting.burst_rate == pytest.approx(1.61, abs=0.01)


def test_no_level_tells_the_spikelets_apart(simulated):
    assert NEURON.spike == Swing(2.0)
    for level in (-20.0, -30.0):
        by_level = replace(NEURON, spike=Crossing(level, rearm=level - 10))
        (times,) = simulate(by_level, BURSTING[None], 20000.0).spike_times
        assert len(times) < len(simulated[1]) / 2
        assert firing_of([times[times > 2000]]).activity != "bursting"


def test_cells_are_moved_by_potassium_channels():
    cells = reference_population(NEURON, 100, np.random.default_rng(0))
    moved, accepted = compensate(NEURON, cells, np.tile([-2.0, 0.8, np.nan], (100, 1)))
    assert accepted.mean() > 0.7
    reached = dics_of(NEURON, moved[accepted])[:, :2]
    assert reached == pytest.approx(np.tile([-2.0, 0.8], (len(reached), 1)), abs=1e-3)
    assert (moved[:, [0, 3, 4]] == cells[:, [0, 3, 4]]).all()


def test_cells_of_the_training_box_fire_as_the_docs_say():
    cells = draw_cells(NEURON, 200, np.random.default_rng(1))
    start, window = NEURON.training.transient, NEURON.training.window
    runs = simulate(NEURON, cells, start + window).spike_times
    kinds = [firing_of([times[times > start]]).activity for times in runs]
    assert kinds.count("silent") < 40
    assert kinds.count("tonic") > 60
    assert kinds.count("bursting") > 60
