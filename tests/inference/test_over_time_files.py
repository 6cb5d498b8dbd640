"""DICs over time in files: what is read is what was written, in all four formats."""

from pathlib import Path

import neo
import numpy as np
import pytest
import quantities as pq

from elephant_dic import (
    detect_change_points,
    infer_dics_over_time,
    load_dics_over_time,
    load_estimates,
    load_population,
    read_spiketrains,
    save_dics_over_time,
)
from elephant_dic.populations import SUFFIXES

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*windows are unlike:UserWarning", "ignore:.*its t_stop is its last spike:UserWarning"
)


@pytest.fixture(scope="module")
def cell():
    """A cell that fires at 10 Hz, then at 15 Hz, after a pause at the beginning."""
    rng = np.random.default_rng(1)
    times = np.r_[np.arange(4, 20, 0.1), np.arange(20, 40, 1 / 15)]
    return neo.SpikeTrain(times + rng.normal(0, 1e-3, len(times)), units="s", t_stop=40, name="A")


@pytest.fixture(scope="module")
def segment(cell):
    segment = infer_dics_over_time(cell, 2 * pq.s, 0.7 * pq.s)
    drug = neo.Event([20.0] * pq.s, labels=np.array(["dopamine, 10 µM"]), name="drug")
    drug.array_annotate(dose=[10.0] * pq.um)
    segment.events.append(drug)
    return segment


def same(found, expected):
    assert found.name == expected.name
    assert found.annotations == expected.annotations
    assert len(found.analogsignals) == len(expected.analogsignals)
    for one, other in zip(found.analogsignals, expected.analogsignals, strict=True):
        assert one.name == other.name
        np.testing.assert_array_equal(one.magnitude, other.magnitude)
        assert (one.units, one.t_start, one.sampling_period) == (
            other.units,
            other.t_start,
            other.sampling_period,
        )
        np.testing.assert_array_equal(one.times, other.times)
    assert len(found.events) == len(expected.events)
    for one, other in zip(found.events, expected.events, strict=True):
        assert (one.name, one.labels.tolist()) == (other.name, other.labels.tolist())
        np.testing.assert_array_equal(one.times, other.times)
        assert one.annotations == other.annotations
        assert set(one.array_annotations) == set(other.array_annotations)
        for key, values in other.array_annotations.items():
            np.testing.assert_array_equal(one.array_annotations[key], values)
            assert getattr(one.array_annotations[key], "units", None) == getattr(values, "units", None)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_they_come_back_equal(tmp_path, segment, cell, suffix):
    path = tmp_path / f"course{suffix}"
    save_dics_over_time(segment, path, cell)
    found = load_dics_over_time(path)
    assert np.isnan(found.analogsignals[0].magnitude[0])  # the pause
    assert len(found.events[0]) == 1
    same(found, segment)
    assert detect_change_points(found).times.tolist() == segment.events[0].times.tolist()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_recording_in_ms_without_a_change(tmp_path, suffix):
    path, cell = (
        tmp_path / f"course{suffix}",
        neo.SpikeTrain(np.arange(50, 4000, 100), units="ms", t_stop=4000),
    )
    segment = infer_dics_over_time(cell, 1 * pq.s, 1 * pq.s)
    assert len(segment.events[0]) == 0
    save_dics_over_time(segment, path)
    same(load_dics_over_time(path), segment)


def test_the_nwb_file_is_valid_and_holds_the_recording(tmp_path, segment, cell):
    pynwb = pytest.importorskip("pynwb")
    path = tmp_path / "course.nwb"
    save_dics_over_time(segment, path, cell)
    assert pynwb.validate(path=str(path)) == []
    with pynwb.NWBHDF5IO(str(path), "r") as file:
        table = file.read().processing["elephant_dic"]["dics_over_time"]
        assert table["time"][:2].tolist() == pytest.approx([1.0, 1.7])
        assert table["time"].description == "time of each window in s"
    (found,) = read_spiketrains(path)
    np.testing.assert_allclose(found.rescale("s").magnitude, cell.magnitude)


def test_the_table_is_read_by_others(tmp_path, segment):
    pandas = pytest.importorskip("pandas")
    path = tmp_path / "course.csv"
    save_dics_over_time(segment, path)
    table = pandas.read_csv(path, comment="#")
    assert table.columns.tolist() == [
        "time", "g_f", "g_s", "g_u", "g_f_std", "g_s_std", "g_u_std", "domain_score", "n_spikes",
    ]  # fmt: skip
    np.testing.assert_array_equal(table["g_u"], segment.analogsignals[2].magnitude[:, 0])
    assert path.read_text().startswith("# DICs over time: one window a row")


def test_what_is_something_else(tmp_path, segment):
    path = tmp_path / "course.csv"
    with pytest.raises(TypeError, match=r"segment must be a neo\.Segment, got int"):
        save_dics_over_time(1, path)
    with pytest.raises(
        ValueError, match="the segment holds no DICs over time: make it by infer_dics_over_time"
    ):
        save_dics_over_time(neo.Segment(), path)
    more = neo.Segment(name=segment.name, **segment.annotations)
    more.analogsignals.extend(segment.analogsignals)
    more.epochs.append(neo.Epoch([1] * pq.s, durations=[1] * pq.s))
    with pytest.raises(ValueError, match="holds 1 data objects beside DICs over time and events"):
        save_dics_over_time(more, path)
    assert not path.exists()
    save_dics_over_time(segment, path)
    with pytest.raises(ValueError, match="it holds DICs over time: load_dics_over_time reads it"):
        load_estimates(path)
    with pytest.raises(ValueError, match="it holds DICs over time: load_dics_over_time reads it"):
        load_population(path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match=r"not written by save_dics_over_time\(\)"):
        load_dics_over_time(path)


def test_dics_over_time_saved_by_an_earlier_version():
    saved = Path(__file__).parents[1] / "reference" / "saved_by_0.1"
    segment = load_dics_over_time(saved / "dics_over_time.csv")
    assert segment.analogsignals[0].shape == (20, 1)
    (event,) = segment.events
    assert (event.times.rescale("s").magnitude.tolist(), event.labels.tolist()) == ([20], ["g_u 2.5 to 13.0"])
