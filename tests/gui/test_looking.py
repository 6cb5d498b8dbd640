"""What a visitor has rejected stays rejected, however often the file is read."""

import neo
import pytest
import quantities as pq

from elephant_dic.gui.recording.looking import Looking, key_of, numbered


def train(times, name="Vm", **more):
    return neo.SpikeTrain(times, units="s", t_stop=10.0, name=name, channel=name, **more)


CELL = neo.Group([train([1.0, 2.0], sweep=0), train([1.0, 3.0], sweep=4)], name="Vm")


def times_of(cell):
    return [each.magnitude.tolist() for _, each in numbered(cell)]


def test_a_spike_is_rejected_and_taken_back():
    looking = Looking()
    assert looking.take([CELL], {})[0] is CELL
    assert looking.toggle(CELL, 4, 1.0)
    cell = looking.without_rejected(CELL)
    assert times_of(cell) == [[1.0, 2.0], [3.0]]
    assert numbered(cell)[1][1].annotations["rejected_spikes"] == "1 s"
    assert looking.rejected_of(CELL) == {0: [], 4: [1.0]}
    assert not looking.toggle(CELL, 4, 1.0004)  # the same spike, by another threshold
    assert looking.without_rejected(CELL) is CELL


def test_it_stays_rejected_when_the_file_is_read_again():
    looking = Looking()
    looking.take([train([1.0, 2.0])], {})
    looking.toggle(looking.as_read[0], 0, 2.0)
    (cell,) = looking.take([train([1.0, 2.0006])], {"threshold": 0 * pq.mV})
    assert cell.magnitude.tolist() == [1.0]
    (cell,) = looking.take([train([1.0])], {"t_stop": 1.5 * pq.s})  # it is not in the stretch
    assert looking.rejected_of(cell) == {0: []}
    (cell,) = looking.take([train([1.0, 2.0])], {})
    assert cell.magnitude.tolist() == [1.0]
    looking.take_back_all(cell)
    assert looking.without_rejected(looking.as_read[0]).magnitude.tolist() == [1.0, 2.0]


def test_cells_of_a_file_do_not_share_what_is_rejected():
    looking = Looking()
    one, other = train([1.0, 2.0], "unit 1", unit="unit 1"), train([1.0, 2.0], "unit 2", unit="unit 2")
    looking.take([one, other], {})
    looking.toggle(one, 0, 1.0)
    assert [len(each) for each in looking.take([one, other], {})] == [1, 2]
    assert key_of(one) != key_of(other)


@pytest.mark.parametrize(
    ("later", "seen"),
    [({"t_start": 1.5 * pq.s}, [1.0, 2.0]), ({"t_start": 1.5 * pq.s, "channel": "V2"}, [2.0])],
)
def test_what_is_outside_of_the_stretch_is_still_shown(later, seen):
    looking = Looking()
    looking.take([train([1.0, 2.0])], {})
    cut = train([2.0])
    looking.take([cut], later)
    assert looking.whole(cut)[0].magnitude.tolist() == seen


def test_sweeps_have_the_numbers_of_the_file_if_it_has_any():
    assert [number for number, _ in numbered(CELL)] == [0, 4]
    assert [number for number, _ in numbered(neo.Group([train([1.0]), train([2.0])]))] == [0, 1]
    assert [number for number, _ in numbered(train([1.0]))] == [0]
