"""What `benchmarks/faster.py` and `simulator.py` say of builds and simulators."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
pytestmark = [
    pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="no checkout: the scripts are not installed"),
    pytest.mark.skipif(sys.platform != "linux", reason="the scripts say that they need Linux"),
]


@pytest.fixture
def script(monkeypatch):
    """Loads a script of benchmarks/ and those that it imports, for one test."""
    known = set(sys.modules)
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module
    for name in set(sys.modules) - known:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(BENCHMARKS)):
            del sys.modules[name]


def row_of(faster, told):
    """A row whose job tells, of each build, one thing after the other; the builds take turns."""
    asked = []

    def run(_, python):
        asked.append(python)
        return {"s": told[python].pop(0)}

    return faster.Row(run, (faster.Figure("job", 2.8, 3.5),)), asked


def test_a_ratio_is_old_over_new_of_medians_over_rounds(script):
    faster = script("faster")
    row, asked = row_of(faster, {"old": [[8.0], [99.0], [6.0]], "new": [[1.0], [2.0], [4.0]]})
    builds = faster.measure(row, None, ("old", "new"), 3)
    assert asked == ["old", "new"] * 3
    (line,) = faster.lines(row, *builds)
    assert line == "| job | 8 s | 2 s | 4.00 | ≥ 2.8, aim 3.5 |  |"


def test_the_ratio_of_several_cells_is_the_median_over_cells(script):
    faster = script("faster")
    row, _ = row_of(faster, {"old": [[10.0, 2.0, 3.0]], "new": [[1.0, 1.0, 1.0]]})
    (line,) = faster.lines(row, *faster.measure(row, None, ("old", "new"), 1))
    assert "| 3 s | 1 s | 3.00 |" in line


def test_what_is_said_of_populations(script):
    old = {"verdict": ["verified", "verified"], "found": [1, 0.5], "simulated": [4, 8]}
    new = {"verdict": ["verified", "not reproduced"], "found": [1, 0], "simulated": [4, 2]}
    assert script("faster").of_populations(old, new) == (
        "2 verified → 1 verified, 1 not reproduced (1 the same); found 0.75 → 0.50; simulated 6.00 → 3.00"
    )


def test_rows_have_the_jobs_that_they_name(script):
    faster = script("faster")
    assert {"stg-bursting", "da-tonic", "pyloric", "simulator-da", "first-run", "files"} <= set(faster.ROWS)
    for row in faster.ROWS.values():
        assert callable(row.run)
        assert len({figure.key for figure in row.figures}) == len(row.figures) > 0


def test_a_command_is_measured_with_what_it_leaves_running(script, monkeypatch):
    builds = script("builds")
    left = "t = __import__('time'); [0 for _ in iter(lambda: t.process_time() < 0.5, False)]"
    monkeypatch.setattr(
        builds, "_COMMAND", f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {left!r}])"
    )
    told = builds._run_command(sys.executable, (), builds._environment())
    assert told["s"][0] >= 0.5
    assert told["memory"][0] > 5


def test_a_command_that_fails_is_an_error(script):
    builds = script("builds")
    with pytest.raises(RuntimeError, match=r"(?s)elephant-dic inspect nothing.nix failed:.*nothing.nix"):
        builds.command(sys.executable, "inspect", "nothing.nix")


def test_processes_of_a_build_do_not_see_our_path(script, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "of_one_build")
    assert "PYTHONPATH" not in script("builds")._environment()
    assert script("builds")._environment(NUMBA_CACHE_DIR="x")["NUMBA_CACHE_DIR"] == "x"


def test_errors_of_spike_times(script):
    """Of the rate of tonic cells, of the worst figure of bursting ones; the class of the last differs."""
    errors = script("simulator").errors
    clock, onsets = np.arange(0.0, 2000, 50), np.arange(0.0, 4000, 400)
    bursts = (onsets[:, None] + np.arange(0, 40, 10)).ravel()
    slower = bursts * 1.02
    found = errors([clock * 1.01, slower, bursts], [clock, bursts, clock], 1000.0)
    assert found == ("0.990, 0.990", "2.000, 2.000", 1)
