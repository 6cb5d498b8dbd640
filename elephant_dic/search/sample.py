"""A population as a sample: cells of a prior, each as likely to be drawn as any other that fires alike.

The emulator says which cells are worth a simulation, the simulation decides, and weights undo what the
emulator preferred (importance sampling). What is left is the prior, restricted to cells that fire like the
recording: approximate Bayesian computation, with the rule of `trains.firing` as its distance.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..emulation import Chains, Emulator, sample_component
from ..neurons import FamilyPrior, Prior, RangesPrior
from .found import Found

#: The largest of many draws is near the end of their range, not at it.
_NEARLY = 1.02


class Sample:
    """Draws from the cells of a prior that may fire like a recording.

    Parameters
    ----------
    found : Found
        Receives what is simulated.
    prior : Prior
    emulator : Emulator
    n_models : int
        How many are wanted.
    rng : numpy.random.Generator

    Attributes
    ----------
    unseen : list of str
        Where the prior reaches beyond the cells that the emulator was trained on.
    """

    def __init__(self, found: Found, prior: Prior, emulator: Emulator, n_models, rng: np.random.Generator):
        self.found, self.prior, self.n_models, self.rng = found, prior, n_models, rng
        comparison, self.settings = found.comparison, found.settings
        self.unseen = _unseen(prior, emulator)
        tolerance = self.settings.margin_of(comparison) * comparison.tolerance

        def log_match(table):
            return emulator.log_match(table, comparison.noise_std, comparison.recording, tolerance)

        n_chains = int(np.clip(n_models, *self.settings.chains))
        self._sources = [
            _Source(sample_component(each, log_match, n_chains, rng), self.settings.further_moves)
            for each in prior.components
        ]
        evidence = np.array([source.chains.log_evidence for source in self._sources])
        evidence = np.exp(evidence - evidence.max())
        self._evidence = evidence / evidence.sum()
        self._wanted = _tempered(prior, self._evidence)
        shares = np.maximum(self._wanted, self.settings.least_share)
        self._shares = shares / shares.sum()
        #: Of each draw: its place in `found`, its component, and the emulator's `log_match`.
        self._rows, self._component = np.empty(0, dtype=int), np.empty(0, dtype=int)
        self._log = np.empty(0)

    @property
    def is_hopeless(self) -> bool:
        """Whether the emulator knows no cell of the prior that could fire like the recording."""
        return all(source.chains.log.max() < self.settings.never for source in self._sources)

    def add(self, n) -> int:
        """Draw about n cells and look at what they do; returns how many there were."""
        counts = np.diff(np.round(n * np.cumsum([0.0, *self._shares])).astype(int))
        drawn = [source.take(k, self.rng) for source, k in zip(self._sources, counts, strict=True)]
        tables = np.vstack([table for table, _ in drawn])
        if not len(tables):
            return 0
        new = len(self.found.table) + np.arange(len(tables))
        self.found.add(tables)
        self._rows = np.append(self._rows, new)
        self._log = np.concatenate([self._log, *(log for _, log in drawn)])
        of_each = [np.full(len(log), k) for k, (_, log) in enumerate(drawn)]
        self._component = np.concatenate([self._component, *of_each])
        return len(tables)

    def judge(self, all_of_them=False):
        """Judge draws that look like the recording, chosen by their weights.

        Before there are enough, only so many that their weights still count: of few, nearly all were chosen.
        """
        more = self.settings.more_judged
        enough = all_of_them or self.choice >= more * self.n_models
        wanted = self.n_models if enough else int(self.settings.judged_early * self.choice)
        wanted -= self.n_confirmed
        waiting = self.rng.permutation(np.flatnonzero(self.found.state[self._rows] == "hopeful"))
        if wanted <= 0 or not len(waiting):
            return
        n = min(len(waiting), int(np.ceil(more * wanted)))
        start = self.rng.uniform(1e-6, 1 - 1e-6)  # systematic sampling: what steps over a whole number
        edges = start + np.cumsum([0.0, *_inclusion(self.weights()[waiting], n)])
        self.found.judge(np.sort(self._rows[waiting[np.diff(np.floor(edges)) > 0]]))

    @property
    def n_confirmed(self) -> int:
        """Draws that fire like the recording."""
        return int((self.found.state[self._rows] == "confirmed").sum())

    def weights(self) -> np.ndarray:
        """(m,) weights of the draws: zero for those that miss; no few may outweigh all others."""
        matching = self.found.state[self._rows] != "missed"
        weights = np.zeros(len(matching))
        if matching.any():
            preferred = np.log(self._shares / self._wanted.clip(min=1e-300))[self._component] + self._log
            for k, source in enumerate(self._sources):
                preferred[self._component == k] -= np.log(source.times)
            log = np.median(preferred[matching]) - preferred[matching]
            weights[matching] = np.minimum(np.exp(log), self.settings.largest_weight)
        return weights

    @property
    def effective_size(self) -> float:
        """How many equally weighted draws say as much as those that match."""
        weights = self.weights()
        return float(weights.sum() ** 2 / (weights**2).sum()) if weights.any() else 0.0

    @property
    def choice(self) -> float:
        """How many can be chosen such that most are by their weights, and not because there are no others."""
        weights = self.weights()
        if not weights.any():
            return 0.0
        return float(weights.sum() / np.quantile(weights[weights > 0], self.settings.by_weight))

    @property
    def is_enough(self) -> bool:
        """Whether as many as wanted fire like the recording."""
        return self.n_confirmed >= self.n_models

    def members(self) -> np.ndarray:
        """Places in `found` of as many confirmed draws as wanted, none twice."""
        confirmed = self._rows[self.found.state[self._rows] == "confirmed"]
        return np.sort(self.rng.permutation(confirmed)[: self.n_models])

    def record(self) -> dict[str, Any]:
        """What JSON can hold, for a population's provenance."""
        weights, names = self.weights(), [each.name for each in self.prior.components]
        share = np.bincount(self._component, weights, len(names)) / max(weights.sum(), 1e-300)
        n_matching = np.bincount(self._component, weights > 0, len(names))
        return {
            "shares": dict(zip(names, share.round(4).tolist(), strict=True)),
            "evidence": dict(zip(names, self._evidence.round(4).tolist(), strict=True)),
            "n_drawn": len(weights),
            "n_matching": dict(zip(names, n_matching.astype(int).tolist(), strict=True)),
            "effective_size": round(self.effective_size, 1),
            "unseen": self.unseen,
            "n_capped": int((weights >= self.settings.largest_weight).sum()),
        }


def _tempered(prior: Prior, evidence: np.ndarray) -> np.ndarray:
    """Shares that the components are to have: those of the evidence, but the family never more than its half.

    How much more often its cells fire like a recording than those of broad ranges depends on how broad these
    are, which nobody knows (Bartlett's paradox): that may speak against the family, not for it.
    """
    family = np.array([isinstance(each, FamilyPrior) for each in prior.components])
    share, most = evidence[family].sum(), family.mean()
    if share <= most:
        return evidence
    return evidence * np.where(family, most / share, (1 - most) / max(1 - share, 1e-300))


def _unseen(prior: Prior, emulator: Emulator) -> list[str]:
    """Where a prior reaches beyond the cells that the emulator was trained on, in words."""
    return [
        f"{channel.name} above {seen:.4g} mS/cm**2"
        for component in prior.components
        if isinstance(component, RangesPrior)
        for channel, (_, high), seen in zip(
            prior.neuron.channels, component.ranges, emulator.highest, strict=True
        )
        if high > _NEARLY * seen
    ]


def _inclusion(weights, n):
    """(m,) probabilities, n in all, with which draws become members: as their weights, and at most one."""
    probability, certain = np.zeros(len(weights)), np.zeros(len(weights), dtype=bool)
    while True:
        others = weights[~certain].sum()
        probability = np.where(certain, 1.0, weights * (n - certain.sum()) / others if others else 0.0)
        if not (probability > 1 + 1e-12).any():
            return np.minimum(probability, 1.0)
        certain |= probability > 1


class _Source:
    """Cells that chains give one after the other, none twice.

    Attributes
    ----------
    times : list of int
        How often the chains were at each cell that was given: they stay longer where steps seldom succeed.
    """

    def __init__(self, chains: Chains, moves):
        self.chains, self.moves = chains, moves
        self.times: list[int] = []
        self._places: dict[bytes, int] = {}
        self._waiting = list(range(len(chains.table)))

    def take(self, n, rng) -> tuple[np.ndarray, np.ndarray]:
        """n cells and their `log_match`; fewer where the chains hardly move."""
        cells, logs, n_before = [self.chains.table[:0]], [], -1
        while len(logs) < n:
            if not self._waiting:
                if len(self.times) == n_before:
                    break
                n_before = len(self.times)
                self.chains.move(rng, self.moves)
                self._waiting = list(range(len(self.chains.table)))
            i = self._waiting.pop(0)
            key = self.chains.table[i].tobytes()
            place = self._places.setdefault(key, len(self.times))
            if place < len(self.times):
                self.times[place] += 1
            else:
                self.times.append(1)
                cells.append(self.chains.table[[i]])
                logs.append(self.chains.log[i])
        return np.vstack(cells), np.array(logs)


def draw_sample(
    found: Found, prior: Prior, emulator: Emulator | None, n_models, rng: np.random.Generator, report=None
) -> Sample | None:
    """Draw until as many models as wanted fire like the recording, or it does not pay.

    Parameters
    ----------
    found : Found
        Receives what is simulated.
    prior : Prior
    emulator : Emulator or None
    n_models : int
    rng : numpy.random.Generator
    report : function of (n_matching, n_models, n_simulated), optional
        See `search`.

    Returns
    -------
    Sample or None
        None without an emulator.
    """
    if emulator is None:
        return None
    sample, settings = Sample(found, prior, emulator, n_models, rng), found.settings
    budget = settings.budget(found.comparison, n_models)
    size = max(settings.first_round, n_models // 2)
    while not sample.is_hopeless:
        n_new = sample.add(size)
        sample.judge(all_of_them=not n_new)
        if report:
            report(min(sample.n_confirmed, n_models), n_models, found.comparison.n_simulated)
        n_drawn, choice = len(found.table), sample.choice
        if sample.is_enough or not n_new:  # the chains give no other cell
            break
        if found.comparison.n_simulated >= budget:
            sample.judge(all_of_them=True)
            break
        if n_drawn >= settings.drawn_in_vain and choice < settings.least_confirmed * n_drawn:
            break
        missing = max(settings.more_judged * n_models - choice, n_models - max(sample.n_confirmed, choice))
        size = settings.round_size(
            settings.more_proposed * missing / max(choice / n_drawn, settings.least_yield), n_models
        )
    return sample
