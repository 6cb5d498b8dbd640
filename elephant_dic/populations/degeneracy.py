"""How different the members of a population are from each other."""

from __future__ import annotations

import numpy as np

from ..neurons import NeuronModel, dics_of, pairs_of

#: Relative to the leak, a conductance with a smaller CV is constant.
_CONSTANT = 1e-6
#: Cells from which a CV can be told.
_FEWEST = 10


def degeneracy_of(neuron: NeuronModel, table, unverified, matching) -> dict:
    """Figures of the spread of a population, beside those of the candidates that it was chosen from.

    All are of conductances relative to the leak, since multiplying all conductances of a cell by a number
    hardly changes its firing pattern, without those that the reference population keeps in one ratio to the
    leak; where distances count, each in units of its standard deviation over the unverified candidates.

    Parameters
    ----------
    neuron : NeuronModel
    table, unverified : (n, n_channels), (m, n_channels) arrays
        mS/cm**2; two cells each at least.
    matching : (m,) bool array
        Which of the unverified candidates fire like the recording.

    Returns
    -------
    dict
        ``cv``, ``cv_unverified`` and ``cv_matching``: coefficient of variation by conductance, the last over
        the matching candidates alone, None if they are fewer than 10. ``effective_rank`` and
        ``effective_rank_unverified`` of the covariance: the exponential of the entropy of its normalised
        eigenvalues (Roy and Vetterli 2007), from 1 to the number of conductances. ``nearest_neighbour`` and
        ``nearest_neighbour_unverified``: median distance from a cell to the one most like it, among as many
        cells of each.
        ``correlations``: Pearson's, by pairs of conductances. ``compensation_pairs``: members by the pair of
        conductances with which the family reaches DICs like theirs.
    """
    first = unverified / unverified[:, [neuron.leak_index]]
    columns = np.flatnonzero(first.std(axis=0) > _CONSTANT * first.mean(axis=0))
    names = [neuron.conductance_names[i] for i in columns]
    cells, first = table[:, columns] / table[:, [neuron.leak_index]], first[:, columns]
    spread = first.std(axis=0)
    cells_scaled, first_scaled = cells / spread, first / spread
    correlation = _correlations(cells)
    n_compared, enough = min(len(cells), len(first)), np.sum(matching) >= _FEWEST
    return {
        "cv": dict(zip(names, _cv(cells), strict=True)),
        "cv_unverified": dict(zip(names, _cv(first), strict=True)),
        "cv_matching": dict(zip(names, _cv(first[matching]), strict=True)) if enough else None,
        "effective_rank": _effective_rank(cells_scaled),
        "effective_rank_unverified": _effective_rank(first_scaled),
        "nearest_neighbour": _nearest(cells_scaled[:n_compared]),
        "nearest_neighbour_unverified": _nearest(first_scaled[:n_compared]),
        "correlations": {
            f"{a} {b}": float(correlation[i, j])
            for i, a in enumerate(names)
            for j, b in enumerate(names)
            if i < j
        },
        "compensation_pairs": _pairs(neuron, table),
    }


def _cv(cells):
    return [float(value) for value in cells.std(axis=0) / (cells.mean(axis=0) + 1e-300)]


def _effective_rank(scaled):
    eigenvalues = np.linalg.eigvalsh(np.atleast_2d(np.cov(scaled.T)))  # one conductance may vary alone
    shares = np.maximum(eigenvalues, 0) / max(eigenvalues.sum(), 1e-300)
    shares = shares[shares > 0]
    return float(np.exp(-(shares * np.log(shares)).sum()))


def _nearest(scaled):
    from scipy.spatial import cKDTree  # takes a tenth of a second to import

    return float(np.median(cKDTree(scaled).query(scaled, 2)[0][:, 1]))


def _correlations(cells):
    centered = cells - cells.mean(axis=0)
    scale = np.sqrt((centered**2).sum(axis=0)) + 1e-300
    return (centered / scale).T @ (centered / scale)


def _pairs(neuron, table):
    chosen = pairs_of(neuron, dics_of(neuron, table))
    names = [" ".join(pair.channels) for pair in neuron.compensations]
    return {name: int((chosen == i).sum()) for i, name in enumerate(names) if (chosen == i).any()}
