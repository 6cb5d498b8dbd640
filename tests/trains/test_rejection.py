"""Spikes that a person rejects: by hand."""

import neo
import numpy as np
import pytest
import quantities as pq

from elephant_dic.populations.block import source_of
from elephant_dic.trains import NEAR, without_spikes


def made(times, **more):
    return neo.SpikeTrain(times, units="s", t_stop=10.0, **more)


def test_the_nearest_spike_goes_and_is_written_down():
    train = made(
        [1.0, 2.0, 2.0008, 3.0], name="cell", source="a.abf", array_annotations={"amplitude": [1, 2, 3, 4]}
    )
    found = without_spikes(train, [2000.7, 3000.0] * pq.ms)
    assert found.magnitude.tolist() == [1.0, 2.0]
    assert found.array_annotations["amplitude"].tolist() == [1, 2]
    assert (found.name, found.t_stop) == ("cell", 10 * pq.s)
    assert found.annotations == {"source": "a.abf", "rejected_spikes": "2.0008, 3 s"}
    assert train.annotations == {"source": "a.abf"}
    assert source_of([found])[0]["rejected_spikes"] == "2.0008, 3 s"


def test_two_rejections_take_two_spikes_of_a_doublet():
    found = without_spikes(made([1.0, 1.0004, 5.0]), [1.0001, 1.0002] * pq.s)
    assert found.magnitude.tolist() == [5.0]


def test_none_rejected_is_the_cell_as_it_is():
    train = made([1.0])
    assert without_spikes(train, [] * pq.s) is train


def test_the_sweeps_of_a_cell_have_lists_of_their_own():
    group = neo.Group([made([1.0, 2.0]), made([1.0, 2.0])], name="cell", capacitance=60 * pq.pF)
    found = without_spikes(group, [[] * pq.s, [1.0] * pq.s])
    assert [train.magnitude.tolist() for train in found.spiketrains] == [[1.0, 2.0], [2.0]]
    assert found.name == "cell"
    assert found.annotations["capacitance"] == 60 * pq.pF
    assert "rejected_spikes" not in found.spiketrains[0].annotations
    with pytest.raises(ValueError, match="a list for each of the 2 sweeps, got 1"):
        without_spikes(group, [[1.0] * pq.s])


@pytest.mark.parametrize("spikes", [[1.0, 1.0 + 2.5 * NEAR], []])
def test_where_there_is_no_spike_none_is_rejected(spikes):
    with pytest.raises(ValueError, match="there is no spike within 1 ms of 1.00125 s"):
        without_spikes(made(spikes), [1.0 + 1.25 * NEAR] * pq.s)


def test_times_need_a_unit():
    with pytest.raises(TypeError, match="times must have a unit, such as"):
        without_spikes(made([1.0]), np.array([1.0]))
