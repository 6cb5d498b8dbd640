"""Writers of sorters' files and folders, as the sorters and their viewers leave them."""

import json
from pathlib import Path

import h5py
import numpy as np

RATE = 30_000.0
PARAMS = "dat_path = 'raw.dat'\nn_channels_dat = 4\ndtype = 'int16'\noffset = 0\nsample_rate = 30000.\n"


def write_phy(folder, samples, clusters, *, params=PARAMS, templates=None, tables=None, n_samples=None):
    """Write a folder of Kilosort or phy; `tables` are texts of .tsv files, `n_samples` of the raw file."""
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    np.save(folder / "spike_times.npy", samples)
    for name, values in (("spike_clusters", clusters), ("spike_templates", templates)):
        if values is not None:
            np.save(folder / f"{name}.npy", values)
    if params is not None:
        (folder / "params.py").write_text(params)
    for name, text in (tables or {}).items():
        (folder / name).write_text(text)
    if n_samples:
        (folder / "raw.dat").write_bytes(bytes(2 * 4 * n_samples))
    return folder


def write_mclust(path, times, kind=">u4"):
    """Write a .t file of MClust: times in s as ticks of 0.1 ms."""
    header = f"%%BEGINHEADER\n% Program: MClust\n% File: {Path(path).name}\n%%ENDHEADER\n".encode()
    Path(path).write_bytes(header + np.round(np.multiply(times, 1e4)).astype(kind).tobytes())


def write_nex(path, variables, *, rate=40_000.0, stop=25.0, version=104):
    """Write a .nex or .nex5 file.

    `variables` are dicts of `kind` (0 unit, 1 event, 2 interval, 3 waveform, 5 signal), `name`, `times` in s,
    and for signals `samples`, `sampling`, `scale` and `shift`; `wide` for 64 bit times and floats in .nex5.
    """
    from elephant_dic.recordings.sorters.nex import _HEADERS, _VARIABLES

    magic = b"NEX5" if Path(path).suffix == ".nex5" else b"NEX1"
    header, headers = np.zeros(1, _HEADERS[magic]), np.zeros(len(variables), _VARIABLES[magic])
    header["magic"], header["version"], header["rate"] = magic, version, rate
    header["n"], header["stop"] = len(variables), round(stop * rate)
    start, body = header.nbytes + headers.nbytes, b""
    for variable, fields in zip(headers, variables, strict=True):
        wide = fields.get("wide", False)
        times = np.round(np.multiply(fields["times"], rate)).astype("<i8" if wide else "<i4")
        variable["type"], variable["version"], variable["name"] = fields["kind"], 100, fields["name"].encode()
        variable["offset"], variable["n"] = start + len(body), times.size
        body += times.tobytes()
        if magic == b"NEX5":
            variable["time_type"] = variable["sample_type"] = variable["index_type"] = wide
        if fields["kind"] == 5:
            variable["sampling"], variable["n_samples"] = fields["sampling"], len(fields["samples"])
            variable["scale"], variable["shift"] = fields["scale"], fields["shift"]
            body += np.zeros(times.size, "<i8" if wide else "<i4").tobytes()
            body += np.asarray(fields["samples"]).astype("<f4" if wide else "<i2").tobytes()
    Path(path).write_bytes(header.tobytes() + headers.tobytes() + body)


NEURALYNX = (
    "######## Neuralynx Data File Header\r\n## File Name {name}\r\n-FileType {kind}\r\n-FileVersion 3.4\r\n"
    "-CheetahRev 5.6.3\r\n-HardwareSubSystemName AcqSystem1\r\n-HardwareSubSystemType DigitalLynxSX\r\n"
    "-SamplingFrequency 32000\r\n-ADMaxValue 32767\r\n-ADBitVolts {volts}\r\n-AcqEntName {stem}\r\n"
    "-NumADChannels {n_wires}\r\n-ADChannel {channels}\r\n-InputRange 300\r\n-WaveformLength 32\r\n"
    "-AlignmentPt 8\r\n"
    "## Time Opened: (m/d/y): 1/4/2026  At Time: 12:0:0.0\r\n-TimeCreated 2026/01/04 12:00:00\r\n"
)


def _neuralynx(path, kind, records, channel=0, n_wires=1):
    channels, volts = " ".join(map(str, range(channel, channel + n_wires))), " ".join(["1e-8"] * n_wires)
    header = NEURALYNX.format(
        name=path.name, stem=path.stem, kind=kind, channels=channels, volts=volts, n_wires=n_wires
    )
    path.write_bytes(header.encode().ljust(2**14, b"\0") + records.tobytes())


def write_nse(path, times, units, *, channel=0, n_wires=1):
    """Write spikes (times in s, numbers of units) of an electrode (.nse) or a tetrode (.ntt, 4 wires)."""
    records = np.zeros(len(times), [
        ("timestamp", "<u8"), ("channel_id", "<u4"), ("unit_id", "<u4"), ("features", "<i4", 8),
        ("samples", "<i2", (32, n_wires)),
    ])  # fmt: skip
    records["timestamp"], records["unit_id"] = np.round(np.multiply(times, 1e6)), units
    records["samples"][:, 8, 0] = 1000 + np.arange(len(times))
    _neuralynx(Path(path), "Spike", records, channel, n_wires)


def write_neuralynx_events(path, times, texts):
    records = np.zeros(len(times), [
        ("reserved", "<i2"), ("system_id", "<i2"), ("data_size", "<i2"), ("timestamp", "<u8"),
        ("event_id", "<i2"), ("ttl_input", "<i2"), ("crc_check", "<i2"), ("dummy1", "<i2"),
        ("dummy2", "<i2"), ("extra", "<i4", 8), ("event_string", "S128"),
    ])  # fmt: skip
    records["timestamp"], records["event_string"] = np.round(np.multiply(times, 1e6)), texts
    _neuralynx(Path(path), "Event", records)


def write_ncs(path, start, n_records, *, gap_after=None, gap=10.0, channel=1):
    """Write samples of a channel at 32 kHz, with a gap (s) after a record."""
    records = np.zeros(n_records, [
        ("timestamp", "<u8"), ("channel_id", "<u4"), ("sample_rate", "<u4"), ("nb_valid", "<u4"),
        ("samples", "<i2", 512),
    ])  # fmt: skip
    late = 0 if gap_after is None else gap * 1e6 * (np.arange(n_records) > gap_after)
    records["timestamp"] = np.round(start * 1e6 + np.arange(n_records) * 512 / 32e3 * 1e6 + late)
    records["channel_id"], records["sample_rate"], records["nb_valid"] = channel, 32000, 512
    _neuralynx(Path(path), "NCS", records, channel)


SPIKES = [("sample_index", "<i8"), ("unit_index", "<i8"), ("segment_index", "<i8")]


def write_spikeinterface(
    folder, spikes, *, form="numpy", ids=("0", "1", "2"), properties=None, n_samples=None
):
    """Write a sorting as spikeinterface saves it; `spikes` are (sample, unit, segment)."""
    folder = Path(folder)
    place = folder / "sorting" if n_samples else folder
    (place / "properties").mkdir(parents=True)
    spikes = np.array(spikes, SPIKES)
    n_segments = int(spikes["segment_index"].max()) + 1
    for name, values in (properties or {}).items():
        np.save(place / "properties" / f"{name}.npy", np.array(values))
    if n_samples:
        (folder / "recording_info").mkdir()
        known = {"sampling_frequency": RATE, "num_samples": n_samples}
        (folder / "recording_info" / "recording_attributes.json").write_text(json.dumps(known))
    if form == "numpy":
        np.save(place / "spikes.npy", spikes)
        info = {"sampling_frequency": RATE, "unit_ids": list(ids), "num_segments": n_segments}
        (place / "numpysorting_info.json").write_text(json.dumps(info))
        return folder
    arrays = {
        "unit_ids": np.array(ids),
        "num_segment": np.array([n_segments]),
        "sampling_frequency": np.array([RATE]),
    }
    for k in range(n_segments):
        own = spikes[spikes["segment_index"] == k]
        arrays[f"spike_indexes_seg{k}"] = own["sample_index"]
        arrays[f"spike_labels_seg{k}"] = np.array(ids)[own["unit_index"]]
    np.savez(place / "sorting_cached.npz", **arrays)
    return folder


def cells_of(values):
    """MATLAB's cells, for savemat."""
    cells = np.empty((1, len(values)), object)
    cells[0, :] = values
    return cells


def write_cell_explorer_73(path, fields):
    """Write CellExplorer's struct into a file of version 7.3; lists are cells."""
    with h5py.File(path, "w", userblock_size=512) as file:
        group, inside = file.create_group("spikes"), file.create_group("#refs#")
        for field, values in fields.items():
            if not isinstance(values, list):
                group.create_dataset(field, data=np.atleast_2d(values).T)
                continue
            references = np.empty((len(values), 1), h5py.ref_dtype)
            for k, value in enumerate(values):
                text = isinstance(value, str)
                data = np.array([[ord(letter)] for letter in value], "u2") if text else np.atleast_2d(value)
                item = inside.create_dataset(f"{field}{k}", data=data)
                item.attrs["MATLAB_class"] = np.bytes_("char" if text else "double")
                references[k, 0] = item.ref
            group.create_dataset(field, data=references).attrs["MATLAB_class"] = np.bytes_("cell")
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(512))
