"""The page in a real browser, as a person uses it."""

import socket
from pathlib import Path

import pytest

pytest.importorskip("nicegui")

from support.browser import button, expect, needs_chromium, server, upload

from elephant_dic import conductances, get_neuron, load_population

TABLE = "\n".join(f"{150.0 * burst + spike}" for burst in range(40) for spike in (10, 21, 33, 46))

CHECKS = Path(__file__).with_name("page_checks.js").read_text(encoding="utf-8")


def test_it_listens_here_alone_and_leaves_no_files(tmp_path):
    with server(tmp_path) as (process, port):
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", port))
        assert not list(tmp_path.glob("elephant-dic-*"))  # who has just asked for the page has nothing yet
    assert not list(tmp_path.glob("elephant-dic-*"))
    messages = (tmp_path / "messages").read_text()
    assert f"http://127.0.0.1:{port} (Ctrl+C to stop)" in messages
    assert "Traceback" not in messages


def read_table(page, content=TABLE):
    upload(page, "mine.csv", content.encode())
    page.get_by_label("Unit of the times").click()
    page.get_by_role("option", name="milliseconds (ms)").click()
    button(page, "Read").click()


@needs_chromium
def test_from_the_example_to_a_file_and_back_by_keyboard(visit, tmp_path):
    page = visit()
    button(page, "Open the example").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Number of models").fill("20")
    page.get_by_label("Seed", exact=True).fill("1")
    button(page, "Run").focus()
    page.keyboard.press("Space")
    page.get_by_text("Verified: all 20 models, simulated, fire like the recording.").wait_for()
    page.get_by_text("The same in Python").wait_for()
    page.get_by_text("Members are random draws from all cells this neuron could be").wait_for()
    assert page.locator(".figure svg").count() == 10
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert page.evaluate(f"{CHECKS}.nameless()") == []
    with page.expect_download() as download:
        button(page, "Population .nix").click()
    download.value.save_as(tmp_path / download.value.suggested_filename)
    block = load_population(tmp_path / "example_stg_population.nix")
    assert {len(values) for values in conductances(block).values()} == {20}

    page.locator("#recording input[type=file]").set_input_files(tmp_path / "example_stg_population.nix")
    page.get_by_text("example_stg_population.nix holds a population saved earlier: see below.").wait_for()
    page.get_by_text("Verified: all 20 models, simulated, fire like the recording.").wait_for()
    button(page, "Population .nix").wait_for()
    page.get_by_text("165 spikes in 6 s").wait_for()


@needs_chromium
def test_a_bad_file_and_a_large_one_leave_the_page_alive(visit):
    page = visit()
    upload(page, "noise.nix", bytes(range(256)) * 10)
    page.get_by_role("alert").get_by_text("noise.nix: it cannot be read").wait_for()
    upload(page, "large.abf", b"0" * int(1.5e6))
    page.get_by_text("The file is larger than 1 MB.").wait_for()
    button(page, "Open the example").click()
    page.get_by_text("165 spikes in 6 s").wait_for()


@needs_chromium
def test_a_long_run_is_stopped_and_the_page_goes_on(visit):
    page = visit()
    button(page, "Open the example").click()
    page.get_by_label("Number of models").fill("5000")
    page.get_by_label("Tolerance (%)").fill("1")
    button(page, "Run").click()
    page.get_by_text("of 5,000 models found").wait_for()
    assert page.locator("[inert]", has=button(page, "Open the example")).count() == 1  # it would be refused
    page.get_by_label("From (s)").fill("1")  # the page is alive: what only looks goes on
    page.get_by_label("From (s)").press("Enter")
    page.locator("#spikes .q-skeleton").wait_for(state="detached")
    button(page, "Stop").click()
    expect(button(page, "Run")).to_be_enabled()
    expect(button(page, "Stop")).to_be_hidden()
    page.get_by_label("Number of models").fill("2")
    page.get_by_label("Tolerance (%)").fill("20")
    button(page, "Run").click()
    page.get_by_text("Verified: all 2 models").wait_for()


@needs_chromium
def test_the_cells_it_could_be_follow_the_neuron(visit):
    page = visit()
    button(page, "Open the example").click()
    prior = page.get_by_label("Cells it could be")
    prior.wait_for()
    expect(prior).to_have_value("Mixture")
    page.get_by_label("Neuron", exact=True).click()
    page.get_by_role("option", name=get_neuron("pyloric").title).click()
    expect(prior).to_have_value("Broad")
    prior.click()
    expect(page.get_by_role("option")).to_have_text(["Broad", "Family"])
    page.get_by_role("option", name="Family").click()
    expect(prior).to_have_value("Family")


@needs_chromium
def test_two_visitors_upload_at_once(visit):
    first, second = visit(), visit()
    read_table(first)
    read_table(second, "\n".join(f"{25.0 * k}" for k in range(1, 41)))
    first.get_by_text("160 spikes in").wait_for()
    second.get_by_text("40 spikes in 1 s").wait_for()
    assert second.get_by_text("160 spikes in").count() == 0


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_can_be_read_in_light_and_dark(visit, scheme):
    page = visit(color_scheme=scheme)
    button(page, "Open the example").click()
    button(page, "Run").wait_for()
    assert page.evaluate("document.body.classList.contains('body--dark')") == (scheme == "dark")
    page.wait_for_function("document.getAnimations().every(each => each.playState !== 'running')")
    assert page.evaluate(f"{CHECKS}.paleTexts()") == []
