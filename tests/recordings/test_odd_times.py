"""Spike times in another unit than seconds, or of several sessions, are told."""

import re
import warnings

import numpy as np
import pytest
import quantities as pq
from scipy.io import savemat
from support.nwb_files import new_nwb, write_nwb

from elephant_dic import infer_dics, read_spiketrains

TONIC = np.cumsum(np.random.default_rng(1).normal(0.2, 0.01, 300))  # s: a cell that fires at 5 Hz


@pytest.fixture
def path(tmp_path):
    return tmp_path / "units.nwb"


def warnings_of(path, *units):
    file = new_nwb()
    for times in units:
        file.add_unit(spike_times=times, obs_intervals=[[min(times, default=0), max(times, default=1) + 1]])
    write_nwb(path, file)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        cells = read_spiketrains(path)
    return [str(warning.message) for warning in caught if "left out" not in str(warning.message)], cells


@pytest.mark.parametrize(
    ("times", "text"),
    [
        (
            np.round(TONIC * 30_000),
            "times of unit 0 are whole numbers of seconds, the first .* are they sample",
        ),
        (np.round(TONIC * 1000), "the spike times of unit 0 are whole numbers of seconds"),
        (
            TONIC * 1000,
            r"no cell fires faster than 0.005 Hz, and the spikes span 16.\d h: are the times milli",
        ),
        (TONIC * 30_000 + 0.5, "no cell fires faster than 0.00017 Hz"),
        (np.arange(200_000) * 0.9 + 0.1, None),  # two days at 1.1 Hz
        (np.arange(90_000) * 1.25 + 0.1, "no cell fires faster than 0.8 Hz, and the spikes span 31.2 h"),
        (TONIC, None),
        (TONIC * 10, None),  # a slow cell, at 0.5 Hz
        ([1.0, 2.0, 3.0], None),  # too few to tell
    ],
)
def test_times_in_another_unit(path, times, text):
    told, _ = warnings_of(path, times)
    assert len(told) == (text is not None)
    if text:
        assert told[0].startswith("units.nwb: ")
        assert 'give time_unit=, for sample numbers time_unit="1/30000 s"' in told[0]
        assert re.search(text, told[0])


def test_a_slow_cell_among_others_is_no_doubt(path):
    assert warnings_of(path, TONIC, np.arange(1, 8) * 100.5)[0] == []


def test_sample_numbers_are_named_with_their_units(path):
    told, _ = warnings_of(path, *[np.round((TONIC + k) * 30_000) for k in range(6)])
    assert "the spike times of unit 0, unit 1, unit 2 and 3 more are whole" in told[0]


def test_times_that_start_again_are_two_sessions(path):
    told, cells = warnings_of(path, np.concatenate([TONIC, TONIC]), TONIC + 0.01)
    assert len(told) == 1
    assert "the spike times of unit 0 are not in order: " in told[0]
    assert "a SpikeTrain for each session" in told[0]
    with pytest.raises(ValueError, match=r"not sorted: .*; they start again 1 time\(s\), .* a neo.Group"):
        infer_dics(cells[0])


def test_times_without_an_order_are_to_be_sorted(path):
    times = np.random.default_rng(0).permutation(TONIC)
    told, cells = warnings_of(path, times)
    assert "the spike times of unit 0 are not in order" in told[0]
    with pytest.raises(ValueError, match="not sorted: .*; sort them$"):
        infer_dics(cells[0])


# --- a recording that may have started later ---------------------------------------------------------------

LATE = re.compile(r"its t_start is taken for 0 s, its first spike comes at 600 s, .* pass t_start= if you")


def doubts_of_start(read):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read()
    return [str(warning.message) for warning in caught if "t_start" in str(warning.message)]


@pytest.mark.parametrize(
    ("times", "is_late"),
    [
        ([600, 600.5, 602, 603], True),
        ([600, 601, 901, 902], False),  # after 600 s, but as long as twice the longest pause
        ([600, 601, 900, 901], True),  # and a little more
        ([0.5, 0.75, 1.0, 1.25, 10.0], False),
        (list(np.arange(2, 100, 0.5)), False),  # not a twentieth of all
        ([600], False),  # of which no rate is made
    ],
)
def test_a_first_spike_that_comes_late(tmp_path, times, is_late):
    path = tmp_path / "late.csv"
    path.write_text("unit\n" + "\n".join(map(str, times)) + "\n")
    texts = doubts_of_start(lambda: read_spiketrains(path, time_unit="s"))
    assert [bool(LATE.search(text)) for text in texts] == [True] * is_late


def test_late_starts_in_other_files_and_units(tmp_path):
    times = np.array([600.0, 600.5, 602.0, 603.25])
    table, array, nwb, vectors = (tmp_path / name for name in ("a.csv", "a.npy", "a.nwb", "a.mat"))
    table.write_text("late,later\n" + "".join(f"{1e3 * t},{1e3 * t + 5e4}\n" for t in times))
    np.save(array, times)
    savemat(vectors, {"late": times})
    file = new_nwb()
    file.add_unit(spike_times=times)
    write_nwb(nwb, file)
    for path, unit in ((table, "ms"), (array, "s"), (nwb, None), (vectors, "s")):
        (text,) = doubts_of_start(lambda path=path, unit=unit: read_spiketrains(path, time_unit=unit))
        assert LATE.search(text), path


def test_a_start_that_is_known_is_not_doubted(tmp_path, path):
    table = tmp_path / "late.csv"
    table.write_text("late,early\n600,1\n600.5,300\n602,500\n")
    read = read_spiketrains
    assert not doubts_of_start(lambda: read(table, time_unit="s"))  # another unit fired before
    assert not doubts_of_start(lambda: read(table, time_unit="s", unit="late"))
    table.write_text("late\n600\n600.5\n602\n")
    assert not doubts_of_start(lambda: read(table, time_unit="s", t_start=599 * pq.s))
    file = new_nwb()
    file.add_unit(spike_times=[600.0, 600.5, 602.0], obs_intervals=[[0.0, 700.0]])
    write_nwb(path, file)
    assert not doubts_of_start(lambda: read(path))
