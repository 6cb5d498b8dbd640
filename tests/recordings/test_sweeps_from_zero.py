"""Sweeps of one cell that all start at 0, as converters write them that do not know the times, in files."""

import neo
import pytest
import quantities as pq
from support.nwb_files import new_nwb
from support.vendor_files import read_quietly, seconds

from elephant_dic import get_neuron, load_population
from elephant_dic.populations import population_from_conductances, put_recording, save_population


@pytest.mark.parametrize("suffix", ["nwb", "nix", "mat"])
def test_a_unit_across_the_segments_of_a_block_that_neo_wrote(tmp_path, suffix):
    path, block, group = tmp_path / f"block.{suffix}", neo.Block(name="block"), neo.Group(name="A")
    for k in range(3):
        train = neo.SpikeTrain([0.25 + k / 8, 0.75], units="s", t_stop=1.0, name="A")
        segment = neo.Segment(name=f"trial {k}")
        segment.spiketrains.append(train)
        group.spiketrains.append(train)
        block.segments.append(segment)
    block.groups.append(group)
    block.create_relationship()
    block.annotate(session_start_time=new_nwb().session_start_time)
    if suffix == "nwb":
        neo.NWBIO(str(path), mode="w").write_all_blocks([block])
    elif suffix == "nix":
        with neo.NixIO(str(path), mode="ow") as io:
            io.write_block(block)
    else:
        neo.NeoMatlabIO(str(path)).write_block(block)
    (cell,) = read_quietly(path)
    assert cell.name == "A"
    assert [seconds(train).tolist() for train in cell.spiketrains] == [
        [0.25, 0.75],
        [0.375, 0.75],
        [0.5, 0.75],
    ]


def sweeps_from_zero(**annotations):
    return [
        neo.SpikeTrain([0.1 + k / 10, 0.9], units="s", t_stop=1.0, name="pipette", sweep=k, **annotations)
        for k in range(3)
    ]


@pytest.mark.parametrize("suffix", ["nwb", "nix", "mat"])
def test_the_sweeps_of_a_population_are_one_cell(tmp_path, suffix):
    path = tmp_path / f"population.{suffix}"
    block = population_from_conductances({name: [1.0, 2.0] for name in get_neuron("stg").conductance_names})
    put_recording(block, sweeps_from_zero(depth=3 * pq.um))
    save_population(block, path)
    (cell,) = read_quietly(path)
    assert [len(train) for train in cell.spiketrains] == [2, 2, 2]
    assert [train.annotations["sweep"] for train in cell.spiketrains] == [0, 1, 2]
    assert cell.spiketrains[0].annotations["depth"] == 3 * pq.um
    again = load_population(path)
    assert [len(train) for train in again.segments[0].spiketrains] == [2, 2, 2]


def test_a_group_of_sweeps_in_one_segment_is_one_cell(tmp_path):
    path, block, segment = tmp_path / "group.nix", neo.Block(), neo.Segment()
    trains = sweeps_from_zero()
    side_by_side = [neo.SpikeTrain([0.5], units="s", t_stop=1.0, name=name, sweep=0) for name in "AB"]
    segment.spiketrains.extend([*trains, *side_by_side])
    block.segments.append(segment)
    block.groups += [neo.Group(trains, name="cell"), neo.Group(side_by_side, name="tetrode")]
    with neo.NixIO(str(path), mode="ow") as io:
        io.write_block(block)
    cells = read_quietly(path)
    assert [cell.name for cell in cells] == ["cell", "A", "B"]
    assert [len(train) for train in cells[0].spiketrains] == [2, 2, 2]
