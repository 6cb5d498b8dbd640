#!/usr/bin/env bash
# neuron 9.0.2 (with numpy 2.3.5)
#
# Subject:  numpy.array(vector) of an h.Vector, such as one that NetCon.record fills with spike times.
# Guess:    an array of its numbers; of a cell that has not fired, an empty array.
# Observed: of a vector with numbers, an array of them. Of an EMPTY vector a ValueError, "setting an array element with a
#           sequence", while list(vector) and vector.as_numpy() are empty, and vector.to_python() gives [].
# Why:      numpy takes an object that gives no first element for one thing, and a vector is no number.
# Matters:  a script that collects spike times works until the first silent cell, and then names no cell and no vector.
#           Use numpy.array(list(vector)) or a copy of vector.as_numpy().
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check neuron==9.0.2 numpy==2.3.5 setuptools==80.9.0

cat > "$work/probe.py" <<'PY'
from importlib.metadata import version

import numpy as np
from neuron import h

print("; ".join(f"{name} {version(name)}" for name in ("neuron", "numpy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


def as_array(vector):
    try:
        found = np.array(vector)
    except ValueError as error:
        return f"ValueError: {error}"
    return f"{found.dtype} {found.tolist()}"


shown = {}
for numbers in ([1.5, 2.5], [1.5], []):
    vector = h.Vector(numbers)
    shown[len(numbers)] = as_array(vector)
    print(f"{len(numbers)} numbers: {shown[len(numbers)]}; list {list(vector)}; as_numpy {vector.as_numpy().tolist()}")
check(shown[2] == "float64 [1.5, 2.5]" and shown[1] == "float64 [1.5]", "vectors with numbers are arrays")
check(shown[0].startswith("ValueError: setting an array element with a sequence"), "an empty one is an error")
check(list(h.Vector()) == [] and len(h.Vector().as_numpy()) == 0, "the other ways give nothing")
print("as observed")
PY
"$work/venv/bin/python" "$work/probe.py"
