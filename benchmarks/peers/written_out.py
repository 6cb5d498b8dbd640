"""The plain equations of any neuron as text in another language.

`elephant_dic.neurons.plain_equations` is called once, with names in place of numbers, and what it does with
them is written down, one operation a line: the same arithmetic, for other integrators.
"""

import numpy as np

from elephant_dic.neurons.plain_equations import initial_state, slope

#: How a line is written, by name of the function of numpy.
PYTHON = {
    "add": "{x} = {0} + {1}",
    "subtract": "{x} = {0} - {1}",
    "multiply": "{x} = {0} * {1}",
    "divide": "{x} = {0} / {1}",
    "power": "{x} = {0} ** {1}",
    "negative": "{x} = -{0}",
    "less": "{x} = {0} < {1}",
    "where": "{x} = {1} if {0} else {2}",
    "absolute": "{x} = abs({0})",
    "exp": "{x} = np.exp({0})",
    "expm1": "{x} = np.expm1({0})",
    "log": "{x} = np.log({0})",
}
NMODL = PYTHON | {
    "power": "{x} = {0} ^ {1}",
    "where": "if ({0}) {{ {x} = {1} }} else {{ {x} = {2} }}",
    "absolute": "{x} = fabs({0})",
    "exp": "{x} = exp({0})",
    "expm1": "{x} = exp({0}) - 1",
    "log": "{x} = log({0})",
}


class Name(np.lib.mixins.NDArrayOperatorsMixin):
    """A number that is not known yet; what is done with it becomes a line."""

    def __init__(self, text, lines, language):
        self.text, self.lines, self.language = text, lines, language

    def __array_ufunc__(self, ufunc, method, *inputs, out=None):
        return self._line(ufunc.__name__, inputs)

    def __array_function__(self, function, types, inputs, options):
        return self._line(function.__name__, inputs)

    def _line(self, operation, inputs):
        name = f"x{len(self.lines)}"
        self.lines.append(self.language[operation].format(*map(_text, inputs), x=name))
        return Name(name, self.lines, self.language)


def _text(value):
    return value.text if isinstance(value, Name) else f"({float(value)!r})"


def slopes(neuron, language, states, conductances):
    """Lines, and the names of the time derivatives after them, for names of the states and conductances."""
    lines = []
    g, s = ([Name(text, lines, language) for text in names] for names in (conductances, states))
    return lines, [_text(each) for each in slope(neuron, g, s)]


def mechanism(neuron):
    """What `with_neuron.py` needs: a mechanism for NEURON, its conductances, and the voltage at the start."""
    start, names = initial_state(neuron), [f"g{channel.name}" for channel in neuron.channels]
    states = [f"s{i}_" for i in range(1, len(start))]  # s10 would be the start of s1
    lines, found = slopes(neuron, NMODL, ["v", *states], names)

    def each(template):
        return "\n    ".join(template.format(s=s, i=i) for i, s in enumerate(states, 1))

    known, derivatives = "\n    ".join(f"x{i}" for i in range(len(lines))), each("d{i}")
    initial = "\n    ".join(f"{s} = {float(value)!r}" for s, value in zip(states, start[1:], strict=True))
    computed = "\n    ".join([*lines, *(f"d{i} = {text}" for i, text in enumerate(found))])
    text = f"""
NEURON {{ SUFFIX cell NONSPECIFIC_CURRENT i RANGE {", ".join(names)} }}
PARAMETER {{ {" ".join(f"{name} = 0" for name in names)} }}
ASSIGNED {{
    v i d0
    {derivatives}
    {known}
}}
STATE {{ {" ".join(states)} }}
INITIAL {{
    {initial}
}}
BREAKPOINT {{
    SOLVE states METHOD derivimplicit
    slopes()
    i = -0.001*d0
}}
DERIVATIVE states {{
    slopes()
    {each("{s}' = d{i}")}
}}
PROCEDURE slopes() {{
    {computed}
}}
"""
    channels = [channel.name for channel in neuron.channels]
    return {"text": text, "channels": channels, "voltage": neuron.initial_voltage}
