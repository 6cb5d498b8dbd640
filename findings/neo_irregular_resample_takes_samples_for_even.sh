#!/usr/bin/env bash
# neo 0.14.6 (with quantities 0.16.4, numpy 2.4.6, scipy 1.17.1)
#
# Subject:  IrregularlySampledSignal.resample, "interpolates the signal" to evenly spaced samples.
# Guess:    the values between the samples lie between them: of a signal whose value is its time (0, 1, 3 and 7 s, in mV),
#           eight samples at 0, 1, ... 7 s have the values 0, 1, ... 7 mV.
# Observed: 0, -0.43, 1, 1.69, 3, 5.93, 7 and 3.81 mV. The samples of 1, 3 and 7 s stand at 2, 4 and 6 s, between them the
#           signal leaves its range, and at its end it falls back towards its beginning. No warning.
# Why:      the values go through a Fourier transform as if they were evenly spaced and periodic; their times are only
#           looked at for the first and the last.
# Matters:  what is sampled when it changes (a position, a temperature, a variable time step of a simulator) is moved in
#           time by as much as the gaps differ, here by up to 1 s of 7. Use numpy.interp on times and values.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check \
    neo==0.14.6 quantities==0.16.4 numpy==2.4.6 scipy==1.17.1

cat > "$work/probe.py" <<'PY'
from importlib.metadata import version

import neo
import numpy as np
import quantities as pq

print("; ".join(f"{name} {version(name)}" for name in ("neo", "quantities", "numpy", "scipy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


times = np.array([0.0, 1, 3, 7])
signal = neo.IrregularlySampledSignal(times * pq.s, times[:, np.newaxis], units="mV")
even = signal.resample(8)
seconds, values = even.times.rescale("s").magnitude, even.magnitude.ravel()
for second, value in zip(seconds, values):
    print(f"{second:4.1f} s: {value:6.2f} mV, by straight lines {np.interp(second, times, times):4.1f} mV")
check(np.allclose(seconds, np.arange(8)), "the times")
check(np.allclose(values, [0, -0.432, 1, 1.689, 3, 5.932, 7, 3.811], atol=1e-3), "the values")
print("seen as described")
PY
"$work/venv/bin/python" "$work/probe.py"
