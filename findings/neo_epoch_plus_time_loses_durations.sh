#!/usr/bin/env bash
# neo 0.14.6 (with quantities 0.16.4, numpy 2.4.6)
#
# Subject:  moving epochs and events in time by adding to them, as one does with a spike train.
# Guess:    epoch + 1 s has the same durations, labels and name as epoch, and times 1 s later. event + 1 s likewise.
# Observed: the times are 1 s later, and the result is still an Epoch or Event. Its durations, labels, name and
#           annotations are None. spiketrain + 1 s keeps name and annotations and moves t_start and t_stop along.
#           epoch.time_shift(1 s) keeps everything.
# Why:      an operator makes a bare array of the class, and the rest is copied for spike trains and signals only.
# Matters:  which stimulus an epoch stands for, and how long it took, is gone without a message. The first thing that
#           needs them (writing a file, cutting trials) fails far from here. Use time_shift.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check neo==0.14.6 quantities==0.16.4 numpy==2.4.6

cat > "$work/probe.py" <<'PY'
from importlib.metadata import version

import neo
import numpy as np
import quantities as pq

print("; ".join(f"{name} {version(name)}" for name in ("neo", "quantities", "numpy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


second = 1 * pq.s
epoch = neo.Epoch([0, 2] * pq.s, durations=[1, 3] * pq.s, labels=["rest", "light"], name="trials", rig=4)
event = neo.Event([1, 2] * pq.s, labels=["on", "off"], name="light", rig=4)
train = neo.SpikeTrain([1, 2] * pq.s, t_stop=4 * pq.s, name="unit", rig=4)

for kind, before in (("epoch", epoch), ("event", event)):
    for how, after in ((f"{kind} + 1 s", before + second), (f"{kind}.time_shift(1 s)", before.time_shift(second))):
        lost = [name for name in ("durations", "labels", "name", "annotations") if hasattr(before, name)
                and getattr(after, name) is None]
        print(f"{how}: {type(after).__name__}, times {after.times}, lost: {', '.join(lost) or 'nothing'}")
        check(type(after) is type(before) and np.allclose(after.times.magnitude, before.times.magnitude + 1), how)
        if "+" in how:
            check(set(lost) == {"durations", "labels", "name", "annotations"} - ({"durations"} - set(dir(before))), how)
        else:
            check(not lost, how)
moved = train + second
print(f"spiketrain + 1 s: {moved.name}, {moved.annotations}, from {moved.t_start} to {moved.t_stop}")
check(moved.name == "unit" and moved.annotations == {"rig": 4} and moved.t_stop == 5 * pq.s, "the spike train")
print("seen as described")
PY
"$work/venv/bin/python" "$work/probe.py"
