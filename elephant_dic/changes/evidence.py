"""What two recordings say of each change, in probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp

from .kernels import Likelihood, Told, Unseen, likelihood
from .trials import Trials
from .trust import Trust, trust_in

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
    """

    value: np.ndarray
    likelihoods: list[Likelihood]
    log: list[np.ndarray]
    trust: Trust

    @property
    def _tempered(self) -> np.ndarray:
        """(1 + n_changes,) log-likelihoods, over all factors: of nothing changed, and of each change."""
        return self.trust.temperature * np.array(
            [logsumexp(log + each.log_prior) for log, each in zip(self.log, self.likelihoods, strict=True)]
        )

    @property
    def probabilities(self) -> np.ndarray:
        """(n_changes,) of each, if it was one of them; all alike beforehand."""
        log = self._tempered[1:]
        return (1 - _UNLIKE) * np.exp(log - logsumexp(log)) + _UNLIKE / len(log)

    @property
    def nothing(self) -> float:
        """Probability that nothing has changed, where that and a change are alike beforehand."""
        unchanged, *changed = self._tempered
        return float(expit(unchanged - logsumexp(changed) + np.log(len(changed))))

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
    return Evidence(
        compared.value, likelihoods, log, trust_in(likelihoods[1:], compared, unseen, log[1:], rng)
    )
