"""Whether a MATLAB file of version 5 is made as its format says, before scipy reads it.

scipy's reader takes what it finds unchecked, and has crashed on damaged files. Format: "MAT-File Format", The
MathWorks.
"""

import math
import struct
import zlib
from pathlib import Path

from .spike_detection import RecordingError
from .trial import try_reading

_HEADER = 128  # bytes
_INT8, _INT32, _UINT32, _MATRIX, _COMPRESSED = 1, 5, 6, 14, 15
_NUMBERS = frozenset((1, 2, 3, 4, 5, 6, 7, 9, 12, 13))
_TEXTS = _NUMBERS | {16, 17, 18}
_CELL, _STRUCT, _OBJECT, _CHAR, _SPARSE, _FUNCTION, _OPAQUE = 1, 2, 3, 4, 5, 16, 17
_NUMERIC = range(6, 16)


def check_matlab_file(path):
    """RecordingError if scipy's reader must not be let at a file: it is damaged, or crashes the reader."""
    content = memoryview(Path(path).read_bytes())
    if len(content) >= _HEADER and 0 not in content[:4]:  # else of version 4, which is safe to read, or none
        order = {b"IM": "<", b"MI": ">"}.get(bytes(content[126:128]))
        if order is None:
            raise RecordingError("it is no MATLAB file: its header does not say in which order its bytes are")
        at = _HEADER
        while at < len(content):
            at = _check_variable(_Elements(content, order, at, len(content)))
    try_reading(path, "MATLAB")


class _Elements:
    """A reader of the elements of a stretch of a file, one after the other."""

    def __init__(self, data, order, at, stop):
        self.data, self.order, self.at, self.stop = data, order, at, stop

    def next(self, kinds):
        """Start and stop of the data of the next element, which is of one of these kinds; its kind."""
        if self.at + 8 > self.stop:
            raise RecordingError("it is damaged: an element is cut off or missing")
        kind, size = struct.unpack_from(self.order + "II", self.data, self.at)
        small = kind >> 16  # this many bytes, up to four, are in the tag itself
        if small:
            kind, size, start, end = kind & 0xFFFF, small, self.at + 4, self.at + 8
        else:
            start = self.at + 8
            end = start + (size if kind == _COMPRESSED else -(-size // 8) * 8)
        if kind not in kinds or small > 4 or start + size > self.stop:
            raise RecordingError(f"it is damaged: an element of kind {kind}, {size} bytes, is out of place")
        self.at = min(end, self.stop)
        return start, start + size, kind

    def numbers(self, letter):
        """The integers of the next element, by the letter of `struct`."""
        start, stop, _ = self.next((_INT32, _UINT32))
        return struct.unpack_from(f"{self.order}{(stop - start) // 4}{letter}", self.data, start)

    def matrices(self, n):
        """Go over n matrices."""
        for _ in range(n):
            start, stop, _ = self.next((_MATRIX,))
            _check_matrix(_Elements(self.data, self.order, start, stop))


def _check_variable(elements):
    """Where the next variable begins."""
    start, stop, kind = elements.next((_MATRIX, _COMPRESSED))
    if kind == _MATRIX:
        _check_matrix(_Elements(elements.data, elements.order, start, stop))
    else:
        content = memoryview(zlib.decompress(elements.data[start:stop]))
        _Elements(content, elements.order, 0, len(content)).matrices(1)
    return elements.at


def _check_matrix(elements):
    """The elements of a matrix are those that its class has."""
    if elements.at == elements.stop:  # MATLAB's []
        return
    flags, *_ = elements.numbers("I")
    kind, n_parts = flags & 0xFF, 2 if flags & 0x800 else 1  # real, or real and imaginary
    if kind == _OPAQUE:
        _check_opaque(elements)
        return
    sizes = elements.numbers("i")
    if any(size < 0 for size in sizes):
        raise RecordingError("it is damaged: a size is negative")
    elements.next(_TEXTS)  # its name
    if kind in (_CELL, _STRUCT, _OBJECT, _FUNCTION):
        elements.matrices(_n_inside(elements, kind, math.prod(sizes)))
    elif kind == _CHAR:
        elements.next(_TEXTS)
    elif kind == _SPARSE or kind in _NUMERIC:
        for _ in range(n_parts + (2 if kind == _SPARSE else 0)):
            elements.next(_NUMBERS)
    else:
        raise RecordingError(f"it is damaged: there is no class {kind} of matrices")
    if elements.at != elements.stop:
        raise RecordingError("it is damaged: a matrix holds more than its size says")


def _n_inside(elements, kind, size):
    """How many matrices there are in one of cells, structs or objects, or in a function."""
    if kind == _FUNCTION:
        return 1
    if kind == _CELL:
        return size
    if kind == _OBJECT:
        elements.next(_TEXTS)  # its class
    (length,) = elements.numbers("i")
    start, stop, _ = elements.next((_INT8,))  # the names of the fields, of this length each
    if length <= 0:
        raise RecordingError("it is damaged: the names of its fields have no length")
    return size * ((stop - start) // length)


def _check_opaque(elements):
    """MATLAB's own objects: texts and matrices."""
    while elements.at < elements.stop:
        start, stop, kind = elements.next(_TEXTS | {_MATRIX})
        if kind == _MATRIX:
            _check_matrix(_Elements(elements.data, elements.order, start, stop))
