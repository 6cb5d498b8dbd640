"""Whether a train keeps a rhythm that neither chance nor two independent cells keep."""

from __future__ import annotations

import numpy as np

from .bursts import interval_threshold
from .firing import firing_of
from .spiketrains import isis_of

#: Largest CV2 of a tonic train, largest CV of the periods of a bursting one, least number of them, and of
#: spikes in a burst: two tonic cells of almost the same rate give regular pairs.
_CV2, _PERIOD_CV, _PERIODS, _SPIKES = 0.15, 0.25, 6, 3.0
#: Two cells fire at almost the same time now and then: a single one has few intervals (this share) within
#: bursts that are shorter than so much of their median.
_SHARE, _SHORTER = 0.02, 0.4


def keeps_rhythm(sweeps) -> bool:
    """Whether spikes or bursts follow each other as regularly as those of one cell alone.

    Of pairs of bursting STG cells in one train of 3 s, 1 % do; of renewal processes with gamma distributed
    intervals of a shape of up to 3, 2 %, and none of long ones; of single bursting STG cells without noise,
    86 %.

    Parameters
    ----------
    sweeps : list of arrays
        Spike times in ms.
    """
    firing = firing_of(sweeps)
    if firing.activity == "tonic":
        return firing.cv2 <= _CV2
    if firing.activity != "bursting":
        return False
    isis = isis_of(sweeps)
    within = isis[isis <= interval_threshold(isis)]
    return bool(
        firing.period_cv <= _PERIOD_CV
        and firing.spikes_per_burst >= _SPIKES
        and isis.sum() * firing.burst_rate / 1000 >= _PERIODS
        and np.quantile(within, _SHARE) >= _SHORTER * np.median(within)
    )
