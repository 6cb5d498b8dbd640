"""What exported equations say, read as plainly as they are written: without the simulators; populations."""

import re

import neo
import numpy as np
import quantities as pq

from elephant_dic import get_neuron
from elephant_dic.neurons.model import x_over_expm1
from elephant_dic.populations import build_population, identity
from elephant_dic.trains import annotate_stimulus

MATHS = {name: getattr(np, name) for name in ("exp", "log", "sqrt", "sin", "cos", "sinh", "cosh", "tanh")}
_UNITS = dict.fromkeys(("mV", "ms", "uF", "cm", "uA"), 1.0)


def population(neuron, table, stimuli=(), capacitance=40.0, stop=900.0, **annotations):
    """A population of a neuron whose DICs need not be computable, and of sweeps under currents (pF, ms)."""
    get_neuron(neuron)
    blank, known, trains = np.full((len(table), 3), np.nan), identity(neuron), []
    if stimuli:
        known |= {"steps": {"capacitance": {"value": capacitance}}}
    for k, stimulus in enumerate(stimuli):
        train = neo.SpikeTrain([] * pq.ms, t_stop=stop * pq.ms)
        train.annotate(**{name: values[k] for name, values in annotations.items()})
        trains.append(annotate_stimulus(train, stimulus))
    return build_population(
        table, neuron.column_names, member_dics=blank, dic_mean=blank[0], dic_std=blank[0],
        provenance=known, spiketrains=trains,
    )  # fmt: skip


def brian2_slopes(text, values):
    """dx/dt of each state of Brian2's equations, where values has the states and the constants."""
    return brian2_values(text, values)[0]


def brian2_values(text, values):
    """The same, and the values of all names."""
    known = MATHS | _UNITS | {"exprel": lambda x: 1 / x_over_expm1(x), "I_injected": 0.0} | values
    waiting, slopes = {}, {}
    for line in text.splitlines():
        if "=" in line and not line.startswith("#"):
            name, formula = line.split(" = ", 1)
            waiting[name] = formula.rsplit(" : ", 1)[0]
    while waiting:
        ready = [
            name
            for name, formula in waiting.items()
            if set(re.findall(r"(?<![\w.])[A-Za-z]\w*", formula)) <= set(known)
        ]
        assert ready, f"in a circle, or unknown: {waiting}"
        for name in ready:
            value = eval(waiting.pop(name), known)
            state = re.fullmatch(r"d(\w+)/dt", name)
            (slopes if state else known)[state[1] if state else name] = value
    return slopes, known


class Mechanism:
    """An NMODL file: its blocks, its parameters, and functions that Python can call."""

    def __init__(self, text):
        self.text = re.sub(r"\s+:[^\n]*", "", text)
        self.blocks = dict(re.findall(r"^([A-Z]+(?: \w+)?) \{\n(.*?)^\}", self.text, re.S | re.M))
        lines = re.findall(r"(\w+) = (\S+)", self.blocks.get("PARAMETER", ""))
        self.parameters = {name: float(value) for name, value in lines}
        self.states = re.findall(r"\b([a-z]\w*)\b(?! *\))", self.blocks.get("STATE", ""))
        self.names = MATHS | {"exprel": None, "exprelr": x_over_expm1, "fabs": np.abs}
        for title, body in re.findall(r"^FUNCTION (.*?) \{\n(.*?)^\}", self.text, re.S | re.M):
            self._define(title, body)

    def _define(self, title, body):
        name, arguments = re.match(
            r"(\w+)\((.*?)\)(?: \(\S+\))?$", re.sub(r" \((?:mV|uM)\)", "", title)
        ).groups()
        if name == "x_over_expm1":
            self.names[name] = x_over_expm1
            return
        assignments = [line.split(" = ") for line in body.splitlines() if " = " in line]
        formulas = [(target.strip(), python(formula)) for target, formula in assignments]

        def function(*values):
            local = dict(zip(arguments.split(", "), values, strict=True))
            for target, formula in formulas:
                local[target] = eval(formula, self.names | local)
            return local[name]

        self.names[name] = function

    def run(self, block, values):
        """The values that the lines of a block assign, given others."""
        known = self.names | self.parameters | values
        for line in self.blocks.get(block, "").splitlines():
            if " = " in line and not line.strip().startswith(("~", "CONSERVE")):
                target, formula = line.strip().split(" = ", 1)
                known[target] = eval(python(formula), known)
        return known

    def slopes(self, values):
        """dx/dt of each state, 1/ms."""
        found = {}
        for block in self.blocks:
            if block.startswith("DERIVATIVE"):
                known = self.run(block, values)
                found |= {state: known[f"{state}'"] for state in self.states if f"{state}'" in known}
            elif block.startswith("KINETIC"):
                known = self.run(block, values)
                pattern = r"~ (\w+) <-> (\w+) \((\w+), (\w+)\)"
                for source, target, forward, backward in re.findall(pattern, self.blocks[block]):
                    moved = known[forward] * values[source] - known[backward] * values[target]
                    found[source] = found.get(source, 0.0) - moved
                    found[target] = found.get(target, 0.0) + moved
        return found


def python(formula):
    """A formula of NMODL in Python."""
    return formula.replace("^", "**")
