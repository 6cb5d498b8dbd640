"""Neuralynx: single files, and folders of a recording; other folders that neo reads."""

import json
import warnings

import numpy as np
import pytest
import quantities as pq
from support.sorter_files import write_ncs, write_neuralynx_events, write_nse
from support.vendor_files import read_quietly, refuse, seconds

from elephant_dic.recordings import inspect_recording, read_signals, read_spiketrains

FIRST, SECOND = 5000.25 + np.arange(20) / 2, 5000.5 + np.arange(20) / 2  # s, of the recording's clock
BOTH = np.sort(np.concatenate([FIRST, SECOND]))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "2026-01-04_12-00-00"
    folder.mkdir()
    write_nse(folder / "SE1.nse", BOTH, np.arange(40) % 2 + 1)
    return folder


def times_of(cells):
    return {cell.name: seconds(cell).tolist() for cell in cells}


def test_a_single_file_of_spikes(folder):
    path = folder / "SE1.nse"
    with pytest.warns(UserWarning, match="its t_start is its first spike, at 5000.25 s.* pass t_start="):
        first, second = read_spiketrains(path, t_stop=5020 * pq.s)
    assert times_of([first, second]) == {"SE1#1": FIRST.tolist(), "SE1#2": SECOND.tolist()}
    assert (float(first.t_start), float(first.t_stop)) == (5000.25, 5020)
    assert first.annotations["channel"] == "SE1"
    assert first.array_annotations["amplitude"].units == pq.uV
    assert float(first.array_annotations["amplitude"][1]) == pytest.approx(1002 * 1e-8 * 1e6)


def test_times_do_not_depend_on_the_neighbours(folder):
    path = folder / "SE1.nse"
    alone = times_of(read_quietly(path))
    write_neuralynx_events(
        folder / "Events.nev", [4990.0, 5040.0], [b"Starting Recording", b"Stopping Recording"]
    )
    write_ncs(folder / "CSC1.ncs", 4995.0, 100)
    assert times_of(read_quietly(path)) == times_of(read_quietly(folder)) == alone


def test_a_folder_is_one_recording(folder):
    write_nse(folder / "SE2.nse", FIRST + 0.125, np.ones(20, int), channel=1)
    write_nse(folder / "SE3.nse", SECOND, np.zeros(20, int), channel=2)
    write_neuralynx_events(
        folder / "Events.nev", [4990.0, 5040.0], [b"Starting Recording", b"Stopping Recording"]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # the events tell start and end
        cells = read_spiketrains(folder)
    assert [cell.name for cell in cells] == ["SE1#1", "SE1#2", "SE2", "SE3#unclassified"]
    assert {(float(cell.t_start), float(cell.t_stop)) for cell in cells} == {(4990, 5040)}
    assert seconds(cells[2]) == pytest.approx(FIRST + 0.125)
    (events,) = read_quietly(folder, events=True)
    assert seconds(events).tolist() == [4990, 5040]


def test_signals_with_a_gap_are_sweeps_and_no_spike_is_lost(folder):
    write_ncs(folder / "CSC1.ncs", 5000.0, 200, gap_after=99)
    cells = read_quietly(folder)
    assert [len(cell) for cell in cells] == [20, 20]  # also those in the gap
    first, second = read_signals(folder, channel="CSC1")
    assert float(second.t_start) - float(first.t_stop) == pytest.approx(10.0, abs=1e-3)
    assert float(first.t_start) == pytest.approx(5000)
    items = inspect_recording(folder)
    assert [(item.kind, item.name, item.n_sweeps) for item in items] == [
        ("signal", "CSC1", 2),
        ("unit", "SE1#1", 1),
        ("unit", "SE1#2", 1),
    ]


def test_channels_of_different_lengths_are_read_one_by_one(folder):
    write_ncs(folder / "CSC1.ncs", 5000.0, 200)
    write_ncs(folder / "CSC2.ncs", 5000.0, 150, channel=2)
    (folder / "CSC3.ncs").write_bytes((folder / "CSC2.ncs").read_bytes()[:20_000])
    with pytest.warns(UserWarning, match="left out: CSC3.ncs"):
        assert [len(cell) for cell in read_spiketrains(folder)] == [20, 20]
    items = inspect_recording(folder)
    assert [(item.name, float(item.duration)) for item in items if item.kind == "signal"] == [
        ("CSC1", pytest.approx(200 * 512 / 32e3)),
        ("CSC2", pytest.approx(150 * 512 / 32e3)),
    ]
    assert [len(read_signals(folder, channel=name)) for name in ("CSC1", "CSC2")] == [1, 1]


def test_a_damaged_file_does_not_hide_the_others(folder):
    (folder / "SE2.nse").write_bytes((folder / "SE1.nse").read_bytes()[:-7])
    with pytest.warns(UserWarning, match="left out: SE2.nse"):
        assert len(read_spiketrains(folder, t_start=5000 * pq.s, t_stop=5020 * pq.s)) == 2
    refuse(folder / "SE2.nse", "it may be damaged or in another format")


def test_events_of_blackrock_are_not_taken_for_neuralynx(folder):
    path = folder / "other.nev"
    path.write_bytes(b"NEURALEV" + bytes(400))
    refuse(path, "BlackrockIO")


def test_a_file_of_another_recording_that_is_a_folder(folder):
    path = folder / "x.tsq"
    path.write_bytes(bytes(400))
    refuse(
        path, "it belongs to a recording that is a folder .2026-01-04_12-00-00. of no format that is known"
    )


def test_klustakwik_is_refused_with_the_way_out(folder):
    path = folder / "x.clu.1"
    path.write_text("2\n1\n2\n")
    refuse(path, "files of KlustaKwik are not read: save the units as .csv")


def test_tetrodes(folder):
    path = folder / "TT1.ntt"
    write_nse(path, BOTH, np.arange(40) % 2 + 1, n_wires=4)
    assert times_of(read_quietly(path)) == {"TT1#1": FIRST.tolist(), "TT1#2": SECOND.tolist()}


def test_a_file_whose_suffix_is_wrong(folder):
    path = folder / "SE1.nev"
    path.write_bytes((folder / "SE1.nse").read_bytes())
    refuse(path, "SE1.nev says that it is of the type Spike")


def test_folders_that_neo_reads_and_a_file_of_theirs(tmp_path):
    """Open Ephys, as one of them."""
    place = tmp_path / "Record Node 101" / "experiment1" / "recording1"
    stream = place / "continuous" / "Rhythm-100.0"
    stream.mkdir(parents=True)
    spikes = np.random.default_rng(0).normal(0, 20, (30_000, 2)).astype("<i2")
    spikes[np.arange(3000, 30_000, 3000)[:, np.newaxis] + np.arange(10), 0] -= 1000
    spikes.tofile(stream / "continuous.dat")
    np.save(stream / "sample_numbers.npy", np.arange(30_000))
    np.save(stream / "timestamps.npy", np.arange(30_000) / 30e3)
    channels = [{"channel_name": name, "bit_volts": 0.195, "units": "uV"} for name in ("CH1", "CH2")]
    about = {"folder_name": "Rhythm-100.0/", "sample_rate": 30_000, "num_channels": 2, "channels": channels}
    about |= {"source_processor_name": "a", "source_processor_id": 100, "stream_name": "b"}
    about |= {"recorded_processor": "a", "recorded_processor_id": 101}
    text = json.dumps({"GUI version": "0.6.0", "continuous": [about], "events": [], "spikes": []})
    (place / "structure.oebin").write_text(text)
    for path in (tmp_path, place, place / "structure.oebin"):
        refuse(
            path,
            "several voltage channels, choose the membrane potential with channel=: CH1 in uV, CH2 in uV",
        )
        (cell,) = read_quietly(path, channel="CH1", extracellular=True)
        assert seconds(cell) == pytest.approx(np.arange(1, 10) / 10, abs=1e-3)
