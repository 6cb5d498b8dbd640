"""Populations in files: NIX, NWB, CSV and MATLAB, chosen by the suffix of the path."""

from __future__ import annotations

import csv
import json
import os
import tempfile
import uuid
import warnings
from datetime import UTC, datetime
from pathlib import Path

import neo
import numpy as np
import quantities as pq

from ..recordings import check_hdf5_units, checked_unit
from .block import PREFIX, SCHEMA, conductances, member_dics, provenance
from .neo_files import everything, read_mat, read_nix, write_mat, write_nix

MODULE = "elephant_dic"  # the processing module of an NWB file
#: What the table of a Block is called in an NWB file, and what stands in one row.
_TABLES = {
    "DIC population": ("population", "model"),
    "DIC estimates": ("dic_estimates", "cell"),
    "DICs over time": ("dics_over_time", "window"),
}
_JSON_ANNOTATIONS = ("elephant_dic", "conductance_names", "dic_names")  # JSON text already
_UNKNOWN_DATE = datetime(1970, 1, 1, tzinfo=UTC)  # NWB demands a date, recordings may have none


class PopulationFileError(ValueError):
    """A population could not be written to, or read from, a file."""


def save_population(block: neo.Block, path: str | os.PathLike[str]) -> None:
    """Write a population to a file; the suffix says which kind.

    ========  ====================================================================================
    ``.nix``  Everything: the Block with all Segments, spike trains and signals. Annotations for
              which NIX has no type (None, dicts, tables) become text.
    ``.mat``  The Block as MATLAB structs; array annotations of spike trains are lost.
    ``.nwb``  A table of the members, provenance in ``notes``, the recording as Units (times in
              seconds) and the spike trains of other Segments as further Units tables. Signals are
              not written, and a warning says so. Without a date of the recording,
              ``session_start_time`` is 1970-01-01.
    ``.csv``  A row a member, provenance and units in lines that begin with ``#``
              (``pandas.read_csv(path, comment="#")`` reads it). No spike times, no signals.
    ========  ====================================================================================

    The file is complete or not there: a write that fails leaves an earlier file untouched.

    Parameters
    ----------
    block : neo.Block
        A population. It is not changed.
    path : str or path-like
        Where to write; an existing file is replaced.

    Raises
    ------
    TypeError
        If `block` is not a neo.Block.
    ValueError
        If the Block is not a population, the suffix is none of the four, there is no such folder,
        or writing fails (no permission, disk full).

    Warns
    -----
    UserWarning
        If the Block holds signals and the file is NWB.
    """
    _check(block)  # what could not be read back is not written
    write_block(block, path)


def write_block(block, path):
    """`save_population`, of a Block that has been checked."""
    write, _ = _format_of(path)
    target = Path(path).resolve()  # a link stays a link
    if not target.parent.is_dir():
        raise PopulationFileError(f"folder {target.parent} does not exist; create it first")
    try:
        with tempfile.TemporaryDirectory(
            prefix=".saving-", dir=target.parent, ignore_cleanup_errors=True
        ) as folder:
            part = Path(folder, Path(path).name)
            write(block, part)
            os.replace(part, target)
    except (OSError, RuntimeError, ValueError, TypeError) as error:  # HDF5 raises RuntimeError too
        reason = getattr(error, "strerror", None) or error
        raise PopulationFileError(f"{path} could not be written: {reason}") from error


def load_population(path: str | os.PathLike[str]) -> neo.Block:
    """Read a population that `save_population` wrote.

    Parameters
    ----------
    path : str or path-like
        A .nix, .nwb, .csv or .mat file.

    Returns
    -------
    neo.Block
        The population as it was saved; `save_population` says what each kind of file holds.

    Raises
    ------
    ValueError
        If there is no such file, or it is damaged, or holds no population, or one from a newer
        version of this package.
    """
    return read_block(path, _check, "save_population()")


def read_block(path, check, writer):
    """Read a Block that `write_block` wrote; ValueError if it fails a check or is none of `writer`'s."""
    _, read = _format_of(path)
    if not Path(path).is_file():
        raise PopulationFileError(f"there is no file {path}")
    try:
        block = read(Path(path))
        _canonical(block)
        check(block)
    except Exception as error:  # damaged files make third-party readers raise anything
        raise PopulationFileError(
            f"{path} could not be read: damaged, or not written by {writer} ({type(error).__name__}: {error})"
        ) from error
    return block


def _format_of(path):
    """The functions (write, read) for a path's suffix."""
    suffix = Path(path).suffix.lower()
    if suffix not in _FORMATS:
        raise PopulationFileError(f"{path}: the suffix must be one of {', '.join(_FORMATS)}")
    return _FORMATS[suffix]


def _canonical(block):
    """What NIX and MATLAB files return is made as `build_population` makes it."""
    schema = provenance(block)["schema"]
    if schema > SCHEMA:
        raise ValueError(f"schema {schema} is newer than this elephant_dic; update the package")
    for child in everything(block):
        child.annotations.pop("nix_name", None)
        for key, value in child.annotations.items():
            if isinstance(value, pq.Quantity):
                unit = value.dimensionality.string  # NIX gives "(mS/cm**2)", then "((mS/cm**2))"
                child.annotations[key] = pq.Quantity(value.magnitude, unit)
    block.annotations["n_members"] = int(block.annotations["n_members"])
    for key, value in block.annotations.items():
        if key.startswith(PREFIX):
            block.annotations[key] = np.atleast_1d(value)


def _check(block):
    """Raise the error of the first value that is missing, too short or in a wrong unit."""
    conductances(block)
    member_dics(block)


# NWB and CSV: a table of members, the other annotations as JSON text


def _columns(block):
    """The annotations with one value a member: name -> (array of values, unit, "bool" or "text")."""
    columns = {}
    for key, values in block.annotations.items():
        if key.startswith(PREFIX):
            if isinstance(values, pq.Quantity):
                unit, values = values.dimensionality.string, values.magnitude
            else:
                unit = "bool" if np.asarray(values).dtype == bool else "text"
            columns[key.removeprefix(PREFIX)] = np.atleast_1d(values), unit
    return columns


def _header(block, columns):
    """All other annotations of the Block, and the units of the columns: name -> JSON text."""
    header = {
        key: value if key in _JSON_ANNOTATIONS else json.dumps(value, default=as_json)
        for key, value in block.annotations.items()
        if not key.startswith(PREFIX) and key != "nix_name"
    }
    return header | {"units": json.dumps({name: unit for name, (_, unit) in columns.items()})}


def as_json(value):
    """What JSON has no type for; `from_json` makes Quantities of it again."""
    if isinstance(value, pq.Quantity):
        return {"value": value.magnitude.tolist(), "units": value.dimensionality.string}
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)


def from_json(parsed):
    """A Quantity of what `as_json` made of one, for `object_hook`."""
    if set(parsed) == {"value", "units"}:
        return pq.Quantity(parsed["value"], checked_unit(parsed["units"]))
    return parsed


def _block_from(header, columns):
    """The inverse of `_header` and `_columns`; `columns` is name -> values, numbers or text."""
    block = neo.Block(name="DIC population")
    for key, text in header.items():
        is_text = key in _JSON_ANNOTATIONS
        block.annotations[key] = text if is_text else json.loads(text, object_hook=from_json)
    for name, unit in block.annotations.pop("units").items():
        values = np.asarray(columns[name])
        if unit == "bool":
            block.annotations[PREFIX + name] = values.astype(str) == "True"
        elif unit == "text":
            block.annotations[PREFIX + name] = values.astype(str)
        else:
            block.annotations[PREFIX + name] = pq.Quantity(values.astype(float), checked_unit(unit))
    return block


def _write_csv(block, path):
    columns = _columns(block)
    with open(path, "w", newline="", encoding="utf-8") as file:
        file.write(f"# {block.name}: one {_row_of(block)} a row; the spike times are not in this file\n")
        for key, text in _header(block, columns).items():
            file.write(f"# {key}: {text}\n")
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(columns)
        rows.writerows(zip(*(values.tolist() for values, _ in columns.values()), strict=True))


def _read_csv(path):
    text = path.read_text(encoding="utf-8")
    if not text.endswith("\n"):
        raise ValueError("the last line is cut off")
    first, *lines = text.splitlines()
    header = dict(line[2:].split(": ", 1) for line in lines if line.startswith("#"))
    names, *rows = csv.reader(line for line in lines if not line.startswith("#"))
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    block = _block_from(header, columns)
    block.name = next((name for name in _TABLES if first.startswith(f"# {name}:")), block.name)
    return block


def _row_of(block):
    return _TABLES.get(block.name, _TABLES["DIC population"])[1]


def _write_nwb(block, path):
    import h5py
    from hdmf.common import DynamicTable, VectorData
    from pynwb import NWBHDF5IO, NWBFile

    if any(part.analogsignals or part.irregularlysampledsignals for part in block.segments):
        warnings.warn("signals are not written to .nwb; save as .nix to keep them", UserWarning, stacklevel=3)
    columns = _columns(block)
    table, row = _TABLES.get(block.name, _TABLES["DIC population"])
    nwbfile = NWBFile(
        session_description="Neuron models inferred from spike times, and the recording",
        identifier=str(uuid.uuid4()),
        session_start_time=_session_start(block),
        notes=json.dumps(_header(block, columns)),
    )
    members = [
        VectorData(
            name=name,
            description=f"{name} of each {row} in {unit}",
            data=values if values.dtype.kind in "bif" else values.tolist(),  # hdmf looks at each of a list
        )
        for name, (values, unit) in columns.items()
    ]
    module = nwbfile.create_processing_module(MODULE, "Provenance is in the notes of the file")
    module.add(DynamicTable(name=table, description=f"A {row} a row", columns=members))
    for index, segment in enumerate(block.segments):
        if segment.name == "recording" and nwbfile.units is None:
            nwbfile.units = _as_units("units", segment)
        elif len(segment.spiketrains):
            module.add(_as_units(f"{index}_{segment.name or ''}".replace("/", "_"), segment))
    with (  # in memory, because HDF5 on a full disk crashes Python at exit
        h5py.File(path, "w", driver="core", backing_store=False) as in_memory,
        NWBHDF5IO(file=in_memory, mode="w") as file,
    ):
        file.write(nwbfile)
        in_memory.flush()
        path.write_bytes(in_memory.id.get_file_image())


def _session_start(block):
    """When the cell was recorded, in UTC if the recording does not say where."""
    written = provenance(block).get("rec_datetime")
    start = datetime.fromisoformat(written) if written else _UNKNOWN_DATE
    return start if start.tzinfo else start.replace(tzinfo=UTC)


def _as_units(name, segment):
    from pynwb.misc import Units

    units = Units(name=name, description=f"Spike trains of {segment.name!r}")
    units.add_column(name="unit_name", description="Name of the spike train")
    units.add_column(name="annotations", description="Annotations of the spike train, JSON")
    for train in segment.spiketrains:
        kept = {key: value for key, value in train.annotations.items() if key != "nix_name"}
        units.add_unit(
            spike_times=train.times.rescale("s").magnitude,
            obs_intervals=[[float(t.rescale("s")) for t in (train.t_start, train.t_stop)]],
            unit_name=train.name or "",
            annotations=json.dumps(kept, default=as_json),
        )
    return units


def _read_nwb(path):
    from pynwb import NWBHDF5IO

    check_hdf5_units(path)
    with NWBHDF5IO(str(path), "r") as file:
        nwbfile = file.read()
        tables = dict(nwbfile.processing[MODULE].data_interfaces)
        name = next(name for name, (table, _) in _TABLES.items() if table in tables)
        columns = {column.name: column[:] for column in tables.pop(_TABLES[name][0]).columns}
        block = _block_from(json.loads(nwbfile.notes), columns)
        block.name = name
        if nwbfile.units is not None:
            block.segments.append(_as_segment("recording", nwbfile.units))
        for name in sorted(tables, key=lambda name: int(name.partition("_")[0])):
            block.segments.append(_as_segment(name.partition("_")[2], tables[name]))
    block.create_relationship()
    return block


def _as_segment(name, units):
    segment = neo.Segment(name=name)
    for row in range(len(units)):
        ((t_start, t_stop),) = units["obs_intervals"][row]
        train = neo.SpikeTrain(units["spike_times"][row], t_stop, "s", t_start=t_start)
        train.name = units["unit_name"][row] or None
        train.annotations = json.loads(units["annotations"][row], object_hook=from_json)
        segment.spiketrains.append(train)
    return segment


_FORMATS = {
    ".nix": (write_nix, read_nix),
    ".nwb": (_write_nwb, _read_nwb),
    ".csv": (_write_csv, _read_csv),
    ".mat": (write_mat, read_mat),
}
#: Suffixes of the files that populations are written to and read from.
SUFFIXES = tuple(_FORMATS)
