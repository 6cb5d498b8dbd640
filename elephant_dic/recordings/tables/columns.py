"""What the columns of a table are, by their names and by the cells in them."""

from __future__ import annotations

import re

from ..time_units import UNIT_OF_NAME
from .cells import is_time

_NUMBERED = r"( ?(ids?|no|nr|num|number|name|label|index))?"
#: What columns are called that are not named after a unit.
ROLES = {
    "time": r"(spike|event|peak)? ?(times?|time ?stamps?|t|ts)|zeit|zeiten|spike ?zeit(en)?|temps|tiempo",
    "sample": r"(spike|peak|time)? ?(samples?|frames?|sample (index|number)|sampleidx)",
    "unit": rf"(sorted|spike)? ?(units?|clusters?|neurons?|cells?|zellen?|templates?|labels?){_NUMBERED}"
    r"|id|senders?|gids?",  # the last two as simulators write them
    "channel": rf"(channels?|electrodes?|ch|chan|tetrodes?|shanks?|wells?|probe){_NUMBERED}",
    "sweep": rf"(sweeps?|trials?|episodes?|segments?|runs?){_NUMBERED}",
    "property": r"amplitudes?|amp|width|height|snr|peak|energy|isi|rate|quality|depth|(pc|feature) ?\d*",
    "interval": r"start|begin|stop|end|onsets?|offsets?|durations?|(start|stop|end) time"
    r"|time (steps?|offsets?)",
    "index": r"|index|unnamed: 0|row|#|no\.?|nr\.?|num|spike ?(no|nr|number|index)\.?",
}
OTHER_UNITS = re.compile(r"[(\[]\s*([mµμu]?V|[npµμu]?A|k?Hz|%)\s*[)\]]")
_BRACKETS = re.compile(r"(.*?)[\s_]*[(\[]\s*([^()\[\]]+?)\s*[)\]]")
_SUFFIX = re.compile(r"(.*?)(?:[\s_,]+in)?[\s_,/]+([^\W_]+)", re.I)


class Column:
    """A column with its cells, and what its name says: the unit of its times, its role."""

    def __init__(self, number, name, cells):
        self.number, self.cells = number, cells
        self.title = name.strip() or f"column {number}"
        self.name, self.unit = without_unit(name)

    @property
    def role(self):
        return role_of(self.name)

    @property
    def label(self):
        return self.name or f"column {self.number}"

    @property
    def is_full(self):
        return all(self.cells)

    def floats(self):
        return [float(cell) for cell in self.cells]

    def is_numeric(self):
        return all(is_time(cell) for cell in self.cells if cell)

    def repeats(self):
        """Whether it holds labels or counts: whole numbers, most of them more than once."""
        found = [cell for cell in self.cells if cell]
        if len(found) < 3 or not self.is_numeric():
            return False
        values = [float(cell) for cell in found]
        return all(value.is_integer() for value in values) and 2 * len(set(values)) <= len(values)

    def goes_back(self):
        """Whether it holds whole numbers that do not rise, as labels and parts of numbers do."""
        values = self.floats() if self.is_full and self.is_numeric() else []
        return all(map(float.is_integer, values)) and any(
            a > b for a, b in zip(values[:-1], values[1:], strict=True)
        )


def role_of(name):
    plain = re.sub(r"[\s_\-.]+", " ", name.lower()).strip() if name.strip() else ""
    return next((role for role, pattern in ROLES.items() if plain and re.fullmatch(pattern, plain)), None)


def without_unit(name):
    """A name without the unit of time that it ends with, and this unit.

    Examples
    --------
    >>> without_unit("spike time (ms)"), without_unit("spike_time_s"), without_unit("cell s")
    (('spike time', 'ms'), ('spike_time', 's'), ('cell s', None))
    """
    for pattern in (_BRACKETS, _SUFFIX):
        match = pattern.fullmatch(name.strip())
        unit = match and UNIT_OF_NAME.get(match[2].lower())
        if unit and (pattern is _BRACKETS or role_of(match[1]) in ("time", "sample")):
            return match[1], unit
    unit = UNIT_OF_NAME.get(name.strip().lower())
    if unit not in (None, "min", "h") and len(name.strip()) > 1:  # nothing but the unit; min may be a minimum
        return "time", unit
    return name.strip(), None
