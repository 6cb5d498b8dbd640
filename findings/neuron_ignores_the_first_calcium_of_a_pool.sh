#!/usr/bin/env bash
# neuron 9.0.2 (with numpy 2.3.5)
#
# Subject:  the calcium with which a pool in a mechanism (.mod file) begins, when its PARAMETER block says cai0 and it has no INITIAL.
# Guess:    a STATE x begins at x0, which PARAMETER may set: that is how states of NMODL begin. So cai begins at the 0.002 mM of cai0.
# Observed: cai begins at 5e-05 mM, the value of NEURON's own global cai0_ca_ion, while the mechanism has a cai0 of 0.002 that can be read
#           and set and does nothing. A state of any other name, in the same file, begins at its x0. With `INITIAL { cai = cai0 }` it is 0.002.
# Why:      a variable that USEION names belongs to the ion: before the mechanisms begin, it is set to the ion's own value.
# Matters:  pools are shared as files with cai0 and without INITIAL: calcium, and all that it opens, is up to forty times lower at
#           the start than what the file says, without a word.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check neuron==9.0.2 numpy==2.3.5 setuptools==80.9.0

mkdir "$work/mechanisms"
pool() {
    cat <<MOD
NEURON {
    SUFFIX $1
    USEION ca READ ica WRITE cai
    RANGE cai0, other0
}
UNITS { (mA) = (milliamp) (mM) = (milli/liter) }
PARAMETER {
    cai0 = 0.002 (mM)
    other0 = 0.5
}
ASSIGNED { ica (mA/cm2) }
STATE { cai (mM) other }
$2
BREAKPOINT { SOLVE change METHOD cnexp }
DERIVATIVE change {
    cai' = (cai0 - cai) / 80
    other' = -other / 80
}
MOD
}
pool silent "" > "$work/mechanisms/silent.mod"
pool spoken "INITIAL { cai = cai0 other = other0 }" > "$work/mechanisms/spoken.mod"
(cd "$work" && PATH="$work/venv/bin:$PATH" nrnivmodl mechanisms > "$work/build.log" 2>&1) || { cat "$work/build.log"; exit 1; }

cat > "$work/probe.py" <<'PY'
from importlib.metadata import version

from neuron import h

print("; ".join(f"{name} {version(name)}" for name in ("neuron", "numpy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


found = {}
for name in ("silent", "spoken"):
    section = h.Section(name=name)
    section.insert(name)
    mechanism = getattr(section(0.5), name)
    h.finitialize(-65)
    found[name] = (section(0.5).cai, mechanism.other)
    print(f"{name}: cai0 is {mechanism.cai0!r}, cai begins at {found[name][0]!r}, another state at {found[name][1]!r}")
check(found["silent"] == (5e-5, 0.5), "without INITIAL calcium begins at the ion's value, another state at its own")
check(found["spoken"] == (0.002, 0.5), "with INITIAL at cai0")
print("as observed")
PY
(cd "$work" && "$work/venv/bin/python" "$work/probe.py")
