#!/usr/bin/env bash
# quantities 0.16.4 and neo 0.14.6 (with numpy 2.4.6)
#
# Subject:  a list of times that have units each, given together with a unit.
# Guess:    SpikeTrain([0.1 s, 0.2 s], units="ms") has spikes at 100 and 200 ms, or it is refused.
# Observed: the spikes are at 0.1 and 0.2 ms. Quantity([1 s, 500 ms], "ms") is 1 and 500 ms, [1 s, 500 ms] * ms likewise.
#           Event and Epoch take such lists the same way. One Quantity array in s given with units="ms" is refused by
#           SpikeTrain and turned into 100 and 200 ms by Event.
# Why:      numpy takes the bare number of each element of the list before the unit is put on.
# Matters:  lists of times arise in loops (times.append(signal.times[i])). They end up wrong by a factor of 1000, inside a
#           valid range of time, without a message.
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


def in_ms(times):
    return pq.Quantity(times).rescale("ms").magnitude.tolist()


times = [0.1 * pq.s, 0.2 * pq.s]
mixed = [1 * pq.s, 500 * pq.ms]
seen = {
    "SpikeTrain of a list": in_ms(neo.SpikeTrain(times, units="ms", t_stop=1000).times),
    "Event of a list": in_ms(neo.Event(times, units="ms", labels=["a", "b"]).times),
    "Epoch of a list": in_ms(neo.Epoch(times, durations=[1, 1], units="ms").times),
    "Quantity of a mixed list": in_ms(pq.Quantity(mixed, "ms")),
    "mixed list * ms": in_ms(mixed * pq.ms),
    "Event of one array in s": in_ms(neo.Event([0.1, 0.2] * pq.s, units="ms", labels=["a", "b"]).times),
}
for label, found in seen.items():
    print(f"{label:26s} {found} ms")
for label in ("SpikeTrain of a list", "Event of a list", "Epoch of a list"):
    check(np.allclose(seen[label], [0.1, 0.2]), label)
for label in ("Quantity of a mixed list", "mixed list * ms"):
    check(np.allclose(seen[label], [1, 500]), label)
check(np.allclose(seen["Event of one array in s"], [100, 200]), "Event of one array in s")
try:
    neo.SpikeTrain([0.1, 0.2] * pq.s, units="ms", t_stop=1000)
except ValueError as error:
    print("SpikeTrain of one array in s: ValueError:", error)
else:
    check(False, "SpikeTrain of one array in s is no longer refused")
print("seen as described")
PY
"$work/venv/bin/python" "$work/probe.py"
