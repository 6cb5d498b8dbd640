"""The Keras network: features of a spike train to a distribution over the DICs.

A mixture of Gaussians over (g_f, g_s, g_u), with g_s and g_u mapped to the real line by the logit of their
position in the training box, so that no probability lies outside of it. TensorFlow is loaded when the first
train is inferred, and a batch of trains is one call.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from scipy.special import expit, logit, ndtr

from .calibration import is_bursting, rescaled
from .domain import read_domain
from .features import FEATURES, feature_table, network_scale
from .neurons import ENTRY_POINT_GROUP, get_neuron, weights_folder
from .neurons.model import DIC_NAMES, NeuronModel
from .spiketrains import cells_of, times_of

N_COMPONENTS = 8
#: Bounds of the logarithms of the scales, in training and after.
LOG_SCALES = (-6.0, 6.0)
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(24)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Scaling:
    """DICs to the unbounded numbers that the network predicts, and back.

    Attributes
    ----------
    low, high : (3,) arrays
        Bounds of each DIC; not finite for an unbounded one.
    center, scale : (3,) arrays
        Of the unbounded numbers over the training set.
    """

    low: np.ndarray
    high: np.ndarray
    center: np.ndarray
    scale: np.ndarray

    @property
    def bounded(self):
        """Which DICs have bounds."""
        return np.isfinite(self.low)

    def forward(self, dics):
        """(…, 3) DICs to numbers of order 1."""
        return (self._unbound(np.asarray(dics, dtype=float)) - self.center) / self.scale

    def _unbound(self, dics):
        values = dics.copy()
        b = self.bounded
        position = (dics[..., b] - self.low[b]) / (self.high[b] - self.low[b])
        values[..., b] = logit(np.clip(position, 1e-6, 1 - 1e-6))
        return values

    def backward(self, values):
        """(…, 3) numbers to DICs."""
        dics = np.asarray(values) * self.scale + self.center
        b = self.bounded
        dics[..., b] = self.low[b] + (self.high[b] - self.low[b]) * expit(dics[..., b])
        return dics


@dataclass(frozen=True)
class DICEstimate:
    """What a spike train tells about a neuron's DICs: a distribution, not a point.

    Inferred DICs are effective ones: those with which the neuron's reference family fires like the train.
    Tonic trains leave g_s almost free. Each DIC is normalised by the leak conductance, dimensionless.

    Attributes
    ----------
    mean, std : (3,) arrays
        Of g_f, g_s, g_u.
    names : tuple of str
    in_domain : bool
        Whether the train is like those that the network was trained on.
    domain_score : float
        Distance from the training trains; above 1 is outside.
    warnings : tuple of str
        Why the estimate should be doubted; empty if there is no reason known.
    """

    mean: np.ndarray
    std: np.ndarray
    names: tuple[str, ...]
    in_domain: bool
    domain_score: float
    warnings: tuple[str, ...]
    _weights: np.ndarray = field(repr=False)  # (k,)
    _means: np.ndarray = field(repr=False)  # (k, 3), unbounded
    _factors: np.ndarray = field(repr=False)  # (k, 3, 3), lower triangular
    _scaling: Scaling = field(repr=False)
    _neuron: str = field(repr=False)
    _weights_sha256: str = field(repr=False)

    def sample(self, n, seed=None) -> np.ndarray:
        """Draw DICs from the distribution.

        Parameters
        ----------
        n : int
        seed : int or numpy.random.Generator, optional

        Returns
        -------
        (n, 3) array
        """
        rng = np.random.default_rng(seed)
        component = rng.choice(len(self._weights), size=n, p=self._weights)
        noise = np.einsum("nij,nj->ni", self._factors[component], rng.standard_normal((n, 3)))
        return self._scaling.backward(self._means[component] + noise)

    def interval(self, level) -> np.ndarray:
        """Central interval of each DIC.

        Parameters
        ----------
        level : float
            Probability inside, such as 0.68.

        Returns
        -------
        (3, 2) array
        """
        if not 0 < level < 1:
            raise ValueError(f"level must be a probability between 0 and 1, got {level}")
        tails = np.array([(1 - level) / 2, (1 + level) / 2])
        spread = np.linalg.norm(self._factors, axis=2)
        low = np.repeat((self._means - 10 * spread).min(axis=0)[:, None], 2, axis=1)
        high = np.repeat((self._means + 10 * spread).max(axis=0)[:, None], 2, axis=1)
        for _ in range(60):
            middle = (low + high) / 2
            below = self._below(middle) < tails
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return self._scaling.backward(middle.T).T

    def probability_below(self, dics) -> np.ndarray:
        """Probability that each DIC is smaller than a given one.

        Parameters
        ----------
        dics : (3,) array
            Of g_f, g_s, g_u.

        Returns
        -------
        (3,) array
        """
        return self._below(self._scaling.forward(dics)[:, None])[:, 0]

    def _below(self, values):
        """Probability below unbounded values (3, n) of each DIC."""
        spread = np.linalg.norm(self._factors, axis=2)
        z = (values - self._means[..., None]) / spread[..., None]
        return np.einsum("k,kdt->dt", self._weights, ndtr(z))


def _moments(weights, means, factors, scaling):
    """Mean and standard deviation of each DIC, by quadrature over each component."""
    spread = np.linalg.norm(factors, axis=-1)
    nodes = means[..., None, :] + spread[..., None, :] * _NODES[:, None]
    values = scaling.backward(nodes)
    mean = np.einsum("nk,q,nkqd->nd", weights, _WEIGHTS, values)
    square = np.einsum("nk,q,nkqd->nd", weights, _WEIGHTS, (values - mean[:, None, None]) ** 2)
    return mean, np.sqrt(square)


def split_outputs(outputs):
    """Network outputs (n, 10 k) to mixture weights (n, k), means (n, k, 3), Cholesky factors (n, k, 3, 3)."""
    raw = np.asarray(outputs, dtype=float).reshape(len(outputs), -1, 10)
    weights = np.exp(raw[..., 0] - raw[..., 0].max(axis=1, keepdims=True))
    factors = np.zeros((*raw.shape[:2], 3, 3))
    factors[..., [0, 1, 2], [0, 1, 2]] = np.exp(np.clip(raw[..., 4:7], *LOG_SCALES))
    factors[..., [1, 2, 2], [0, 0, 1]] = raw[..., 7:10]
    return weights / weights.sum(axis=1, keepdims=True), raw[..., 1:4], factors


class Regressor:
    """A trained network with its card and its training domain.

    Parameters
    ----------
    model : keras.Model
        Scaled features (n, n_features) to outputs (n, 10 k).
    card : dict
    domain : Domain
    """

    def __init__(self, model, card, domain):
        import tensorflow as tf

        self.card, self.domain = card, domain
        self.scaling = Scaling(**{name: np.array(value, float) for name, value in card["scaling"].items()})
        self._width = np.array([card["width"]["tonic"], card["width"]["bursting"]], dtype=float)
        self._predict = tf.function(
            lambda x: model(x, training=False),
            input_signature=[tf.TensorSpec((None, len(FEATURES)), tf.float32)],
        )

    def scores(self, features) -> np.ndarray:
        """(n,) domain scores of features (n, n_features)."""
        return self.domain.score(network_scale(np.atleast_2d(features)))

    def foreign(self, features) -> np.ndarray:
        """(n,) bool, whether trains are more like chance or two cells in one train than like the neuron's."""
        return self.domain.foreignness(network_scale(np.atleast_2d(features))) > 1

    def mixture(self, features):
        """What the network says of features (n, n_features), as `split_outputs` gives it."""
        return self._mixture(network_scale(np.atleast_2d(features)))

    def _mixture(self, scaled):
        return split_outputs(self._predict(scaled.astype(np.float32)).numpy())

    def estimate(self, features) -> list[DICEstimate]:
        """Distributions for features (n, n_features)."""
        features = np.atleast_2d(features)
        scaled = network_scale(features)
        mixture = rescaled(self._mixture(scaled), self._width[is_bursting(features).astype(int)])
        means, stds = _moments(*mixture, self.scaling)
        scores = self.domain.score(scaled)
        reasons = self.domain.reasons(features, scores)
        return [
            DICEstimate(
                mean=means[i], std=stds[i], names=DIC_NAMES, in_domain=bool(scores[i] <= 1),
                domain_score=float(scores[i]), warnings=reasons[i],
                _weights=mixture[0][i], _means=mixture[1][i], _factors=mixture[2][i], _scaling=self.scaling,
                _neuron=self.card["neuron"], _weights_sha256=self.card["weights_sha256"],
            )
            for i in range(len(features))
        ]  # fmt: skip


def weights_hash(model) -> str:
    """SHA-256 of a Keras model's weights: its file also holds a date."""
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()


@lru_cache(maxsize=8)
def load_regressor(neuron: NeuronModel) -> Regressor:
    """The regressor installed for a neuron.

    Raises
    ------
    ValueError
        If there is none, or its files are damaged.
    """
    folder = weights_folder(neuron)
    if folder is None:
        raise ValueError(
            f"no trained network is installed for neuron {neuron.name!r}: it is not registered by an entry "
            f"point of the group {ENTRY_POINT_GROUP}"
        )
    if not (folder / f"{neuron.name}.json").is_file():
        raise ValueError(
            f"no trained network is installed for neuron {neuron.name!r}: train one and put "
            f"{neuron.name}.keras, {neuron.name}.json and {neuron.name}.npz into {folder}"
        )
    return read_regressor(neuron, folder)


def read_regressor(neuron: NeuronModel, folder) -> Regressor:
    """The regressor that `train_regressor` has written into a folder.

    Nothing in the files is run: Keras's safe mode refuses code, numpy refuses pickled objects.

    Raises
    ------
    ValueError
        If files are missing, damaged, of another neuron or of another version of the package.
    """
    folder = Path(folder)
    path = folder / f"{neuron.name}.json"
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        features, expected = card["features"], card["weights_sha256"]
        if card["neuron"] != neuron.name:
            raise ValueError(f"it is the card of neuron {card['neuron']!r}")
        if features != [feature.name for feature in FEATURES]:
            raise ValueError("the features that it needs are not those of this version")
        path = folder / f"{neuron.name}.keras"
        model = keras_model(path)
        if weights_hash(model) != expected:
            raise ValueError("its weights are not those of the card")
        path = folder / f"{neuron.name}.npz"
        return Regressor(model, card, read_domain(path))
    except (ValueError, TypeError, KeyError, OSError, BadZipFile) as error:
        reason = f"{error} is missing in it" if isinstance(error, KeyError) else str(error).splitlines()[0]
        raise ValueError(
            f"the network of neuron {neuron.name!r} cannot be used, because of {path.name}: {reason}; "
            f"install the package again, or train the network again"
        ) from error


def keras_model(path):
    """A Keras model from a file, which is refused if it holds code."""
    import keras

    return keras.models.load_model(path, compile=False, safe_mode=True)


def infer_dics(spiketrain, neuron="stg") -> DICEstimate:
    """Infer the dynamic input conductances behind a spike train.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
        A train of at least 5 spikes, or the sweeps of one cell.
    neuron : str or NeuronModel
        Default: "stg".

    Returns
    -------
    DICEstimate
        Wider where the unit holds other cells' spikes or lacks some of its own, with a warning: see
        `assess_quality`.

    Raises
    ------
    TypeError
        For another kind of object.
    ValueError
        For times that are not finite, negative, unsorted or duplicated, fewer than 5 spikes, an implausible
        rate, an unknown neuron, or one without a trained network.
    """
    return infer_cells([spiketrain], [times_of(spiketrain)], get_neuron(neuron))[0]


def infer_dics_many(spiketrains, neuron="stg") -> list[DICEstimate]:
    """Infer the DICs of many cells in one call of the network.

    Parameters
    ----------
    spiketrains : iterable, neo.Segment or neo.Block
        One entry a cell, each as in `infer_dics`. A Block gives its Groups if it has any with spike trains,
        else one cell a unit name across its Segments.
    neuron : str or NeuronModel
        Default: "stg".

    Returns
    -------
    list of DICEstimate
    """
    cells = cells_of(spiketrains)
    return infer_cells(cells, times_of_many(cells), get_neuron(neuron))


def times_of_many(spiketrains) -> list:
    """Checked spike times of many cells; errors say which cell is meant."""
    checked = []
    for index, cell in enumerate(cells_of(spiketrains)):
        try:
            checked.append(times_of(cell))
        except (TypeError, ValueError) as error:
            name = getattr(cell, "name", None)
            raise type(error)(f"cell {index}{f' ({name})' if name else ''}: {error}") from error
    return checked


def infer_cells(cells, sweeps, neuron: NeuronModel) -> list[DICEstimate]:
    """Estimates for cells (trains or Groups) with checked spike times, as uncertain as the units are."""
    from .quality_effect import with_quality

    return with_quality(infer_from_times(sweeps, neuron), cells, sweeps, neuron)


def infer_from_times(cells, neuron: NeuronModel) -> list[DICEstimate]:
    """Estimates for checked spike times (one list of sweeps a cell)."""
    if not cells:
        return []
    return load_regressor(neuron).estimate(feature_table(neuron, cells))
