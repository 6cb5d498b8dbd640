"""Tables of an NWB file: a dataset a column, in which a row may hold several values."""

import h5py
import numpy as np

from ..spike_detection import RecordingError
from .attributes import kind_of, leaf, pointed_to, text_of

MOST_VALUES = 10_000  # of a row of a column that becomes an annotation


def column_names(table):
    """Names of the columns that there are, in the order of the table, without ``id``."""
    listed = [text_of(name) for name in np.ravel(table.attrs.get("colnames", []))]
    there = [name for name, item in table.items() if isinstance(item, h5py.Dataset)]
    extra = [name for name in there if name != "id" and not name.endswith("_index")]
    return [name for name in dict.fromkeys([*listed, *extra]) if name in there]


def row_ids(table):
    """Identifiers of the rows, as texts."""
    return [str(number) for number in table["id"][:].tolist()]


def stops_of(table, column):
    """Where each row ends in a column whose rows hold several values; None if they hold one."""
    if f"{column}_index" not in table:
        return None
    stops = table[f"{column}_index"][:].astype(int)
    if (np.diff(stops, prepend=0) < 0).any() or stops[-1:].sum() > len(table[column]):
        raise RecordingError(f"{table.name}/{column}_index does not fit its column")
    return stops


def rows_of(table, column, values=None):
    """The values of each row of a column, as arrays; None if there is no such column."""
    if column not in table:
        return None
    values = table[column][:] if values is None else values
    stops = stops_of(table, column)
    if stops is None:  # one value a row, of which nothing is said
        stops = np.arange(1, len(values) + 1)
    return [values[start:stop] for start, stop in zip([0, *stops[:-1]], stops, strict=True)]


def cells_of(file, table, column):
    """What stands in each row of a column, as plain values, lists of texts, or arrays of numbers.

    References become the names of what they point to, rows of other tables their identifiers. RecordingError,
    with the reason, for a column that has no such values.
    """
    data = table[column]
    if f"{column}_index_index" in table:
        raise RecordingError("it has a list of lists a row")
    stops = stops_of(table, column)
    n_rows = max(len(table["id"] if stops is None else stops), 1)
    if data.size > MOST_VALUES * n_rows:
        raise RecordingError(f"it has {data.size // n_rows:,} values a row")
    values = _values(file, data)
    if stops is None:
        return [_plain(value) for value in values]
    return [_plain(row) for row in rows_of(table, column, values)]


def _values(file, data):
    """All of a column, as an array of numbers, or of texts."""
    if data.dtype.names:
        raise RecordingError("it has several fields")
    if h5py.check_string_dtype(data.dtype):
        return data.asstr(errors="replace")[:]
    if h5py.check_ref_dtype(data.dtype) is h5py.Reference:
        return _names(file, data)
    if data.dtype.kind not in "biuf":
        raise RecordingError(f"it holds {data.dtype}")
    for attribute in ("table", "elements"):  # numbers of rows elsewhere
        if attribute in data.attrs:
            return _looked_up(pointed_to(file, data.attrs[attribute]), data[:].astype(int))
    return data[:]


def _names(file, data):
    """Names of what references point to, each looked up once: HDF5 looks through the file for it."""
    addresses = np.empty(data.size, dtype=np.uint64)
    data.id.read(h5py.h5s.ALL, h5py.h5s.ALL, addresses, data.id.get_type())
    _, firsts, which = np.unique(addresses, return_index=True, return_inverse=True)
    references = [data[index] for index in firsts]
    names = [leaf(pointed_to(file, reference).name) if reference else "" for reference in references]
    return np.array(names, dtype=object)[which]


def _looked_up(target, rows):
    """Identifiers of rows of a table, or the words of an enumeration."""
    words = target["id"][:] if isinstance(target, h5py.Group) else target.asstr(errors="replace")[:]
    if rows.size and not 0 <= rows.min() <= rows.max() < len(words):
        raise RecordingError(f"it points to rows that {target.name} does not have")
    return words[rows]


def _plain(value):
    """Without numpy's types of single values, which files cannot hold."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value


def is_table(item):
    """Whether an object is a table with spike times."""
    return (
        isinstance(item, h5py.Group) and "id" in item and (kind_of(item) == "Units" or "spike_times" in item)
    )
