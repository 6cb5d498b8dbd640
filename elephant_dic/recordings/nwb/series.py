"""Time series of an NWB file: samples in a unit, with their times."""

from dataclasses import dataclass

import neo
import numpy as np
import quantities as pq

from ..contents import same_dimension
from ..spike_detection import RecordingError
from ..units_of_files import checked_unit
from .attributes import text_of

UNITS = {"volt": "V", "volts": "V", "v": "V"}  # by their names in small letters
UNITS |= dict.fromkeys(("ampere", "amperes", "amp", "amps", "a"), "A")
JITTER = 0.25  # of a step: times that are off by less are those of a constant rate


@dataclass(frozen=True)
class Samples:
    """A range of a time series; either `rate` or `times` is None."""

    values: np.ndarray  # in `units`
    units: str
    t_start: float  # s
    rate: float | None = None  # Hz
    times: np.ndarray | None = None  # s, of samples that are not at a constant rate

    def signal(self):
        """The samples as a signal; RecordingError if they are not at a constant rate."""
        if self.rate is None:
            raise RecordingError("it is not sampled at a constant rate (were frames dropped?)")
        return neo.AnalogSignal(
            self.values[:, np.newaxis],
            units=self.units,
            t_start=self.t_start * pq.s,
            sampling_rate=self.rate * pq.Hz,
        )

    def at(self, times):
        """The value that holds at each of some times (s); NaN before the first and after the last sample."""
        if self.rate is None:
            places = np.searchsorted(self.times, times, side="right") - 1
            ended = times > self.times[-1] + np.median(np.diff(self.times))
        else:
            places = np.floor((times - self.t_start) * self.rate + 1e-3).astype(int)
            ended = places >= self.values.size
        inside = (places >= 0) & ~ended
        return np.where(inside, self.values[np.clip(places, 0, self.values.size - 1)], np.nan)


def read_samples(item, first=0, count=None):
    """A range of a series; RecordingError, with the reason, if it cannot be used."""
    data = item["data"]
    if data.ndim > 1 and data.size != len(data):
        raise RecordingError(f"it has {data.shape[1:]} values at a time")
    count = len(data) - first if count is None else count
    if not 0 <= first < first + count <= len(data):
        raise RecordingError(f"samples {first} to {first + count} are asked of it, and it has {len(data)}")
    factor, offset = float(data.attrs.get("conversion", 1.0)), float(data.attrs.get("offset", 0.0))
    if not (np.isfinite(factor) and factor and np.isfinite(offset)):
        raise RecordingError(f"its conversion is {factor:g}, its offset {offset:g}")
    values = data[first : first + count].astype(float).ravel()
    values *= factor
    values += offset
    return Samples(values, unit_of(item), **_clock(item, first, count))


def unit_of(item):
    """The unit of a series; RecordingError if it is neither of a potential nor of a current."""
    text = text_of(item["data"].attrs["unit"])
    unit = UNITS.get(text.strip().lower(), text)
    if not (same_dimension(unit, "V") or same_dimension(unit, "A")):
        raise RecordingError(f"its unit, {text[:20]!r}, is neither of a potential nor of a current")
    return checked_unit(unit)


def span_of(item, first, stop):
    """When a range of a series begins and ends, in s; infinite if that cannot be told."""
    try:
        if "starting_time" in item:
            start, rate = (float(np.ravel(value)[0]) for value in _start_and_rate(item))
            span = (start + first / rate if first else start), start + (stop / rate if rate else np.inf)
        else:
            span = float(item["timestamps"][first]), float(item["timestamps"][stop - 1])
    except Exception:  # of a damaged series, which will be told when it is read
        return np.inf, np.inf
    return span if np.isfinite(span[0]) else (np.inf, np.inf)


def _start_and_rate(item):
    return item["starting_time"][()], item["starting_time"].attrs["rate"]


def _clock(item, first, count):
    """Start and rate of a range, or its times if they are not at a constant rate."""
    if "starting_time" in item:
        start, rate = (float(np.ravel(value)[0]) for value in _start_and_rate(item))
        if not (np.isfinite(start) and np.isfinite(rate) and rate > 0):
            raise RecordingError(f"it starts at {start:g} s, and is sampled at {rate:g} Hz")
        return {"t_start": start + first / rate, "rate": rate}
    if "timestamps" not in item:
        raise RecordingError("it has neither starting_time nor timestamps")
    times = item["timestamps"][first : first + count].astype(float)
    if len(times) != count or count < 2:
        raise RecordingError(f"it has {count} samples, but {len(times)} times")
    if not (np.isfinite(times).all() and (np.diff(times) > 0).all()):
        raise RecordingError("its timestamps do not rise from sample to sample")
    step = (times[-1] - times[0]) / (count - 1)
    if np.abs(times - times[0] - step * np.arange(count)).max() < JITTER * step:
        return {"t_start": float(times[0]), "rate": 1 / step}
    return {"t_start": float(times[0]), "times": times}
