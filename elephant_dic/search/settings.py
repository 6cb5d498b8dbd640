"""The numbers of the search, each with what it does and where it comes from.

The page docs/settings.md shows what half and twice of each does, as `benchmarks/settings.py` measures it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Settings:
    """How models are simulated, compared and proposed; what fires like a recording, `trains.rule` says."""

    # --- simulations ---------------------------------------------------------------------------------------
    #: Intervals, and burst periods, of the recording that a model is simulated for; the first and the last
    #: burst are not counted. The rule asks for 10 intervals and 5 periods; under noise, so many that the rate
    #: is known to some ten per cent.
    intervals: int = 11
    noisy_intervals: int = 60
    periods: int = 8
    noisy_periods: int = 12
    #: Share of the neuron's transient that is dropped in the search. A model is judged after all of it: from
    #: the state on in which the search has left it.
    search_transient: float = 0.667
    #: A bursting model without noise is judged with a time step so many times finer than in the search.
    finer: int = 2
    #: A model is judged over so much more firing than in the search.
    longer: float = 1.5
    #: Under noise figures scatter from run to run: a model is judged by so many, with other seeds.
    runs_under_noise: int = 5
    #: Share of the members that are to match in one more.
    least_again: float = 0.9

    # --- caution -------------------------------------------------------------------------------------------
    #: Members have to match within this share of the tolerance, so that they also do in another simulation,
    #: where a cell next to a change of firing can fire otherwise.
    margin: float = 0.9
    margin_under_noise: float = 0.75
    #: They have to match over each of these parts of their firing too, at the whole tolerance: bursts that
    #: alternate, or change now and then, can have other medians over more or fewer periods. Under noise, in
    #: each run.
    parts: tuple[tuple[float, float], ...] = (0, 0.5), (0.5, 1), (0, 0.93), (0.2, 0.75)

    # --- recordings that vary ------------------------------------------------------------------------------
    #: A tonic or bursting recording needs noise if its CV2, or the CV of its periods, is larger by so much
    #: than that of most candidates: of this share of them.
    variability: float = 0.03
    most: float = 0.75
    #: Standard deviations of current noise that are tried, in uA/cm**2. With more, the noise and not the
    #: channels would make the firing.
    noise_levels: tuple[float, ...] = 0.0, 0.3, 0.6, 1.2, 2.1, 3.0
    #: Candidates that are simulated at each level, and the share of them, the nearest, by which levels are
    #: told apart where none matches.
    noise_candidates: int = 48
    noise_nearest: float = 0.1
    #: CV2 of irregular trains above which they are chance (Poisson: 1) where the network knows none like
    #: them. Of irregular STG cells under noise of 3 uA/cm**2 none has more than 0.7, of DA cells one in
    #: twenty has 0.8.
    max_cv2: float = 0.8

    # --- sampling ------------------------------------------------------------------------------------------
    #: Chains of each component of the prior, at least and at most: as many as models are wanted.
    chains: tuple[int, int] = 128, 4096
    #: Moves of a chain between two draws from it.
    further_moves: float = 2.0
    #: Draws from a component, at least: what the emulator thinks little of may match all the same.
    least_share: float = 0.1
    #: Weight of a draw, at most, where the median is one.
    largest_weight: float = 16.0
    #: There are enough draws that match when so large a share of them can be chosen by their weights: those
    #: that weigh more are all chosen.
    by_weight: float = 0.95
    #: Share of what can be chosen that is judged before there are enough.
    judged_early: float = 0.2
    #: Logarithm of the probability below which the emulator's word is "never": for recordings that a search
    #: could reproduce the best cells had -6.5 and more.
    never: float = -12.0
    #: Draws after which sampling ends if less than this share of them fires like the recording.
    drawn_in_vain: int = 384
    least_confirmed: float = 0.025
    #: Share of the models that a sample is to be worth, in evenly drawn ones.
    least_effective: float = 0.5
    #: Simulations after which a search ends where the emulator says never, if none looked like the recording.
    hopeless: int = 600

    # --- rounds --------------------------------------------------------------------------------------------
    #: Simulations a model asked for, and at least, after which the search ends.
    simulations_per_model: int = 40
    min_simulations: int = 4000
    #: ms of a model's firing up to which there are so many; of slower recordings, as many as take that time.
    longest_firing: float = 15_000.0
    #: Cells of the recording's class that proposals need; with fewer, cells come from all over the family,
    #: each conductance varied with this spread of its logarithm.
    min_class: int = 40
    broad_spread: float = 0.7
    #: Rounds without a match that end the search.
    patience: int = 8
    #: Candidates of a round: so many more than the last yield, or at least the least, asks for.
    first_round: int = 128
    smallest_round: int = 64
    largest_round: int = 256
    more_proposed: float = 1.15
    least_yield: float = 0.1
    #: Hopeful candidates that wait for each other to be judged, and how many more than are missing.
    judged_together: int = 64
    more_judged: float = 1.1

    # --- proposals -----------------------------------------------------------------------------------------
    #: Conductances count as zero well below this share of their mean.
    floor: float = 0.02
    #: Random steps, in the spread of the first cells: short ones find firing that few cells have.
    steps: tuple[float, ...] = 1.0, 0.5, 0.25
    #: Deviation (in tolerances) at which a cell has half of the largest weight in the fit: that of the n-th
    #: nearest cell, within bounds.
    fitted: int = 200
    reach: tuple[float, float] = (1.0, 6.0)
    #: Ridge on linear and quadratic coefficients, in cells.
    ridge: tuple[float, float] = (1.0, 3.0)
    #: Share of a cell's own residual that a proposal keeps, and accepted spread of the goals in tolerances.
    kept_residual: float = 0.5
    goal: float = 0.6
    #: Corrections of a proposal: how many, the longest in standard deviations of the cells, and the damping
    #: of directions in which the figures hardly change.
    corrections: int = 5
    longest_correction: float = 2.0
    damping: float = 0.05
    #: A conductance never leaves the first cells' range by more than this factor; the leak, to which all
    #: others are relative, by this.
    beyond: float = 5.0
    leak_beyond: float = 2.0

    # --- libraries -----------------------------------------------------------------------------------------
    #: Cells of a library that candidates start from: the nearest so many, or, if more, this share of the
    #: number that is wanted.
    library_nearest: int = 100
    library_share: float = 0.5
    #: Share of the candidates that are moved to DICs drawn from the estimate, as far as they can be.
    library_compensated: float = 0.5
    #: Spread of the factors on each conductance of a candidate.
    library_varied: float = 0.1
    #: A library has so large a share of each class, and more likely those cells of it that few others fire
    #: like: far from their n-th neighbour. The search has most to find among bursting cells.
    library_classes: tuple[tuple[str, float], ...] = ("bursting", 0.75), ("tonic", 0.2), ("irregular", 0.05)
    library_neighbour: int = 10
    #: ms of firing after the transient.
    library_observed: float = 10_000.0

    def margin_of(self, comparison) -> float:
        """Share of the tolerance within which members have to match."""
        return self.margin_under_noise if comparison.noise_std else self.margin

    def budget(self, comparison, n_models) -> float:
        """Simulations after which a search, or sampling, ends."""
        most = max(self.simulations_per_model * n_models, self.min_simulations)
        return most * min(1.0, self.longest_firing / comparison.duration)

    def round_size(self, wanted, n_models) -> int:
        """Candidates of the next round."""
        return int(np.clip(wanted, self.smallest_round, max(self.largest_round, n_models // 2)))


SETTINGS = Settings()
