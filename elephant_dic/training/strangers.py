"""Cells outside of a neuron's reference population, and the DICs with which that fires like them."""

from __future__ import annotations

import numpy as np

from ..inference import is_bursting
from ..trains import FEATURES, VIEWS, network_scale, steady

#: The figures by which cells are compared, and how much their logarithms may differ. Current noise shows in
#: `cv2`, and what a train tells of its DICs depends on it.
_FIGURES = {
    "rate": 0.1,
    "spikes_per_burst": 0.15,
    "burst_rate": 0.1,
    "burst_duration": 0.1,
    "intra_burst_rate": 0.1,
    "cv2": 0.3,
}
#: A smaller `cv2` is that of drift and of sampling.
_LEAST_CV2 = 0.005
#: Of so many cells nearest to it, a tonic stranger has the DICs of one, since its train leaves them open, and
#: a bursting one the mean: a population made with that fires like it more often.
_NEAREST = 20


def effective_dics(family, strangers, rng: np.random.Generator):
    """DICs for views of strangers, from the cells of the family that fire most like them.

    Parameters
    ----------
    family, strangers : (features, dics, cells, views)
        As `featurise_all` gives them.
    rng : numpy.random.Generator

    Returns
    -------
    features, dics, cells, views : arrays
        Of the strangers that have a steady view, with effective DICs.
    """
    from scipy.spatial import cKDTree

    known, dics, _, views = family
    of_family = views == list(VIEWS).index(steady)
    tree, dics = cKDTree(_figures(known[of_family])), dics[of_family]
    features, _, cells, views = strangers
    of_cells = np.flatnonzero(views == list(VIEWS).index(steady))
    _, nearest = tree.query(_figures(features[of_cells]), _NEAREST)
    rows = np.full(cells.max() + 1, -1)
    rows[cells[of_cells]] = np.arange(len(of_cells))
    kept = rows[cells] >= 0
    of_view = rows[cells[kept]]
    near = dics[nearest[of_view]]
    one_of_them = near[np.arange(len(near)), rng.integers(_NEAREST, size=len(near))]
    bursting = is_bursting(features[of_cells])[of_view]
    effective = np.where(bursting[:, None], near.mean(axis=1), one_of_them)
    return features[kept], effective, cells[kept], views[kept]


def _figures(features):
    """(n, n_figures) logarithms of the figures, in what they may differ."""
    names = [feature.name for feature in FEATURES]
    figures = network_scale(features)[:, [names.index(name) for name in _FIGURES]]
    cv2 = list(_FIGURES).index("cv2")
    figures[:, cv2] = np.maximum(figures[:, cv2], np.log(_LEAST_CV2))
    return figures / list(_FIGURES.values())
