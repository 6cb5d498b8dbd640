#!/usr/bin/env bash
# elephant 1.2.1 (with neo 0.14.6, quantities 0.16.4, numpy 2.4.6, scipy 1.17.1)
#
# Subject:  jittered surrogates of a spike train whose t_start is not 0.
# Guess:    each spike is placed anew inside the bin (here 100 ms) it lies in, wherever the train starts.
# Observed: with t_start = 0 this holds. With t_start = 1 s every spike comes out 3 s late, with t_start = 2 s it is 6 s
#           late: three times t_start, silently. A train with a spike near its end raises an error instead.
# Why:      t_start is added to edges that start at t_start already, the offset is added once more to each edge, and the
#           number of the bin is counted from 0 and not from t_start.
# Matters:  a train cut from the middle of a recording keeps its t_start. Its surrogates then lie outside the trial or
#           against the wrong stimulus, and any test against them finds structure. Shift the train to 0 before, and back.
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
from elephant.spike_train_surrogates import jitter_spikes

print("; ".join(f"{name} {version(name)}" for name in ("elephant", "neo", "quantities", "numpy", "scipy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


np.random.seed(3)
bin_size = 100 * pq.ms
for start in (0.0, 1.0, 2.0):
    times = start + np.array([10.05, 20.05, 30.05])
    spiketrain = neo.SpikeTrain(times * pq.s, t_start=start * pq.s, t_stop=100 * pq.s)
    surrogates = np.array([found.magnitude for found in jitter_spikes(spiketrain, bin_size=bin_size, n_surrogates=200)])
    moved = surrogates - times
    print(f"t_start {start:g} s: spikes {times.tolist()} s, moved by {moved.min():+.3f} to {moved.max():+.3f} s, "
          f"on average {moved.mean():+.3f} s")
    late = moved - 3 * start
    check(np.all(np.abs(late) <= 0.0501), f"surrogates for t_start {start:g} s are no longer three t_start late")

try:
    jitter_spikes(neo.SpikeTrain([11.0, 99.5] * pq.s, t_start=1 * pq.s, t_stop=100 * pq.s), bin_size=bin_size)
except (IndexError, ValueError) as error:
    print("t_start 1 s and a spike near t_stop:", type(error).__name__, str(error)[:80])
else:
    check(False, "a spike near t_stop no longer raises")
print("seen as described")
PY
"$work/venv/bin/python" -W ignore "$work/probe.py"
