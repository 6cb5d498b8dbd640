"""How far likelihoods of changes can be trusted: members stand in for the cell.

One after the other is taken out and changed, and the others are asked what was changed, and by how much. From
what they say likelihoods are tempered, and a recording that none of the changes explains is found out. That
anything was changed is asked apart from what was: it can be sure where channels cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import log_expit, logsumexp

from .kernels import Likelihood, Told, Unseen

#: Changes of members, at least, and how many are tried.
_FEWEST, _TRIED = 20, 150
#: Members that are tried unchanged.
_UNCHANGED = 60
#: Tried in this order, so that one is taken where all are alike.
_TEMPERATURES = sorted((0.1 * k for k in range(1, 13)), key=lambda each: abs(each - 1))


@dataclass(frozen=True)
class Trust:
    """What changes of members have taught.

    Attributes
    ----------
    temperature : float
        By which log-likelihoods of changes are multiplied.
    of_factors : float
        By which those of the factors of one change are.
    of_nothing : float
        By which the log-odds of nothing changed are.
    first_right : float or None
        Share of changes that came first when the other members were asked; None if none were tried.
    surprise : float or None
        Share of those changes that the others found less likely than they find the recording after.
    """

    temperature: float = 1.0
    of_factors: float = 1.0
    of_nothing: float = 1.0
    first_right: float | None = None
    surprise: float | None = None


def over_settings(log: np.ndarray, each: Likelihood) -> float:
    """Log-likelihood of a change, over all of its settings."""
    return float(logsumexp(log + each.log_prior))


def odds_of_nothing(unchanged, changed):
    """Log-odds of log-likelihoods of nothing changed, and (…, n_changes) of the changes, alike beforehand."""
    changed = np.asarray(changed)
    return unchanged - logsumexp(changed, axis=-1) + np.log(changed.shape[-1])


def trust_in(
    unchanged: Likelihood, likelihoods: Sequence[Likelihood], compared: Told, unseen: Unseen,
    own: Sequence[np.ndarray], rng: np.random.Generator,
) -> Trust:  # fmt: skip
    """Change members such that they come to fire as the recording after, and ask the others.

    Parameters
    ----------
    unchanged : Likelihood
        Of members as they are.
    likelihoods : sequence of Likelihood
        One a change.
    compared : Told
    unseen : Unseen
    own : sequence of (n_settings,) arrays
        Log-likelihoods that they give the recording after.
    rng : numpy.random.Generator
    """
    places, shares = _places(likelihoods)
    if len(places) < _FEWEST:
        return Trust()
    n = min(_TRIED, int(np.count_nonzero(shares)))
    chosen = places[rng.choice(len(places), n, replace=False, p=shares)]
    noise = rng.standard_normal((n, len(compared.value))) @ np.linalg.cholesky(compared.error).T
    totals, odds, of_setting = np.empty((n, len(likelihoods))), np.empty(n), []
    for i, ((change, setting, member), error) in enumerate(zip(chosen.tolist(), noise, strict=True)):
        value = likelihoods[change].differences[setting, member] + error
        log_unseen = unseen.log(value)
        found = [each.of_settings(value, log_unseen, member) for each in likelihoods]
        totals[i] = [over_settings(log, each) for log, each in zip(found, likelihoods, strict=True)]
        odds[i] = odds_of_nothing(unchanged.of_settings(value, log_unseen, member)[0], totals[i])
        of_setting.append((found[change], likelihoods[change].log_prior, setting))
    truth = chosen[:, 0]
    alone = logsumexp([over_settings(log, each) for log, each in zip(own, likelihoods, strict=True)])
    of_unchanged = _odds_of_unchanged(unchanged, likelihoods, compared, unseen, rng.spawn(1)[0])
    ends_so = np.mean([np.exp(each.log_prior) @ each.known.mean(axis=1) for each in likelihoods])
    return Trust(
        temperature=_best(lambda t: _log_share(t * totals)[np.arange(n), truth]),
        of_factors=_best(
            lambda t: [_log_share(t * log + prior)[true] - prior[true] for log, prior, true in of_setting]
        ),
        of_nothing=_best_for_nothing(of_unchanged, float(unchanged.known.mean()), odds, ends_so),
        first_right=float(np.mean(totals.argmax(axis=1) == truth)),
        surprise=float(np.mean(logsumexp(totals, axis=1) < alone)),
    )


def _odds_of_unchanged(unchanged, likelihoods, compared, unseen, rng):
    """(n,) log-odds of nothing changed that the others give to members that are not changed."""
    members = np.flatnonzero(unchanged.known[0])
    members = rng.choice(members, min(_UNCHANGED, len(members)), replace=False)
    noise = rng.standard_normal((len(members), len(compared.value))) @ np.linalg.cholesky(compared.error).T
    odds = np.empty(len(members))
    for i, (member, error) in enumerate(zip(members.tolist(), noise, strict=True)):
        value = unchanged.differences[0, member] + error
        log_unseen = unseen.log(value)
        changed = [over_settings(each.of_settings(value, log_unseen, member), each) for each in likelihoods]
        odds[i] = odds_of_nothing(unchanged.of_settings(value, log_unseen, member)[0], changed)
    return odds


def _best_for_nothing(of_unchanged, share_unchanged, of_changed, share_changed):
    """The temperature of both kinds of odds: each weighs as often as it ends in the class after."""
    if not len(of_unchanged):
        return 1.0  # what no member does unchanged is told by its class
    return _best(
        lambda t: (
            share_unchanged * np.mean(log_expit(t * of_unchanged))
            + share_changed * np.mean(log_expit(-t * of_changed))
        )
    )


def _places(likelihoods):
    """(n, 3) changes, settings and members that end in the class after, and the share of each: as before any
    evidence, of each change as much as of any other."""
    places, shares = [np.empty((0, 3), dtype=int)], [np.empty(0)]
    for change, each in enumerate(likelihoods):
        found = np.argwhere(each.known)
        if len(found):
            share = np.exp(each.log_prior[found[:, 0]])
            places.append(np.column_stack([np.full(len(found), change), found]))
            shares.append(share / share.sum())
    total = np.concatenate(shares)
    return np.concatenate(places), total / max(total.sum(), 1e-300)


def _log_share(log):
    return log - logsumexp(log, axis=-1, keepdims=True)


def _best(score):
    """The temperature with the best mean score."""
    return float(_TEMPERATURES[np.argmax([np.mean(score(each)) for each in _TEMPERATURES])])
