#!/usr/bin/env bash
# spikeinterface 0.105.3 (with neo 0.14.6, quantities 0.16.4, numpy 2.4.6)
#
# Subject:  spike times on the sample grid, turned into frame numbers by two constructors of NumpySorting.
# Guess:    a spike at k / 30000 s becomes frame k by both. A train with t_start = 100 s starts at frame 0, as the recording
#           of the same segment does.
# Observed: from_times_and_labels gives k for all 965 spikes. from_neo_spiketrain_list gives k - 1 for 24 of the same times
#           and k for the others. t_start is not taken off: the frames of a train that starts at 100 s begin at 3000000.
# Why:      one constructor rounds time * sampling_frequency, the other cuts off the fraction, and k / 30000 * 30000 is often
#           a little less than k.
# Matters:  waveforms and templates cut at these frames jitter by one sample, and frames lie outside a recording that does
#           not start at 0 s.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check \
    spikeinterface==0.105.3 neo==0.14.6 quantities==0.16.4 numpy==2.3.5

cat > "$work/probe.py" <<'PY'
from importlib.metadata import version

import neo
import numpy as np
import quantities as pq
from spikeinterface.core import NumpySorting

print("; ".join(f"{name} {version(name)}" for name in ("spikeinterface", "neo", "quantities", "numpy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


rate = 30000.0
frames = np.arange(100, 30000, 31)
times = frames / rate


def frames_from_neo(start):
    train = neo.SpikeTrain((times + start) * pq.s, t_start=start * pq.s, t_stop=(start + 10) * pq.s)
    sorting = NumpySorting.from_neo_spiketrain_list([train], sampling_frequency=rate)
    return sorting.get_unit_spike_train(sorting.unit_ids[0])


plain = NumpySorting.from_times_and_labels([times], [np.zeros(len(times), dtype=int)], rate).get_unit_spike_train(0)
from_neo = frames_from_neo(0.0)
late = frames_from_neo(100.0)
early = int(np.sum(from_neo == frames - 1))
print(f"{len(frames)} spikes; from_times_and_labels: {int(np.sum(plain == frames))} on their frame")
print(f"from_neo_spiketrain_list: {int(np.sum(from_neo == frames))} on their frame, {early} one frame early")
print(f"t_start 100 s: frames {int(late[0])} to {int(late[-1])}, {int(np.sum(late - 3000000 == frames - 1))} one frame early")
check(np.array_equal(plain, frames), "from_times_and_labels")
check(early > 0 and early + int(np.sum(from_neo == frames)) == len(frames), "no spike is one frame early now")
check(abs(int(late[0]) - 3000100) <= 1, "t_start is taken off now")
print("seen as described")
PY
"$work/venv/bin/python" -W ignore "$work/probe.py"
