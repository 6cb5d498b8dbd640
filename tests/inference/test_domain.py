"""Whether a train is like those of the training: distances and sentences that can be checked by hand."""

from dataclasses import replace

import numpy as np
import pytest

from elephant_dic import get_neuron
from elephant_dic.inference import Domain
from elephant_dic.inference import domain as module
from elephant_dic.inference.foreign import Contrast
from elephant_dic.neurons import weights_folder
from elephant_dic.trains import FEATURES, network_scale
from elephant_dic.trains.bursts import joined
from elephant_dic.trains.features import describe, feature_vector

STG = get_neuron("stg")
NAMES = [feature.name for feature in FEATURES]
N = len(FEATURES)
RATE, MEDIAN = NAMES.index("rate"), NAMES.index("isi_median")


def constant_contrast(n, output):
    """A network that says the same of each train; above 2 is foreign."""
    return Contrast(
        np.zeros((n + 1, 1)), np.zeros((2, 1)), np.array([[0.0], [output]]), np.array(0.0), np.array(2.0)
    )


def flat_domain(reference, **changes):
    """A domain of two features, whose trains are given as they are."""
    fields = {
        "center": np.array([1.0, -1.0]), "scale": np.array([2.0, 0.5]), "threshold": np.array(1.0),
        "reference": np.array(reference, dtype=np.float32), "low": np.zeros(2), "high": np.zeros(2),
        "contrast": constant_contrast(2, 0.0),
    }  # fmt: skip
    return Domain(**fields | changes)


@pytest.fixture(scope="module")
def regular():
    """Features of a train of 20 Hz, without dither."""
    return describe(*joined([10 + 50.0 * np.arange(40)]), [1])[0]


def domain_about(features, **changes):
    """The domain of trains that are nearly alike."""
    scaled = network_scale(features)
    fields = {
        "center": scaled, "scale": np.full(N, 0.1), "reference": np.zeros((4, N), dtype=np.float32),
        "threshold": np.array(0.5), "low": features - 0.1 * np.abs(features) - 0.01,
        "high": features + 0.1 * np.abs(features) + 0.01, "contrast": constant_contrast(N, 0.0),
    }  # fmt: skip
    return Domain(**fields | changes)


# Distance


def test_distance_to_the_nearest_is_a_mean_over_four_parts():
    # two trains a part, the second nearer: at distances 5, 10, 1 and 2 from the centre
    domain = flat_domain([[9, 9], [3, 4], [60, 80], [6, -8], [7, 7], [0, -1], [8, 8], [2, 0]])
    expected = (5 + 10 + 1 + 2) / 4 / np.sqrt(2)
    assert domain.distance(np.array([[1.0, -1.0]])) == pytest.approx([expected])
    # a standardised train (1, 2): 1 * 2 + 1 and 2 * 0.5 - 1
    to_each = [np.hypot(2, 2), np.hypot(5, 10), np.hypot(1, 3), np.hypot(1, 2)]
    assert domain.distance(np.array([[3.0, 0.0]])) == pytest.approx([np.mean(to_each) / np.sqrt(2)])


def test_distance_of_many_trains_is_that_of_each():
    rng = np.random.default_rng(0)
    domain = flat_domain(rng.standard_normal((40, 2)))
    points = rng.standard_normal((module._ROWS + 3, 2))
    found = domain.distance(points)
    assert found.shape == (module._ROWS + 3,)
    for row in (0, module._ROWS - 1, module._ROWS, module._ROWS + 2):
        assert found[row] == pytest.approx(domain.distance(points[row : row + 1])[0], rel=1e-5, abs=1e-6)
    assert domain.distance(domain.center + domain.scale * domain.reference[:1])[0] < found.max()


def test_what_is_further_than_20_standard_deviations_is_as_far():
    domain = flat_domain(np.zeros((4, 2)))
    at_20 = domain.distance(np.array([[1 + 20 * 2.0, -1.0], [1 - 20 * 2.0, -1.0]]))
    assert at_20 == pytest.approx([20 / np.sqrt(2)] * 2)
    assert domain.distance(np.array([[1e9, -1.0]])) == pytest.approx(at_20[:1])
    assert domain.distance(np.array([[1 + 19 * 2.0, -1.0]])) == pytest.approx([19 / np.sqrt(2)])


# Judgement


def test_scores_are_the_distance_over_its_threshold(regular):
    domain = domain_about(regular)
    moved = np.array([regular, regular])
    moved[1, RATE] *= np.exp(0.3)  # 3 standard deviations of one of the features
    judged = domain.judge(moved)
    assert judged.scores == pytest.approx([0, 3 / np.sqrt(N) / 0.5], abs=1e-4)
    assert judged.foreign.tolist() == [False, False]
    assert replace(domain, threshold=np.array(0.25)).judge(moved).scores[1] == pytest.approx(
        2 * judged.scores[1], rel=1e-6
    )


def test_a_score_of_1_is_inside_and_more_has_a_reason(regular):
    domain = domain_about(regular)
    inside = replace(domain, contrast=constant_contrast(N, 2.0)).judge(regular[None])
    assert (inside.scores.tolist(), inside.foreign.tolist(), inside.reasons) == ([1.0], [False], [()])
    outside = replace(domain, contrast=constant_contrast(N, 2.2)).judge(regular[None])
    assert outside.scores == pytest.approx([1.1])
    assert outside.foreign.tolist() == [True]
    assert outside.reasons == [(
        "the train is unlike any that the network was trained on, so its DICs should not be trusted: "
        "each figure alone is known, but not together",
    )]  # fmt: skip


def test_the_larger_of_distance_and_contrast_counts(regular):
    far = regular.copy()
    far[RATE] *= np.exp(0.6)
    by_distance = 6 / np.sqrt(N) / 0.5
    for output, score in ((1.0, by_distance), (6.0, 3.0)):
        judged = domain_about(regular, contrast=constant_contrast(N, output)).judge(far[None])
        assert judged.scores == pytest.approx([score], rel=1e-4)
        assert judged.foreign.tolist() == [output > 2]


def test_the_contrast_sees_standardised_features(regular):
    first = np.zeros((N + 1, 1))
    first[RATE] = 1.0
    contrast = Contrast(
        first, np.array([[1.0], [0.0]]), np.array([[1.0], [0.0]]), np.array(0.0), np.array(1.0)
    )
    moved = regular.copy()
    moved[RATE] *= np.exp(0.4)
    swish = lambda x: x / (1 + np.exp(-x))  # noqa: E731
    found = domain_about(regular, contrast=contrast).judge(np.array([moved])).scores
    assert found == pytest.approx([swish(swish(4.0))])


def test_reasons_name_the_three_features_that_are_farthest_out(regular):
    domain, far = domain_about(regular), regular.copy()
    for name, factor in (("rate", 2.0), ("isi_min", 0.2), ("isi_max", 9.0), ("isi_median", 4.0)):
        far[NAMES.index(name)] *= factor
    (reason,) = domain.judge(far[None]).reasons[0]
    assert reason.split(": ", 1)[1].split("; ") == [
        "longest interval is 450 ms (trained on at most 55 ms)",
        "shortest interval is 10 ms (trained on at least 45 ms)",
        "median interval is 200 ms (trained on at most 55 ms)",
    ]


def test_reasons_name_only_what_is_outside_and_units_only_where_there_are(regular):
    domain, far = domain_about(regular), regular.copy()
    far[NAMES.index("cv")] = 3.0
    (reason,) = domain.judge(far[None]).reasons[0]
    high = domain.high[NAMES.index("cv")]
    assert reason.endswith(
        f"trusted: coefficient of variation of the intervals is 3 (trained on at most {high:.3g})"
    )
    wide = replace(domain, low=np.full(N, -1e9), high=np.full(N, 1e9))
    (reason,) = wide.judge(far[None]).reasons[0]
    assert reason.endswith("trusted: each figure alone is known, but not together")


def test_the_reason_is_what_is_outside_whether_foreign_or_not(regular):
    """Whether the train is like chance is for those to say who know whether it keeps a rhythm."""
    far = regular.copy()
    far[RATE] *= 3
    for output in (0.0, 9.0):
        judged = domain_about(regular, contrast=constant_contrast(N, output)).judge(far[None])
        assert judged.foreign.tolist() == [output > 2]
        (reason,) = judged.reasons[0]
        assert reason.endswith("trusted: intervals per second is 60 Hz (trained on at most 22 Hz)")


# Files


def test_what_is_written_is_read(tmp_path, regular):
    domain = domain_about(regular, contrast=constant_contrast(N, 2.2))
    np.savez(tmp_path / "stg.npz", **domain.arrays())
    found = module.read_domain(tmp_path / "stg.npz")
    for name, values in domain.arrays().items():
        assert np.array_equal(found.arrays()[name], values), name
    assert found.judge(2 * regular[None]).reasons == domain.judge(2 * regular[None]).reasons


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"low": None, "limit": None}, "it lacks low, limit$"),
        ({"high": np.zeros(N - 1)}, f"another number of features than this version's {N}"),
        ({"reference": np.zeros((4, N + 1))}, "another number of features"),
        ({"weights_1": np.zeros((N, 1))}, "another number of features"),
    ],
)
def test_files_of_other_features_are_refused(tmp_path, regular, changes, message):
    arrays = domain_about(regular).arrays() | changes
    np.savez(tmp_path / "x.npz", **{key: values for key, values in arrays.items() if values is not None})
    with pytest.raises(ValueError, match=message):
        module.read_domain(tmp_path / "x.npz")


def test_the_shipped_domains_are_as_large_as_they_are_now_made():
    for name, n in (("stg", 8000 + 4000), ("da", 8000)):
        found = module.read_domain(weights_folder(get_neuron(name)) / f"{name}.npz")
        assert found.reference.shape == (n, N)
        assert (found.distance(network_scale((found.low + found.high) / 2)[None]) > 0).all()


# Drawing


def test_rows_that_are_drawn_are_among_those_named_and_fill_the_parts():
    rows = np.arange(50) % 2 == 0
    drawn = module._draw(rows, 100, np.random.default_rng(0))
    assert len(drawn) == len(set(drawn.tolist())) == 24  # of 25, a multiple of 4
    assert rows[drawn].all()
    assert drawn.tolist() != sorted(drawn.tolist())
    assert len(module._draw(rows, 10, np.random.default_rng(0))) == 8


@pytest.fixture(scope="module")
def sampled():
    """A domain of 1200 trains, with 400 held out, and of 100 of strangers, with as many held out."""
    rng = np.random.default_rng(0)
    intervals = np.r_[rng.uniform(40, 60, 1600), rng.uniform(90, 100, 200)]
    features = np.array([feature_vector(STG, [5 + interval * np.arange(30)]) for interval in intervals])
    features *= rng.uniform(0.9, 1.1, features.shape)
    features[:, -1] = 7.0  # the same in each
    held_out = np.r_[np.arange(1600) % 4 == 0, np.arange(200) % 2 == 0]
    strangers = np.arange(1800) >= 1600
    chance = np.array([feature_vector(STG, [np.cumsum(rng.exponential(50, 30))]) for _ in range(200)])
    domain = module.sample_domain(features, held_out, ~held_out, chance, 3, strangers)
    return domain, features, held_out, strangers, chance


def test_a_domain_is_of_the_trains_that_are_trained_on(sampled):
    domain, features, held_out, strangers, _ = sampled
    scaled = network_scale(features)
    assert domain.center == pytest.approx(np.median(scaled[~held_out], axis=0))
    assert domain.scale == pytest.approx(scaled[~held_out].std(axis=0) + 1e-6, rel=1e-9)
    assert domain.scale[-1] == pytest.approx(1e-6)
    low, high = np.quantile(features[~held_out], (0.002, 0.998), axis=0)
    assert np.array_equal([domain.low, domain.high], [low, high])
    known = {tuple(row) for row in ((scaled[~held_out] - domain.center) / domain.scale).astype(np.float32)}
    assert len(domain.reference) == len(known) == 1300
    assert {tuple(row) for row in domain.reference} == known
    # strangers are spread over the parts
    of_strangers = domain.reference[:, RATE] * domain.scale[RATE] + domain.center[RATE] < np.log(13.5)
    assert of_strangers.sum() == (strangers & ~held_out).sum()
    assert (of_strangers.reshape(4, -1).sum(axis=1) > 10).all()


def test_a_domain_holds_99_of_100_held_out_trains_of_the_family(sampled):
    domain, features, held_out, strangers, chance = sampled
    scaled = network_scale(features[held_out & ~strangers])
    assert (domain.distance(scaled) <= domain.threshold).mean() == pytest.approx(0.99, abs=1e-9)
    assert domain.threshold == pytest.approx(np.quantile(domain.distance(scaled), 0.99), rel=1e-6)
    standardised = (scaled - domain.center) / domain.scale
    assert 0.98 <= (domain.contrast.score(standardised) <= 1).mean() <= 0.995
    assert domain.judge(chance).foreign.mean() > 0.98


def test_without_strangers_all_that_are_trained_on_are_of_the_family(sampled):
    _, features, held_out, _, chance = sampled
    domain = module.sample_domain(features[:80], held_out[:80], ~held_out[:80], chance[:20], 3)
    assert len(domain.reference) == 60
