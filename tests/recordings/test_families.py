"""Families of current steps: one cell, its spikes in each sweep, and what the potential says of it."""

import re

import neo
import numpy as np
import pytest
import quantities as pq
from support.nwb_files import add_electrode, new_nwb, response, stimulus, write_nwb
from support.stimuli import current_at, leaky_cell
from support.vendor_files import RATE, read_quietly, refuse, seconds, write_abf1, write_abf2

from elephant_dic.recordings import read_spiketrains
from elephant_dic.recordings.patch_clamp.membrane import Sweep, capacitance, drift, epoch_potentials
from elephant_dic.trains import Stimulus, stimulus_of

N = 24_000  # samples of a sweep of 1.2 s
BEGIN, STOP = 18.75 + 200, 18.75 + 700  # ms, of the step
LEVELS = np.arange(-60, 61, 30)
STEPS = {"epochs": [(1, 0, 0, 4000, 0), (1, -60, 30, 10_000, 0)]}
FIRING = [[], [], [], [0.3, 0.5], [0.25, 0.35, 0.45, 0.55, 0.65]]  # s, at each level


def step(level, holding=0.0):
    return Stimulus.steps(holding, (BEGIN, STOP, level))


def current(given):
    return current_at(given, np.arange(N) / RATE * 1e3)


def potentials(**cell):
    return np.stack(
        [
            leaky_cell(current(step(level)), RATE, spikes=spikes, seed=k, **cell)
            for k, (level, spikes) in enumerate(zip(LEVELS, FIRING, strict=True))
        ]
    )


@pytest.fixture(params=[write_abf1, write_abf2], ids=["abf1", "abf2"])
def family(request, tmp_path):
    """A file of steps from -60 to 60 pA into a cell of 50 pF and 400 megohm, which fires at the upper two."""
    path = tmp_path / "steps.abf"
    request.param(path, {("Vm", "mV"): potentials()}, RATE, outputs=[STEPS])
    return path


def test_a_family_is_one_cell_with_its_silent_sweeps(family):
    (group,) = read_quietly(family)
    assert isinstance(group, neo.Group)
    assert group.name == "Vm (-60 to 60 pA)"
    assert [len(train) for train in group.spiketrains] == [0, 0, 0, 2, 5]
    for k, (train, level) in enumerate(zip(group.spiketrains, LEVELS, strict=True)):
        assert train.annotations["sweep"] == k
        assert train.annotations["injected_current"] == f"{level} pA"
        start = float(train.t_start.rescale("ms"))
        expected = step(float(level)) if level else Stimulus([0.0], [0.0])
        assert stimulus_of(train).is_like(expected.shifted(start))
        assert seconds(train) == pytest.approx(np.add(FIRING[k], start / 1e3), abs=1.5e-3)


def test_the_warning_says_what_can_be_done(family):
    expected = (
        r"steps.abf: the cell was stimulated \(-60 pA \| -30 pA \| 30 pA \| 60 pA\): its 5 sweeps hold"
        r" current steps from -60 to 60 pA; populations that fire like all of them need the capacitance:"
        r" estimated as"
        r" (4[89]|5[0-2])(\.\d)? ± [\d.]+ pF from the hyperpolarising steps of 2 sweeps \(a membrane that"
        r" rectifies biases it\)$"
    )
    with pytest.warns(UserWarning, match=expected):
        read_spiketrains(family)


def test_what_the_potential_was_in_each_epoch(family):
    (group,) = read_quietly(family)
    for train, level in zip(group.spiketrains, LEVELS, strict=True):
        found = train.annotations["epoch_potentials"].rescale("mV").magnitude
        lowest = train.annotations["epoch_extremes"].rescale("mV").magnitude
        at_step = -65 + 0.4 * level
        expected = [-65, at_step, -65] if level else [-65]
        assert found == pytest.approx(expected, abs=0.2)
        assert lowest == pytest.approx([-65, min(at_step, -65), min(at_step, -65)][: len(expected)], abs=1)


def test_a_single_sweep_of_a_family(family):
    with pytest.warns(
        UserWarning, match="its sweep holds current steps of -?60 pA; populations that fire like it"
    ):
        (train,) = read_spiketrains(family, sweep=4)
    assert isinstance(train, neo.SpikeTrain)
    assert "capacitance" not in train.annotations
    start = float(train.t_start.rescale("ms"))
    assert stimulus_of(train).is_like(step(60.0).shifted(start))
    refuse(family, "no spikes in Vm at any level up to 0 pA: its highest potential is", sweep=0)


def test_equal_sweeps(tmp_path):
    path = tmp_path / "equal.abf"
    output = {"epochs": [(1, 0, 0, 4000, 0), (1, -60, 0, 10_000, 0)]}
    volts = np.stack([leaky_cell(current(step(-60)), RATE, spikes=[0.9], seed=k) for k in range(3)])
    write_abf2(path, {("Vm", "mV"): volts}, RATE, outputs=[output])
    with pytest.warns(UserWarning, match=r"\(-60 pA\): its 3 sweeps hold current steps of -60 pA; "):
        (group,) = read_spiketrains(path)
    assert group.name == "Vm (-60 pA)"
    assert group.annotations["capacitance_sweeps"] == 3
    assert group.annotations["capacitance"].rescale("pF").item() == pytest.approx(50, abs=2)


def test_a_family_without_a_spike_is_refused(tmp_path):
    path = tmp_path / "silent.abf"
    volts = np.stack([leaky_cell(current(step(level)), RATE) for level in LEVELS])
    write_abf2(path, {("Vm", "mV"): volts}, RATE, outputs=[STEPS])
    refuse(
        path, r"no spikes in Vm at any level up to 60 pA: its highest potential is -40\.\d mV, and nothing"
    )


def test_a_plateau_in_one_sweep_hides_no_spike_of_another(tmp_path):
    """Depolarisation block is told, as it is of a sweep alone."""
    path, volts = tmp_path / "block.abf", potentials()
    volts[4, 13_300:14_200] += 60
    write_abf2(path, {("Vm", "mV"): volts}, RATE, outputs=[STEPS])
    with pytest.warns(UserWarning, match="Vm, sweep 4: 1 excursions .* (plateau|do not rise)"):
        (group,) = read_spiketrains(path)
    assert [len(train) for train in group.spiketrains] == [0, 0, 0, 2, 5]


def test_sweeps_of_an_unknown_current_stay_entries_of_their_own(tmp_path):
    path, file = tmp_path / "patch.nwb", new_nwb()
    electrode = add_electrode(file)
    for k, level in enumerate((-60, 60, 90)):
        common = {"starting_time": 2.0 * k, "sweep_number": np.uint64(k)}
        volts = leaky_cell(current(step(level)), RATE, spikes=[0.9], seed=k)
        file.add_acquisition(response(f"v{k}", electrode, volts, **common))
        if level != 90:
            file.add_stimulus(stimulus(f"i{k}", electrode, current(step(level)), **common))
    write_nwb(path, file)
    with pytest.warns(UserWarning, match="its 2 sweeps hold .* from -60 to 60 pA; .*; .* as 2 entries"):
        group, single = read_spiketrains(path)
    assert [train.annotations["sweep"] for train in group.spiketrains] == [0, 1]
    assert single.annotations["injected_current"] == "unknown"
    assert stimulus_of(single) is None
    assert "epoch_potentials" not in single.annotations


def test_an_extracellular_trace_has_no_membrane(family):
    cells = read_quietly(family, extracellular=True)
    trains = [train for cell in cells for train in getattr(cell, "spiketrains", [cell])]
    assert not any({"stimulus_times", "epoch_potentials"} & train.annotations.keys() for train in trains)


def test_a_family_is_chosen_by_its_range(family):
    (group,) = read_quietly(family, where="injected_current == '-60 to 60 pA'")
    assert len(group.spiketrains) == 5


def test_a_family_can_be_written_to_nix(family, tmp_path):
    (group,) = read_quietly(family)
    block, segment = neo.Block(), neo.Segment()
    segment.spiketrains.extend(group.spiketrains)
    block.segments.append(segment)
    block.groups.append(group)
    with neo.NixIO(str(tmp_path / "copy.nix"), mode="ow") as io:
        io.write_block(block)
    (copy,) = read_quietly(tmp_path / "copy.nix")
    assert len(copy.spiketrains) == 5
    for old, new in zip(group.spiketrains, copy.spiketrains, strict=True):
        assert stimulus_of(new).is_like(stimulus_of(old))
        old_level, new_level = (np.atleast_1d(each.annotations["epoch_potentials"]) for each in (old, new))
        assert new_level == pytest.approx(old_level)


def sweep_of(volts, given, spikes=()):
    signal = neo.AnalogSignal(volts, units="mV", sampling_rate=RATE * pq.Hz, t_start=2 * pq.s)
    train = neo.SpikeTrain(2 + np.asarray(spikes), units="s", t_start=2.0, t_stop=2 + len(volts) / RATE)
    return Sweep.of(signal, train, given.shifted(2000.0))


def capacitances(size=-60.0, n=12, **cell):
    """Of some sweeps that differ in their noise."""
    given = step(size)
    volts = (leaky_cell(current(given), RATE, seed=seed, **cell) for seed in range(n))
    return np.array([capacitance(sweep_of(each, given))[0] for each in volts])


@pytest.mark.parametrize(
    ("true", "resistance"), [(10.0, 1000.0), (50.0, 400.0), (100.0, 100.0), (150.0, 300.0), (300.0, 100.0)]
)
def test_the_capacitance_of_a_leaky_cell(true, resistance):
    size = -12e3 / resistance  # 12 mV
    without_noise = capacitances(size, 1, capacitance=true, resistance=resistance, noise=0.0)
    assert without_noise == pytest.approx([true], rel=0.01)
    found = capacitances(size, capacitance=true, resistance=resistance, noise=0.3)
    assert np.median(found) == pytest.approx(true, rel=0.03)
    assert found == pytest.approx(true, rel=0.12)


def test_the_electrode_is_no_part_of_the_membrane():
    """30 megohm that are not compensated add 1.8 mV within the first ms."""
    assert np.median(capacitances(series=30.0)) == pytest.approx(50.0, rel=0.03)


@pytest.mark.parametrize(("size", "sag", "least", "share"), [(-60.0, 2.0, 2, 0.90), (-100.0, 5.0, 6, 0.85)])
def test_a_sag_biases_the_capacitance(size, sag, least, share):
    """A sag that pulls the potential back by so many mV lowers the estimate."""
    volts = leaky_cell(current(step(size)), RATE, sag=sag, noise=0.0)
    start, stop = (int(time * RATE / 1e3) for time in (BEGIN, STOP))
    assert volts[stop - 1] - volts[start:stop].min() > least
    found = capacitances(size, 1, sag=sag, noise=0.0)
    assert found == pytest.approx([share * 50], rel=0.02)


def test_spikes_around_a_step_leave_it_out():
    given = Stimulus.steps(0, (300, 500, -60), (700, 900, -40))
    volts = leaky_cell(current(given), RATE, noise=0.1)
    assert capacitance(sweep_of(volts, given))[0] == pytest.approx(50, rel=0.03)
    for spikes in ([0.295], [0.32]):  # before the first, and in it: the second is taken
        spoilt = volts + leaky_cell(np.zeros(N), RATE, noise=0, spikes=spikes) + 65
        assert capacitance(sweep_of(spoilt, given, spikes))[0] == pytest.approx(50, rel=0.03)
    found, reason = capacitance(sweep_of(volts, given, [0.295, 0.695]))
    assert np.isnan(found)
    assert reason == "it fires around the hyperpolarising steps"


@pytest.mark.parametrize(
    ("given", "cell", "reason"),
    [
        (step(60.0), {}, "no step of current hyperpolarises it"),
        (Stimulus.steps(0, (300, 500, 60), (500, 700, 20)), {}, "no step of current hyperpolarises it"),
        (Stimulus([200, 400], [0, -60]), {}, "no step of current hyperpolarises it"),  # a ramp
        (
            Stimulus.steps(0, (300, 304, -60)),
            {},
            "its hyperpolarising steps are too short, or it fires in them",
        ),
        (step(-60.0), {"resistance": 20.0, "noise": 0.02}, "the potential falls by less than 2 mV after"),
        (
            step(-60.0),
            {"noise": 15.0, "seed": 3},
            "the potential (is too noisy|comes to no level|falls by less)",
        ),
    ],
)
def test_why_there_is_no_capacitance(given, cell, reason):
    found, told = capacitance(sweep_of(leaky_cell(current(given), RATE, **cell), given))
    assert np.isnan(found)
    assert re.match(reason, told)


def test_no_capacitance_is_told(tmp_path):
    path = tmp_path / "up.abf"
    output = {"epochs": [(1, 0, 0, 4000, 0), (1, 30, 30, 10_000, 0)]}
    write_abf2(path, {("Vm", "mV"): potentials()[3:]}, RATE, outputs=[output])
    with pytest.warns(UserWarning, match="which is not to be had from the potential, as no step of current"):
        (group,) = read_spiketrains(path)
    assert not [name for name in group.annotations if "capacitance" in name]


def test_the_reason_is_of_the_steps_that_hyperpolarise(tmp_path):
    path = tmp_path / "still.abf"
    volts = np.stack([leaky_cell(np.zeros(N), RATE, spikes=[0.9], seed=k) for k in range(5)])
    write_abf2(path, {("Vm", "mV"): volts}, RATE, outputs=[STEPS])
    with pytest.warns(
        UserWarning, match="as the potential (comes to no level|falls by less than 2 mV) after"
    ):
        read_spiketrains(path)


def test_potentials_of_epochs_away_from_spikes():
    given = step(-60.0)
    times = np.arange(0.25, 0.7, 0.05)  # s, every 50 ms
    volts = (
        leaky_cell(current(given), RATE, noise=0.0)
        + leaky_cell(np.zeros(N), RATE, noise=0, spikes=times)
        + 65
    )
    volts[int(0.55 * RATE) : int(0.559 * RATE)] -= 30  # next to a spike
    (rest, at_step, after), lowest = epoch_potentials(sweep_of(volts, given, times))
    assert [rest, at_step, after] == pytest.approx([-65, -89, -65], abs=0.01)
    assert lowest[1] == pytest.approx(-119, abs=0.5)
    fast = np.arange(0.25, 0.75, 0.015)
    assert np.isnan(epoch_potentials(sweep_of(volts, given, fast))[0][1])


def test_drift_of_the_resting_potential(tmp_path):
    def sweeps(rests, spikes=()):
        given = step(-60.0)
        return [
            sweep_of(leaky_cell(current(given), RATE, rest=rest, spikes=spikes, seed=k), given, spikes)
            for k, rest in enumerate(rests)
        ]

    assert drift(sweeps([-65, -60, -47])) == pytest.approx(18, abs=0.3)
    assert drift(sweeps([-65, -65, -65], spikes=[0.05, 0.1, 0.15])) == pytest.approx(0, abs=0.3)
    assert drift(sweeps([-65, -58], spikes=np.arange(0.0, 0.25, 0.01))) == 0  # never away from a spike
    held = [sweep_of(np.full(N, -65.0), step(-60.0)), sweep_of(np.full(N, -80.0), step(-60.0, holding=-40.0))]
    assert drift(held) == 0  # another holding current
    path = tmp_path / "drift.abf"
    volts = potentials() + np.arange(5)[:, np.newaxis] * 4.5
    write_abf2(path, {("Vm", "mV"): volts}, RATE, outputs=[STEPS])
    with pytest.warns(UserWarning, match="the resting potential drifts by 18 mV over the sweeps"):
        read_spiketrains(path)
