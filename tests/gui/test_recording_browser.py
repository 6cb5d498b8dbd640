"""The recording in a real browser: what the mouse and the keys do to a trace and a table of cells."""

import re
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("nicegui")

from support.browser import PATIENCE, button, expect, needs_chromium, upload
from support.sessions import regular, write_units
from support.sorter_files import write_phy
from support.step_files import write_steps

CHECKS = Path(__file__).with_name("page_checks.js").read_text(encoding="utf-8")
#: Pixels from the chart's edges to its axis of time, and from its top to the potential, whose height is last.
LEFT, RIGHT, POTENTIAL, HEIGHT = 62, 16, 56, 210
START, STOP, THRESHOLD = "Start of what is read (s)", "End of what is read (s)", "Threshold (mV)"


class Chart:
    """The chart of a page, with places by their share of the time that is shown, and pixels from the top."""

    def __init__(self, page):
        self.page, self.element = page, page.locator(".trace [role=application]")

    def place(self, share, height):
        self.element.scroll_into_view_if_needed()
        box = self.element.bounding_box()
        return box["x"] + LEFT + share * (box["width"] - LEFT - RIGHT), box["y"] + height

    def drag(self, start, stop, shift=False):
        if shift:
            self.page.keyboard.down("Shift")
        self.page.mouse.move(*self.place(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.place(*stop), steps=5)
        self.page.mouse.up()
        if shift:
            self.page.keyboard.up("Shift")

    def shows(self, start, stop):
        """Wait until it tells that the time from a start to a stop is shown."""
        expect(self.element).to_have_attribute("aria-label", re.compile(f"Shown: {start:g} to {stop:g} s\\."))

    @property
    def props(self):
        """What the server has sent."""
        return self.element.evaluate("element => ({...getElement(+element.id.slice(1)).$props})")


@pytest.fixture
def steps(tmp_path):
    return write_steps(tmp_path / "steps.abf", (-60, 20, 100, 180)).read_bytes()


@needs_chromium
def test_a_stretch_of_steps_is_chosen_with_the_mouse(visit, steps):
    page = visit()
    upload(page, "steps.abf", steps)
    page.get_by_text("Sweeps under current steps").wait_for()
    page.get_by_label("Sweep", exact=True).click()
    page.get_by_role("option", name="3", exact=True).click()
    chart = Chart(page)
    expect(chart.element).to_be_visible()
    chart.shows(1.8, 2.4)
    chart.drag((0.1, 120), (0.9, 150), shift=True)
    expect(page.get_by_label(START)).to_have_value("1.86")
    expect(page.get_by_label(STOP)).to_have_value("2.34")
    page.get_by_text("spikes in 0.48 s").wait_for()
    chart.shows(1.8, 2.4)  # also what is not read can be seen
    page.get_by_label(START).fill("1.9")  # the other way round, and the switch in place of the key
    page.get_by_text("Drag to choose a stretch").click()
    chart.drag((0.5, 120), (0.25, 120))
    expect(page.get_by_label(START)).to_have_value("1.95")
    expect(page.get_by_label(STOP)).to_have_value("2.1")
    button(page, "Read all of it").click()
    page.get_by_text("4 sweeps, taken together").wait_for()
    expect(page.get_by_label(START)).to_have_value("")


@needs_chromium
def test_a_file_is_chosen_with_the_keys_and_the_page_has_a_language(visit):
    page = visit()
    expect(page.locator("html")).to_have_attribute("lang", "en-US")
    chooser = button(page, "Choose a file")
    chooser.focus()
    with page.expect_file_chooser() as asked:
        page.keyboard.press("Enter", delay=100)  # ms, as by a person: the button listens for its end
    content = "\n".join(str(100.0 * number) for number in range(1, 51)).encode()
    asked.value.set_files({"name": "mine.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_text("A table of spike times does not say its unit").wait_for()
    expect(chooser).to_be_visible()  # made anew, it has a name again


@needs_chromium
def test_the_threshold_is_dragged_and_a_spike_rejected(visit):
    page = visit()
    button(page, "Open the example").click()
    page.get_by_text("165 spikes in 6 s").wait_for()
    chart = Chart(page)
    expect(chart.element).to_be_visible()
    level = next(
        height for height in range(POTENTIAL, POTENTIAL + HEIGHT, 3) if _is_on_threshold(page, chart, height)
    )
    chart.drag((0.3, level + 4), (0.35, level - 30))
    page.get_by_text("detected at 2").wait_for()
    assert 15 < float(page.get_by_label(THRESHOLD).input_value()) < 30
    chart.element.focus()
    for press in range(5):  # the keys zoom in, each time to the half
        page.keyboard.press("+")
        shown = (3 - 1.5 / 2**press, 3 + 1.5 / 2**press)
        chart.shows(*shown)
    page.mouse.click(*chart.place(_first_spike(chart, *shown), 20))
    page.get_by_text("1 spike rejected").wait_for()
    page.get_by_text("164 spikes in 6 s").wait_for()
    assert page.evaluate(f"{CHECKS}.nameless()") == []
    button(page, "Take back").click()
    page.get_by_text("165 spikes in 6 s").wait_for()
    page.mouse.move(*chart.place(0.5, 150))
    page.mouse.wheel(0, 200)
    chart.shows(2.8969, 3.1031)
    chart.element.focus()
    page.keyboard.press("Home")
    chart.shows(0, 6)


def _is_on_threshold(page, chart, height):
    page.mouse.move(*chart.place(0.3, height))
    return chart.element.evaluate("element => element.classList.contains('on-threshold')")


def _first_spike(chart, start, stop):
    """Where the first spike is, as a share of the time that is shown."""
    spike = next(time for time in chart.props["picture"]["spikes"] if time > start)
    return (spike - start) / (stop - start)


@needs_chromium
def test_of_two_hundred_units_one_is_searched_and_chosen(visit, tmp_path):
    names = [f"unit {number}, a name that is too long for its column" for number in range(200)]
    units = {name: regular(100.0 + number, n=40) for number, name in enumerate(names)}
    page = visit()
    upload(page, "units.csv", write_units(tmp_path / "units.csv", units).read_bytes())
    page.get_by_label("Unit of the times").click()
    page.get_by_role("option", name="milliseconds (ms)").click()
    button(page, "Read").click()
    page.get_by_text("Choose a cell").wait_for()
    page.get_by_text(names[0]).last.wait_for()
    page.get_by_role("columnheader", name="Rate (Hz)").click()
    page.get_by_label("Search").fill("unit 17")
    rows = page.locator("#recording tbody tr:has(td)")
    expect(rows).to_have_count(10)
    page.get_by_label("Search").fill("unit 171")
    expect(rows).to_have_count(1)
    rows.locator("td", has_text="tonic").click()  # anywhere in the row
    expect(page.locator("#spikes")).to_contain_text(names[171])
    expect(rows.get_by_role("checkbox")).to_be_checked()
    assert rows.locator(".cut").get_attribute("title") == names[171]
    page.get_by_label("Search").fill("unit 19")
    expect(rows).to_have_count(10)
    rows.get_by_role("checkbox", name=f"Choose {names[191]}").focus()  # and by the keys
    page.keyboard.press("Space")
    expect(page.locator("#spikes")).to_contain_text(names[191])
    assert page.evaluate(f"{CHECKS}.nameless()") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


@needs_chromium
def test_twenty_minutes_with_very_many_spikes_can_be_looked_at(visit, tmp_path):
    times = np.cumsum(np.random.default_rng(0).gamma(20, 1200 / 34_000 / 20, 34_000))
    page = visit(viewport={"width": 390, "height": 800})
    upload(page, "long.csv", "\n".join(f"{time:.4f}" for time in times).encode())
    page.get_by_label("Unit of the times").click()
    page.get_by_role("option", name="seconds (s)", exact=True).click()
    button(page, "Read").click()
    page.get_by_text("34,000 spikes in").wait_for()
    chart = Chart(page)
    expect(chart.element).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    chart.element.focus()
    for _ in range(6):
        page.keyboard.press("+")
        time.sleep(0.2)
    end = time.monotonic() + PATIENCE
    while not chart.props["picture"].get("spikes"):
        assert time.monotonic() < end


@needs_chromium
def test_a_folder_is_chosen_and_what_does_not_fit_is_left_out(visit, tmp_path):
    folder = write_phy(tmp_path / "phy out", np.arange(1, 101) * 6000, np.repeat([0, 7], [40, 60]))
    (folder / "raw.dat").write_bytes(bytes(1_100_000))
    (folder / ".phy").mkdir()
    (folder / ".phy" / "spike_times.npy").write_bytes(b"of a cache")
    page = visit()
    button(page, "Open the example").wait_for()
    page.wait_for_function("window.did_handshake")
    with page.expect_file_chooser() as chooser:
        button(page, "Choose a file in a folder").click()
    chooser.value.set_files(folder)
    page.get_by_text("Left out: phy out/raw.dat.").wait_for()
    page.get_by_text("40 spikes in ").wait_for()
    page.locator("#recording").get_by_text("phy out", exact=True).wait_for()
    page.locator("#recording input[type=file]").set_input_files(
        [folder / name for name in ("params.py", "spike_clusters.npy", "spike_times.npy")]
    )
    page.locator("#recording").get_by_text("params.py and 2 more", exact=True).wait_for()
