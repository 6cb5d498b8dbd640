"""How fast the page is: from its command to a page that can be used, and from "Run" to a verified population;
with a recording of 100 MB from what was read to its first view, and what a zoom costs.

    python benchmarks/gui_speed.py

Prints the best and the median of several servers, and of several runs after the first of each. Needs Chromium
and Playwright, and Linux for the processor's time; the packages must have been imported once before, so that
Python has compiled them.
"""

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import neo
import numpy as np
import quantities as pq
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


@contextmanager
def served(browser, port):
    """A page of a server of its own that has loaded and compiled everything, and that server."""
    server = start(port)
    try:
        wait_for(port)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(300_000)
        page.goto(f"http://127.0.0.1:{port}")
        page.get_by_role("button", name="Open the example").wait_for()
        page.wait_for_timeout(20_000)
        yield server, page
        page.close()
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


def write_recording(path, n_samples=25_000_000, rate=20e3):
    """A membrane potential of 100 MB with some 16,700 spikes, 21 minutes long."""
    rng = np.random.default_rng(0)
    volts = rng.normal(-60, 0.3, n_samples).astype(np.float32)
    spike = 90 * np.exp(-0.5 * (np.arange(-40, 40) / 8) ** 2)
    for start in np.arange(2000, n_samples - 2000, 1500) + rng.integers(0, 300):
        volts[start - 40 : start + 40] += spike
    signal_of_cell = neo.AnalogSignal(volts[:, None], units="mV", sampling_rate=rate * pq.Hz, name="Vm")
    block, segment = neo.Block(), neo.Segment()
    segment.analogsignals.append(signal_of_cell)
    block.segments.append(segment)
    with neo.NixIO(str(path), "ow") as file:
        file.write_block(block)


def processor_time(process):
    """Seconds that a process has used."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def look_at(browser, port, path):
    """Of a long recording: seconds from reading to its first view; of zooms, processor time and bytes."""
    received = [0]

    def count(frame):
        received[0] += len(frame)

    with served(browser, port) as (server, page):
        page.on("websocket", lambda websocket: websocket.on("framereceived", count))
        page.reload()
        page.get_by_role("button", name="Open the example").wait_for()
        page.locator("input[type=file]").first.set_input_files(path)
        page.get_by_text("What is in the file").wait_for()
        begin = time.perf_counter()
        page.locator(".trace canvas").first.wait_for()
        first = time.perf_counter() - begin
        page.get_by_role("button", name="Run", exact=True).wait_for()
        page.wait_for_timeout(10_000)  # until the pictures below are drawn
        chart, redraws = page.locator(".trace [role=application]"), []
        chart.focus()
        for key in "++++++++":
            before = processor_time(server), received[0]
            page.keyboard.press(key)
            page.wait_for_timeout(1500)
            redraws.append((processor_time(server) - before[0], received[0] - before[1]))
    return first, redraws


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--servers", type=int, default=3, help="default: 3")
    parser.add_argument("--runs", type=int, default=4, help="of each, after the first (default: 4)")
    parser.add_argument("--port", type=int, default=8790)
    args = parser.parse_args()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        measured = [measure(browser, args.port + k, args.runs) for k in range(args.servers)]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "long.nix")
            write_recording(path)
            size = path.stat().st_size
            first, redraws = look_at(browser, args.port + args.servers, path)
        browser.close()
    usable = [seconds for seconds, _ in measured]
    runs = [seconds for _, each in measured for seconds in each]
    for name, values in (("start to usable page", usable), (f"run to {N_MODELS} verified models", runs)):
        best, median = min(values), statistics.median(values)
        print(f"{name}: best {best:.2f} s, median {median:.2f} s of {len(values)}")
    print(f"first view of a recording of {size / 1e6:.0f} MB, after reading: {first:.2f} s")
    seconds, sent = (statistics.median(values) for values in zip(*redraws, strict=True))
    print(f"zoom: {seconds:.2f} s of processor, {sent / 1e3:.0f} kB (median of {len(redraws)})")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
