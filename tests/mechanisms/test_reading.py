"""Neurons of files, the whole way: defaults, checks, simulation, populations; arguments that are wrong."""

import re
import sys

import numpy as np
import pytest
import quantities as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from support.mechanism_files import CALCIUM, LEAK, by_calcium, channel, pool, written

import elephant_dic
from elephant_dic import (
    MechanismError,
    compute_dics,
    neuron_from_mod,
    population_from_conductances,
    simulate_population,
)
from elephant_dic.mechanisms import parsing, trees
from elephant_dic.training.neuron_checks import check_neuron

RATES = """
DERIVATIVE states { n' = (1/(1 + exp(-(v + %s)/%s)) - n)/%s %s}
"""
REVERSALS = {"na": 50 * pq.mV, "k": -80 * pq.mV, "ca": 120 * pq.mV}


def sodium():
    more = "h' = (1/(1 + exp((v + 48)/6)) - h)/(1 + 6/(1 + exp((v + 40)/8))) "
    text = channel(
        RATES % (32, 7, "0.2", more), "gbar*n^3*h", states="n h", suffix="na",
        initial="n = 1/(1 + exp(-(v + 32)/7)) h = 1/(1 + exp((v + 48)/6))",
    )  # fmt: skip
    for old, new in [
        ("USEION k READ ek WRITE ik", "USEION na READ ena WRITE ina"),
        ("ik = g*(v - ek)", "ina = g*(v - ena)"),
        ("ek (mV) ik (mA/cm2)", "ena (mV) ina (mA/cm2)"),
        ("gbar = 0.02", "gbar = 0.1"),
    ]:
        text = text.replace(old, new)
    return text


def files(folder):
    kd = channel(RATES % (25, 9, "3", ""), "gbar*n^4", initial="n = 1/(1 + exp(-(v + 25)/9))")
    calcium = CALCIUM.replace("2 (pS", "1.5 (pS").replace("(v + 30)/6", "(v + 38)/6").replace("/1.5", "/4")
    opened = by_calcium().replace("0.005", "0.0001")
    return written(
        folder, na=sodium(), kd=kd, cal=calcium, kca=opened, cad=pool(), pas=LEAK.replace("64.5", "50")
    )


@pytest.fixture
def neuron(tmp_path):
    return neuron_from_mod(*files(tmp_path), name="mine", reversals=REVERSALS)


def test_defaults_follow_from_the_channels(neuron):
    assert neuron.conductance_names == ("g_na", "g_kd", "g_cal", "g_kca", "g_pas")
    assert neuron.leak == "pas"
    cells = np.array([[100.0, 20.0, 0.3, 0.1, 0.1]])
    low, high = (
        compute_dics(cells, neuron, (neuron.threshold_voltage + shift) * pq.mV).sum() for shift in (-4, 4)
    )
    assert low > 0 > high  # the total DIC turns negative there
    fast, slow, ultraslow = (float(each(np.array(0.0))) for each in neuron.timescales)
    assert (fast, ultraslow) == (0.2, 40.0)  # of sodium, and of calcium
    assert fast < slow < ultraslow
    assert "file" in neuron.title
    assert "na.mod, kd.mod" in neuron.source
    names = {channel.name for channel in neuron.channels}
    assert {*neuron.compensations[0].channels, neuron.fast_channel} <= names - {"pas"}


def test_what_was_read_fulfils_what_a_neuron_must(neuron):
    checks = {check.name: check for check in check_neuron(neuron)}
    assert all(check.passed for check in checks.values()), checks


def test_populations_of_it(neuron):
    block = population_from_conductances({"na": [100, 120], "kd": [20, 20], "cal": [0.2, 0.2],
                                          "kca": [0.1, 0.05], "pas": [0.1, 0.1]}, neuron)  # fmt: skip
    run = simulate_population(block, 1 * pq.s, discard=0 * pq.s)
    assert [len(train) > 3 for train in run.spiketrains] == [True, True]


def test_a_leak_that_is_added_or_named(tmp_path):
    paths = files(tmp_path)[:-1]
    with pytest.raises(
        ValueError, match="no channel is a leak, by which DICs are normalised: give the reversal"
    ):
        neuron_from_mod(*paths, name="mine", reversals=REVERSALS)
    with pytest.raises(ValueError, match=r"no conductances of leak: .*ranges=\{'leak': \(0.1, 0.3\)\}"):
        neuron_from_mod(*paths, name="mine", reversals=REVERSALS, leak=-50 * pq.mV)
    neuron = neuron_from_mod(
        *paths, name="mine", reversals=REVERSALS, leak=-50 * pq.mV, ranges={"leak": (0.05, 0.2)}
    )
    assert (neuron.leak, neuron.channels[-1].name, neuron.channels[-1].reversal) == ("leak", "leak", -50.0)
    (second,) = written(tmp_path, second=LEAK.replace("SUFFIX pas", "SUFFIX gk"))
    paths = [*files(tmp_path), second]
    with pytest.raises(
        ValueError, match="which channel is the leak. pas, gk have no gates: name one by leak="
    ):
        neuron_from_mod(*paths, name="mine", reversals=REVERSALS)
    assert neuron_from_mod(*paths, name="mine", reversals=REVERSALS, leak="gk").leak == "gk"
    with pytest.raises(ValueError, match=r"leak must be .* channel without gates \(pas, gk\), got 'kd'"):
        neuron_from_mod(*paths, name="mine", reversals=REVERSALS, leak="kd")


def test_timescales_that_are_given(tmp_path):
    paths, options = files(tmp_path), {"name": "mine", "reversals": REVERSALS}
    neuron = neuron_from_mod(
        *paths,
        **options,
        timescales=("na.n", 5 * pq.ms, lambda v: 100 + 0 * v),
        threshold_voltage=-47 * pq.mV,
    )
    assert [float(each(np.array(-50.0))) for each in neuron.timescales] == pytest.approx([0.2, 5.0, 100.0])
    assert neuron.threshold_voltage == -47.0
    with pytest.raises(ValueError, match=r"one of the gates na.n, na.h, kd.n, cal.m, kca.w; got 'na.m'"):
        neuron_from_mod(*paths, **options, timescales=("na.m", 5 * pq.ms, 50 * pq.ms))
    with pytest.raises(ValueError, match="timescales must be three, of g_f, g_s, g_u"):
        neuron_from_mod(*paths, **options, timescales=("na.n", 5 * pq.ms))


def test_a_neuron_whose_dics_do_not_turn_negative(tmp_path):
    kd = channel(RATES % (25, 9, "3", ""), "gbar*n^4", initial="n = 1/(1 + exp(-(v + 25)/9))")
    paths = written(tmp_path, kd=kd, other=kd.replace("SUFFIX kd", "SUFFIX ke"), pas=LEAK)
    with pytest.raises(ValueError, match="it has no threshold: give the voltage at which they are taken"):
        neuron_from_mod(*paths, name="mine", reversals={"k": -80 * pq.mV})
    with pytest.raises(ValueError, match=r"two channels are needed beside the leak, .*got \['kd'\]"):
        neuron_from_mod(paths[0], paths[2], name="mine", reversals={"k": -80 * pq.mV})


@pytest.mark.parametrize("ends", [b"\r", b"\r\n"])
def test_ends_of_lines_of_other_systems(tmp_path, ends):
    text = "TITLE potassium\n: a remark\n" + LEAK.replace("BREAKPOINT", "BREAKPOINT : of it\n")
    paths = files(tmp_path)
    paths[-1].write_bytes(text.encode().replace(b"\n", ends))
    neuron = neuron_from_mod(*paths, name="mine", reversals=REVERSALS)
    assert neuron.channels[-1].reversal == -64.5
    paths[-1].write_bytes(text.replace("g*(v - e)", "g*(v - e").encode().replace(b"\n", ends))
    with pytest.raises(MechanismError, match="pas.mod, line 7: '}' is not understood here"):
        neuron_from_mod(*paths, name="mine", reversals=REVERSALS)


@pytest.mark.parametrize(
    ("unit", "scale"),
    [("coulomb", 1), ("coulombs", 1), ("coul", 1), ("C", 1), ("kilocoulombs", 1e3), ("kilo-coulombs", 1e3),
     ("10000coulombs", 1e4), ("10000 coulomb", 1e4), ("millicoulombs", 1e-3)],
)  # fmt: skip
def test_constants_of_physics_are_those_of_neuron(tmp_path, unit, scale):
    """As nocmodl 9.0.2 writes them."""
    paths = files(tmp_path)
    paths[-2].write_text(pool().replace("(faraday) (coulomb)", f"(faraday) ({unit})"))
    neuron = neuron_from_mod(*paths, name="mine", reversals=REVERSALS)
    assert neuron.calcium.per_current == pytest.approx(40 * scale * 10000 / (2 * 96485.33212331 * 0.5))


@pytest.mark.parametrize("unit", ["k-coul", "kC", "furlong", "kcoul", "1..5coul"])
def test_units_that_neuron_does_not_know(tmp_path, unit):
    """To it, k is Boltzmann's constant."""
    paths = files(tmp_path)
    paths[-2].write_text(pool().replace("(faraday) (coulomb)", f"(faraday) ({unit})"))
    message = re.escape(f"cad.mod, line 2: the constant (faraday) in ({unit}) is not known: write its number")
    with pytest.raises(MechanismError, match=message):
        neuron_from_mod(*paths, name="mine", reversals=REVERSALS)


def test_what_is_divided_by_zero_is_refused(tmp_path):
    paths = files(tmp_path)
    step = paths[1].read_text().replace("/9))", "/kk))").replace("gbar = 0.02", "kk = 0 gbar = 0.02")
    paths[1].write_text(step)
    message = "something is divided by kk, which is 0: give it by values={'kk': …}"
    with pytest.raises(MechanismError, match=rf"kd.mod, line \d+: {re.escape(message)}"):
        neuron_from_mod(*paths, name="mine", reversals=REVERSALS)
    neuron = neuron_from_mod(*paths, name="mine", reversals=REVERSALS, values={"kk": 9})
    assert neuron.channels[1].gates[0].steady_state(np.array(-16.0)) == pytest.approx(1 / (1 + np.exp(-1)))
    paths[1].write_text(step.replace("/kk))", "/(kk*2)))"))
    with pytest.raises(MechanismError, match=r"kd.mod, line \d+: something is divided by 0"):
        neuron_from_mod(*paths, name="mine", reversals=REVERSALS)


def test_cells_without_dics_are_told_why(tmp_path):
    options = {"name": "mine", "reversals": REVERSALS, "threshold_voltage": -50 * pq.mV}
    wrong = (lambda v: np.nan * v, 5 * pq.ms, 100 * pq.ms)
    message = "has DICs at -50 mV: timescales are no positive times there. Give others, or another threshold"
    with pytest.raises(ValueError, match=message):
        neuron_from_mod(*files(tmp_path), **options, timescales=wrong)
    paths = files(tmp_path)
    pole = paths[1].read_text().replace("exp(-(v + 25)/9)", "(v + 50)/sinh((v + 50)/9)/9")
    paths[1].write_text(pole)
    with pytest.raises(ValueError, match=r"has DICs at -50 mV: the steady state of kd.n has no value or no"):
        neuron_from_mod(*paths, **options)


def test_wrong_arguments(tmp_path):
    with pytest.raises(TypeError, match="needs files of mechanisms"):
        neuron_from_mod(name="mine")
    with pytest.raises(TypeError, match="path must be a str or a path, got 3"):
        neuron_from_mod(3, name="mine")
    with pytest.raises(TypeError, match="name must be that of the neuron, got 3"):
        neuron_from_mod(tmp_path, name=3)
    with pytest.raises(MechanismError, match="has no files .mod or .nml"):
        neuron_from_mod(tmp_path, name="mine")
    with pytest.raises(MechanismError, match="nowhere.mod cannot be read: No such file"):
        neuron_from_mod(tmp_path / "nowhere.mod", name="mine")
    (tmp_path / "cell.hoc").write_text("create soma")
    with pytest.raises(MechanismError, match="cell.hoc is no file of channels that is read: .mod or .nml"):
        neuron_from_mod(tmp_path / "cell.hoc", name="mine")
    (tmp_path / "long.mod").write_text(" " * 1_000_001)
    with pytest.raises(MechanismError, match="long.mod: 1,000,001 bytes, that is no mechanism"):
        neuron_from_mod(tmp_path / "long.mod", name="mine")
    with pytest.raises(TypeError, match="temperature must be a Quantity"):
        neuron_from_mod(*files(tmp_path), name="mine", temperature=36)
    with pytest.raises(ValueError, match="temperature must be in degrees Celsius, .* got 309.0 K"):
        neuron_from_mod(*files(tmp_path), name="mine", temperature=309 * pq.K)


def test_without_lark(tmp_path, monkeypatch):
    parsing._parser.cache_clear()
    monkeypatch.setitem(sys.modules, "lark", None)
    with pytest.raises(ImportError, match=r"pip install elephant-dic\[mechanisms\]"):
        neuron_from_mod(*files(tmp_path), name="mine")
    assert elephant_dic.get_neuron("stg").name == "stg"


@st.composite
def formula(draw, depth=0):
    """A formula, as NMODL and as Python write it."""
    kind = draw(st.sampled_from(["number", "x", "+", "-", "*", "/", "negative", "exp", "()", "^", "^-"]))
    if depth > 3 or kind in ("number", "x"):
        number = draw(st.sampled_from(["2", "0.5", ".25", "3.", "1e-1", "7.5E0"]))
        return ("x", "x") if kind == "x" else (number, number)
    left = draw(formula(depth=depth + 1))
    if kind == "negative":
        return f"-{left[0]}", f"-{left[1]}"
    if kind == "exp":
        return f"exp(({left[0]})/50)", f"exp(({left[1]})/50)"
    if kind == "()":
        return f"({left[0]})", f"({left[1]})"
    if kind == "^":
        return f"({left[0]})^2", f"({left[1]})**2"
    if kind == "^-":
        return f"-2^-({left[0]})/3", f"-two**-({left[1]})/3"
    right = draw(formula(depth=depth + 1))
    return f"{left[0]} {kind} {right[0]}", f"{left[1]} {kind} {right[1]}"


@settings(deadline=None, max_examples=100)
@given(formula(), st.sampled_from([-1.75, 0.3, 4.0]))
def test_formulas_are_those_of_python(texts, x):
    class Plain(trees.Formulas):
        def named(self, name, local, line):
            return local[name]

    def failed(line, why):
        raise AssertionError(why)

    nmodl, python = texts
    tree = parsing.formula_tree(nmodl, failed)
    with np.errstate(all="ignore"):
        value = Plain().value(tree, {"x": trees.as_expression(x)})
        if value.operation == "refused":  # of what is divided by 0
            assert "/" in nmodl
            return
        expected = eval(python, {"exp": np.exp, "x": np.float64(x), "two": np.float64(2)})
        found, expected = value.arguments[0], np.float64(expected)
    assert np.isclose(found, expected, rtol=1e-12) or not np.isfinite(expected)


def test_powers_begin_at_the_right(tmp_path):
    """The numbers are those of NEURON 9.0.2."""
    powers = {"2^1^3": 2.0, "2^3^2": 512.0, "2^-2^2": 0.0625, "-2^2": -4.0, "2*2^2^3/4": 128.0, "8/2/2": 2.0}
    paths = files(tmp_path)
    for text, value in powers.items():
        paths[-1].write_text(LEAK.replace("v - e)", f"v - ({text}))"))
        neuron = neuron_from_mod(*paths, name="mine", reversals=REVERSALS)
        assert neuron.channels[-1].reversal == value
