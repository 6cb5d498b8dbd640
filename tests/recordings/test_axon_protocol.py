"""Axon files (.abf): their sweeps, and what was injected into the cell."""

import neo
import numpy as np
import pytest
import quantities as pq
from neo.rawio.axonrawio import parse_axon_soup
from support.patch_files import add_tags, set_pulses, set_user_list_of_version_1
from support.vendor_files import (
    RATE,
    SILENT,
    SPIKES,
    SWEEPS,
    read_quietly,
    refuse,
    seconds,
    write_abf1,
    write_abf2,
)

from elephant_dic.recordings import read_spiketrains
from elephant_dic.recordings.patch_clamp.axon import read_axon, read_tags
from elephant_dic.recordings.patch_clamp.axon_protocol import sweep_commands
from elephant_dic.trains import Stimulus, stimulus_of

STEPS = {"epochs": [(1, 0, 0, 2000, 0), (1, -50, 50, 8000, 0)]}  # -50, 0, 50 pA


@pytest.fixture(params=[write_abf1, write_abf2], ids=["abf1", "abf2"])
def write_abf(request):
    return request.param


@pytest.fixture
def abf(tmp_path, write_abf):
    """Three sweeps that start every 2 s, without any stimulus."""
    path = tmp_path / "cell.abf"
    channels = {("I_MTest", "nA"): np.zeros_like(SWEEPS), ("Vm", "mV"): SWEEPS}
    write_abf(path, channels, RATE, starts=[0, 40_000, 80_000], outputs=[{}])
    return path


def test_sweeps_of_one_current_are_a_group(abf):
    (group,) = read_spiketrains(abf)
    assert isinstance(group, neo.Group)
    assert group.name == "Vm"
    for k, (train, spikes) in enumerate(zip(group.spiketrains, SPIKES, strict=True)):
        assert seconds(train) == pytest.approx(np.add(spikes, 2 * k), abs=1e-3)
        assert (float(train.t_start), float(train.t_stop)) == (2 * k, 2 * k + 1)
        known = dict(train.annotations)
        assert known.pop("threshold").rescale("mV").item() == pytest.approx(-15, abs=1)
        assert stimulus_of(train).is_like(Stimulus([2000.0 * k], [0.0]))
        del known["stimulus_times"], known["stimulus_currents"]
        for name in ("epoch_potentials", "epoch_extremes"):
            assert known.pop(name).rescale("mV").magnitude == pytest.approx([-60], abs=0.01)
        assert known == {
            "source": "cell.abf",
            "channel": "Vm",
            "sweep": k,
            "injected_current": "0 pA",
        }


@pytest.mark.parametrize(("sweep", "expected"), [(1, [1]), ([0, 2], [0, 2]), (np.array([2]), [2])])
def test_sweeps_are_selected(abf, sweep, expected):
    (cell,) = read_spiketrains(abf, sweep=sweep)
    trains = cell.spiketrains if isinstance(cell, neo.Group) else [cell]
    assert [train.annotations["sweep"] for train in trains] == expected


def test_a_selection_of_no_sweep(abf):
    refuse(abf, "the list of sweeps is empty", sweep=[])


@pytest.mark.parametrize("sweep", [3, -1, [0, 7]])
def test_a_sweep_that_does_not_exist(abf, sweep):
    refuse(abf, r"there is no sweep (3|-1|7); available: 0 to 2", sweep=sweep)


def test_a_sweep_is_an_integer(abf):
    with pytest.raises(TypeError):
        read_spiketrains(abf, sweep=1.0)


def test_the_channel_is_a_name_or_an_index(abf):
    for channel in ("Vm", 1):
        (group,) = read_spiketrains(abf, channel=channel)
        assert group.name == "Vm"
    refuse(abf, r"no membrane potential \(channels: I_MTest in nA\)", channel="I_MTest")
    refuse(abf, r"no channel 'Vn'; it holds channels I_MTest in nA, Vm in mV", channel="Vn")
    refuse(abf, "no channel 2; it holds channels", channel=2)


def test_a_threshold_is_taken_as_given(abf):
    (group,) = read_spiketrains(abf, threshold=-0.04 * pq.V)
    assert group.spiketrains[0].annotations["threshold"] == -40 * pq.mV
    refuse(abf, r"highest potential is 30.0 mV, and no action .* of 50.0 mV", threshold=50 * pq.mV)


@pytest.mark.parametrize("name", ["threshold", "t_start", "t_stop"])
def test_bare_numbers_are_no_quantities(abf, name):
    with pytest.raises(TypeError, match=rf"{name} must be a Quantity \(in m?[sV] or the like\), got float"):
        read_spiketrains(abf, **{name: 1.0})


def test_sweeps_of_different_currents_are_one_cell(tmp_path, write_abf):
    path = tmp_path / "steps.abf"
    write_abf(path, {("Vm", "mV"): SWEEPS}, RATE, outputs=[STEPS])
    with pytest.warns(UserWarning, match=r"\(-50 pA \| 50 pA\): its 3 sweeps hold .* from -50 to 50 pA; "):
        (group,) = read_spiketrains(path)
    trains = group.spiketrains
    assert group.name == "Vm (-50 to 50 pA)"
    assert [train.annotations["injected_current"] for train in trains] == ["-50 pA", "0 pA", "50 pA"]
    assert [train.annotations["sweep"] for train in trains] == [0, 1, 2]
    assert [len(train) for train in trains] == [3, 2, 4]


@pytest.mark.parametrize(
    ("output", "current"),
    [
        ({"epochs": [(1, 0, 0, 2000, 0), (1, 80, 0, 8000, 0)]}, "80 pA"),
        ({"holding": -20}, "-20 pA"),
        ({"holding": -20, "enabled": 0, "epochs": [(1, 80, 5, 80, 0)]}, "-20 pA"),
        ({"holding": -20, "epochs": [(1, 80, 0, 8000, 0)], "units": "nA"}, "-20, 80, -20 nA"),
        ({"epochs": [(1, 5, 0, 9, 0), (1, 0, 0, 9, 0), (1, 7, 0, 9, 0)]}, "5, 0, 7 pA"),
        ({"epochs": [(1, 0, 0, 9, 0), (2, 7, 0, 9, 0)]}, "ramp 0 to 7 pA"),
        ({"epochs": [(1, 5, 0, 9, 0), (2, 7, 0, 9, 0), (2, 0, 0, 9, 0)]}, "ramp 5 to 7, ramp 7 to 0 pA"),
        ({"holding": -20, "epochs": [(2, 80, 0, 9, 0)]}, "ramp -20 to 80, -20 pA"),
        ({"epochs": [(2, 0, 0, 9, 0), (1, 7, 0, 9, 0), (2, 7, 0, 9, 0)]}, "7 pA"),
        ({"epochs": [(3, 7, 0, 9, 0)]}, "pulses of 7 pA"),
        ({"epochs": [(1, 2, 0, 9, 0), (4, 7, 0, 9, 0)]}, "2, triangles of 7 pA"),
        ({"epochs": [(5, 7, 0, 9, 0), (7, 8, 0, 9, 0)]}, "cosines of 7, biphasic pulses of 8 pA"),
        ({"epochs": [(6, 7, 0, 9, 0)]}, "an epoch of unknown kind 6 pA"),
    ],
)
def test_a_steady_stimulus_makes_one_cell_and_a_warning(tmp_path, write_abf, output, current):
    path = tmp_path / "steady.abf"
    write_abf(path, {("Vm", "mV"): SWEEPS}, RATE, outputs=[output])
    known = rf"stimulated \({current}\): its 3 sweeps hold current"
    if current == "-20 pA":
        known = r"stimulated \(-20 pA\)\. The models have no injected current: "
    with pytest.warns(UserWarning, match=rf"{known}|stimulated \({current}\); .* is not certain|not told"):
        (group,) = read_spiketrains(path)
    assert len(group.spiketrains) == 3
    assert group.spiketrains[0].annotations["injected_current"] == current


@pytest.mark.parametrize(
    "output",
    [
        {"enabled": 0, "epochs": STEPS["epochs"]},
        {"epochs": [(0, 80, 10, 80, 0)]},
        {"epochs": [(1, 80, 10, 0, 0)]},
        {"enabled": 0, "units": "mV", "holding": -70},
    ],
)
def test_what_is_switched_off_is_no_stimulus(tmp_path, write_abf, output):
    path = tmp_path / "off.abf"
    write_abf(path, {("Vm", "mV"): SWEEPS}, RATE, outputs=[output])
    (group,) = read_spiketrains(path)
    current = None if output.get("units") == "mV" else "0 pA"
    assert group.spiketrains[0].annotations.get("injected_current") == current


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ({"epochs": [(5, 40, 10, 900, 0)]}, r"cosines of 40 pA \| cosines of 50 pA \| cosines of 60 pA"),
        ({"epochs": [(6, 60, 0, 100, 50)]}, "6 is not certain; .* as 3 entries"),
        ({"units": "V", "name": "LED", "epochs": [(1, 0, 5, 9, 0)]}, r"5 V \(LED\) \| 10 V"),
    ],
)
def test_sweeps_that_differ_otherwise_are_kept_apart(tmp_path, write_abf, output, text):
    path = tmp_path / "differ.abf"
    write_abf(path, {("Vm", "mV"): SWEEPS}, RATE, outputs=[output])
    with pytest.warns(UserWarning, match=text):
        cells = read_spiketrains(path)
    assert [len(cell) for cell in cells] == [3, 2, 4]
    assert len({cell.name for cell in cells}) == 3


def test_gap_free_recordings_are_not_stimulated(tmp_path, write_abf):
    path = tmp_path / "free.abf"
    write_abf(path, {("Vm", "mV"): SWEEPS[:1]}, RATE, outputs=[STEPS], mode=3)
    (cell,) = read_spiketrains(path)
    assert cell.annotations["injected_current"] == "0 pA"


def test_what_looks_like_a_spike_and_is_none_is_told(tmp_path, write_abf):
    path = tmp_path / "cell.abf"
    volts = SWEEPS.copy()
    volts[1, 15_000] = 40  # a stimulus artefact
    write_abf(path, {("Vm", "mV"): volts}, RATE, outputs=[{}])
    with pytest.warns(UserWarning, match="cell.abf: Vm, sweep 1: 1 excursions .* artefact"):
        (group,) = read_spiketrains(path)
    assert [len(train) for train in group.spiketrains] == [3, 2, 4]


@pytest.mark.parametrize("output", [{"source": 2}, {"source": 2, "epochs": [(1, 80, 0, 800, 0)]}])
def test_a_current_from_a_file_is_not_known(tmp_path, write_abf, output):
    path = tmp_path / "file.abf"
    write_abf(path, {("Vm", "mV"): SWEEPS}, RATE, outputs=[output])
    with pytest.warns(UserWarning, match="does not tell what current was injected; .* as 3 entries"):
        cells = read_spiketrains(path)
    assert [cell.name for cell in cells] == [f"Vm (unknown; a stimulus file, sweep {k})" for k in range(3)]
    assert {cell.annotations["injected_current"] for cell in cells} == {"unknown"}


@pytest.mark.parametrize("epochs", [[(1, 80, 0, 8000, 0)], [(1, 0, 0, 8000, 0)], []])
@pytest.mark.parametrize("version", [1, 2])
def test_a_list_of_levels_set_by_hand_keeps_sweeps_apart(tmp_path, version, epochs):
    path, channels = tmp_path / "list.abf", {("Vm", "mV"): SWEEPS}
    if version == 1:
        write_abf1(path, channels, RATE, outputs=[{"epochs": epochs}])
        set_user_list_of_version_1(path)
    else:
        write_abf2(path, channels, RATE, outputs=[{"epochs": epochs}], user_list=True)
    with pytest.warns(UserWarning, match="does not tell what current was injected"):
        cells = read_spiketrains(path)
    assert {cell.annotations["injected_current"] for cell in cells} == {"unknown"}
    assert len(cells) == 3


def test_a_user_list_changes_nothing_where_no_waveform_is_put_out(tmp_path):
    path = tmp_path / "off.abf"
    write_abf2(path, {("Vm", "mV"): SWEEPS}, RATE, outputs=[{"enabled": 0}], user_list=True)
    (group,) = read_spiketrains(path)
    assert group.spiketrains[0].annotations["injected_current"] == "0 pA"


def test_one_known_output_and_one_that_is_not(tmp_path, write_abf):
    path = tmp_path / "two.abf"
    known = {"name": "A", "epochs": [(1, 80, 0, 8000, 0)]}
    write_abf(path, {("Vm", "mV"): SWEEPS}, RATE, outputs=[known, {"name": "B", "source": 2}])
    with pytest.warns(
        UserWarning, match=r"stimulated \(80 pA \(A\); unknown \(B\); a stimulus file, sweep 0"
    ):
        cells = read_spiketrains(path)
    assert len(cells) == 3


def test_pulses_of_another_width_are_another_stimulus(tmp_path):
    first, second = tmp_path / "first.abf", tmp_path / "second.abf"
    waveforms = []
    for path, width in ((first, 20), (second, 40)):
        output = {"epochs": [(3, 80, 0, 8000, 0)]}
        write_abf2(path, {("Vm", "mV"): SWEEPS}, RATE, outputs=[output])
        set_pulses(path, 200, width)
        commands = sweep_commands(parse_axon_soup(str(path)), path, 3, SWEEPS.shape[1], RATE)
        waveforms += {command.waveforms for command in commands}
    assert len(waveforms) == len(set(waveforms)) == 2


def currents(level, start=4000, stop=12_000):
    """A current of three sweeps, which is at a level for a while in the second."""
    traces = np.zeros_like(SWEEPS)
    traces[1, start:stop] = level
    return traces + np.random.default_rng(0).normal(0, 0.5, traces.shape)


@pytest.mark.parametrize(
    ("mode", "outputs"),
    [
        (5, [{}]),
        (3, [{}]),
        (5, [{"units": "mV"}]),
        (5, [{"source": 2}]),
        (3, [{"epochs": [(1, 9, 0, 900, 0)]}]),
    ],
)
def test_a_current_that_was_recorded_stands_for_one_that_is_not_known(tmp_path, write_abf, mode, outputs):
    path = tmp_path / "measured.abf"
    write_abf(path, {("Vm", "mV"): SWEEPS, ("Im", "pA"): currents(150)}, RATE, outputs=outputs, mode=mode)
    with pytest.warns(UserWarning, match=r"stimulated \(0 to 150 pA, measured in Im\): its 3 sweeps hold"):
        (group,) = read_spiketrains(path)
    told = [train.annotations["injected_current"] for train in group.spiketrains]
    assert told == ["0 pA", "0 to 150 pA, measured in Im", "0 pA"]
    rest, step, _ = map(stimulus_of, group.spiketrains)
    assert rest.is_like(Stimulus([0.0], [0.0]))
    assert step.times == pytest.approx([1200, 1200, 1600, 1600], abs=0.11)
    assert step.currents == pytest.approx([0, 150, 150, 0], abs=0.1)


def test_small_steps_in_a_noisy_recorded_current(tmp_path, write_abf):
    path, noise = tmp_path / "noisy.abf", np.random.default_rng(1).normal(0, 5, SWEEPS.shape)
    steps = np.zeros_like(SWEEPS)
    steps[1:, SWEEPS.shape[1] // 5 : 4 * SWEEPS.shape[1] // 5] = [[10.0], [20.0]]
    write_abf(path, {("Vm", "mV"): SWEEPS, ("Im", "pA"): steps + noise}, RATE, outputs=[{}])
    (group,) = read_quietly(path)
    rest, small, large = (train.annotations["injected_current"] for train in group.spiketrains)
    assert (rest, small) == ("0 pA", "0 to 10 pA, measured in Im")
    assert large.endswith(" pA, measured in Im")
    for train, level in zip(group.spiketrains[1:], (10, 20), strict=True):
        assert stimulus_of(train).currents == pytest.approx([0, level, level, 0], abs=0.5)
    write_abf(path, {("Vm", "mV"): SWEEPS, ("Im", "pA"): noise}, RATE, outputs=[{}])
    (group,) = read_quietly(path)
    assert {train.annotations["injected_current"] for train in group.spiketrains} == {"0 pA"}


def test_a_recorded_current_that_is_steady(tmp_path, write_abf):
    path, steady = tmp_path / "steady.abf", 120 + currents(0)
    write_abf(path, {("Vm", "mV"): SWEEPS, ("Im", "pA"): steady}, RATE, outputs=[{}])
    with pytest.warns(UserWarning, match=r"\(120 pA, measured in Im\)\. The models have no injected current"):
        (group,) = read_spiketrains(path)
    assert len(group.spiketrains) == 3


@pytest.mark.parametrize(("step", "current"), [(150, "-20 to 130 pA, measured in Im"), (0, "-20 pA")])
def test_a_recorded_current_beside_a_holding_current(tmp_path, write_abf, step, current):
    path, held = tmp_path / "held.abf", currents(step) - 20
    write_abf(path, {("Vm", "mV"): SWEEPS, ("Im", "pA"): held}, RATE, outputs=[{"holding": -20}])
    with pytest.warns(UserWarning, match="stimulated"):
        cells = read_spiketrains(path)
    assert {
        train.annotations["injected_current"]
        for cell in cells
        for train in getattr(cell, "spiketrains", [cell])
    } == {current, "-20 pA"}


def test_a_known_command_is_believed_more_than_a_recorded_current(tmp_path, write_abf):
    path = tmp_path / "steps.abf"
    write_abf(path, {("Vm", "mV"): SWEEPS, ("Im", "pA"): currents(150)}, RATE, outputs=[STEPS])
    (group,) = read_quietly(path)
    told = [train.annotations["injected_current"] for train in group.spiketrains]
    assert told == ["-50 pA", "0 pA", "50 pA"]


def test_a_recorded_current_of_sweeps_that_are_not_listed(tmp_path):
    path = tmp_path / "unlisted.abf"
    channels = {("Vm", "mV"): SWEEPS, ("Im", "pA"): currents(150)}
    write_abf1(path, channels, RATE, list_sweeps=False, outputs=[{}])
    with pytest.warns(UserWarning, match="measured in Im"):
        (group,) = read_spiketrains(path)
    assert [stimulus_of(train).currents.max() > 100 for train in group.spiketrains] == [False, True, False]


@pytest.mark.parametrize(("tick", "times"), [(0.0, [0.05, 2.0]), (50.0, [0.1, 4.0])])
def test_tags_are_events(tmp_path, write_abf, tick, times):
    path = tmp_path / "tags.abf"
    channels = {("Vm", "mV"): SWEEPS, ("I", "pA"): np.zeros_like(SWEEPS)}
    write_abf(path, channels, RATE, outputs=[{}])
    add_tags(path, [(2000, "TTX 1 \xb5M"), (80_000, "")], tick)
    (event,) = read_axon(path).marks
    assert seconds(event) == pytest.approx(times)
    assert event.labels.tolist() == ["TTX 1 \xb5M", "comment"]
    assert len(read_spiketrains(path)) == 1


def test_a_table_of_tags_that_is_cut_off(tmp_path, write_abf):
    path = tmp_path / "tags.abf"
    write_abf(path, {("Vm", "mV"): SWEEPS}, RATE, outputs=[{}])
    info = parse_axon_soup(str(path))
    if write_abf is write_abf1:
        info |= {"lNumTagEntries": 5, "lTagSectionPtr": 10**6}
    else:
        info["sections"]["TagSection"] |= {"llNumEntries": 5, "uBlockIndex": 10**6, "uBytes": 64}
    assert read_tags(path, info) == ((), ("its 5 tags are left out: the table of tags is damaged",))


def test_what_sweeps_share_counts_once(tmp_path, write_abf):
    path = tmp_path / "overlap.abf"
    trace = np.concatenate(SWEEPS)
    sweeps = np.stack([trace[:20_000], trace[10_000:30_000], trace[25_000:45_000]])
    write_abf(path, {("Vm", "mV"): sweeps}, RATE, starts=[0, 10_000, 25_000], outputs=[{}])
    with pytest.warns(UserWarning, match="Vm: what sweep 1, 2 repeats of the one before it is left out"):
        (group,) = read_spiketrains(path)
    times = np.concatenate([seconds(train) for train in group.spiketrains])
    assert times == pytest.approx([0.1, 0.3, 0.5, 1.2, 1.6, 2.15], abs=1e-3)
    assert [float(train.t_start) for train in group.spiketrains] == [0, 1, 1.5]


def test_sweeps_at_times_that_cannot_be(tmp_path, write_abf):
    path = tmp_path / "overlap.abf"
    write_abf(path, {("Vm", "mV"): SWEEPS}, RATE, starts=[0, 10_000, 40_000], outputs=[{}])
    with pytest.warns(
        UserWarning, match="Vm: sweep 1 overlaps in time with the one before it, though with other"
    ):
        (group,) = read_spiketrains(path)
    assert [len(train) for train in group.spiketrains] == [3, 2, 4]


def test_two_outputs_are_told_apart(tmp_path, write_abf):
    path = tmp_path / "two.abf"
    outputs = [{"name": "A", "holding": 10}, {"name": "B", "holding": 20}]
    write_abf(path, {("Vm", "mV"): SWEEPS}, RATE, outputs=outputs)
    with pytest.warns(UserWarning, match=r"10 pA \(A\); 20 pA \(B\)"):
        read_spiketrains(path)


def test_an_old_header_does_not_tell_the_current(tmp_path):
    path = tmp_path / "old.abf"
    write_abf1(path, {("Vm", "mV"): SWEEPS}, RATE, version=1.3)
    with pytest.warns(UserWarning, match="does not tell what current was injected; .* as 3 entries"):
        cells = read_spiketrains(path)
    assert {cell.annotations["injected_current"] for cell in cells} == {"unknown"}


def test_sweeps_without_a_list_of_starts_are_still_sweeps(tmp_path):
    path = tmp_path / "unlisted.abf"
    channels = {("Vm", "mV"): SWEEPS, ("I", "pA"): np.zeros_like(SWEEPS)}
    write_abf1(path, channels, RATE, list_sweeps=False, outputs=[{}])
    (group,) = read_spiketrains(path)
    assert [float(train.t_start) for train in group.spiketrains] == [0, 1, 2]
    for k, train in enumerate(group.spiketrains):
        assert seconds(train) == pytest.approx(np.add(SPIKES[k], k), abs=1e-3)


def test_unlisted_sweeps_of_unequal_length(tmp_path):
    path = tmp_path / "unlisted.abf"
    write_abf1(path, {("Vm", "mV"): SWEEPS[:, :19_999]}, RATE, list_sweeps=False)
    header = bytearray(path.read_bytes())
    header[16:20] = (8).to_bytes(4, "little")  # number of sweeps
    path.write_bytes(header)
    refuse(path, "59997 samples do not divide into the 8 sweeps")


def test_several_voltage_channels_need_a_choice(tmp_path, write_abf):
    path = tmp_path / "two.abf"
    write_abf(path, {("IN 0", "mV"): SWEEPS, ("IN 1", "mV"): SILENT}, RATE, outputs=[{}])
    refuse(path, "several voltage channels, .* with channel=: IN 0 in mV, IN 1 in mV")
    (group,) = read_spiketrains(path, channel="IN 0")
    assert len(group.spiketrains) == 3


def test_the_voltage_channel_named_as_membrane_potential_is_chosen(tmp_path, write_abf):
    path = tmp_path / "two.abf"
    write_abf(path, {("IN 0", "mV"): SILENT, ("10_Vm", "mV"): SWEEPS}, RATE, outputs=[{}])
    (group,) = read_spiketrains(path)
    assert group.name == "10_Vm"


def test_two_channels_of_the_same_name_are_told_apart(tmp_path):
    path = tmp_path / "same.abf"
    write_abf2(path, {("IN", "mV"): SILENT, ("IN", "pA"): SILENT}, RATE)
    refuse(path, r"channels: IN#1 in pA", channel="IN#1")


def test_voltage_clamp_holds_no_membrane_potential(tmp_path, write_abf):
    path = tmp_path / "clamp.abf"
    write_abf(path, {("IN 0", "pA"): SWEEPS}, RATE)
    refuse(path, r"no membrane potential \(channels: IN 0 in pA\): voltage clamp, or a potential")


def test_a_silent_recording(tmp_path, write_abf):
    path = tmp_path / "silent.abf"
    write_abf(path, {("Vm", "mV"): SILENT}, RATE)
    refuse(path, r"no spikes in Vm: its highest potential is -60.0 mV, and nothing rises by 20 mV")


def test_silent_sweeps_stay_in_their_group(tmp_path, write_abf):
    path = tmp_path / "cell.abf"
    volts = np.stack([SWEEPS[0], SILENT[0], SWEEPS[2]])
    write_abf(path, {("Vm", "mV"): volts}, RATE, outputs=[{}])
    (group,) = read_spiketrains(path)
    assert [len(train) for train in group.spiketrains] == [3, 0, 4]


def test_entries_without_spikes_are_named(tmp_path, write_abf):
    path = tmp_path / "light.abf"
    volts = np.stack([SILENT[0], SWEEPS[1], SWEEPS[2]])
    light = {"units": "V", "name": "LED", "epochs": [(1, 0, 5, 9, 0)]}
    write_abf(path, {("Vm", "mV"): volts}, RATE, outputs=[light])
    stimulated = pytest.warns(UserWarning, match=r"stimulated \(5 V \(LED\) \| 10 V .* as 2 entries")
    left_out = pytest.warns(UserWarning, match=r"left out, .* without spikes: Vm \(no stimulus\)")
    with stimulated, left_out:
        cells = read_spiketrains(path)
    assert [cell.name for cell in cells] == ["Vm (5 V (LED))", "Vm (10 V (LED))"]


def test_what_is_read_can_be_written_to_nix(abf, tmp_path):
    (group,) = read_spiketrains(abf)
    block, segment = neo.Block(), neo.Segment()
    segment.spiketrains.extend(group.spiketrains)
    block.segments.append(segment)
    block.groups.append(group)
    with neo.NixIO(str(tmp_path / "copy.nix"), mode="ow") as io:
        io.write_block(block)
    (copy,) = read_spiketrains(tmp_path / "copy.nix")
    assert copy.name == "Vm"
    for old, new in zip(group.spiketrains, copy.spiketrains, strict=True):
        np.testing.assert_array_equal(seconds(old), seconds(new))
        assert new.annotations["injected_current"] == "0 pA"
        assert new.annotations["source"] == "copy.nix"
        assert "nix_name" not in new.annotations


@pytest.mark.parametrize(("write", "path"), [(write_abf1, "a1.abf"), (write_abf2, "a2.abf")])
def test_the_axon_files_of_these_tests_are_what_another_reader_reads(tmp_path, write, path):
    pyabf = pytest.importorskip("pyabf")
    outputs = [{"epochs": [(1, 0, 0, 2000, 0), (1, -50, 50, 17_000, 0)]}]
    write(tmp_path / path, {("Vm", "mV"): SWEEPS}, RATE, outputs=outputs)
    abf = pyabf.ABF(str(tmp_path / path))
    for k, level in enumerate((-50, 0, 50)):
        abf.setSweep(k)
        assert abf.sweepY == pytest.approx(SWEEPS[k], abs=0.01)
        assert abf.sweepC[10_000] == level
