"""Irregular recordings: the noise that models need, and what no noise explains."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from support.analytic import CELL, LEAK, STG, AnalyticComparison

from elephant_dic.search.irregularity import choose_noise, why_too_irregular
from elephant_dic.search.settings import SETTINGS
from elephant_dic.trains import Firing

RECORDING = Firing("irregular", 10.0, 0.6, isi_10=50.0, isi_50=90.0, isi_90=180.0)


@dataclass
class Noisy(AnalyticComparison):
    """Cells whose CV2 is half of the noise over their leak (relative to that of `CELL`), at 10 Hz."""

    def look(self, table):
        self.calls.append(self.noise_std)
        cv2 = 0.5 * self.noise_std / (table[:, LEAK] / CELL[LEAK])
        activities = np.where(cv2 > 0.3, "irregular", "tonic")
        models = [replace(RECORDING, activity=str(a), cv2=v) for a, v in zip(activities, cv2, strict=True)]
        return models, np.zeros((len(table), 1))


def drawing(*factors):
    """Draws cells with these leaks, however many are asked for."""
    return lambda n: CELL * np.where(np.arange(8) == LEAK, np.array(factors)[:, None], 1.0)


@pytest.mark.parametrize(
    ("factors", "level"),
    [
        ((1.0, 1.0), 1.2),
        ((2.0, 2.0, 1.0), 2.1),  # two of three
        ((2.0, 1.0, 1.0), 1.2),
        ((0.5, 0.5), 0.6),
        ((2.5, 2.5), 3.0),
        ((0.24, 0.24), 0.3),
    ],
)
def test_the_noise_is_that_with_which_most_cells_match(factors, level):
    comparison = Noisy(STG, RECORDING, 0.1)
    assert choose_noise(comparison, drawing(*factors)) == level == comparison.noise_std
    assert comparison.calls == [0.0, 0.3, 0.6, 1.2, 2.1, 3.0]


def test_where_none_matches_the_nearest_are_brought_nearest():
    comparison = Noisy(STG, replace(RECORDING, rate=20.0, cv2=0.5), 0.1)
    settings = replace(SETTINGS, noise_levels=(0.0, 0.7, 1.0, 1.4))
    comparison.settings = settings
    assert choose_noise(comparison, drawing(1.0)) == 0.7  # the first of those of the class: rate alone is off
    comparison = Noisy(STG, replace(RECORDING, cv2=2.0), 0.1)
    assert choose_noise(comparison, drawing(1.0)) == 3.0
    # By the nearest tenth, not by most: one cell of eleven comes nearest at 0.6, the others at 3.
    many = drawing(0.2, 0.2, *[50.0] * 9)
    assert choose_noise(Noisy(STG, replace(RECORDING, cv2=1.2), 0.1), many) == 0.6
    # Of fewer than ten, the nearest alone.
    few = drawing(0.2, *[2.5] * 7)
    assert choose_noise(Noisy(STG, replace(RECORDING, cv2=1.2), 0.1), few) == 0.6


def test_without_any_of_the_class_there_is_no_noise():
    assert choose_noise(Noisy(STG, RECORDING, 0.1), drawing(1e6)) == 0.0


@dataclass
class Varying(AnalyticComparison):
    """Cells whose CV2, and CV of periods, is a tenth of the noise over their leak, and a little by itself."""

    itself: float = 0.0

    def look(self, table):
        self.calls.append(self.noise_std)
        values = self.itself + 0.1 * self.noise_std / (table[:, LEAK] / CELL[LEAK])
        models = [replace(self.recording, cv2=value, period_cv=value) for value in values]
        return models, np.zeros((len(table), 1))


@pytest.mark.parametrize("activity", ["tonic", "bursting"])
def test_tonic_and_bursting_cells_get_the_noise_with_which_they_vary_as_much(activity):
    recording = Firing(activity, 10.0, 0.18, 5.0, 2.0, 80.0, 50.0, period_cv=0.18)
    comparison = Varying(STG, recording, 0.1)
    assert choose_noise(comparison, drawing(1.0)) == 1.8 == comparison.noise_std  # between 1.2 and 2.1
    assert comparison.calls == [0.0, 0.3, 0.6, 1.2, 2.1]
    assert choose_noise(Varying(STG, recording, 0.1), drawing(0.5, 0.5, 3.0)) == 0.9
    # More than any noise makes: the most that is tried.
    assert choose_noise(Varying(STG, replace(recording, cv2=0.5, period_cv=0.5), 0.1), drawing(1.0)) == 3.0


@pytest.mark.parametrize("activity", ["tonic", "bursting"])
def test_what_models_vary_by_themselves_needs_no_noise(activity):
    recording = Firing(activity, 10.0, 0.18, 5.0, 2.0, 80.0, 50.0, period_cv=0.18)
    assert choose_noise(Varying(STG, recording, 0.1, itself=0.16), drawing(1.0)) == 0.0
    assert choose_noise(Varying(STG, recording, 0.1, itself=0.14), drawing(1.0)) > 0.0
    clock = Varying(STG, replace(recording, cv2=0.03, period_cv=0.03), 0.1)
    assert choose_noise(clock, drawing(1.0)) == 0.0
    assert clock.calls == []  # not even simulated


def firing(activity, cv2):
    return Firing(activity, rate=10.0, cv2=cv2)


@pytest.mark.parametrize("foreign", [False, True])
@pytest.mark.parametrize("in_domain", [False, True])
def test_tonic_firing_is_never_too_irregular(in_domain, foreign):
    assert why_too_irregular(firing("tonic", 0.9), in_domain, foreign) is None


@pytest.mark.parametrize("activity", ["bursting", "irregular"])
@pytest.mark.parametrize("in_domain", [False, True])
def test_foreign_trains_are_refused(activity, in_domain):
    reason = why_too_irregular(firing(activity, 0.5), in_domain, foreign=True)
    assert reason.startswith("its intervals are more like those of chance, or of two cells in one train")


@pytest.mark.parametrize(
    ("activity", "cv2", "in_domain", "refused"),
    [
        ("irregular", 0.81, False, True),
        ("irregular", 0.8, False, False),
        ("irregular", 0.7, False, False),
        ("irregular", 1.2, True, False),
        ("bursting", 1.2, False, False),
    ],
)
def test_what_varies_like_chance_is_refused_outside_of_the_domain(activity, cv2, in_domain, refused):
    reason = why_too_irregular(firing(activity, cv2), in_domain, foreign=False)
    assert (reason is not None) == refused
    if refused:
        assert "like those of chance (CV2 0.81; Poisson trains have 1)" in reason
        assert "no train that the network was trained on is like it" in reason
