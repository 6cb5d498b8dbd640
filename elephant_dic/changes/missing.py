"""Spikes that a tonic recording lacks: few of a hundred, and it is of another class by the rule."""

from __future__ import annotations

import numpy as np

from ..trains import firing_of

#: An interval is so many regular ones, to this share of one; in all no larger share of the intervals is.
_MOST_LOST, _OFF, _SHARE = 3, 0.2, 0.1
#: Intervals on either side from which the regular one is known.
_AROUND = 5
#: Largest CV2 of the train that they make.
_REGULAR = 0.15


def completed(sweeps: list[np.ndarray]) -> tuple[list[np.ndarray], int]:
    """The recording with the spikes that it seems to lack, and how many; as it is if it is not tonic then.

    Parameters
    ----------
    sweeps : list of arrays
        Spike times in ms.
    """
    filled, n_missing = [], 0
    for times in sweeps:
        isis = np.diff(times)
        lost = np.array([_lost(isis, i) for i in range(len(isis))], dtype=int)
        pieces = [
            np.linspace(start, start + isi, n + 2)[:-1]
            for start, isi, n in zip(times, isis, lost, strict=False)
        ]
        filled.append(np.concatenate([*pieces, times[-1:]]))
        n_missing += int(lost.sum())
    firing = firing_of(filled)
    few = n_missing <= _SHARE * sum(map(len, sweeps))
    if n_missing and few and firing.activity == "tonic" and firing.cv2 <= _REGULAR:
        return filled, n_missing
    return sweeps, 0


def _lost(isis, i) -> int:
    """How many spikes an interval lacks: it is a multiple of those around it."""
    regular = (
        np.median(np.r_[isis[max(0, i - _AROUND) : i], isis[i + 1 : i + 1 + _AROUND]]) if len(isis) > 1 else 0
    )
    if not regular > 0:
        return 0
    n = round(isis[i] / regular)
    return n - 1 if 2 <= n <= _MOST_LOST + 1 and abs(isis[i] - n * regular) <= _OFF * regular else 0
