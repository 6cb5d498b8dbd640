"""The current given during the sweeps of an NWB file: stimuli at their times, biases, what was measured."""

import h5py
import numpy as np
import pynwb
import pytest
from support.nwb_files import add_electrode, add_rows, new_nwb, response, stimulus, write_nwb
from support.vendor_files import RATE, SPIKES, SWEEPS, read_quietly, seconds

from elephant_dic import read_spiketrains
from elephant_dic.trains import Stimulus, stimulus_of

N = SWEEPS.shape[1]
T = np.arange(N) / RATE  # s, of a sweep
STEP = np.where((T >= 0.25) & (T < 0.75), 50.0, 0.0)  # pA
PART = {"starting_time": 10.25, "data": np.full(N // 2, 50.0)}  # of the sweep, which is from 10 to 11 s


@pytest.fixture
def path(tmp_path):
    return tmp_path / "patch.nwb"


def current_of(path, data=STEP, bias=None, **options):
    """The current that is told of one sweep, from 10 to 11 s, with a stimulus of such data in pA."""
    file = new_nwb()
    electrode, number = add_electrode(file), {"sweep_number": np.uint64(3)}
    extra = {} if bias is None else {"bias_current": bias * 1e-12}
    file.add_acquisition(response("v", electrode, SWEEPS[0], starting_time=10.0, **number, **extra))
    options = options if "timestamps" in options else {"starting_time": 10.0} | options
    file.add_stimulus(stimulus("i", electrode, data, **number, **options))
    write_nwb(path, file)
    (cell,) = read_quietly(path)
    return cell.annotations["injected_current"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "50 pA"),
        ({"bias": 0.0}, "50 pA"),
        ({"bias": -20.0}, "-20, 30, -20 pA"),
        ({"data": np.zeros(N)}, "0 pA"),
        ({"data": np.zeros(N), "bias": 15.0}, "15 pA"),
        ({"data": np.repeat(np.arange(5) * 20.0, N // 5)}, "20, 40, 60, 80 pA"),
        # other ways to write the same
        ({"data": STEP / 0.125, "conversion": 0.125e-12}, "50 pA"),
        ({"data": STEP - 8, "offset": 8e-12}, "50 pA"),
        ({"data": STEP[::20], "rate": RATE / 20}, "50 pA"),
        ({"timestamps": 10 + T}, "50 pA"),
        ({"timestamps": [10.0, 10.25, 10.75, 11.0], "data": [0.0, 50.0, 0.0, 0.0]}, "50 pA"),
        ({"data": np.append(STEP, np.zeros(N))}, "50 pA"),  # goes on after the response
        ({"data": np.append(np.zeros(N), STEP), "starting_time": 9.0}, "50 pA"),  # begins before it
        ({"data": STEP[:-10]}, "50 pA"),  # a few samples short
        # the sweep is longer than its stimulus
        ({**PART, "bias": 0.0}, "50 pA"),
        ({**PART, "bias": -20.0}, "-20, 30, -20 pA"),
        (PART, "50 pA in 0.5 of 1 s, unknown in the rest"),
        ({**PART, "data": np.zeros(N // 2)}, "unknown"),
        ({**PART, "data": np.zeros(N // 2), "bias": 0.0}, "0 pA"),
        ({"data": np.where(T < 0.75, STEP, np.nan), "bias": 0.0}, "50 pA"),
        ({"data": np.where(T < 0.75, STEP, np.nan)}, "50 pA in 0.75 of 1 s, unknown in the rest"),
        ({"starting_time": 100.0}, "unknown"),  # at another time altogether
        ({"starting_time": 100.0, "bias": 5.0}, "unknown"),
        # ramps, and what is neither level nor ramp
        ({"data": 200 * T}, "ramp 0 to 200 pA"),
        ({"data": 200 * T, "bias": -50.0}, "ramp -50 to 150 pA"),
        ({"data": np.round(50 * T)}, "ramp 0 to 50 pA"),  # in steps of 20 ms
        ({"data": np.interp(T, [0, 0.2, 0.6, 0.8], [0, 0, 100, 100])}, "ramp 0 to 100 pA"),
        ({"data": np.interp(T, [0.2, 0.6, 0.6001], [0, 100, 0])}, "ramp 0 to 100, ramp 100 to 0 pA"),
        ({"data": np.interp(T, [0.2, 0.5, 0.8], [0, -100, 0])}, "ramp 0 to -100, ramp -100 to 0 pA"),
        ({"data": np.interp(T, [0.2, 0.2001, 0.4, 0.8], [0, -50, -50, 100])}, None),
        ({"data": 100 * np.sin(20 * T)}, "-100 to 100 pA"),
        ({"data": np.where(20 * T % 1 < 0.04, 500.0, 0.0)}, "0 to 500 pA"),  # 20 pulses of 2 ms
        # what cannot be used
        ({"data": np.full(N, np.nan)}, "unknown"),
        ({"data": np.zeros(N), "conversion": np.nan}, "unknown"),
    ],
)
def test_currents(path, options, told):
    found = current_of(path, **options)
    if told is None:  # a step, a level and a ramp
        assert found.startswith("ramp 0 to -50")
        assert found.endswith("ramp -50 to 100 pA")
    else:
        assert found == told


def test_a_stimulus_in_another_unit_is_not_known(path):
    file = new_nwb()
    electrode, number = add_electrode(file), {"sweep_number": np.uint64(0)}
    file.add_acquisition(response("v", electrode, SWEEPS[0], **number))
    file.add_stimulus(stimulus("i", electrode, STEP, **number))
    write_nwb(path, file)
    with h5py.File(path, "r+") as file:
        file["stimulus/presentation/i/data"].attrs["unit"] = "volts"
    assert read_quietly(path)[0].annotations["injected_current"] == "unknown"


def test_stimuli_are_found_by_their_times_where_nothing_names_them(path):
    file = new_nwb()
    electrode, other = add_electrode(file), add_electrode(file, "other")
    for k in range(2):
        file.add_acquisition(response(f"response {k}", electrode, SWEEPS[k], starting_time=2.0 * k))
        file.add_stimulus(stimulus(f"step {k}", electrode, (k + 1) * STEP, starting_time=2.0 * k))
        file.add_stimulus(stimulus(f"elsewhere {k}", other, 7 * STEP, starting_time=2.0 * k))
    write_nwb(path, file)
    (group,) = read_quietly(path)
    assert [train.annotations["injected_current"] for train in group.spiketrains] == ["50 pA", "100 pA"]


def test_several_stimuli_at_one_time_are_not_guessed_from(path):
    file = new_nwb()
    electrode = add_electrode(file)
    for k in range(2):
        file.add_acquisition(response(f"response {k}", electrode, SWEEPS[k]))
        file.add_stimulus(stimulus(f"step {k}", electrode, (k + 1) * STEP))
    write_nwb(path, file)
    assert [cell.annotations["injected_current"] for cell in read_quietly(path)] == ["unknown", "unknown"]


def test_rows_of_the_table_are_ranges_of_one_series_and_of_its_stimulus(path):
    file = new_nwb()
    electrode, given = add_electrode(file), np.concatenate([STEP, 2 * STEP, STEP])
    series = response("v", electrode, SWEEPS.ravel()), stimulus("i", electrode, given)
    add_rows(file, electrode, *series, N)
    write_nwb(path, file)
    with pytest.warns(UserWarning, match=r"stimulated \(50 pA . 100 pA\): .* steps from 50 to 100 pA; "):
        (group,) = read_spiketrains(path)
    assert [train.annotations["sweep"] for train in group.spiketrains] == [0, 1, 2]
    for k, train in enumerate(group.spiketrains):
        assert (float(train.t_start), float(train.t_stop)) == (k, k + 1)
        assert seconds(train) == pytest.approx(np.add(SPIKES[k], k), abs=1e-3)
        step = 1e3 * k + 250, 1e3 * k + 750, (50.0, 100.0, 50.0)[k]
        assert stimulus_of(train).is_like(Stimulus.steps(0.0, step))
    assert group.spiketrains[1].annotations["injected_current"] == "100 pA"


def test_a_range_that_is_there_twice_is_read_once(path):
    file = new_nwb()
    electrode = add_electrode(file)
    series = response("v", electrode, SWEEPS.ravel())
    for first, count in ((0, N), (N, N), (N // 2, N)):  # the last has a half of each of the others
        where = {"response_start_index": first, "response_index_count": count}
        file.add_intracellular_recording(electrode=electrode, response=series, **where)
    write_nwb(path, file)
    with pytest.warns(
        UserWarning, match=r"/acquisition/v\[10000:30000\] is left out: another row of the table"
    ):
        cells = read_spiketrains(path)
    assert [len(cell) for cell in cells] == [3, 2]  # entries, as no stimulus is known


def test_sweeps_without_a_stimulus_are_not_pooled(path):
    file = new_nwb()
    electrode = add_electrode(file)
    for k, sweep in enumerate(SWEEPS):
        file.add_acquisition(response(f"v{k}", electrode, sweep, starting_time=2.0 * k))
    write_nwb(path, file)
    with pytest.warns(
        UserWarning, match="not tell what current was injected; the sweeps are read as 3 entries"
    ):
        cells = read_spiketrains(path)
    assert [cell.annotations["injected_current"] for cell in cells] == ["unknown"] * 3


def test_one_sweep_without_a_stimulus_is_unknown_among_others(path):
    file = new_nwb()
    electrode = add_electrode(file)
    for k, sweep in enumerate(SWEEPS):
        common = {"starting_time": 2.0 * k, "sweep_number": np.uint64(k)}
        file.add_acquisition(response(f"v{k}", electrode, sweep, **common))
        if k != 1:
            file.add_stimulus(stimulus(f"i{k}", electrode, STEP, **common))
    write_nwb(path, file)
    group, single = read_quietly(path)
    assert len(group.spiketrains) == 2
    assert (len(single), single.annotations["injected_current"]) == (2, "unknown")
    with h5py.File(path, "r+") as file:
        del file["acquisition/v1/data"]
    with pytest.warns(UserWarning, match="/acquisition/v1 is left out: it has no data"):
        read_spiketrains(path)


def test_sweeps_whose_current_is_known_in_part_are_not_pooled(path):
    file = new_nwb()
    electrode = add_electrode(file)
    for k, sweep in enumerate(SWEEPS[:2]):
        common = {"sweep_number": np.uint64(k)}
        file.add_acquisition(response(f"v{k}", electrode, sweep, starting_time=2.0 * k, **common))
        file.add_stimulus(stimulus(f"i{k}", electrode, STEP[N // 2 :], starting_time=2.0 * k + 0.5, **common))
    write_nwb(path, file)
    cells = read_quietly(path)
    assert [len(cell) for cell in cells] == [3, 2]
    told = {cell.annotations["injected_current"] for cell in cells}
    assert told == {"50 pA in 0.5 of 1 s, unknown in the rest"}


def test_a_sweep_that_was_stopped_early_is_like_the_others(path):
    file = new_nwb()
    electrode = add_electrode(file)
    for k in range(3):
        potential, given = SWEEPS[0].copy(), STEP.copy()
        if k == 2:
            potential[16_000:] = given[16_000:] = np.nan
        common = {"starting_time": 2.0 * k, "sweep_number": np.uint64(k)}
        file.add_acquisition(response(f"v{k}", electrode, potential, **common))
        file.add_stimulus(stimulus(f"i{k}", electrode, given, **common))
    write_nwb(path, file)
    with pytest.warns(UserWarning, match="sweep 2: 4000 samples at its start or end"):
        (group,) = read_spiketrains(path)
    assert [len(train) for train in group.spiketrains] == [3, 3, 3]
    assert float(group.spiketrains[2].t_stop) == pytest.approx(4.8)


@pytest.mark.parametrize("named", [True, False])
def test_a_current_that_was_recorded(path, named):
    """In a series of the electrode, or one beside it that begins and ends with the potential."""
    file, noise = new_nwb(), np.random.default_rng(0).normal(0, 0.2, N)
    electrode = add_electrode(file)
    for k, level in enumerate((0.0, 1.0)):
        start = {"starting_time": 2.0 * k}
        file.add_acquisition(response(f"v{k}", electrode, SWEEPS[0], **start))
        values = (level * STEP + noise) * 1e-12
        if named:
            series = pynwb.icephys.PatchClampSeries(
                name=f"i{k}", data=values, unit="amperes", electrode=electrode, gain=1.0, rate=RATE, **start
            )
        else:
            series = pynwb.TimeSeries(name=f"i{k}", data=values, unit="A", rate=RATE, **start)
        file.add_acquisition(series)
    write_nwb(path, file)
    (group,) = read_quietly(path)
    rest, driven = group.spiketrains
    assert rest.annotations["injected_current"] == "0 pA"
    assert driven.annotations["injected_current"] == "0 to 50 pA, measured in i0"
    assert stimulus_of(rest).is_like(Stimulus([0.0], [0.0]))
    assert stimulus_of(driven).times == pytest.approx([2250, 2250, 2750, 2750], abs=0.06)
    assert stimulus_of(driven).currents == pytest.approx([0, 50, 50, 0], abs=0.1)


def test_a_recorded_current_of_other_times_is_not_taken(path):
    file = new_nwb()
    electrode = add_electrode(file)
    file.add_acquisition(response("v", electrode, SWEEPS[0]))
    file.add_acquisition(pynwb.TimeSeries(name="i", data=STEP, unit="A", rate=RATE, starting_time=50.0))
    write_nwb(path, file)
    assert "injected_current" not in read_quietly(path)[0].annotations
