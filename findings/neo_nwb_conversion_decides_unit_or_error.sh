#!/usr/bin/env bash
# neo 0.14.6 reading files of pynwb 4.2.0 (with hdmf 6.2.0, h5py 3.16.0, quantities 0.16.4, numpy 2.4.6)
#
# Subject:  a TimeSeries or ElectricalSeries that pynwb wrote, read by neo.NWBIO. The format defines the value in the given
#           unit as data * conversion + offset.
# Guess:    the values come in volts (or an equal multiple), for any conversion, offset and spelling of the unit.
# Observed: unit "volts", conversion 1e-3: stored 0, 1, 2 reads as 0, 1, 2 mV, right. With an offset of 1 V as well it reads
#           the same, 1 V too low. Unit "V" and 1e-3: 0, 1, 2 WITHOUT unit, a line on standard output. Conversion 1.95e-7 (an
#           amplifier with 0.195 uV per bit): ValueError. Any ElectricalSeries: ValueError about an annotation.
# Why:      the factor is turned into a prefix that is put before the name of the unit ("milli" + "V"), for powers of 1000
#           only. The table of electrodes of an ElectricalSeries is handed over as an annotation, which may not be one.
# Matters:  neo reads the NWB files that neo writes. Of others it reads few, and some of those with wrong values. Read them
#           with pynwb (get_data_in_units).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check \
    neo==0.14.6 quantities==0.16.4 pynwb==4.2.0 hdmf==6.2.0 h5py==3.16.0 numpy==2.4.6

cat > "$work/probe.py" <<'PY'
import sys
from datetime import datetime, timezone
from importlib.metadata import version

import neo
import numpy as np
from pynwb import NWBHDF5IO, NWBFile, TimeSeries
from pynwb.ecephys import ElectricalSeries

print("; ".join(f"{name} {version(name)}" for name in ("neo", "pynwb", "hdmf", "h5py", "quantities", "numpy")))


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


def read(number, electrical=False, **fields):
    path = f"{sys.argv[1]}/{number}.nwb"
    start = datetime(2020, 1, 1, tzinfo=timezone.utc)
    content = NWBFile(session_description="probe", identifier="probe", session_start_time=start)
    if electrical:
        group = content.create_electrode_group(name="group", description="probe", location="cortex",
                                               device=content.create_device(name="rig"))
        content.add_electrode(group=group, location="cortex")
        fields["electrodes"] = content.create_electrode_table_region(region=[0], description="one")
    kind, shape = (ElectricalSeries, (3, 1)) if electrical else (TimeSeries, (3,))
    data = np.arange(3, dtype=np.int16).reshape(shape)
    content.add_acquisition(kind(name="series", data=data, rate=10.0, **fields))
    with NWBHDF5IO(path, "w") as io:
        io.write(content)
    fields.pop("electrodes", None)
    try:
        signal = neo.NWBIO(path, "r").read_block().segments[0].analogsignals[0]
        found = (signal.magnitude.ravel().tolist(), signal.units.dimensionality.string)
    except ValueError as error:
        found = "ValueError: " + str(error)
    print(f"{'ElectricalSeries' if electrical else 'TimeSeries'} {fields}: {found}")
    return found


check(read(1, unit="volts", conversion=1e-3) == ([0, 1, 2], "mV"), "unit volts")
check(read(2, unit="volts", conversion=1e-3, offset=1.0) == ([0, 1, 2], "mV"), "the offset is applied")
check(read(3, unit="V", conversion=1e-3) == ([0, 1, 2], "dimensionless"), "unit V")
check("conversion factor" in read(4, unit="volts", conversion=1.95e-7), "a conversion that is no power of 1000")
check("annotation" in read(5, electrical=True, conversion=1e-6), "an ElectricalSeries")
print("seen as described")
PY
"$work/venv/bin/python" -W ignore "$work/probe.py" "$work"
