"""Make the pictures of the page in docs/images: each step, light and dark, and what a telephone shows.

    elephant-dic gui --no-browser &
    python docs/make_screenshots.py

Needs Chromium and Playwright.
"""

import argparse
import io
import shutil
from pathlib import Path

import quantities as pq
from PIL import Image
from playwright.sync_api import sync_playwright

from elephant_dic import read_spiketrains, reconstruct, scale_conductances, simulate_population
from elephant_dic.examples import example_path
from elephant_dic.populations import select_members

IMAGES = Path(__file__).parent / "images"
STEPS = (
    "recording",
    "spikes",
    "dics",
    "population",
    "members",
    "files",
    "changes",
)  # the anchors of the page
SIZE, BAR = {"width": 1280, "height": 720}, 64  # pixels; the height of the bar at the top
PHONE = {"width": 390, "height": 844}
COLOURS = 256  # of a picture: with them it takes a third of the space
SEED, N_MODELS = 1, 200


def save(picture, name):
    few = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
    few.save(IMAGES / f"gui-{name}.png", optimize=True)


def shoot(page, name, anchor):
    """Save the card of a step, once its figures are drawn."""
    card = page.locator(f"#{anchor}")
    page.wait_for_function("!document.querySelector('.q-skeleton')")
    page.set_viewport_size(SIZE | {"height": round(card.bounding_box()["height"]) + 2 * BAR})
    page.evaluate(f"document.getElementById('{anchor}').scrollIntoView()")
    is_at_rest(page)
    save(card.screenshot(), name)


def is_at_rest(page):
    page.mouse.move(0, 0)
    page.wait_for_function("!document.querySelector('.q-skeleton')")
    page.wait_for_function("document.getAnimations().every(each => each.playState !== 'running')")


def after_a_drug():
    """Times (s) of a cell that fires like the example, with half of its g_KCa, as a table."""
    (cell,) = read_spiketrains(example_path())
    one = select_members(reconstruct(cell, n_models=N_MODELS, seed=SEED), [0])
    drugged = scale_conductances(one, {"g_KCa": 0.5})
    firing = simulate_population(drugged, duration=14 * pq.s, discard=4 * pq.s, seed=0).spiketrains[0]
    times = (firing.times - firing.t_start).rescale("s").magnitude
    return "\n".join(["cell", *(f"{time:.5f}" for time in times)]).encode()


def go_through(page, scheme, drug):
    """From the example to what a drug changed, with a picture of a run on the way."""

    def press(name):
        page.get_by_role("button", name=name, exact=True).click()

    press("Open the example")
    page.get_by_label("Number of models").wait_for()
    page.get_by_label("Seed", exact=True).fill(str(SEED))
    page.get_by_label("Number of models").fill("5000")
    press("Run")
    page.get_by_text("models found").wait_for()
    shoot(page, f"run-{scheme}", "run")
    press("Stop")
    page.locator("button:enabled", has_text="Run").wait_for()
    page.get_by_label("Number of models").fill(str(N_MODELS))
    press("Run")
    page.get_by_text(f"Verified: all {N_MODELS} models").wait_for()
    page.get_by_text("The same in Python").wait_for()
    change_some(page)
    compare(page, drug)
    for step in STEPS:
        shoot(page, f"{step}-{scheme}", step)
    page.set_viewport_size(PHONE)
    page.reload()  # which draws the pictures for the width that there is
    page.get_by_text("The same in Python").wait_for()
    for step, place in (("recording", "body"), ("population", "#population")):
        page.evaluate(f"document.querySelector('{place}').scrollIntoView()")
        is_at_rest(page)
        save(page.screenshot(), f"phone-{step}-{scheme}")


def change_some(page):
    """Move the slider of a channel, and wait for the models that then fire."""
    members = page.locator("#members")
    members.get_by_label("What to change").click()
    page.get_by_role("option", name="g_KCa, times").click()
    members.get_by_label("By or to", exact=True).fill("0.5")
    members.locator("[aria-label^='Spikes of some models changed'] svg").wait_for()


def compare(page, drug):
    """Compare the example with a recording after a drug."""
    changes = page.locator("#changes")
    changes.locator("input[type=file]").set_input_files(
        {"name": "after the drug.csv", "mimeType": "text/csv", "buffer": drug}
    )
    changes.get_by_label("Unit of the times").click()
    page.get_by_role("option", name="seconds (s)").click()
    changes.get_by_role("button", name="Read", exact=True).click()
    changes.get_by_text("Rate within bursts (Hz)").wait_for()
    changes.get_by_role("button", name="What changed?", exact=True).click()
    changes.get_by_text("Likely channels").wait_for()
    changes.get_by_role("button", name="Pairs .nix").wait_for()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--address", default="http://127.0.0.1:8765", help="of the page (default: %(default)s)"
    )
    args = parser.parse_args()
    IMAGES.mkdir(exist_ok=True)
    drug = after_a_drug()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport=SIZE, color_scheme=scheme)
            page.set_default_timeout(120_000)
            page.goto(args.address)
            go_through(page, scheme, drug)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
