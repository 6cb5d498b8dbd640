"""The page in a real browser, in tests. Needs Chromium, which `.ci/run` installs where it can."""

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

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")
PATIENCE = 180  # s: the machine may be busy
MAX_UPLOAD = 1.0  # MB


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


@pytest.fixture(scope="session")
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
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 720}} | options))
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
    assert not troubles, troubles


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def upload(page, name, content):
    page.locator("#recording input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def expect(element):
    """What is to come true of an element in time."""
    playwright.expect.set_options(timeout=1000 * PATIENCE)
    return playwright.expect(element)
