"""MATLAB files: Spike2's exports of both kinds, and neo's Block."""

import neo
import numpy as np
import pytest
import quantities as pq
from scipy.io import savemat
from support.vendor_files import read_quietly, refuse, seconds, spike2_structs, write_matlab_73

from elephant_dic.recordings import inspect_recording, read_spiketrains


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


def test_samples_without_their_scale_are_scaled(tmp_path, write_matlab):
    path = tmp_path / "export.mat"
    fields = spike2_structs()["V1_Ch1"]
    raw = np.round((fields["values"] + 5) * 6553.6 / 40).astype("i2")
    write_matlab(path, {"V1_Ch1": fields | {"values": raw, "scale": 40.0, "offset": -5.0}})
    (cell,) = read_spiketrains(path)
    assert seconds(cell) == pytest.approx([0.6, 0.8, 1.0], abs=1e-3)


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
