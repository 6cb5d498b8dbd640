"""The checks of spike trains, and what counts as one cell."""

import itertools
import re

import neo
import numpy as np
import pytest
import quantities as pq

from elephant_dic import extract_features
from elephant_dic.trains import in_one_order, isis_of, sweeps_of, times_of
from elephant_dic.trains.spiketrains import LONGEST, cells_of, naming_the_cell


def train(times, unit=pq.ms, t_stop=None, **attributes):
    t_stop = (max(times, default=0) + 1 if t_stop is None else t_stop) * unit
    return neo.SpikeTrain(np.array(times, dtype=float) * unit, t_stop=t_stop, **attributes)


def group(*trains, **attributes):
    made = neo.Group(**attributes)
    made.spiketrains.extend(trains)
    return made


REGULAR = [100.0, 150.0, 200.0, 250.0, 300.0]


# Good trains


def test_times_are_in_ms():
    (times,) = times_of(train(REGULAR))
    assert times.tolist() == REGULAR
    assert not isinstance(times, pq.Quantity)


@pytest.mark.parametrize(("unit", "factor"), [(pq.s, 1e-3), (pq.us, 1e3), (pq.min, 1 / 60_000)])
def test_units_do_not_matter(unit, factor):
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.uniform(5, 100, 60))
    (converted,) = times_of(train(times * factor, unit))
    assert converted == pytest.approx(times, rel=1e-13)
    in_ms = extract_features(train(times))
    assert extract_features(train(times * factor, unit)) == pytest.approx(in_ms, rel=1e-9, abs=1e-9)


def test_a_train_may_start_late_and_end_on_its_limits():
    late = neo.SpikeTrain(np.array(REGULAR) * pq.ms, t_start=100 * pq.ms, t_stop=300 * pq.ms)
    assert times_of(late)[0].tolist() == REGULAR
    limits = neo.SpikeTrain(np.array(REGULAR) * pq.ms, t_start=0.1 * pq.s, t_stop=0.3 * pq.s)
    assert times_of(limits)[0].tolist() == REGULAR


def test_a_train_is_left_as_it_is():
    given = train([0.1, 0.2, 0.3, 0.4, 0.6], pq.s)
    (times,) = times_of(given)
    times += 1
    assert given.magnitude.tolist() == [0.1, 0.2, 0.3, 0.4, 0.6]
    assert given.units == pq.s


def test_sweeps_are_kept_apart():
    first, second = train(REGULAR), train([10.0, 20.0, 40.0])
    assert [times.tolist() for times in times_of(group(first, second))] == [REGULAR, [10, 20, 40]]


def test_sweeps_of_different_units_and_silent_sweeps():
    cell = group(train([0.1, 0.2, 0.3], pq.s), train([]), train([5.0, 6.0, 8.0, 10.0]))
    assert [times.tolist() for times in times_of(cell)] == [
        pytest.approx([100, 200, 300]), [], [5, 6, 8, 10],
    ]  # fmt: skip


# Bad trains


def raw(times, t_start=0.0, t_stop=1e4, unit=pq.ms):
    return neo.SpikeTrain(np.array(times, dtype=float) * unit, t_start=t_start * unit, t_stop=t_stop * unit)


def cut_short(times, t_stop):
    """A train whose end was set before its last spike."""
    made = raw(times)
    made.t_stop = t_stop * pq.ms
    return made


def delayed(times, t_start):
    """A train whose start was set after its first spike."""
    made = raw(times)
    made.t_start = t_start * pq.ms
    return made


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (raw([]), "the spike train is silent: it has no spikes, so nothing can be inferred from it"),
        (raw([5, 50, 95, 150]), r"too few spikes: 4 in 1 sweep\(s\) give 3 intervals; at least 5 spikes"),
        (raw([5, 90, 50, 150, 200]), "spike times are not sorted: 90 is followed by 50 ms; sort them"),
        (raw([5, 50, 50, 150, 200]), "spike time 50 ms is there twice: remove duplicated spikes"),
        (raw([5, 50, np.nan, 150, 200]), "spike 2 is at nan ms: remove spike times that are not finite"),
        (raw([5, 50, 150, 200, np.inf], t_stop=np.inf), "spike 4 is at inf ms: remove"),
        (cut_short(REGULAR, 280), "spikes from 100 to 300 ms lie outside of .* limits, 0 to 280 ms: correct"),
        (delayed(REGULAR, 120), "spikes from 100 to 300 ms lie outside of .* limits, 120 to 10000 ms"),
        (
            raw([0.1, 0.15, 0.2, 0.25, 0.3]),
            r"the median interval between spikes is 0.05 ms \(2e\+04 Hz\), .* are these times in seconds",
        ),
    ],
)  # fmt: skip
def test_each_bad_train_has_its_message(bad, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        times_of(bad)


def test_messages_use_the_unit_of_the_train():
    with pytest.raises(ValueError, match="spike time 0.5 s is there twice"):
        times_of(raw([0.1, 0.5, 0.5, 0.6, 0.7], unit=pq.s))


def test_five_spikes_are_enough_but_not_in_several_sweeps():
    assert len(times_of(raw(REGULAR))[0]) == 5
    with pytest.raises(
        ValueError, match=r"6 in 3 sweep\(s\) give 3 intervals; .* \(4 intervals\) are needed"
    ):
        times_of(group(raw([1, 50]), raw([1, 60]), raw([1, 70])))
    assert len(times_of(group(raw([1, 50, 90]), raw([1, 60, 90])))) == 2


def test_a_bad_sweep_is_found_among_good_ones():
    with pytest.raises(ValueError, match="not sorted: 90 is followed by 50"):
        times_of(group(raw(REGULAR), raw([5, 90, 50])))


def test_sweeps_that_are_all_silent_are_silent():
    with pytest.raises(ValueError, match="silent"):
        times_of(group(raw([]), raw([])))


def test_an_empty_group_says_what_belongs_there():
    with pytest.raises(
        ValueError, match="^the Group holds no spike trains; add the sweeps of one cell to it"
    ):
        times_of(neo.Group())


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (
            REGULAR,
            r'got list; plain numbers need a unit, by to_spiketrains\(times, units="ms"\), and several',
        ),
        (tuple(REGULAR), "got tuple; plain numbers need a unit"),
        (np.array(REGULAR), "got ndarray; plain numbers need a unit"),
        ([raw(REGULAR)], "got list; .* and several cells reconstruct_many or infer_dics_many"),
        (neo.Segment(), "got Segment; use reconstruct_many or infer_dics_many for all its cells"),
        (neo.Block(), "got Block; use reconstruct_many or infer_dics_many for all its cells"),
        (None, "got NoneType$"),
        ("cell.nix", "got str$"),
    ],
)
def test_another_kind_of_object_is_a_type_error_with_a_hint(wrong, hint):
    message = f"^spiketrain must be a neo.SpikeTrain, or a neo.Group of the sweeps of one cell, {hint}"
    for function in (sweeps_of, times_of, extract_features):
        with pytest.raises(TypeError, match=message):
            function(wrong)


# Limits of the checks


@pytest.mark.parametrize(
    ("isis", "refused"),
    [
        ([1.0] * 4, False),
        ([0.99] * 4, True),
        ([1.1] * 4, False),
        ([0.5, 0.5, 1.2, 1.2], True),  # a median of 0.85 ms
        ([0.5, 0.8, 1.2, 3], False),  # of 1 ms
        ([0.5, 0.5, 30, 30, 30], False),  # doublets
    ],
)
def test_the_shortest_median_interval(isis, refused):
    cell = raw(np.cumsum([10, *isis]))
    if refused:
        with pytest.raises(ValueError, match="which no neuron does"):
            times_of(cell)
    else:
        assert np.diff(times_of(cell)[0]) == pytest.approx(isis)


@pytest.mark.parametrize(("stop", "inside"), [(0.3, True), (0.29, False), (300, True)])
def test_limits_may_have_a_unit_of_their_own(stop, inside):
    cell = raw(REGULAR)
    cell.t_stop = stop * pq.s
    cell.t_start = 0.1 * pq.s
    if inside:
        assert times_of(cell)[0].tolist() == REGULAR
    else:
        with pytest.raises(
            ValueError, match="^spikes from 100 to 300 ms lie .* limits, 100 to 290 ms: correct"
        ):
            times_of(cell)


def test_limits_in_an_uncommon_unit():
    cell = raw([0.1, 0.2, 0.3, 0.4, 0.5], t_stop=0.6, unit=pq.min)
    assert times_of(cell)[0] == pytest.approx([6000, 12_000, 18_000, 24_000, 30_000])
    cell.t_stop = 29 * pq.s
    with pytest.raises(ValueError, match="limits, 0 to 0.483333 min"):
        times_of(cell)


def test_a_spike_may_be_at_zero_and_an_end_has_to_be_somewhere():
    assert times_of(raw([0, 50, 90, 150, 200], t_start=-10))[0][0] == 0
    with pytest.raises(ValueError, match="^spike times are not sorted: 50 is followed by 10 ms"):
        times_of(raw([0, 50, 10, 150, 200]))
    with pytest.raises(ValueError, match="lie outside of the train's limits, 0 to inf ms"):
        times_of(raw(REGULAR, t_stop=np.inf))


def test_the_first_fault_is_named():
    with pytest.raises(ValueError, match="^spike 1 is at nan ms"):
        times_of(raw([5, np.nan, -3, np.inf, 2], t_start=-10, t_stop=np.inf))
    with pytest.raises(ValueError, match="^spike times are not sorted: 90 is followed by 50 ms"):
        times_of(raw([5, 5, 90, 50, 70, 60]))
    with pytest.raises(ValueError, match="^spike time 7 ms is there twice"):
        times_of(raw([5, 7, 7, 50, 50]))


def test_intervals_are_those_of_all_sweeps():
    assert isis_of([np.array([1.0, 3, 7]), np.array([]), np.array([2.0]), np.array([9.0, 10])]).tolist() == [
        2, 4, 1,
    ]  # fmt: skip


# Many cells


def test_times_of_many_cells():
    cells = [raw(REGULAR), group(raw(REGULAR), raw([1, 5, 9]))]
    assert [[times.tolist() for times in cell] for cell in naming_the_cell(times_of, cells)] == [
        [REGULAR],
        [REGULAR, [1, 5, 9]],
    ]


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (raw([5]), ValueError, "^cell 1: too few spikes: 1 in"),
        (train([5.0], name="unit 7"), ValueError, r"^cell 1 \(unit 7\): too few spikes"),
        ([1, 2], TypeError, "^cell 1: spiketrain must be a neo.SpikeTrain"),
        (neo.Group(name="g"), ValueError, r"^cell 1 \(g\): the Group holds no"),
    ],
)
def test_errors_say_which_of_many_cells_is_meant(bad, error, message):
    with pytest.raises(error, match=message):
        naming_the_cell(times_of, [raw(REGULAR), bad])


def test_an_iterable_has_one_entry_a_cell():
    cells = [raw(REGULAR), group(raw(REGULAR), raw(REGULAR)), raw(REGULAR)]
    assert all(a is b for a, b in zip(cells_of(cells), cells, strict=True))
    assert all(a is b for a, b in zip(cells_of(iter(tuple(cells))), cells, strict=True))
    assert cells_of([]) == []


def test_a_segment_has_one_entry_a_train():
    segment = neo.Segment()
    segment.spiketrains.extend([raw(REGULAR), raw(REGULAR[:3])])
    assert [len(cell) for cell in cells_of(segment)] == [5, 3]


@pytest.mark.parametrize("one", [raw(REGULAR), group(raw(REGULAR))])
def test_one_cell_is_not_several(one):
    message = f"^spiketrains must be several cells, got one {type(one).__name__}; put it in a list"
    with pytest.raises(TypeError, match=message):
        cells_of(one)


def block_of(*segments):
    block = neo.Block()
    for trains in segments:
        segment = neo.Segment()
        segment.spiketrains.extend(trains)
        block.segments.append(segment)
    return block


def test_a_block_with_groups_gives_its_groups():
    trains = [train(REGULAR, name="a"), train(REGULAR, name="a"), train(REGULAR, name="b")]
    block = block_of(trains)
    block.groups.extend([group(*trains[:2], name="cell 1"), neo.Group(name="no trains"), group(trains[2])])
    assert [len(cell.spiketrains) for cell in cells_of(block)] == [2, 1]
    assert cells_of(block)[0].name == "cell 1"


def test_a_block_without_groups_has_one_cell_a_unit_name():
    block = block_of(
        [train(REGULAR, name="a"), train(REGULAR[:2], name="b")],
        [train(REGULAR[:4], name="b")],
        [train(REGULAR[:3], name="a"), train([7.0], name="c")],
    )
    block.groups.append(neo.Group(name="no trains"))
    a, b, c = cells_of(block)
    assert (a.name, [len(t) for t in sweeps_of(a)]) == ("a", [5, 3])
    assert (b.name, [len(t) for t in sweeps_of(b)]) == ("b", [2, 4])
    assert isinstance(c, neo.SpikeTrain)
    assert c.name == "c"


def test_a_container_without_spike_trains_is_told():
    segment = neo.Segment()
    segment.analogsignals.append(neo.AnalogSignal([[1.0], [2]], units="mV", sampling_rate=1 * pq.kHz))
    block = neo.Block()
    with pytest.raises(ValueError, match="^the Block holds no spike trains$"):
        cells_of(block)
    with pytest.raises(ValueError, match="^the Segment holds no spike trains, but 1 signal: find spikes in"):
        cells_of(segment)
    block.segments.append(segment)
    with pytest.raises(ValueError, match="^the Block holds no spike trains, but 1 signal: find spikes in"):
        cells_of(block)


@pytest.mark.parametrize("wrong", [3, None, "cell.nix", b"x"])
def test_several_cells_are_something_to_go_through(wrong):
    with pytest.raises(TypeError, match="^spiketrains must be several cells, in a list or the like, got "):
        cells_of(wrong)


def test_a_train_may_start_before_0():
    late = train([0.0, 125, 250, 500, 1000, 1125], t_start=0)
    early = neo.SpikeTrain([-500.0, -375, -250, 0, 500, 625], units="ms", t_start=-500, t_stop=5000)
    (times,) = times_of(early)
    assert times.tolist() == [-500, -375, -250, 0, 500, 625]
    assert extract_features(early) == pytest.approx(extract_features(late), nan_ok=True)
    early.t_start = -400 * pq.ms
    with pytest.raises(
        ValueError, match="spikes from -500 to 625 ms lie outside of the train's limits, -400"
    ):
        times_of(early)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            ("a", "b", "a"),
            r"segment 1 has 3 spike trains named \['a', 'b', 'a'\]: name each unit once, or give",
        ),
        (("a", None), r"segment 1 has 2 spike trains named \['a', None\]: .* as a neo.Group, to tell which"),
        (("",), "segment 1 has 1 spike trains named"),
    ],
)
def test_unit_names_must_tell_cells_apart(names, message):
    block = block_of([train(REGULAR, name="a")], [train(REGULAR, name=name) for name in names])
    with pytest.raises(ValueError, match=message):
        cells_of(block)


@pytest.mark.parametrize(("last", "unit", "years"), [(1e30, "ms", "3.17e+19"), (4e7, "s", "1.27")])
def test_a_span_of_more_than_a_year_is_refused(last, unit, years):
    times = np.linspace(0, last, 20)
    train = neo.SpikeTrain(times, units=unit, t_stop=last)
    with pytest.raises(ValueError, match=rf"span {re.escape(years)} years.* in another unit than {unit}"):
        times_of(train)


def test_a_span_of_a_year_far_from_zero_is_fine():
    times = 1.7e12 + np.linspace(0, LONGEST, 20)  # ms since 1970
    assert len(times_of(neo.SpikeTrain(times, units="ms", t_start=times[0], t_stop=times[-1]))[0]) == 20


def test_one_order_of_sweeps():
    first, second, third = np.array([5.0, 7.0]), np.array([1.0, 2.0]), np.array([0.0, 1.0, 2.0])
    orders = [in_one_order(each) for each in itertools.permutations([first, second, third])]
    for order in orders:
        assert [sweep.tolist() for sweep in order] == [sweep.tolist() for sweep in orders[0]]
    assert in_one_order([]) == []


def test_the_order_of_sweeps_has_nothing_to_do_with_how_they_fire():
    sweeps = [100.0 * n * np.arange(n) for n in range(3, 203)]
    counts = np.array([len(sweep) for sweep in in_one_order(sweeps)])
    assert sorted(counts) == list(range(3, 203))
    assert np.corrcoef(counts, np.arange(200))[0, 1] == pytest.approx(0, abs=0.2)
    assert np.corrcoef(counts[1:], counts[:-1])[0, 1] == pytest.approx(0, abs=0.2)


@pytest.mark.parametrize("kilohertz", [16, 24.4140625, 30, 32, 44.1])
def test_the_order_of_sweeps_is_the_same_in_any_unit_and_at_any_time(kilohertz):
    rng = np.random.default_rng(0)
    samples = [np.cumsum(rng.integers(300, 3000, 8)) for _ in range(60)]
    expected = [sweep.tolist() for sweep in in_one_order([each / kilohertz for each in samples])]
    for sweeps in ([each / (1000 * kilohertz) * 1000 for each in samples],
                   [each / kilohertz + 0.1 for each in samples]):  # fmt: skip
        found = in_one_order(sweeps)
        assert [np.diff(sweep) for sweep in found] == [pytest.approx(np.diff(each)) for each in expected]
