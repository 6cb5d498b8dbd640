"""From recordings to estimates: the train cleaned once, the doubts, and whether it is like chance."""

import neo
import numpy as np
import pytest
import quantities as pq
from support.units import contaminated, tonic, train

from elephant_dic import Skipped, extract_features, get_neuron, infer_dics, infer_dics_many
from elephant_dic.inference import infer, infer_many
from elephant_dic.inference.inferring import FOREIGN
from elephant_dic.inference.regressor import infer_from_times, load_regressor
from elephant_dic.trains import assess_quality, clean, feature_table, keeps_rhythm

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
STG = get_neuron("stg")
REGULAR = 50 + 80.0 * np.arange(100)
GAP = "a pause of 5 s, the only one in steady firing, is taken for a gap of the recording"
TWICE = "4 spikes within 0.5 ms of another, which was detected twice, are left out"


def cell_of(times):
    return train(times, times[-1] + 1)


def chance(seed, mean=80, n=120):
    """At least 1.5 ms apart, so that the unit is good."""
    return np.cumsum(np.random.default_rng(seed).exponential(mean, n) + 1.5)


def bursting(seed):
    rng = np.random.default_rng(seed)
    n, within, period = rng.integers(2, 8), rng.uniform(8, 15), rng.uniform(200, 400)
    onsets = 20 + np.cumsum(period * rng.normal(1, 0.01, 30))
    return (onsets[:, None] + within * np.arange(n)).ravel()


def test_the_estimate_is_that_of_the_cleaned_train():
    times = np.sort(np.concatenate([REGULAR, REGULAR[3:40:10] + 0.3, REGULAR + REGULAR[-1] + 4950]))
    found = infer(cell_of(times), STG)
    assert [len(sweep) for sweep in found.cell.times] == [100, 100]
    (alone,) = infer_from_times([found.cell.times], STG)
    assert found.estimate.mean.tolist() == alone.mean.tolist()
    assert found.estimate.warnings == (*alone.warnings, TWICE, GAP)
    assert infer_dics(cell_of(times)) == found.estimate
    features = extract_features(cell_of(times))
    assert features.tolist() == feature_table(STG, [found.cell.times])[0].tolist()


def test_a_gap_changes_nothing():
    """It is as if there were two sweeps, and told."""
    pieces = REGULAR, REGULAR + REGULAR[-1] + 4950
    sweeps = neo.Group()
    sweeps.spiketrains.extend([train(times, 1e5) for times in pieces])
    found, expected = infer(cell_of(np.concatenate(pieces)), STG), infer(sweeps, STG)
    assert found.estimate.mean.tolist() == expected.estimate.mean.tolist()
    assert found.estimate.warnings == (*expected.estimate.warnings, GAP)
    assert (found.unit, found.foreign) == (expected.unit, expected.foreign)


def test_foreign_is_what_the_network_says_of_trains_without_a_rhythm():
    cells = [
        cell_of(times) for seed in range(15) for times in (chance(seed), bursting(seed), tonic(12, 5000))
    ]
    found = infer_many(cells, STG)
    features = feature_table(STG, [each.cell.times for each in found])
    like = load_regressor(STG).domain.judge(features).foreign
    for each, of_chance in zip(found, like, strict=True):
        assert each.foreign == (of_chance and not keeps_rhythm(each.cell.times))
        assert (FOREIGN in each.estimate.warnings) == each.foreign
    assert np.mean([each.foreign for each in found[::3]]) > 0.5  # of chance
    assert not any(each.foreign for each in found[1::3])


@pytest.mark.parametrize("name", ["stg", "da", "pyloric"])
def test_rhythmic_cells_are_never_foreign(name):
    """Slow ones and fast ones, whether they are like the neuron's or not."""
    neuron = get_neuron(name)
    trains = [pace * times for pace in (0.7, 1, 3) for times in map(bursting, range(10))]
    assert all(keeps_rhythm([times]) for times in trains)
    assert not any(each.foreign for each in infer_many(map(cell_of, trains), neuron))


def test_what_is_wrong_with_the_unit_is_said_last():
    times = contaminated(tonic(40, jitter=0.02), 0.2)
    found = infer(train(times, 60_000), STG)
    quality = assess_quality(found.cell.cell)
    assert found.unit == f"the unit is {quality.verdict}: {'; '.join(quality.reasons)}"
    assert found.estimate.warnings[-1] == found.unit
    assert found.cell.notes[0] in found.estimate.warnings[:-1]
    assert infer(train(tonic(jitter=0.02), 60_000), STG).unit == ""


def test_many_are_as_each_alone():
    cells = [cell_of(times) for times in (REGULAR, chance(1), bursting(2), chance(3))]
    for together, cell in zip(infer_many(cells, STG), cells, strict=True):
        alone = infer(cell, STG)
        assert together.estimate.mean == pytest.approx(alone.estimate.mean, rel=1e-4, abs=1e-4)
        assert together.estimate.warnings == alone.estimate.warnings
        assert (together.foreign, together.unit, together.cell.notes) == (
            alone.foreign, alone.unit, alone.cell.notes,
        )  # fmt: skip
    assert infer_many([], STG) == []


@pytest.mark.filterwarnings("default::UserWarning")
def test_each_doubt_is_a_warning():
    times = np.sort(np.concatenate([REGULAR, REGULAR[3:40:10] + 0.3, REGULAR + REGULAR[-1] + 4950]))
    with pytest.warns(UserWarning, match="twice") as caught:
        estimate = infer_dics(cell_of(times))
    assert [str(each.message) for each in caught] == list(estimate.warnings)
    assert {each.filename for each in caught} == {__file__}
    with pytest.warns(UserWarning, match="^cell 1: .*twice") as caught:
        fine, same = infer_dics_many([cell_of(REGULAR), cell_of(times)])
    expected = [f"cell {i}: {doubt}" for i, each in enumerate((fine, same)) for doubt in each.warnings]
    assert [str(each.message) for each in caught] == expected
    assert same.warnings == estimate.warnings


def test_errors_say_which_cell_is_meant():
    twice = neo.SpikeTrain([64, 64.25, 128, 192, 192.25] * pq.ms, t_stop=1 * pq.s, name="unit 7")
    with pytest.raises(ValueError, match=r"^cell 1 \(unit 7\): too few spikes: 3 are left without the 2"):
        infer_dics_many([cell_of(REGULAR), twice])
    with pytest.raises(ValueError, match="^too few spikes: 3 are left without the 2"):
        infer_dics(twice)


def test_the_order_of_sweeps_and_the_unit_of_time_make_no_difference():
    rng = np.random.default_rng(7)
    sweeps = [np.cumsum(rng.integers(600, 3000, rng.integers(4, 9))) / 32 for _ in range(14)]

    def estimate_of(sweeps, unit=pq.ms):
        group = neo.Group()
        group.spiketrains.extend([neo.SpikeTrain(times * unit, t_stop=1e4 * pq.s) for times in sweeps])
        return infer(group, STG)

    expected = estimate_of(sweeps)
    for _ in range(4):
        other = estimate_of([sweeps[i] for i in rng.permutation(14)])
        assert other.estimate == expected.estimate
        assert (other.foreign, other.unit) == (expected.foreign, expected.unit)
    in_seconds = estimate_of([times / 1000 for times in sweeps], pq.s).estimate
    assert in_seconds.mean == pytest.approx(expected.estimate.mean, rel=1e-3, abs=1e-3)
    later = estimate_of([times + 1234.567 for times in sweeps]).estimate
    assert later.mean == pytest.approx(expected.estimate.mean, rel=1e-2, abs=1e-2)


def test_clean_is_what_the_estimate_rests_on():
    times = np.sort(np.append(REGULAR, REGULAR[3:40:10] + 0.3))
    cell, found = clean(cell_of(times)), infer(cell_of(times), STG).cell
    assert [sweep.tolist() for sweep in found.times] == [sweep.tolist() for sweep in cell.times]
    assert found.notes == cell.notes == (TWICE,)


@pytest.mark.filterwarnings("default::UserWarning")
def test_cells_of_which_nothing_can_be_inferred_are_skipped_in_their_place():
    silent = neo.SpikeTrain([] * pq.ms, t_stop=1 * pq.s)
    few = neo.SpikeTrain([64, 128, 192] * pq.ms, t_stop=1 * pq.s, name="unit 7")
    cells = [silent, cell_of(REGULAR), few, "no train", cell_of(bursting(1))]
    with pytest.warns(UserWarning, match="^cell 2: skipped: too few spikes: 3 in 1") as caught:
        found = infer_dics_many(cells, errors="skip")
    assert found[1::3] == infer_dics_many(cells[1::3])
    for place, name, reason in (
        (0, "cell 0", "the spike train is silent"),
        (2, "unit 7", "too few spikes: 3"),
        (3, "cell 3", "spiketrain must be"),
    ):  # fmt: skip
        assert isinstance(found[place], Skipped)
        assert found[place].cell == name
        assert found[place].reason.startswith(reason)
    skipped = [str(each.message) for each in caught if "skipped" in str(each.message)]
    assert skipped == [f"cell {i}: skipped: {found[i].reason}" for i in (0, 2, 3)]
    assert {each.filename for each in caught} == {__file__}
    assert infer_dics_many([silent], errors="skip")[0] == found[0]
    assert infer_dics_many([], errors="skip") == []


def test_errors_are_raised_unless_they_are_to_be_skipped():
    silent = neo.SpikeTrain([] * pq.ms, t_stop=1 * pq.s)
    for options in ({}, {"errors": "raise"}):
        with pytest.raises(ValueError, match="^cell 1: the spike train is silent"):
            infer_dics_many([cell_of(REGULAR), silent], **options)
    for wrong in ("ignore", None, True):
        with pytest.raises(ValueError, match="errors must be 'raise' or 'skip', got"):
            infer_dics_many([cell_of(REGULAR)], errors=wrong)
    with pytest.raises(TypeError, match="several cells"):
        infer_dics_many(silent, errors="skip")
