"""Work over threads, processes, dask and MPI: the same results, whoever is killed or stopped."""

import multiprocessing
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import quantities as pq
from support.chunk_functions import die, loads_tensorflow_to_simulate, square, square_and_die_once

from elephant_dic import generate_population, get_neuron, save_population, simulate_population
from elephant_dic.cli import main
from elephant_dic.simulation import Interrupted, map_chunks, parallel, progress_bar, simulate, simulator
from elephant_dic.simulation.simulator import Simulation

STG = get_neuron("stg")
VARIED = np.random.default_rng(0).uniform(0.9, 1.1, (90, 8))
CELLS = np.array([4000, 150, 10, 50, 200, 400, 0.4, 0.01]) * VARIED
NOISY = {"noise_std": 1.0, "seed": 3, "trace_start": 50.0, "trace_step": 0.5}
SQUARES = {i: i * i for i in range(12)}
#: Where subprocesses find these tests and what they use.
PYTHONPATH = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])


@pytest.fixture(scope="module")
def expected():
    return simulate(STG, CELLS, 150.0, **NOISY)


@pytest.fixture(scope="module")
def dask_client():
    distributed = pytest.importorskip("distributed", reason="dask is not installed: pip install '.[dask]'")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        yield client


def same(first, second):
    pairs = zip(first.spike_times, second.spike_times, strict=True)
    return all(np.array_equal(a, b) for a, b in pairs) and np.array_equal(first.traces, second.traces)


def received(function, jobs, executor=None, **options):
    """Results by index; none may come twice."""
    results = []
    map_chunks(function, jobs, lambda *result: results.append(result), executor, **options)
    assert len(dict(results)) == len(results)
    return dict(results)


# map_chunks


def test_each_chunk_is_received_once():
    jobs = [(i,) for i in SQUARES]
    assert received(square, jobs) == SQUARES
    assert received(square, []) == received(square, [], processes=True) == {}
    with ThreadPoolExecutor(3) as executor:
        assert received(square, jobs, executor) == SQUARES
        assert executor.submit(square, 7).result() == 49  # it is still the caller's to use


@pytest.mark.parametrize("wrong", [4, "processes", ThreadPoolExecutor], ids=repr)
def test_what_is_no_executor_is_refused(wrong):
    with pytest.raises(TypeError, match=r"must be a concurrent.futures.Executor .*client.get_executor\(\)"):
        map_chunks(square, [(1,)], print, wrong)
    with pytest.raises(TypeError, match="must be a concurrent.futures.Executor"):
        simulate(STG, CELLS, 10.0, executor=wrong)


def test_no_more_chunks_are_under_way_than_allowed(monkeypatch):
    monkeypatch.setattr(parallel, "IN_FLIGHT", 3)
    submitted, most, n_received = [], 0, 0

    class Counting(ThreadPoolExecutor):
        def submit(self, *job):
            nonlocal most
            submitted.append(job)
            most = max(most, len(submitted) - n_received)
            return super().submit(*job)

    def receive(index, result):
        nonlocal n_received
        n_received += 1

    with Counting(2) as executor:
        map_chunks(square, [(i,) for i in range(50)], receive, executor)
    assert (len(submitted), n_received, most) == (50, 50, 3)


def test_an_error_in_a_chunk_cancels_the_rest():
    gate, begun, results = threading.Event(), [], {}

    def work(number):
        begun.append(number)
        if number == 2:
            raise ValueError("two is too many")
        if number > 2:
            gate.wait()
        return number

    with ThreadPoolExecutor(1) as executor:
        with pytest.raises(ValueError, match="two is too many"):
            map_chunks(work, [(i,) for i in range(100)], results.__setitem__, executor)
        gate.set()
    assert results == {0: 0, 1: 1}
    assert begun in ([0, 1, 2], [0, 1, 2, 3])  # the fourth may have begun in between


def test_an_error_of_the_receiver_cancels_the_rest():
    def full(index, result):
        raise OSError("no space left on device")

    gate, begun = threading.Event(), []

    def work(i):
        begun.append(i)
        return i == 0 or gate.wait()

    with ThreadPoolExecutor(1) as executor:
        with pytest.raises(OSError, match="no space left"):
            map_chunks(work, [(i,) for i in range(100)], full, executor)
        gate.set()
    assert len(begun) <= 3  # the next may have begun in between; the rest is cancelled


def test_a_bar_is_shown_only_if_asked_and_if_the_work_takes_long(capsys, monkeypatch):
    def work(shown):
        with progress_bar(2, "simulating", "cell", shown) as bar:
            bar.update(2)

    work(True)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(parallel, "_BAR_AFTER", 0)
    work(False)
    assert capsys.readouterr().err == ""
    work(True)
    assert "simulating: 100%" in capsys.readouterr().err


# The same results in any executor


def test_a_spawned_pool_gives_the_same(expected):
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as executor:
        assert same(simulate(STG, CELLS, 150.0, **NOISY, executor=executor), expected)
        assert executor.submit(loads_tensorflow_to_simulate, CELLS[:2]).result() is False


def test_dask_gives_the_same(dask_client, expected):
    executor = dask_client.get_executor()
    assert same(simulate(STG, CELLS, 150.0, **NOISY, executor=executor), expected)
    assert executor.submit(loads_tensorflow_to_simulate, CELLS[:2]).result() is False


class Counted:
    """A time constant that counts how often it is pickled."""

    n_pickled = 0

    def __call__(self, voltage):
        return 1.0 + 0 * voltage

    def __reduce__(self):
        Counted.n_pickled += 1
        return Counted, ()


def test_dask_does_not_pickle_the_functions_of_a_neuron():
    """It did, for the name of every task: 40 ms for 200 ms of work."""
    base = pytest.importorskip("dask.base", reason="dask is not installed: pip install '.[dask]'")
    neuron = replace(STG, timescales=(Counted(), *STG.timescales[1:]))
    assert base.tokenize(neuron) == base.tokenize(STG) != base.tokenize(get_neuron("da"))
    assert Counted.n_pickled == 0


_MPI = """
import pickle, sys
from mpi4py.futures import MPIPoolExecutor
from test_executors import CELLS, NOISY, STG, simulate

if __name__ == "__main__":
    with MPIPoolExecutor() as executor:
        result = simulate(STG, CELLS, 150.0, **NOISY, executor=executor)
        n_workers = executor.num_workers
    with open(sys.argv[1], "wb") as file:
        pickle.dump((n_workers, result), file)
"""


def test_mpi_gives_the_same(expected, tmp_path):
    pytest.importorskip("mpi4py", reason="mpi4py is not installed: pip install '.[mpi]' and an MPI library")
    here = str(Path(sys.executable).parent)
    mpiexec = shutil.which("mpiexec", path=here) or shutil.which("mpiexec")
    if mpiexec is None:
        pytest.skip("no mpiexec: install an MPI library (pip install mpich, or the system's)")
    script, output = tmp_path / "script.py", tmp_path / "result"
    script.write_text(_MPI)
    open_mpi = {
        "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "OMPI_MCA_rmaps_base_oversubscribe": "1",
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    }
    subprocess.run(
        [mpiexec, "-n", "3", sys.executable, "-m", "mpi4py.futures", script, output],
        env=os.environ | open_mpi | {"PYTHONPATH": PYTHONPATH},
        timeout=120,
        check=True,
    )
    n_workers, result = pickle.loads(output.read_bytes())
    assert n_workers == 2
    assert same(result, expected)


def test_a_population_takes_an_executor(dask_client):
    block = generate_population({"g_s": -5, "g_u": 8}, n_models=20, seed=1)
    options = {"duration": 0.4 * pq.s, "discard": 0.1 * pq.s, "noise_std": 1 * pq.uA / pq.cm**2, "seed": 2}
    here = simulate_population(block, **options)
    there = simulate_population(block, **options, executor=dask_client.get_executor())
    pairs = zip(here.spiketrains, there.spiketrains, strict=True)
    assert all(np.array_equal(a.magnitude, b.magnitude) for a, b in pairs)


def test_spikes_travel_as_one_array(expected):
    for run in (expected, simulate(STG, CELLS[:0], 10.0, trace_step=1.0)):
        copy = pickle.loads(pickle.dumps(run))
        assert same(copy, run)
        assert isinstance(copy, Simulation)
    buffers = []
    pickle.dumps(expected, protocol=5, buffer_callback=buffers.append)
    assert len(buffers) == 3  # spikes, traces, states


# Workers that are killed


def test_our_own_pool_replaces_a_killed_worker(tmp_path):
    with pytest.warns(UserWarning, match="a worker process has died .* its chunks are done again") as caught:
        results = received(square_and_die_once, [(i, str(tmp_path), 5) for i in SQUARES], processes=True)
    assert results == SQUARES
    assert len(caught) == 1
    assert (tmp_path / "killed by 5").exists()


def test_our_own_pool_gives_up_when_workers_keep_dying(monkeypatch):
    monkeypatch.setattr(parallel, "MOST_LOSSES", 1)
    advice = "0 of 3 chunks are done: files are in F. Look for a lack of memory.*`if __name__ == '__main__':`"
    with pytest.warns(UserWarning, match="has died"), pytest.raises(BrokenExecutor, match=advice):
        received(die, [(i,) for i in range(3)], processes=True, resume="files are in F")


def test_dask_does_a_lost_chunk_again(dask_client, tmp_path):
    jobs = [(i, str(tmp_path), 5) for i in SQUARES]
    assert received(square_and_die_once, jobs, dask_client.get_executor()) == SQUARES
    assert (tmp_path / "killed by 5").exists()


def test_after_a_loss_the_callers_pool_is_replaced_by_the_caller(tmp_path, expected):
    results, spawn = {}, multiprocessing.get_context("spawn")
    jobs = [(i, str(tmp_path), 5) for i in SQUARES]
    with ProcessPoolExecutor(1, spawn) as executor:
        error = "lost a worker .*5 of 12 chunks are done: they are kept. Call again with a new executor"
        with pytest.raises(BrokenExecutor, match=error):
            map_chunks(square_and_die_once, jobs, results.__setitem__, executor, resume="they are kept")
        assert results == {i: i * i for i in range(5)}
        with pytest.raises(BrokenExecutor, match=r"0 of \d chunks are done. Call again"):
            simulate(STG, CELLS, 150.0, executor=executor)
    with ProcessPoolExecutor(1, spawn) as executor:
        missing = [job for job in jobs if job[0] not in results]
        more = received(square_and_die_once, missing, executor)
        assert results | {missing[i][0]: result for i, result in more.items()} == SQUARES
        assert same(simulate(STG, CELLS, 150.0, **NOISY, executor=executor), expected)


# Ctrl-C


class Interrupting(ThreadPoolExecutor):
    """Ctrl-C when the fourth chunk is handed in, after the others are done."""

    def __init__(self):
        super().__init__(2)
        self.futures = []

    def submit(self, *job):
        if len(self.futures) == 3:
            wait(self.futures)
            signal.raise_signal(signal.SIGINT)
        self.futures.append(super().submit(*job))
        return self.futures[-1]


def test_ctrl_c_keeps_the_cells_that_are_finished(monkeypatch, expected):
    monkeypatch.setattr(simulator, "cpu_count", lambda: 5)  # 5 chunks of 18 cells
    with Interrupting() as executor, pytest.raises(Interrupted) as stop:
        simulate(STG, CELLS, 150.0, **NOISY, executor=executor)
    assert len(executor.futures) == 3
    first = Simulation(expected.spike_times[:54], expected.traces[:54], expected.states[:54])
    assert same(stop.value.finished, first)


def test_ctrl_c_keeps_the_members_that_are_finished(monkeypatch):
    monkeypatch.setattr(simulator, "cpu_count", lambda: 4)
    block = generate_population({"g_s": -5, "g_u": 8}, n_models=80, seed=1)
    options = {"duration": 100 * pq.ms, "discard": 20 * pq.ms, "traces": True}
    with Interrupting() as executor, pytest.raises(KeyboardInterrupt) as stop:
        simulate_population(block, **options, executor=executor)
    segment, whole = stop.value.finished, simulate_population(block, **options)
    assert [train.annotations["member"] for train in segment.spiketrains] == list(range(60))
    for train, other in zip(segment.spiketrains, whole.spiketrains, strict=False):
        assert np.array_equal(train.magnitude, other.magnitude)
    assert np.array_equal(segment.analogsignals[0].magnitude, whole.analogsignals[0].magnitude[:, :60])


def run_script(text, *args):
    """A script in a process group of its own, as in a terminal; what it prints is read line by line."""
    return subprocess.Popen(
        [sys.executable, "-c", text, *map(str, args)],
        env=os.environ | {"PYTHONPATH": PYTHONPATH},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


_SIMULATE = """
import sys
from test_executors import *

class Announcing(ThreadPoolExecutor):
    announced = False

    def submit(self, *job):
        future = super().submit(*job)
        if not self.announced:
            self.announced = True
            future.add_done_callback(lambda future: print("first chunk done", flush=True))
        return future

parallel.ThreadPoolExecutor = Announcing
table = np.tile(CELLS, (1000, 1))
try:
    simulate(STG, table, 6000.0)
except Interrupted as stop:
    trains = stop.finished.spike_times
    parallel.ThreadPoolExecutor = ThreadPoolExecutor
    first = simulate(STG, table[:16], 6000.0)
    print(len(trains), all(map(np.array_equal, first.spike_times, trains)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_a_simulation_in_a_terminal_stops_at_ctrl_c():
    with run_script(_SIMULATE) as process:
        assert process.stdout.readline() == "first chunk done\n"
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)  # all 90,000 cells would take minutes
    n_done, equal = out.split()
    assert 16 <= int(n_done) < 90_000
    assert equal == "True"
    assert err == ""


_WRITE = """
import sys
from support.chunk_functions import write_pid
from elephant_dic.simulation import map_chunks

def main():
    jobs = [(i, sys.argv[1]) for i in range(10_000)]
    try:
        map_chunks(write_pid, jobs, lambda *_: print("done", flush=True), processes=True)
    except KeyboardInterrupt:
        print("stopped")

if __name__ == "__main__":
    main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_our_own_processes_end_with_the_program(how, tmp_path):
    with run_script(_WRITE, tmp_path) as process:
        for _ in range(5):
            process.stdout.readline()
        os.killpg(process.pid, how) if how == signal.SIGINT else process.send_signal(how)
        out, err = process.communicate(timeout=60)  # all chunks would take minutes
    if how == signal.SIGINT:
        assert (process.returncode, err) == (0, "")
        assert out.endswith("stopped\n")
    workers = {int(path.read_text()) for path in tmp_path.iterdir() if path.suffix == ".pid"}
    assert workers
    for pid in workers:
        wait_for_end(pid)
    assert 5 <= len(list(tmp_path.glob("*.pid"))) < 10_000


def wait_for_end(pid):
    for _ in range(300):
        state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
        if not state or state.startswith("Z"):
            return
        time.sleep(0.1)
    pytest.fail(f"worker {pid} lives on")


def test_the_command_writes_the_models_that_are_finished(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(simulator, "cpu_count", lambda: 4)
    monkeypatch.setattr(parallel, "ThreadPoolExecutor", lambda n_workers: Interrupting())
    monkeypatch.chdir(tmp_path)
    block = generate_population({"g_s": -5, "g_u": 8}, n_models=80, seed=1)
    save_population(block, "population.csv")
    options = ["--duration", "0.4", "--discard", "0.1", "-o"]
    assert main(["simulate", "population.csv", *options, "spikes.csv"]) == 130
    out, err = capsys.readouterr()
    assert "Interrupted: only the first 60 models have been simulated" in out
    assert "Written: spikes.csv (spike trains)" in out
    assert err == "\nelephant-dic: interrupted\n"
    comment, _, *rows = Path("spikes.csv").read_text().splitlines()
    assert comment.startswith("# 60 models of population.csv")
    assert {int(row.split(",")[0]) for row in rows} == set(range(60))
