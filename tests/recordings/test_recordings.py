"""Recordings in several formats, written here and read back, and files that are refused."""

import subprocess
import sys
import warnings

import neo
import numpy as np
import pytest
import quantities as pq
from support.vendor_files import (
    RATE,
    SILENT,
    SPIKES,
    SWEEPS,
    read_quietly,
    refuse,
    seconds,
    write_abf2,
    write_nev,
    write_plx,
    write_smr,
)

from elephant_dic.recordings import RecordingError, inspect_recording, read_spiketrains

STEPS = {"epochs": [(1, 0, 0, 2000, 0), (1, -50, 50, 8000, 0)]}  # -50, 0, 50 pA

# --- Spike2 --------------------------------------------------------------------------------------


WAVEMARK = {"title": "MU", "times": [0.5, 1.0, 1.5, 2.0, 2.5], "codes": [0, 1, 2, 1, 1]}
SAMPLED = {"title": "EMG", "pieces": [(0.0, np.zeros(8000))], "rate": 2000}  # 4 s


def test_sorted_units_of_a_spike2_file(tmp_path):
    path = tmp_path / "units.smr"
    one_code = {"title": "single", "times": [0.1, 0.2], "codes": [3, 3]}
    write_smr(path, [SAMPLED, WAVEMARK, one_code])
    cells = read_spiketrains(path)
    assert [cell.name for cell in cells] == ["MU#unclassified", "MU#1", "MU#2", "single"]
    assert seconds(cells[1]) == pytest.approx([1.0, 2.0, 2.5])
    assert cells[1].annotations == {"source": "units.smr", "unit": "MU#1", "channel": "MU"}
    assert (float(cells[1].t_start), float(cells[1].t_stop)) == pytest.approx((0, 4), abs=1e-3)


def test_a_unit_of_a_spike2_file_is_selected(tmp_path):
    path = tmp_path / "units.smr"
    write_smr(path, [SAMPLED, WAVEMARK])
    for name in ("MU#2", "ch1#2"):
        (cell,) = read_spiketrains(path, unit=name)
        assert seconds(cell) == pytest.approx([1.5])
    refuse(path, r"called 'MU': MU#unclassified .*; MU#1 .*; MU#2", unit="MU")
    refuse(path, "no unit 'MX'; it holds units MU#unclassified, MU#1, MU#2; channels", unit="MX")
    assert len(read_spiketrains(path, channel="MU")) == 3
    refuse(path, "no spikes in EMG: its highest potential is 0.0 mV", channel="EMG")


def test_units_of_the_same_name_are_told_apart(tmp_path):
    path = tmp_path / "same.smr"
    write_smr(path, [SAMPLED] + [{"title": "MU", "times": [0.1 * k], "codes": [1]} for k in (1, 2)])
    assert [cell.name for cell in read_spiketrains(path)] == ["MU#0", "MU#1"]
    refuse(path, r"several units are called 'MU': MU#0 .*ch1#1.*; MU#1 .*ch2#1", unit="MU")
    (cell,) = read_spiketrains(path, unit="ch2#1")
    assert seconds(cell) == pytest.approx([0.2])


def test_event_channels_are_read_when_asked_for(tmp_path):
    path = tmp_path / "events.smr"
    write_smr(
        path,
        [
            SAMPLED,
            {"title": "spikes", "times": [0.5, 1.5]},
            {"title": "stim", "times": [1.0]},
            {"title": "unused", "times": []},
        ],
    )
    refuse(path, r"no sorted unit; events=True reads its event channels \(spikes, stim\), .*EMG in")
    cells = read_spiketrains(path, events=True)
    assert [cell.name for cell in cells] == ["spikes", "stim"]
    assert cells[0].annotations == {"source": "events.smr", "channel": "spikes"}
    for channel in ("spikes", 0):
        (cell,) = read_spiketrains(path, events=True, channel=channel)
        assert seconds(cell) == pytest.approx([0.5, 1.5])
    refuse(path, "no event channel 'x'; it holds .*event channels", events=True, channel="x")
    with pytest.raises(ValueError, match="events=True reads event channels"):
        read_spiketrains(path, events=True, unit="spikes")


def test_a_file_without_event_channels(tmp_path):
    path = tmp_path / "units.smr"
    write_smr(path, [SAMPLED, WAVEMARK])
    refuse(path, "no event channel; it holds units", events=True)


def test_a_unit_needs_no_threshold(tmp_path):
    with pytest.raises(ValueError, match="needs no threshold"):
        read_spiketrains(tmp_path / "x.smr", unit="MU", threshold=0 * pq.mV)


def test_an_end_that_is_the_last_event_is_doubted(tmp_path):
    path = tmp_path / "events.smr"
    write_smr(path, [{"title": "spikes", "times": [0.0, 1.5]}])
    with pytest.warns(UserWarning, match=r"its t_stop, 1.5 s, .* pass t_stop="):
        read_spiketrains(path, events=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        (cell,) = read_spiketrains(path, events=True, t_stop=3000 * pq.ms)
    assert cell.t_stop == 3 * pq.s
    with pytest.warns(UserWarning, match=r"1 of 2 spikes are outside of the stretch from the start to 1.0 s"):
        (cell,) = read_spiketrains(path, events=True, t_stop=1 * pq.s)
    assert (cell.magnitude.tolist(), float(cell.t_stop)) == ([0], 1)


def test_pauses_make_sweeps_and_their_spikes_are_counted(tmp_path):
    path = tmp_path / "pause.smr"
    pieces = [(0.0, np.zeros(2000)), (3.0, np.zeros(2000))]
    unit = {"title": "MU", "times": [0.5, 1.5, 2.5, 3.2, 3.5], "codes": [1] * 5}
    write_smr(path, [SAMPLED | {"pieces": pieces}, unit])
    with pytest.warns(UserWarning, match="2 spikes or events lie outside what the sampled channels cover"):
        (group,) = read_spiketrains(path)
    assert [len(train) for train in group.spiketrains] == [1, 2]
    assert [train.annotations["sweep"] for train in group.spiketrains] == [0, 1]
    (part,) = read_quietly(path, t_stop=3.3 * pq.s)
    assert [len(train) for train in part.spiketrains] == [1, 1]
    assert read_quietly(path, sweep=1, t_stop=5 * pq.s)[0].t_stop == 5 * pq.s


def test_events_in_pauses_are_counted(tmp_path):
    path = tmp_path / "pause.smr"
    write_smr(path, [SAMPLED, {"title": "spikes", "times": [0.5, 1.5, 5.0]}])
    with pytest.warns(UserWarning, match="1 spikes or events lie outside"):
        (cell,) = read_spiketrains(path, events=True)
    assert len(cell) == 2


def test_a_membrane_potential_in_a_spike2_file(tmp_path):
    path = tmp_path / "cell.smr"
    write_smr(path, [{"title": "Vm", "pieces": [(0.5, SWEEPS[0])], "rate": RATE}])
    (cell,) = read_spiketrains(path)
    assert seconds(cell) == pytest.approx([0.6, 0.8, 1.0], abs=1e-3)


# --- NIX -----------------------------------------------------------------------------------------


def write_nix(path, block):
    with neo.NixIO(str(path), mode="ow") as io:
        io.write_block(block)


def train(spikes, name, t_start=0.0, t_stop=5.0, **annotations):
    return neo.SpikeTrain(spikes, units="s", t_start=t_start, t_stop=t_stop, name=name, **annotations)


def block_of(*segments_of_trains, groups=(), name=None, **annotations):
    block = neo.Block(**annotations)
    for trains in segments_of_trains:
        segment = neo.Segment(name=name)
        segment.spiketrains.extend(trains)
        block.segments.append(segment)
    block.groups.extend([neo.Group(trains, name=label) for label, trains in groups])
    return block


def test_spike_trains_of_a_nix_file(tmp_path):
    path = tmp_path / "trains.nix"
    write_nix(path, block_of([train([1, 2], "A", depth=3.5), train([3], "B"), train([4], "B")]))
    cells = read_spiketrains(path)
    assert [cell.name for cell in cells] == ["A", "B#0", "B#1"]
    assert [seconds(cell).tolist() for cell in cells] == [[1, 2], [3], [4]]
    assert cells[0].annotations == {"source": "trains.nix", "unit": "A", "depth": 3.5}
    refuse(path, "several units are called 'B': B#0", unit="B")
    assert seconds(read_spiketrains(path, unit="B#1")[0]).tolist() == [4]


def test_a_unit_of_several_segments_is_a_group(tmp_path):
    path = tmp_path / "segments.nix"
    later = {"t_start": 10.0, "t_stop": 15.0}
    write_nix(path, block_of([train([1], "A"), train([2], "B")], [train([11], "A", **later)]))
    group, single = read_spiketrains(path)
    assert [seconds(sweep).tolist() for sweep in group.spiketrains] == [[1], [11]]
    assert (group.name, single.name) == ("A", "B")


def test_segments_of_a_potential_whose_currents_are_unknown_are_not_pooled(tmp_path):
    path, block = tmp_path / "sweeps.nix", block_of([], [], [])
    for segment, volts in zip(block.segments, SWEEPS, strict=True):
        segment.analogsignals.append(
            neo.AnalogSignal(volts[:, np.newaxis], units="mV", sampling_rate=RATE * pq.Hz, name="Vm")
        )
    write_nix(path, block)
    with pytest.warns(UserWarning, match="not tell what current was injected; the sweeps are read as 3"):
        cells = read_spiketrains(path)
    assert [(len(cell), cell.annotations["injected_current"]) for cell in cells] == [
        (len(spikes), "unknown") for spikes in SPIKES
    ]
    (group,) = read_quietly(path, channel="Vm", extracellular=True, threshold=30 * pq.mV)
    assert [len(train) for train in group.spiketrains] == [len(spikes) for spikes in SPIKES]


def test_a_sweep_that_only_some_units_have(tmp_path):
    path = tmp_path / "segments.nix"
    later = {"t_start": 10.0, "t_stop": 15.0}
    write_nix(path, block_of([train([1], "A"), train([2], "B")], [train([11], "A", **later)]))
    with pytest.warns(UserWarning, match="left out, because without spikes: B"):
        (cell,) = read_spiketrains(path, sweep=1)
    assert seconds(cell).tolist() == [11]


def test_groups_are_cells_unless_their_trains_run_side_by_side(tmp_path):
    path = tmp_path / "groups.nix"
    sweeps = [train([1], "s0"), train([11], "s1", t_start=10.0, t_stop=15.0)]
    tetrode = [train([2], "A"), train([3], "B")]
    groups = [("cell", sweeps[::-1]), ("tetrode", tetrode)]
    write_nix(path, block_of([*sweeps, *tetrode], groups=groups))
    cells = read_spiketrains(path)
    assert [cell.name for cell in cells] == ["cell", "A", "B"]
    assert [seconds(sweep).tolist() for sweep in cells[0].spiketrains] == [[1], [11]]


def test_a_population_gives_its_recording(tmp_path):
    path = tmp_path / "population.nix"
    sweeps = [train([1], "cell"), train([11], "cell", t_start=10.0, t_stop=15.0)]
    block = block_of(sweeps, name="recording", elephant_dic="{}")
    simulation = neo.Segment(name="simulation")
    simulation.spiketrains.append(train([3, 4], "member 0"))
    block.segments.append(simulation)
    write_nix(path, block)
    (group,) = read_spiketrains(path)
    assert [seconds(sweep).tolist() for sweep in group.spiketrains] == [[1], [11]]


def test_a_membrane_potential_in_a_nix_file(tmp_path):
    path = tmp_path / "signal.nix"
    volts, rate = np.stack([SILENT[0], SWEEPS[0]], axis=1) / 1e3, RATE * pq.Hz
    block = block_of([], [])
    first, second = block.segments
    first.analogsignals.append(
        neo.AnalogSignal(volts, units="V", sampling_rate=rate, t_start=3 * pq.s, name="V")
    )
    second.analogsignals.append(neo.AnalogSignal(SILENT[0], units="pA", sampling_rate=rate, name="I"))
    write_nix(path, block)
    refuse(path, r"several voltage channels.*: V\[0\] in V, V\[1\] in V")
    refuse(path, r"V\[1\] has none of the sweeps chosen", channel="V[1]", sweep=1)
    (cell,) = read_spiketrains(path, channel="V[1]")
    assert seconds(cell) == pytest.approx(np.add(SPIKES[0], 3), abs=1e-3)


# --- other formats, and files that cannot be read ------------------------------------------------


def test_another_format_of_neo(tmp_path):
    path = tmp_path / "units.nev"
    write_nev(path, [0.1, 0.5, 1.2], [1, 1, 2])
    start = pytest.warns(UserWarning, match="its t_start, 0.1 s, is the time of an event")
    stop = pytest.warns(UserWarning, match="its t_stop, 1.2 s, is the time of an event")
    with start, stop:
        cells = read_spiketrains(path)
    assert [cell.name for cell in cells] == ["ch1#1", "ch1#2"]
    assert seconds(cells[0]) == pytest.approx([0.1, 0.5])
    (cell,) = read_spiketrains(path, unit="ch1#1", t_start=0 * pq.s, t_stop=2 * pq.s)
    assert (float(cell.t_start), float(cell.t_stop)) == (0, 2)


@pytest.mark.parametrize(
    ("suffix", "message"),
    [
        ("abf", "cannot be read as a .abf file.*signature"),
        ("smr", "does not begin like a Spike2 file"),
        ("nwb", "cannot be read as a .nwb file.*signature not found"),
        ("nix", "cannot be read as a .nix file.*signature not found"),
        ("nev", "neo cannot read it .*BlackrockIO: "),
        ("h5", "neo cannot read it"),
        ("mat", "it is no MATLAB file: its header does not say"),
        ("plx", "neo cannot read it .*PlexonIO: "),
        ("pl2", "neo cannot read it .*Plexon2IO is not used: it downloads a library and runs it"),
        ("pkl", r"\.pkl files are not read: .* can run any code"),
        ("xyz", r"files with suffix \.xyz are not read; \.abf, \.smr"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, suffix, message):
    path = tmp_path / f"noise.{suffix}"
    path.write_bytes(np.random.default_rng(0).bytes(5000))
    before = path.read_bytes()
    refuse(path, message)
    assert path.read_bytes() == before


def test_files_cut_short(tmp_path):
    write_abf2(tmp_path / "cell.abf", {("Vm", "mV"): SWEEPS}, RATE)
    write_smr(tmp_path / "cell.smr", [SAMPLED, WAVEMARK])
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    refuse(tmp_path / "cell.abf", "it is damaged, or was cut: its header tells of .* more than it can hold")
    refuse(tmp_path / "cell.smr", "cannot be read as a .smr file, it may be damaged")


def test_no_file_at_all(tmp_path):
    refuse(tmp_path / "missing.abf", "there is no such file: .*missing.abf")
    refuse(tmp_path, "it is a folder")
    empty = tmp_path / "empty.smr"
    empty.touch()
    refuse(empty, "it is empty")


def test_importing_the_module_loads_no_heavy_package():
    heavy = "{'pynwb', 'nixio', 'matplotlib', 'elephant'}"
    code = f"import sys, elephant_dic.recordings; print({heavy} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "set()", result.stderr


# --- inspection ----------------------------------------------------------------------------------


def test_what_is_in_an_axon_file(tmp_path):
    path = tmp_path / "steps.abf"
    write_abf2(path, {("Vm", "mV"): SWEEPS, ("I", "pA"): SILENT}, RATE, outputs=[STEPS])
    potential, current = inspect_recording(path)
    assert (potential.kind, potential.name, potential.units) == ("signal", "Vm", "mV")
    assert potential.n_sweeps == 3
    assert float(potential.duration.rescale("s")) == pytest.approx(3)
    assert float(potential.sampling_rate.rescale("Hz")) == pytest.approx(RATE)
    assert potential.stimuli == ("-50 pA", "0 pA", "50 pA")
    assert (current.name, current.units) == ("I", "pA")


def test_stimuli_that_the_file_does_not_tell_are_none(tmp_path):
    path = tmp_path / "cell.smr"
    write_smr(path, [{"title": "Vm", "pieces": [(0.0, SWEEPS[0]), (3.0, SWEEPS[1])], "rate": RATE}])
    (potential,) = inspect_recording(path)
    assert (potential.n_sweeps, potential.stimuli) == (2, (None, None))


def test_what_is_in_a_spike2_file(tmp_path):
    path = tmp_path / "units.smr"
    write_smr(path, [SAMPLED, WAVEMARK, {"title": "stim", "times": [1.0, 2.0]}])
    items = inspect_recording(path)
    assert [(item.kind, item.name) for item in items] == [
        ("signal", "EMG"),
        ("unit", "MU#unclassified"),
        ("unit", "MU#1"),
        ("unit", "MU#2"),
        ("events", "stim"),
    ]
    assert [item.n_spikes for item in items] == [None, 1, 3, 1, 2]
    assert float(items[2].rate) == pytest.approx(3 / 4, rel=1e-3)
    assert items[2].channel == "MU"


def test_what_is_in_a_table(tmp_path):
    path = tmp_path / "times.csv"
    path.write_text("A,B\n1,2\n3,4\n")
    items = inspect_recording(path, time_unit="s")
    assert [(item.name, item.n_spikes, float(item.rate)) for item in items] == [
        ("A", 2, 0.5),
        ("B", 2, 0.5),
    ]
    with pytest.raises(RecordingError, match="give time_unit"):
        inspect_recording(path)


def test_plexon_units(tmp_path, capfd):
    path = tmp_path / "units.plx"
    write_plx(path, [0.1, 0.5, 0.7, 1.2], [1, 1, 0, 2])
    with pytest.warns(UserWarning, match="its t_stop, 1.2 s, is the time of an event"):
        cells = read_spiketrains(path)
    assert {cell.name: seconds(cell).tolist() for cell in cells} == {
        "sig001#unclassified": pytest.approx([0.7]),
        "sig001#1": pytest.approx([0.1, 0.5]),
        "sig001#2": pytest.approx([1.2]),
    }
    assert float(cells[0].t_start) == 0
    assert "Parsing" not in capfd.readouterr().err  # neo's progress bars


def test_spikes_of_no_unit_in_a_blackrock_file(tmp_path):
    path = tmp_path / "units.nev"
    write_nev(path, [0.1, 0.5, 1.2], [0, 1, 255])
    assert [cell.name for cell in read_quietly(path)] == ["ch1#unclassified", "ch1#1", "ch1#noise"]
