#!/usr/bin/env bash
# efel 5.7.34 (with numpy 2.4.6)
#
# Subject:  time_to_first_spike of a cell that also fires before the stimulus.
# Guess:    the stimulus runs from 500 to 1500 ms and evokes spikes from 600 ms on: 100 ms, "from the start of the stimulus",
#           whatever happened before.
# Observed: 100 ms without, -400 ms with a spontaneous spike at 100 ms. inv_time_to_first_spike is -2.5 Hz,
#           time_to_second_spike -200 ms and inv_first_ISI 5 Hz instead of 10. mean_frequency (10 Hz), AP_begin_time (first
#           one at 599 ms) and the count in the stimulus stay the same, so the features speak of different spikes.
# Why:      the peaks are taken from the whole trace unless strict_stiminterval is set, while the beginnings of spikes are
#           looked for after the start of the stimulus.
# Matters:  latencies of spontaneously active cells are negative, and an optimiser that fits them is led astray. Set
#           strict_stiminterval to True, or cut the trace.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check efel==5.7.34 numpy==2.4.6

cat > "$work/probe.py" <<'PY'
from importlib.metadata import version

import efel
import numpy as np

print("; ".join(f"{name} {version(name)}" for name in ("efel", "numpy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


names = ["time_to_first_spike", "inv_time_to_first_spike", "time_to_second_spike", "inv_first_ISI", "mean_frequency",
         "AP_begin_time", "spike_count_stimint"]
time = np.arange(0, 2000, 0.1)  # ms


def features(spontaneous, strict=False):
    voltage = np.full(time.size, -70.0)
    for peak in [*spontaneous, *range(600, 1500, 100)]:
        voltage += 80 * np.exp(-0.5 * ((time - peak) / 0.5) ** 2)
    efel.reset()
    efel.set_setting("strict_stiminterval", strict)
    trace = {"T": time, "V": voltage, "stim_start": [500], "stim_end": [1500]}
    found = efel.get_feature_values([trace], names)[0]
    return [round(float(found[name][0]), 1) for name in names]


quiet, active, strict = features([]), features([100, 300]), features([100, 300], strict=True)
print(f"{'':26}{'quiet':>8}{'spikes before':>15}{'strict_stiminterval':>21}")
for name, *values in zip(names, quiet, active, strict):
    print(f"{name:26}{values[0]:8g}{values[1]:15g}{values[2]:21g}")
check(quiet == [100, 10, 200, 10, 10, 598.7, 9], "without spontaneous spikes")
check(active == [-400, -2.5, -200, 5, 10, 598.7, 9], "with spontaneous spikes")
check(strict == quiet, "with strict_stiminterval")
print("seen as described")
PY
"$work/venv/bin/python" "$work/probe.py"
