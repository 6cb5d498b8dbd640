"""A visit in a real browser: loaded again in a run, left and come back to, with files of every format."""

import re
import signal

import pytest
import quantities as pq

pytest.importorskip("nicegui")

from support.browser import button, expect, needs_chromium, server, upload

from elephant_dic import (
    read_spiketrains,
    reconstruct,
    save_population,
    scale_conductances,
    simulate_population,
)
from elephant_dic.examples import example_path
from elephant_dic.populations import select_members


@pytest.fixture(scope="module")
def found():
    """Five models of the example."""
    (cell,) = read_spiketrains(example_path())
    return reconstruct(cell, n_models=5, seed=3)


def run_for_long(page):
    button(page, "Open the example").click()
    page.get_by_label("Number of models").fill("5000")
    page.get_by_label("Tolerance (%)").fill("1")
    button(page, "Run").click()
    page.get_by_text("of 5,000 models found").wait_for()


@pytest.mark.slow
@needs_chromium
def test_a_page_loaded_again_in_a_run_loses_nothing(visit):
    page, asked = visit(), []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    run_for_long(page)
    expect(button(page, "Which neuron?")).to_be_visible()
    assert page.locator("[inert]", has=button(page, "Open the example")).count() == 1  # would be refused
    page.reload()
    page.get_by_text("of 5,000 models found").wait_for()
    page.get_by_text("so far").wait_for()
    assert asked == ["beforeunload"]
    button(page, "Stop").click()
    page.get_by_text("Interrupted after").wait_for()
    expect(button(page, "Stop")).to_be_hidden()
    assert page.locator("[inert]").count() == 0
    page.goto("about:blank")  # nothing runs any more: without a question
    page.go_back()
    page.get_by_text("Interrupted after").wait_for()
    page.get_by_text("165 spikes in 6 s").wait_for()
    expect(page.get_by_label("Number of models")).to_have_value("5000")
    assert asked == ["beforeunload"]


@needs_chromium
def test_a_population_is_opened_again_from_each_format(visit, found, tmp_path):
    page = visit()
    for suffix in (".nix", ".nwb", ".mat", ".csv"):
        save_population(found, tmp_path / f"mine{suffix}")
        page.locator("#recording input[type=file]").set_input_files(tmp_path / f"mine{suffix}")
        page.get_by_text(f"mine{suffix} holds a population saved earlier: see below.").wait_for()
        page.get_by_text("Verified: all 5 models, simulated, fire like the recording.").wait_for()
        facts = page.locator("#population .facts")
        for text in ("example.nix", "stg", "10 %", "mixture", "3"):
            expect(facts.get_by_text(text, exact=True)).to_be_visible()
        with page.expect_download() as download:
            button(page, "Population .csv").click()
        assert download.value.suggested_filename == "example_stg_population.csv"
        if suffix != ".csv":  # which holds no spikes
            page.get_by_text("165 spikes in 6 s").wait_for()
            expect(page.get_by_label("Seed", exact=True)).to_have_value("3")
    expect(page.locator("#visit tbody").first.locator("tr")).to_have_count(4)


@needs_chromium
def test_a_slow_upload_tells_how_far_it_is_and_the_verdict_comes_into_view(visit):
    page = visit(reduced_motion="reduce")
    button(page, "Open the example").wait_for()
    network = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 200_000}
    network.send("Network.emulateNetworkConditions", slow)
    told = page.locator(".q-uploader__header .q-uploader__subtitle")
    expect(told).to_be_hidden()
    upload(page, "noise.abf", bytes(range(256)) * 3000)
    expect(told).to_have_text(re.compile(r"/ \d+\.\d+%"))
    expect(told).to_be_visible()
    page.get_by_role("alert").get_by_text("noise.abf: ").wait_for()
    network.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
    button(page, "Open the example").click()
    page.get_by_label("Number of models").fill("3")
    button(page, "Run").click()
    page.get_by_text("The same in Python").wait_for()
    top = page.locator("#population").bounding_box()["y"]
    assert 0 < top < 200  # below the bar


@needs_chromium
def test_numbers_out_of_range_are_refused_in_words_and_stay(visit):
    page = visit()
    button(page, "Open the example").click()
    page.get_by_label("Number of models").fill("70000")
    page.get_by_label("Tolerance (%)").focus()
    told = "The number of models must be a whole number from 1 to 5,000."
    page.get_by_text(told).wait_for()
    expect(page.get_by_label("Number of models")).to_have_value("70000")
    expect(button(page, "Run")).to_be_disabled()
    page.get_by_label("Number of models").fill("3")
    expect(button(page, "Run")).to_be_enabled()
    page.get_by_label("From (s)").fill("99")
    page.get_by_label("From (s)").press("Enter")
    page.get_by_text("From 0 to 6", exact=True).wait_for()


@needs_chromium
@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_ended_leaves_no_files(browser, tmp_path, ended_by):
    with server(tmp_path) as (process, port):
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{port}")
        upload(page, "few.csv", b"10\n20\n")
        page.get_by_text("A table of spike times does not say its unit").wait_for()
        assert list(tmp_path.glob("elephant-dic-*"))
        process.send_signal(ended_by)
        process.wait(60)
        page.close()
    assert not list(tmp_path.glob("elephant-dic-*"))
    assert "Traceback" not in (tmp_path / "messages").read_text()


@needs_chromium
def test_a_recording_after_a_drug_is_compared_and_changes_follow_the_slider(visit, found):
    one = select_members(found, [3])
    drugged = simulate_population(
        scale_conductances(one, {"g_KCa": 0.3}), duration=14 * pq.s, discard=4 * pq.s, seed=0
    )
    times = drugged.spiketrains[0].times.rescale("s").magnitude - 4
    page = visit()
    button(page, "Open the example").click()
    page.get_by_label("Number of models").fill("30")
    page.get_by_label("Seed", exact=True).fill("3")
    button(page, "Run").click()
    changes, members = page.locator("#changes"), page.locator("#members")
    expect(button(page, "What changed?")).to_be_disabled()
    content = "\n".join(["cell", *(f"{time:.5f}" for time in times)]).encode()
    changes.locator("input[type=file]").set_input_files(
        {"name": "drug.csv", "mimeType": "text/csv", "buffer": content}
    )
    changes.get_by_label("Unit of the times").click()
    page.get_by_role("option", name="seconds (s)").click()
    changes.get_by_role("button", name="Read", exact=True).click()
    changes.get_by_text("Rate within bursts (Hz)").wait_for()
    button(page, "What changed?").click()
    changes.get_by_text("so far").wait_for()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    changes.get_by_text("Likely channels").wait_for()
    changes.get_by_text("g_KCa to 0.").wait_for()
    expect(page.locator("#visit tr", has_text="compared with drug.csv").first).to_be_visible()
    with page.expect_download() as download:
        button(page, "Pairs .mat").click()
    assert download.value.suggested_filename == "example_stg_to_drug_pairs.mat"
    members.locator(".q-slider").click(position={"x": 20, "y": 14})
    members.get_by_text("Rate (Hz): median, range").wait_for()
    expect(members.locator("[aria-label^='Spikes of some models changed'] svg")).to_be_visible()
    expect(page.locator("#recording").get_by_role("alert")).to_have_count(0)
