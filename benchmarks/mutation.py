"""Do the tests notice when a line is wrong? Small faults, one at a time, and the tests of the room.

    pip install ".[dev]"
    python benchmarks/mutation.py trains search inference [--files firing.py] [--share 0.3] [--seed 1]
                                  [--workers 2] [--folder build/mutation]

The faults are those of mutmut, see `mutants`. Its own runner leaves out decorated functions (the compiled
kernels, properties) and whatever is outside of a function (the constants), so the tests are run from here.

A mutant is killed if one of the tests that run fails. These are the tests of its room that enter its function
when nothing is wrong, or all of them for what is outside of a function; tests of more than some seconds are
left out (and named). Each mutant has a process of its own, forked where the libraries are imported already,
in a copy of the tree. The kernels are not compiled in the room `trains`: a compiled file would be read from
a cache, or take seconds to make. What was found is kept in the folder: a mutant that was killed is not run
again while its file stays the same, one that survived not while the tests of its room do.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import hashlib
import importlib
import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import coverage
import pytest
from mutants import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "elephant_dic"
#: Rooms without simulations, in which Python is fast enough in place of the compiled kernels.
INTERPRETED = {"trains"}
LIBRARIES = ("elephant.statistics", "h5py", "hypothesis", "keras", "neo", "nixio", "numba", "pynwb")
#: Tests that take longer (processor time, s) are left out.
SLOW = 3.0
#: A mutant has this much processor time (s), and so many times what its tests take when nothing is
#: wrong; and so many times that, if it waits for ever.
PATIENCE, TIMES, WAITING = 10.0, 10.0, 10.0


class Recorder:
    """Pytest plugin: which lines each test enters, the processor time it takes, and whether it passes."""

    def __init__(self, folder):
        self.coverage = coverage.Coverage(data_file=None, source=[str(folder)], config_file=False)
        self.seconds, self.failed = {}, set()

    def pytest_sessionstart(self):
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self.coverage.switch_context(item.nodeid)
        began = time.process_time()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.process_time() - began

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, request):
        """What a fixture of a module does is for all of its tests."""
        here = request._pyfuncitem.nodeid
        if request.scope != "function":
            self.coverage.switch_context(request.node.nodeid)
        try:
            return (yield)
        finally:
            self.coverage.switch_context(here)

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed.add(report.nodeid)

    def found(self, names):
        """Tests as {name: seconds}, the failed ones, and {file: {line: tests or starts of their names}}."""
        self.coverage.stop()
        data = self.coverage.get_data()
        files = {Path(file).name: data.contexts_by_lineno(file) for file in data.measured_files()}
        lines = {name: files.get(name, {}) for name in names}
        return {"seconds": self.seconds, "failed": sorted(self.failed), "lines": lines}


class Chosen:
    """Pytest plugin: only these tests, the fast ones first; new names, as a fault may give, run too."""

    def __init__(self, chosen, seconds):
        self.chosen, self.seconds = set(chosen), seconds

    def pytest_collection_modifyitems(self, items):
        def rank(item):
            return files[item.path], self.seconds.get(item.nodeid, 0)

        items[:] = [i for i in items if i.nodeid in self.chosen or i.nodeid not in self.seconds]
        files = Counter()
        for item in items:
            files[item.path] += self.seconds.get(item.nodeid, 0)
        items.sort(key=rank)


def in_child(tree, room, log, task, limit=900):
    """Fork, and run a task in a copy of the tree; returns the id of the process, which leads a group."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit)))
        os.chdir(tree)
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1), os.dup2(out, 2)
        sys.path.insert(0, str(tree))
        os.environ["PYTHONPATH"] = str(tree)
        if room in INTERPRETED:
            import numba

            os.environ["NUMBA_DISABLE_JIT"] = "1"
            numba.config.DISABLE_JIT = True
        code = int(task())
    except BaseException as error:  # of a fault: the tests cannot even start
        print(repr(error), flush=True)
        code = 3
    os._exit(code)


def wait(pid, limit):
    """Exit status of a child, as `subprocess` has it; SIGKILL if it took too long."""
    end = time.monotonic() + limit
    try:
        while time.monotonic() < end:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.01)
        return -signal.SIGKILL
    finally:
        end_group(pid)


def end_group(pid):
    """End a child and all that it has started."""
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def record(tree, room, folder):
    """What `Recorder` finds when nothing is wrong; run twice, as the first run fills caches."""
    result = folder / f"{room}-tests.json"
    names = [path.name for path in (tree / PACKAGE / room).glob("*.py")]

    def task():
        assert Path(importlib.import_module(PACKAGE).__file__).is_relative_to(tree)
        recorder = Recorder(tree / PACKAGE / room)
        pytest.main(["-q", "-p", "no:cacheprovider", f"tests/{room}"], plugins=[recorder])
        result.write_text(json.dumps(recorder.found(names)))
        return 0

    for _ in range(2):
        if wait(in_child(tree, room, folder / f"{room}-tests.log", task), 900):
            sys.exit(f"the tests of {room} do not run, see {folder / f'{room}-tests.log'}")
    return json.loads(result.read_text())


def tests_of(mutant, known, chosen):
    """Which of the chosen tests enter the function of a mutant; all for what is outside of functions."""
    if mutant.function is None:
        return chosen
    first, last = mutant.function
    lines = known["lines"].get(mutant.path.name, {})
    starts = tuple({start for line, of in lines.items() if first <= int(line) <= last for start in of})
    return [name for name in chosen if name.startswith(starts)]


def copy_tree(tree):
    """The package and its tests, with what is compiled already."""
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    for name in (PACKAGE, "tests"):
        shutil.copytree(ROOT / name, tree / name)
    shutil.copy2(ROOT / "pyproject.toml", tree)
    return tree


def outcome_of(mutant, tree, room, tests, known):
    """Whether the tests notice a mutant in a copy of the tree."""
    limit = PATIENCE + TIMES * sum(known["seconds"][name] for name in tests)
    options = ["-q", "-x", "-p", "no:cacheprovider", f"--basetemp={tree}-temporary"]
    path = tree / mutant.path.relative_to(ROOT)

    def task():
        sys.dont_write_bytecode = True  # two mutants of a second and a size look the same to Python
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        files = sorted({name.split("::")[0] for name in tests})
        return pytest.main([*options, *files], plugins=[Chosen(tests, known["seconds"])])

    path.write_text(mutant.text())
    try:
        code = wait(in_child(tree, room, f"{tree}.log", task, limit), WAITING * limit)
    finally:
        shutil.copy2(mutant.path, path)
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return "too long"
    return "killed" if code else "survived"


def work(mutants, tree, room, known, chosen, keep):
    """Try mutants one after the other; `keep` is called with each, its outcome and the seconds."""
    copy_tree(tree)
    path = mutants[0].path
    unharmed = Mutant("", path, 0, None, path.read_text)
    if outcome_of(unharmed, tree, room, chosen, known) != "survived":
        sys.exit(f"the tests fail without a fault, see {tree}.log")
    for mutant in mutants:
        began = time.monotonic()
        tests = tests_of(mutant, known, chosen)
        outcome = outcome_of(mutant, tree, room, tests, known) if tests else "not run"
        keep(mutant, outcome, time.monotonic() - began)


def try_all(mutants, room, folder, n_workers, keep):
    """Record what the tests of a room do, and try mutants in several processes."""
    known = record(copy_tree(folder / "tree"), room, folder)
    slow = {name for name, seconds in known["seconds"].items() if seconds > SLOW}
    chosen = [name for name in known["seconds"] if name not in slow | set(known["failed"])]
    print(f"{room}: {len(mutants)} mutants to run, {len(chosen)} tests; slow: {sorted(slow)}; failing: "
          f"{known['failed']}", flush=True)  # fmt: skip
    workers = []
    for i in range(min(n_workers, len(mutants))):
        task = mutants[i::n_workers], folder / f"tree{i}", room, known, chosen, keep
        workers.append(multiprocessing.get_context("fork").Process(target=work, args=task))
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        for worker in workers:
            worker.terminate()
    if any(worker.exitcode for worker in workers):
        sys.exit("not all mutants were tried")


def digest(paths):
    """A hash of files."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(paths))).hexdigest()[:16]


def report(rows):
    """A table of the rooms' files, and what survived."""
    columns = "killed", "too long", "survived", "not run"
    print(f"| file | mutants | {' | '.join(columns)} | share killed |\n|---|{'---|' * (len(columns) + 2)}")
    tables = defaultdict(Counter)
    for row in rows:
        for name in (row["file"], f"**{row['file'].split('/')[0]}**", "**all**"):
            tables[name][row["outcome"]] += 1
    for name, counts in sorted(tables.items()):
        killed = (counts["killed"] + counts["too long"]) / counts.total()
        cells = [name, counts.total(), *(counts[column] for column in columns), f"{100 * killed:.1f} %"]
        print("| " + " | ".join(map(str, cells)) + " |")
    for row in sorted(rows, key=lambda row: (row["file"], row["line"])):
        if row["outcome"] in ("survived", "not run"):
            print(f"\n{row['file']}:{row['line']} {row['outcome']}\n{row['diff']}")


def arguments_of():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rooms", nargs="+", choices=["trains", "search", "inference"])
    parser.add_argument("--files", nargs="+", help="only these files of the rooms")
    parser.add_argument("--share", type=float, default=1.0, help="of the mutants, drawn with the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "mutation")
    return parser.parse_args()


def main():
    """Try the mutants that have not been tried, and print the table and what survived."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end what was started, however this ends
    arguments = arguments_of()
    folder = arguments.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    prepare()
    report([row for room in arguments.rooms for row in run_room(room, arguments, folder)])


def prepare():
    """What all children share: libraries, imported but not used yet (or they could not be forked)."""
    os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # none is needed, and they take a while to find
    os.environ |= {"CI": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    os.environ |= {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "NUMBA", "TF_INTRAOP")}
    os.environ.setdefault("ELEPHANT_DIC_RECORDINGS", str(ROOT.parent / "shared" / "recordings"))
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.freeze()  # or each child looks through all of that


def run_room(room, arguments, folder):
    """Rows of the mutants asked for, those known already among them."""
    paths = [path for path in sorted((ROOT / PACKAGE / room).glob("*.py")) if path.name != "__init__.py"]
    paths = [path for path in paths if not arguments.files or path.name in arguments.files]
    tests, store = digest((ROOT / "tests" / room).rglob("*.py")), folder / f"{room}.jsonl"
    asked = {}
    for mutant in (mutant for path in paths for mutant in mutants_of(path)):
        if random.Random(f"{arguments.seed} {mutant.identity}").random() < arguments.share:
            asked[mutant.identity] = mutant

    def keep(mutant, outcome, seconds):
        row = {"id": mutant.identity, "file": f"{room}/{mutant.path.name}", "line": mutant.line}
        row |= {"outcome": outcome, "seconds": round(seconds, 2), "tests": tests, "diff": mutant.difference()}
        with store.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(f"{row['file']}:{row['line']} {outcome}", file=sys.stderr, flush=True)

    def is_known(row):
        return row and (row["outcome"] in ("killed", "too long") or row["tests"] == tests)

    known = read_rows(store)
    to_run = [mutant for key, mutant in asked.items() if not is_known(known.get(key))]
    if to_run:
        try_all(to_run, room, folder, arguments.workers, keep)
    rows = read_rows(store)
    return [rows[key] for key in asked]


def read_rows(store):
    """What is known of each mutant: the last that was found."""
    store.touch()
    return {row["id"]: row for row in map(json.loads, store.read_text().splitlines())}


if __name__ == "__main__":
    main()
