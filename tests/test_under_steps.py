"""The public functions, the command and the tables on cells under current steps."""

import re

import neo
import numpy as np
import pandas
import pytest
import quantities as pq
from support.command_line import refuse, succeed
from support.step_files import CAPACITANCE, CELL, LEVELS, stepped_cell, write_steps

from elephant_dic import (
    conductances,
    infer_dics,
    infer_dics_many,
    load_population,
    plot_levels,
    population_from_conductances,
    provenance,
    read_spiketrains,
    reconstruct,
    reconstruct_many,
    reconstruct_session,
    save_population,
    simulate_population,
    summarise_population,
    to_dataframe,
    verify_population,
)
from elephant_dic.neurons import dics_of, get_neuron
from elephant_dic.populations import capacitance_of
from elephant_dic.steps import StepVerification
from elephant_dic.trains import Stimulus, annotate_stimulus, capacitance_of_cell

CORTICAL = get_neuron("cortical")
ABF_LEVELS = (-60, 20, 100, 180)


@pytest.fixture(scope="module")
def cell():
    return stepped_cell()


@pytest.fixture(scope="module")
def block(cell):
    return reconstruct(cell, n_models=12, seed=1)


@pytest.fixture(scope="module")
def abf(tmp_path_factory):
    return write_steps(tmp_path_factory.mktemp("steps") / "steps.abf", ABF_LEVELS)


def test_members_fire_like_the_recording_when_simulated_by_themselves(cell, block):
    assert provenance(block)["verdict"] == "verified"
    assert len(conductances(block)["g_Na"]) == 12
    for sweep in cell.spiketrains:
        step = simulate_population(block, current=sweep)
        counts = np.array([len(train) for train in step.spiketrains])
        assert (np.abs(counts - len(sweep)) <= max(1.0, 0.2 * len(sweep)) + 1).all()


def test_summary_table_and_conductances_of_the_whole_cell(block):
    summary = summarise_population(block)
    assert (summary.neuron, summary.n_matching, summary.activity) == ("cortical", 12, "under current steps")
    assert (summary.cell, summary.source) == ("cell", "steps.abf")
    row = to_dataframe(block).iloc[0]
    assert (row.verdict, row.n_matching) == ("verified", 12)
    total = conductances(block, total=True)
    assert total["g_Na"].units == pq.nS
    assert total["g_Na"].magnitude == pytest.approx(60 * conductances(block)["g_Na"].magnitude)
    assert total["V_T"] is not None
    assert capacitance_of(block) == CAPACITANCE


@pytest.mark.parametrize("suffix", ["nix", "nwb", "csv", "mat"])
def test_files_keep_parameters_and_levels(block, tmp_path, suffix):
    path = tmp_path / f"population.{suffix}"
    save_population(block, path)
    loaded = load_population(path)
    for name, values in conductances(block).items():
        assert conductances(loaded)[name].magnitude == pytest.approx(values.magnitude)
        assert conductances(loaded)[name].units == values.units
    assert StepVerification.of_block(loaded) == StepVerification.of_block(block)
    assert capacitance_of(loaded) == CAPACITANCE


def test_currents_in_every_form(block):
    density = 2.0 * pq.uA / pq.cm**2
    constant = simulate_population(block, duration=300 * pq.ms, current=density)
    whole = simulate_population(block, duration=300 * pq.ms, current=density.magnitude * CAPACITANCE * pq.pA)
    each = simulate_population(block, duration=300 * pq.ms, current=np.full(12, 2.0) * density.units)
    for a, b, c in zip(*(run.spiketrains for run in (constant, whole, each)), strict=True):
        assert a.magnitude.tolist() == b.magnitude.tolist() == c.magnitude.tolist()
    signal = neo.AnalogSignal(np.full((300, 1), 120.0), units="pA", sampling_rate=1 * pq.kHz)
    step = neo.Epoch([0] * pq.ms, [300] * pq.ms, array_annotations={"current": [120.0] * pq.pA})
    sampled = simulate_population(block, current=signal)
    assert float(sampled.spiketrains[0].t_stop.rescale("ms")) == 300
    stepped = simulate_population(block, duration=300 * pq.ms, current=step)
    sweep = annotate_stimulus(neo.SpikeTrain([] * pq.ms, t_stop=300), Stimulus.steps(0, (0, 300, 120.0)))
    recorded = simulate_population(block, current=sweep)
    for a, b in zip(stepped.spiketrains, recorded.spiketrains, strict=True):
        assert a.magnitude.tolist() == b.magnitude.tolist()
    assert any(len(train) for train in recorded.spiketrains)


@pytest.mark.parametrize(
    ("current", "error", "message"),
    [
        (2.0, TypeError, "current must be a Quantity"),
        (2.0 * pq.mV, ValueError, "current must be in uA/cm\\*\\*2 or pA, got mV"),
        ([1, 2] * pq.pA, ValueError, "one for each of 12 members, got 2"),
        (np.nan * pq.pA, ValueError, "current must be finite"),
        (neo.Epoch([0] * pq.ms, [9] * pq.ms), ValueError, "array annotation current"),
        (neo.SpikeTrain([1] * pq.ms, t_stop=2), ValueError, "does not tell what current flowed"),
        (neo.AnalogSignal(np.ones((4, 2)), units="pA", sampling_rate=1 * pq.kHz), ValueError, "one channel"),
    ],
)
def test_wrong_currents_are_refused(block, current, error, message):
    with pytest.raises(error, match=message):
        simulate_population(block, current=current)


def test_a_current_in_pA_needs_the_capacitance():
    alone = population_from_conductances({"V_T": [-56.0], "E_leak": [-70.0]} | _named(), "cortical")
    with pytest.raises(ValueError, match="needs the capacitance of the cell"):
        simulate_population(alone, current=100 * pq.pA)
    with pytest.raises(ValueError, match="the capacitance of the cell is not known"):
        conductances(alone, total=True)


def _named():
    return {name: [value] for name, value in zip(CORTICAL.conductance_names, CELL, strict=False)}


def test_dics_from_steps_of_a_silent_cell_too(cell):
    estimate = infer_dics(cell)
    assert (estimate.name, estimate.source) == ("cell", "steps.abf")
    assert estimate.in_domain
    (true,) = dics_of(CORTICAL, CELL[None])
    low, high = estimate.interval(0.98).T
    assert ((low < true) & (true < high)).all()
    silent = stepped_cell((-60, -30))
    assert not any(len(train) for train in silent.spiketrains)
    assert np.isfinite(infer_dics(silent).mean).all()
    with pytest.raises(ValueError, match="no network for current steps is installed for neuron 'stg'"):
        infer_dics(cell, "stg")


def test_many_cells_of_which_some_are_under_steps(cell):
    steady = neo.SpikeTrain(np.arange(1, 20) * 100.0, units="ms", t_stop=2000.0)
    blocks = reconstruct_many([cell, steady], n_models=4, seed=1)
    assert [provenance(each)["neuron"] for each in blocks] == ["cortical", "stg"]
    assert (
        conductances(blocks[0])["g_Na"].tolist()
        == conductances(reconstruct(cell, n_models=4, seed=1))["g_Na"].tolist()
    )
    with pytest.warns(UserWarning, match="cell 1: skipped"):
        found = infer_dics_many([cell, neo.Group([steady[:2]])], errors="skip")
    assert "fewer than 5" in found[1].reason or "spikes" in found[1].reason
    with pytest.raises(ValueError, match="^cell 1: "):
        infer_dics_many([cell, neo.Group([steady[:2]])])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"verify": False}, "found by simulating them"),
        ({"prior": "family"}, 'prior of cells under current steps is "broad"'),
        ({"capacitance": -1 * pq.pF}, "capacitance must be from 0.1 to 100,000 pF, got -1 pF"),
        ({"figures": ["speed"]}, "figures are among latency, .*got 'speed'"),
        ({"figures": ["sag"]}, "the recording does not tell its sag"),
    ],
)
def test_wrong_wishes_are_refused(cell, options, message):
    with pytest.raises(ValueError, match=message):
        reconstruct(cell, n_models=2, **options)


def test_options_for_steps_are_refused_without_them():
    steady = neo.SpikeTrain(np.arange(1, 20) * 100.0, units="ms", t_stop=2000.0)
    with pytest.raises(ValueError, match="are for recordings under current steps"):
        reconstruct(steady, capacitance=40 * pq.pF)
    with pytest.raises(ValueError, match="capacitance is for recordings under current steps"):
        infer_dics(steady, capacitance=40 * pq.pF)


def test_where_the_capacitance_comes_from(cell):
    assert capacitance_of_cell(cell) == {
        "value": 60.0, "source": "estimated from hyperpolarising steps", "spread": 1.0, "sweeps": 4,
    }  # fmt: skip
    assert capacitance_of_cell(cell, 0.04 * pq.nF) == {"value": pytest.approx(40.0), "source": "given"}
    bare = neo.Group(cell.spiketrains)
    with pytest.raises(ValueError, match="the capacitance of the cell is not known"):
        reconstruct(bare)
    with pytest.raises(TypeError, match="capacitance must be a Quantity"):
        capacitance_of_cell(cell, 40)
    bare.spiketrains[0].annotations["capacitance"] = 55 * pq.pF
    try:
        assert capacitance_of_cell(bare)["value"] == 55
    finally:
        del bare.spiketrains[0].annotations["capacitance"]


def test_the_picture_shows_recording_and_models(block):
    from matplotlib import pyplot

    axes = plot_levels(block)
    counts = [level["count"] for level in StepVerification.of_block(block).levels[1:]]
    dots = next(line for line in axes.lines if line.get_label() == "recording")
    assert dots.get_xdata().tolist() == sorted(LEVELS)
    assert dots.get_ydata().tolist() == counts
    pyplot.close(axes.figure)
    with pytest.raises(ValueError, match="was not compared with a recording under current steps"):
        plot_levels(population_from_conductances(_named(), "cortical"))


def test_the_command_from_an_axon_file(capsys, abf, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out, _ = succeed(
        capsys, "reconstruct", str(abf), "--n-models", "6", "--seed", "1", "--figures", "latency",
        "-o", "out.nix", "--plot", "out.png",
    )  # fmt: skip
    text = " ".join(" ".join(out).split())
    value = float(re.search(r"Capacitance: ([\d.]+) pF, estimated", text)[1])
    assert value == pytest.approx(CAPACITANCE, rel=0.1)
    assert "Cell: Vm (-60 to 180 pA), 4 sweeps under current steps" in text
    assert "6 models of neuron cortical, seed 1" in text
    assert "median in nS" in text
    assert "Compared: the count at each level and latency." in text
    assert "With 0.7 times the capacitance" in text
    assert re.search(r"Verdict: verified", text)
    assert (tmp_path / "out.nix").exists()
    assert (tmp_path / "out.png").exists()


def test_the_command_takes_the_capacitance_for_steps_alone(capsys, abf, tmp_path):
    message = "--capacitance, --figures and --beyond-block are for recordings under current steps"
    refuse(capsys, message, "reconstruct", "--example", "--capacitance", "40")
    out, _ = succeed(capsys, "reconstruct", str(abf), "--capacitance", "50", "--n-models", "2", "--seed", "1")
    assert "Capacitance: 50 pF, given." in out


def test_a_session_reconstructs_cells_under_steps_too(abf, tmp_path):
    with pytest.warns(UserWarning, match="hold current steps"):
        table = reconstruct_session([abf], tmp_path / "out", n_models=4, seed=1)
    (row,) = pandas.read_csv(table).to_dict("records")
    assert (row["activity"], row["neuron"], row["n_matching"]) == ("under current steps", "cortical", 4)
    assert row["verdict"].startswith("verified")
    (cell,) = _read(abf)
    assert row["rate"] == pytest.approx(sum(map(len, cell.spiketrains)) / 2.4)


def _read(path):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return read_spiketrains(path)


def test_members_are_verified_again_and_against_another_recording(cell, block):
    again = verify_population(block, cell)
    found = StepVerification.of_block(again)
    assert (found.verdict, found.n_matching, found.capacitance["source"]) == ("verified", 12, "given")
    assert again.annotations["population_count_1"].magnitude.tolist() == (
        block.annotations["population_count_1"].magnitude.tolist()
    )
    assert provenance(again)["parent"]["verdict"] == "verified"
    assert summarise_population(again).n_matching == 12
    twice = stepped_cell((-60, 140, 280))
    for train in twice.spiketrains[1:]:
        train.annotations["stimulus_currents"] = train.annotations["stimulus_currents"] / 2
    other = verify_population(block, twice)
    assert provenance(other)["verdict"] == "not reproduced"
    assert re.search(r"the nearest fires .* too few at (70|140) pA", StepVerification.of_block(other).reason)
    bare = population_from_conductances(
        {"V_T": [-56.0, -40.0], "E_leak": [-68.0, -68.0]} | {k: 2 * v for k, v in _named().items()},
        "cortical",
    )
    checked = verify_population(bare, cell, capacitance=60 * pq.pF)
    assert checked.annotations["population_matches"].tolist() == [True, False]
    assert StepVerification.of_block(checked).reason == "1 of 2 members fire otherwise"
    assert StepVerification.of_block(checked).describe_sample == ""


def test_checks_under_steps_and_without_take_their_own_wishes(cell, block):
    steady = neo.SpikeTrain(np.arange(1, 20) * 100.0, units="ms", t_stop=2000.0)
    with pytest.raises(ValueError, match="distances are of trains without current steps"):
        verify_population(block, cell, distances=["isi"])
    with pytest.raises(ValueError, match="are for recordings under current steps"):
        verify_population(block, steady, capacitance=40 * pq.pF)
    assert provenance(verify_population(block, steady))["verdict"] == "not reproduced"  # without a current


def test_a_session_takes_the_wishes_for_steps(cell, tmp_path):
    bare = neo.Group(cell.spiketrains, name="bare")
    table = reconstruct_session(
        [bare], tmp_path / "out", "cortical", n_models=3, seed=1, capacitance=60 * pq.pF, figures="latency"
    )
    (row,) = pandas.read_csv(table).to_dict("records")
    found = StepVerification.of_block(load_population(tmp_path / "out" / row["block"]))
    assert (found.capacitance, found.figures) == ({"value": 60.0, "source": "given"}, ("latency",))
    with pytest.raises(ValueError, match=r"capacitance must be from 0.1 to 100,000 pF, got -3 pF"):
        reconstruct_session([bare], tmp_path / "other", capacitance=-3 * pq.pF)
    (block,) = reconstruct_many([bare], n_models=2, seed=1, capacitance=60 * pq.pF)
    assert StepVerification.of_block(block).capacitance["source"] == "given"


def test_a_group_in_a_nix_file_keeps_the_capacitance_that_it_was_given(cell, tmp_path):
    segment = neo.Segment()
    segment.spiketrains.extend(cell.spiketrains)
    group = neo.Group(cell.spiketrains, name="cell", capacitance=44 * pq.pF)
    whole = neo.Block()
    whole.segments.append(segment)
    whole.groups.append(group)
    with neo.NixIO(str(tmp_path / "cell.nix"), "ow") as file:
        file.write_block(whole)
    (read,) = _read(tmp_path / "cell.nix")
    assert capacitance_of_cell(read) == {"value": 44.0, "source": "given"}


def test_a_prior_that_was_given_is_told(cell):
    block = reconstruct(cell, n_models=2, seed=1, prior={"M": (0.0, 0.3)})
    found = StepVerification.of_block(block)
    assert found.prior["name"] == "ranges"
    assert "but for M from 0 to 0.3" in found.describe_sample


def test_currents_on_another_time_axis_are_refused(cell):
    apart = neo.Group([train.time_shift(60 * pq.s) for train in cell.spiketrains])
    for train in apart.spiketrains:
        train.annotations["capacitance"] = 60 * pq.pF
    with pytest.raises(ValueError, match="the currents change in none of the sweeps: stimulus_times have to"):
        reconstruct(apart)


def test_a_sweep_that_begins_within_a_step_has_had_its_start(cell, block):
    whole = cell.spiketrains[3]
    late = whole.time_slice(whole.t_start + 300 * pq.ms, whole.t_start + 450 * pq.ms)
    models = simulate_population(block, current=late).spiketrains
    begun = simulate_population(block, current=whole).spiketrains
    for part, all_of_it in zip(models, begun, strict=True):
        times = all_of_it.magnitude
        expected = times[(times >= 300) & (times < 450)] - 300
        assert part.magnitude == pytest.approx(expected, abs=0.5)  # of the simulation's steps


def test_a_current_that_never_stays_tells_no_dics(block):
    ramp = neo.SpikeTrain([50.0, 70.0] * pq.ms, t_stop=100.0)
    annotate_stimulus(ramp, Stimulus([0.0, 100.0], [0.0, 100.0]))
    with pytest.raises(ValueError, match="the current stays at no level"):
        infer_dics(ramp, capacitance=60 * pq.pF)
