"""How fast the page is: from its command to a page that can be used, and from "Run" to a verified population.

    python benchmarks/gui_speed.py

Prints the best and the median of several servers, and of several runs after the first of each. Needs Chromium
and Playwright; the packages must have been imported once before, so that Python has compiled them.
"""

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

N_MODELS = 200


def start(port):
    """The process of a server, which may not listen yet."""
    command = shutil.which("elephant-dic", path=Path(sys.executable).parent)
    return subprocess.Popen(
        [command, "gui", "--no-browser", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for(port):
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)):
                return
        except OSError:
            time.sleep(0.02)


def measure(browser, port, n_runs):
    """Seconds to a usable page, and from pressing "Run" to the verdict on the page, run by run."""
    begin = time.perf_counter()
    server = start(port)
    try:
        wait_for(port)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(300_000)
        page.goto(f"http://127.0.0.1:{port}")
        page.get_by_role("button", name="Open the example").wait_for()
        page.wait_for_function("window.did_handshake")
        usable = time.perf_counter() - begin
        page.get_by_role("button", name="Open the example").click()
        page.get_by_label("Number of models").fill(str(N_MODELS))
        runs = [_run(page) for _ in range(n_runs + 1)]
        page.close()
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()
    return usable, runs[1:]


def _run(page):
    verdict = page.get_by_text(f"Verified: all {N_MODELS} models")
    begin = time.perf_counter()
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator("#run button:disabled", has_text="Run").wait_for()  # the verdict on the run before is gone
    verdict.wait_for()
    seconds = time.perf_counter() - begin
    page.get_by_text("The same in Python").wait_for()
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--servers", type=int, default=3, help="default: 3")
    parser.add_argument("--runs", type=int, default=4, help="of each, after the first (default: 4)")
    parser.add_argument("--port", type=int, default=8790)
    args = parser.parse_args()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        measured = [measure(browser, args.port + k, args.runs) for k in range(args.servers)]
        browser.close()
    usable = [seconds for seconds, _ in measured]
    runs = [seconds for _, each in measured for seconds in each]
    for name, values in (("start to usable page", usable), (f"run to {N_MODELS} verified models", runs)):
        best, median = min(values), statistics.median(values)
        print(f"{name}: best {best:.2f} s, median {median:.2f} s of {len(values)}")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
