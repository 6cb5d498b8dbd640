"""Recordings as they are: silent ones too, and no longer than they were recorded."""

import neo
import pytest
import quantities as pq
from support.step_files import write_steps

from elephant_dic.recordings import NoSpikesError, RecordingError, read_as_recorded, read_spiketrains
from elephant_dic.recordings.stretch import Stretch
from elephant_dic.trains import is_stepped


def stretch(start, stop):
    return Stretch(*(None if each is None else each * pq.s for each in (start, stop)))


@pytest.mark.parametrize(
    ("asked", "start", "stop", "n_notes"),
    [((None, 5), None, 5, 0), ((2, 15), 2, 10, 1), ((-1, 5), 0, 5, 1), ((2, 10.0005), 2, 10.0005, 0)],
)
def test_a_stretch_is_cut_where_a_recording_ends(asked, start, stop, n_notes):
    found, notes = stretch(*asked).within(0 * pq.s, 10 * pq.s)
    assert (found.start, found.stop) == (stretch(start, stop).start, stretch(start, stop).stop)
    assert len(notes) == n_notes


@pytest.mark.parametrize("asked", [(10, 20), (12, None), (None, 0)])
def test_a_stretch_outside_holds_nothing(asked):
    with pytest.raises(RecordingError, match="holds nothing of it: it goes from 0 to 10 s"):
        stretch(*asked).within(0 * pq.s, 10 * pq.s)


def test_a_unit_without_spikes_is_kept(tmp_path):
    block, segment = neo.Block(), neo.Segment()
    block.segments.append(segment)
    segment.spiketrains.append(neo.SpikeTrain([], units="s", t_stop=20, name="u1"))
    with neo.NixIO(str(tmp_path / "silent.nix"), "ow") as io:
        io.write_block(block)
    (cell,), _ = read_as_recorded(tmp_path / "silent.nix", {})
    assert (len(cell), float(cell.t_stop.rescale("s"))) == (0, 20)
    with pytest.raises(RecordingError, match="no spikes in u1"):
        read_spiketrains(tmp_path / "silent.nix")


@pytest.mark.filterwarnings("ignore")
def test_a_trace_without_spikes_is_a_silent_cell(tmp_path):
    flat = neo.AnalogSignal([[-65.0]] * 20_000, units="mV", sampling_rate=10 * pq.kHz, name="Vm")
    block, segment = neo.Block(), neo.Segment()
    block.segments.append(segment)
    segment.analogsignals.append(flat)
    with neo.NixIO(str(tmp_path / "flat.nix"), "ow") as io:
        io.write_block(block)
    (cell,), notes = read_as_recorded(tmp_path / "flat.nix", {"t_stop": 5 * pq.s})
    assert (len(cell), float(cell.t_stop.rescale("s"))) == (0, 2)
    assert any("is cut: it goes from 0 to 2 s" in note for note in notes)
    assert any("no spikes in Vm" in note for note in notes)
    with pytest.raises(RecordingError, match="no spikes in Vm"):
        read_spiketrains(tmp_path / "flat.nix")


def test_a_table_without_times_says_so_in_its_own_error(tmp_path):
    (tmp_path / "empty.csv").write_text("cell\n")
    with pytest.raises(NoSpikesError, match="empty.csv: it holds no spike times"):
        read_as_recorded(tmp_path / "empty.csv", {"time_unit": "s"})


@pytest.mark.filterwarnings("ignore")
def test_steps_without_a_spike_are_a_silent_cell_under_steps(tmp_path):
    path = write_steps(tmp_path / "silent.abf", levels=(-60, -40))
    (cell,), _ = read_as_recorded(path, {})
    assert [len(train) for train in cell.spiketrains] == [0, 0]
    assert is_stepped(cell)
    with pytest.raises(RecordingError, match="no spikes in Vm at any level"):
        read_spiketrains(path)
