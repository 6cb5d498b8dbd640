"""Whether a train is like those that the network was trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .features import FEATURES, network_scale

_NEIGHBOURS = 4
_N_REASONS = 3


@dataclass(frozen=True)
class Domain:
    """A sample of the training trains, and how far from it a train may be.

    Attributes
    ----------
    center, scale : (n_features,) arrays
        Median and spread of the training features, on the network's scale.
    reference : (n, n_features) array
        Training trains, standardised by them.
    threshold : float
        Distance that scores 1.
    low, high : (n_features,) arrays
        Range of nearly all training trains, in the features' units.
    """

    center: np.ndarray
    scale: np.ndarray
    reference: np.ndarray
    threshold: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def distance(self, scaled):
        """Mean distance to the nearest training trains of features (n, n_features) on the network's scale."""
        points = (scaled - self.center) / self.scale
        reference = self.reference.astype(float)
        squares = (points**2).sum(axis=1)[:, None] + (reference**2).sum(axis=1) - 2 * points @ reference.T
        nearest = np.partition(np.maximum(squares, 0), _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
        return np.sqrt(nearest / points.shape[1]).mean(axis=1)

    def score(self, scaled):
        """Distance over threshold: above 1 is outside."""
        return self.distance(scaled) / float(self.threshold)

    def reasons(self, features, score, table=FEATURES) -> tuple[str, ...]:
        """Sentences on a train outside of the domain, from its features (n_features,), given their table."""
        if score <= 1:
            return ()
        scaled, low, high = (network_scale(values, table) for values in (features, self.low, self.high))
        excess = np.maximum(low - scaled, scaled - high) / self.scale
        worst = np.argsort(-excess)[:_N_REASONS]
        listed = [_describe(table[i], features[i], self.low[i], self.high[i]) for i in worst if excess[i] > 0]
        why = "; ".join(listed) or "each figure alone is known, but not together"
        return (
            "the train is unlike any that the network was trained on, so its DICs should not be trusted: "
            + why,
        )


def read_domain(path, n_features) -> Domain:
    """A domain from its file; a `ValueError` if it is not one of so many features."""
    with np.load(path, allow_pickle=False) as arrays:
        domain = Domain(**{name: arrays[name] for name in arrays.files})
    shapes = {values.shape[-1:] for name, values in vars(domain).items() if name != "threshold"}
    if shapes != {(n_features,)}:
        raise ValueError(f"it is of another number of features than the card's {n_features}")
    return domain


def _describe(feature, value, low, high):
    unit = f" {feature.unit}" if feature.unit else ""
    limit = f"at most {high:.3g}" if value > high else f"at least {low:.3g}"
    return f"{feature.meaning} is {value:.3g}{unit} (trained on {limit}{unit})"


def sample_domain(features, held_out, training, seed, n_reference=6000, share_inside=0.98) -> Domain:
    """Domain of a training set.

    Parameters
    ----------
    features : (n, n_features) array
        In their units.
    held_out, training : (n,) bool arrays
        Rows that set the threshold, and rows from which the reference is drawn.
    seed : int
    n_reference : int
    share_inside : float
        Share of held-out rows that score below 1.
    """
    scaled = network_scale(features)
    center = np.median(scaled[training], axis=0)
    scale = scaled[training].std(axis=0) + 1e-6
    rows = np.random.default_rng(seed).choice(np.flatnonzero(training), n_reference, replace=False)
    reference = ((scaled[rows] - center) / scale).astype(np.float32)
    low, high = np.quantile(features[training], (0.002, 0.998), axis=0)
    domain = Domain(center, scale, reference, np.array(1.0), low, high)
    threshold = np.quantile(domain.distance(scaled[held_out][:20_000]), share_inside)
    return Domain(center, scale, reference, np.array(threshold), low, high)
