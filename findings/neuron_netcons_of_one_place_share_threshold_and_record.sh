#!/usr/bin/env bash
# neuron 9.0.2 (with numpy 2.3.5)
#
# Subject:  two NetCons that listen to the voltage at the same place, each with its threshold and its record vector.
# Guess:    each keeps its own. Of a voltage that goes up to 0 mV the NetCon with -20 mV hears one spike and that with
#           +20 mV none; with -20 mV for both, both vectors get the spike.
# Observed: both have the threshold that was set last: after -20 for the first and +20 for the second, both say 20 and
#           nothing is heard. With -20 for both, the first vector stays EMPTY and the second gets the spike.
#           NetCon(source, target, threshold, delay, weight) changes the threshold of an earlier one as well. On two
#           places of the section (nseg = 3) each keeps its own.
# Why:      threshold and record vector belong to the source, of which there is one for each place.
# Matters:  a recorder of spikes that a tool adds with its own threshold changes which spikes drive the synapses, and takes
#           the spikes away from a vector that was recording there: that cell seems to have fallen silent.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check neuron==9.0.2 numpy==2.3.5

cat > "$work/probe.py" <<'PY'
from importlib.metadata import version

from neuron import h

print("; ".join(f"{name} {version(name)}" for name in ("neuron", "numpy")))
h.load_file("stdrun.hoc")


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


section = h.Section(name="section")
section.nseg = 3
clamps = [h.SEClamp(section(place)) for place in (1 / 6, 0.5, 5 / 6)]
for clamp in clamps:
    clamp.dur1, clamp.amp1, clamp.dur2, clamp.amp2 = 5, -65, 5, 0  # up to 0 mV at 5 ms


def hear(places, thresholds, by_arguments=False):
    connections, vectors = [], []
    for place, threshold in zip(places, thresholds):
        if by_arguments:
            connection = h.NetCon(section(place)._ref_v, None, threshold, 1, 0, sec=section)
        else:
            connection = h.NetCon(section(place)._ref_v, None, sec=section)
            connection.threshold = threshold
        connections.append(connection)
        vectors.append(h.Vector())
        connection.record(vectors[-1])
    h.finitialize(-65)
    h.continuerun(10)
    kept = [connection.threshold for connection in connections]
    counts = [int(vector.size()) for vector in vectors]
    print(f"at {places}, thresholds set {thresholds}, kept {kept}, spikes recorded {counts}")
    return kept, counts


check(hear((0.5, 0.5), (-20, 20)) == ([20, 20], [0, 0]), "thresholds -20 and 20 at one place")
check(hear((0.5, 0.5), (-20, 20), by_arguments=True) == ([20, 20], [0, 0]), "the same by arguments")
check(hear((0.5, 0.5), (20, -20)) == ([-20, -20], [0, 1]), "thresholds 20 and -20 at one place")
check(hear((0.5, 0.5), (-20, -20)) == ([-20, -20], [0, 1]), "two vectors at one place")
check(hear((0.1, 0.9), (-20, 20)) == ([-20, 20], [1, 0]), "thresholds at two places")
check(hear((0.1, 0.9), (-20, -20)) == ([-20, -20], [1, 1]), "vectors at two places")
print("seen as described")
PY
"$work/venv/bin/python" "$work/probe.py"
