"""Recordings whose intervals vary: the current noise that models need, and what no noise explains."""

from __future__ import annotations

import numpy as np

from .bursts import find_bursts, interval_threshold
from .comparison import Comparison
from .firing import Firing, deviations, matches

#: Standard deviations of current noise that are tried, in uA/cm**2. With more, the noise and not the
#: channels would make the firing.
NOISE_LEVELS = 0.0, 0.3, 0.6, 1.2, 2.1, 3.0
#: Half of the central 68 % of the log intervals, of those within and those between bursts, summed, and CV of
#: the intervals between onsets: what exceeds both is no single cell. Merged pairs of tonic trains do in
#: nearly nine of ten cases; a real burster of the spinal cord has 0.77 and 0.22.
MAX_SPREAD, MAX_PERIOD_CV = 0.85, 0.15
#: CV2 of irregular trains above which they are chance (Poisson: 1) where the network knows none like them. Of
#: irregular STG cells under noise of 3 uA/cm**2 none has more than 0.7, of DA cells one in twenty has 0.8.
MAX_CV2 = 0.8


def choose_noise(comparison: Comparison, candidates) -> float:
    """The current noise with which most candidates fire like an irregular recording.

    Parameters
    ----------
    comparison : Comparison
        Its `noise_std` is changed on the way, and left at what is returned.
    candidates : (n, n_channels) array
        mS/cm**2.

    Returns
    -------
    float
        Standard deviation in uA/cm**2, one of `NOISE_LEVELS`. Where none makes any candidate match, that
        which brings the nearest tenth of them nearest.
    """
    scores = []
    for level in NOISE_LEVELS:
        comparison.noise_std = level
        models = comparison.figures(candidates)
        share = matches(models, comparison.recording, comparison.tolerance).mean()
        distance = _distance(models, comparison)
        scores.append((share, -np.quantile(distance, 0.1, method="lower")))
    comparison.noise_std = NOISE_LEVELS[max(range(len(scores)), key=scores.__getitem__)]
    return comparison.noise_std


def _distance(models, comparison):
    largest = np.abs(deviations(models, comparison.recording, comparison.tolerance)).max(axis=1)
    return np.where(np.isfinite(largest), largest, 1e9)


def burst_variation(sweeps) -> tuple[float, float]:
    """How much intervals and burst periods vary, as in `MAX_SPREAD` and `MAX_PERIOD_CV`; 0 without bursts."""
    isis = np.concatenate([np.diff(times) for times in sweeps])
    threshold = interval_threshold(isis)
    if threshold is None:
        return 0.0, 0.0
    spread = sum(_half_width(np.log(part)) for part in (isis[isis <= threshold], isis[isis > threshold]))
    periods = find_bursts(sweeps, threshold).periods
    return spread, float(periods.std() / periods.mean()) if len(periods) else 0.0


def _half_width(values):
    return float(np.subtract(*np.quantile(values, (0.84, 0.16)))) / 2


def why_too_irregular(recording: Firing, sweeps, in_domain=True) -> str | None:
    """Why no model can fire like a recording that varies as no simulated cell does, if so.

    The medians by which bursts are compared do not tell: a cell that fires pairs of spikes can have those of
    two tonic cells merged. Nor do rate and CV2: a rare model under strong noise can have those of chance.
    """
    if recording.activity == "irregular" and recording.cv2 > MAX_CV2 and not in_domain:
        return (
            f"its intervals vary like those of chance (CV2 {recording.cv2:.2f}; Poisson trains have 1), and "
            f"no train that the network was trained on is like it. It may be more than one neuron, or one "
            f"driven by its inputs"
        )
    if recording.activity != "bursting":
        return None
    spread, period_cv = burst_variation(sweeps)
    if spread <= MAX_SPREAD or period_cv <= MAX_PERIOD_CV:
        return None
    return (
        f"its intervals, within bursts and between them, vary like those of chance: together by a factor of "
        f"{np.exp(spread):.1f}, and those of the models, also under noise, by less than "
        f"{np.exp(MAX_SPREAD):.1f}. It may be more than one neuron, or one driven by its inputs"
    )
