"""Spike trains of other tools: what they become, with the real packages where they are installed."""

import neo
import numpy as np
import pytest
import quantities as pq

from elephant_dic import infer_dics, infer_dics_many, to_spiketrains
from elephant_dic.trains import assess_quality, cells_of, clean, sweeps_of
from elephant_dic.trains.other_tools import _unit

TIMES = np.arange(0.5, 10, 0.125)  # s, exact in binary
TRAIN = neo.SpikeTrain(TIMES, units="s", t_stop=10)
NO_STOP = pytest.mark.filterwarnings("ignore:.*its t_stop is its last spike:UserWarning")


def limits(train):
    return train.t_start.rescale("s").item(), train.t_stop.rescale("s").item()


# Plain times


@pytest.mark.parametrize("times", [TIMES, list(TIMES), tuple(TIMES), TIMES * 1000])
def test_plain_numbers_with_a_unit(times):
    units = "ms" if np.max(times) > 100 else "s"
    (train,) = to_spiketrains(times, units=units, t_stop=10 * pq.s)
    np.testing.assert_array_equal(train.rescale("s").magnitude, TIMES)
    assert limits(train) == (0, 10)
    assert infer_dics(train) == infer_dics(TRAIN)


def test_a_series_of_pandas_is_the_times_of_a_cell():
    pandas = pytest.importorskip("pandas")
    (train,) = to_spiketrains(pandas.Series(TIMES, index=TIMES + 3), units="s", t_stop=10 * pq.s)
    np.testing.assert_array_equal(train.magnitude, TIMES)


def test_several_cells_have_one_end_and_their_names():
    cells = {"A": TIMES, "silent": [], 7: TIMES[:5]}
    said = r"its t_stop is its last spike, at 9.875 s: plain times do not .* to_spiketrains with t_stop="
    with pytest.warns(UserWarning, match=said):
        found = to_spiketrains(cells, units="s")
    assert [train.name for train in found] == ["A", "silent", "7"]
    assert [len(train) for train in found] == [len(TIMES), 0, 5]
    assert {limits(train) for train in found} == {(0, 9.875)}
    unnamed = to_spiketrains([TIMES, TIMES[:5]], units="s", t_stop=10 * pq.s)
    assert [train.name for train in unnamed] == [None, None]


@NO_STOP
def test_quantities_are_taken_as_they_are():
    estimate = infer_dics((TIMES * 1000) * pq.ms)
    same = neo.SpikeTrain(TIMES, units="s", t_stop=TIMES[-1])
    assert estimate == infer_dics(same)
    assert infer_dics_many([TIMES * pq.s, TRAIN]) == [estimate, infer_dics(TRAIN)]
    assert assess_quality(TIMES * pq.s) == assess_quality(same)


def test_times_before_0_start_at_the_first_spike():
    (train,) = to_spiketrains((TIMES - 2) * pq.s, t_stop=9 * pq.s)
    assert limits(train) == (-1.5, 9)
    (train,) = to_spiketrains((TIMES - 2) * pq.s, t_start=-2 * pq.s, t_stop=9 * pq.s)
    assert limits(train) == (-2, 9)
    assert infer_dics(train).mean == pytest.approx(infer_dics(TRAIN).mean, rel=1e-9)


def test_what_neo_has_stays_as_it_is():
    segment = neo.Segment()
    segment.spiketrains.append(TRAIN)
    assert to_spiketrains(TRAIN)[0] is TRAIN
    assert to_spiketrains([TRAIN, TRAIN])[1] is TRAIN
    assert len(to_spiketrains(segment)) == 1
    assert to_spiketrains([]) == []


@pytest.mark.parametrize(
    ("data", "options", "error", "message"),
    [
        (TIMES, {}, TypeError, r'no unit: give it, as in to_spiketrains\(times, units="ms"\)'),
        (TIMES, {"units": "mV"}, ValueError, "units must be a unit of time, such as \"ms\", got 'mV'"),
        (TIMES, {"units": 3}, ValueError, "units must be a unit of time, .* got 3"),
        (TIMES, {"units": "s", "t_stop": 10}, TypeError, "t_stop must be a Quantity .* got int"),
        (TIMES, {"units": "s", "t_stop": 5 * pq.s}, ValueError, "correct t_start and t_stop, or units"),
        (TIMES * pq.s, {"units": "s"}, ValueError, "units is for plain numbers; these times are in s"),
        (TIMES * pq.mV, {}, ValueError, "spike times must be in a unit of time, got mV"),
        (TRAIN, {"units": "s"}, ValueError, "are for plain times; a SpikeTrain has its own"),
        ([TRAIN, TIMES], {"units": "s"}, ValueError, "are for plain times; a SpikeTrain has its own"),
        (3, {}, TypeError, "spiketrains must be several cells, in a list or the like, got 3"),
        (["a"], {}, TypeError, "spiketrain must be a neo.SpikeTrain, .* got str"),
    ],
)  # fmt: skip
def test_what_is_no_train_is_refused(data, options, error, message):
    with pytest.raises(error, match=message):
        to_spiketrains(data, **options)


@NO_STOP
def test_one_cell_is_not_several():
    with pytest.raises(TypeError, match="several cells, got one Quantity; put it in a list"):
        infer_dics_many(TIMES * pq.s)


# pynapple


@pytest.fixture(scope="module")
def nap():
    return pytest.importorskip("pynapple")


def test_a_ts_of_pynapple(nap):
    support = nap.IntervalSet(0, 10)
    train = sweeps_of(nap.Ts(TIMES, time_support=support))[0]
    np.testing.assert_array_equal(train.rescale("s").magnitude, TIMES)
    assert limits(train) == (0, 10)
    assert infer_dics(nap.Ts(TIMES, time_support=support)) == infer_dics(TRAIN)
    with pytest.warns(
        UserWarning, match="lasts from its first to its last spike, at 9.875 s, as its time_supp"
    ):
        assert limits(sweeps_of(nap.Ts(TIMES))[0]) == (0.5, 9.875)
    with pytest.raises(TypeError, match="several cells, got one Ts; put it in a list"):
        cells_of(nap.Ts(TIMES, time_support=support))


def test_stretches_of_a_time_support_are_sweeps(nap):
    cell = clean(nap.Ts(TIMES, time_support=nap.IntervalSet([0, 6], [4, 10]))).cell
    assert [limits(train) for train in cell.spiketrains] == [(0, 4), (6, 10)]
    found = np.concatenate([train.magnitude for train in cell.spiketrains])
    np.testing.assert_array_equal(found, TIMES[(TIMES <= 4) | (TIMES >= 6)])


def test_a_group_of_pynapple(nap):
    units = {3: nap.Ts(TIMES), 8: nap.Ts(TIMES[::2])}
    group = nap.TsGroup(
        units, time_support=nap.IntervalSet(0, 10), metadata={"quality": ["good", "mua"], "depth": [1, 2.5]}
    )
    first, second = to_spiketrains(group)
    assert [len(first), len(second)] == [76, 38]
    assert (second.name, second.annotations) == ("unit 8", {"unit": "8", "quality": "mua", "depth": 2.5})
    estimates = infer_dics_many(group)
    assert [estimate.name for estimate in estimates] == ["unit 3", "unit 8"]
    assert estimates[0] == infer_dics(TRAIN)
    with pytest.raises(TypeError, match="got TsGroup; use reconstruct_many or infer_dics_many for all its"):
        infer_dics(group)
    assert infer_dics(group[[3]]) == infer_dics(TRAIN)


# spikeinterface


@pytest.fixture(scope="module")
def core():
    return pytest.importorskip("spikeinterface.core")


def sorting_of(core):
    rate = 1024.0  # exact in binary
    frames, labels = (TIMES * rate).astype(int), np.zeros(len(TIMES), dtype=int)
    labels[::2] = 1
    sorting = core.NumpySorting.from_samples_and_labels([frames, frames[:10]], [labels, labels[:10]], rate)
    sorting.set_property("quality", np.array(["good", "mua"]))
    return sorting


def test_a_sorting_of_spikeinterface(core):
    with pytest.warns(UserWarning, match="last spike of its units, at 9.875 s, 1.625 s: a sorting without"):
        first, second = to_spiketrains(sorting_of(core))
    assert (second.name, second.spiketrains[0].annotations) == ("unit 1", {"unit": "1", "quality": "mua"})
    np.testing.assert_array_equal(first.spiketrains[0].magnitude, TIMES[1::2])
    np.testing.assert_array_equal(second.spiketrains[1].magnitude, TIMES[:10:2])
    assert [limits(train) for train in first.spiketrains] == [(0, 9.875), (0, 1.625)]


def test_a_sorting_with_its_recording_knows_its_limits(core):
    sorting = sorting_of(core)
    sorting.register_recording(
        core.generate_recording(num_channels=1, durations=[10.0, 3.0], sampling_frequency=1024.0)
    )
    first, _ = to_spiketrains(sorting)
    assert [limits(train)[1] for train in first.spiketrains] == pytest.approx([10, 3], abs=0.002)
    assert [estimate.name for estimate in infer_dics_many(sorting)] == ["unit 0", "unit 1"]


# Names of columns, and collections


OF_NEO = (
    "name units t_start t_stop dtype times description file_origin waveforms sampling_rate left_sweep self"
)


def test_a_column_may_be_called_as_an_argument_of_neo(tmp_path, nap):
    columns = {name: [f"{name} 1", f"{name} 2"] for name in OF_NEO.split()}
    support = nap.IntervalSet(0, 10)
    group = nap.TsGroup({3: nap.Ts(TIMES), 8: nap.Ts(TIMES[::2])}, time_support=support)
    for name, values in columns.items():
        group.set_info(**{name: values}) if name != "self" else None
    del columns["self"]
    first, second = to_spiketrains(group)
    for row, cell in enumerate((first, second)):
        assert cell.name == f"unit {(3, 8)[row]}"
        assert cell.annotations == {name: values[row] for name, values in columns.items()} | {
            "unit": cell.name[5:]
        }
        assert limits(cell) == (0, 10)
        assert (cell.description, cell.file_origin, cell.waveforms) == (None, None, None)


def test_one_unit_with_columns_called_as_arguments_of_neo():
    columns = {name: name.upper() for name in OF_NEO.split()}
    cell = _unit("unit 1", 1, [(TIMES, 0.0, 10.0)], columns)
    assert cell.annotations == columns | {"unit": "1"}
    assert (cell.name, cell.units, limits(cell)) == ("unit 1", 1 * pq.s, (0, 10))


@NO_STOP
def test_bare_times_of_a_list_have_one_end_everywhere():
    cells = [TIMES[:60] * pq.s, TIMES * pq.s]
    converted = to_spiketrains(cells)
    assert (
        [limits(cell) for cell in cells_of(cells)] == [limits(cell) for cell in converted] == [(0, 9.875)] * 2
    )
    assert infer_dics_many(cells) == infer_dics_many(converted)
    found = cells_of(
        [TIMES * pq.s, TIMES * pq.mV, [np.inf] * pq.s]
    )  # what is no train is left for its own error
    assert limits(found[0]) == (0, 9.875)
    with pytest.raises(ValueError, match="cell 1: spike times must be in a unit of time, got mV"):
        infer_dics_many([TIMES * pq.s, TIMES * pq.mV])


def test_a_mapping_names_its_cells():
    unnamed = neo.SpikeTrain(TIMES, units="s", t_stop=10, quality="good")
    own = neo.SpikeTrain(TIMES, units="s", t_stop=10, name="own")
    sweeps = neo.Group()
    sweeps.spiketrains.extend([unnamed, own])
    cells = {"a": unnamed, "b": own, 3: sweeps}
    for found in (to_spiketrains(cells), cells_of(cells)):
        assert [cell.name for cell in found] == ["a", "own", "3"]
        assert found[1] is own
        assert (found[0].annotations, limits(found[0])) == ({"quality": "good"}, (0, 10))
        assert [train.name for train in found[2].spiketrains] == ["3", "own"]
    assert unnamed.name is None
    assert [estimate.name for estimate in infer_dics_many(cells)] == ["a", "own", "3"]
    assert infer_dics_many({"k": unnamed}) == infer_dics_many([unnamed])
    assert infer_dics({"k": unnamed}) == infer_dics(unnamed)
    with pytest.raises(TypeError, match="got list; plain numbers need a unit"):
        infer_dics({"k": list(TIMES)})
    with pytest.raises(TypeError, match=r"cell 0: .* plain numbers need a unit, by to_spiketrains"):
        infer_dics_many({"k": list(TIMES)})


def test_a_mapping_names_cells_of_pynapple(nap):
    support = nap.IntervalSet(0, 10)
    for found in (to_spiketrains, cells_of):
        (cell,) = found({"k": nap.Ts(TIMES, time_support=support)})
        assert (cell.name, limits(cell)) == ("k", (0, 10))


def test_numbers_that_no_float_holds():
    with pytest.raises(ValueError, match="spike times must be finite, got 1000"):
        to_spiketrains([10**400, 1], units="s")
