"""What an HDF5 file must not do: reach outside of itself, or claim more than it can hold.

A link, a dataset or a mapping of one can point to another file, which whoever opens ours would read without
knowing. A dataset can claim a size that its file does not hold, and reading it then fills the memory. The
process that tries files loads this module by its path before anything reads them: it imports nothing of ours.
"""

import h5py

#: Bytes that a byte of a compressed dataset stands for at most: what deflate makes of zeros.
MOST_COMPRESSED = 1032
#: Bytes that may be claimed and not held, as fill values or by better compression; and for each of the file.
UNHELD, UNHELD_EACH = 16 * 2**20, 20
SLICE = 4096  # texts that are measured at once


def reason_against(path, alive=lambda: None):
    """Why an HDF5 file is not to be read, as a text, or None.

    Parameters
    ----------
    path : str
    alive : callable
        Called before each dataset, to tell that this comes to an end.
    """
    with h5py.File(path, "r") as file:
        try:
            return _reason(file, alive)
        except MemoryError:
            raise
        except Exception as error:  # what cannot be looked through is not known to be harmless
            return f"it is damaged: what it holds cannot be listed ({error})"


def _reason(file, alive):
    reached = []
    file.id.links.visit(
        lambda name, info: reached.append(_text(name)) if info.type not in INSIDE else None, info=True
    )
    if reached:
        return f"{reached[0]} is a link to another file, {ONLY_INSIDE}"
    held = file.id.get_filesize()
    stored, missing = 0, {}
    for name in _datasets(file):
        alive()
        try:
            dataset = h5py.h5d.open(file.id, name)
        except Exception:  # nobody can open it
            continue
        kept = dataset.get_create_plist()
        outside = _outside(kept)
        if outside:
            return f"the values of {_text(name)} are {outside}, {ONLY_INSIDE}"
        n_stored = dataset.get_storage_size()
        stored += n_stored if kept.get_layout() != h5py.h5d.VIRTUAL else 0
        room = n_stored * (MOST_COMPRESSED if kept.get_nfilters() else 1)
        texts = _length_of_texts(file, name, dataset, held)
        missing[name] = max(0, _claimed(dataset, kept) - room, texts - held)
    if stored > held:
        return f"it is damaged: its datasets claim to take {stored:,} bytes of it, and it has {held:,}"
    if sum(missing.values()) > UNHELD + UNHELD_EACH * held:
        worst = max(missing, key=missing.get)
        more = f"{missing[worst]:,} bytes more than this file of {held:,} bytes can hold"
        return f"{_text(worst)} claims {more}"
    return None


INSIDE = (h5py.h5l.TYPE_HARD, h5py.h5l.TYPE_SOFT)
ONLY_INSIDE = "and only what is in the file itself is read: copy it into the file (h5repack, or h5py's copy)"


def _datasets(file):
    """The names of all datasets, each once."""
    names = []

    def visit(name, info):
        if info.type == h5py.h5o.TYPE_DATASET:
            names.append(name)

    h5py.h5o.visit(file.id, visit, info=True)
    return names


def _outside(kept):
    """Where a dataset of such properties has its values if not in its file, as a text, or None."""
    if kept.get_external_count():
        return "in a file beside it (external storage)"
    if kept.get_layout() == h5py.h5d.VIRTUAL:
        sources = [kept.get_virtual_filename(k) for k in range(kept.get_virtual_count())]
        if any(source != "." for source in sources):
            return "in another file (a virtual dataset)"
    return None


def _claimed(dataset, kept):
    """Bytes that reading a dataset takes: of all its values, and of a chunk of them."""
    n_values = dataset.get_space().get_simple_extent_npoints()
    if kept.get_layout() == h5py.h5d.CHUNKED and n_values:
        n_chunk = 1
        for length in kept.get_chunk():
            n_chunk *= length
        n_values = max(n_values, n_chunk)
    return n_values * dataset.get_type().get_size()


def _length_of_texts(file, name, dataset, enough):
    """Bytes of the values that have each a length of their own, which many values may share in a file."""
    kind = dataset.get_type()
    is_text = kind.get_class() == h5py.h5t.STRING and kind.is_variable_str()
    if not (is_text or kind.get_class() == h5py.h5t.VLEN):
        return 0
    values, total = file[name], 0
    if not values.shape:
        return 0
    for start in range(0, len(values), SLICE):
        for value in values[start : start + SLICE].ravel():
            total += getattr(value, "nbytes", None) or len(value)
        if total > UNHELD + (UNHELD_EACH + 1) * enough:
            break
    return total


def _text(name):
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
