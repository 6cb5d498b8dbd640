#!/usr/bin/env bash
# brian2 2.9.0 (with numpy 2.3.5, sympy 1.14.0), code generation by numpy
#
# Subject:  10**(-3) in the strings that Brian takes: values, thresholds, resets, synapses, equations.
# Guess:    0.001, as in Python.
# Observed: 0 in values (group.x = "10**(-3)"), in a threshold, in a reset, in on_pre and in the probability of
#           connect(p="9*10**(-1)"), which makes no connection at all. "2 * 10**(-3)" and "y * 10**(-3)" are 0 too.
#           No warning. "10.0**(-3)" and "1e-3" are 0.001. In an equation dv/dt = ... the very same text is 0.001.
# Why:      constant parts of a string are worked out beforehand, and a power of integers is taken for an integer: 0.001
#           is cut to 0, whatever the code is generated for. Equations pass through sympy first, which makes a fraction.
# Matters:  weights, probabilities and thresholds written with powers of ten vanish silently, in a model whose
#           equations with the same constants are right. Write 1e-3, or a point into the base.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check brian2==2.9.0 numpy==2.3.5 sympy==1.14.0

cat > "$work/probe.py" <<'PY'
from importlib.metadata import version

from brian2 import Network, NeuronGroup, SpikeMonitor, Synapses, ms, prefs

print("; ".join(f"{name} {version(name)}" for name in ("brian2", "numpy", "sympy")))
prefs.codegen.target = "numpy"
prefs.logging.console_log_level = "ERROR"


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


group = NeuronGroup(1, "x : 1\ny : 1")
group.y = 2
seen = {}
for text in ("10**(-3)", "2*10**(-3)", "y*10**(-3)", "10.0**(-3)", "1e-3"):
    group.x = text
    seen[text] = float(group.x[0])
    print(f"x = {text}: {seen[text]:g}")
check(seen["10**(-3)"] == seen["2*10**(-3)"] == seen["y*10**(-3)"] == 0, "a power of integers is no longer 0")
check(abs(seen["10.0**(-3)"] - 0.001) < 1e-12 and seen["1e-3"] == 0.001, "the power of a float")

spiking = NeuronGroup(1, "v : 1", threshold="v > 10**(-3)", reset="v = 5*10**(-1)")
spiking.v = 1e-4  # below the threshold as written
spikes = SpikeMonitor(spiking)
sources = NeuronGroup(10, "v : 1", threshold="True", reset="")
targets = NeuronGroup(10, "z : 1")
all_to_all = Synapses(sources, targets, on_pre="z_post += 10**(-3)")
all_to_all.connect()
nine_of_ten = Synapses(sources, targets)
nine_of_ten.connect(p="9*10**(-1)")
integrated = NeuronGroup(1, "dv/dt = 10**(-3)/ms : 1", method="euler")
Network(spiking, spikes, sources, targets, all_to_all, integrated).run(0.1 * ms)
print(f"v = 0.0001, threshold v > 10**(-3): {int(spikes.count[0])} spike, then v = {spiking.v[0]:g} (reset to 5*10**(-1))")
print(f"on_pre z += 10**(-3), ten spikes: z = {targets.z[0]:g}")
print(f'connect(p="9*10**(-1)"): {len(nine_of_ten)} of 100 connections')
print(f"dv/dt = 10**(-3)/ms over 0.1 ms: v = {integrated.v[0]:g}")
check(int(spikes.count[0]) == 1 and spiking.v[0] == 0, "threshold or reset")
check(targets.z[0] == 0 and len(nine_of_ten) == 0, "on_pre or the probability")
check(abs(integrated.v[0] - 1e-4) < 1e-12, "the equation")
print("seen as described")
PY
"$work/venv/bin/python" -W ignore "$work/probe.py"
