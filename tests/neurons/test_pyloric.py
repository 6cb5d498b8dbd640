"""The pyloric neuron on recordings like those of real units, made from their figures alone."""

import neo
import numpy as np
import pytest
from support.real_recordings import real

from elephant_dic import get_neuron, read_spiketrains, reconstruct
from elephant_dic.neurons import dics_of, reference_population
from elephant_dic.neurons.dics import threshold_voltage
from elephant_dic.populations import provenance
from elephant_dic.simulation import simulate
from elephant_dic.training.sets import draw_cells

PYLORIC = get_neuron("pyloric")


def recording(burst_rate, n_spikes, intra_burst_rate, seed=0):
    """Periods with a CV of 10 %, n - 1, n or n + 1 spikes a burst, intervals within it with a CV of 20 %."""
    rng, bursts = np.random.default_rng(seed), []
    for onset in np.cumsum(1000 / burst_rate * np.exp(0.1 * rng.standard_normal(30))):
        n = int(n_spikes + rng.random()) + rng.integers(-1, 2)
        isis = 1000 / intra_burst_rate * np.exp(0.2 * rng.standard_normal(n - 1))
        bursts.append(onset + np.r_[0, np.cumsum(isis)])
    times = np.concatenate(bursts)
    return neo.SpikeTrain(times, units="ms", t_stop=times[-1] + 1)


@pytest.mark.filterwarnings("ignore:the train is unlike any")
@pytest.mark.parametrize(
    "figures",
    [
        (1.10, 8.1, 40.6),
        pytest.param((1.12, 7.9, 47.7), marks=pytest.mark.slow),
        pytest.param((1.66, 6.4, 43.6), marks=pytest.mark.slow),
        pytest.param((1.25, 11.9, 77.6), marks=pytest.mark.slow),
        pytest.param((1.15, 4.1, 19.4), marks=pytest.mark.slow),
        (1.92, 3.7, 29.0),
    ],
)
def test_recordings_like_those_of_real_units_are_reproduced(figures):
    block = reconstruct(recording(*figures), "pyloric", 5, tolerance=0.2, seed=1)
    assert provenance(block)["verdict"] == "verified"
    assert block.annotations["population_matches"].all()
    rates = block.annotations["population_burst_rate"].magnitude
    assert rates == pytest.approx([figures[0]] * 5, rel=0.3)


@pytest.mark.filterwarnings("ignore:the train is unlike any")
def test_a_slow_tonic_recording_is_reproduced():
    times = np.cumsum(1000 / 5.4 * np.exp(0.1 * np.random.default_rng(0).standard_normal(150)))
    train = neo.SpikeTrain(times, units="ms", t_stop=times[-1] + 1)
    # As a sample or, with some seeds, as examples.
    assert provenance(reconstruct(train, "pyloric", 5, tolerance=0.2, seed=1))["verdict"].startswith(
        "verified"
    )


@pytest.mark.filterwarnings("ignore:the train is unlike any")
def test_a_real_burster_is_reproduced():
    (train,) = read_spiketrains(real("spinal_06.Regular_Mixed_Burst.mat"))
    # As a sample or, with some seeds, as examples.
    assert provenance(reconstruct(train, "pyloric", 5, tolerance=0.2, seed=1))["verdict"].startswith(
        "verified"
    )


def test_dics_are_taken_where_the_cells_have_their_threshold():
    table = reference_population(PYLORIC, 300, np.random.default_rng(0))
    run = simulate(PYLORIC, table, 5000.0)
    fires = np.array([np.sum(times > 3000) > 2 for times in run.spike_times])
    found = np.nanmedian(threshold_voltage(PYLORIC, table[fires]))
    assert found == pytest.approx(PYLORIC.threshold_voltage, abs=0.6)  # one cell of 300 moves it by 0.04


def test_training_cells_are_the_reference_cells_of_the_box():
    table = draw_cells(PYLORIC, 500, np.random.default_rng(0))
    found = dics_of(PYLORIC, table)
    for column, name in ((1, "g_s"), (2, "g_u")):
        low, high = PYLORIC.training.targets[name]
        assert (low < found[:, column]).all()
        assert (found[:, column] < high).all()
    for name, (low, high) in PYLORIC.reference.ranges.items():
        values = table[:, PYLORIC.index(name)]
        assert low <= values.min() < values.max() <= high
        assert values.mean() == pytest.approx((low + high) / 2, rel=0.15)
    assert 0.002 <= table[:, PYLORIC.leak_index].min() < 0.004
