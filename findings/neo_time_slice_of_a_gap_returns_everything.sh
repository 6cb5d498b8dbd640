#!/usr/bin/env bash
# neo 0.14.6 (with quantities 0.16.4, numpy 2.4.6)
#
# Subject:  time_slice of an IrregularlySampledSignal over a stretch that holds no sample, and time_slice of an AnalogSignal
#           without a start.
# Guess:    the first gives an empty signal (as a SpikeTrain does) or an error. The second starts at the signal's own start
#           and ends at the given time.
# Observed: samples at 0, 1, 2, 8 and 9 s, time_slice(4 s, 6 s): all five samples come back, and the same for 40 to 60 s.
#           A trace from 1 to 5 s, time_slice(None, 2 s): it ends at 3 s, one second too late; time_slice(1 s, 2 s) is right.
# Why:      the first and last index stay None when nothing is found, and [None:None] is everything. A missing start is
#           taken as 0 s for the length and as the signal's start for the place.
# Matters:  averages over a trial without samples are averages over the whole recording, and traces of trials overlap.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check neo==0.14.6 quantities==0.16.4 numpy==2.4.6

cat > "$work/probe.py" <<'PY'
import neo
import numpy as np
import quantities as pq

print("neo", neo.__version__, "quantities", pq.__version__, "numpy", np.__version__)


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


uneven = neo.IrregularlySampledSignal([0, 1, 2, 8, 9] * pq.s, [10.0, 20.0, 30.0, 80.0, 90.0], units="mV")
train = neo.SpikeTrain([0, 1, 2, 8, 9] * pq.s, t_stop=10 * pq.s)
print("spike train 4 to 6 s:", len(train.time_slice(4 * pq.s, 6 * pq.s)), "spikes")
check(len(train.time_slice(4 * pq.s, 6 * pq.s)) == 0, "spike train")
for start, stop in ((0.5, 2.5), (4, 6), (40, 60)):
    piece = uneven.time_slice(start * pq.s, stop * pq.s)
    print(f"irregular signal {start} to {stop} s: {len(piece)} samples, mean {float(np.mean(piece.magnitude)):g} mV")
    check(len(piece) == (2 if start == 0.5 else 5), f"time_slice({start} s, {stop} s)")

trace = neo.AnalogSignal(np.zeros((4000, 1)), units="mV", sampling_rate=1 * pq.kHz, t_start=1 * pq.s)
for start in (None, 1 * pq.s):
    end = float(trace.time_slice(start, 2 * pq.s).t_stop.rescale("s"))
    print(f"trace of 1 to 5 s, time_slice({start}, 2 s) ends at {end:g} s")
    check(abs(end - (3 if start is None else 2)) < 1e-9, f"time_slice({start}, 2 s)")
print("seen as described")
PY
"$work/venv/bin/python" "$work/probe.py"
