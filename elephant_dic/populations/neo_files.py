"""Blocks in NIX and MATLAB files, which neo writes whole."""

from __future__ import annotations

import contextlib
import tempfile
from datetime import date, time
from numbers import Real

import neo
import numpy as np

from ..recordings import check_hdf5_units, check_matlab_units

#: Of a longer annotation of a Block, neo writes so many values, with type and unit, and nixio then all in one
#: call: neo looks at one after the other. HDF5 keeps them in pieces of this length.
_FIRST = 1024


def everything(block):
    """The Block and all objects in it that carry annotations."""
    return [block, *block.container_children_recur, *block.data_children_recur]


@contextlib.contextmanager
def _storable_annotations(block):
    """For the time of writing, annotations that files can hold; afterwards the user's own.

    neo writes a nix_name into every object. With the name from another file, two objects can
    share one, and NIX then silently writes one of them (python-neo#809).
    """
    kept = [(child, child.annotations) for child in everything(block)]
    try:
        for child, annotations in kept:
            child.annotations = {
                key: _storable(value) for key, value in annotations.items() if key != "nix_name"
            }
        yield
    finally:
        for child, annotations in kept:
            child.annotations = annotations


def _storable(value):
    """The value, or its text if NIX would reject it or keep only a part of it."""
    if _is_long(value):
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind == "S":  # it would be gone
        value = np.char.decode(value, "utf-8", "backslashreplace")
    if isinstance(value, np.ndarray) and value.ndim > 1:
        return str(value.tolist())  # that of the array itself leaves out values
    items = np.asarray(value).tolist() if isinstance(value, np.ndarray) else value
    items = items if isinstance(items, list | tuple) else [items]
    simple = (str, bytes, bool, np.bool_, Real, date, time)
    fits = len({type(item) for item in items}) <= 1 and all(isinstance(i, simple) for i in items)
    return value if fits else str(items if isinstance(value, np.ndarray) else value)


def write_nix(block, path):
    _reserve(path.parent, _nix_size(block))
    with _storable_annotations(block):
        long = {key: value for key, value in block.annotations.items() if _is_long(value)}
        block.annotations.update({key: values[:_FIRST] for key, values in long.items()})
        file = neo.io.NixIO(path, mode="ow")
        try:
            file.write_block(block)
            written = file.nix_file.sections[block.annotations["nix_name"]].props
            for key, values in long.items():
                values = np.asarray(values)
                is_text = values.dtype.kind == "U"
                written[key].values = values.tolist() if is_text else values.astype(written[key].data_type)
        finally:
            file.close()


def _is_long(value):
    """Whether it is a long array, of a type that NIX has: all values are alike."""
    return (
        isinstance(value, np.ndarray)
        and value.ndim == 1
        and value.dtype.kind in "bifU"
        and len(value) > _FIRST
    )


def _reserve(folder, n_bytes):
    """Fail now if the disk has no room. When HDF5 finds that out, it crashes Python at exit."""
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(n_bytes // 2**20 + 1):
            file.write(bytes(2**20))


def _nix_size(block):
    """How much room, in bytes, a NIX file of the Block may need; the numbers are measured."""
    children = everything(block)
    annotations = [value for child in children for value in child.annotations.values()]
    data = sum(getattr(part, "nbytes", 0) for part in (*children, *annotations))
    return 200_000 + 40_000 * len(children) + 4_000 * len(annotations) + 3 * data


def read_nix(path):
    check_hdf5_units(path)
    with neo.io.NixIO(path, mode="ro") as file:
        block = file.read_block()
    for container in (block, *block.segments):
        container.rec_datetime = None  # neo puts the date of the file here
    return block


def write_mat(block, path):
    with _storable_annotations(block):
        neo.io.NeoMatlabIO(path).write_block(block, long_field_names=True)


def read_mat(path):
    check_matlab_units(path)
    return neo.io.NeoMatlabIO(path).read_block()
