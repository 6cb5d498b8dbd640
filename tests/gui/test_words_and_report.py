"""What the page explains: neurons, words, large conductances; and the report."""

import re

import numpy as np
import pytest

pytest.importorskip("nicegui")

from nicegui import ui
from support.page import choose, press, run_example, see, visit

from elephant_dic import get_neuron, infer_dics, list_neurons, read_spiketrains, reconstruct
from elephant_dic.examples import example_path
from elephant_dic.gui.results.report import report_page
from elephant_dic.gui.results.result import Origin, Result
from elephant_dic.gui.results.settings import settings_of
from elephant_dic.gui.texts.glossary import GLOSSARY, NO_FORMATS
from elephant_dic.gui.texts.neuron_cards import (
    firing_in_words,
    large_conductances,
    neuron_cards,
    typical_trace,
)
from elephant_dic.gui.texts.verdicts import verdict
from elephant_dic.gui.texts.words import FORMATS
from elephant_dic.recordings import TABLES
from elephant_dic.search.doubts import NOT_A_SAMPLE


def test_every_neuron_has_a_card():
    cards = {card.name: dict(card.lines) for card in neuron_cards()}
    assert set(cards) == set(list_neurons())
    assert cards["stg"]["Channels"] == "Na, Kd, CaT, CaS, KCa, A, H, leak"
    assert cards["stg"]["Animal"] == "crustacean, stomatogastric ganglion"
    assert cards["stn"]["Animal"].endswith("29.7 °C")
    assert all("Source" in lines for lines in cards.values())


def test_the_range_of_firing_in_words():
    firing = {
        "tonic": {"share": 0.5, "rate": [0.326, 1.0, 86.6]},
        "bursting": {"share": 0.3, "burst_rate": [0.1754, 0.6, 1.888]},
        "irregular": {"share": 0.01, "rate": [1, 2, 3]},  # too rare to be told
        "silent": {"share": 0.19},
    }
    assert firing_in_words(firing) == "tonic, 0.33 to 87 Hz; bursting, 0.18 to 1.9 bursts a second"
    assert "current steps" in firing_in_words(None)


def test_the_trace_of_a_neuron_has_spikes():
    time, trace, current = typical_trace("stg")
    assert current == 0
    assert (len(time), time[0], round(time[-1], 3)) == (len(trace), 0, 1.5)
    assert trace.max() > 20
    assert trace.min() < -50
    assert typical_trace("stg")[1] is trace  # simulated once


def test_why_a_conductance_is_large():
    neuron = get_neuron("stg")
    (told,) = large_conductances(neuron, {"g_Na": 6400.0, "g_KCa": 5000.0, "g_Kd": 100.0})
    m, h = (1 / (1 + np.exp((-51 + a) / b)) for a, b in ((25.5, -5.29), (48.9, 5.18)))
    one_in = float(f"{1 / (m**3 * h):.2g}")
    assert told.startswith("g_Na of 6,400 mS/cm² is what all its channels would conduct if they were open at")
    assert f"At the threshold (−51 mV) one in {one_in:,.0f} is: {6400 * m**3 * h:.2g} mS/cm²." in told
    assert large_conductances(neuron, {"g_Na": 900.0}) == []
    assert large_conductances(get_neuron("da"), {}) == []


def test_words_that_the_page_uses_are_explained():
    explained = " ".join(word for word, _ in GLOSSARY)
    for word in ("DIC", "Population", "Verified", "Prior", "Sweep", "CV2", "Seed", "Tolerance", "Effective"):
        assert word in explained
    assert len({word for word, _ in GLOSSARY}) == len(GLOSSARY)
    for suffix in (".abf", ".wcp", ".axgx", ".ibw", ".smr", ".nwb", ".nix", ".nex", ".nse", ".plx", *TABLES):
        assert suffix in FORMATS
    assert ".dat" in NO_FORMATS[0]


def test_help_is_there_and_models_are_changed_and_compared(tmp_path):
    async def story(user):
        await run_example(user, n_models=3)
        press(user, "Help")
        await see(user, "Dynamic input conductance (DIC)")
        await see(user, "Not read: HEKA .dat")
        codes = [code.content for code in user.find(ui.code).elements]
        (references,) = [code for code in codes if "@software{elephant_dic," in code]
        assert "Golowasch" in references  # of the neuron of the population
        assert "Otsuka" not in references
        choose(user, "What to change", "g_KCa")
        choose(user, "By or to", 0)
        press(user, "Change the models")
        await see(user, "3 models, not verified.")
        await see(user, "g_KCa × 0")
        await see(user, "Side by side")
        table = max(user.find(ui.table).elements, key=lambda each: each.id)
        (row,) = [row for row in table.rows if row["0"] == "g_KCa (mS/cm²)"]
        assert row["2"] == "0 (0 to 0)"
        assert not row["1"].startswith("0 ")
        choose(user, "What to change", "g_Na")
        choose(user, "By or to", -1)
        press(user, "Change the models")
        await see(user, "must be zero or positive, got -1")

    visit(tmp_path, story)


@pytest.fixture(scope="module")
def result():
    (cell,) = read_spiketrains(example_path())
    options = {"neuron": "stg", "n_models": 4, "tolerance": 0.1, "prior": "family", "seed": 3}
    block = reconstruct(cell, **options)
    origin = Origin("my <cell>.nix")
    return Result(cell, settings_of(block), options, origin, infer_dics(cell), block)


def test_the_report_goes_from_the_recording_to_the_models(result):
    report = report_page(result, example_path()).decode()
    headings = re.findall(r"<h[12]>(.*?)</h[12]>", report)
    assert headings == [
        "Which ion channels could explain example.nix?", "The recording",
        "Dynamic input conductances (DICs)", "Channels", "Three models", "The same in Python",
    ]  # fmt: skip
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", report)
    assert captions[:2] == [
        "The membrane potential, with the spikes found and the threshold.", "The first spikes, each a tick."
    ]  # fmt: skip
    assert len(captions) == report.count("<svg")
    for text in (
        "Verified: all 4 models",
        "<td>Tolerance</td><td>10 %</td>",
        "<td>Seed</td><td>3</td>",
        "Bursting: groups of spikes with pauses between them.",
        "open at once. At the threshold",
        "read_spiketrains(&#x27;my &lt;cell&gt;.nix&#x27;)",
        "<details><summary>Where everything comes from</summary><table>",
        "<td>weights sha256</td>",
        "@software{elephant_dic,",
    ):
        assert text in report
    assert report.index("Where everything comes from") > report.index("The same in Python")  # at the end
    assert not re.search(r'(src|href)="(?!#|data:)', report)
    without = report_page(result).decode()
    assert "The membrane potential, with" not in without  # its file is not open any more


def test_doubts_are_told_whatever_the_verdict(result):
    from dataclasses import replace

    from elephant_dic.populations import build_population, identity, provenance
    from elephant_dic.search import Verification

    found = replace(
        Verification.of_block(result.block), doubts=(NOT_A_SAMPLE,), n_wanted=9, reason="few fire like that"
    )
    neuron = get_neuron("stg")
    block = build_population(
        [[1.0] * 8] * 4, neuron.conductance_names, member_dics=[[1, 2, 3]] * 4, dic_mean=[1, 2, 3],
        dic_std=[0, 0, 0],
        provenance={**provenance(result.block), **identity(neuron), **found.in_provenance()},
    )  # fmt: skip
    kind, text = verdict(block)
    assert kind == "warn"
    assert text.startswith("Partial: 4 of 9 models found. Few fire like that.")
    assert text.endswith(f"Doubts: {NOT_A_SAMPLE}.")
