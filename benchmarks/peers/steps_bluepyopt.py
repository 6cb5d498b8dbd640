"""Populations under current steps beside BluePyOpt: the same cell, ranges and judge.

    python benchmarks/peers/steps_bluepyopt.py --peer PYTHON [--cells 2] [--models 50] [--seconds 300]
        [--recording FILE.abf] [--columns six all]

PYTHON is an interpreter with `pip install bluepyopt efel neuron` and a C compiler, no dependencies of the
package. BluePyOpt searches with its IBEA, offspring of 20, and NEURON (variable step): one compartment with
the currents of the cortical neuron as a mechanism that was written apart; one objective for each level of
each sweep (of rest, its longest part), the spikes that eFEL counts there over what the rule allows. Processor
seconds are those of the search alone, without the start of the interpreters and the compilation.

Free are "six" conductances (Na, Kd, M, CaL, CaT, leak; the others zero, V_T -55 and E_leak -70 mV), for which
this package has no library of cells and starts from its ranges, or "all" conductances and voltages. Simulated
cells have the same free columns, and levels as in `benchmarks/steps.py`; a recording is searched with "all".

Not only its best, but all distinct models that BluePyOpt has seen with no score beyond 1.2 are judged, by the
package's rule at every level, in its simulation with a quarter of the step. The spread is the median over the
free columns of the members' standard deviation, over that of the range.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

#: ms before each sweep; the largest score with which a model is judged; individuals a generation.
SETTLING, JUDGED, OFFSPRING = 1000.0, 1.2, 20
SIX = ("g_Na", "g_Kd", "g_M", "g_CaL", "g_CaT", "g_leak")
DECLARED = {"V_T": -55.0, "E_leak": -70.0}
MECHANISM = """
NEURON {
    SUFFIX cell NONSPECIFIC_CURRENT i
    RANGE g_Na, g_Kd, g_M, g_CaL, g_CaT, g_leak, g_NaS, g_AHP, g_H, V_T, E_leak
}
PARAMETER {
    g_Na = 0 g_Kd = 0 g_M = 0 g_CaL = 0 g_CaT = 0 g_leak = 0 g_NaS = 0 g_AHP = 0 g_H = 0
    V_T = -55 E_leak = -70
}
ASSIGNED {
    v i calcium_current am bm ah bh an bn aq bq ar br m_rest h_rest n_rest q_rest r_rest
    p_rest p_tau s_rest u_rest u_tau k_rest k_tau x_rest x_tau z_rest
}
STATE { ca m h n p q r u x k z }
INITIAL {
    ca = 0.24
    rates()
    m = m_rest h = h_rest n = n_rest p = p_rest q = q_rest r = r_rest
    u = u_rest x = x_rest k = k_rest z = z_rest
}
BREAKPOINT {
    SOLVE states METHOD cnexp
    i = 0.001*((g_Na + g_NaS*x)*m^3*h*(v - 50) + (g_Kd*n^4 + g_M*p + g_AHP*z)*(v + 100)
        + (g_CaL*q^2*r + g_CaT*s_rest^2*u)*(v - 120) + g_leak*(v - E_leak) + g_H*k*(v + 43))
}
DERIVATIVE states {
    rates()
    m' = (m_rest - m)*(am + bm)
    h' = (h_rest - h)*(ah + bh)
    n' = (n_rest - n)*(an + bn)
    p' = (p_rest - p)/p_tau
    q' = (q_rest - q)*(aq + bq)
    r' = (r_rest - r)*(ar + br)
    u' = (u_rest - u)/u_tau
    x' = (x_rest - x)/x_tau
    k' = (k_rest - k)/k_tau
    z' = (z_rest - z)/100
    ca' = (0.24 - 0.2591*calcium_current - ca)/5
}
FUNCTION linear(x) {
    if (fabs(x) < 1e-5) { linear = 1 - x/2 } else { linear = x/(exp(x) - 1) }
}
PROCEDURE rates() { LOCAL w
    w = v - V_T
    am = 1.28*linear((13 - w)/4)
    bm = 1.4*linear((w - 40)/5)
    ah = 0.128*exp((17 - w)/18)
    bh = 4/(1 + exp((40 - w)/5))
    an = 0.16*linear((15 - w)/5)
    bn = 0.5*exp((10 - w)/40)
    p_rest = 1/(1 + exp(-(v + 35)/10))
    p_tau = 1000/(3.3*exp((v + 35)/20) + exp(-(v + 35)/20))
    aq = 0.209*linear((-27 - v)/3.8)
    bq = 0.94*exp((-75 - v)/17)
    ar = 0.000457*exp((-13 - v)/50)
    br = 0.0065/(1 + exp((-15 - v)/28))
    s_rest = 1/(1 + exp(-(v + 59)/6.2))
    u_rest = 1/(1 + exp((v + 83)/4))
    u_tau = (30.8 + (211.4 + exp((v + 115.2)/5))/(1 + exp((v + 86)/3.2)))/3.737192818846552
    x_rest = 1/(1 + exp((v + 50)/6))
    x_tau = 100 + 400/(1 + exp((v + 45)/8))
    k_rest = 1/(1 + exp((v + 75)/5.5))
    k_tau = 1/(exp(-14.59 - 0.086*v) + exp(-1.87 + 0.0701*v))
    m_rest = am/(am + bm)
    h_rest = ah/(ah + bh)
    n_rest = an/(an + bn)
    q_rest = aq/(aq + bq)
    r_rest = ar/(ar + br)
    z_rest = ca^2/(ca^2 + 4)
    calcium_current = (g_CaL*q^2*r + g_CaT*s_rest^2*u)*(v - 120)
}
"""


# In the interpreter of the peer.


def search_here(job, result):
    """Run BluePyOpt for the seconds of a job; write what it has seen."""
    import bluepyopt as bpop

    job = json.loads(Path(job).read_text())
    with tempfile.TemporaryDirectory() as folder:
        evaluator = _evaluator(job, Path(folder))
        evaluator.evaluate(job["first"])  # loads NEURON
        evaluator.begin()
        optimisation = bpop.deapext.optimisations.IBEADEAPOptimisation(
            evaluator=evaluator, offspring_size=OFFSPRING, seed=job["seed"]
        )
        optimisation.run(max_ngen=100_000, terminator=evaluator)
    np.savez(result, models=evaluator.models, scores=evaluator.scores, seconds=evaluator.seconds)


def _evaluator(job, folder):
    """BluePyOpt's evaluator of a job, which keeps what it sees and tells when time is up."""
    import bluepyopt.ephys as ephys

    soma = ephys.locations.NrnSeclistLocation("soma", seclist_name="somatic")
    middle = ephys.locations.NrnSeclistCompLocation("middle", seclist_name="somatic", sec_index=0, comp_x=0.5)
    (folder / "cell.mod").write_text(MECHANISM)
    script = Path(sys.executable).parent / "nrnivmodl"
    subprocess.run([str(script)], cwd=folder, check=True, capture_output=True)
    radius = 0.5 * np.sqrt(job["capacitance"] * 100 / np.pi)  # um, of a cylinder as long as it is wide
    (folder / "soma.swc").write_text(
        f"1 1 0 0 0 {radius} -1\n2 1 0 {-radius} 0 {radius} 1\n3 1 0 {radius} 0 {radius} 1\n"
    )
    parameters = [ephys.parameters.NrnGlobalParameter("v_init", -70.0, True, param_name="v_init")]
    for name, value in job["columns"].items():
        free = {"bounds": value} if isinstance(value, list) else {"value": value, "frozen": True}
        parameters.append(
            ephys.parameters.NrnSectionParameter(name, param_name=f"{name}_cell", locations=[soma], **free)
        )
    model = ephys.models.CellModel(
        "cortical",
        morph=ephys.morphologies.NrnFileMorphology(str(folder / "soma.swc")),
        mechs=[ephys.mechanisms.NrnMODMechanism("cell", suffix="cell", locations=[soma])],
        params=parameters,
    )
    protocols, objectives = {}, []
    for number, sweep in enumerate(job["sweeps"]):
        name, total = f"sweep{number}", SETTLING + sweep["duration"]
        pulses = [
            ephys.stimuli.NrnSquarePulse(current / 1000, SETTLING + start, stop - start, total, middle)
            for start, stop, current in sweep["steps"]
        ] or [ephys.stimuli.NrnSquarePulse(0.0, 0.0, total, total, middle)]
        recording = ephys.recordings.CompRecording(name=name, location=middle, variable="v")
        protocols[name] = ephys.protocols.SweepProtocol(name, pulses, [recording])
        for k, (start, stop, count, allowed) in enumerate(sweep["counts"]):
            feature = ephys.efeatures.eFELFeature(
                f"{name}.{k}", efel_feature_name="spike_count_stimint", recording_names={"": name},
                stim_start=SETTLING + start, stim_end=SETTLING + stop, exp_mean=count, exp_std=allowed,
                threshold=job["threshold"],
            )  # fmt: skip
            objectives.append(ephys.objectives.SingletonObjective(f"{name}.{k}", feature))

    class Evaluator(ephys.evaluators.CellEvaluator):
        def begin(self):
            self.models, self.scores, self.seconds = [], [], []
            self.began = time.process_time()

        def evaluate_with_lists(self, param_list=None, target="scores"):
            scores = super().evaluate_with_lists(param_list, target)
            if hasattr(self, "began"):
                self.models.append(list(param_list))
                self.scores.append(max(scores))
                self.seconds.append(time.process_time() - self.began)
            return scores

        def is_set(self):
            return bool(self.seconds) and self.seconds[-1] > job["seconds"]

    return Evaluator(
        cell_model=model,
        param_names=job["free"],
        fitness_protocols=protocols,
        fitness_calculator=ephys.objectivescalculators.ObjectivesCalculator(objectives),
        isolate_protocols=False,
        sim=ephys.simulators.NrnSimulator(mechanisms_directory=str(folder)),
    )


# In our own.


def columns_of(neuron, ranges, kind):
    """{column: [low, high] or a value}."""
    found = {name: [float(x) for x in each] for name, each in zip(neuron.column_names, ranges, strict=True)}
    if kind == "six":
        found |= {name: DECLARED.get(name, 0.0) for name in found if name not in SIX}
    return found


def job_of(task, columns, seconds, seed):
    """What the peer has to know of a cell."""
    protocol, comparison = task.comparison.protocol, task.comparison
    sweeps = []
    for number, condition in enumerate(protocol.conditions):
        counts, epochs = [], condition.epochs
        rest = [piece for piece in protocol.pieces[number] if protocol.levels[piece[2]].is_rest]
        longest = max(rest, key=lambda piece: piece[1] - piece[0], default=None)
        for piece in protocol.pieces[number]:
            (start, stop, k), is_rest = piece, piece in rest
            if comparison.compared[k] and (piece is longest or not is_rest):
                share = (stop - start) / 1000 if is_rest else 1.0
                allowed = max(1.0, comparison.allowed[k] * share)
                counts.append([start, stop, comparison.recording.counts[k] * share, allowed])
        steps = [[epoch.start or -SETTLING, epoch.stop, epoch.level] for epoch in epochs if epoch.level != 0]
        sweeps.append({"duration": condition.duration, "steps": steps, "counts": counts})
    free = [name for name, value in columns.items() if isinstance(value, list)]
    return {
        "columns": columns, "free": free, "first": [float(np.mean(columns[name])) for name in free],
        "sweeps": sweeps, "capacitance": task.capacitance["value"], "seconds": seconds, "seed": seed,
        "threshold": float(task.neuron.spike.level),
    }  # fmt: skip


def peer_models(job, python):
    """(n, n_free) models that the peer has seen, their largest scores, processor seconds at each."""
    with tempfile.TemporaryDirectory() as folder:
        asked, result = Path(folder) / "job.json", Path(folder) / "result.npz"
        asked.write_text(json.dumps(job))
        subprocess.run(
            [python, __file__, "--here", str(asked), str(result)], check=True, capture_output=True, text=True
        )
        with np.load(result) as found:
            return found["models"], found["scores"], found["seconds"]


def judged(task, bench, job, models):
    """(n,) bool: which models fire like the recording at every level."""
    from elephant_dic.steps.sweeps import FINENESS

    table = np.empty((len(models), len(job["columns"])))
    for k, (name, value) in enumerate(job["columns"].items()):
        table[:, k] = models[:, job["free"].index(name)] if name in job["free"] else value
    if not len(table):
        return np.zeros(0, dtype=bool)
    return task.comparison.deviations(bench.responses(table, FINENESS)).max(axis=1) <= 1.0


def spread(models, job):
    if len(models) < 3:
        return np.nan
    low, high = np.array([job["columns"][name] for name in job["free"]]).T
    return float(np.median(models.std(axis=0) * np.sqrt(12) / (high - low)))


def compare(name, cell, kind, capacitance, arguments):
    """Print the rows of one cell."""
    import quantities as pq

    from elephant_dic import get_neuron
    from elephant_dic.populations import conductance_table
    from elephant_dic.steps import StepVerification, step_population, step_task
    from elephant_dic.steps.library import ranges_of_cells
    from elephant_dic.steps.sweeps import Bench

    neuron = get_neuron("cortical")
    columns = columns_of(neuron, ranges_of_cells(neuron), kind)
    fixed = {
        name: (value - 1e-6 * (value < 0), value + 1e-6)
        for name, value in columns.items()
        if not isinstance(value, list)
    }
    given = None if capacitance is None else capacitance * pq.pF
    task = step_task(cell, neuron, 0.1, given, ranges=fixed)
    step_population(task, 2, 0)  # compiled before it is timed
    begin, ours = time.process_time(), []
    block = step_population(
        task, arguments.models, 0, report=lambda *_: ours.append(time.process_time() - begin)
    )
    found = StepVerification.of_block(block)
    job = job_of(task, columns, arguments.seconds, 1)
    bench = Bench(neuron, task.comparison.protocol, task.capacitance["value"])
    names = list(neuron.column_names)
    members = conductance_table(block)[1][: found.n_matching, [names.index(each) for each in job["free"]]]
    rows = [("this package", ours[-1], found.n_simulated, found.n_matching, spread(members, job))]
    models, scores, seconds = peer_models(job, arguments.peer)
    for until in (ours[-1], 10.0, arguments.seconds):
        until = max(until, ours[-1])
        seen = np.flatnonzero(seconds <= until)
        _, first = np.unique(models[seen].round(9), axis=0, return_index=True)
        close = seen[first][scores[seen[first]] <= JUDGED]
        right = models[close][judged(task, bench, job, models[close])]
        rows.append(("BluePyOpt", until, len(seen), len(right), spread(right, job)))
    for by, used, simulated, n, width in rows:
        print(f"| {name}, {kind} | {by} | {used:.1f} | {simulated:,} | {n} | {width:.2f} |", flush=True)


def simulated_cells(kind, n):
    """The sweeps of cells with the free columns, and their capacitance (pF)."""
    from steps import CAPACITANCE, NEURON, PRIOR, targets

    values = list(columns_of(NEURON, PRIOR.ranges, kind).values())
    fixed = np.array([np.nan if isinstance(value, list) else value for value in values])
    found = targets(n, seed=7, drawn=lambda table: np.where(np.isnan(fixed), table, fixed))
    return [(target.trains, CAPACITANCE) for target in found]


def main():
    """Print the table."""
    if sys.argv[1:2] == ["--here"]:
        return search_here(*sys.argv[2:])
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peer", help="interpreter of an environment with BluePyOpt, eFEL and NEURON")
    parser.add_argument("--cells", type=int, default=2, help="simulated ones, of each kind")
    parser.add_argument("--columns", nargs="+", choices=("six", "all"), default=("six", "all"))
    parser.add_argument("--models", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300.0, help="of the peer, a cell")
    parser.add_argument("--recording", type=Path, help="an Axon file of current steps")
    arguments = parser.parse_args()
    asked = [arguments.peer, "-c", "import bluepyopt, efel, neuron"]
    if not arguments.peer or subprocess.run(asked, capture_output=True, check=False).returncode:
        print("Skipped: --peer must be an interpreter with bluepyopt, efel and neuron.")
        return None
    sys.path.insert(0, str(Path(__file__).parents[1]))
    compare_all(arguments)
    return None


def compare_all(arguments):
    import neo

    from elephant_dic.recordings import read_spiketrains

    print("| cell, free columns | by | processor s | simulated | verified models | spread |")
    print("|---" * 6 + "|")
    for kind in arguments.columns:
        for index, (trains, capacitance) in enumerate(simulated_cells(kind, arguments.cells), 1):
            compare(f"simulated {index}", neo.Group(trains), kind, capacitance, arguments)
    if arguments.recording:
        (cell,) = read_spiketrains(arguments.recording)
        compare(arguments.recording.stem, cell, "all", None, arguments)


if __name__ == "__main__":
    main()
