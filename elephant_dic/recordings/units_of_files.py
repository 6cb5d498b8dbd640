"""Units that files name.

quantities computes the text of a unit as a formula. Here it is checked to have the form of a unit before, so
that a damaged file is refused at once, whatever its text would come to.
"""

import re

import numpy as np

from .matlab_elements import check_matlab_file
from .trial import try_reading

_POWER = r"[A-Za-zµμΩ_][A-Za-zµμΩ_0-9]{0,30}(?:\s*(?:\*\*|\^)\s*\(?-?\d{1,2}(?:\.\d{1,3})?\)?)?"
_NUMBER = r"\d{1,12}(?:\.\d{1,12})?(?:[eE][-+]?\d{1,2})?(?!\s*\*\*)"
_TERM = rf"[(\s]*(?:{_NUMBER}|{_POWER})[)\s]*"
_UNIT = re.compile(rf"{_TERM}(?:[*/]{_TERM}){{0,8}}")
LONGEST = 80  # characters
PREFIXES = {"milli": "m", "micro": "u", "nano": "n", "pico": "p"}
# The micro sign in each of its encodings, read as what it is or as Latin-1.
_MICRO = re.compile("\u00c2?\u00b5|\u03bc|\u00ce\u00bc")
_WORD = re.compile(
    r"(?P<prefix>(?i:milli|micro|nano|pico)|[munpM]?)(?P<unit>(?i:volts?|amperes?|amps?)|v)", re.ASCII
)


def is_unit(text):
    """Whether a text has the form of a unit: names, powers of them, products and quotients.

    Examples
    --------
    >>> [is_unit(text) for text in ("mS/cm**2", "1/s", "a sum", "")]
    [True, True, False, False]
    """
    return len(text) <= LONGEST and _UNIT.fullmatch(text) is not None


def checked_unit(text):
    """The text of a unit as it is; ValueError if it has not the form of one."""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    if not is_unit(text):
        raise ValueError(f"{text[:LONGEST]!r} is no unit")
    return text


def plain_unit(text):
    """A unit as quantities writes it, of one written as a word or with a micro sign; else the text itself.

    Examples
    --------
    >>> [plain_unit(text) for text in ("mVolt", "Volts", "mv", "\N{MICRO SIGN}V", "nAmp", "L/s")]
    ['mV', 'V', 'mV', 'uV', 'nA', 'L/s']
    """
    text = _MICRO.sub("u", text.strip())
    word = _WORD.fullmatch(text)
    if not word:
        return text
    prefix = word["prefix"]
    prefix = PREFIXES.get(prefix.lower(), prefix)
    return prefix + ("V" if word["unit"][0] in "vV" else "A")


def tame_units(header):
    """Write units as quantities does, in the header of one of neo's raw readers; blank what is none.

    neo takes a blank unit for dimensionless.
    """
    for table, field in (("signal_channels", "units"), ("spike_channels", "wf_units")):
        units = header[table][field]
        units[:] = [text if is_unit(text) else "" for text in map(plain_unit, units)]


def check_hdf5_units(path):
    """ValueError if an HDF5 file crashes its reader, or an object has an attribute ``unit`` that is none."""
    import h5py

    def check(_, item):
        unit = item.attrs.get("unit")
        if isinstance(unit, str | bytes):
            checked_unit(unit)

    try_reading(path, "HDF5")
    with h5py.File(path, "r") as file:
        file.visititems(check)


def check_matlab_units(path):
    """ValueError if a field of a MATLAB file that neo takes for a unit is none."""
    from scipy.io import loadmat

    check_matlab_file(path)
    stack = list(loadmat(path, struct_as_record=False, squeeze_me=True).values())
    while stack:
        value = stack.pop()
        if isinstance(value, np.ndarray) and value.dtype == object:
            stack += value.ravel().tolist()
        for field in getattr(value, "_fieldnames", ()):
            item = getattr(value, field)
            if field.endswith("units") and isinstance(item, str):
                checked_unit(item)
            stack.append(item)
