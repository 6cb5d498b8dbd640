#!/usr/bin/env bash
# neo 0.14.6 (with quantities 0.16.4, numpy 2.4.6)
#
# Subject:  the times of a slice of an AnalogSignal.
# Guess:    signal[-100:] holds the last 100 samples and starts at the time of its first sample. signal[::10] has a tenth
#           of the sampling rate.
# Observed: for a signal of 1 s at 1 kHz that starts at 5 s, signal[-100:] holds the right samples but says t_start 4.9 s,
#           before the signal itself: every time is early by the length of the whole signal (1 s). signal[-100:, 0] does
#           the same; signal[900:] is right. signal[::10] keeps 1 kHz and so says it ends at 5.1 s, while signal[::10, :]
#           has 100 Hz.
# Why:      t_start is moved by start * sampling period with the start as written, negative or not. The step is looked at
#           only where the index is a tuple.
# Matters:  spikes found in the tail of a recording get times from before the recording, and intervals in a thinned trace
#           shrink by the step. Nothing is reported.
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


def seconds(time):
    return float(time.rescale("s").magnitude)


# One spike, at 5.95 s.
volts = np.full((1000, 1), -60.0)
volts[950] = 20.0
signal = neo.AnalogSignal(volts, units="mV", sampling_rate=1 * pq.kHz, t_start=5 * pq.s)


def spike_time(piece):
    return seconds(piece.times[int(np.argmax(piece.magnitude))])


for label, piece in (("signal", signal), ("signal[900:]", signal[900:]), ("signal[-100:]", signal[-100:]),
                     ("signal[-100:, 0]", signal[-100:, 0])):
    print(f"{label:18s} {len(piece):5d} samples, t_start {seconds(piece.t_start):.3f} s, spike at {spike_time(piece):.3f} s")
check(np.array_equal(signal[-100:].magnitude, signal[900:].magnitude), "samples of signal[-100:]")
check(abs(spike_time(signal[900:]) - 5.95) < 1e-9, "time in signal[900:]")
check(abs(seconds(signal[-100:].t_start) - 4.9) < 1e-9, "t_start of signal[-100:] is no longer 4.9 s")
check(abs(spike_time(signal[-100:]) - 4.95) < 1e-9, "time in signal[-100:] is no longer one signal length early")
check(abs(seconds(signal[-100:, 0].t_start) - 4.9) < 1e-9, "t_start of signal[-100:, 0] is no longer 4.9 s")

thin, thin_columns = signal[::10], signal[::10, :]
for label, piece in (("signal[::10]", thin), ("signal[::10, :]", thin_columns)):
    rate = float(piece.sampling_rate.rescale("Hz").magnitude)
    print(f"{label:18s} {len(piece):5d} samples, {rate:g} Hz, t_stop {seconds(piece.t_stop):.3f} s")
check(len(thin) == 100 and abs(seconds(thin.t_stop) - 5.1) < 1e-9, "signal[::10] no longer keeps the sampling rate")
check(len(thin_columns) == 100 and abs(seconds(thin_columns.t_stop) - 6.0) < 1e-9, "signal[::10, :]")
print("seen as described")
PY
"$work/venv/bin/python" "$work/probe.py"
