#!/usr/bin/env bash
# elephant 1.2.1 (with neo 0.14.6, quantities 0.16.4, numpy 2.4.6, scipy 1.17.1)
#
# Subject:  the spike time tiling coefficient (STTC) of two trains, at the start of a recording and hours later.
# Guess:    only differences of times count, so moving both trains by one hour changes nothing. With dt = 5 ms, two spikes
#           30 ms apart are no coincidence.
# Observed: two independent trains of 300 spikes in 60 s give 0.004 when they start at 0 s, 0.31 when the same trains start
#           at 1 h and 0.97 at 10 h. At 1 h the two spikes 30 ms apart count as coincident. The unit of the times does
#           not help.
# Why:      the spikes are compared by numpy.isclose with dt as the absolute tolerance; its relative tolerance of 1e-5
#           stays on and is added: the window is dt + 1e-5 * t, so 36 ms wider after one hour.
# Matters:  a correlation found in the later part of a long recording, or in trains with times since the start of a session
#           or since an epoch, can be of this making alone. Shift trains to start at 0 first.
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
from elephant.spike_train_correlation import spike_time_tiling_coefficient

print("; ".join(f"{name} {version(name)}" for name in ("elephant", "neo", "quantities", "numpy", "scipy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


def train(times, start, unit="s"):
    whole = neo.SpikeTrain((np.asarray(times) + start) * pq.s, t_start=start * pq.s, t_stop=(start + 60) * pq.s)
    return whole.rescale(unit)


rng = np.random.default_rng(1)
first, second = (np.sort(rng.uniform(0, 60, 300)) for _ in range(2))
found = {}
for hours in (0, 1, 10):
    start = 3600.0 * hours
    found[hours] = spike_time_tiling_coefficient(train(first, start), train(second, start), dt=5 * pq.ms)
    in_ms = spike_time_tiling_coefficient(train(first, start, "ms"), train(second, start, "ms"), dt=5 * pq.ms)
    print(f"independent trains that start at {hours:2d} h: STTC {found[hours]:.4f} (times in ms: {in_ms:.4f})")
    check(abs(in_ms - found[hours]) < 1e-3, "the unit of the times now matters")
check(abs(found[0]) < 0.05, "STTC of independent trains at 0 h")
check(0.25 < found[1] < 0.4, "STTC at 1 h is no longer about 0.31")
check(found[10] > 0.9, "STTC at 10 h is no longer about 0.97")

pair = {}
for hours in (0, 1):
    start = 3600.0 * hours
    pair[hours] = spike_time_tiling_coefficient(train([30.0], start), train([30.03], start), dt=5 * pq.ms)
    print(f"two spikes 30 ms apart, dt 5 ms, at {hours} h: STTC {pair[hours]:.4f}")
check(pair[0] < 0 and pair[1] > 0.99, "two spikes 30 ms apart at 1 h no longer coincide")
print("seen as described")
PY
"$work/venv/bin/python" -W ignore "$work/probe.py"
