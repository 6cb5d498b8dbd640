"""MATLAB files: Spike2's exports of both kinds, and neo's Block."""

import neo
import numpy as np
import pytest
import quantities as pq
from scipy.io import savemat
from support.sorter_files import cells_of, write_cell_explorer_73
from support.vendor_files import read_quietly, refuse, seconds, spike2_structs, write_matlab_73

from elephant_dic.recordings import inspect_recording, read_signals, read_spiketrains


def write_matlab_5(path, structs):
    savemat(path, structs)


@pytest.fixture(params=[write_matlab_73, write_matlab_5], ids=["7.3", "5"])
def write_matlab(request):
    return request.param


def test_units_of_a_spike2_export_by_their_codes(tmp_path, write_matlab):
    path = tmp_path / "export.mat"
    write_matlab(path, spike2_structs())
    first, second = read_spiketrains(path)  # no doubt: the waveform tells the end
    assert [first.name, second.name] == ["U1#1", "U1#2"]
    assert seconds(first).tolist() == [0.7, 1.25]
    assert seconds(second).tolist() == [0.9]
    assert (float(first.t_start), float(first.t_stop)) == pytest.approx((0, 1.5))
    assert first.annotations == {"source": "export.mat", "unit": "U1#1", "channel": "U1"}
    for name in ("U1#2", "V1_Ch3#2"):
        assert seconds(read_spiketrains(path, unit=name)[0]).tolist() == [0.9]


def test_events_and_potential_of_a_spike2_export(tmp_path, write_matlab):
    path = tmp_path / "export.mat"
    write_matlab(path, spike2_structs())
    (stimuli,) = read_spiketrains(path, events=True)
    assert seconds(stimuli).tolist() == [0.6, 1.1]
    (cell,) = read_spiketrains(path, channel="Vm")
    assert seconds(cell) == pytest.approx([0.6, 0.8, 1.0], abs=1e-3)
    assert [(item.kind, item.name) for item in inspect_recording(path)] == [
        ("signal", "Vm"),
        ("unit", "U1#1"),
        ("unit", "U1#2"),
        ("events", "stim"),
    ]


def test_a_single_code_needs_no_number_and_the_stop_is_doubted(tmp_path, write_matlab):
    path = tmp_path / "export.mat"
    fields = spike2_structs()["V1_Ch3"] | {"codes": [[1, 0, 0, 0]] * 3}
    write_matlab(path, {"V1_Ch3": fields})
    with pytest.warns(UserWarning, match=r"its t_stop is its last spike, at 1.25 s: .* pass t_stop="):
        (cell,) = read_spiketrains(path)
    assert (cell.name, len(cell)) == ("U1", 3)
    assert read_spiketrains(path, t_stop=2 * pq.s)[0].t_stop == 2 * pq.s


@pytest.mark.parametrize("kind", ["i2", "i4"])
def test_samples_without_their_scale_are_scaled(tmp_path, write_matlab, kind):
    """Spike2's formula for 16 bit exports: value = integer * scale + offset."""
    path = tmp_path / "export.mat"
    fields = spike2_structs()["V1_Ch1"]
    raw = np.round((fields["values"] + 5) * 250).astype(kind)
    write_matlab(path, {"V1_Ch1": fields | {"values": raw, "scale": 0.004, "offset": -5.0}})
    (signal,) = read_signals(path)
    assert signal.magnitude == pytest.approx(fields["values"], abs=0.0021)
    (cell,) = read_spiketrains(path)
    assert seconds(cell) == pytest.approx([0.6, 0.8, 1.0], abs=1e-3)


@pytest.mark.parametrize("kind", ["u1", "i2", "f8"])
def test_events_as_counts_per_bin(tmp_path, write_matlab, kind):
    """The option "align and bin all data": no scale and no unit."""
    path, structs = tmp_path / "export.mat", spike2_structs()
    counts = np.zeros((1000, 1), kind)
    counts[[10, 600, 700]] = [[1], [2], [1]]
    binned = {"title": "nw-3", "interval": 1e-3, "start": 0.5, "values": counts}
    write_matlab(path, {"V1_Ch1": structs["V1_Ch1"], "V1_Ch9": binned})
    with pytest.warns(UserWarning, match="nw-3: read from counts in bins of 1 ms"):
        (events,) = read_spiketrains(path, events=True)
    assert seconds(events) == pytest.approx([0.51, 1.1, 1.1, 1.2])
    (cell,) = read_quietly(path)  # the potential, by its name, though there are events
    assert cell.name == "Vm"
    write_matlab(path, {"V1_Ch1": structs["V1_Ch1"] | {"title": "EMG"}, "V1_Ch9": binned})
    refuse(path, "no sorted unit; events=True reads its event channels")


def test_a_waveform_with_the_time_of_each_sample(tmp_path, write_matlab):
    path, fields = tmp_path / "export.mat", spike2_structs()["V1_Ch1"]
    n = fields["values"].size
    times = float(fields["start"]) + np.arange(n)[:, np.newaxis] * float(fields["interval"])
    write_matlab(path, {"V1_Ch1": fields | {"times": times}})
    (cell,) = read_spiketrains(path)
    assert seconds(cell) == pytest.approx([0.6, 0.8, 1.0], abs=1e-3)
    write_matlab(
        path,
        {"V1_Ch1": {key: value for key, value in fields.items() if key != "interval"} | {"times": times}},
    )
    (cell,) = read_quietly(path)
    assert seconds(cell) == pytest.approx([0.6, 0.8, 1.0], abs=1e-3)
    times[n // 2 :] += 7.0  # a pause
    write_matlab(path, {"V1_Ch1": fields | {"times": times}})
    first, second = read_signals(path)
    assert (first.shape[0], second.shape[0]) == (n // 2, n - n // 2)
    assert float(second.t_start) == pytest.approx(float(times[n // 2, 0]))
    write_matlab(path, {"V1_Ch1": fields | {"times": times[:5]}})
    refuse(path, "V1_Ch1 has 5 times for .* samples")
    write_matlab(path, {"V1_Ch1": fields | {"times": times[::-1]}})
    refuse(path, "the times of V1_Ch1 do not rise")


def test_a_broken_channel_does_not_hide_the_others(tmp_path, write_matlab):
    path, structs = tmp_path / "export.mat", spike2_structs()
    structs["V1_Ch9"] = structs["V1_Ch1"] | {"interval": 0.0}
    write_matlab(path, structs)
    with pytest.warns(UserWarning, match="left out: V1_Ch9 has a sampling interval of 0 s"):
        assert len(read_spiketrains(path)) == 2


def test_a_block_written_by_neo(tmp_path):
    path, block, segment = tmp_path / "block.mat", neo.Block(), neo.Segment()
    segment.spiketrains.append(neo.SpikeTrain([1.0, 2.0], units="s", t_stop=3.0, name="A"))
    block.segments.append(segment)
    neo.io.NeoMatlabIO(str(path)).write_block(block)
    (cell,) = read_spiketrains(path)
    assert (cell.name, seconds(cell).tolist(), float(cell.t_stop)) == ("A", [1, 2], 3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"interval": 0.0}, "V1_Ch1 has a sampling interval of 0 s"),
        ({"interval": [[1.0, 2.0]]}, "V1_Ch1 has no number 'interval'"),
        ({"values": np.empty((0, 1))}, "V1_Ch1 holds no samples"),
        ({"times": [[np.nan]]}, "the times of V1_Ch1 are not finite"),
    ],
)
def test_exports_that_make_no_sense(tmp_path, write_matlab, changes, message):
    path = tmp_path / "export.mat"
    write_matlab(path, {"V1_Ch1": spike2_structs()["V1_Ch1"] | changes})
    refuse(path, message)


def test_other_variables_are_refused_with_the_way_out(tmp_path):
    path = tmp_path / "mine.mat"
    write_matlab_5(path, {"spikes": np.arange(5.0)})
    refuse(path, r"it holds no struct; Spike2's exports are read .* as \.csv and give time_unit=")
    write_matlab_5(path, {"result": {"rate": 5.0}})
    refuse(path, "no channel exported by Spike2 was found, it holds result;")


@pytest.mark.parametrize("units", ["9**9**9**9", "().__class__", "V" * 200])
def test_the_text_of_a_unit_is_not_computed(tmp_path, write_matlab, units):
    path = tmp_path / "export.mat"
    structs = spike2_structs()
    structs["V1_Ch1"]["units"] = units
    write_matlab(path, structs)
    (item,) = [item for item in inspect_recording(path) if item.kind == "signal"]
    assert item.units == "dimensionless"


def test_the_text_of_a_unit_in_a_block_is_not_computed(tmp_path):
    path = tmp_path / "block.mat"
    train = {"times": [1.0], "times_units": "9**9**9**9", "t_stop": 2.0, "t_stop_units": "s"}
    savemat(path, {"block": {"segments": [{"spiketrains": [train]}]}})
    refuse(path, r"'9\*\*9\*\*9\*\*9' is no unit")


def test_empty_codes_are_read_as_one_unit(tmp_path):
    path = tmp_path / "export.mat"
    fields = {"title": "U", "times": [[0.5], [1.0]], "codes": np.empty((0, 4)), "values": np.zeros((2, 3))}
    write_matlab_5(path, {"c": fields})
    assert [len(cell) for cell in read_quietly(path)] == [2]


# --- sorters, and vectors ----------------------------------------------------------------------------------

CELLS = [np.array([[0.25], [0.5]]), np.array([[0.125], [0.75], [1.0]])]


def test_units_of_cell_explorer(tmp_path):
    path = tmp_path / "s.spikes.cellinfo.mat"
    fields = {"UID": [[3, 7]], "cluID": [[12, 15]], "sr": 30000.0, "times": cells_of(CELLS)}
    write_matlab_5(path, {"spikes": fields | {"region": cells_of(["CA1", "DG"]), "ts": cells_of(CELLS)}})
    with pytest.warns(UserWarning, match="its t_stop is its last spike, at 1 s: a file of CellExplorer does"):
        first, second = read_spiketrains(path)
    assert {cell.name: seconds(cell).tolist() for cell in (first, second)} == {
        "unit 3": [0.25, 0.5],
        "unit 7": [0.125, 0.75, 1.0],
    }
    assert (first.annotations["region"], first.annotations["cluster"]) == ("CA1", 12)
    (cell,) = read_quietly(path, where='region == "DG"')
    assert cell.name == "unit 7"


def test_units_of_cell_explorer_in_version_73(tmp_path):
    path = tmp_path / "s.spikes.cellinfo.mat"
    write_cell_explorer_73(
        path, {"times": [cell.T for cell in CELLS], "UID": np.array([3, 7]), "region": ["CA1", "DG"]}
    )
    cells = read_quietly(path)
    assert {cell.name: seconds(cell).tolist() for cell in cells} == {
        "unit 3": [0.25, 0.5],
        "unit 7": [0.125, 0.75, 1.0],
    }
    assert cells[1].annotations["region"] == "DG"


def test_times_of_cell_explorer_in_samples(tmp_path):
    path, samples = tmp_path / "s.spikes.cellinfo.mat", cells_of([30000 * cell for cell in CELLS])
    write_matlab_5(path, {"spikes": {"ts": samples, "sr": 30000.0}})
    assert [seconds(cell)[0] for cell in read_quietly(path)] == pytest.approx([0.25, 0.125])
    write_matlab_5(path, {"spikes": {"ts": samples}})
    refuse(path, r"times in samples \(ts\), but no sampling rate \(sr\)")
    write_matlab_5(path, {"spikes": {"times": cells_of([CELLS[0], np.array([[1.0], [np.nan]])])}})
    with pytest.warns(UserWarning, match="left out: spike times of unit 2 are not finite numbers"):
        (cell,) = read_spiketrains(path)
    assert (cell.name, seconds(cell).tolist()) == ("unit 1", CELLS[0].ravel().tolist())
    write_matlab_5(
        path, {"spikes": {"times": cells_of([np.array([[1.0], [bad]]) for bad in (np.nan, np.inf)])}}
    )
    refuse(path, "spike times of unit 1, unit 2 are not finite numbers: correct them")


def test_classes_of_wave_clus(tmp_path, write_matlab):
    path = tmp_path / "times_ch1.mat"
    classes = np.array([[1, 250.0], [0, 300.0], [2, 400.0], [1, 500.0]])
    savemat(path, {"cluster_class": classes, "par": {"sr": 30000.0}})
    cells = read_quietly(path)
    assert {cell.name: seconds(cell).tolist() for cell in cells} == {
        "unclassified": [0.3],
        "cluster 1": [0.25, 0.5],
        "cluster 2": [0.4],
    }
    assert len(read_quietly(path, unit="1")) == 1


def test_vectors_are_spike_times_if_the_unit_is_given(tmp_path):
    path = tmp_path / "mine.mat"
    write_matlab_5(
        path, {"a": [250.0, 500.0], "b": cells_of(CELLS), "waves": np.zeros((3, 4)), "c": [3.0, 1.0]}
    )
    refuse(path, "with time_unit= its vectors are read as spike times: a, b, c")
    with pytest.warns(UserWarning, match="left out, as their numbers do not rise: c"):
        cells = read_spiketrains(path, time_unit="ms", t_stop=1 * pq.s)
    assert [(cell.name, cell.magnitude.tolist()) for cell in cells] == [
        ("a", [250, 500]),
        ("b#1", [0.25, 0.5]),
        ("b#2", [0.125, 0.75, 1.0]),
    ]
    (cell,) = read_quietly(path, time_unit="1/1000 s", unit="a")
    assert seconds(cell).tolist() == [0.25, 0.5]
    write_matlab_5(path, {"waves": np.zeros((3, 4))})
    refuse(path, "no vector of times that rise", time_unit="s")
