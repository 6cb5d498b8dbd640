"""Populations in files: NIX, NWB, CSV and MATLAB, chosen by the suffix of the path."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import neo
import numpy as np
import quantities as pq

from ..arguments import path_of
from .block import PREFIX, SCHEMA, conductances, member_dics, provenance
from .csv_files import read_csv, write_csv
from .neo_files import everything, read_mat, read_nix, write_mat, write_nix
from .nwb_files import read_nwb, write_nwb
from .whole_files import whole_file

_POPULATION = "a population"
#: What a file of ours may hold, and what reads it.
_READERS = {
    _POPULATION: "load_population reads it",
    "estimates": "load_estimates reads it",
    "DICs over time": "load_dics_over_time reads it",
    "a session": "pandas.read_csv reads the same in session.csv, beside it; load_population reads the files "
    'that its column "block" names',
}


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

    The file is complete or not there: a write that fails leaves an earlier file untouched. Another process
    that writes the same file is waited for.

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
    folder = Path(path).resolve().parent
    if not folder.is_dir():
        raise PopulationFileError(f"folder {folder} does not exist; create it first")
    try:
        with whole_file(path) as part:
            write(block, part)
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
    if read is read_csv and not _has_provenance(Path(path)):
        raise PopulationFileError(
            f'{path} was not written by {writer}, whose tables begin with lines of provenance, "# …": '
            f"pandas.read_csv reads other tables, such as the session.csv of a session"
        )
    try:
        block = read(Path(path))
        _canonical(block)
        check(block)
    except PopulationFileError as error:
        raise PopulationFileError(f"{path}: {error}") from error
    except Exception as error:  # damaged files make third-party readers raise anything
        raise PopulationFileError(
            f"{path} could not be read: damaged, or not written by {writer} ({type(error).__name__}: {error})"
        ) from error
    return block


def check_kind(block: neo.Block, wanted: str) -> None:
    """PopulationFileError with the way out if a Block is not of the wanted kind."""
    kind = provenance(block).get("kind", _POPULATION)
    if kind != wanted:
        raise PopulationFileError(
            f"it holds {kind}: {_READERS.get(kind, 'a newer elephant_dic may read it')}"
        )


def _has_provenance(path):
    with path.open("rb") as file:
        return file.read(1) in (b"#", b"")  # an empty file is damaged


def _format_of(path):
    """The functions (write, read) for a path's suffix."""
    suffix = path_of(path).suffix.lower()
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
    check_kind(block, _POPULATION)
    conductances(block)
    member_dics(block)


_FORMATS = {
    ".nix": (write_nix, read_nix),
    ".nwb": (write_nwb, read_nwb),
    ".csv": (write_csv, read_csv),
    ".mat": (write_mat, read_mat),
}
#: Suffixes of the files that populations are written to and read from.
SUFFIXES = tuple(_FORMATS)


def population_in(path: Path) -> neo.Block | None:
    """The population in a file; None in a recording, or a file with which something is wrong."""
    if path.suffix.lower() in SUFFIXES:
        with suppress(PopulationFileError):  # what is wrong is told when it is read as a recording
            return load_population(path)
    return None
