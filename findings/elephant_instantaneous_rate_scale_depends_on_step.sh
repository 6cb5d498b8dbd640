#!/usr/bin/env bash
# elephant 1.2.1 (with neo 0.14.6, quantities 0.16.4, numpy 2.4.6, scipy 1.17.1)
#
# Subject:  the level of an instantaneous firing rate for a given kernel and sampling_period.
# Guess:    the rate, summed over time, is the number of spikes, whatever the sampling period is (here 180 spikes in the
#           middle of 100 s, 2 Hz). A coarse step costs detail, not level.
# Observed: Gaussian kernel, sum over true number of spikes: sigma 10 ms, step 1 ms: 1.000. sigma 50 ms, step 20 ms: 1.040.
#           sigma 20 ms, step 15 ms: 1.050. sigma 1.1 ms, step 1 ms: 1.091. sigma 10 ms, step 30 ms: 1.302. sigma 5 ms,
#           step 20 ms: 1.736. No warning.
# Why:      the kernel reaches to cutoff * sigma (cutoff is 5). It is sampled between these two ends at a number of points
#           that is rounded up, so its own step is finer than sampling_period unless cutoff * sigma is a multiple of it;
#           the sum is multiplied as if it were sampling_period. The factor is ceil(x) / x with x = cutoff * sigma / step,
#           and more once the step is coarse against sigma. With sigma 50 ms, step 20 ms and cutoff=6 it is gone.
# Matters:  rates of cells compared across kernels or steps differ by some per cent or by much more, with equal spikes.
#           The documentation says that the kernel has the resolution of sampling_period.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check \
    elephant==1.2.1 neo==0.14.6 quantities==0.16.4 numpy==2.4.6 scipy==1.17.1

cat > "$work/probe.py" <<'PY'
import math
import warnings
from importlib.metadata import version

import neo
import numpy as np
import quantities as pq
from elephant.kernels import GaussianKernel
from elephant.statistics import instantaneous_rate

print("; ".join(f"{name} {version(name)}" for name in ("elephant", "neo", "quantities", "numpy", "scipy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


spiketrain = neo.SpikeTrain(np.arange(5, 95, 0.5) * pq.s, t_stop=100 * pq.s)


def level(sigma, step, cutoff=5.0):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        rate = instantaneous_rate(spiketrain, step * pq.ms, kernel=GaussianKernel(sigma * pq.ms), cutoff=cutoff)
    check(not [warning for warning in told if issubclass(warning.category, UserWarning)], "a warning is given now")
    return float(rate.rescale("Hz").magnitude.sum() * step / 1000 / len(spiketrain))


for sigma, step, seen in ((10, 1, 1.000), (50, 20, 1.040), (20, 15, 1.050), (1.1, 1, 1.091), (10, 30, 1.302), (5, 20, 1.736)):
    reach = 5 * sigma / step
    factor = math.ceil(round(reach, 9)) / reach
    found = level(sigma, step)
    print(f"sigma {sigma:4g} ms, step {step:2d} ms: sum of the rate / spikes = {found:.4f}, ceil(x) / x = {factor:.4f}")
    check(abs(found - seen) < 0.002, f"sigma {sigma} ms, step {step} ms no longer gives {seen}")
    if step < sigma:
        check(abs(found - factor) < 0.002, f"sigma {sigma} ms, step {step} ms no longer follows ceil(x) / x")
found = level(50, 20, cutoff=6.0)
print(f"sigma 50 ms, step 20 ms, cutoff 6: {found:.4f}")
check(abs(found - 1) < 0.002, "cutoff 6")
print("seen as described")
PY
"$work/venv/bin/python" "$work/probe.py"
