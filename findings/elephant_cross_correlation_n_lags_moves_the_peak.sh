#!/usr/bin/env bash
# elephant 1.2.1 (with neo 0.14.6, quantities 0.16.4, numpy 2.4.6, scipy 1.17.1)
#
# Subject:  the time axis of cross_correlation_function when n_lags limits the lags.
# Guess:    n_lags=50 keeps the middle 101 lags, and their times run from -50 to +50 samples.
# Observed: of two traces of 2000 samples at 1 kHz the second follows the first by 7 ms. Without n_lags the peak stands at
#           -7 ms (+7 ms by the formula in the documentation, <x(t) y(t + tau)>). With n_lags=50 the peak has the same
#           height and stands at -957 ms; the times run from -1000 to -900 ms.
# Why:      the second trace is reversed in the convolution, which gives <x(t + tau) y(t)>. The values are then cut to the
#           middle, and t_start is still that of the full function.
# Matters:  a delay read from .times (as the example in the documentation plots it) is wrong by half the recording less
#           n_lags samples, and changes with the length of the recording. Take the lag from the index instead.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check \
    elephant==1.2.1 neo==0.14.6 quantities==0.16.4 numpy==2.4.6 scipy==1.17.1

cat > "$work/probe.py" <<'PY'
from importlib.metadata import version

import neo
import numpy as np
import quantities as pq
from elephant.signal_processing import cross_correlation_function

print("; ".join(f"{name} {version(name)}" for name in ("elephant", "neo", "quantities", "numpy", "scipy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


first = np.random.default_rng(0).normal(size=2000)
traces = np.column_stack([first, np.roll(first, 7)])
signal = neo.AnalogSignal(traces, units="mV", sampling_rate=1 * pq.kHz)
found = {}
for n_lags in (None, 50):
    result = cross_correlation_function(signal, [0, 1], n_lags=n_lags)
    times = result.times.rescale("ms").magnitude
    place = int(np.argmax(result.magnitude))
    found[n_lags] = (round(float(times[0])), round(float(times[-1])), round(float(times[place])), float(result[place, 0]))
    print(f"n_lags {n_lags}: times {times[0]:.0f} to {times[-1]:.0f} ms, peak {found[n_lags][3]:.4f} at {times[place]:.0f} ms")
check(found[None][2] == -7, "peak without n_lags")
check(found[50][:3] == (-1000, -900, -957), "times with n_lags=50 no longer start at the full function's start")
check(abs(found[50][3] - found[None][3]) < 1e-9, "height of the peak")
print("seen as described")
PY
"$work/venv/bin/python" -W ignore "$work/probe.py"
