#!/usr/bin/env bash
# pynapple 0.11.4 reading files of pynwb 4.2.0 (with hdmf 6.2.0, h5py 3.16.0, numpy 2.4.6)
#
# Subject:  the values of an ElectricalSeries or TimeSeries that pynapple loads from NWB. The format defines the value in the
#           given unit as data * conversion (* channel_conversion) + offset.
# Guess:    pynapple.load_file(...)["voltage"] holds volts.
# Observed: it holds the stored 16 bit integers. conversion, channel_conversion, offset and unit are not applied and not
#           handed on: a step of 20 mV, stored as 200 with conversion 1e-4 and offset -0.07, reads as 200. Two channels
#           whose gains differ by a factor of ten, and which carry the same voltage, differ by a factor of ten.
# Why:      only data and timestamps are taken from the series.
# Matters:  recordings of rigs are stored as integers nearly always. Thresholds in volts find nothing, and channels (or
#           files) with other gains look like cells of other size. Take the factors from pynwb.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check \
    pynapple==0.11.4 pynwb==4.2.0 hdmf==6.2.0 h5py==3.16.0 numpy==2.4.6

cat > "$work/probe.py" <<'PY'
import sys
from datetime import datetime, timezone
from importlib.metadata import version

import numpy as np
import pynapple
from pynwb import NWBHDF5IO, NWBFile, TimeSeries
from pynwb.ecephys import ElectricalSeries

print("; ".join(f"{name} {version(name)}" for name in ("pynapple", "pynwb", "hdmf", "h5py", "numpy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


content = NWBFile(session_description="probe", identifier="probe", session_start_time=datetime(2020, 1, 1, tzinfo=timezone.utc))
group = content.create_electrode_group(name="group", description="probe", location="cortex",
                                       device=content.create_device(name="rig"))
for _ in range(2):
    content.add_electrode(group=group, location="cortex")
electrodes = content.create_electrode_table_region(region=[0, 1], description="both")
content.add_acquisition(TimeSeries(name="voltage", data=np.array([0, 0, 200, 200], dtype=np.int16), unit="volts", rate=10.0,
                                   conversion=1e-4, offset=-0.07))
content.add_acquisition(ElectricalSeries(name="field", data=np.array([[100, 10], [300, 30]], dtype=np.int16), rate=10.0,
                                         electrodes=electrodes, conversion=1e-6, channel_conversion=[1.0, 10.0]))
path = sys.argv[1]
with NWBHDF5IO(path, "w") as io:
    io.write(content)

with NWBHDF5IO(path, "r") as io:
    read = io.read().acquisition
    voltage = read["voltage"].get_data_in_units()
    field = read["field"].get_data_in_units()
loaded = pynapple.load_file(path)
raw_voltage, raw_field = (np.asarray(loaded[name].values) for name in ("voltage", "field"))
print(f"voltage: in volts by pynwb {voltage}, by pynapple {raw_voltage} ({raw_voltage.dtype})")
print(f"field:   in volts by pynwb {field.tolist()}, by pynapple {raw_field.tolist()}")
check(np.allclose(voltage, [-0.07, -0.07, -0.05, -0.05]) and np.allclose(field, [[1e-4] * 2, [3e-4] * 2]), "pynwb")
check(raw_voltage.tolist() == [0, 0, 200, 200], "the conversion of a TimeSeries is applied")
check(raw_field.tolist() == [[100, 10], [300, 30]], "the conversions of an ElectricalSeries are applied")
print("seen as described")
PY
"$work/venv/bin/python" -W ignore "$work/probe.py" "$work/probe.nwb"
