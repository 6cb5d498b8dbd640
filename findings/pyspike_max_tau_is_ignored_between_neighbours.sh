#!/usr/bin/env bash
# PySpike 0.9.0 (with numpy 2.3.5)
#
# Subject:  the argument max_tau of spike_sync and its relatives, "maximum coincidence window size" in their documentation.
# Guess:    with max_tau = 1 ms, two spikes 200 ms apart are never coincident.
# Observed: a train with a spike each second and the same train 200 ms later: SPIKE synchronization is 1.0 without max_tau
#           and 0.9 with max_tau = 1 ms (18 of 20 spikes coincident). filter_by_spike_sync keeps 18 spikes and
#           spike_train_order is 0.9 too. Trains of one spike each give 0 as they should.
# Why:      max_tau is only the stand-in for the distance to a neighbour that does not exist, before the first spike and
#           after the last one. Where a spike has neighbours, half the distance to them is the window, with no upper bound.
# Matters:  the limit keeps slow trains from counting as synchronous. It has no effect, except for the outermost spikes, so
#           numbers for "synchronous within 1 ms" are numbers without a limit.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check pyspike==0.9.0 numpy==2.3.5

cat > "$work/probe.py" <<'PY'
from importlib.metadata import version

import numpy as np
import pyspike

print("; ".join(f"{name} {version(name)}" for name in ("pyspike", "numpy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


edges = [0, 22]
times = np.arange(1.0, 21.0)  # seconds
first, second = pyspike.SpikeTrain(times, edges), pyspike.SpikeTrain(times + 0.2, edges)
lone_first, lone_second = pyspike.SpikeTrain([5.0], edges), pyspike.SpikeTrain([5.2], edges)
seen = {}
for max_tau in (None, 0.3, 0.1, 0.001):
    sync = pyspike.spike_sync(first, second, max_tau=max_tau)
    order = pyspike.spike_train_order(first, second, max_tau=max_tau)
    kept = len(pyspike.filter_by_spike_sync([first, second], 0.5, max_tau=max_tau)[0].spikes)
    lone = pyspike.spike_sync(lone_first, lone_second, max_tau=max_tau)
    seen[max_tau] = (float(sync), float(order), kept, float(lone))
    print(f"max_tau {max_tau}: spike_sync {sync:.3f}, spike_train_order {order:.3f}, kept by the filter {kept} of 20, "
          f"trains of one spike {lone:.3f}")
for max_tau in (None, 0.3):
    check(np.allclose(seen[max_tau], (1, 1, 20, 1)), f"max_tau {max_tau}")
for max_tau in (0.1, 0.001):
    check(np.allclose(seen[max_tau], (0.9, 0.9, 18, 0)), f"max_tau {max_tau} is no longer ignored between neighbours")
print("seen as described")
PY
"$work/venv/bin/python" "$work/probe.py"
