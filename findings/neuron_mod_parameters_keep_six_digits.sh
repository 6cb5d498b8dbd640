#!/usr/bin/env bash
# neuron 9.0.2 (with numpy 2.3.5)
#
# Subject:  the default value of a PARAMETER in a mechanism (.mod file) compiled by nrnivmodl, for CPU.
# Guess:    a number is kept as it is written, in double precision: PARAMETER { e = 123.8869 (mV) } is 123.8869 mV.
# Observed: it is 123.887: six digits are kept, rounded, without a word. 1234567.8 becomes 1.23457e+06, a factor of
#           96485.33212 becomes 96485.3. The same literal written into an equation (a LOCAL set in INITIAL) is exact, and so
#           is a value set from Python after the section has been made.
# Why:      the translator of mod files writes the defaults into its C++ file with six significant digits.
# Matters:  reversal potentials, half activations and constants of nature are changed in the sixth digit: spike times of a
#           model drift by fractions of a ms within seconds, and two simulators never agree. Set parameters from outside,
#           or write constants into the equations.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check neuron==9.0.2 numpy==2.3.5 setuptools==80.9.0

mkdir "$work/mechanisms"
cat > "$work/mechanisms/digits.mod" <<'MOD'
NEURON {
    SUFFIX digits
    NONSPECIFIC_CURRENT i
    RANGE e, large, faraday, written
}
UNITS { (mA) = (milliamp) (mV) = (millivolt) }
PARAMETER {
    e = 123.8869 (mV)
    large = 1234567.8
    faraday = 96485.33212
}
ASSIGNED { v (mV) i (mA/cm2) written }
INITIAL { written = 123.8869 }
BREAKPOINT { i = 0 }
MOD
(cd "$work" && PATH="$work/venv/bin:$PATH" nrnivmodl mechanisms > "$work/build.log" 2>&1) || { cat "$work/build.log"; exit 1; }

cat > "$work/probe.py" <<'PY'
from importlib.metadata import version

from neuron import h

print("; ".join(f"{name} {version(name)}" for name in ("neuron", "numpy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


section = h.Section(name="soma")
section.insert("digits")
mechanism = section(0.5).digits
h.finitialize(-65)
written = {"e": 123.8869, "large": 1234567.8, "faraday": 96485.33212}
found = {name: getattr(mechanism, name) for name in written}
for name, value in written.items():
    print(f"{name:8s} written {value!r:12}, is {found[name]!r}")
print(f"in an equation: {mechanism.written!r}")
check(found == {"e": 123.887, "large": 1234570.0, "faraday": 96485.3}, "defaults have six digits")
check(mechanism.written == 123.8869, "a literal in an equation is exact")
mechanism.e = 123.8869
check(mechanism.e == 123.8869, "a value that is set is exact")
print("as observed")
PY
(cd "$work" && "$work/venv/bin/python" "$work/probe.py")
