"""The unit of times that a file does not tell, as its user or its header names it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .contents import same_dimension

_NAMES = {
    "s": ("s", "sec", "secs", "second", "seconds", "sek", "sekunden", "secondes"),
    "ms": ("ms", "msec", "msecs", "millisecond", "milliseconds", "millisekunden"),
    "us": ("us", "µs", "μs", "usec", "microsecond", "microseconds"),
    "min": ("min", "mins", "minute", "minutes", "minuten"),
    "h": ("h", "hr", "hrs", "hour", "hours", "stunden"),
    "samples": ("sample", "samples", "frames", "points"),
}
#: What people call each unit: s, ms, us, min, h, and samples, which are no unit without their rate.
UNIT_OF_NAME = {name: unit for unit, names in _NAMES.items() for name in names}
_SAMPLING = re.compile(r"\s*1\s*/\s*(\d+(?:\.\d+)?)\s*(s|ms)\s*|\s*(s|ms)\s*/\s*(\d+(?:\.\d+)?)\s*")


@dataclass(frozen=True)
class TimeUnit:
    """A number in a file, times `scale`, is a time in `units`, "s", "ms" or the like."""

    units: str
    scale: float = 1.0

    @property
    def counts_samples(self) -> bool:
        return self.scale != 1.0


def parse_time_unit(text: str) -> TimeUnit:
    """The unit that a text names: one of time, or that of sample numbers, like ``"1/30000 s"``.

    Raises
    ------
    ValueError
        If it names none.

    Examples
    --------
    >>> parse_time_unit("ms")
    TimeUnit(units='ms', scale=1.0)
    >>> parse_time_unit("1/20000 s")
    TimeUnit(units='s', scale=5e-05)
    """
    if isinstance(text, str):
        if match := _SAMPLING.fullmatch(text):
            rate = float(match[1] or match[4])
            if rate > 0:
                return TimeUnit(match[2] or match[3], 1 / rate)
        # quantities would take the number out of "s/30000" without a word
        elif not any(letter.isdigit() for letter in text) and same_dimension(text, "s"):
            return TimeUnit(text)
    raise ValueError(
        'time_unit must be a unit of time, e.g. "ms", or for sample numbers their interval, "1/30000 s",'
        f" got {text!r}"
    )
