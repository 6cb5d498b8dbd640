#!/usr/bin/env bash
# efel 5.7.34 (with numpy 2.4.6)
#
# Subject:  the features of bursts for a trace of equal bursts, 200 ms apart, with a spike each 8 ms inside (125 Hz).
# Guess:    four bursts of five spikes: spikes_per_burst [5 5 5 5], burst_mean_freq 125 Hz each. Four doublets: four
#           bursts of two, 125 Hz.
# Observed: of five: spikes_per_burst [4 5 5 5], and 156.25 Hz for all four. Doublets: three bursts, with 19.2, 250
#           and 250 Hz. With ignore_first_ISI switched off spikes_per_burst is [5 5 5 5], and burst_mean_freq of the four
#           equal bursts is [30 26 26 167] Hz.
# Why:      the first interval of a trace is left out by default, and with it the first spike; a doublet at the start loses
#           its only interval. The frequency counts spikes, and not intervals, over the time from first to last. Its
#           bursts are numbered with the first interval left out, whatever the setting says.
# Matters:  bursts look faster the fewer spikes they have (doublets twice as fast), and the first one looks unlike the
#           rest, which passes for adaptation. Compute bursts from peak_time.
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


time = np.arange(0, 2000, 0.1)  # ms


def bursts(n_spikes, ignore_first):
    voltage = np.full(time.size, -70.0)
    for start in (600, 800, 1000, 1200):
        for number in range(n_spikes):
            voltage += 80 * np.exp(-0.5 * ((time - start - 8 * number) / 0.5) ** 2)
    efel.reset()
    efel.set_setting("ignore_first_ISI", ignore_first)
    trace = {"T": time, "V": voltage, "stim_start": [500], "stim_end": [1500]}
    found = efel.get_feature_values([trace], ["spikes_per_burst", "burst_mean_freq"])[0]
    print(f"four bursts of {n_spikes}, ignore_first_ISI {ignore_first}: spikes_per_burst {found['spikes_per_burst']}, "
          f"burst_mean_freq {np.round(found['burst_mean_freq'], 2)} Hz")
    return found["spikes_per_burst"].tolist(), found["burst_mean_freq"]


for n_spikes, ignore_first, spikes, frequencies in (
    (5, True, [4, 5, 5, 5], [156.25] * 4),
    (2, True, [2, 2, 2], [19.23, 250, 250]),
    (5, False, [5, 5, 5, 5], [30, 26.04, 26.04, 166.67]),
):
    found_spikes, found_frequencies = bursts(n_spikes, ignore_first)
    check(found_spikes == spikes, f"spikes of bursts of {n_spikes}, ignore_first_ISI {ignore_first}")
    check(np.allclose(found_frequencies, frequencies, atol=0.1), f"frequencies, ignore_first_ISI {ignore_first}")
print("seen as described")
PY
"$work/venv/bin/python" "$work/probe.py"
