"""The command elephant-dic: what it prints and writes."""

import json
import re
from dataclasses import replace
from pathlib import Path

import neo
import numpy as np
import pytest
import quantities as pq
from support.cells import burster
from support.command_line import SAMPLED, UNITS, folder, population, refuse, spikes, succeed
from support.vendor_files import RATE, membrane_potential, write_abf2, write_smr

from elephant_dic import (
    conductances,
    get_neuron,
    infer_dics,
    list_neurons,
    load_population,
    reconstruct,
    save_population,
    simulate_population,
)
from elephant_dic.cli.inspect import print_signals
from elephant_dic.cli.reconstruct import print_population
from elephant_dic.examples import example_path
from elephant_dic.inference import card_of
from elephant_dic.populations import member_dics, provenance
from elephant_dic.recordings import inspect_recording, read_spiketrains
from elephant_dic.search import Verification
from elephant_dic.search.doubts import NOT_A_SAMPLE

__all__ = ["folder", "population", "spikes"]  # fixtures

STEPS = {"epochs": [(1, 0, 50, 5000, 0), (1, 0, 0, 5000, 0)]}  # 0, 50, 100 pA
FIRING = np.stack([membrane_potential(np.arange(0.1, 0.95, 0.1), 1.0)] * 3)


# --- reconstruct -------------------------------------------------------------------------------------------


def test_reconstruct_reports_and_writes(capsys, folder, spikes):
    argv = ["reconstruct", *spikes, "--n-models", "6", "--seed", "3", "-o", "out.nix", "--plot", "out.png"]
    out, _ = succeed(capsys, *argv)
    text = "\n".join(out)
    unwrapped = " ".join(text.split())
    (cell,) = read_spiketrains(folder / "spikes.csv", time_unit="ms", t_stop=3 * pq.s)
    assert out[:2] == ["File:   spikes.csv (1 sorted unit)", "Cell:   cell"]
    assert out[2] == f"Spikes: {len(cell)} in 3 s ({len(cell) / 3:.4g} Hz)"
    assert out[3:5] == ["Unit:   good", ""]
    assert "Inside what the network was trained on: " in text
    assert "Effective DICs" in text
    assert "6 models of neuron stg, seed 3" in out
    assert (
        "Verdict: verified: each of the 6 models, simulated, fires like the recording within 10 %."
        in unwrapped
    )
    assert "Recording: bursting, spikes per burst " in unwrapped
    assert out[-2:] == ["Written: out.nix (population)", "Written: out.png (picture)"]
    block = load_population("out.nix")
    expected = reconstruct(cell, n_models=6, seed=3)
    for name, values in conductances(expected).items():
        np.testing.assert_array_equal(conductances(block)[name], values)
        (row,) = [line.split() for line in out if line.startswith(f"  {name} ")]
        assert row[1] == "mS/cm**2"
        assert [float(cell) for cell in row[2:]] == pytest.approx(
            np.quantile(values, (0.05, 0.5, 0.95)), 1e-3
        )
    own = np.quantile(member_dics(expected), (0.05, 0.5, 0.95), axis=0).T
    for name, mean, std, quantiles in zip(("g_f", "g_s", "g_u"), *_estimate(expected), own, strict=True):
        inferred, of_members = [line.split() for line in out if line.startswith(f"  {name} ")]
        assert inferred[1:4] == [f"{mean:.2f}", "±", f"{std:.2f}"]
        assert of_members[1:] == [*(f"{value:.2f}" for value in quantiles), f"{mean:.2f}", "±", f"{std:.2f}"]
    title = out.index("Their own DICs, beside the effective ones that the network inferred")
    assert out[title + 1].split() == ["name", "5", "%", "median", "95", "%", "effective"]
    assert Path("out.png").read_bytes().startswith(b"\x89PNG")


def test_reconstruct_without_verification(capsys, spikes):
    out, _ = succeed(capsys, "reconstruct", *spikes, "--n-models", "6", "--no-verify", "-o", "out.nix")
    assert "Verdict: not verified: the models have not been simulated" in "\n".join(out)
    assert "`elephant-dic simulate out.nix`" in " ".join(" ".join(out).split())
    assert "population_matches" not in load_population("out.nix").annotations


def test_the_report_tells_of_what_the_models_are_a_sample(capsys, spikes):
    argv = ("reconstruct", *spikes, "--n-models", 6, "--seed", 3, "-o", "out.nix", "--prior")
    told = {}
    for prior in ("mixture", "family", "Na=0:5000,Kd=0:100"):
        text = " ".join(" ".join(succeed(capsys, *argv, prior)[0]).split())
        found = Verification.of_block(load_population("out.nix"))
        assert found.describe_sample in text
        sample = found.sample
        assert (
            f"Sample: {sum(sample['n_matching'].values())} of {sample['n_drawn']} cells drawn fire like the "
            f"recording, worth {sample['effective_size']:.0f} evenly drawn ones"
        ) in text
        shares = [f"{100 * share:.0f} % {name}" for name, share in sample["shares"].items()]
        assert (f" ones; {', '.join(shares)}." in text) == (prior == "mixture")
        told[prior] = found.prior["described"]
    assert told["mixture"].startswith("half cells of the neuron's reference family, half cells with any ")
    assert told["family"] == "cells of the neuron's reference family"
    assert told["Na=0:5000,Kd=0:100"].startswith("cells with any of Na 0 to 5000, Kd 0 to 100, CaT 0 to ")
    table = conductances(load_population("out.nix"))
    assert table["g_Na"].max() <= pq.Quantity(5000, "mS/cm**2")
    assert table["g_Kd"].max() <= pq.Quantity(100, "mS/cm**2")


def test_the_report_says_of_examples_that_they_are_no_sample(capsys, population):
    block = reconstruct(population.segments[0].spiketrains[0], n_models=2, seed=1)
    found = replace(Verification.of_block(block), sample=None, doubts=(NOT_A_SAMPLE,))
    block.annotations["elephant_dic"] = json.dumps(provenance(block) | found.in_provenance())
    print_population(block, None)
    text = " ".join(capsys.readouterr().out.split())
    assert (
        "Members are examples of cells that fire like your recording within 10 %, not a sample of all" in text
    )
    assert "Sample: " not in text
    assert f"Verdict: verified, with doubts: {NOT_A_SAMPLE}. Even so, each of the 2 models, " in text


def _estimate(block):
    return block.annotations["dic_mean"].magnitude, block.annotations["dic_std"].magnitude


@pytest.mark.parametrize("suffix", [".csv", ".nwb", ".mat"])
def test_populations_are_written_in_other_formats(capsys, spikes, suffix):
    succeed(capsys, "reconstruct", *spikes, "--n-models", "2", "-o", f"out{suffix}")
    assert load_population(f"out{suffix}").annotations["n_members"] == 2


def test_the_same_seed_gives_the_same_report(capsys, spikes):
    first, again = (succeed(capsys, "reconstruct", *spikes, "--n-models", 3, "--seed", 8) for _ in range(2))
    assert first == again
    drawn, _ = succeed(capsys, "reconstruct", *spikes, "--n-models", 3)
    assert drawn != first[0]


def test_the_example_is_reconstructed(capsys):
    out, err = succeed(capsys, "reconstruct", "--example", "--n-models", 3)
    assert out[0].startswith(f"File:   {example_path().name} (")
    assert any(line.startswith("Inside what the network was trained on: yes (score ") for line in out)
    assert err == []


def test_the_best_neuron_is_taken(capsys, folder):
    times = burster("pyloric")
    Path("cell.csv").write_text("\n".join(map(str, times)))
    argv = ["cell.csv", "--time-unit", "ms", "--t-stop", 12, "--n-models", 2, "--seed", 1]
    out, err = succeed(capsys, "reconstruct", *argv, "--neuron", "auto")
    text = " ".join(" ".join(out).split())
    ranked = re.findall(r"(\w+): \d+ of 48 first candidates fire like the recording within 30 %", text)
    assert ranked[0] == "pyloric"
    assert {"da", "pyloric", "stg"} <= set(ranked) <= set(list_neurons())
    assert f"Neuron: pyloric, {get_neuron('pyloric').title}" in out
    assert "2 models of neuron pyloric, seed 1" in out
    assert err == []
    named, _ = succeed(capsys, "reconstruct", *argv, "--neuron", "pyloric")
    assert named[-10:] == out[-10:]


def test_where_no_neuron_is_known_to_fire_like_that_the_nearest_is_taken(capsys, folder):
    times = 20 * np.arange(1, 30)  # s
    Path("slow.csv").write_text("\n".join(map(str, times)))
    argv = ("slow.csv", "--time-unit", "s", "--t-stop", 600, "--n-models", 2, "--no-verify")
    out, _ = succeed(capsys, "reconstruct", *argv, "--neuron", "auto")
    text = " ".join(" ".join(out).split())
    outside = ": no candidates were simulated; OUTSIDE what its network was trained on"
    assert text.count(outside) == sum(bool(card_of(get_neuron(name))) for name in list_neurons())
    (best,) = re.findall(r"Neuron: (\w+), .*?, though no candidate is known to fire like the recording", text)
    assert f"2 models of neuron {best}, " in text


def test_a_train_unlike_the_training_is_marked(capsys, folder):
    times = np.cumsum(np.random.default_rng(0).exponential(300, 40))
    Path("slow.txt").write_text("\n".join(map(str, times)))
    out, err = succeed(capsys, "reconstruct", "slow.txt", "--time-unit", "ms", "--n-models", 2)
    assert any(line.startswith("Inside what the network was trained on: NO (score ") for line in out)
    (cell,) = read_spiketrains("slow.txt", time_unit="ms", t_stop=times[-1] * pq.ms)
    doubt, chance, _, unit = infer_dics(cell).warnings
    text = " ".join(" ".join(out).split())
    assert text.count(f": {doubt}") == 1
    assert chance.startswith("its intervals are more like those of chance")
    assert text.count(unit.removeprefix("the unit is ")) >= 1  # and again as a doubt of the verdict
    (warning,) = err  # of something else
    assert warning.startswith("warning: slow.txt: its t_stop is its last spike")


def test_sweeps_of_a_cell_are_pooled(capsys, folder):
    write_abf2(folder / "cell.abf", {("Vm", "mV"): FIRING}, RATE, outputs=[{"holding": 0}])
    out, _ = succeed(capsys, "reconstruct", "cell.abf", "--n-models", 2, "--threshold", -10)
    assert out[1] == "Cell:   Vm, injected current 0 pA, 3 sweeps pooled"
    assert out[2] == "Spikes: 27 in 3 s (9 Hz), detected at -10.0 mV"
    out, _ = succeed(capsys, "reconstruct", "cell.abf", "--n-models", 2, "--sweep", "0,2")
    assert out[1] == "Cell:   Vm, injected current 0 pA, 2 sweeps pooled"


def test_one_cell_of_several_is_chosen(capsys, folder):
    write_smr(folder / "units.smr", [SAMPLED, UNITS])
    message = "units.smr holds 2 cells, choose one: --unit 'MU#1' (30 spikes), --unit 'MU#2' (10 spikes)"
    refuse(capsys, message, "reconstruct", "units.smr")
    out, _ = succeed(capsys, "reconstruct", "units.smr", "--unit", "MU#2", "--n-models", 2)
    assert out[:2] == ["File:   units.smr (1 signal, 2 sorted units)", "Cell:   MU#2"]


def test_one_train_of_a_nix_file_is_chosen_by_its_name(capsys, folder):
    block = neo.Block()
    block.segments.append(neo.Segment())
    for name in ("a", "b c"):
        train = neo.SpikeTrain(UNITS["times"], t_stop=2, units="s", name=name, unit="annotated")
        block.segments[0].spiketrains.append(train)
    with neo.NixIO("trains.nix", "ow") as file:
        file.write_block(block)
    refuse(capsys, "choose one: --unit a (40 spikes), --unit 'b c' (40 spikes)", "reconstruct", "trains.nix")
    out, _ = succeed(capsys, "reconstruct", "trains.nix", "--unit", "b c", "--n-models", 2)
    assert out[1] == "Cell:   b c"


def test_a_cell_is_chosen_by_what_the_file_says_of_it(capsys, folder):
    block = neo.Block()
    block.segments.append(neo.Segment())
    for name, quality in (("a", "good"), ("b", "mua"), ("c", "mua")):
        train = neo.SpikeTrain(UNITS["times"], t_stop=2, units="s", name=name, quality=quality)
        block.segments[0].spiketrains.append(train)
    with neo.NixIO("trains.nix", "ow") as file:
        file.write_block(block)
    command = ("reconstruct", "trains.nix", "--n-models", 2, "--where")
    out, _ = succeed(capsys, *command, "quality == 'good' and rate > 5")
    assert out[1] == "Cell:   a"
    refuse(capsys, "trains.nix holds 2 cells, choose one: --unit b", *command, "quality == 'mua'")
    refuse(capsys, "there is no column 'snr' for --where; there are name, n_spikes", *command, "snr > 2")
    refuse(capsys, "'snr >' is not understood as --where, a condition: invalid syntax", *command, "snr >")


def test_one_event_channel_of_several_is_chosen(capsys, folder):
    channels = [{"title": title, "times": UNITS["times"]} for title in ("A", "B")]
    write_smr(folder / "events.smr", [SAMPLED, *channels])
    refuse(capsys, "--events reads its event channels (A, B), --channel chooses", "reconstruct", "events.smr")
    message = "events.smr holds 2 cells, choose one: --channel A (40 spikes), --channel B (40 spikes)"
    refuse(capsys, message, "reconstruct", "events.smr", "--events")
    for channel in ("B", "1"):
        argv = ("reconstruct", "events.smr", "--events", "--channel", channel, "--n-models", "2")
        assert succeed(capsys, *argv)[0][1] == "Cell:   B"


def test_one_stimulus_of_several_is_chosen(capsys, folder):
    write_abf2(folder / "steps.abf", {("Vm", "mV"): FIRING}, RATE, outputs=[STEPS | {"units": "V"}])
    message = "choose one: --sweep 0 (9 spikes), --sweep 1 (9 spikes), --sweep 2 (9 spikes)"
    refuse(capsys, message, "reconstruct", "steps.abf")
    out, err = succeed(capsys, "reconstruct", "steps.abf", "--sweep", 1, "--n-models", 2)
    assert out[1].startswith("Cell:   Vm (")
    assert sum("the cell was stimulated" in line for line in err) == 1


def test_many_cells_are_counted(capsys, folder):
    Path("many.csv").write_text(",".join(f"u{k}" for k in range(30)) + "\n" + ",".join(["1"] * 30))
    argv = ("reconstruct", "many.csv", "--time-unit", "s")
    refuse(capsys, "--unit u19 (1 spike), and 10 more, see `elephant-dic inspect`", *argv)


def test_a_warning_is_one_line_and_names_options(capsys, spikes):
    _, err = succeed(capsys, "reconstruct", *spikes[:3], "--n-models", 2)
    (line,) = [line for line in err if "t_stop" in line]
    assert line.startswith("warning: spikes.csv: its t_stop is its last spike, at ")
    assert line.endswith("pass --t-stop if you know it")


# --- inspect, neurons --------------------------------------------------------------------------------------


def test_inspect_lists_units_and_signals(capsys, folder):
    write_smr(folder / "units.smr", [SAMPLED, UNITS, {"title": "beep", "times": [0.5]}])
    out, _ = succeed(capsys, "inspect", "units.smr")
    assert out[0] == "units.smr: 1 signal, 2 sorted units, 1 event channel"
    rows = [" ".join(line.split()) for line in out]
    assert "EMG V 1000 Hz 1 2 s" in rows
    assert any(re.fullmatch(r"MU#1 MU 30 15.* Hz \d\.\d\d 1 [12].* s", row) for row in rows)
    assert any(re.fullmatch(r"beep beep 1 0.5.* Hz 1 [12].* s", row) for row in rows)


def test_inspect_tells_regularity_and_what_is_wrong_with_a_unit(capsys, folder):
    regular = 0.05 + 0.1 * np.arange(100)
    twice = np.sort(np.concatenate([regular, regular[::20] + 3e-4]))
    rows = [f"{a},{b}" for a, b in zip(regular, twice[:100], strict=True)]
    rows += [f",{b}" for b in twice[100:]]
    (folder / "units.csv").write_text("\n".join(["A,B", *rows]) + "\n")
    out, _ = succeed(capsys, "inspect", "units.csv", "--time-unit", "s")
    lines = [" ".join(line.split()) for line in out]
    assert any(line.startswith("A 100 ") and " Hz 0.00 1 " in line for line in lines)
    assert any(line.startswith("B 105 ") and " Hz 0.17 1 " in line for line in lines)
    assert lines[-1] == "B is doubtful: 4.76 % of the spikes are detected twice"


def test_inspect_draws_what_it_detects(capsys, folder):
    write_abf2(folder / "steps.abf", {("Vm", "mV"): FIRING}, RATE, outputs=[STEPS])
    out, _ = succeed(capsys, "inspect", "steps.abf", "--plot", "spikes.png", "--sweep", "1")
    assert out[-4] == "Detected in Vm, sweep 1: 9 spikes"
    assert out[-3].startswith("Threshold: -15 mV, halfway between the lowest peaks (30.0 mV)")
    assert out[-1] == "Written: spikes.png (picture)"
    assert (folder / "spikes.png").stat().st_size > 5000
    out, _ = succeed(capsys, "inspect", "steps.abf", "--plot", "spikes.svg", "--threshold", "20")
    assert out[-2] == "Threshold: 20 mV, given"
    drawn = ["inspect", "steps.abf", "--plot", "spikes.pdf"]
    out, _ = succeed(capsys, *drawn, "--threshold", "20", "--extracellular")
    assert out[-3] == "Detected in Vm, sweep 0: 9 spikes"
    refuse(capsys, "spikes.txt: the suffix must be one of .png", *drawn[:3], "spikes.txt")


def test_inspect_tells_the_stimulus_of_each_sweep(capsys, folder):
    write_abf2(folder / "steps.abf", {("Vm", "mV"): FIRING}, RATE, outputs=[STEPS])
    out, _ = succeed(capsys, "inspect", "steps.abf")
    assert out[-4:-2] == ["  stimuli of Vm:", "    sweep 0: 0 pA"]
    assert [line.split(":")[0] for line in out[-3:]] == ["    sweep 0", "    sweep 1", "    sweep 2"]
    write_abf2(folder / "rest.abf", {("Vm", "mV"): FIRING}, RATE, outputs=[{"holding": 0}])
    assert succeed(capsys, "inspect", "rest.abf")[0][-1] == "  stimulus of Vm: 0 pA"


@pytest.mark.parametrize(
    ("stimuli", "lines"),
    [
        (("0 pA", None), ["  stimuli of Vm:", "    sweep 0: 0 pA", "    sweep 1: not known"]),
        ((None, None), []),
    ],
)
def test_stimuli_that_are_not_known(capsys, folder, stimuli, lines):
    write_abf2(folder / "cell.abf", {("Vm", "mV"): FIRING[:2]}, RATE)
    (item,) = inspect_recording("cell.abf")
    print_signals([replace(item, stimuli=stimuli)])
    assert capsys.readouterr().out.splitlines()[4:] == lines


def test_inspect_a_table(capsys, spikes):
    out, _ = succeed(capsys, "inspect", *spikes[:3])
    assert out[0] == "spikes.csv: 1 sorted unit"


def test_neurons_are_listed(capsys):
    out, _ = succeed(capsys, "neurons")
    assert [line.split()[0] for line in out if not line.startswith(" ")] == list_neurons()
    assert "stg  stomatogastric neuron (Liu et al. 1998)" in out
    assert "    conductances (mS/cm**2): g_Na, g_Kd, g_CaT, g_CaS, g_KCa, g_A, g_H, g_leak" in out


# --- simulate ----------------------------------------------------------------------------------------------


def test_simulate_writes_the_spikes_with_the_population(capsys, folder, population):
    save_population(population, "population.nix")
    out, _ = succeed(
        capsys, "simulate", "population.nix", "--duration", 4, "-o", "out.nix", "--plot", "out.png"
    )
    assert out[:3] == [
        "Population: 5 models of neuron stg, from population.nix",
        "Simulated:  4 s, of which the first 3 s are discarded; no noise",
        "Silent:     0 of 5 (fewer than 3 spikes in 1 s)",
    ]
    assert Path("out.png").read_bytes().startswith(b"\x89PNG")
    written, expected = load_population("out.nix"), simulate_population(population, duration=4 * pq.s)
    assert [segment.name for segment in written.segments] == ["recording", "simulation"]
    for train, other in zip(written.segments[1].spiketrains, expected.spiketrains, strict=True):
        np.testing.assert_array_equal(train.magnitude, other.magnitude)
    rates = [len(train) for train in expected.spiketrains]
    (row,) = [line for line in out if line.startswith("  models that fire ")]
    assert row.split()[3::2] == [
        f"{value:.4g}" for value in np.quantile(rates, (0.05, 0.25, 0.5, 0.75, 0.95))
    ]
    (row,) = [line for line in out if line.startswith("  recording ")]
    assert row.split()[1:] == [f"{len(population.segments[0].spiketrains[0]) / 3:.4g}", "Hz"]
    succeed(capsys, "simulate", "out.nix", "--duration", 3.1, "-o", "again.nix")
    assert [segment.name for segment in load_population("again.nix").segments] == ["recording", "simulation"]


def test_simulate_under_a_steady_current(capsys, folder, population):
    save_population(population, "population.nix")
    strong = "-3 uA/cm**2"
    succeed(capsys, "simulate", "population.nix", "--current", strong, "--seed", "1", "-o", "held.csv")
    expected = simulate_population(population, current=pq.Quantity(-3, "uA/cm**2"), seed=1)
    written = (folder / "held.csv").read_text().splitlines()[2:]
    assert len(written) == sum(map(len, expected.spiketrains))
    assert len(written) != sum(map(len, simulate_population(population, seed=1).spiketrains))
    refuse(capsys, "'3' is no current with its unit", "simulate", "population.nix", "--current", "3")
    for wrong, message in (("3 foo", "'foo' is no unit of a current"), ("3 mV", "current must be in uA/cm"),
                           ("3 pA", "capacitance")):  # fmt: skip
        refuse(capsys, message, "simulate", "population.nix", "--current", wrong)
    both = ("--current", strong, "--sweep", "0")
    refuse(capsys, "give --current or --sweep", "simulate", "population.nix", *both)
    refuse(capsys, "there is no sweep 3: it has 0", "simulate", "population.nix", "--sweep", "3")


def test_simulate_with_noise_writes_a_table(capsys, folder, population):
    save_population(population, "population.csv")
    argv = [
        "simulate",
        "population.csv",
        "--duration",
        "2",
        "--discard",
        "1",
        "--noise-std",
        "2",
        "--seed",
        "7",
    ]
    out, _ = succeed(capsys, *argv, "-o", "out.csv")
    text = "2 s, of which the first 1 s are discarded; noise 2 uA/cm**2, seed 7"
    assert out[1] == f"Simulated:  {text}"
    comment, header, *_ = Path("out.csv").read_text().splitlines()
    assert comment.startswith("# 5 models of population.csv, simulated by elephant_dic ")
    assert comment.endswith("; spikes from 1000.0 ms to 2000.0 ms, noise 2.0 uA/cm**2, seed 7")
    assert header == "member,spike_time_ms"
    member, times = np.loadtxt("out.csv", delimiter=",", skiprows=2).T
    expected = simulate_population(
        population, 2 * pq.s, 1 * pq.s, noise_std=pq.Quantity(2, "uA/cm**2"), seed=7
    )
    for k, train in enumerate(expected.spiketrains):
        np.testing.assert_array_equal(times[member == k], train.magnitude)


def test_silent_models_are_counted(capsys, folder, population):
    save_population(population, "population.csv")
    out, _ = succeed(capsys, "simulate", "population.csv", "--duration", 0.02, "--discard", 0.01)
    assert out[-2] == "Silent:     5 of 5 (fewer than 3 spikes in 0.01 s)"
    assert not any("models that fire" in line for line in out)


@pytest.mark.parametrize(
    ("neuron", "cells"),
    [("stg", "cells of its reference family"), ("pyloric", "cells with any conductances within its ranges")],
)
def test_whose_dics_they_are(capsys, neuron, cells):
    options = ("--neuron", neuron, "--no-verify", "--n-models", "2")
    text = " ".join(succeed(capsys, "reconstruct", "--example", *options)[0])
    assert f"those with which {cells} ({get_neuron(neuron).title}) fire like this recording" in text
