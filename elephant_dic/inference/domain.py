"""Whether a train is like those that the network was trained on."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property, partial

import numpy as np

from ..trains import FEATURES, network_scale
from .foreign import Contrast, fit_contrast

#: The reference is a random sample; the distance is a mean over so many parts of it.
_PARTS = 4
_N_REFERENCE, _N_STRANGERS, _N_THRESHOLD = 8000, 4000, 20_000
_SHARE_INSIDE = 0.99  # of held-out trains
_FAR = 20.0  # standard deviations; what is further is as far
_N_REASONS = 3
_FEW = 8  # rows
_ROWS = 128  # at a time: what is computed of them stays in the processor's cache


@dataclass(frozen=True)
class Judgement:
    """What a domain says of n trains.

    Attributes
    ----------
    scores : (n,) array
        The larger of distance over threshold and of the contrast's score: above 1 is outside.
    foreign : (n,) bool array
        Whether a train is more like chance, or two cells in one train, than like the neuron's.
    reasons : list of n tuples of str
        A sentence on each train that is outside.
    """

    scores: np.ndarray
    foreign: np.ndarray
    reasons: list[tuple[str, ...]]


@dataclass(frozen=True)
class Domain:
    """A sample of the training trains, how far from it a train may be, and what tells it from foreign ones.

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
    contrast : Contrast
    """

    center: np.ndarray
    scale: np.ndarray
    reference: np.ndarray
    threshold: np.ndarray
    low: np.ndarray
    high: np.ndarray
    contrast: Contrast

    def distance(self, scaled: np.ndarray) -> np.ndarray:
        """Distance to the nearest training train, a mean over parts of the reference.

        Parameters
        ----------
        scaled : (n, n_features) array
            Features on the network's scale.

        Returns
        -------
        (n,) array
        """
        starts = range(0, max(1, len(scaled)), _ROWS)
        return np.concatenate([self._distance(scaled[i : i + _ROWS]) for i in starts])

    def _distance(self, scaled):
        points = np.clip((scaled - self.center) / self.scale, -_FAR, _FAR)
        offsets = points[:, None] - self.reference[self._nearest(points)]
        return np.sqrt((offsets**2).mean(axis=2)).mean(axis=1)

    def _nearest(self, points):
        """(n, 4) rows of the reference that are nearest to points (n, n_features), one of each part.

        In single precision, and in sums whose order depends on the number of rows: the distances themselves
        are not computed so.
        """
        with_one = np.concatenate([points, np.ones_like(points[:, :1])], axis=1).astype(np.float32)
        n_part = len(self.reference) // _PARTS
        # Of few rows without BLAS: its threads, once woken, wait busily for longer than this takes.
        multiply = np.matmul if len(points) > _FEW else partial(np.einsum, "nk,kr->nr")
        found = multiply(with_one, self._products).reshape(len(points), _PARTS, n_part).argmin(axis=2)
        return found + n_part * np.arange(_PARTS)

    @cached_property
    def _products(self):
        """(n_features + 1, n): a point x and a 1 times this is r . r - 2 x . r, least for the nearest r."""
        lengths = (self.reference**2).sum(axis=1, keepdims=True)
        return np.concatenate([-2 * self.reference, lengths], axis=1).T.copy()

    def judge(self, features: np.ndarray) -> Judgement:
        """What to think of trains with features (n, n_features), in their units."""
        scaled = network_scale(features)
        foreignness = self.contrast.score((scaled - self.center) / self.scale)
        scores = np.maximum(self.distance(scaled) / float(self.threshold), foreignness)
        foreign = foreignness > 1
        reasons: list[tuple[str, ...]] = [()] * len(features)
        for row in np.flatnonzero(scores > 1):
            reasons[row] = (self._reason(features[row], scaled[row]),)
        return Judgement(scores, foreign, reasons)

    def _reason(self, features, scaled) -> str:
        """A sentence on a train outside of the domain."""
        excess = np.maximum(network_scale(self.low) - scaled, scaled - network_scale(self.high)) / self.scale
        listed = [
            _describe(FEATURES[k], features[k], self.low[k], self.high[k])
            for k in np.argsort(-excess)[:_N_REASONS]
            if excess[k] > 0
        ]
        why = "; ".join(listed) or "each figure alone is known, but not together"
        return (
            "the train is unlike any that the network was trained on, so its DICs should not be "
            f"trusted: {why}"
        )

    def arrays(self) -> dict:
        """What its file holds."""
        return {name: getattr(self, name) for name in _ARRAYS} | vars(self.contrast)


_CONTRAST = tuple(field.name for field in fields(Contrast))
_ARRAYS = tuple(field.name for field in fields(Domain) if field.name != "contrast")


def read_domain(path) -> Domain:
    """A domain from its file; a `ValueError` if it is of other features."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    if missing := [name for name in (*_ARRAYS, *_CONTRAST) if name not in arrays]:
        raise ValueError(f"it lacks {', '.join(missing)}")
    n = len(FEATURES)
    widths = {arrays[name].shape[-1:] for name in _ARRAYS if name != "threshold"}
    if widths != {(n,)} or len(arrays["weights_1"]) != n + 1:
        raise ValueError(f"it is of another number of features than this version's {n}")
    return Domain(
        **{name: arrays[name] for name in _ARRAYS},
        contrast=Contrast(**{name: arrays[name] for name in _CONTRAST}),
    )


def _describe(feature, value, low, high):
    unit = f" {feature.unit}" if feature.unit else ""
    limit = f"at most {high:.3g}" if value > high else f"at least {low:.3g}"
    return f"{feature.meaning} is {value:.3g}{unit} (trained on {limit}{unit})"


def sample_domain(features, held_out, training, foreign, seed, strangers=None) -> Domain:
    """Domain of a training set.

    Parameters
    ----------
    features : (n, n_features) array
        In their units.
    held_out, training : (n,) bool arrays
        Rows that set the threshold, and rows from which the reference is drawn.
    foreign : (m, n_features) array
        Features of trains that are not the neuron's.
    seed : int
    strangers : (n,) bool array, optional
        Rows of cells outside of the reference population: few in training, so that their share of the
        reference is larger.
    """
    rng = np.random.default_rng(seed)
    strangers = np.zeros(len(features), dtype=bool) if strangers is None else strangers
    scaled = network_scale(features)
    center = np.median(scaled[training], axis=0)
    scale = scaled[training].std(axis=0) + 1e-6
    rows = _draw(training & ~strangers, _N_REFERENCE, rng)
    if strangers.any():
        rows = rng.permutation(np.concatenate([rows, _draw(training & strangers, _N_STRANGERS, rng)]))
    reference = ((scaled[rows] - center) / scale).astype(np.float32)
    low, high = np.quantile(features[training], (0.002, 0.998), axis=0)
    judges = scaled[_draw(held_out & ~strangers, _N_THRESHOLD, rng)]
    own, others, limiting = (
        (sample - center) / scale for sample in (scaled[training], network_scale(foreign), judges)
    )
    contrast = fit_contrast(own, others, limiting, seed)
    domain = Domain(center, scale, reference, np.array(1.0), low, high, contrast)
    return replace(domain, threshold=np.quantile(domain.distance(judges), _SHARE_INSIDE))


def _draw(rows, n, rng):
    """Up to so many of the rows, a multiple of the parts."""
    rows = rng.permutation(np.flatnonzero(rows))[:n]
    return rows[: len(rows) - len(rows) % _PARTS]
