"""Sweeps under current steps: levels, counts, latencies, adaptation, spread, and the membrane."""

import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given
from hypothesis import strategies as st

from elephant_dic.trains import (
    Response,
    Stimulus,
    annotate_stimulus,
    membrane_of,
    protocol_of,
    recorded_response,
    simulated_response,
)


def sweep(times, stimulus, stop=900.0, start=0.0, **annotations):
    train = neo.SpikeTrain(
        np.array(times, dtype=float) * pq.ms, t_start=start * pq.ms, t_stop=stop * pq.ms, **annotations
    )
    return annotate_stimulus(train, stimulus)


def step(level, holding=0.0, start=200.0, stop=700.0):
    return Stimulus.steps(holding, (start, stop, level))


def names(trains):
    return [level.name for level in protocol_of(trains).levels]


def response(trains):
    return recorded_response(protocol_of(trains), trains)


FAMILY = [
    sweep([], step(-50)),
    sweep([250, 350, 450], step(100)),
    sweep([50, 210, 220, 240, 280, 360, 520], step(200)),
]


# Levels


def test_levels_are_rest_and_the_currents_in_order():
    protocol = protocol_of(FAMILY[::-1])
    assert [level.name for level in protocol.levels] == ["rest", "-50 pA", "100 pA", "200 pA"]
    assert [level.sweeps for level in protocol.levels] == [(0, 1, 2), (2,), (1,), (0,)]
    assert [level.key for level in protocol.levels] == [
        ("rest", 0.0), ("-50 pA", 500.0), ("100 pA", 500.0), ("200 pA", 500.0)
    ]  # fmt: skip
    assert protocol.is_step.tolist() == [False, True, True, True]
    assert [level.injected for level in protocol.levels] == [0, -50, 100, 200]
    assert protocol.condition_of == (0, 1, 2)
    assert protocol.pieces[0] == [(0.0, 200.0, 0), (200.0, 700.0, 3), (700.0, 900.0, 0)]


def test_levels_that_repeat_are_one_condition():
    protocol = protocol_of([FAMILY[1], FAMILY[0], FAMILY[1]])
    assert protocol.condition_of == (0, 1, 0)
    assert len(protocol.conditions) == 2
    assert protocol.levels[2].sweeps == (0, 2)


def test_steps_of_other_lengths_are_other_levels():
    trains = [sweep([], step(100)), sweep([], step(100, stop=400))]
    assert names(trains) == ["rest", "100 pA for 200 ms", "100 pA for 500 ms"]


def test_the_parts_of_a_level_in_a_sweep_are_one_level():
    twice = Stimulus.steps(0, (100, 200, 50), (300, 500, 50))
    protocol = protocol_of([sweep([150, 350, 360], twice)])
    assert [level.key for level in protocol.levels] == [("rest", 0.0), ("50 pA", 300.0)]
    assert response([sweep([150, 350, 360], twice)]).counts.tolist() == [0, 3]


def test_a_step_to_the_end_and_one_of_the_whole_sweep():
    assert names([sweep([], step(100, stop=2000))]) == ["rest", "100 pA"]
    assert names([sweep([], step(100, start=0, stop=2000))]) == ["100 pA"]


def test_without_a_step_all_is_rest():
    assert names([sweep([], Stimulus.steps(0)), sweep([], step(0))]) == ["rest"]
    assert response([sweep([90, 180, 270], Stimulus.steps(0))]).counts == pytest.approx([3 / 0.9])


def test_a_sweep_without_length_tells_nothing():
    trains = [sweep([], step(100), stop=0.0), FAMILY[2]]
    assert names(trains) == ["rest", "200 pA"]
    assert response(trains).counts == pytest.approx(response([FAMILY[2]]).counts)
    assert names(trains[:1]) == []


def test_ramps_come_last_and_have_no_current():
    ramp = Stimulus([100, 600], [0, 200])
    protocol = protocol_of([sweep([400, 500], ramp), FAMILY[1]])
    assert [level.name for level in protocol.levels] == [
        "rest", "100 pA", "200 pA", "0 to 200 pA"
    ]  # fmt: skip
    assert np.isnan(protocol.levels[3].injected)
    assert protocol.is_step.tolist() == [False, True, True, False]
    assert response([sweep([400, 500], ramp), FAMILY[1]]).counts.tolist() == [0, 3, 0, 2]


def test_a_ramp_of_which_a_sweep_has_a_part():
    """No point of its line is in the sweep."""
    assert names([sweep([], Stimulus([-1000, 9000], [0, 1000]), stop=500.0)]) == ["100 to 150 pA"]


def test_short_pulses_are_named():
    pulses = Stimulus.steps(0, (100, 110, 500), (300, 310, 500))
    assert names([sweep([104, 305], pulses)]) == ["rest", "a pulse of 500 pA"]
    assert response([sweep([104, 305], pulses)]).counts.tolist() == [0, 2]


def test_sweeps_that_are_held_elsewhere_rest_elsewhere():
    trains = [sweep([], step(100)), sweep([100, 150, 800], step(100, holding=60))]
    assert names(trains) == ["rest at 0 pA", "rest at 60 pA", "100 pA"]
    assert response(trains).counts == pytest.approx([0, 3 / 0.4, 0])
    assert [level.injected for level in protocol_of(trains).levels] == [0, 60, 100]


def test_holding_currents_that_hardly_differ_are_one():
    """As recorded ones do."""
    trains = [sweep([100], step(100, holding=held)) for held in (-1.0, 0.5, 2.0)]
    (rest, _) = protocol_of(trains).levels
    assert (rest.name, rest.injected) == ("rest", 0.5)
    assert response(trains).counts[0] == pytest.approx(2.5)


def test_measured_currents_that_hardly_differ_are_one_level():
    """Rest before and after a step, and a step that repeats, to what a recorded current scatters."""
    measured = [
        Stimulus([0, start, start, stop, stop, 900], [rest, rest, level, level, back, back])
        for start, stop, rest, level, back in (
            (200.0, 700.0, 0.02, 100.1, -0.03), (200.05, 700.1, 0.1, 99.9, 0.04), (200, 700, 0, 150.2, 0.1)
        )
    ]  # fmt: skip
    trains = [sweep([300, 800], each) for each in measured]
    protocol = protocol_of(trains)
    assert [level.name for level in protocol.levels] == ["rest", "100 pA", "150.2 pA"]
    assert protocol.condition_of == (0, 0, 1)
    assert response(trains).counts == pytest.approx([1 / 0.4, 1, 1], rel=1e-3)
    assert names([sweep([], step(100)), sweep([], step(102))]) == ["rest", "100 pA", "102 pA"]


def test_levels_that_lie_close_together_are_not_one():
    """However many there are: not by way of those in between."""
    assert names([sweep([], step(level)) for level in np.arange(1.0, 6.0, 0.5)]) == [
        "rest", *(f"{level:.4g} pA" for level in np.arange(1.0, 6.0, 0.5))
    ]  # fmt: skip
    assert names([sweep([], step(level)) for level in (10.0, 10.3, 10.6, 10.9)]) == [
        "rest", "10.15 pA", "10.75 pA"
    ]  # fmt: skip
    holdings = [sweep([], step(100, holding=held)) for held in (0.0, 4.0, 8.0)]
    assert names(holdings) == ["rest at 2 pA", "rest at 8 pA", "100 pA"]


def test_a_level_that_is_rest_of_other_sweeps():
    assert names([sweep([], step(60)), sweep([], step(0, holding=60))]) == [
        "rest at 0 pA", "rest at 60 pA", "0 pA", "60 pA"
    ]  # fmt: skip


@pytest.mark.parametrize(("annotations", "name"), [({}, "1"), ({"sweep": 7}, "7")])
def test_a_sweep_of_unknown_current(annotations, name):
    unknown = neo.SpikeTrain([] * pq.ms, t_stop=900 * pq.ms, **annotations)
    message = (
        f"the current of sweep {name} is not known: leave it out, or annotate .* stimulus_times and stim"
    )
    with pytest.raises(ValueError, match=message):
        protocol_of([FAMILY[0], unknown])


# What a cell does


def test_counts_latencies_and_adaptation():
    """At 200 pA the intervals are 10, 20, 40, 80 and 160 ms, after one spike at rest, which 1.2 s are."""
    found = response(FAMILY)
    assert found.counts == pytest.approx([1 / 1.2, 0, 3, 6])
    assert found.latencies[2:] == pytest.approx([50, 10])
    assert np.isnan(found.latencies[:2]).all()
    assert found.adaptations[3] == 16
    assert np.isnan(found.adaptations[:3]).all()
    assert found.spreads.tolist() == [0, 0, 0, 0]
    assert np.isnan(found.membrane).all()


def test_spikes_on_an_edge_belong_to_what_begins():
    found = response([sweep([200, 699.9, 700], step(100))])
    assert found.counts == pytest.approx([1 / 0.4, 2])
    assert found.latencies[1] == 0


def test_spikes_in_any_order():
    shuffled = sweep([520, 210, 50, 280, 220, 360, 240], step(200))
    assert response([shuffled]).adaptations[1] == 16


def test_spikes_at_one_time_tell_no_adaptation():
    assert np.isnan(response([sweep([210, 210, 300, 400], step(100))]).adaptations[1])


def test_means_and_spreads_of_sweeps_that_repeat():
    """Counts 4, 6 and 8 have a mean of 6 and a standard deviation of 2; levels have each their own."""
    trains = [sweep(np.linspace(300, 600, n), step(100)) for n in (4, 6, 8)] + [FAMILY[2]]
    found = response(trains)
    assert found.counts == pytest.approx([1 / 1.6, 6, 6])
    assert found.spreads == pytest.approx([0, 2, 0])
    assert found.latencies[1] == pytest.approx(100)


def test_a_level_in_several_conditions_has_one_spread():
    """Each varies about its own mean: squares 2 and 8, one degree of freedom each."""
    other = Stimulus.steps(0, (200, 700, 100), (700, 800, 50))
    trains = [sweep(np.linspace(300, 600, n), step(100)) for n in (3, 5)]
    trains += [sweep(np.linspace(300, 600, n), other) for n in (8, 12)]
    found = response(trains)
    assert [level.name for level in protocol_of(trains).levels] == ["rest", "50 pA", "100 pA"]
    assert found.counts[2] == 7
    assert found.spreads[2] == pytest.approx(np.sqrt((2 + 8) / 2))


def test_models_are_measured_alike():
    """Of each model spike times by condition; conditions count as often as they were recorded."""
    protocol = protocol_of([FAMILY[1], FAMILY[0], FAMILY[1], FAMILY[2]])
    trains = [[train.magnitude for train in (FAMILY[1], FAMILY[0], FAMILY[2])], [np.empty(0)] * 3]
    models = simulated_response(protocol, trains)
    assert models.counts.shape == (2, 4)
    assert models.counts[0] == pytest.approx([1 / 1.6, 0, 3, 6])
    assert models.counts[1].tolist() == [0, 0, 0, 0]
    assert models.latencies[0, 2:] == pytest.approx([50, 10])
    assert np.isnan(models.membrane).all()
    assert models.membrane.shape == (2, 3)
    both = Response.joined([models.of(np.array([1])), models.of(np.array([0]))])
    assert both.counts.tolist() == models.counts[::-1].tolist()


# The membrane


def test_potential_resistance_and_sag():
    """From -65 mV 20 mV down to -85 by -50 pA are 400 megohm; 25 mV at most, so that a fifth comes back."""
    epochs = step(-50).epochs(0, 900)
    found = membrane_of(epochs, np.array([-65.0, -85.0, -64.0]), np.array([-66.0, -90.0, -64.0]))
    assert found == pytest.approx([-65, 400, 0.2])


def test_a_depolarising_step_tells_the_potential_alone():
    found = membrane_of(step(50).epochs(0, 900), np.array([[-65.0, -50.0, -64.0]]), np.zeros((1, 3)))
    assert found.shape == (1, 3)
    assert found[0, 0] == -65
    assert np.isnan(found[0, 1:]).all()


def test_what_hardly_falls_has_no_sag():
    found = membrane_of(step(-1).epochs(0, 900), np.array([-65.0, -65.4, -65.0]), np.array([-66, -65.5, -66]))
    assert found[1] == pytest.approx(400)
    assert np.isnan(found[2])


def told(train, potentials, extremes):
    train.annotate(epoch_potentials=potentials * pq.mV, epoch_extremes=extremes * pq.mV)
    return train


def test_the_membrane_of_a_recording_is_that_of_its_sweeps():
    trains = [
        told(sweep([], step(-50)), [-65.0, -85.0, -65.0], [-65.0, -90.0, -65.0]),
        told(sweep([300], step(100)), [-67.0, -50.0, -66.0], [-67.0, -51.0, -66.0]),
    ]
    assert response(trains).membrane == pytest.approx([-66, 400, 0.2])
    trains.append(sweep([300], step(200)))  # which tells nothing
    assert response(trains).membrane == pytest.approx([-66, 400, 0.2])


def test_annotations_of_other_epochs_are_left_out():
    assert np.isnan(response([told(sweep([], step(-50)), [-65.0, -85.0], [-65.0, -90.0])]).membrane).all()


def test_a_sweep_that_begins_with_a_step_does_not_tell_its_rest():
    early = step(-50, start=0, stop=500)
    assert np.isnan(response([told(sweep([], early), [-85.0, -65.0], [-90.0, -65.0])]).membrane).all()


# Properties


@st.composite
def families(draw):
    """Some sweeps of some levels, with spikes anywhere."""
    n = draw(st.integers(1, 6))
    levels = draw(st.lists(st.sampled_from([-50.0, 0.0, 50.0, 100.0]), min_size=n, max_size=n))
    times = st.lists(st.integers(0, 898), max_size=12, unique=True)
    return [(sorted(draw(times)), level) for level in levels]


def made(family, shift=0.0):
    return [
        sweep(np.array(times, dtype=float) + shift, step(level).shifted(shift), 900.0 + shift, shift)
        for times, level in family
    ]


def assert_alike(one, other):
    for name in ("counts", "latencies", "adaptations", "spreads"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), nan_ok=True)


@given(families(), st.randoms())
def test_the_order_of_sweeps_does_not_matter(family, rng):
    shuffled = rng.sample(family, len(family))
    assert names(made(family)) == names(made(shuffled))
    assert_alike(response(made(family)), response(made(shuffled)))


@given(families(), st.integers(-5000, 5000))
def test_when_a_sweep_began_does_not_matter(family, shift):
    assert names(made(family)) == names(made(family, shift))
    assert_alike(response(made(family)), response(made(family, shift)))


@given(families())
def test_all_spikes_are_counted_once(family):
    trains = made(family)
    protocol, found = protocol_of(trains), response(trains)
    lasts = {k: 0.0 for k in range(len(protocol.levels))}
    for number in protocol.condition_of:
        for start, stop, level in protocol.pieces[number]:
            lasts[level] += stop - start
    total = 0.0
    for k, level in enumerate(protocol.levels):
        counts = [
            sum(np.sum((np.array(family[s][0]) >= a) & (np.array(family[s][0]) < b))
                for a, b, at in protocol.pieces[protocol.condition_of[s]] if at == k)
            for s in level.sweeps
        ]  # fmt: skip
        total += sum(counts)
        if not level.is_rest:
            assert found.counts[k] == pytest.approx(np.mean(counts))
    assert total == sum(len(times) for times, _ in family)


@given(families())
def test_a_model_that_fires_like_the_recording_is_measured_like_it(family):
    unique = list({level: (times, level) for times, level in family}.values())
    trains = made(unique)
    protocol = protocol_of(trains)
    models = simulated_response(protocol, [[train.magnitude for train in trains]])
    for name in ("counts", "latencies", "adaptations", "spreads"):
        wanted = getattr(response(trains), name)
        assert getattr(models, name)[0] == pytest.approx(wanted, nan_ok=True)
