"""Recordings whose firing varies: the current noise that models need, and what no noise explains."""

from __future__ import annotations

import numpy as np

from ..trains import Firing, deviations, matches
from .comparison import Comparison
from .settings import SETTINGS, Settings

#: What noise has to bring about in each class.
_VARIES = {"tonic": "cv2", "bursting": "period_cv"}


def choose_noise(comparison: Comparison, draw) -> float:
    """The current noise with which models vary as a recording does.

    Parameters
    ----------
    comparison : Comparison
        Its `noise_std` is changed on the way, and left at what is returned.
    draw : function of an int m
        Gives m candidates (m, n_channels), if any are needed.

    Returns
    -------
    float
        Standard deviation in uA/cm**2, 0 where models vary as much by themselves.
    """
    settings, recording = comparison.settings, comparison.recording
    if recording.activity == "irregular":
        return _choose_for_irregular(comparison, draw(settings.noise_candidates))
    varies = _VARIES.get(recording.activity)
    if varies is None or not getattr(recording, varies) > settings.variability:
        return 0.0
    return _choose_for(varies, comparison, draw(settings.noise_candidates))


def _choose_for_irregular(comparison, candidates):
    """The level with which most candidates fire like the recording: of two as good, the lower.

    Where none makes any candidate match, that which brings the nearest tenth of them nearest.
    """
    settings, scores = comparison.settings, []
    for level in settings.noise_levels:
        comparison.noise_std = level
        models, _ = comparison.look(candidates)
        share = matches(models, comparison.recording, comparison.tolerance).mean()
        distance = _distance(models, comparison)
        scores.append((share, -np.quantile(distance, settings.noise_nearest, method="lower")))
    comparison.noise_std = settings.noise_levels[max(range(len(scores)), key=scores.__getitem__)]
    return comparison.noise_std


def _distance(models, comparison):
    largest = np.abs(deviations(models, comparison.recording, comparison.tolerance)).max(axis=1)
    return np.where(np.isfinite(largest), largest, 1e9)


def _choose_for(varies, comparison, candidates):
    """The level, between those tried, at which candidates of the recording's class vary as it does."""
    settings, wanted = comparison.settings, getattr(comparison.recording, varies)
    levels, found = [], []
    for level in settings.noise_levels:
        comparison.noise_std = level
        models, _ = comparison.look(candidates)
        values = [
            getattr(model, varies) for model in models if model.activity == comparison.recording.activity
        ]
        if not values:
            continue
        if level == 0 and wanted <= np.quantile(values, settings.most) + settings.variability:
            break
        levels.append(level)
        found.append(np.median(values))
        if found[-1] >= wanted:
            break
    # A level between two of those tried: what varies grows with the noise.
    level = np.interp(wanted, np.maximum.accumulate(found), levels) if found else 0.0
    comparison.noise_std = float(f"{level:.2g}")
    return comparison.noise_std


def why_too_irregular(recording: Firing, in_domain, foreign, settings: Settings = SETTINGS) -> str | None:
    """Why no model should be said to fire like a recording, if it varies as no simulated cell does.

    The figures by which models are compared do not tell: a cell that fires pairs of spikes can have the
    medians of two tonic cells merged, and a rare model under strong noise the rate and CV2 of chance.

    Parameters
    ----------
    recording : Firing
    in_domain, foreign : bool
        What the network's domain says of it, see `Judgement`.
    settings : Settings
    """
    if recording.activity == "tonic":
        return None
    if foreign:
        return (
            "its intervals are more like those of chance, or of two cells in one train, than like those of "
            "this neuron. It may be more than one cell, or one driven by its inputs, or one of another kind"
        )
    if recording.activity == "irregular" and recording.cv2 > settings.max_cv2 and not in_domain:
        return (
            f"its intervals vary like those of chance (CV2 {recording.cv2:.2f}; Poisson trains have 1), and "
            f"no train that the network was trained on is like it. It may be more than one neuron, or one "
            f"driven by its inputs"
        )
    return None
