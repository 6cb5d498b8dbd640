#!/usr/bin/env bash
# pynapple 0.11.4 reading a file that neo 0.14.6 wrote through pynwb 4.2.0 (with hdmf 6.2.0, h5py 3.16.0, numpy 2.4.6)
#
# Subject:  the rate and the time support of units that pynapple loads from NWB, where each unit has its observation
#           interval (column obs_intervals).
# Guess:    a unit with 10 spikes that was observed from 0 to 100 s has 0.1 Hz, and the time support is 0 to 100 s.
# Observed: alone in the file (or beside a silent unit) the unit has 1.11 Hz and the time support is 20 to 29 s, first to
#           last spike. With a second unit in the file that fires from 0.5 to 99.5 s, the same 10 spikes have 0.10 Hz and
#           the time support is 0.5 to 99.5 s. neo reads 0 to 100 s back from each of these files.
# Why:      pynapple makes the units from their spike times alone. The time support is then the union over all units of
#           first to last spike, and obs_intervals is not looked at.
# Matters:  rates, and all that is normalised by the time support, change with which other units the file holds, and the
#           silence before the first and after the last spike is lost. Give the support: TsGroup.restrict, or a TsGroup
#           made with time_support.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check \
    pynapple==0.11.4 pynwb==4.2.0 hdmf==6.2.0 h5py==3.16.0 neo==0.14.6 quantities==0.16.4 \
    numpy==2.4.6 scipy==1.17.1 numba==0.68.1 pandas==3.1.1 xarray==2026.9.0

cat > "$work/probe.py" <<'PY'
import datetime
import os
import sys
from importlib.metadata import version

import neo
import numpy as np
import pynapple
import quantities as pq

print("; ".join(f"{name} {version(name)}" for name in ("pynapple", "neo", "pynwb", "hdmf", "h5py", "numpy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


def support_of(trains, label):
    path = os.path.join(sys.argv[1], label + ".nwb")
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    block = neo.Block(name="block", session_start_time=start)
    segment = neo.Segment(name="segment")
    block.segments.append(segment)
    for number, times in enumerate(trains):
        segment.spiketrains.append(neo.SpikeTrain(times * pq.s, t_stop=100 * pq.s, name=f"unit{number}"))
    writer = neo.NWBIO(path, "w")
    writer.write_all_blocks([block])
    reader = neo.NWBIO(path, "r")
    back = reader.read_all_blocks()[0].segments[0].spiketrains[0]
    reader.close()
    check(float(back.t_start) == 0 and float(back.t_stop) == 100, "neo no longer reads 0 to 100 s back")
    units = pynapple.load_file(path)["units"]
    rate = float(units["rate"].iloc[0])
    first, last = float(units.time_support.start[0]), float(units.time_support.end[-1])
    print(f"{label:28s} unit 0: {len(units[0])} spikes, rate {rate:.4f} Hz, time support {first:g} to {last:g} s "
          f"(neo: {float(back.t_start):g} to {float(back.t_stop):g} s)")
    return rate, first, last


ten = np.arange(20.0, 30.0)
alone = support_of([ten], "alone")
silent = support_of([ten, np.array([])], "beside a silent unit")
busy = support_of([ten, np.arange(0.5, 100.0)], "beside a unit of 1 Hz")
for found in (alone, silent):
    check(abs(found[0] - 10 / 9) < 1e-6 and found[1:] == (20.0, 29.0), "time support is no longer first to last spike")
check(abs(busy[0] - 10 / 99) < 1e-6 and busy[1:] == (0.5, 99.5), "the other unit no longer sets the time support")
print("seen as described")
PY
"$work/venv/bin/python" -W ignore "$work/probe.py" "$work"
