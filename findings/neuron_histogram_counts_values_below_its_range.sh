#!/usr/bin/env bash
# neuron 9.0.2 (with numpy 2.3.5)
#
# Subject:  Vector.histogram(low, high, width), such as a histogram of spike times around a stimulus.
# Guess:    as documented: element 0 is 0, element k counts the values from low + (k - 1) width to low + k width, and data
#           outside the range is not counted.
# Observed: histogram(0, 10, 1) has 12 elements. Element 0 counts the values from -1 up to 0, and an extra one at the end
#           those from 10 up to 11. -1.5 and 11 are not counted. With low 5, high 10 and width 2 the values from 3 to 11.
# Why:      the vector gets an element more at each end, and whatever has an index inside it is counted.
# Matters:  the sum of a histogram (the number of spikes around a stimulus, the divisor of a probability) holds up to a
#           width of data from before and after; who takes element 0 for the first bin adds the time before to it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check neuron==9.0.2 numpy==2.3.5

cat > "$work/probe.py" <<'PY'
from importlib.metadata import version

from neuron import h

print("; ".join(f"{name} {version(name)}" for name in ("neuron", "numpy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


def element(value):
    counts = list(h.Vector([value]).histogram(0, 10, 1))
    return counts.index(1) if 1 in counts else None


expected = {0: 1, 0.5: 1, 1: 2, 9.5: 10, -0.5: 0, -0.999: 0, -1: 0, -1.5: None, 10: 11, 10.9: 11, 11: None}
for value, where in expected.items():
    found = element(value)
    print(f"{value:7g} is " + ("not counted" if found is None else f"counted in element {found}"))
    check(found == where, f"the bin of {value}")

even = h.Vector([(number + 0.5) / 20 for number in range(-400, 400)])  # from -20 to 20, 20 in each unit
counts = [int(count) for count in even.histogram(0, 10, 1)]
print("20 values in each unit from -20 to 20:", counts, "sum", sum(counts))
check(counts == [20] * 12, "data outside the range are no longer counted")
counts = [int(count) for count in even.histogram(5, 10, 2)]
print("the same, histogram(5, 10, 2):", counts)
check(counts == [40] * 4, "the bins of width 2")
print("seen as described")
PY
"$work/venv/bin/python" "$work/probe.py"
