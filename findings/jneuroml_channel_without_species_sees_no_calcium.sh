#!/usr/bin/env bash
# jNeuroML 0.14.0 (inside pyNeuroML 1.3.22) and neuron 9.0.2 (with numpy 2.3.5); needs java, make and a C++ compiler
#
# Subject:  a potassium channel that is gated by calcium, in a cell that jNeuroML runs itself and exports to NEURON (-neuron).
# Guess:    the two runs agree within a mV, with or without the attribute species="k" on the channel: it is optional, the
#           cell says ion="k" where it places the channel, and -validate finds "no warnings".
# Observed: with it, both end at -79.4 mV. Without it, jNeuroML still gives -79.4 mV and NEURON -15 mV, without a message.
# Why:      a channel without species is written as a NONSPECIFIC_CURRENT, and its USEION ca READ cai is left out with the
#           other USEION. cai is then a variable of its own, which nobody sets: it is 0, and the channel never opens. (The
#           reversal potential of the placing goes to ek, which the current does not read either.)
# Matters:  a model passes validation and its own simulator, and has another electrical behaviour in NEURON. Give every
#           channel its species, also where its current needs none.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check neuron==9.0.2 numpy==2.3.5 setuptools==80.9.0
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps pyneuroml==1.3.22

cat > "$work/probe.py" <<'PY'
import os
import subprocess
import sys
from importlib.metadata import files, version
from pathlib import Path

print("; ".join(f"{name} {version(name)}" for name in ("pyneuroml", "neuron", "numpy")))
work = Path(sys.argv[1])
jar = next(file.locate() for file in files("pyneuroml") if file.name.startswith("jNeuroML-0.14.0"))

CELL = """<neuroml xmlns="http://www.neuroml.org/schema/neuroml2" id="probe">
<ionChannelHH id="leak" conductance="10pS"/>
<ionChannelHH id="kca" conductance="10pS" SPECIES><gate id="m" type="gateHHtauInf" instances="4">
  <timeCourse type="fixedTimeCourse" tau="10ms"/><steadyState type="by_calcium"/></gate></ionChannelHH>
<ionChannelHH id="kdr" conductance="10pS" species="k"><gateHHtauInf id="n" instances="4">
  <timeCourse type="fixedTimeCourse" tau="5ms"/>
  <steadyState type="HHSigmoidVariable" rate="1" midpoint="-20mV" scale="10mV"/></gateHHtauInf></ionChannelHH>
<ionChannelHH id="cal" conductance="10pS" species="ca"><gateHHtauInf id="m" instances="1">
  <timeCourse type="fixedTimeCourse" tau="5ms"/>
  <steadyState type="HHSigmoidVariable" rate="1" midpoint="-30mV" scale="8mV"/></gateHHtauInf></ionChannelHH>
<decayingPoolConcentrationModel id="pool" restingConc="5e-5 mM" decayConstant="100 ms" shellThickness="0.2 um" ion="ca"/>
<cell id="cell"><morphology id="shape"><segment id="0" name="soma"><proximal x="0" y="0" z="0" diameter="10"/>
  <distal x="10" y="0" z="0" diameter="10"/></segment></morphology>
<biophysicalProperties id="membrane"><membraneProperties>
<channelDensity id="leak_all" ionChannel="leak" condDensity="0.1mS_per_cm2" erev="-65mV" ion="non_specific"/>
<channelDensity id="kdr_all" ionChannel="kdr" condDensity="1mS_per_cm2" erev="-80mV" ion="k"/>
<channelDensity id="kca_all" ionChannel="kca" condDensity="5mS_per_cm2" erev="-80mV" ion="k"/>
<channelDensityNernst id="cal_all" ionChannel="cal" condDensity="0.5mS_per_cm2" ion="ca"/>
<spikeThresh value="-20mV"/><specificCapacitance value="1uF_per_cm2"/><initMembPotential value="-60mV"/>
</membraneProperties><intracellularProperties>
<species id="ca" ion="ca" concentrationModel="pool" initialConcentration="5e-5 mM" initialExtConcentration="2 mM"/>
<resistivity value="0.1kohm_cm"/></intracellularProperties></biophysicalProperties></cell>
<network id="net" type="networkWithTemperature" temperature="20degC">
<population id="cells" component="cell" type="populationList" size="1"><instance id="0"><location x="0" y="0" z="0"/></instance>
</population></network>
<ComponentType name="by_calcium" extends="baseVoltageConcDepVariable">
<Constant name="UNIT" dimension="concentration" value="1 mM"/>
<Dynamics><DerivedVariable name="ca" dimension="none" value="caConc / UNIT"/>
<DerivedVariable name="x" exposure="x" dimension="none" value="ca / (ca + 0.001)"/></Dynamics></ComponentType>
</neuroml>
"""
SIMULATION = """<Lems><Target component="sim"/><Include file="Cells.xml"/><Include file="Networks.xml"/>
<Include file="Simulation.xml"/><Include file="cell.nml"/>
<Simulation id="sim" length="200ms" step="0.01ms" target="net"><OutputFile id="file" fileName="v.dat">
<OutputColumn id="v" quantity="cells/0/cell/v"/></OutputFile></Simulation></Lems>
"""


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


def resting(name, species):
    """Return the last potential in mV by jNeuroML and by NEURON, and the ions of the mod file."""
    folder = work / name
    folder.mkdir()
    (folder / "cell.nml").write_text(CELL.replace("SPECIES", species))
    (folder / "LEMS_probe.xml").write_text(SIMULATION)

    def run(*command):
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
        if done.returncode:
            raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")
        return done.stdout

    def last_potential():
        return 1000 * float((folder / "v.dat").read_text().split()[-1])

    valid = "All valid and no warnings" in run("java", "-Xmx400m", "-jar", jar, "-validate", "cell.nml")
    run("java", "-Xmx400m", "-jar", jar, "LEMS_probe.xml", "-nogui")
    by_jneuroml = last_potential()
    (folder / "v.dat").unlink()
    run("java", "-Xmx400m", "-jar", jar, "LEMS_probe.xml", "-neuron")
    run("nrnivmodl")
    run(sys.executable, "LEMS_probe_nrn.py")
    by_neuron = last_potential()
    lines = [line.strip() for line in (folder / "kca.mod").read_text().splitlines()]
    ions = [line for line in lines if line.startswith(("USEION", "NONSPECIFIC"))]
    print(f"{species or 'no species'}: valid {valid}; jNeuroML {by_jneuroml:.1f} mV, NEURON {by_neuron:.1f} mV; {ions}")
    check(valid and abs(by_jneuroml + 79.5) < 0.5, "jNeuroML itself")
    return by_neuron, any("USEION ca" in ion for ion in ions)


potential, reads_calcium = resting("with", 'species="k"')
check(abs(potential + 79.5) < 0.5 and reads_calcium, "with a species")
potential, reads_calcium = resting("without", "")
check(-20 < potential < 0 and not reads_calcium, "without a species the channel sees the calcium now")
print("seen as described")
PY
"$work/venv/bin/python" -W ignore "$work/probe.py" "$work"
