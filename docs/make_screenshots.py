"""Make the pictures of the page in docs/images: each step, light and dark, in a window 1280 pixels wide.

    elephant-dic gui --no-browser &
    python docs/make_screenshots.py

Needs Chromium and Playwright.
"""

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parent / "images"
STEPS = ("recording", "spikes", "dics", "population", "members", "files")  # the anchors of the page
SIZE, BAR = {"width": 1280, "height": 720}, 64  # pixels; the height of the bar at the top


def shoot(page, name, scheme, anchor, whole=False):
    """Save what is seen at a step, or the whole of it, once its figures are drawn."""
    page.wait_for_function("!document.querySelector('.q-skeleton')")
    height = page.locator(f"#{anchor}").bounding_box()["height"] + 2 * BAR if whole else 0
    page.set_viewport_size(SIZE | {"height": max(SIZE["height"], round(height))})
    page.evaluate(f"document.getElementById('{anchor}').scrollIntoView()")
    page.mouse.move(0, 0)
    page.wait_for_function("document.getAnimations().every(each => each.playState !== 'running')")
    page.screenshot(path=IMAGES / f"gui-{name}-{scheme}.png")


def go_through(page, scheme):
    """From the empty page to the files, with a bad file and a picture of a run on the way."""

    def press(name):
        page.get_by_role("button", name=name, exact=True).click()

    page.get_by_role("button", name="Open the example").wait_for()
    shoot(page, "start", scheme, "recording")
    page.locator("#recording input[type=file]").set_input_files(
        {"name": "damaged.abf", "mimeType": "application/octet-stream", "buffer": bytes(range(256)) * 10}
    )
    page.get_by_role("alert").wait_for()
    shoot(page, "bad-file", scheme, "recording")
    press("Open the example")
    page.get_by_label("Number of models").wait_for()
    page.get_by_label("Seed").fill("1")
    page.get_by_label("Number of models").fill("2000")
    press("Run")
    page.get_by_text("models found").wait_for()
    shoot(page, "run", scheme, "run")
    press("Stop")
    page.locator("button:enabled", has_text="Run").wait_for()
    page.get_by_label("Number of models").fill("200")
    press("Run")
    page.get_by_text("Verified: all 200 models").wait_for()
    page.get_by_text("The same in Python").wait_for()
    for step in STEPS:
        shoot(page, step, scheme, step, whole=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--address", default="http://127.0.0.1:8765", help="of the page (default: %(default)s)"
    )
    args = parser.parse_args()
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport=SIZE, color_scheme=scheme)
            page.set_default_timeout(300_000)
            page.goto(args.address)
            go_through(page, scheme)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
