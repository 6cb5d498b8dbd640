"""What is looked at in the declaration of a neuron, and how mistakes are named."""

import dataclasses
import re

import numpy as np
import pytest
from support.command_line import run
from support.toy_neuron import constant, toy_neuron

from elephant_dic import get_neuron
from elephant_dic.neurons import Gate
from elephant_dic.neurons.model import Channel, Compensation, sigmoid
from elephant_dic.training.neuron_checks import (
    check_neuron,
    load_neuron_file,
    reachability,
    reachability_text,
)

IN, OUT, H, LEAK = toy_neuron().channels


def with_gate(*arguments):
    """The toy neuron with another gate in its channel H."""
    return toy_neuron(channels=(IN, OUT, Channel("H", -20.0, (Gate("m", *arguments),)), LEAK))


def failures(neuron):
    return [check for check in check_neuron(neuron) if not check.passed]


@pytest.mark.parametrize("name", ["stg", "da", "pyloric"])
def test_shipped_neurons_pass(name):
    checks = check_neuron(get_neuron(name))
    assert len(checks) == 8
    assert all(check.passed for check in checks), checks


OPEN, SLOW = sigmoid(70, 6), constant(300.0)


@pytest.mark.parametrize(
    ("neuron", "message"),
    [
        (with_gate(lambda v: 2 * OPEN(v), SLOW), r"steady state of gate m of H is 1.\d+ at .* from 0 to 1"),
        (with_gate(OPEN, lambda v: 300.0), r"gives \(\) values; a constant is written as c \+ 0 \* voltage"),
        (with_gate(OPEN, lambda v: v + 60), r"time constant of gate m of H is -\d+ at .* must be positive"),
        (with_gate(OPEN, lambda v: 1 / 0), "time constant of gate m of H: ZeroDivisionError"),
        (with_gate(OPEN, lambda v: 1 + np.abs(v)), "time constant of gate m of H is not analytic at"),
        (
            with_gate(lambda v: np.where(np.real(v) > -70, 0.1, 0.9) + 0 * v, SLOW),
            "steady state of gate m of H is not analytic at -70.",
        ),
        (
            toy_neuron(timescales=(constant(5.0), constant(0.5), SLOW)),
            r"5, 0.5, 300 ms at -50 mV \(they must",
        ),
        (
            toy_neuron(compensations=(Compensation(("In", "Out"), lambda g_s, g_u: g_s > -np.inf),)),
            "of the training box can be reached",
        ),
    ],
)
def test_mistakes_are_named(neuron, message):
    (failure,) = failures(neuron)
    with pytest.raises(ValueError, match=message):
        raise ValueError(failure.found)


def test_a_time_step_that_is_too_long_is_found():
    assert "simulation against an adaptive solver" in {
        check.name for check in failures(dataclasses.replace(toy_neuron(), time_step=2.0))
    }


def test_reachability_is_a_share_of_the_cells():
    neuron = get_neuron("da")
    cells = np.array([[35, 8, 0.045, 0.041, 0.15, 0.012, 0.0129]])
    g_s, g_u, reached = reachability(neuron, cells)
    assert (g_s[[0, -1]] == (-10, 15)).all()
    assert (g_u[[0, -1]] == (0, 20)).all()
    assert reached.shape == (len(g_u), len(g_s))
    assert reached[-1].min() == 1
    assert reached[0, -1] == 0  # ERG would have to be negative
    lines = reachability_text(neuron).splitlines()
    assert len(lines) == len(g_u) + 2
    assert lines[1].split() == ["20"] + ["9"] * len(g_s)


def test_a_neuron_is_read_from_a_file(tmp_path, capsys):
    path = tmp_path / "crab.py"
    path.write_text("from dataclasses import replace\nfrom elephant_dic.neurons import get_neuron\n"
                    "NEURON = replace(get_neuron('stg'), name='crab')\n")  # fmt: skip
    assert load_neuron_file(path).name == "crab"
    code, out, err = run(capsys, "neurons", "check", path)
    assert (code, err) == (0, [])
    assert out[0].startswith("crab: stomatogastric neuron")
    assert sum(line.startswith("ok  ") for line in out) == 8
    path.write_text(path.read_text().replace("name='crab'", "name='crab', time_step=3.0"))
    code, out, err = run(capsys, "neurons", "check", path)
    assert code == 2
    assert "crab.py cannot be used yet: see the lines marked FAIL" in err[-1]
    assert any(line.startswith("FAIL") for line in out)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("NEURON = 3", "declares no neurons; it must declare one"),
        ("import nowhere_to_be_found", "cannot be run: ModuleNotFoundError: No module named"),
        (
            "from elephant_dic.neurons import get_neuron\na, b = get_neuron('stg'), get_neuron('da')",
            "declares 2",
        ),
    ],
)
def test_files_without_a_neuron_are_refused(tmp_path, text, message):
    path = tmp_path / "other.py"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        load_neuron_file(path)
    with pytest.raises(ValueError, match="is not a file"):
        load_neuron_file(tmp_path / "absent.py")


def test_a_neuron_for_current_steps_is_looked_at_under_a_current():
    checks = {check.name: check for check in check_neuron(get_neuron("cortical"))}
    assert all(check.passed for check in checks.values())
    found = checks["activity of the reference population"].found
    assert re.search(r"^6\d silent.* without a current; under 2 uA/cm\*\*2: .*tonic", found)
    assert "not compared" not in checks["simulation against an adaptive solver"].found


def activity(neuron):
    (check,) = (
        check for check in check_neuron(neuron) if check.name == "activity of the reference population"
    )
    return check


def test_a_neuron_of_which_something_is_dropped_is_not_silent():
    """What is for current steps has no transient."""
    cortical = get_neuron("cortical")
    training = dataclasses.replace(cortical.training, transient=500.0)
    check = activity(dataclasses.replace(cortical, training=training, parameters=()))
    assert not check.passed
    assert re.search(r"^64 silent without a current; under \d uA/cm\*\*2: .*tonic", check.found)


def test_cells_have_parameters_of_their_own_in_the_checks():
    """As declared all are silent without a current, with low thresholds some fire."""
    cortical = get_neuron("cortical")
    assert activity(dataclasses.replace(cortical, parameters=())).found.startswith("64 silent without")
    assert not activity(cortical).found.startswith("64 silent")


def test_parameters_are_listed(capsys):
    code, out, _ = run(capsys, "neurons")
    assert code == 0
    text = " ".join(line.strip() for line in out)
    assert "of each cell too (mV): V_T from -70 to -40, E_leak from -95 to -45" in text
    assert text.count("of each cell too") == 1
