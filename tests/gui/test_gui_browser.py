"""The page in a real browser, as a person uses it. Needs Chromium, which `.ci/run` installs where it can."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from elephant_dic import conductances, get_neuron, load_population

pytest.importorskip("nicegui")
playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")
PATIENCE = 180  # s: the machine may be busy
MAX_UPLOAD = 1.0  # MB
TABLE = "\n".join(f"{150.0 * burst + spike}" for burst in range(40) for spike in (10, 21, 33, 46))

CHECKS = Path(__file__).with_name("page_checks.js").read_text(encoding="utf-8")


@contextmanager
def server(folder, *options):
    """A server of the page, its address, the folder of its temporary files and, later, its messages."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # NiceGUI does not serve in tests, by this variable.
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    command = [shutil.which("elephant-dic", path=Path(sys.executable).parent), "gui", "--no-browser"]
    with open(folder / "messages", "w+") as messages:
        process = subprocess.Popen(
            [*command, "--port", str(port), *options], stdout=messages, stderr=messages,
            env=environment | {"TMPDIR": str(folder)},
        )  # fmt: skip
        try:
            _wait_until(lambda: process.poll() is not None or _answers(port))
            assert process.poll() is None, (folder / "messages").read_text()
            yield process, port
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)


def _wait_until(happened):
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def _answers(port, host="127.0.0.1"):
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/", timeout=PATIENCE) as answer:
            return answer.status == 200
    except urllib.error.URLError:
        return False


def test_it_listens_here_alone_and_leaves_no_files(tmp_path):
    with server(tmp_path) as (process, port):
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", port))
        assert list(tmp_path.glob("elephant-dic-*"))  # of the visitor who has just asked for the page
    assert not list(tmp_path.glob("elephant-dic-*"))
    messages = (tmp_path / "messages").read_text()
    assert f"http://127.0.0.1:{port} (Ctrl+C to stop)" in messages
    assert "Traceback" not in messages


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with server(tmp_path_factory.mktemp("server"), "--max-upload", str(MAX_UPLOAD)) as (_, port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def visit(browser, address):
    """A function that opens the page as another visitor; no error and no other host may show up meanwhile."""
    contexts, troubles = [], []

    def open_page(**options):
        context = browser.new_context(viewport={"width": 1280, "height": 720}, **options)
        context.set_default_timeout(1000 * PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("request", lambda request: troubles.extend(_strange(request.url)))
        page.on("websocket", lambda websocket: troubles.extend(_strange(websocket.url)))
        page.goto(address)
        return page

    def _strange(url):
        known = (address, address.replace("http", "ws"), "data:", "blob:" + address)
        return [] if url.startswith(known) else [f"request to {url}"]

    yield open_page
    for context in contexts:
        context.close()
    assert not troubles


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def upload(page, name, content):
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def expect(element):
    """What is to come true of an element in time."""
    playwright.expect.set_options(timeout=1000 * PATIENCE)
    return playwright.expect(element)


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
    page.get_by_label("Seed").fill("1")
    button(page, "Run").focus()
    page.keyboard.press("Space")
    page.get_by_text("Verified: all 20 models, simulated, fire like the recording.").wait_for()
    page.get_by_text("The same in Python").wait_for()
    page.get_by_text("Members are random draws from all cells this neuron could be").wait_for()
    assert page.locator(".figure svg").count() == 11
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert page.evaluate(f"{CHECKS}.nameless()") == []
    with page.expect_download() as download:
        button(page, "Population .nix").click()
    download.value.save_as(tmp_path / download.value.suggested_filename)
    block = load_population(tmp_path / "population.nix")
    assert {len(values) for values in conductances(block).values()} == {20}

    page.locator("input[type=file]").set_input_files(tmp_path / "population.nix")
    page.get_by_text("population.nix holds a population saved earlier: see below.").wait_for()
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
    button(page, "Open the example").click()  # the page is alive, and says what to do first
    page.get_by_text("A run is going on: stop it first, or use another tab.").wait_for()
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
