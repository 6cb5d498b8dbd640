"""Populations of models as a neo.Block: made, read, measured and kept in files."""

from .annotation_tables import as_json, from_json
from .block import (
    PART_PREFIX,
    PREFIX,
    SCHEMA,
    annotate_members,
    build_population,
    capacitance_of,
    conductance_table,
    conductances,
    dic_estimate,
    identity,
    member_dics,
    neuron_of,
    noise_of,
    provenance,
    put_recording,
    recording_of,
    source_of,
)
from .conductance_tables import population_from_conductances
from .csv_files import shielded
from .degeneracy import degeneracy_of
from .files import (
    SUFFIXES,
    PopulationFileError,
    check_kind,
    load_population,
    read_block,
    save_population,
    write_block,
)
from .members import select_members
from .whole_files import alone_in, whole_file

__all__ = [
    "PART_PREFIX",
    "PREFIX",
    "PopulationFileError",
    "SCHEMA",
    "SUFFIXES",
    "alone_in",
    "annotate_members",
    "as_json",
    "build_population",
    "capacitance_of",
    "check_kind",
    "conductance_table",
    "conductances",
    "degeneracy_of",
    "dic_estimate",
    "from_json",
    "identity",
    "load_population",
    "member_dics",
    "neuron_of",
    "noise_of",
    "population_from_conductances",
    "provenance",
    "put_recording",
    "read_block",
    "recording_of",
    "save_population",
    "select_members",
    "shielded",
    "source_of",
    "whole_file",
    "write_block",
]
