"""Neurons as declared: the registry, what a declaration must fulfil, and the values of the shipped ones."""

import copy
import dataclasses
import math
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.toy_neuron import constant, toy_neuron

import elephant_dic
from elephant_dic import get_neuron, list_neurons
from elephant_dic.neurons import Gate, Scheme, TwoStateGate, derivative
from elephant_dic.neurons.model import (
    CalciumPool,
    Channel,
    Compensation,
    Crossing,
    Hill,
    KineticScheme,
    Nernst,
    PumpedPool,
    Reaction,
    ReferencePopulation,
    Swing,
    Training,
    UniformPopulation,
    calcium_sigmoid,
    sigmoid,
    slower,
)

STG, DA, PYLORIC = get_neuron("stg"), get_neuron("da"), get_neuron("pyloric")


def gates(neuron):
    return {f"{gate.name}_{channel.name}": gate for channel in neuron.channels for gate in channel.gates}


# The registry


def test_shipped_neurons_are_listed_and_found_by_name():
    assert {"stg", "da"} <= set(list_neurons())
    assert list_neurons() == sorted(list_neurons())
    assert [get_neuron(name).name for name in list_neurons()] == list_neurons()


def test_a_neuron_is_passed_through():
    toy = toy_neuron()
    assert get_neuron(toy) is toy
    assert get_neuron("stg") is get_neuron("stg")


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown neuron 'crab'; known are .*\bda\b.*\bstg\b"):
        get_neuron("crab")


@pytest.mark.parametrize("wrong", [3, None, ["stg"]])
def test_a_neuron_is_a_name_or_a_model(wrong):
    with pytest.raises(TypeError, match=f"must be a name or a NeuronModel, got {type(wrong).__name__}"):
        get_neuron(wrong)


def install(folder, package, name, declaration):
    """A package as pip leaves it behind: a module and its entry point."""
    (folder / f"{package}.py").write_text(declaration)
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[elephant_dic.neurons]\n{name} = {package}:NEURON\n")


OTHER_NEURON = """
from dataclasses import replace
from elephant_dic.neurons.stg import NEURON as STG
NEURON = replace(STG, name="crab", threshold_voltage=-40.0)
"""
USE_IT = """
import elephant_dic
print(*elephant_dic.list_neurons())
cell = [[4000, 137, 3, 4, 110, 175, 0.3, 0.01]]
print(*elephant_dic.compute_dics(cell, "crab")[0])
"""


def test_another_package_adds_a_neuron(tmp_path):
    install(tmp_path, "crab_lab", "crab", OTHER_NEURON)
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    run = subprocess.run(
        [sys.executable, "-c", USE_IT], env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    names, dics = run.stdout.splitlines()
    assert names.split() == sorted([*list_neurons(), "crab"])
    crab = dataclasses.replace(STG, threshold_voltage=-40.0)
    expected = elephant_dic.compute_dics([[4000, 137, 3, 4, 110, 175, 0.3, 0.01]], crab)[0]
    assert np.array(dics.split(), dtype=float) == pytest.approx(expected)


def test_an_entry_point_must_be_a_neuron(tmp_path, monkeypatch):
    install(tmp_path, "careless_lab", "careless", "NEURON = 'stg'")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(TypeError, match="entry point of neuron 'careless' is a str, not a NeuronModel"):
        get_neuron("careless")


def test_two_packages_with_the_same_neuron_are_told_apart(tmp_path, monkeypatch):
    install(tmp_path, "first_lab", "twice", OTHER_NEURON)
    install(tmp_path, "second_lab", "twice", OTHER_NEURON)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match="'twice': first_lab:NEURON, second_lab:NEURON; uninstall"):
        get_neuron("twice")


def test_a_neuron_goes_to_another_process_by_its_name():
    assert pickle.loads(pickle.dumps(STG)) is STG
    for unknown in (toy_neuron(), dataclasses.replace(STG, threshold_voltage=-40.0)):
        message = f"neuron '{unknown.name}' cannot be sent to other processes: make it known to them by an"
        with pytest.raises(pickle.PicklingError, match=message):
            pickle.dumps(unknown)


# What a declaration must fulfil

TOY = toy_neuron()
IN, OUT, H, LEAK = TOY.channels


def reference(ranges=(), solved=("In", "Out", "H")):
    return ReferencePopulation((0.1, 0.2), dict(ranges), solved, (-45.0, 14.0, 2.0))


OPEN = sigmoid(30, -5)
BY_CALCIUM = KineticScheme(
    "o", ("a", "b"), (Reaction("a", "b", OPEN, OPEN, calcium=Hill(1.0)),), {"b": 1.0}, timescale="g_u"
)


def pool(*channels):
    return CalciumPool(channels, time_constant=20.0, per_current=0.1, baseline=0.1, initial=0.1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"channels": (IN, IN, OUT, H, LEAK)}, "neuron toy: two channels with the same name in .*'In', 'In'"),
        ({"channels": (IN, OUT, H)}, r"a channel without gates \(the leak\) is needed"),
        (
            {"channels": (*TOY.channels, Channel("leak2", -60.0))},
            r"leak must name the one .* of the channels without gates \(leak, leak2\), got None",
        ),
        ({"leak": "H"}, r"without gates \(leak\), got 'H'"),
        ({"reference": reference(solved=("In", "Out"))}, "must give each of .*'H'.*; it gives"),
        ({"reference": reference({"Zz": (0, 1)})}, "it gives .*'Zz'"),
        ({"reference": reference({"H": (0, 1)})}, "once, as leak, range or solved channel"),
        ({"compensations": (Compensation(("In", "Zz"), constant(True)),)}, r"compensate with \['Zz'\]"),
        ({"fast_channel": "Zz"}, r"cannot compensate with \['Zz'\]"),
        ({"fast_channel": "leak"}, "cannot compensate"),
        ({"calcium": None}, r"\['Out'\] depend on calcium, but there is no pool"),
        (
            {
                "calcium": None,
                "channels": (IN, OUT, dataclasses.replace(H, reversal=Nernst(12.0, 3000.0)), LEAK),
            },
            r"\['Out', 'H'\] depend on calcium, but there is no pool",
        ),
        ({"calcium": pool("H", "Zz")}, r"calcium comes from unknown channels \['Zz'\]"),
        (
            {"calcium": pool("H"), "channels": (IN, OUT, Channel("H", -20.0, (BY_CALCIUM,)), LEAK)},
            "a kinetic scheme of which rates depend on calcium must be the only gate .* that of H is not",
        ),
        ({"training": Training({"g_s": (0, 1)}, 0.0, 1.0)}, "ranges of two of g_f, g_s, g_u"),
        ({"training": Training({"g_s": (0, 1), "g_x": (0, 1)}, 0.0, 1.0)}, "ranges of two of g_f, g_s, g_u"),
        ({"training": Training(TOY.training.targets, -1.0, 1.0)}, "transient must be zero or positive"),
        ({"training": Training({"g_s": (1, 0), "g_u": (0, 1)}, 0.0, 1.0)}, "finite and ascending"),
        ({"spike": (-20.0, -30.0)}, r"spike must be Crossing\(level, rearm\) or Swing\(height\)"),
        ({"broad": UniformPopulation((0.1, 0.2), {"In": (5, 1), "Out": (0, 1), "H": (0, 1)})}, "ascending"),
        (
            {
                "calcium": CalciumPool(("H",), 20.0, 0.1, 0.1, 0.0),
                "channels": (IN, OUT, dataclasses.replace(H, reversal=Nernst(12.0, 3000.0)), LEAK),
            },
            "with a Nernst potential initial calcium must be positive",
        ),
    ],
)
def test_a_neuron_checks_itself(changes, message):
    with pytest.raises(ValueError, match=message):
        toy_neuron(**changes)


FOUR_RATES = (OPEN, OPEN, OPEN, OPEN)


def scheme(**changes):
    fields = {
        "name": "o",
        "states": ("a", "b"),
        "reactions": (Reaction("a", "b", OPEN, OPEN),),
        "conducting": {"b": 1.0},
        "timescale": "g_u",
    }
    return KineticScheme(**fields | changes)


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda: Gate("m", OPEN, constant(1.0), exponent=0), "gate m: exponent must be 1, 2, …, got 0"),
        (lambda: Gate("m", OPEN, constant(1.0), exponent=1.5), "got 1.5"),
        (lambda: Gate("m", OPEN, constant(1.0), calcium_half=0.0), "gate m: calcium_half must be positive"),
        (lambda: Gate("m", OPEN, constant(1.0), calcium_half=math.nan), "calcium_half must be positive"),
        (lambda: Gate("m", OPEN, calcium_half=1.0, calcium=Hill(2.0)), "give one of both"),
        (lambda: Gate("m", OPEN, calcium=Hill(2.0), calcium_lag=True), "calcium_lag needs a time constant"),
        (lambda: Gate("m", OPEN, constant(1.0), calcium_lag=True), "and a factor of calcium"),
        (lambda: Gate("m", OPEN, ((0.5, OPEN), (0.6, OPEN))), r"sum to 1, got \[0.5, 0.6\]"),
        (lambda: Gate("m", OPEN, ((0.5, OPEN), (0.5, OPEN)), 2), "several time constants needs exponent 1"),
        (lambda: Hill(0.0), "positive half and power"),
        (lambda: Crossing(0.0, 10.0), "and rearm not above level"),
        (lambda: Swing(0.0), "height of a swing must be positive"),
        (lambda: PumpedPool(("Ca",), 1.0, 1.0, 1.0, 1.0, power=5), "a power of 1, 2, 3 or 4"),
        (lambda: scheme(timescale="slow"), "gate o: timescale must be one of"),
        (lambda: scheme(conducting={"b": -1.0, "a": 1.0}), "states conduct zero or more"),
        (lambda: scheme(conducting={"b": 0.0}), "no state conducts"),
        (lambda: scheme(initial=(0.5, 0.6)), "initial fractions of a, b must sum to 1"),
        (lambda: scheme(reactions=scheme().reactions * 2), "two reactions between the same states"),
        (lambda: scheme(reactions=(Reaction("a", "b", 1.0, OPEN),)), "forward must be a function"),
        (lambda: TwoStateGate("o", 1.0, *FOUR_RATES[1:], timescale="g_u"), "opening must be a function"),
        (lambda: TwoStateGate("o", *FOUR_RATES, "g_u", initial=(0.9, 0.9)), "the open and the inactivated"),
        (lambda: Gate("m", OPEN, ()), "no time constant is None"),
        (lambda: Gate("m", OPEN, 3.0), r"time_constant must be a function, such as constant\(1.0\), got 3.0"),
        (lambda: Gate("m", 1.0), "steady_state must be a function"),
        (lambda: Gate("m", OPEN, calcium=3.0), "calcium must be a function"),
        (lambda: calcium_sigmoid(1.0, 0.0), "a positive half and a slope"),
        (lambda: Crossing(math.inf), "levels of spikes must be finite"),
        (lambda: Swing(math.inf), "positive and finite"),
        (lambda: CalciumPool("In", 1.0, 1.0, 0.0, 0.0), "must be a tuple of names, got 'In'"),
        (
            lambda: CalciumPool(("In",), 0.0, 1.0, 0.0, 0.0),
            "time constant of a calcium pool must be positive",
        ),
        (
            lambda: CalciumPool(("In",), 1.0, -1.0, 0.0, 0.0),
            "per_current of a calcium pool must not be negative",
        ),
        (lambda: CalciumPool(("In",), 1.0, 1.0, 0.0, -1.0), "initial calcium must be zero or positive"),
        (lambda: PumpedPool(("In",), -1.0, 1.0, 1.0, 1.0), "influx of a calcium pool must not be negative"),
        (lambda: scheme(states=("a", "a")), "two states with the same name"),
        (lambda: scheme(states=("a", "b", "c")), r"no reaction leads to the states \['c'\]"),
        (lambda: scheme(conducting={"d": 1.0}), r"\['d'\] are no states of it"),
        (lambda: scheme(conducting={}), "no state conducts"),
        (lambda: scheme(initial=(1.0,)), "initial must give 2 fractions, one a state, got 1"),
        (lambda: scheme(reactions=(Reaction("a", "a", OPEN, OPEN),)), "a reaction from a to itself"),
        (lambda: scheme(reactions=(Reaction("a", "b", OPEN, OPEN, by="b"),)), "move each other in a circle"),
        (lambda: TwoStateGate("o", *FOUR_RATES, timescale="slow"), "gate o: timescale must be one of"),
        (lambda: Channel("In", 50.0, (Gate("m", OPEN), Gate("m", OPEN))), "In: two gates with the same name"),
        (lambda: Nernst(-12.0, 3000.0), "needs a positive scale and concentration"),
    ],
)
def test_gates_and_channels_check_themselves(declare, message):
    with pytest.raises(ValueError, match=message):
        declare()


def test_a_neuron_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        STG.threshold_voltage = -40.0


def test_columns_are_found_by_the_name_of_the_channel():
    assert [TOY.index(name) for name in ("In", "Out", "H", "leak")] == [0, 1, 2, 3]
    assert TOY.leak_index == 3
    assert TOY.conductance_names == ("g_In", "g_Out", "g_H", "g_leak")
    with pytest.raises(ValueError, match="neuron toy has no channel 'Na'; it has In, Out, H, leak"):
        TOY.index("Na")


# The values of the shipped neurons


def test_columns_and_reversals():
    def declared(neuron):
        return {channel.name: channel.reversal for channel in neuron.channels}

    stg = {"Na": 50, "Kd": -80, "CaT": 80, "CaS": 80, "KCa": -80, "A": -80, "H": -20, "leak": -50}
    da = {"Na": 60, "Kd": -85, "CaL": 60, "CaN": 60, "ERG": -85, "NMDA": 0, "leak": -50}
    assert list(declared(STG).items()) == list(stg.items())
    assert list(declared(DA).items()) == list(da.items())
    assert (STG.threshold_voltage, STG.initial_voltage) == (-51, -70)
    assert (DA.threshold_voltage, DA.initial_voltage) == (-55.5, -90)


def test_calcium():
    pool = STG.calcium
    assert (pool.time_constant, pool.per_current, pool.baseline, pool.initial) == (20, 0.94, 0.05, 0.5)
    assert pool.channels == ("CaT", "CaS")
    assert gates(STG)["m_KCa"].calcium_half == 3
    assert DA.calcium is None


def test_nernst_potential():
    assert Nernst(12.2, 3000.0).at(3.0) == pytest.approx(12.2 * math.log(1000))
    assert derivative(Nernst(12.2, 3000.0).at, 3.0) == pytest.approx(Nernst(12.2, 3000.0).slope(3.0))


def test_a_slower_gate_is_the_same_but_for_its_time_constant():
    gate = Gate("m", sigmoid(20.0, -5.0), constant(3.0), exponent=3, calcium_half=2.0)
    slow, voltage = slower(gate, 2.0), np.array([-60.0, 0.0])
    assert slow.time_constant(voltage) == pytest.approx([6.0, 6.0])
    assert (slow.steady_state, slow.exponent, slow.calcium_half) == (gate.steady_state, 3, 2.0)
    for none in (Gate("b", sigmoid(20.0, -5.0)), DA.channels[DA.index("ERG")].gates[0]):
        with pytest.raises(ValueError, match=f"gate {none.name} has no time constant that could be scaled"):
            slower(none, 2.0)


def test_the_pyloric_neuron_is_the_stg_neuron_with_other_calcium_slower_gates_and_another_h():
    """Prinz, Billimoria and Marder 2003: these differences and no others."""
    voltage = np.linspace(-90, 50, 57)
    stg, pyloric = gates(STG), gates(PYLORIC)
    assert list(stg) == list(pyloric)
    assert PYLORIC.conductance_names == STG.conductance_names
    for name in set(stg) - {"m_H"}:
        assert pyloric[name].steady_state(voltage) == pytest.approx(
            stg[name].steady_state(voltage), rel=1e-12
        )
        twice = 2 * stg[name].time_constant(voltage)
        assert pyloric[name].time_constant(voltage) == pytest.approx(twice, rel=1e-12)
        assert pyloric[name].exponent == stg[name].exponent
        assert pyloric[name].calcium_half == stg[name].calcium_half
    assert pyloric["m_H"].steady_state(-75 + 5.5 * math.log(3)) == pytest.approx(1 / 4)
    tau = pyloric["m_H"].time_constant
    assert tau(0.0) == pytest.approx(2 / (E(-14.59) + E(-1.87)))
    assert tau(-100.0) == pytest.approx(2 / (E(-14.59 + 8.6) + E(-1.87 - 7.01)))
    pool = PYLORIC.calcium
    assert (pool.time_constant, pool.per_current, pool.baseline, pool.initial) == (200, 9.4, 0.05, 0.5)
    assert pool.channels == ("CaT", "CaS")
    for ours, theirs in zip(PYLORIC.channels, STG.channels, strict=True):
        moves = ours.name in pool.channels
        assert ours.reversal == (Nernst(12.2, 3000.0) if moves else theirs.reversal)


def test_exponents():
    assert {name: gate.exponent for name, gate in gates(STG).items() if gate.exponent > 1} == {
        "m_Na": 3, "m_Kd": 4, "m_CaT": 3, "m_CaS": 3, "m_KCa": 4, "m_A": 3,
    }  # fmt: skip
    assert {name: gate.exponent for name, gate in gates(DA).items() if gate.exponent > 1} == {
        "m_Na": 3, "n_Kd": 3, "m_CaL": 2,
    }  # fmt: skip


# A gate is half open at its half voltage, and one quarter open ln 3 slopes from there.
HALF_VOLTAGE_AND_SLOPE = {
    "stg": {
        "m_Na": (-25.5, -5.29), "h_Na": (-48.9, 5.18), "m_Kd": (-12.3, -11.8), "m_CaT": (-27.1, -7.2),
        "h_CaT": (-32.1, 5.5), "m_CaS": (-33, -8.1), "h_CaS": (-60, 6.2), "m_KCa": (-28.3, -12.6),
        "m_A": (-27.2, -8.7), "h_A": (-56.9, 4.9), "m_H": (-70, 6),
    },
    "da": {
        "m_Na": (-30.0907, -9.7264), "h_Na": (-54.0289, 10.7665), "n_Kd": (-25, -12), "m_CaL": (-50, -2),
        "m_CaN": (-30, -7),
    },
}  # fmt: skip


@pytest.mark.parametrize("neuron", [STG, DA], ids=["stg", "da"])
def test_steady_states_by_hand(neuron):
    declared = gates(neuron)
    for name, (half, slope) in HALF_VOLTAGE_AND_SLOPE[neuron.name].items():
        assert declared[name].steady_state(half) == pytest.approx(1 / 2)
        assert declared[name].steady_state(half + slope * math.log(3)) == pytest.approx(1 / 4)
    others = set(declared) - set(HALF_VOLTAGE_AND_SLOPE[neuron.name])
    assert others == ({"o_ERG", "block_NMDA"} if neuron is DA else set())


# tau = base - amplitude * sigmoid: base, amplitude (ms), and half voltage and slope as above.
SIGMOID_TIME_CONSTANTS = {
    "stg": {
        "m_Na": (1.32, 1.26, -120, -25), "m_Kd": (7.2, 6.4, -28.3, -19.2),
        "m_CaT": (21.7, 21.3, -68.1, -20.5), "h_CaT": (105, 89.8, -55, -16.9),
        "m_KCa": (90.3, 75.1, -46, -22.7), "m_A": (11.6, 10.4, -32.9, -15.2),
        "h_A": (38.6, 29.2, -38.9, -26.5), "m_H": (272, -1499, -42.2, -8.73),
    },
    "da": {"n_Kd": (20, 18, -38, -10), "m_CaL": (30, 28, -45, -3), "m_CaN": (30, 25, -55, -6)},
}  # fmt: skip
E = math.exp
# (gate, voltage in mV, time constant in ms), at voltages where an exponent is zero.
OTHER_TIME_CONSTANTS = {
    "stg": [
        ("h_Na", -62.9, 0.67 / 2 * (1.5 + 1 / (1 + E(-28 / 3.6)))),
        ("h_Na", -34.9, 0.67 / (1 + E(-28 / 10)) * 2),
        ("m_CaS", -27, 1.4 + 7 / (1 + E(-43 / 13))), ("m_CaS", -70, 1.4 + 7 / (E(-43 / 10) + 1)),
        ("h_CaS", -55, 60 + 150 / (1 + E(-10 / 16))), ("h_CaS", -65, 60 + 150 / (E(-10 / 9) + 1)),
    ],
    "da": [
        ("m_Na", 0, 0.01 + 1 / (0.79992 * 19.565 / (1 - E(-19.565)) + 3.0212)),
        ("m_Na", -100, 0.01 + 1 / (0.79992 * 30.955 / (E(30.955) - 1) + 3.0212 * E(0.7463))),
        ("h_Na", 0, 0.4 + 1 / (5.0754e-4 + 9.7529)),
        ("h_Na", -100, 0.4 + 1 / (5.0754e-4 * E(6.3213) + 9.7529 * E(-13.442))),
    ],
}  # fmt: skip
# At the threshold voltage, from a published implementation, three digits.
PUBLISHED_TIME_CONSTANTS = {
    "stg": {
        "m_Na": 0.135, "h_Na": 1.28, "m_Kd": 5.70, "m_CaT": 6.85, "h_CaT": 54.8, "m_CaS": 23.1,
        "h_CaS": 135.9, "m_KCa": 56.9, "m_A": 9.18, "h_A": 27.3, "m_H": 672.8,
    },
    "da": {"m_Na": 0.229, "h_Na": 44.7, "n_Kd": 17.3, "m_CaL": 29.2, "m_CaN": 18.0},
}  # fmt: skip


@pytest.mark.parametrize("neuron", [STG, DA], ids=["stg", "da"])
def test_time_constants_by_hand(neuron):
    declared = gates(neuron)
    for name, (base, amplitude, half, slope) in SIGMOID_TIME_CONSTANTS[neuron.name].items():
        tau = declared[name].time_constant
        assert tau(half) == pytest.approx(base - amplitude / 2)
        assert tau(half + slope * math.log(3)) == pytest.approx(base - amplitude / 4)
    for name, voltage, expected in OTHER_TIME_CONSTANTS[neuron.name]:
        assert declared[name].time_constant(voltage) == pytest.approx(expected), (name, voltage)


@pytest.mark.parametrize("neuron", [STG, DA], ids=["stg", "da"])
def test_published_time_constants(neuron):
    declared, published = gates(neuron), PUBLISHED_TIME_CONSTANTS[neuron.name]
    found = {name: declared[name].time_constant(neuron.threshold_voltage) for name in published}
    assert found == pytest.approx(published, rel=5e-3)
    with_tau = {name for name, gate in declared.items() if getattr(gate, "time_constant", None)}
    assert with_tau == set(published)


def test_magnesium_block_follows_the_voltage_at_once():
    block = gates(DA)["block_NMDA"]
    assert block.time_constant is None
    assert block.steady_state(0.0) == pytest.approx(1 / 1.14)
    assert block.steady_state(-12.5 * math.log(10)) == pytest.approx(1 / 2.4)


def test_erg_rates_and_steady_state():
    erg = gates(DA)["o_ERG"]
    rates = [erg.opening, erg.closing, erg.inactivation, erg.recovery]
    assert [rate(0.0) for rate in rates] == [0.0036, 1.2523e-5, 0.1, 0.003]
    growth = [rate(-10.0) / rate(0.0) for rate in rates]
    assert growth == pytest.approx([E(-0.759), E(0.671), E(-1.189), E(0.733)])
    for voltage in (-90.0, -55.5, 0.0, 30.0):
        a, b, c, d = (rate(voltage) for rate in rates)
        closed, o, i = erg.steady_states(voltage)
        assert closed == pytest.approx(1 - o - i)
        assert o == erg.steady_state(voltage)
        assert a * (1 - o - i) + d * i == pytest.approx((c + b) * o, rel=1e-12)
        assert c * o == pytest.approx(d * i, rel=1e-12)
    assert erg.steady_state(-90.0) == pytest.approx(7.4e-4, rel=1e-2)
    assert erg.initial == (pytest.approx(3.9e-6, rel=1e-2), 0.0)


def test_the_dopaminergic_sodium_time_constant_has_no_pole():
    tau = gates(DA)["m_Na"].time_constant
    # With coefficients as printed, it is 0.03 ms at -38.7275 mV and -0.71 ms at -38.725 mV.
    pole = np.linspace(-38.7275, -38.725, 25_001)
    values = tau(np.r_[np.linspace(-110, 80, 19_001), pole])
    assert (values > 0.01).all()
    assert (values < 0.5).all()
    around = tau(np.linspace(-39, -38.45, 55_001))
    assert np.ptp(around) < 1e-2
    assert np.abs(np.diff(around, n=2)).max() < 1e-10
    assert derivative(tau, pole) == pytest.approx((tau(pole + 1e-3) - tau(pole - 1e-3)) / 2e-3, rel=1e-4)


def functions_of(gate):
    """What of a gate are functions of the voltage."""
    if isinstance(gate, Scheme):
        return [rate for each in gate.reactions for rate in (each.forward, each.backward)]
    return [gate.steady_state, *(time_constant for _, time_constant in gate.parts)]


@pytest.mark.parametrize("name", list_neurons())
def test_gates_can_be_differentiated_by_complex_steps(name):
    voltage = np.linspace(-95, 60, 156)
    for gate in gates(get_neuron(name)).values():
        for function in functions_of(gate):
            difference = (function(voltage + 1e-4) - function(voltage - 1e-4)) / 2e-4
            scale = np.abs(function(voltage)).max()
            assert derivative(function, voltage) == pytest.approx(difference, rel=1e-5, abs=1e-8 * scale)


# A neuron is data


def test_no_channel_is_known_outside_of_the_declarations():
    package = Path(elephant_dic.__file__).parent
    declarations = {package / "neurons" / f"{name}.py" for name in list_neurons()}
    sources = set(package.rglob("*.py")) - declarations
    assert len(sources) > 15
    channels = {channel.name for neuron in (STG, DA) for channel in neuron.channels} - {"leak"}
    # One letter alone is a word or an ampere; with g_ before it, it is a channel.
    names = "|".join(f"(?:g_)?{name}" if len(name) > 1 else f"g_{name}" for name in sorted(channels))
    in_code = re.compile(rf"[\"'](?:{names})[\"']|\b(?:CaL|CaN|CaS|CaT|ERG|KCa|NMDA)\b")
    for path in sources:
        assert not in_code.findall(path.read_text(encoding="utf-8")), path


def test_copies_are_the_neuron_itself():
    neuron = get_neuron("stg")
    assert copy.deepcopy(neuron) is neuron
    assert pickle.loads(pickle.dumps(neuron)) is neuron
