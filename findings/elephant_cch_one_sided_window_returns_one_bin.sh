#!/usr/bin/env bash
# elephant 1.2.1 (with neo 0.14.6, quantities 0.16.4, numpy 2.4.6, scipy 1.17.1)
#
# Subject:  a cross-correlation histogram (CCH) of two spike trains over a window that is not symmetric, default method.
# Guess:    window=[0, 20] gives 21 counts, one for each of the 21 lags returned with them, the same for method="speed"
#           (default) and method="memory".
# Observed: the second train follows the first by 12 ms, in bins of 1 ms. window=[-20, 20] gives 41 counts with the peak at
#           lag 12. window=[0, 20] gives ONE count with 21 lags, [-5, 20] gives 11 counts with 26 lags, [5, 20] gives one.
#           No warning. method="memory" gives 21, 26 and 16 counts with the peak at lag 12.
# Why:      the default method pads the second train by the shorter side of the window on both sides, and not by each side.
# Matters:  who looks only at positive lags (does B follow A?) gets a histogram without the peak; the time axis of the
#           result just ends early. Use a symmetric window, or method="memory".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check \
    elephant==1.2.1 neo==0.14.6 quantities==0.16.4 numpy==2.4.6 scipy==1.17.1

cat > "$work/probe.py" <<'PY'
import warnings
from importlib.metadata import version

import neo
import numpy as np
import quantities as pq
from elephant.conversion import BinnedSpikeTrain
from elephant.spike_train_correlation import cross_correlation_histogram

print("; ".join(f"{name} {version(name)}" for name in ("elephant", "neo", "quantities", "numpy", "scipy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


rng = np.random.default_rng(5)
leader = np.sort(rng.choice(9000, 200, replace=False)) + 0.5  # ms, one spike at most in a bin


def binned(times):
    return BinnedSpikeTrain(neo.SpikeTrain(times * pq.ms, t_stop=10 * pq.s), bin_size=1 * pq.ms)


shown = {}
for window in ([-20, 20], [0, 20], [-5, 20], [5, 20]):
    for method in ("speed", "memory"):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            cch, lags = cross_correlation_histogram(binned(leader), binned(leader + 12), window=window, method=method)
        told = [warning for warning in told if issubclass(warning.category, (UserWarning, RuntimeWarning))]
        counts = cch.magnitude.ravel()
        peak = int(lags[np.argmax(counts)])
        shown[tuple(window), method] = (len(counts), len(lags), int(counts.max()), peak, len(told))
        print(f"window {window} {method:6s}: {len(counts):2d} counts, {len(lags):2d} lags, largest count {counts.max():.0f}, "
              f"{len(told)} warnings")
for window, kept in (((0, 20), 1), ((-5, 20), 11), ((5, 20), 1)):
    n_lags = window[1] - window[0] + 1
    counts, lags, largest, _, told = shown[window, "speed"]
    check((counts, lags, told) == (kept, n_lags, 0), f"window {window} with method speed")
    check(largest < 50, f"window {window} with method speed now holds the peak")
    check(shown[window, "memory"][:4] == (n_lags, n_lags, 200, 12), f"window {window} with method memory")
for method in ("speed", "memory"):
    check(shown[(-20, 20), method][:4] == (41, 41, 200, 12), "symmetric window")
print("seen as described")
PY
"$work/venv/bin/python" "$work/probe.py"
