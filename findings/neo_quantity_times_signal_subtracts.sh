#!/usr/bin/env bash
# neo 0.14.6 (with quantities 0.16.4, numpy 2.4.6)
#
# Subject:  a factor written to the left of a signal.
# Guess:    (3 mV) * signal equals signal * (3 mV), and 2 * signal equals signal * 2.
# Observed: the factor is SUBTRACTED. (3 mV) * [10 20 30] mV gives [7 17 27] mV, while signal * (3 mV) gives
#           [30 60 90] mV**2. For a signal without unit, 2 * signal and array([2.]) * signal give signal - 2, without any
#           message. numpy.float64(2) * signal is right. 2 * (signal in mV) raises a ValueError about units.
# Why:      the base class of AnalogSignal and IrregularlySampledSignal binds the right-hand multiplication to the method
#           that subtracts. Python asks the signal first, since its class derives from that of the quantity or array.
# Matters:  rates, z-scores and correlations are signals without unit. Weights and gains written on the left turn into
#           offsets, so a scaled trace keeps its old size and is only shifted. Write the signal on the left.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check neo==0.14.6 quantities==0.16.4 numpy==2.4.6

cat > "$work/probe.py" <<'PY'
import neo
import numpy as np
import quantities as pq

print("neo", neo.__version__, "quantities", pq.__version__, "numpy", np.__version__)


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


def values(signal):
    return np.asarray(signal).ravel().tolist()


column = np.array([[10.0], [20.0], [30.0]])
trace = neo.AnalogSignal(column, units="mV", sampling_rate=1 * pq.kHz)
plain = neo.AnalogSignal(column, units="dimensionless", sampling_rate=1 * pq.kHz)
uneven = neo.IrregularlySampledSignal([0, 1, 5] * pq.s, column, units="mV")
three = 3 * pq.mV

right, left = trace * three, three * trace
print("signal * (3 mV):", values(right), right.dimensionality)
print("(3 mV) * signal:", values(left), left.dimensionality)
check(values(right) == [30, 60, 90] and right.units == pq.mV**2, "signal * (3 mV)")
check(values(left) == [7, 17, 27] and left.units == pq.mV, "(3 mV) * signal no longer subtracts")
check(values(three * uneven) == [7, 17, 27], "(3 mV) * irregular signal no longer subtracts")

print("no unit, signal * 2:", values(plain * 2))
print("no unit, 2 * signal:", values(2 * plain))
print("no unit, array([2.]) * signal:", values(np.array([2.0]) * plain))
print("no unit, float64(2) * signal:", values(np.float64(2) * plain))
check(values(plain * 2) == [20, 40, 60], "signal * 2")
check(values(2 * plain) == [8, 18, 28], "2 * signal no longer subtracts")
check(values(np.array([2.0]) * plain) == [8, 18, 28], "array * signal no longer subtracts")
check(values(np.float64(2) * plain) == [20, 40, 60], "float64 * signal")

try:
    2 * trace
except ValueError as error:
    print("2 * (signal in mV): ValueError:", error)
else:
    check(False, "2 * (signal in mV) no longer raises")
print("seen as described")
PY
"$work/venv/bin/python" "$work/probe.py"
