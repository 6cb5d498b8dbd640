"""The STG neuron in NEURON: a mechanism made from `equations.py` and compiled by nrnivmodl.

    python benchmarks/peers/with_neuron.py CELLS.npy RESULT.npz DURATION [DT | MECHANISM.json]

Without DT (ms) the variable-step solver runs at a relative tolerance of 1e-8. Another neuron is in the file
that holds what `written_out.mechanism` says of it.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from equations import (
    GATES,
    INITIAL_CALCIUM,
    INITIAL_VOLTAGE,
    calcium_slope,
    current,
    kinetics,
)
from report import report


def mechanism():
    """NMODL text."""
    gates = kinetics()
    conductances = [f"g{channel}" for channel in GATES]

    def lines(template):
        texts = (template.format(x=x, steady=steady, tau=tau) for x, (steady, tau) in gates.items())
        return "\n    ".join(texts)

    return f"""
NEURON {{ SUFFIX cell NONSPECIFIC_CURRENT i RANGE {", ".join(conductances)} }}
PARAMETER {{ {" ".join(f"{name} = 0" for name in conductances)} }}
ASSIGNED {{ v i calcium_current {lines("{x}_rest {x}_tau")} }}
STATE {{ ca {" ".join(gates)} }}
INITIAL {{
    ca = {INITIAL_CALCIUM}
    kinetics()
    {lines("{x} = {x}_rest")}
}}
BREAKPOINT {{
    SOLVE states METHOD cnexp
    i = 0.001*({" + ".join(current(channel, f"g{channel}") for channel in GATES)})
}}
DERIVATIVE states {{
    kinetics()
    {lines("{x}' = ({x}_rest - {x})/{x}_tau")}
    ca' = {calcium_slope("calcium_current")}
}}
PROCEDURE kinetics() {{
    {lines("{x}_rest = {steady}")}
    {lines("{x}_tau = {tau}")}
    calcium_current = {current("CaT", "gCaT")} + {current("CaS", "gCaS")}
}}
"""


def compile_mechanism(folder, text=None):
    """Seconds that nrnivmodl took; the mechanism is loaded."""
    import neuron

    folder = Path(folder)
    (folder / "cell.mod").write_text(text or mechanism())
    nrnivmodl = shutil.which("nrnivmodl", path=str(Path(sys.executable).parent)) or "nrnivmodl"
    begin = time.perf_counter()
    subprocess.run([nrnivmodl], cwd=folder, check=True, capture_output=True)
    seconds = time.perf_counter() - begin
    neuron.load_mechanisms(str(folder), warn_if_already_loaded=False)
    return seconds


def simulate(table, duration, dt=None, *, channels=tuple(GATES), voltage=INITIAL_VOLTAGE, dense=False):
    """Spike times (ms) of cells (n, n_channels), all in one run, or one by one without `dt`.

    `dense`: the variable-step solver takes all derivatives by differences, for a mechanism that hides them.
    """
    from neuron import h

    h.load_file("stdrun.hoc")
    h.celsius = 10
    h.cvode_active(dt is None)
    if dt is None:
        h.cvode.rtol(1e-8)
        h.cvode.atol(1e-9)
        h.cvode.condition_order(2)
        h.cvode.jacobian(int(dense))
        return [_run(h, row[None], duration, channels, voltage)[0] for row in table]
    h.dt = dt
    h.steps_per_ms = 1 / dt
    return _run(h, table, duration, channels, voltage)


def _run(h, table, duration, channels, voltage):
    sections, counters, trains = [], [], []
    for row in table:
        section = h.Section()
        section.nseg, section.cm, section.L, section.diam = 1, 1.0, 10.0, 10.0
        section.insert("cell")
        for channel, value in zip(channels, row, strict=True):
            setattr(section(0.5), f"g{channel}_cell", value)
        counter, train = h.NetCon(section(0.5)._ref_v, None, sec=section), h.Vector()
        counter.threshold = 10.0
        counter.record(train)
        sections.append(section)
        counters.append(counter)
        trains.append(train)
    h.finitialize(voltage)
    h.continuerun(duration)
    return [np.array(train) for train in trains]


def main():
    cells, result, duration, *rest = sys.argv[1:]
    options = {}
    if rest and rest[0].endswith(".json"):
        options = json.loads(Path(rest.pop()).read_text()) | {"dense": True}
    with tempfile.TemporaryDirectory() as folder:
        compilation = compile_mechanism(folder, options.pop("text", None))
        begin = time.perf_counter()
        trains = simulate(np.load(cells), float(duration), *map(float, rest), **options)
        seconds = time.perf_counter() - begin
    report(result, trains, seconds, compilation)


if __name__ == "__main__":
    main()
