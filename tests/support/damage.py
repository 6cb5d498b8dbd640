"""Genuine small recordings in every format, ways of damaging them, and what reading the result does.

    PYTHONPATH=tests python -m support.damage NAME N [SEED [FIRST]]

reads N damaged files of a format (a name of `WRITERS`), from the case FIRST on, and prints those that are
neither read nor refused with a reason. If the process ends by a signal, the last case on stderr is to blame.
"""

import faulthandler
import resource
import signal
import sys
import tempfile
import traceback
import warnings
from datetime import UTC, datetime
from pathlib import Path

import neo
import numpy as np
import pynwb
import quantities as pq
from pynwb.icephys import CurrentClampSeries
from scipy.io import savemat

from elephant_dic.recordings import RecordingError, inspect_recording, read_spiketrains
from support.nwb_files import add_electrode, add_rows, new_nwb, response, stimulus, write_nwb, write_version_1
from support.patch_files import add_tags, igor_wave, write_axograph, write_ibw, write_pxp, write_wcp
from support.sorter_files import (
    cells_of,
    write_mclust,
    write_ncs,
    write_neuralynx_events,
    write_nex,
    write_nse,
    write_phy,
    write_spikeinterface,
)
from support.vendor_files import (
    membrane_potential,
    spike2_structs,
    write_abf1,
    write_abf2,
    write_matlab_73,
    write_nev,
    write_plx,
    write_smr,
)

LONGEST = 20  # s of computing that a small file may take
MEMORY = 6 * 2**30  # bytes that reading may take
RATE = 10e3
SWEEPS = np.stack([membrane_potential(times, 0.2, RATE) for times in ([0.05, 0.12], [0.1])])
STEPS = {"epochs": [(1, 0, 0, 200, 0), (1, -50, 50, 800, 0)]}
RECORDS = [np.stack([sweep, 0 * sweep], axis=1) for sweep in SWEEPS]
COLUMNS = [column for sweep in SWEEPS for column in (("Vm (mV)", sweep), ("I (pA)", 0 * sweep))]
WAVES = [igor_wave(f"Vm_{k}", sweep, step=1 / RATE) for k, sweep in enumerate(SWEEPS)]


def _abf1(path):
    write_abf1(path, {("Vm", "mV"): SWEEPS, ("I", "pA"): SWEEPS}, RATE, outputs=[STEPS])


def _abf2(path):
    write_abf2(path, {("Vm", "mV"): SWEEPS, ("I", "pA"): SWEEPS}, RATE, outputs=[STEPS])


def _abf_at_rest(path):
    """Its current is read from its channel; it has tags."""
    write_abf2(path, {("Vm", "mV"): SWEEPS, ("I", "pA"): 0 * SWEEPS}, RATE, outputs=[{}])
    add_tags(path, [(100, "drug"), (3000, "wash")])


def _smr(path):
    unit = {"title": "MU", "times": [0.02, 0.05, 0.1, 0.15], "codes": [1, 2, 1, 0]}
    event = {"title": "stim", "times": [0.01, 0.03]}
    write_smr(path, [{"title": "Vm", "pieces": [(0.0, SWEEPS[0])], "rate": RATE}, unit, event])


def _nwb(path):
    file = pynwb.NWBFile("test", "test", datetime(2026, 1, 4, tzinfo=UTC))
    file.add_unit(spike_times=[0.5, 1.0, 2.5], obs_intervals=[[0.0, 1.5], [2.0, 3.0]])
    file.add_unit(spike_times=[0.25, 0.7], obs_intervals=[[0.0, 1.5]])
    electrode = file.create_icephys_electrode(name="pipette", description="", device=file.create_device("a"))
    file.add_acquisition(
        CurrentClampSeries(name="sweep", data=SWEEPS[0] / 1e3, electrode=electrode, gain=1.0, rate=RATE)
    )
    with pynwb.NWBHDF5IO(path, "w") as io:
        io.write(file)


def _nwb_rows(path):
    file, potential = new_nwb(), SWEEPS.ravel()
    electrode = add_electrode(file)
    given = np.where(np.arange(potential.size) % 2000 < 1000, 0.0, 20.0)
    series = response("v", electrode, potential, rate=RATE), stimulus("i", electrode, given, rate=RATE)
    add_rows(file, electrode, *series, SWEEPS.shape[1])
    file.add_unit_column("quality", "")
    file.create_processing_module("ecephys", "").add(pynwb.misc.Units(name="curated", description=""))
    file.processing["ecephys"]["curated"].add_unit(spike_times=[0.5, 1.0, 2.5])
    file.add_unit(spike_times=[0.25, 0.7], quality="good")
    file.add_trial(start_time=0.0, stop_time=1.0)
    write_nwb(path, file)


def _nwb_1(path):
    write_version_1(path, [[0.05, 0.12], [0.1]], [("unit_0", [0.1, 0.5, 2.5])])


def _block():
    block, segment = neo.Block(), neo.Segment()
    block.segments.append(segment)
    segment.spiketrains.append(neo.SpikeTrain([0.05, 0.12], units="s", t_stop=0.2, name="A", depth=3.5))
    segment.analogsignals.append(
        neo.AnalogSignal(SWEEPS[0], units="mV", sampling_rate=RATE * pq.Hz, name="Vm")
    )
    segment.events.append(neo.Event([0.1] * pq.s, labels=np.array(["on"]), name="drug"))
    return block


def _nix(path):
    with neo.NixIO(str(path), mode="ow") as io:
        io.write_block(_block())


def _structs():
    structs = spike2_structs()
    structs["V1_Ch1"]["values"] = SWEEPS[0][:, np.newaxis]
    return structs


_VARIABLES = [
    {"kind": 0, "name": "unit", "times": [0.5, 1.25, 2.0]},
    {"kind": 1, "name": "beep", "times": [1.0]},
    {
        "kind": 5,
        "name": "AD",
        "times": [0.5],
        "samples": np.arange(50),
        "sampling": 1e3,
        "scale": 1.0,
        "shift": 0.0,
    },
]


def _phy(folder):
    write_phy(
        folder, np.array([3000, 6000, 9000, 12000]), np.array([0, 1, 0, 2]),
        tables={"cluster_group.tsv": "cluster_id\tgroup\n0\tgood\n2\tnoise\n"},
    )  # fmt: skip


def _sorting(folder, form="numpy"):
    spikes = [(3000, 0, 0), (6000, 1, 0), (9000, 0, 0), (12000, 2, 0)]
    write_spikeinterface(folder, spikes, form=form, properties={"quality": ["good", "mua", "noise"]})


def _archive(folder):
    _sorting(folder, "npz")


def _session(folder):
    folder.mkdir(exist_ok=True)
    write_nse(folder / "SE1.nse", [100.5, 101.0, 101.25, 102.0], [1, 1, 0, 2])
    write_neuralynx_events(folder / "Events.nev", [100.0, 101.0, 103.0], [b"a", b"b", b"a"])
    write_ncs(folder / "CSC1.ncs", 100.0, 3)


#: Name of a genuine file, and what writes it.
WRITERS = {
    "version1.abf": _abf1,
    "version2.abf": _abf2,
    "rest.abf": _abf_at_rest,
    "records.wcp": lambda path: write_wcp(path, RECORDS, times=[0.0, 0.5]),
    "columns.axgx": lambda path: write_axograph(path, COLUMNS, 1 / RATE),
    "columns.axgd": lambda path: write_axograph(path, COLUMNS, 1 / RATE, version=2),
    "wave.ibw": lambda path: write_ibw(path, "Vm", SWEEPS.T, step=1 / RATE),
    "waves.pxp": lambda path: write_pxp(path, WAVES, folder="cell"),
    "spike2.smr": _smr,
    "cell.nwb": _nwb,
    "rows.nwb": _nwb_rows,
    "version1.nwb": _nwb_1,
    "cell.nix": _nix,
    "plexon.plx": lambda path: write_plx(path, [0.1, 0.5, 0.7, 1.2], [1, 1, 0, 2]),
    "blackrock.nev": lambda path: write_nev(path, [0.1, 0.5, 0.7, 1.2], [1, 1, 0, 2]),
    "version73.mat": lambda path: write_matlab_73(path, _structs()),
    "version5.mat": lambda path: savemat(path, _structs()),
    "block.mat": lambda path: neo.io.NeoMatlabIO(str(path)).write_block(_block()),
    "times.csv": lambda path: path.write_text("A,B\n1,2.5\n3,4\n5.25,\n"),
    "times.txt": lambda path: path.write_text("# times\n0.5\n1.25\n2\n"),
    "long.csv": lambda path: path.write_text("unit,time\n1,0.5\n1,1.5\n2,0.75\n2,2\n2,2.5\n"),
    "lines.txt": lambda path: path.write_text("0.5 0.75 1.25 1.5\n0.25 1 1.75\n"),
    "spike2.txt": lambda path: path.write_text('"CHANNEL"\t"3"\n"Evt+"\n""\n"nw-3"\n\n0.5\n1.25\n2\n'),
    "times.npy": lambda path: np.save(path, np.array([0.5, 1.25, 2.0])),
    "cells.mat": lambda path: savemat(
        path, {"spikes": {"times": cells_of([np.arange(3.0), np.arange(5.0)])}}
    ),
    "classes.mat": lambda path: savemat(path, {"cluster_class": np.array([[1, 5.0], [2, 7.0], [1, 9.0]])}),
    "TT1.t": lambda path: write_mclust(path, [0.5, 1.25, 2.0]),
    "cell.nex": lambda path: write_nex(path, _VARIABLES),
    "cell.nex5": lambda path: write_nex(path, _VARIABLES),
    "SE1.nse": lambda path: write_nse(path, [100.5, 101.0, 101.25, 102.0], [1, 1, 0, 2]),
}
#: The same of files that make a recording with others in their folder.
FOLDERS = {
    f"{folder}/{name}": write
    for folder, write, names in (
        ("phy", _phy, ("spike_times.npy", "spike_clusters.npy", "params.py", "cluster_group.tsv")),
        ("sorting", _sorting, ("spikes.npy", "numpysorting_info.json", "properties/quality.npy")),
        ("archive", _archive, ("sorting_cached.npz",)),
        ("session", _session, ("SE1.nse", "Events.nev", "CSC1.ncs")),
    )
    for name in names
}


def written(name, folder):
    """The bytes of a genuine file; the others of its folder stay there."""
    path = Path(folder, name)
    if name in FOLDERS:
        FOLDERS[name](recording_of(name, folder))
    else:
        WRITERS[name](path)
    content = path.read_bytes()
    path.unlink()
    return content


def recording_of(name, folder):
    """What is read: a file, or the folder that it lies in."""
    return Path(folder, name.split("/")[0])


def damaged(content, rng):
    """The content cut, or with wrong bytes in one of several ways."""
    way, n = rng.integers(6), len(content)
    start = int(rng.integers(n))
    stop = min(n, start + int(rng.integers(1, 65)))
    if way == 0:
        return content[:start]
    changed = bytearray(content)
    if way == 1:  # bits flipped in up to 16 places
        for k in rng.integers(n, size=rng.integers(1, 17)):
            changed[k] ^= 1 << rng.integers(8)
    elif way == 2:  # up to 16 bytes
        for k in rng.integers(n, size=rng.integers(1, 17)):
            changed[k] = rng.integers(256)
    elif way == 3:  # a number that is extreme
        changed[start : start + 4] = (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", bytes(4))[rng.integers(3)]
    elif way == 4:  # a stretch lost
        del changed[start:stop]
    else:  # a stretch in its place that is from elsewhere in the file
        other = int(rng.integers(n))
        changed[start:stop] = content[other : other + stop - start]
    return bytes(changed)


def read_damaged(path):
    """What reading a file does: "read", or the reason why it is refused; any other error is raised."""
    time_unit = "s" if path.suffix in (".csv", ".txt", ".npy") else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            inspect_recording(path, time_unit=time_unit)
            read_spiketrains(path, time_unit=time_unit)
        except RecordingError as error:
            name, _, reason = str(error).partition(": ")
            if name != path.name or len(reason) < 10:
                raise AssertionError(f"no reason: {error}") from error
            return reason
    return "read"


def main(name, n, seed=0, first=0):
    """Read damaged files of a format; print and count failures, in a process that may be lost."""
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    failures, n_read = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        content, path = written(name, folder), Path(folder, name)
        for k in range(first, n):
            path.write_bytes(damaged(content, np.random.default_rng([seed, k])))
            print(f"case {k}", file=sys.stderr, flush=True)
            signal.setitimer(signal.ITIMER_PROF, LONGEST)  # kills this process, in C code too
            try:
                n_read += read_damaged(recording_of(name, folder)) == "read"
            except Exception:
                failures += 1
                print(f"--- {name}, seed {seed}, case {k}")
                traceback.print_exc(file=sys.stdout)
            signal.setitimer(signal.ITIMER_PROF, 0)
    n_refused = n - first - n_read - failures
    print(f"{name}: {n - first} cases, {n_read} read, {n_refused} refused, {failures} failures")
    return failures


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1], *map(int, sys.argv[2:]))))
