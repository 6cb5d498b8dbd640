"""What the page keeps of a visit: results by name, beside each other, and as belonging to their settings."""

import asyncio
from dataclasses import replace

import neo
import pytest

pytest.importorskip("nicegui")

from support.command_line import population

from elephant_dic import neuromodulate, reconstruct, scale_conductances
from elephant_dic.gui.results.comparison import comparison_rows, overview_rows
from elephant_dic.gui.results.result import Result, changed, facts, file_name, recording_named, title_of
from elephant_dic.gui.results.settings import Settings, arguments_of, complaint, differences, settings_of
from elephant_dic.gui.session import Session
from elephant_dic.gui.texts.progress import progress, remaining, time_span
from elephant_dic.neurons import get_neuron
from elephant_dic.populations import build_population, identity

__all__ = ["population"]  # a fixture


def of(source, neuron="stg", **more):
    """A population of one model of a recording."""
    known = {**identity(get_neuron(neuron)), "seed": 4, "source": [source], **more}
    names = get_neuron(neuron).conductance_names
    return build_population(
        [[1.0] * len(names)], names, member_dics=[[1, 2, 3]], dic_mean=[1, 2, 3], dic_std=[0, 0, 0],
        provenance=known,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("source", "stem"),
    [
        ({"source": "cell7.abf", "channel": "Vm", "name": "Vm"}, "cell7_stg"),
        ({"source": "day 1/cell:7.abf"}, "cell-7_stg"),
        ({"source": "sorted.nwb", "unit": "unit 12", "name": "unit 12"}, "sorted_unit-12_stg"),
        ({"source": "two.csv", "name": "fast"}, "two_fast_stg"),
        ({"source": "../../evil"}, "evil_stg"),
        ({"source": "C:\\data\\zelle ü.smr"}, "zelle-ü_stg"),
        ({}, "stg"),
    ],
)
def test_files_are_named_by_recording_unit_and_neuron(source, stem):
    assert file_name(of(source), "population", ".nix") == f"{stem}_not-verified_population.nix"


def test_files_of_doubtful_and_changed_populations_say_so(population):
    few = scale_conductances(of({"source": "a.abf"}), {"g_Na": 0.5})
    assert file_name(few, "report", ".html") == "a_stg_not-verified_changed_report.html"
    train = population.segments[0].spiketrains[0]
    train = neo.SpikeTrain(train.times, t_stop=train.t_stop, name="cell", source="b.abf")
    verified = reconstruct(train, n_models=2, seed=1)
    name = file_name(verified, "population", ".csv")
    assert name in ("b_cell_stg_population.csv", "b_cell_stg_with-doubts_population.csv")


def test_the_facts_of_a_population(population):
    block = of({"source": "sorted.nwb", "unit": "u3"})
    assert recording_named(block) == ("sorted.nwb", "u3")
    assert facts(block) == [
        ("Recording", "sorted.nwb"), ("Unit", "u3"), ("Neuron", "stg"), ("Models", "1"),
        ("Current noise", "none"), ("Seed", "4"),
    ]  # fmt: skip
    halved = scale_conductances(scale_conductances(block, {"g_KCa": 0.5}), {"g_Na": 2, "g_H": 0})
    assert changed(halved) == "g_Na × 2, g_H × 0, g_KCa × 0.5"
    assert facts(halved)[-1] == ("Changed", changed(halved))
    moved = neuromodulate(population, {"g_s": -4.5})
    assert changed(moved) == "g_s = -4.5"
    assert (
        title_of(Result(None, Settings(), block=halved)) == f"sorted.nwb, u3, stg, seed 4, {changed(halved)}"
    )


def test_settings_of_a_population_make_it_again():
    from elephant_dic import read_spiketrains
    from elephant_dic.examples import example_path

    (cell,) = read_spiketrains(example_path())
    wanted = Settings("stg", 4, 0.2, "family", 7)
    options, wrong = arguments_of(wanted)
    assert not wrong
    block = reconstruct(cell, **options)
    assert settings_of(block) == wanted
    assert settings_of(of({})) == Settings("stg", 1, 0.1, "mixture", 4)


def test_other_settings_are_told():
    made = Settings("stg", 200, 0.1, "mixture", 12)
    assert differences(made, made) == []
    assert differences(made, replace(made, seed=None)) == []  # any seed
    assert differences(made, Settings("da", 100, 0.2, "broad", 3, 50.0)) == [
        "neuron stg (now da)",
        "cells it could be: mixture (now broad)",
        "number of models 200 (now 100)",
        "tolerance 10 % (now 20 %)",
        "seed 12 (now 3)",
        "capacitance left open (now 50 pF)",
    ]


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("n_models", (1, 5000), (0, 5001, 2.5, None, float("nan"))),
        ("tolerance", (0.01, 0.5), (0.009, 0.51, None, float("nan"))),
        ("seed", (0, 2**53, None), (-1, 2**54, 1.5)),
        ("capacitance", (0.1, None), (0, -3, float("inf"), float("nan"))),
    ],
)
def test_numbers_out_of_range_are_told(name, right, wrong):
    assert [complaint(name, value) for value in right] == [""] * len(right)
    assert all(complaint(name, value).endswith(".") for value in wrong)


def test_results_side_by_side():
    one, other = (Result(None, Settings(), block=of({}), name=name) for name in ("before", "after"))
    other.block = of({}, "da")
    rows = comparison_rows([one, other])
    table = {name: cells for name, *cells in rows}
    assert table["Median (5 to 95 %)"] == ["before", "after"]
    assert table["Neuron"] == ["stg", "da"]
    assert table["g_s of the models"] == ["2.00 (2.00 to 2.00)"] * 2
    assert table["g_Na (mS/cm²)"] == ["1 (1 to 1)"] * 2
    assert table["g_KCa (mS/cm²)"] == ["1 (1 to 1)", ""]  # the other neuron has none
    assert table["g_NMDA (mS/cm²)"] == ["", "1 (1 to 1)"]
    assert "g_s, effective" not in table  # none was inferred
    assert overview_rows([one])[0] == {
        "number": 1, "name": "before", "verdict": "not verified", "models": "1", "saved": "no"
    }  # fmt: skip


def test_results_of_a_visit_are_kept_under_names_of_their_own(population):
    session = Session()
    session.open_population(of({"source": "a.abf"}))
    session.open_population(population)
    session.open_population(of({"source": "a.abf"}))
    names = [result.name for result in session.results]
    assert names == ["a.abf, stg, seed 4", "stg, seed 1", "a.abf, stg, seed 4 (2)"]
    first, second, _ = session.results
    session.reopen(second)
    assert (session.block, session.results) == (population, [first, second, session.results[2]])
    assert isinstance(session.cell, neo.SpikeTrain)
    assert session.settings == settings_of(population)
    assert session.settings is not second.settings  # what is chosen next does not change the result
    first.name = "stg, seed 1"
    session.keep(first)
    assert first.name == "stg, seed 1 (2)"


def test_a_run_goes_on_by_itself_and_is_kept():
    from elephant_dic import read_spiketrains
    from elephant_dic.examples import example_path

    async def live(stopped):
        session = Session()
        (session.cell,) = read_spiketrains(example_path())
        session.begin({"neuron": "stg", "n_models": 2 if not stopped else 5000, "tolerance": 0.1})
        assert session.is_running
        assert session.block is None
        if stopped:
            session.run.stop.set()
        while session.is_running:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0)
        return session

    session = asyncio.run(live(stopped=False))
    assert session.results == [session.result]
    assert session.block.annotations["n_members"] == 2
    assert session.result.settings.seed is not None  # that was drawn
    assert session.run.report[:2] == (2, 2)
    session = asyncio.run(live(stopped=True))
    assert session.block is None or session.block.annotations["n_members"] < 5000
    assert session.result.error or session.results


def test_remaining_time_is_that_of_the_models_still_to_find():
    assert remaining(10.0, None) is None
    assert remaining(10.0, (0, 200, 500)) is None
    assert remaining(10.0, (50, 200, 500)) == 30.0
    assert [time_span(t) for t in (0.4, 59, 61, 3725)] == ["0 s", "59 s", "1 min 1 s", "1 h 2 min"]
    assert progress(10, (50, 200, 1500), False) == (
        "50 of 200 models found; 1,500 simulated; 10 s so far, some 30 s to go"
    )
    assert progress(3, None, False) == "Simulating the first models … 3 s so far"
    assert progress(3, (0, 9, 9), False).endswith("how long to go is not known yet")
    assert progress(3, (1, 9, 9), True).startswith("Stopping … 1 of 9")
