"""What two recordings say of each change, in probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp
from scipy.stats import chi2

from .kernels import Likelihood, Told, Unseen, likelihood
from .trials import Trials
from .trust import Trust, odds_of_nothing, over_settings, trust_in

#: Share of cells that the members say nothing of, such as those next to a change of firing that no member is
#: next to: any channel may have changed there. Without it, of STG cells that burst before, what was called
#: 0.83 was right in 0.73 (`benchmarks/changes.py`, 71 pairs of recordings).
_UNLIKE = 0.07


@dataclass(frozen=True, eq=False)
class Evidence:
    """What recordings say of each change.

    Attributes
    ----------
    value : (n_told,) array
        What the recordings show of a change.
    likelihoods : list of Likelihood
        The first is that of members as they are: nothing has changed.
    log : list of (n_settings,) arrays
        Log-likelihoods of each setting.
    trust : Trust
        How far they can be trusted.
    usual : float
        Share of recordings in which nothing has changed that differ from the one before by more than the one
        after does; zero if that is of another class.
    """

    value: np.ndarray
    likelihoods: list[Likelihood]
    log: list[np.ndarray]
    trust: Trust
    usual: float

    @property
    def _totals(self) -> np.ndarray:
        """(1 + n_changes,) log-likelihoods, over all factors: of nothing changed, and of each change."""
        return np.array(
            [over_settings(log, each) for log, each in zip(self.log, self.likelihoods, strict=True)]
        )

    @property
    def probabilities(self) -> np.ndarray:
        """(n_changes,) of each, if it was one of them; all alike beforehand."""
        log = self.trust.temperature * self._totals[1:]
        return (1 - _UNLIKE) * np.exp(log - logsumexp(log)) + _UNLIKE / len(log)

    @property
    def nothing(self) -> float:
        """Probability that nothing has changed, where that and a change are alike beforehand."""
        unchanged, *changed = self._totals
        return float(expit(self.trust.of_nothing * odds_of_nothing(unchanged, changed)))

    def weights(self, change: int) -> np.ndarray:
        """(n_settings,) of the settings of one change, together one."""
        log = self.trust.of_factors * self.log[change + 1] + self.likelihoods[change + 1].log_prior
        return np.exp(log - logsumexp(log))


def weigh(unchanged: Trials, trials: Sequence[Trials], compared: Told, rng: np.random.Generator) -> Evidence:
    """What recordings say of each change.

    Parameters
    ----------
    unchanged : Trials
        Of members that are simulated once more as they are, at one setting without positions.
    trials : sequence of Trials
    compared : Told
    rng : numpy.random.Generator
        For the members that stand in for the cell.
    """
    likelihoods = [likelihood(each, compared) for each in (unchanged, *trials)]
    unseen = Unseen(likelihoods[1:], compared)
    log_unseen = unseen.log(compared.value)
    log = [each.of_settings(compared.value, log_unseen) for each in likelihoods]
    trust = trust_in(likelihoods[0], likelihoods[1:], compared, unseen, log[1:], rng)
    return Evidence(compared.value, likelihoods, log, trust, _usual(compared))


def _usual(compared: Told) -> float:
    if not compared.is_difference:
        return 0.0
    off = compared.value @ np.linalg.solve(compared.error, compared.value)
    return float(chi2.sf(off, len(compared.value)))
