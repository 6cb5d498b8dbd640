"""Events and epochs of recordings."""

import h5py
import neo
import numpy as np
import pytest
import quantities as pq
from support.nwb_files import new_nwb, write_nwb

from elephant_dic import read_spiketrains
from elephant_dic.recordings import inspect_recording, read_events


@pytest.fixture
def path(tmp_path):
    return tmp_path / "session.nwb"


def edited(path, edit):
    """The file, changed in what no library would write."""
    with h5py.File(path, "r+") as file:
        edit(file)
    return path


def test_intervals_become_epochs(path):
    file = new_nwb()
    file.add_trial_column("choice", "")
    file.add_trial(start_time=0.5, stop_time=1.5, choice="left")
    file.add_trial(start_time=2.0, stop_time=2.25, choice="right")
    file.add_epoch(0.0, 5.0, tags=["drug", "high dose"])
    write_nwb(path, file)
    found = {epoch.name: epoch for epoch in read_events(path)}
    trials, epochs = found["trials"], found["epochs"]
    assert isinstance(trials, neo.Epoch)
    assert trials.times.rescale("s").magnitude.tolist() == [0.5, 2.0]
    assert trials.durations.rescale("s").magnitude.tolist() == [1.0, 0.25]
    assert trials.labels.tolist() == ["0", "1"]
    assert trials.array_annotations["choice"].tolist() == ["left", "right"]
    assert epochs.labels.tolist() == ["drug, high dose"]
    assert inspect_recording(path) == []


def test_annotations_become_events(path):
    write_nwb(path, new_nwb())

    def add(file):
        series = file.create_group("acquisition/log")
        series.attrs["neurodata_type"] = "AnnotationSeries"
        series["timestamps"], series["data"] = [0.5, 2.0], ["drug on", "drug off"]
        table = file.create_group("events/licks")
        table.attrs["neurodata_type"] = "EventsTable"
        table["id"], table["timestamp"] = [0, 1, 2], [0.1, 0.2, 0.3]

    licks, log = read_events(edited(path, add))
    assert isinstance(log, neo.Event)
    assert log.times.rescale("s").magnitude.tolist() == [0.5, 2.0]
    assert log.labels.tolist() == ["drug on", "drug off"]
    assert (licks.name, len(licks)) == ("licks", 3)


def test_a_damaged_table_of_intervals_is_told(path):
    file = new_nwb()
    file.add_unit(spike_times=[0.5, 1.0], obs_intervals=[[0.0, 2.0]])
    file.add_trial(start_time=0.5, stop_time=1.5)
    write_nwb(path, file)

    def shorten(file):
        del file["intervals/trials/stop_time"]
        file["intervals/trials/stop_time"] = [1.5, 2.5, 3.5]

    with pytest.warns(UserWarning, match="/intervals/trials is left out"):
        assert len(read_spiketrains(edited(path, shorten))) == 1


def test_events_of_other_formats(tmp_path):
    path, block, segment = tmp_path / "events.nix", neo.Block(), neo.Segment()
    segment.events.append(neo.Event([0.5, 1.0] * pq.s, labels=np.array(["on", "off"]), name="drug"))
    segment.epochs.append(neo.Epoch([2.0] * pq.s, [1.0] * pq.s, labels=np.array(["wash"]), name="bath"))
    block.segments.append(segment)
    with neo.NixIO(str(path), mode="ow") as io:
        io.write_block(block)
    drug, bath = read_events(path)
    assert drug.labels.tolist() == ["on", "off"]
    assert (bath.name, bath.durations.tolist()) == ("bath", [1.0])
