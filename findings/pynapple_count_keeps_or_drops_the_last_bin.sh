#!/usr/bin/env bash
# pynapple 0.11.4 (with numpy 2.4.6)
#
# Subject:  Ts.count(bin_size) where the bins do not fill the time support evenly.
# Guess:    the sum of the counts is the number of spikes (with a last bin that is cut short), or always that of the whole
#           bins. One rule.
# Observed: 100 spikes, evenly over 10 s. Bins of 4 s: 40, 40 and 20, the last one from 8 to 12 s. Bins of 3 s: three, and
#           the last 10 spikes are gone. Bins of 6 s: 60 and 40. Bins of 7 s: one, and 30 spikes are gone. Bins of 21 s:
#           none at all. bin_average keeps and drops the same bins.
# Why:      a bin is kept if its centre lies inside the time support.
# Matters:  count / bin_size gives a rate of half the true one in the last bin, or loses up to half a bin of data, depending
#           on the length of the recording; the sums of trials of different lengths cannot be compared. Restrict the time
#           support to whole bins first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check pynapple==0.11.4 numpy==2.4.6

cat > "$work/probe.py" <<'PY'
from importlib.metadata import version

import numpy as np
import pynapple

print("; ".join(f"{name} {version(name)}" for name in ("pynapple", "numpy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


times = np.arange(100) / 10 + 0.05  # seconds
whole = pynapple.IntervalSet(0, 10)
spikes = pynapple.Ts(times, time_support=whole)
values = pynapple.Tsd(t=times, d=times, time_support=whole)
for width, expected in ((5, [50, 50]), (4, [40, 40, 20]), (3, [30] * 3), (6, [60, 40]), (7, [70]), (21, [])):
    counts = spikes.count(width)
    print(f"bins of {width:2} s: counts {counts.values.tolist()}, sum {int(counts.values.sum())}, "
          f"centres {counts.times().tolist()} s")
    check(counts.values.tolist() == expected, f"bins of {width} s")
    check(len(values.bin_average(width)) == len(expected), f"bin_average with bins of {width} s")
print("seen as described")
PY
"$work/venv/bin/python" -W ignore "$work/probe.py"
