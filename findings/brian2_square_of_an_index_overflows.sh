#!/usr/bin/env bash
# brian2 2.9.0 (with numpy 2.3.5, sympy 1.14.0), code generation by numpy
#
# Subject:  squares of the index of a neuron in a large group, such as a distance sqrt((i - j)**2).
# Guess:    the right number for any group that fits into memory, or an error. "1.0*i*i" is a float anyway.
# Observed: in a group of 50000 neurons "i*i" and "i**2" are negative from i = 46341 on (-2147479015 and up), without a
#           message. "1.0*i*i" is negative as well; "(i*1.0)**2" is right. With synapses from this group to one
#           neuron, "sqrt((i - j)**2)" is NaN for the last 3659 synapses.
# Why:      i and j are 32 bit integers. In "1.0*i*i" the factors are put into another order, integers first.
# Matters:  connection strengths, delays and positions on a grid are set by such formulas. They are right in the small
#           network that was tested, and NaN or wrong in the large one.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check brian2==2.9.0 numpy==2.3.5 sympy==1.14.0

cat > "$work/probe.py" <<'PY'
from importlib.metadata import version

import numpy as np
from brian2 import NeuronGroup, Synapses, prefs

print("; ".join(f"{name} {version(name)}" for name in ("brian2", "numpy", "sympy")))
prefs.codegen.target = "numpy"
prefs.logging.console_log_level = "ERROR"


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


many = NeuronGroup(50000, "x : 1")
for text in ("i*i", "i**2", "1.0*i*i", "(i*1.0)**2"):
    many.x = text
    negative = np.flatnonzero(many.x[:] < 0)
    first = f"negative from {negative[0]} on ({many.x[negative[0]]:.0f})" if len(negative) else "nowhere negative"
    print(f"x = {text}: x[46340] = {many.x[46340]:.0f}, {first}")
    check(many.x[46340] == 46340.0**2, f"{text} below the limit")
    if text == "(i*1.0)**2":
        check(not len(negative), "the square of a float")
    else:
        check(len(negative) and negative[0] == 46341, f"{text} no longer overflows")

one = NeuronGroup(1, "x : 1")
synapses = Synapses(many, one, "distance : 1")
synapses.connect()
synapses.distance = "sqrt((i - j)**2)"
lost = np.isnan(synapses.distance[:])
print(f"distance = sqrt((i - j)**2): {int(lost.sum())} of {len(lost)} are NaN, all from {int(np.argmax(lost))} on")
check(lost.sum() == 3659 and lost[46341:].all(), "the distances")
print("seen as described")
PY
"$work/venv/bin/python" -W ignore "$work/probe.py"
