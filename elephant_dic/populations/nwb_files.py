"""Blocks in NWB files: tables, provenance in the notes, spike trains as Units."""

from __future__ import annotations

import json
import uuid
import warnings
from datetime import UTC, datetime

import neo
import quantities as pq

from ..recordings import check_hdf5_units
from .annotation_tables import TABLES, as_json, block_from, columns_of, from_json, header_of, table_of
from .block import PART_PREFIX, provenance

MODULE = "elephant_dic"  # the processing module
_PARTS = "components"  # the table of what several rows of make up a row of the first one
_UNKNOWN_DATE = datetime(1970, 1, 1, tzinfo=UTC)  # NWB demands a date, recordings may have none


def write_nwb(block, path):
    import h5py
    from pynwb import NWBHDF5IO, NWBFile

    if any(part.analogsignals or part.irregularlysampledsignals for part in block.segments):
        warnings.warn("signals are not written to .nwb; save as .nix to keep them", UserWarning, stacklevel=3)
    columns = columns_of(block)
    table, row = table_of(block)
    nwbfile = NWBFile(
        session_description="Neuron models inferred from spike times, and the recording",
        identifier=str(uuid.uuid4()),
        session_start_time=_session_start(block),
        notes=json.dumps(header_of(block, columns)),
    )
    module = nwbfile.create_processing_module(MODULE, "Provenance is in the notes of the file")
    module.add(_as_table(table, row, columns))
    if parts := columns_of(block, PART_PREFIX):
        module.add(_as_table(_PARTS, f"component of a {row}'s distribution", parts))
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


def _as_table(name, row, columns):
    """A table of columns, name -> (values, unit)."""
    from hdmf.common import DynamicTable, VectorData

    columns = [
        VectorData(
            name=name,
            description=f"{name} of each {row} in {unit}",
            data=values if values.dtype.kind in "bif" else values.tolist(),  # hdmf looks at each of a list
        )
        for name, (values, unit) in columns.items()
    ]
    return DynamicTable(name=name, description=f"A {row} a row", columns=columns)


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


def read_nwb(path):
    from pynwb import NWBHDF5IO

    check_hdf5_units(path)
    with NWBHDF5IO(str(path), "r") as file:
        nwbfile = file.read()
        tables = dict(nwbfile.processing[MODULE].data_interfaces)
        name = next(name for name, (table, _) in TABLES.items() if table in tables)
        columns = {column.name: column[:] for column in tables.pop(TABLES[name][0]).columns}
        block = block_from(json.loads(nwbfile.notes), columns)
        block.name = name
        for column in tables.pop(_PARTS).columns if _PARTS in tables else ():
            block.annotations[PART_PREFIX + column.name] = pq.Quantity(column[:], "dimensionless")
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
