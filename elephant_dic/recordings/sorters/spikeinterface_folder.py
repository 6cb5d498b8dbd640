"""Sortings that spikeinterface saved, as folders of numpy's files or of zarr, read without spikeinterface."""

from __future__ import annotations

import json

import numpy as np

from ..spike_detection import RecordingError
from .arrays import loaded, loaded_archive
from .sorting import SortedUnit, contents_of, grouped

NUMPY, NPZ, ZARR = "numpysorting_info.json", "sorting_cached.npz", ".zattrs"
#: Bytes that a byte of a folder of zarr can stand for at most.
MOST_EXPANDED = 2000
#: Properties of units that are what their annotations are called here.
QUALITY = ("quality", "group", "label", "curation_label")


def sorting_folder(folder):
    """The saved sorting in a folder, which may be that of a SortingAnalyzer; None if there is none."""
    for place in (folder, folder / "sorting"):
        if (place / NUMPY).is_file() or (place / NPZ).is_file():
            return place
        if (place / ZARR).is_file() and (place / "unit_ids").is_dir():
            return place
    return None


def read_sorting(folder):
    """Read the units of a saved sorting, each with its properties as annotations; segments become sweeps."""
    place = sorting_folder(folder)
    reader = _numpy_folder if (place / NUMPY).is_file() else _npz if (place / NPZ).is_file() else _zarr
    names, rate, spikes, properties, notes = reader(place)
    if not 0 < rate < np.inf:
        raise RecordingError(f"its sampling frequency is {rate:g} Hz")
    units, noise, nothing = [], [], np.empty(0)
    segments = [grouped(samples / rate, labels) for samples, labels in spikes]
    for k, name in enumerate(map(str, names)):
        known = {key: _plain(values[k]) for key, values in properties.items()}
        quality = next((known[key] for key in QUALITY if isinstance(known.get(key), str)), None)
        if quality == "noise":
            noise.append(name)
            continue
        known |= {"quality": quality} if quality else {}
        times = {segment: own.get(k, nothing) for segment, own in enumerate(segments)}
        units.append(SortedUnit(f"unit {name}" if name.isdigit() else name, times, (name,), None, known))
    if noise:
        notes.append(f"left out, as it is labelled noise: {', '.join(noise)}")
    lasts = [float(samples.max(initial=0)) / rate for samples, _ in spikes]
    stops = _stops(folder, rate, len(spikes))
    return contents_of(units, stops, lasts=lasts, notes=notes, kind="the sorting")


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value


def _json(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{path.name} is damaged ({error})") from error


def _numpy_folder(place):
    info, spikes = _json(place / NUMPY), loaded(place / "spikes.npy")
    try:
        names, rate, n_segments = (
            list(info["unit_ids"]),
            float(info["sampling_frequency"]),
            int(info["num_segments"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RecordingError(f"{NUMPY} lacks what a sorting has ({error})") from error
    fields = ("sample_index", "unit_index", "segment_index")
    if spikes.dtype.names is None or not set(fields) <= set(spikes.dtype.names):
        raise RecordingError(f"spikes.npy has not the columns {', '.join(fields)}")
    samples, units, segments = (spikes[name] for name in fields)
    _check_indices(units, len(names))
    _check_indices(segments, n_segments)
    by_segment = [(samples[segments == k], units[segments == k]) for k in range(n_segments)]
    return names, rate, by_segment, *_properties(place, len(names))


def _check_indices(indices, n):
    if indices.size and not 0 <= indices.min() <= indices.max() < n:
        raise RecordingError(f"it is damaged: an index of {indices.max()} among {n} units or segments")


def _npz(place):
    arrays = loaded_archive(place / NPZ)
    try:
        names, rate = arrays["unit_ids"].tolist(), float(arrays["sampling_frequency"].ravel()[0])
        n_segments = int(arrays["num_segment"].ravel()[0])
        spikes = [
            (arrays[f"spike_indexes_seg{k}"], arrays[f"spike_labels_seg{k}"]) for k in range(n_segments)
        ]
    except (KeyError, IndexError) as error:
        raise RecordingError(f"{NPZ} lacks what a sorting has ({error})") from error
    if any(samples.shape != labels.shape for samples, labels in spikes):
        raise RecordingError(f"{NPZ} is damaged: it has not one label a spike")
    index = {name: k for k, name in enumerate(names)}
    by_segment = [
        (samples, np.array([index.get(label, -1) for label in labels.tolist()])) for samples, labels in spikes
    ]
    return names, rate, by_segment, *_properties(place, len(names))


def _properties(place, n_units):
    """Properties with a number or text a unit, and notes on those that cannot be read."""
    found, notes = {}, []
    for path in sorted((place / "properties").glob("*.npy")):
        try:
            values = loaded(path)
        except RecordingError as error:
            notes.append(f"a property is left out: {error}")
            continue
        if values.shape == (n_units,) and values.dtype.kind in "iufbU":
            found[path.stem] = values
        else:
            notes.append(f"the property {path.stem} is left out: it is not a number or a text for each unit")
    return found, notes


def _zarr(place):
    try:
        import zarr
    except ImportError as error:
        raise RecordingError(
            "a sorting in the format zarr needs the library zarr, which is not installed; or save it again,"
            ' by sorting.save(format="numpy_folder", folder=…) of spikeinterface'
        ) from error
    root = zarr.open_group(str(place), mode="r")
    size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    samples, units, slices = (
        _zarr_array(root, f"spikes/{name}", size) for name in ("sample_index", "unit_index", "segment_slices")
    )
    names, rate = _zarr_array(root, "unit_ids", size).tolist(), float(root.attrs["sampling_frequency"])
    _check_indices(units, len(names))
    by_segment = [(samples[a:b], units[a:b]) for a, b in slices.tolist()]
    properties, notes = {}, []
    for name in root.get("properties", ()):
        values = _zarr_array(root, f"properties/{name}", size)
        if values.shape == (len(names),) and values.dtype.kind in "iufbU":
            properties[name] = values
        else:
            notes.append(f"the property {name} is left out: it is not a number or a text for each unit")
    return names, rate, by_segment, properties, notes


def _zarr_array(root, name, size):
    """An array; RecordingError if it claims more than a folder of this many bytes can hold."""
    array = root[name]
    if array.nbytes > MOST_EXPANDED * size:
        raise RecordingError(f"it is damaged: {name} claims {array.nbytes:,} bytes")
    return np.asarray(array)


def _stops(folder, rate, n_segments):
    """The end of each segment by what an analyzer knows of its recording; None if there is none."""
    known = {}
    for path in (folder / "recording_info" / "recording_attributes.json", folder / "recording_info" / ZARR):
        if path.is_file():
            known = _json(path)
            known = known.get("recording_attributes", known) if isinstance(known, dict) else {}
    n_samples = known.get("num_samples") if isinstance(known, dict) else None
    if not isinstance(n_samples, list) or len(n_samples) != n_segments:
        return None
    return [float(n) / rate for n in n_samples] if all(isinstance(n, int) for n in n_samples) else None
