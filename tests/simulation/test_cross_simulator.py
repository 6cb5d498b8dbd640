"""The same cells in NEURON, from equations written apart from the package's declaration."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from support.golden import FOLDER, golden_cells

from elephant_dic import get_neuron
from elephant_dic.simulation import simulate

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "peers"))
import equations

STG = get_neuron("stg")
FROZEN = json.loads((FOLDER / "neuron_spike_times.json").read_text())["stg"]
CELLS = golden_cells("stg")[0][[cell["cell"] for cell in FROZEN]]  # two tonic, two bursting
DURATION = 1000.0


@pytest.mark.parametrize(("finer", "tolerance"), [(1, 0.5), (2, 0.15), (5, 0.1)])
def test_spike_times_are_those_of_neuron(finer, tolerance):
    """Frozen ones, since few have it installed. At the default step the worst cell is off by 0.45 ms."""
    run = simulate(STG, CELLS, DURATION, dt=STG.time_step / finer)
    for times, cell in zip(run.spike_times, FROZEN, strict=True):
        assert len(cell["spike_times_ms"]) > 15
        assert times == pytest.approx(cell["spike_times_ms"], abs=tolerance)


def test_neuron_still_says_so(tmp_path):
    pytest.importorskip("neuron", reason="NEURON is not installed (`pip install neuron`)")
    if not (shutil.which("nrnivmodl") or shutil.which("nrnivmodl", path=str(Path(sys.executable).parent))):
        pytest.skip("nrnivmodl, which compiles mechanisms for NEURON, is not there")
    if not shutil.which("g++"):
        pytest.skip("NEURON needs a C++ compiler for its mechanisms")
    import with_neuron

    with_neuron.compile_mechanism(tmp_path)
    trains = with_neuron.simulate(CELLS[:2], DURATION)
    for times, cell in zip(trains, FROZEN[:2], strict=True):
        assert times == pytest.approx(cell["spike_times_ms"], abs=1e-3)


def test_both_sets_of_equations_are_the_same():
    """Gate by gate; both were written from the paper."""
    assert list(equations.GATES) == [channel.name for channel in STG.channels]
    assert STG.initial_voltage == equations.INITIAL_VOLTAGE
    names = {"v": np.linspace(-90, 60, 31), "ca": 3.0, "exp": np.exp}
    for channel in STG.channels:
        assert equations.REVERSALS[channel.name] == channel.reversal
        found = equations.GATES[channel.name]
        assert len(found) == len(channel.gates)
        for gate, (name, exponent, steady, tau) in zip(channel.gates, found, strict=True):
            assert (name, exponent) == (f"{gate.name}_{channel.name}", gate.exponent)
            factor = 0.5 if gate.calcium_half else 1.0  # 3 uM is the half of the one that has it
            rest = factor * gate.steady_state(names["v"])
            assert eval(steady, names) == pytest.approx(rest, rel=1e-12)
            assert eval(tau, names) == pytest.approx(gate.time_constant(names["v"]), rel=1e-12)
