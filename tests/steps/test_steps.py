"""From sweeps under current steps to models that fire like them: found, judged, and what is told of them."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import neo
import numpy as np
import pytest
import quantities as pq
from scipy.stats import multivariate_normal
from support.stepped import CAPACITANCE, CELL, CORTICAL, recorded, recording, simulated, steps
from support.toy_neuron import toy_neuron

from elephant_dic import conductances, get_neuron, load_population, save_population
from elephant_dic.neurons import dics_of
from elephant_dic.populations import conductance_table, member_dics, neuron_of, provenance, recording_of
from elephant_dic.steps import StepVerification, step_population, step_task, verify_population
from elephant_dic.steps.doubts import doubts_about_recording
from elephant_dic.steps.library import StepLibrary, load_library, make_library, ranges_of_cells
from elephant_dic.steps.search import Prior, StepSearch
from elephant_dic.steps.sweeps import Bench
from elephant_dic.trains import LevelComparison, Stimulus, protocol_of, recorded_response, simulated_response

PF = CAPACITANCE * pq.pF
LEVELS = (-50.0, 50.0, 100.0, 150.0, 200.0)
STIMULI = steps(LEVELS)


def spikes(n, start=200.0, stop=700.0):
    return np.linspace(start, stop, n + 2)[1:-1]


def family(counts, levels=(50.0, 100.0, 200.0, 400.0, 800.0)):
    """A cell with these counts at levels."""
    stimuli = steps(levels[: len(counts)])
    return recording([spikes(n) for n in counts], stimuli)


def population(
    cell, n_models=5, seed=1, neuron=CORTICAL, tolerance=0.1, executor=None, report=None, **options
):
    task = step_task(cell, neuron, tolerance, **{"capacitance": PF} | options)
    return step_population(task, n_models, seed, executor, report)


def told(block):
    found = StepVerification.of_block(block)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def block():
    return population(recorded(), 20)


# A simulated cell


def test_all_members_match_and_are_told_apart(block):
    verification = told(block)
    assert verification.verdict == "verified"
    assert (verification.n_wanted, verification.n_matching, verification.reason) == (20, 20, "")
    assert verification.n_first >= verification.n_first_matching >= 20
    assert verification.sample["n_fitting"] >= 32
    assert verification.sample["effective_size"] == pytest.approx(verification.sample["n_fitting"])
    assert [level["name"] for level in verification.levels] == [
        "rest", "-50 pA", "50 pA", "100 pA", "150 pA", "200 pA"
    ]  # fmt: skip
    assert [level["current"] for level in verification.levels] == [None, *LEVELS]
    counts = [level["count"] for level in verification.levels]
    assert counts == [0, *(len(times) for times in simulated(CELL, STIMULI))]
    assert [level["allowed"] for level in verification.levels] == pytest.approx(
        [max(1, 0.2 * count) for count in counts]
    )
    assert verification.describe_recording.startswith("0 Hz at rest, 0 at -50 pA, ")
    assert "fire like your recording at every level within 20 % or one spike" in verification.describe_sample
    table = conductance_table(block)[1]
    assert len(np.unique(table, axis=0)) == 20
    low, high = ranges_of_cells(CORTICAL).T
    assert ((low <= table) & (table <= high)).all()
    assert (table.std(axis=0) > 0.05 * (high - low)).all()


def test_members_fire_so_when_they_are_simulated_by_themselves(block):
    """From rest on, in one run a sweep, with a quarter of the neuron's step: as counted when judged."""
    protocol = protocol_of(recorded().spiketrains)
    comparison = LevelComparison(protocol, recorded_response(protocol, recorded().spiketrains))
    table = conductance_table(block)[1]
    trains = [simulated(row, STIMULI, dt=CORTICAL.time_step / 4) for row in table]
    models = simulated_response(protocol, trains)
    assert comparison.deviations(models).max() <= 1
    counted = [block.annotations[f"population_count_{k}"].magnitude for k in range(6)]
    assert models.counts == pytest.approx(np.transpose(counted))


def test_the_block_holds_what_it_is(block):
    assert neuron_of(block) is CORTICAL
    assert list(conductances(block)) == list(CORTICAL.column_names)
    assert block.annotations["population_V_T"].units == pq.mV
    assert block.annotations["population_matches"].all()
    assert member_dics(block) == pytest.approx(dics_of(CORTICAL, conductance_table(block)[1]))
    assert provenance(block)["seed"] == 1
    assert [source["sweep"] for source in provenance(block)["source"]] == ["0", "1", "2", "3", "4"]
    assert len(recording_of(block)) == 5
    assert recording_of(block)[4].annotations["stimulus_currents"].max() == 200 * pq.pA


def test_another_capacitance_is_looked_at_too(block):
    checks = told(block).checks
    assert [check["factor"] for check in checks] == [0.7, 1.4]
    assert all(check["n_matching"] == check["n_wanted"] == 20 for check in checks)
    leaks = [check["medians"]["g_leak"] for check in checks]
    assert all(0.5 < leak < 8 for leak in leaks)  # nS
    assert list(checks[0]["medians"]) == list(CORTICAL.conductance_names)


@pytest.mark.parametrize("suffix", [".nix", ".nwb", ".csv", ".mat"])
def test_it_is_the_same_from_a_file(block, suffix, tmp_path):
    save_population(block, tmp_path / f"cell{suffix}")
    loaded = load_population(tmp_path / f"cell{suffix}")
    assert conductance_table(loaded)[0] == CORTICAL.column_names
    assert conductance_table(loaded)[1] == pytest.approx(conductance_table(block)[1])
    assert conductances(loaded)["E_leak"].units == pq.mV
    assert told(loaded) == told(block)
    assert neuron_of(loaded) is CORTICAL
    for k in range(6):
        name = f"population_count_{k}"
        assert np.array(loaded.annotations[name]) == pytest.approx(np.array(block.annotations[name]))


# Seeds and workers


def test_the_same_seed_is_the_same_block_with_any_workers():
    cell = recorded(levels=(50.0, 100.0))
    found = [population(cell)]
    for n in (1, 2):
        with ThreadPoolExecutor(n) as executor:
            found.append(population(cell, executor=executor))
    for other in found[1:]:
        assert (conductance_table(other)[1] == conductance_table(found[0])[1]).all()
        assert told(other) == told(found[0])
    others = population(cell, seed=2)
    assert not (conductance_table(others)[1] == conductance_table(found[0])[1]).any()


def test_the_order_of_sweeps_does_not_matter():
    cell = recorded(levels=(50.0, 100.0))
    turned = neo.Group(name="cell")
    turned.add(*cell.spiketrains[::-1])
    tables = [conductance_table(population(each))[1] for each in (cell, turned)]
    assert (tables[0] == tables[1]).all()


# What cannot be reproduced, or not wholly


def test_a_recording_out_of_reach_is_not_reproduced():
    block = population(family([200]))
    verification = told(block)
    assert (verification.verdict, verification.n_matching) == ("not reproduced", 0)
    assert verification.reason.startswith("the nearest fires ")
    assert verification.reason.endswith(" too few at 50 pA")
    assert not block.annotations["population_matches"].any()
    assert block.annotations["n_members"] == 5
    assert verification.describe_sample == ""
    assert verification.checks == ()


def test_with_a_capacitance_that_is_far_too_large_no_step_does_anything():
    verification = told(population(recorded(levels=(50.0, 200.0)), capacitance=100 * PF))
    assert verification.capacitance == {"value": 4000.0, "source": "given"}
    assert verification.verdict == "not reproduced"
    assert verification.reason.endswith(("at 50 pA", "at 200 pA", "at rest"))


def test_members_are_within_the_ranges_given():
    """Of which the library of the neuron is not a sample."""
    block = population(recorded(levels=(50.0, 200.0)), ranges={"Na": (35.0, 40.0), "V_T": (-60.0, -50.0)})
    verification = told(block)
    assert verification.verdict == "verified"
    assert verification.prior["ranges"]["g_Na"] == [35, 40]
    assert verification.prior["ranges"]["g_Kd"] == [2, 12]
    assert verification.n_first == 600
    sodium, threshold = (conductances(block)[name].magnitude for name in ("g_Na", "V_T"))
    assert ((sodium > 35) & (sodium < 40) & (threshold > -60) & (threshold < -50)).all()


def test_block_is_left_out_unless_asked_for():
    cell = family([5, 20, 40, 4])
    verification = told(population(cell, 2))
    assert verification.verdict == "verified, with doubts"
    assert "from 400 pA on the cell goes into block: those levels are not compared" in verification.doubts
    assert [level["compared"] for level in verification.levels] == [True, True, True, True, False]
    asked = step_task(cell, CORTICAL, 0.1, capacitance=PF, beyond_block=True)
    assert asked.comparison.compared.all()


def test_doubts_about_the_capacitance():
    told_by_reading = {"capacitance": 40.0 * pq.pF, "capacitance_sweeps": 4}
    for more, wanted in (
        ({"capacitance_spread": 4 * pq.pF}, ()),
        (
            {"capacitance_spread": 20 * pq.pF},
            ("its capacitance is a rough estimate (40 ± 20 pF, of 4 sweeps)",),
        ),
    ):
        cell = recording([spikes(8)], steps([100.0]), **told_by_reading | more)
        verification = told(population(cell, 2, capacitance=None))
        assert verification.capacitance["source"] == "estimated from hyperpolarising steps"
        assert verification.doubts == wanted


@pytest.mark.parametrize(("given", "doubtful"), [(27, False), (59, False), (26, True), (61, True)])
def test_a_capacitance_that_is_not_what_the_onsets_say(given, doubtful):
    """By more than half, of 40 pF."""
    cell = recording([spikes(8)], steps([100.0]))
    cell.spiketrains[0].annotate(capacitance=40.0 * pq.pF, capacitance_sweeps=4)
    doubt = (
        f"its capacitance was given as {given} pF, and the onsets of its hyperpolarising steps say 40 pF: one"
        " of them is wrong, or the currents are"
    )
    task = step_task(cell, CORTICAL, 0.1, capacitance=given * pq.pF)
    assert doubts_about_recording(task) == [doubt] * doubtful


def test_doubts_about_the_current_are_in_the_verdict():
    cell = recorded(levels=(50.0, 100.0))
    for train in cell.spiketrains:
        train.annotate(current_doubt="another current was recorded")
    block = population(cell, 3)
    assert told(block).verdict == "verified, with doubts"
    assert "another current was recorded" in told(block).doubts
    checked = verify_population(block, cell)
    assert told(checked).doubts == ("another current was recorded",)
    assert provenance(checked)["verdict"] == "verified, with doubts"


def test_a_drift_of_the_potential_is_told():
    cell = recording([spikes(8), spikes(8)], steps([100.0, 100.0]))
    for train, rest in zip(cell.spiketrains, (-70.0, -58.0), strict=True):
        train.annotate(epoch_potentials=[rest, -50.0, rest] * pq.mV)
    assert told(population(cell)).doubts == ("its potential at rest drifts by 12 mV over the sweeps",)


# Interrupted


class Stopped:
    """A report that is interrupted after so many rounds."""

    def __init__(self, after):
        self.after = after

    def __call__(self, n_matching, n_models, n_simulated):
        self.after -= 1
        if self.after < 0:
            raise KeyboardInterrupt


def test_what_was_found_before_an_interruption_is_kept():
    verification = told(population(recorded(), 100, report=Stopped(0)))
    assert verification.interrupted
    assert verification.verdict == "partial"
    assert 0 < verification.n_matching < 100
    assert verification.reason == "the search was interrupted"
    assert verification.checks == ()


def test_nearest_cells_of_an_interrupted_search():
    verification = told(population(family([200, 20]), report=Stopped(0)))
    assert (verification.verdict, verification.reason) == ("not reproduced", "the search was interrupted")


def test_an_interruption_before_anything_is_one():
    class Broken(ThreadPoolExecutor):
        def submit(self, *arguments, **options):
            raise KeyboardInterrupt

    with suppress(RuntimeError), Broken(1) as executor, pytest.raises(KeyboardInterrupt):
        population(recorded(levels=(100.0,)), executor=executor)


# Figures beside counts


def test_latencies_and_adaptations_are_compared():
    cell = recorded(levels=(100.0, 200.0))
    protocol = protocol_of(cell.spiketrains)
    wanted = recorded_response(protocol, cell.spiketrains)
    block = population(cell, figures=("latency", "adaptation"))
    assert told(block).verdict == "verified"
    assert told(block).figures == ("latency", "adaptation")
    table = conductance_table(block)[1]
    trains = [simulated(row, steps((100.0, 200.0)), dt=CORTICAL.time_step / 4) for row in table]
    models = simulated_response(protocol, trains)
    late, wanted_late = models.latencies[:, 1:], wanted.latencies[1:]
    assert (np.abs(late - wanted_late) <= np.maximum(10, 0.4 * wanted_late)).all()
    ratio = models.adaptations[:, 1:] / wanted.adaptations[1:]
    assert ((ratio < 1.5) & (ratio > 1 / 1.5)).all()


def measured(cell, levels):
    """The recording of a simulated cell with its potentials, and what a membrane of it would tell."""
    group = recorded(cell, levels)
    protocol = protocol_of(group.spiketrains)
    bench = Bench(CORTICAL, protocol, CAPACITANCE, membrane=True)
    return group, bench.simulate(cell[None])[1][0]


def test_the_membrane_is_compared():
    levels = (-50.0, 100.0)
    group, (potential, resistance, sag) = measured(CELL, levels)
    fall = resistance * -50e-3
    for train, below in zip(group.spiketrains, (fall, 15.0), strict=True):
        deepest = fall / (1 - sag) if below < 0 else 0.0
        train.annotate(
            epoch_potentials=(potential + np.array([0.0, below, 0.0])) * pq.mV,
            epoch_extremes=(potential + np.array([0.0, deepest, 0.0])) * pq.mV,
        )
    figures = ("potential", "resistance", "sag")
    block = population(group, figures=figures)
    assert told(block).verdict == "verified"
    bench = Bench(CORTICAL, protocol_of(group.spiketrains), CAPACITANCE, membrane=True)
    found = bench.simulate(conductance_table(block)[1], 4.0)[1]
    assert (np.abs(found[:, 0] - potential) <= 5).all()
    assert (np.abs(found[:, 1] / resistance - 1) <= 0.25).all()
    assert (np.abs(found[:, 2] - sag) <= 0.1).all()


def test_the_membrane_of_many_levels_is_compared():
    """Of which candidates run through five first, none of them below rest perhaps."""
    levels = (-50.0, 10.0, 20.0, 30.0, 40.0, 50.0, 100.0)
    group, (potential, resistance, _) = measured(CELL, levels)
    train = group.spiketrains[0]
    train.annotate(
        epoch_potentials=(potential + np.array([0.0, -50e-3 * resistance, 0.0])) * pq.mV,
        epoch_extremes=(potential + np.array([0.0, -50e-3 * resistance, 0.0])) * pq.mV,
    )
    turned = neo.Group(name="cell")
    turned.add(*group.spiketrains[1:], train)
    assert told(population(turned, 3, figures=("potential", "resistance"))).verdict.startswith("verified")


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        (("rate",), "figures are among latency, .*, got 'rate'"),
        ("potential", "the recording does not tell its potential"),
    ],
)
def test_wrong_figures(figures, message):
    with pytest.raises(ValueError, match=message):
        step_task(family([8]), CORTICAL, 0.1, capacitance=PF, figures=figures)


# Other currents, other neurons


@pytest.mark.parametrize(
    ("stimulus", "times", "stop"),
    [
        (Stimulus([100, 700], [0.0, 200.0]), spikes(15, 300, 700), 700.0),
        (Stimulus.steps(0, (200, 900, 100)), spikes(10, 200, 900), 900.0),
        (Stimulus.steps(0, (0, 900, 100)), spikes(10, 0, 900), 900.0),
        (Stimulus.steps(0, (-300, 300, 100)), spikes(6, 0, 300), 500.0),
        (Stimulus.steps(80), spikes(10, 0, 900), 900.0),
        (Stimulus.steps(0, (100, 110, 600), (300, 310, 600)), [104.0, 304.0], 500.0),
    ],
    ids=["ramp", "to the end", "whole sweep", "under way", "holding", "pulses"],
)
def test_other_currents(stimulus, times, stop):
    block = population(recording([times], [stimulus], stop=stop), 1)
    assert told(block).verdict.startswith("verified")


def test_a_sweep_that_begins_within_a_step():
    """What it has missed of its current is made up for: it fires as the whole sweep does there."""
    whole, part = Stimulus.steps(0, (100, 900, 150)), Stimulus.steps(0, (-300, 500, 150))
    (times,) = simulated(CELL, [whole], stop=1000.0)
    protocol = protocol_of(recording([[]], [part], stop=600.0).spiketrains)
    ((found,),), _ = Bench(CORTICAL, protocol, CAPACITANCE).simulate(CELL[None])
    late = times[times >= 400] - 400
    assert len(late) > 10
    assert found == pytest.approx(late, abs=1.0)


def test_sweeps_of_other_lengths_and_holding_currents():
    """Each condition runs for its own time, from its own rest."""
    stimuli = [Stimulus.steps(0, (200, 700, 150)), Stimulus.steps(30, (100, 300, 150))]
    group = neo.Group(name="cell")
    for stimulus, stop in zip(stimuli, (900.0, 400.0), strict=True):
        group.add(recording([[]], [stimulus], stop=stop).spiketrains[0])
    protocol = protocol_of(group.spiketrains)
    ((first, second),), membranes = Bench(CORTICAL, protocol, CAPACITANCE).simulate(CELL[None])
    assert np.isnan(membranes).all()
    assert first == pytest.approx(simulated(CELL, stimuli[:1])[0], abs=1e-6)
    assert second == pytest.approx(simulated(CELL, stimuli[1:], stop=400.0)[0], abs=1e-6)
    assert second.max() < 400


def test_a_neuron_without_a_library():
    assert load_library(get_neuron("da")) is None
    block = population(family([4, 8]), 3, neuron=get_neuron("da"))
    verification = told(block)
    assert verification.verdict == "verified"
    assert verification.n_first == 600
    assert verification.prior["described"] == "any conductances within the neuron's ranges"
    assert list(conductances(block)) == list(get_neuron("da").conductance_names)


def test_a_neuron_without_ranges():
    with pytest.raises(
        ValueError, match="neuron toy declares no ranges of conductances, from which cells are"
    ):
        step_task(family([8]), toy_neuron(), 0.1, capacitance=PF)


# What is asked for


@pytest.mark.parametrize(
    ("capacitance", "message"),
    [
        (40 * pq.mV, "cannot be converted to pF"),
        (-40 * pq.pF, "capacitance must be from 0.1 to 100,000 pF, got -40 pF"),
        (np.nan * pq.pF, "capacitance must be from 0.1 to 100,000 pF, got nan pF"),
        (0 * pq.pF, "capacitance must be from 0.1 to 100,000 pF, got 0 pF"),
        (None, "the capacitance of the cell is not known, .* give it, as in capacitance=40"),
    ],
)
def test_wrong_capacitances(capacitance, message):
    with pytest.raises(ValueError, match=message):
        step_task(family([8]), CORTICAL, 0.1, capacitance=capacitance)


def test_a_capacitance_without_a_unit():
    with pytest.raises(TypeError, match="capacitance must be a Quantity"):
        step_task(family([8]), CORTICAL, 0.1, capacitance=40.0)


def test_other_units_are_converted():
    task = step_task(family([8]), CORTICAL, 0.1, capacitance=0.04 * pq.nF)
    assert task.capacitance["value"] == pytest.approx(40)


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ({"K": (0, 1)}, "neuron cortical has no 'K'; it has g_Na, .*, V_T, E_leak"),
        ({"Na": (1, 2), "g_Na": (1, 3)}, "neuron cortical is given two ranges of g_Na"),
        ({"Na": (2, 1)}, r"the range of g_Na must be finite and ascend, got \(2, 1\)"),
        ({"Na": (1, 1)}, "the range of g_Na must be finite and ascend"),
        ({"Na": (0, np.inf)}, "the range of g_Na must be finite and ascend"),
        ({"Na": (-1, 1)}, "the range of g_Na must be zero or positive"),
        ({"leak": (0, 1)}, "the range of g_leak must be positive"),
        ({"Na": 3}, r"the range of g_Na must be \(low, high\) in mS/cm\*\*2, got 3"),
        ({"V_T": "low"}, r"the range of V_T must be \(low, high\) in mV, got 'low'"),
    ],
)
def test_wrong_ranges(ranges, message):
    with pytest.raises(ValueError, match=message):
        step_task(family([8]), CORTICAL, 0.1, capacitance=PF, ranges=ranges)


def test_a_cell_that_never_fires():
    message = r"the cell fires at none of its levels \(rest, 50 pA, 100 pA\): no model can fire like it"
    with pytest.raises(ValueError, match=message):
        step_task(family([0, 0]), CORTICAL, 0.1, capacitance=PF)


# The library and the search


def test_guesses_are_between_densities():
    """A cell with (2, 1) spikes at 1 and (6, 3) at 1.5 uA/cm**2, in the two halves of a second."""
    counts = np.zeros((1, 12, 2))
    counts[0, 4], counts[0, 5], counts[0, 1] = (2, 1), (6, 3), (0, 2)
    library = StepLibrary(np.zeros((1, 11)), counts, np.zeros((11, 2)))
    stimuli = [
        Stimulus.steps(0, (200, 700, 40)),
        Stimulus.steps(0, (200, 450, 50)),
        Stimulus.steps(40, (200, 700, 0)),
        Stimulus([200, 700], [0, 10]),
        Stimulus.steps(0, (200, 1200, 40)),
    ]
    group = recording([[]] * 5, stimuli, stop=1400.0)
    protocol = protocol_of(group.spiketrains)
    comparison = LevelComparison(protocol, recorded_response(protocol, group.spiketrains))
    guesses = library.guesses(comparison, 40.0)[0]
    found = {level.name: guess for level, guess in zip(protocol.levels, guesses, strict=True)}
    assert np.isnan(found.pop("0 to 10 pA"))
    assert found == pytest.approx(
        {
            "rest at 0 pA": 4,  # Hz
            "rest at 40 pA": 2,
            "0 pA": 0,
            "10 pA": 0,
            "40 pA for 500 ms": 2,
            "40 pA for 1000 ms": 3,
            "50 pA": 2,  # half of the four in half a second
        }
    )


def test_the_nearest_cells_come_first():
    comparison_of = recording([spikes(10)], steps([100.0]))
    protocol = protocol_of(comparison_of.spiketrains)
    comparison = LevelComparison(protocol, recorded_response(protocol, comparison_of.spiketrains))
    counts = np.zeros((4, 12, 2))
    counts[:, 2:, 0] = np.array([30, 10, 0, 12])[:, None]
    library = StepLibrary(np.zeros((4, 11)), counts, np.zeros((11, 2)))
    assert library.nearest(comparison, 40.0).tolist() == [1, 3, 0, 2]


@pytest.fixture(scope="module")
def small_library():
    return make_library(CORTICAL, ranges_of_cells(CORTICAL), 400, seed=3)


def test_a_library_is_of_cells_within_the_ranges(small_library):
    low, high = ranges_of_cells(CORTICAL).T
    assert ((low <= small_library.table + 1e-6) & (small_library.table <= high + 1e-6)).all()
    assert small_library.counts.shape == (400, 12, 2)
    assert (np.diff(small_library.counts[:, 1:6].sum(axis=2).mean(axis=0)) > 0).all()


def search_with(library, cell, capacitance=CAPACITANCE, seed=0):
    protocol = protocol_of(cell.spiketrains)
    comparison = LevelComparison(protocol, recorded_response(protocol, cell.spiketrains))
    bench = Bench(CORTICAL, protocol, capacitance)
    prior = Prior(ranges_of_cells(CORTICAL))
    return StepSearch([(bench, comparison)], prior, library, np.random.default_rng(seed))


def through_the_library(search):
    """Its first rounds, in which cells of the library are simulated."""
    rounds = search._rounds()
    for _ in range(4):
        for unit in next(rounds):
            search._add(unit)
    return search


def test_the_cells_of_the_library_that_fit_are_found_wholly(small_library):
    """Not those alone that are most like the recording: what is found is a sample of the prior."""
    search = through_the_library(search_with(small_library, family([6, 20])))
    fit = search.comparison.deviations(search.bench.responses(small_library.table)).max(axis=1) <= 1
    assert fit.sum() >= 10
    assert search.fits.sum() >= 0.95 * fit.sum()
    assert search.weights[search.fits] == pytest.approx(1 / search.fits.sum())


def test_cells_that_are_unlike_the_recording_are_not_simulated(small_library):
    """Of each part of the library one lot: an eighth, another one, a quarter, and 100 of the last half."""
    search = through_the_library(search_with(small_library, family([200])))
    assert len(search.unit) == 300
    assert not search.fits.any()


def test_a_search_goes_on_where_it_has_ended(small_library):
    search = search_with(small_library, family([6, 20]))
    search.run(5, lambda *counts: None)
    n_simulated = len(search.unit)
    assert search.fits.sum() >= 8
    assert not search.is_over
    search.run(40, lambda *counts: None)
    assert len(search.unit) > n_simulated
    assert search.fits.sum() >= 64


def test_weights_undo_the_proposals(small_library):
    """Each cell weighs the less, the more cells were drawn, or proposed, where it is."""
    search = search_with(small_library, family([6, 20]))
    search.run(40, lambda *counts: None)
    assert len(search.unit) > search.n_first
    density = np.full(len(search.unit), 400.0)
    for centres, covariance, n in search._kernels:
        assert n >= 250  # as some proposals were outside of the cube
        here = [multivariate_normal(centre, covariance).pdf(search.unit) for centre in centres]
        density += n * np.mean(here, axis=0)
    wanted = search.fits / density
    assert search.weights == pytest.approx(wanted / wanted.sum())
    assert 1 < search.effective_size < search.fits.sum()


def test_a_draw_has_no_repeats(small_library):
    search = search_with(small_library, family([6, 20]))
    search.run(5, lambda *counts: None)
    places, _ = search.drawn(np.random.default_rng(0))
    assert sorted(places) == np.flatnonzero(search.fits).tolist()


def test_a_library_of_other_ranges_is_not_used(small_library):
    wide = dataclasses.replace(small_library, ranges=small_library.ranges * 2)
    assert search_with(wide, family([6, 20])).library is None


# Potentials


def test_a_passive_cell_has_the_resistance_of_its_leak():
    """0.05 mS/cm**2 of 40 pF, at 1 uF/cm**2, are 2 nS: 500 megohm, and 20 mV below rest by -40 pA."""
    row = np.zeros(11)
    row[[5, 9, 10]] = 0.05, -55.0, -68.0
    protocol = protocol_of(recording([[]], steps([-40.0])).spiketrains)
    _, ((potential, resistance, sag),) = Bench(CORTICAL, protocol, CAPACITANCE, membrane=True).simulate(
        row[None]
    )
    assert potential == pytest.approx(-68, abs=0.01)
    assert resistance == pytest.approx(500, rel=1e-3)
    assert sag == pytest.approx(0, abs=1e-3)


def test_short_and_late_epochs_have_potentials():
    """Pulses of less than a sample, and a sweep that ends within one."""
    stimulus = Stimulus.steps(0, (100.2, 100.6, 100), (200, 450.7, -20))
    protocol = protocol_of(recording([[]], [stimulus], stop=450.7).spiketrains)
    _, membranes = Bench(CORTICAL, protocol, CAPACITANCE, membrane=True).simulate(CELL[None])
    assert np.isfinite(membranes[0, :2]).all()


def test_spikes_are_left_out_of_potentials():
    protocol = protocol_of(recording([[]], [Stimulus.steps(100, (200, 700, 50))]).spiketrains)
    trains, ((potential, *_),) = Bench(CORTICAL, protocol, CAPACITANCE, membrane=True).simulate(CELL[None])
    assert np.sum(trains[0][0] < 200) > 2
    assert -62 < potential < -45
