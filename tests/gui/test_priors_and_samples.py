"""What the page lets choose of the cells that it could be, and says of the sample drawn from them."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("nicegui")

from nicegui import ui
from support.command_line import population
from support.page import choose, download, labelled, press, see, upload, visit

from elephant_dic import get_neuron, save_population, scale_conductances
from elephant_dic.gui.steps.run_step import priors_of
from elephant_dic.gui.texts.tables import conductance_rows, dic_rows
from elephant_dic.gui.texts.verdicts import sample
from elephant_dic.neurons import prior_of
from elephant_dic.populations import build_population, identity
from elephant_dic.search import Verification
from elephant_dic.search.doubts import NOT_A_SAMPLE
from elephant_dic.trains import Firing

__all__ = ["population"]  # a fixture
DRAWN = {
    "shares": {"family": 0.75, "broad": 0.25},
    "n_drawn": 2000,
    "n_matching": {"family": 900, "broad": 150},
    "effective_size": 130.6,
    "n_capped": 0,
}


def _members_of(verification):
    """A population of a verdict, in which every conductance and DIC is 0, 1, …, 100."""
    neuron = get_neuron("stg")
    ascending = np.arange(101.0)[:, None]
    return build_population(
        np.tile(ascending, len(neuron.channels)), neuron.conductance_names,
        member_dics=ascending - [0, 50, 100], dic_mean=[1, -2, 3], dic_std=[0.1, 0.25, 0.5],
        provenance={**identity(neuron), "seed": 1, **verification.in_provenance()},
    )  # fmt: skip


def _verification(**changes):
    burst = Firing(
        "bursting", spikes_per_burst=4.0, burst_rate=2.0, burst_duration=50.0, intra_burst_rate=60.0
    )
    counts = dict.fromkeys(("n_wanted", "n_matching", "n_simulated", "n_first", "n_first_matching"), 101)
    known = Verification(
        tolerance=0.1, recording=burst, noise_std=0.0, interrupted=False, reason="", nearest=None,
        degeneracy=None, prior=prior_of(get_neuron("stg"), "mixture").record(), **counts,
    )  # fmt: skip
    return replace(known, **changes)


def test_the_cells_that_it_could_be_are_those_of_the_neuron(tmp_path):
    async def story(user):
        press(user, "Open the example")
        await see(user, "Cells it could be", ui.select)
        (prior,) = labelled(user, ui.select, "Cells it could be")
        assert (prior.options, prior.value) == (
            {"mixture": "Mixture", "family": "Family", "broad": "Broad"}, "mixture"
        )  # fmt: skip
        for line in (
            "Mixture: half cells of",
            "Family: ",
            "Broad: any",
            "in mS/cm²: Na 0 to 8000, Kd 0 to 350,",
        ):
            await see(user, line)
        choose(user, "Neuron", "pyloric")
        assert (prior.options, prior.value) == ({"broad": "Broad", "family": "Family"}, "broad")
        await see(user, "Ranges of pyloric in mS/cm²: ")
        await user.should_not_see("Mixture: ", retries=1)
        choose(user, "Neuron", "stg")
        assert prior.value == "mixture"
        choose(user, "Cells it could be", "family")
        choose(user, "Number of models", 2)
        choose(user, "Seed", 1)
        press(user, "Run")
        await see(user, "The same in Python")
        await see(
            user,
            "could be (cells of the neuron's reference family) that fire like your recording within 10 %.",
        )
        await user.should_not_see("Shares of all such cells", retries=1)
        (code,) = user.find(ui.code).elements
        assert "prior='family', seed=1" in code.content

    visit(tmp_path, story)


def test_the_cells_that_were_chosen_stay_when_another_recording_is_opened(tmp_path):
    async def story(user):
        press(user, "Open the example")
        await see(user, "Cells it could be", ui.select)
        choose(user, "Cells it could be", "family")
        (before,) = labelled(user, ui.select, "Cells it could be")
        press(user, "Open the example")
        while labelled(user, ui.select, "Cells it could be") in ([], [before]):
            await asyncio.sleep(0.05)
        (prior,) = labelled(user, ui.select, "Cells it could be")
        assert prior.value == "family"
        await see(user, "Mixture: half cells of")

    visit(tmp_path, story)


def test_a_sample_is_told_in_a_sentence_and_in_figures():
    found = _verification(sample=DRAWN)
    told, figures = sample(_members_of(found))
    assert told == found.describe_sample
    assert figures == (
        "1,050 of 2,000 cells drawn fire like the recording; some count more than others, and together they "
        "say as much as 131 drawn evenly. Shares of all such cells: 75 % family, 25 % broad. "
        "The spread of the models is what the spikes leave open, not how cells differ from animal to animal."
    )
    alone = DRAWN | {"shares": {"family": 1.0}, "n_matching": {"family": 900}}
    assert "Shares" not in sample(_members_of(_verification(sample=alone)))[1]


def test_of_models_that_were_not_drawn_or_do_not_match_no_sample_is_told(population):
    assert sample(population) == ("", "")  # not verified
    for changes in ({"n_matching": 0, "reason": "none"}, {"prior": None}):
        assert sample(_members_of(_verification(**changes))) == ("", "")


def test_examples_are_not_called_a_sample(tmp_path):
    save_population(_members_of(_verification(doubts=(NOT_A_SAMPLE,))), tmp_path / "cell.nix")

    async def story(user):
        await upload(user, "mine.nix", (tmp_path / "cell.nix").read_bytes())
        await see(
            user,
            f"Verified, with doubts: all 101 models, simulated, fire like the recording, but {NOT_A_SAMPLE}",
        )
        await see(
            user,
            "Members are examples of cells that fire like your recording within 10 %, not a sample of all",
        )
        await see(user, "The spread of the models is not what the spikes leave open")
        await see(user, "Report", ui.button)
        reports.append(await download(user, "Report"))

    reports = []
    visit(tmp_path, story)
    for text in (
        "Members are examples of cells",
        "The spread of the models is not what the spikes leave open",
    ):
        assert text in reports[0].decode()
    assert "random draws" not in reports[0].decode()


def test_tables_of_the_page_and_the_report():
    block = _members_of(_verification(sample=DRAWN))
    assert dic_rows(block) == [
        ("DIC", "5 %", "Median", "95 %", "Effective, mean ± std"),
        ("g_f", "5.00", "50.00", "95.00", "1.00 ± 0.10"),
        ("g_s", "−45.00", "0.00", "45.00", "−2.00 ± 0.25"),
        ("g_u", "−95.00", "−50.00", "−5.00", "3.00 ± 0.50"),
    ]
    assert conductance_rows(block)[:2] == [("Channel", "5 %", "Median", "95 %"), ("g_Na", "5", "50", "95")]


def test_dics_that_were_asked_for_are_not_called_effective(population):
    heading, fast, slow, ultraslow = dic_rows(population)  # g_s of -5 and g_u of 8, g_f as it comes
    assert heading == ("DIC", "5 %", "Median", "95 %", "Asked for")
    assert [row[-1] for row in (fast, slow, ultraslow)] == ["", "−5.00", "8.00"]
    assert slow[1:] == ("−5.00",) * 4
    (heading, *_) = dic_rows(scale_conductances(population, {"g_Kd": 0.5}))
    assert heading == ("DIC", "5 %", "Median", "95 %")


def test_priors_that_do_not_differ_are_offered_once():
    stg = get_neuron("stg")
    lonely = replace(stg, broad=None, training=replace(stg.training, strangers=False))
    assert priors_of(lonely) == ["family"]
    assert priors_of("stg") == ["mixture", "family", "broad"]
    assert priors_of("pyloric") == ["broad", "family"]
