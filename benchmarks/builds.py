"""What one build of the package needs for a job, in a process of its own: for `faster.py`.

What runs there is plain code that works with any version of the package; cells and spike times come in files,
which are the same for all builds.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from inference_speed import make_trains
from simulator import SECONDS, errors, run_scipy
from truth_cells import CLASSES, targets

from elephant_dic import get_neuron
from elephant_dic.simulation import simulate
from elephant_dic.training.sets import draw_cells
from elephant_dic.trains import firing_of

#: Hz: DA bursters of these are those that recordings of DA cells show.
DA_BURST_RATES = 0.5, 0.8
#: Cells for the speed of the simulator.
SIMULATED = {"stg": 200, "da": 100, "pyloric": 100}
N_TRAINS, N_SPIKES, N_SAVED, PYLORIC_MODELS = 10_000, 50, 100_000, 100
#: Bursting DA cells drawn for each that is used: most burst at other rates.
_DRAWN = 12

_HEAD = """
import json, sys, time, warnings
import neo, numpy as np, quantities as pq
warnings.simplefilter("ignore")
"""
_POPULATIONS = """
from elephant_dic import reconstruct
path, neuron, n_models, tolerance = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
with np.load(path) as file:
    trains = [neo.SpikeTrain(file[key], units="ms", t_stop=file[key][-1] + 1) for key in sorted(file.files)]
reconstruct(trains[0], neuron, 5, tolerance=tolerance, seed=0)
told = {"s": [], "found": [], "simulated": [], "verdict": []}
for seed, train in enumerate(trains):
    begin = time.process_time()
    block = reconstruct(train, neuron, n_models, tolerance=tolerance, seed=seed)
    told["s"].append(time.process_time() - begin)
    known = json.loads(block.annotations["elephant_dic"])
    told["found"].append(known["verification"]["n_matching"] / n_models)
    told["simulated"].append(known["verification"]["n_simulated"] / n_models)
    told["verdict"].append(known["verdict"])
print(json.dumps(told))
"""
_SIMULATOR = """
from concurrent.futures import ThreadPoolExecutor
from elephant_dic import get_neuron
from elephant_dic.simulation import simulate
neuron, duration, result = get_neuron(sys.argv[1]), float(sys.argv[4]), sys.argv[5]
with ThreadPoolExecutor(1) as one:
    checked = simulate(neuron, np.load(sys.argv[3]), duration, executor=one).spike_times
    begin = time.process_time()
    simulate(neuron, np.load(sys.argv[2]), duration, executor=one)
    seconds = time.process_time() - begin
np.savez(result, *checked)
print(json.dumps({"s": [seconds]}))
"""
_INFERENCE = """
from elephant_dic import infer_dics_many
trains = [neo.SpikeTrain(times, units="ms", t_stop=times[-1] + 1) for times in np.load(sys.argv[1])]
infer_dics_many(trains[:200])
seconds = []
for _ in range(3):
    begin = time.process_time()
    infer_dics_many(trains)
    seconds.append(time.process_time() - begin)
print(json.dumps({"s": [float(np.median(seconds))]}))
"""
_FILES = """
from elephant_dic import get_neuron, load_population, population_from_conductances, save_population
table, path = np.load(sys.argv[1]), sys.argv[2]
def save_and_load(n):
    block = population_from_conductances(dict(zip(get_neuron("stg").conductance_names, table[:n].T)), "stg")
    begin = time.process_time()
    save_population(block, path)
    saved = time.process_time()
    load_population(path)
    return {"save": [saved - begin], "load": [time.process_time() - saved]}
save_and_load(10)
print(json.dumps(save_and_load(len(table))))
"""
#: Runs a command, and tells its processor time (s) and peak memory (MB). What it leaves running when it ends
#: becomes a child of this process, which has asked for that (36 is PR_SET_CHILD_SUBREAPER), and counts too.
_MEASURED = """
import ctypes, json, os, resource, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
try:
    while True:
        os.wait()
except ChildProcessError:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6]))
sys.exit(done.returncode)
"""
_COMMAND = "import sys; from elephant_dic.cli import main; sys.exit(main(sys.argv[1:]))"


def _tell(python, code, *arguments):
    """What a process says at its end."""
    command = [python, "-c", _HEAD + code, *map(str, arguments)]
    with tempfile.TemporaryDirectory() as folder:  # not where a build could be imported from
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=_environment())
    if done.returncode:
        raise RuntimeError(f"{python} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _environment(**changed):
    """Ours, without the path that would give both builds the same package."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | changed


def first_command(python, *arguments):
    """`command` where nothing that was compiled before is there, as right after an installation."""
    with tempfile.TemporaryDirectory() as empty:
        return _run_command(python, arguments, _environment(NUMBA_CACHE_DIR=empty))


def command(python, *arguments):
    """Processor time and peak memory of the command, from start to end, with all that it starts."""
    _compile(python, arguments)
    return _run_command(python, arguments, _environment())


@cache
def _compile(python, arguments):
    _run_command(python, arguments, _environment())


def _run_command(python, arguments, environment):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, python, "-c", _COMMAND, *arguments],
            cwd=folder, env=environment, capture_output=True, text=True,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{python}: elephant-dic {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    seconds, memory = json.loads(done.stdout)
    return {"s": [seconds], "memory": [memory]}


@dataclass(frozen=True)
class Jobs:
    """The jobs, each a function of the interpreter of a build, and what they are given.

    Attributes
    ----------
    folder : Path
        Where cells, spike times and reference solutions are kept, to be used again.
    n_cells : int
        Cells of a neuron and class, half of the family and half with any conductances.
    n_models : int
        Of each population.
    n_checked : int
        Cells whose spike times are compared with those of the reference solution.
    """

    folder: Path
    n_cells: int
    n_models: int
    n_checked: int

    def populations(self, python, neuron, activity):
        """Seconds of each cell, share of its models found, simulations a model, verdicts."""
        path = self.folder / f"{neuron}-{activity}-{self.n_cells}.npz"
        if not path.is_file():
            kinds = [_cells_of(neuron, kind, activity, self.n_cells // 2) for kind in ("family", "broad")]
            _keep_trains(path, [times for cells in kinds for times in cells])
        return _tell(python, _POPULATIONS, path, neuron, self.n_models, 0.1)

    def pyloric(self, python):
        """The same for the recordings of docs/pyloric.md."""
        from pyloric import MUST, recording

        path = self.folder / "pyloric.npz"
        _keep_trains(path, [recording(figures, i) for i, figures in enumerate(MUST)])
        return _tell(python, _POPULATIONS, path, "pyloric", min(self.n_models, PYLORIC_MODELS), 0.2)

    def simulator(self, python, neuron):
        """Seconds of one core, cells a second, and errors of spike times as in `simulator.py`."""
        n, duration = SIMULATED[neuron], 1000 * SECONDS[neuron]
        cells, checked, result = (
            self.folder / f"{neuron}-{name}" for name in ("cells.npy", "checked.npy", "spikes.npz")
        )
        table, exact = _reference(neuron, self.n_checked, self.folder)
        np.save(cells, draw_cells(get_neuron(neuron), n, np.random.default_rng(0)))
        np.save(checked, table)
        told = _tell(python, _SIMULATOR, neuron, cells, checked, duration, result)
        with np.load(result) as file:
            trains = [file[key] for key in file.files]
        told["errors"] = errors(trains, exact, duration)
        return told | {"speed": n / told["s"][0]}

    def inference(self, python):
        """Seconds of one call for many trains."""
        path = self.folder / "trains.npy"
        trains = make_trains(N_TRAINS, N_SPIKES, np.random.default_rng(0))
        np.save(path, [train.magnitude for train in trains])
        return _tell(python, _INFERENCE, path)

    def files(self, python):
        """Seconds to save and to load a population."""
        path = self.folder / "conductances.npy"
        np.save(path, np.random.default_rng(0).uniform(0.1, 100, (N_SAVED, 8)))
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            return _tell(python, _FILES, path, Path(folder) / "population.nix")


def _keep_trains(path, trains):
    np.savez(path, **{f"{i:03d}": times for i, times in enumerate(trains)})


def _cells_of(neuron, kind, activity, n):
    """Spike times of n cells of a class; of DA cells that burst, those with the rates of recorded ones."""
    chosen = (neuron, activity) == ("da", "bursting")
    drawn = targets(neuron, kind, _DRAWN * n if chosen else n)
    found = [times for known, _, times in drawn if known == activity]
    if chosen:
        low, high = DA_BURST_RATES
        found = [times for times in found if low <= firing_of([times]).burst_rate <= high]
    if len(found) < n:
        raise RuntimeError(f"only {len(found)} of {n} {kind} cells of {neuron} are {activity} as wanted")
    return found[:n]


@cache
def _reference(name, n, folder):
    """Cells, half of each class, and their spike times by LSODA at a relative tolerance of 1e-8."""
    neuron, duration = get_neuron(name), 1000 * SECONDS[name]
    table = draw_cells(neuron, SIMULATED[name], np.random.default_rng(1))
    late = [times[times >= duration / 2] for times in simulate(neuron, table, duration).spike_times]
    firing = np.array([firing_of([times]).activity for times in late])
    table = table[np.concatenate([np.flatnonzero(firing == activity)[: n // 2] for activity in CLASSES])]
    digest = hashlib.sha256(table.tobytes() + str(duration).encode()).hexdigest()[:16]
    path = folder / f"reference-{name}-{digest}.npz"
    if not path.is_file():
        _keep_trains(path, run_scipy(neuron, table, duration, "LSODA", "1e-8")[0])
    with np.load(path) as file:
        return table, [file[key] for key in sorted(file.files)]
