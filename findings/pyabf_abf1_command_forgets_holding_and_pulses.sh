#!/usr/bin/env bash
# pyabf 2.3.8 (with numpy 2.4.6)
#
# Subject:  the command waveform (ABF.sweepC) of Axon files of version 1, beside that of one protocol in version 2.
# Guess:    both versions give the same: the holding level (-20 pA) before and after the epochs, steps as steps, and
#           an epoch of the type "pulse train" as pulses.
# Observed: version 1 gives the level of the FIRST EPOCH before and after the epochs (30 pA, and never -20 pA), and a
#           pulse train as that level all along, so that no current seems to flow. Version 2 files with the same fields
#           give the holding level and the pulses. ABF.holdingCommand is 30 pA in version 1, too. No warning.
# Why:      for version 1 the initial levels of the epochs are taken for the holding levels of the outputs, and period
#           and width of the pulses are not read.
# Matters:  a cell held at -20 pA seems to rest at another current, its sweeps to be stimulated with other steps than
#           they were, and evoked spikes to be spontaneous. Read holding level and epochs from the header fields.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check pyabf==2.3.8 numpy==2.4.6

cat > "$work/probe.py" <<'PY'
import struct
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyabf

print("; ".join(f"{name} {version(name)}" for name in ("pyabf", "numpy")))
FOLDER, BLOCK, N_SWEEPS, N_SAMPLES, RATE = Path(sys.argv[1]), 512, 2, 6400, 10_000
HOLDING, FIRST, LEVEL, STEP, PULSE = -20.0, 30.0, 50.0, 1, 3  # pA; types of epochs
#: (type, level, increment, samples, increment); of a pulse train the period is 200 samples, the width 50.
PROTOCOLS = {
    "steps": [(STEP, FIRST, 0.0, 1000, 0), (STEP, LEVEL, 50.0, 2000, 0)],
    "pulses": [(STEP, FIRST, 0.0, 1000, 0), (PULSE, LEVEL, 0.0, 2000, 0)],
}
SAMPLES = np.zeros(N_SWEEPS * N_SAMPLES, dtype="<i2").tobytes()


def check(ok, text):
    if not ok:
        raise SystemExit("behaviour changed: " + text)


def write_version_1(path, epochs):
    """A header of 12 blocks with the fields of its specification, samples, and where the sweeps begin."""
    header, data = bytearray(12 * BLOCK), SAMPLES + b"\0" * (-len(SAMPLES) % BLOCK)

    def put(form, at, *values):
        struct.pack_into("<" + form, header, at, *values)

    put("4sfhi", 0, b"ABF ", 1.83, 5, N_SWEEPS * N_SAMPLES)
    put("i", 16, N_SWEEPS)
    put("i", 40, 12)
    put("2i", 92, 12 + len(data) // BLOCK, N_SWEEPS)
    put("hf", 120, 1, 1e6 / RATE)
    put("i", 138, N_SAMPLES)
    put("f", 244, 10.0)
    put("i", 252, 32768)
    put("16h", 378, *range(16))
    put("16h", 410, 0, *[-1] * 15)
    put("10s", 442, b"Vm".ljust(10))
    put("8s", 602, b"mV".ljust(8))
    for at, gain in ((730, 1.0), (922, 0.01), (1050, 1.0)):
        put("16f", at, *[gain] * 16)
    put("10s", 1306, b"Cmd 0".ljust(10))
    put("8s", 1346, b"pA".ljust(8))
    put("f", 1394, HOLDING)
    put("10i", 2136, *[200] * 10)
    put("10i", 2216, *[50] * 10)
    put("h", 2296, 1)
    put("h", 2300, 1)
    for k, epoch in enumerate(epochs):
        for at, size, form, value in zip((2308, 2348, 2428, 2508, 2588), (2, 4, 4, 4, 4), "hffii", epoch):
            put(form, at + size * k, value)
    starts = [number for sweep in range(N_SWEEPS) for number in (sweep * N_SAMPLES, N_SAMPLES)]
    path.write_bytes(bytes(header) + data + struct.pack(f"<{len(starts)}i", *starts))


def section(size, *records):
    return size, b"".join(bytes(record) for record in records)


def record(size, **fields):
    """Bytes with values at offsets: at_12="i", 5 is written as at_12=("i", 5)."""
    made = bytearray(size)
    for at, (form, value) in fields.items():
        struct.pack_into("<" + form, made, int(at.removeprefix("at_")), value)
    return made


def write_version_2(path, epochs):
    protocol = record(512, at_0=("h", 5), at_2=("f", 1e6 / RATE), at_22=("i", N_SAMPLES), at_110=("f", 10.0), at_118=("i", 32768))
    adc = record(128, at_28=("f", 1.0), at_40=("f", 0.01), at_48=("f", 1.0), at_74=("i", 2), at_78=("i", 3))
    dac = record(256, at_12=("f", HOLDING), at_20=("i", 4), at_24=("i", 5), at_40=("h", 1), at_42=("h", 1))
    table = [
        record(48, at_0=("h", k), at_4=("h", kind), at_6=("f", level), at_10=("f", more), at_14=("i", n), at_18=("i", n_more),
               at_22=("i", 200), at_26=("i", 50))
        for k, (kind, level, more, n, n_more) in enumerate(epochs)
    ]  # fmt: skip
    texts = b"SSCH\0\0" + b"\0".join((b"probe", b"Vm", b"mV", b"Cmd 0", b"pA")) + b"\0"
    starts = [number for sweep in range(N_SWEEPS) for number in (sweep * N_SAMPLES, N_SAMPLES)]
    sections = {
        76: section(512, protocol), 92: section(128, adc), 108: section(256, dac), 124: section(32, bytes(320)),
        156: section(48, *table), 220: (len(texts), texts), 236: (2, SAMPLES),
        316: section(8, struct.pack(f"<{len(starts)}i", *starts)),
    }  # fmt: skip
    header, body = bytearray(BLOCK), b""
    struct.pack_into("<4s4bII", header, 0, b"ABF2", 0, 0, 6, 2, BLOCK, N_SWEEPS)
    for at, (size, content) in sections.items():
        struct.pack_into("<IIq", header, at, 1 + len(body) // BLOCK, size, len(content) // size)
        body += content + b"\0" * (-len(content) % BLOCK)
    path.write_bytes(bytes(header) + body)


found = {}
for name, epochs in PROTOCOLS.items():
    for number, write in ((1, write_version_1), (2, write_version_2)):
        path = FOLDER / f"{name}_{number}.abf"
        write(path, epochs)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            abf = pyabf.ABF(str(path))
            abf.setSweep(0)
            command = abf.sweepC
        edges = np.flatnonzero(np.diff(command)) + 1
        found[name, number] = command[0], command[-1], len(edges), abf.holdingCommand[0], len(told)
        print(f"{name:6s} in version {number}: begins at {command[0]:g} pA, ends at {command[-1]:g} pA, {len(edges)} jumps; "
              f"holdingCommand {abf.holdingCommand[0]:g} pA; {len(told)} warnings")
check(found["steps", 2][:2] == (HOLDING, HOLDING), "version 2 begins and ends at the holding level")
check(found["steps", 1][:2] == (FIRST, FIRST), "version 1 begins and ends at the level of its first epoch")
check(found["pulses", 2][2] > 10 and found["pulses", 1][2] == 0, "pulses are there in version 2 alone")
check({each[3] for key, each in found.items() if key[1] == 1} == {FIRST}, "holdingCommand is that level, too")
check(all(each[4] == 0 for each in found.values()), "no warning is given")
print("as observed")
PY
"$work/venv/bin/python" "$work/probe.py" "$work"
