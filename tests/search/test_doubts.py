"""What speaks against a verdict."""

from dataclasses import replace

import neo
import numpy as np
import pytest
import quantities as pq
from support.analytic import BURSTS, CELL, STG, AnalyticComparison, burst_train

from elephant_dic import infer_dics
from elephant_dic.inference import Inferred
from elephant_dic.neurons import Prior
from elephant_dic.neurons.priors import RangesPrior
from elephant_dic.search.doubts import (
    NOT_A_SAMPLE,
    doubts_of_estimate,
    doubts_of_models,
    doubts_of_recording,
    stimulated_by,
)
from elephant_dic.search.found import Found
from elephant_dic.search.sample import Sample
from elephant_dic.trains import Firing, clean


def train_of(times, **annotations):
    return neo.SpikeTrain(times * pq.ms, t_stop=(times[-1] + 1) * pq.ms, **annotations)


STEADY = np.arange(50.0, 30_000, 80)


def doubts(times, tolerance=0.1, **annotations):
    return doubts_of_recording(clean(train_of(times, **annotations)), 3000.0, tolerance)


def test_a_steady_recording_has_none():
    assert doubts(STEADY) == []
    assert doubts(burst_train(5, 3.0, 80.0, 30_000)) == []


def test_a_stimulated_cell():
    assert doubts(STEADY, injected_current="0 pA") == []
    assert doubts(STEADY, injected_current="100 pA") == [
        "the cell was stimulated (100 pA), and the models are not"
    ]
    idle, pulsed = train_of(STEADY, injected_current="0 pA"), train_of(STEADY, injected_current="-50, 100 pA")
    assert stimulated_by([idle, pulsed]) == "-50, 100 pA"
    assert stimulated_by([idle, train_of(STEADY)]) == ""


def test_a_recording_that_drifts_names_figure_and_range():
    onsets = np.cumsum(np.linspace(400, 200, 100))
    times = np.sort((onsets[:, None] + np.arange(5) * 12.0).ravel())
    found = doubts(times)
    assert found[0].startswith("the recording drifts: burst rate from 2.")
    assert any(text.startswith("its two halves fire alike only within ") for text in found)


def test_the_tolerance_of_the_halves_is_suggested():
    """6.25 intervals a second, then 5: a fourth more."""
    times = np.cumsum(np.r_[np.full(100, 160.0), np.full(100, 200.0)])
    assert "its two halves fire alike only within 25 %: try a tolerance of 0.25" in doubts(times)
    assert not any("halves" in text for text in doubts(times, 0.25))


def test_halves_that_never_fire_alike():
    tonic = np.arange(50.0, 10_000, 80)
    bursting = 10_000 + burst_train(5, 3.0, 80.0, 10_000)
    assert "its two halves do not fire alike" in doubts(np.concatenate([tonic, bursting]))


def test_what_was_inferred():
    cell = clean(train_of(STEADY))
    estimate = replace(infer_dics(train_of(STEADY)), in_domain=True, domain_score=0.4)
    assert doubts_of_estimate(Inferred(cell, estimate, False, "")) == []
    outside = replace(estimate, in_domain=False, domain_score=1.34)
    assert doubts_of_estimate(Inferred(cell, outside, True, "the unit is bad: 30 % contamination")) == [
        "it is unlike the trains that the network was trained on (score 1.3)",
        "its intervals are like those of chance or of two cells in one train",
        "the unit is bad: 30 % contamination",
    ]


@pytest.fixture
def found():
    """Cells that all fire like the recording, the first of a search."""
    found = Found(AnalyticComparison(STG, replace(BURSTS, period_cv=0.0), 0.1))
    found.begin(np.repeat(CELL[None], 4, axis=0))
    return found


class Uniform:
    """An emulator that takes all cells to fire like the recording."""

    highest = np.full(8, np.inf)

    def log_match(self, table, *_):
        return np.zeros(len(table))


@pytest.fixture
def sample(found):
    """Eight draws, by an emulator that knows nothing, of cells that all fire like the recording."""
    nearly = RangesPrior("ranges", CELL[:, None] * [0.99, 1.01], "nearly alike")
    sample = Sample(found, Prior(STG, (nearly,)), Uniform(), 8, np.random.default_rng(0))
    sample.add(8)
    found.judge(np.arange(4, 12))
    assert (found.state[4:] == "confirmed").tolist() == [True] * 8
    return sample


def test_models_that_fire_like_it(found, sample):
    assert found.n_first_hopeful == 4
    assert doubts_of_models(found, [4, 5], None, sample) == []
    assert doubts_of_models(found, [4, 5], 0.9, sample) == []
    assert doubts_of_models(found, [4, 5], 0.85, sample) == [
        "with other noise only 85 % of the models fire like it again"
    ]


def test_models_that_were_searched_for_are_no_sample(found):
    assert NOT_A_SAMPLE == "its models are examples, not a sample of all cells that fire like it"
    assert doubts_of_models(found, [0, 1], None, None) == []  # none is known to fire like it
    found.judge([1])
    assert doubts_of_models(found, [1], None, None) == [NOT_A_SAMPLE]


def test_a_prior_beyond_what_the_emulator_has_seen(found, sample):
    sample.unseen = ["Na above 8000 mS/cm**2", "H above 0.7 mS/cm**2"]
    assert doubts_of_models(found, [4, 5], None, sample) == [
        "the emulator has seen no cells with Na above 8000 mS/cm**2, H above 0.7 mS/cm**2: of those that "
        "fire like it some may be missing"
    ]


def test_an_uneven_sample(found, sample):
    assert sample.effective_size == pytest.approx(8)
    sample.n_models = 16
    assert doubts_of_models(found, [4, 5], None, sample) == []
    sample.n_models = 17
    assert doubts_of_models(found, [4, 5], None, sample) == [
        "it is an uneven sample: its 17 models say as much as 8 that were drawn evenly"
    ]


def test_no_first_candidate_and_other_variability(found, sample):
    found.looked_alike[:] = False
    found.comparison.recording = replace(found.comparison.recording, period_cv=0.3)
    varies = "its periods vary (CV 0.30) otherwise than those of the models (0.00)"
    assert doubts_of_models(found, [0, 1], None, sample) == [varies]  # a sample has no such candidates
    found.state[4:] = "missed"
    assert doubts_of_models(found, [0, 1], None, None) == [
        "none of the first candidates, which have the DICs inferred, fired like it",
        varies,
    ]
    found.models[:2] = [Firing("silent", 0.0, np.nan)] * 2  # of these it is not known
    (candidates,) = doubts_of_models(found, [0, 1], None, None)
    assert candidates.startswith("none of the first candidates")
