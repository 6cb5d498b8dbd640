"""Arrays to neo.Block and back."""

import copy
import json
import timeit
from datetime import datetime

import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from elephant_dic._version import __version__
from elephant_dic.populations import (
    build_population,
    conductance_table,
    conductances,
    dic_estimate,
    member_dics,
    provenance,
)

NAMES = ("g_Na", "g_Kd", "g_CaT", "g_CaS", "g_KCa", "g_A", "g_H", "g_leak")


def population(n=5, spiketrains=(), **provenance):
    generator = np.random.default_rng(n)
    return build_population(
        generator.uniform(0, 100, (n, len(NAMES))),
        NAMES,
        member_dics=generator.normal(size=(n, 3)),
        dic_mean=[np.nan, -5.0, 8.0],
        dic_std=[np.nan, 0.5, 0.25],
        provenance={"neuron": "stg", **provenance},
        spiketrains=spiketrains,
    )


def train(**annotations):
    return neo.SpikeTrain([1.0, 2.0, 5.0] * pq.s, t_stop=9 * pq.s, name="cell", **annotations)


def test_block_has_the_documented_layout():
    table = np.arange(16.0).reshape(2, 8)
    dics = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    block = build_population(
        table, NAMES, member_dics=dics, dic_mean=[1, 2, 3], dic_std=[4, 5, 6], provenance={}
    )
    annotations = block.annotations
    assert block.name == "DIC population"
    assert annotations["n_members"] == 2
    assert json.loads(annotations["conductance_names"]) == list(NAMES)
    assert json.loads(annotations["dic_names"]) == ["g_f", "g_s", "g_u"]
    for name, column in zip(NAMES, table.T, strict=True):
        values = annotations[f"population_{name}"]
        assert values.dimensionality.string == "mS/cm**2"
        np.testing.assert_array_equal(values.magnitude, column)
    for name, column in zip(("g_f", "g_s", "g_u"), dics.T, strict=True):
        values = annotations[f"population_{name}"]
        assert values.dimensionality.string == "dimensionless"
        np.testing.assert_array_equal(values.magnitude, column)
    np.testing.assert_array_equal(annotations["dic_mean"], [1, 2, 3] * pq.dimensionless)
    np.testing.assert_array_equal(annotations["dic_std"], [4, 5, 6] * pq.dimensionless)
    assert len(block.segments) == 0


@settings(deadline=None)
@given(
    st.integers(1, 6).flatmap(
        lambda n: st.tuples(
            arrays(float, (n, 2), elements=st.floats(0, 1e6)),
            arrays(float, (n, 3), elements=st.floats(allow_infinity=False)),
        )
    )
)
def test_what_goes_in_comes_out(tables):
    table, dics = tables
    block = build_population(
        table, ("a", "b"), member_dics=dics, dic_mean=dics[0], dic_std=dics[-1], provenance={}
    )
    names, found = conductance_table(block)
    assert names == ("a", "b")
    np.testing.assert_array_equal(found, table)
    np.testing.assert_array_equal(member_dics(block), dics)
    names, mean, std = dic_estimate(block)
    assert names == ("g_f", "g_s", "g_u")
    np.testing.assert_array_equal(mean, dics[0])
    np.testing.assert_array_equal(std, dics[-1])


def test_block_shares_no_array_with_the_caller():
    table, dics = np.ones((3, 8)), np.ones((3, 3))
    block = build_population(table, NAMES, member_dics=dics, dic_mean=dics[0], dic_std=dics[0], provenance={})
    table[:], dics[:] = 7, 7
    conductances(block)["g_Na"][:] = 7 * pq.mS / pq.cm**2
    assert np.all(conductance_table(block)[1] == 1)
    assert np.all(member_dics(block) == 1)
    assert np.all(dic_estimate(block)[1] == 1)


@pytest.mark.parametrize(
    ("table", "dics"),
    [(np.ones((4, 7)), np.ones((4, 3))), (np.ones((4, 8)), np.ones((3, 3))), (np.ones(8), [])],
)
def test_shapes_that_do_not_fit_are_named(table, dics):
    with pytest.raises(ValueError, match=r"do not fit 8 conductance names and 3 DIC names"):
        build_population(table, NAMES, member_dics=dics, dic_mean=[0] * 3, dic_std=[0] * 3, provenance={})


def test_recording_is_a_copy_and_the_original_is_left_alone():
    original = train(nix_name="neo.spiketrain.1", unit="a", history=["sorted"])
    home = neo.Segment(name="home")
    home.spiketrains.append(original)
    home.create_relationship()
    before = copy.deepcopy(original.annotations)
    block = population(spiketrains=[original])
    (segment,) = block.segments
    (copied,) = segment.spiketrains
    assert segment.name == "recording"
    assert segment.block is block
    assert copied.segment is segment
    assert copied.annotations == {"unit": "a", "history": ["sorted"]}
    assert (copied.name, copied.t_stop, copied.units) == ("cell", 9 * pq.s, pq.s)
    copied.annotations["history"].append("changed")
    copied[0] = 0.5 * pq.s
    assert original.annotations == before
    assert original.segment is home
    assert original[0] == 1 * pq.s


def test_sweeps_keep_their_order_and_limits():
    sweeps = [train(sweep=k).time_shift(k * 10 * pq.s) for k in range(3)]
    (segment,) = population(spiketrains=iter(sweeps)).segments
    assert [copied.annotations["sweep"] for copied in segment.spiketrains] == [0, 1, 2]
    assert [float(copied.t_start) for copied in segment.spiketrains] == [0, 10, 20]


@pytest.mark.parametrize("where", ["segment", "block"])
def test_date_of_the_recording_is_kept(where):
    home, segment, spikes = neo.Block(), neo.Segment(), train()
    home.segments.append(segment)
    segment.spiketrains.append(spikes)
    home.create_relationship()
    {"segment": segment, "block": home}[where].rec_datetime = datetime(2021, 3, 4, 5, 6, 7)
    assert provenance(population(spiketrains=[spikes]))["rec_datetime"] == "2021-03-04T05:06:07"


def test_provenance_comes_back_with_schema_and_version():
    given_ = {"seed": 3, "source": {"file": "a.abf", "channel": None}, "verdict": "verified"}
    found = provenance(population(**given_))
    assert found == {"neuron": "stg", **given_, "schema": 1, "package_version": __version__}


def test_provenance_of_an_older_population_does_not_claim_its_version():
    found = provenance(population(schema=0, package_version="0.0.0", rec_datetime="2020-01-01"))
    assert (found["schema"], found["package_version"]) == (1, __version__)
    assert found["rec_datetime"] == "2020-01-01"


def test_other_units_are_rescaled():
    block = population()
    expected = conductance_table(block)[1]
    key = "population_g_Kd"
    block.annotations[key] = block.annotations[key].rescale("S/m**2")
    assert conductances(block)["g_Kd"].dimensionality.string == "mS/cm**2"
    np.testing.assert_allclose(conductance_table(block)[1], expected, rtol=1e-14)


def test_a_single_value_that_nix_made_a_scalar_is_one_member():
    block = population(n=1)
    expected = conductance_table(block)[1], member_dics(block)
    for key, value in block.annotations.items():
        if key.startswith("population_"):
            block.annotations[key] = value[0]
    assert conductances(block)["g_A"].shape == (1,)
    np.testing.assert_array_equal(conductance_table(block)[1], expected[0])
    np.testing.assert_array_equal(member_dics(block), expected[1])


@pytest.mark.parametrize("function", [provenance, conductances, conductance_table, member_dics, dic_estimate])
def test_what_is_not_a_population_is_refused(function):
    with pytest.raises(TypeError, match="neo.Block, not Segment; reconstruct"):
        function(neo.Segment())
    with pytest.raises(ValueError, match="'mine'.* is not a population.*load_population"):
        function(neo.Block(name="mine"))
    with pytest.raises(ValueError, match="not JSON text"):
        function(neo.Block(elephant_dic="no JSON"))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "'population_g_H' must be a Quantity, got None"),
        (np.ones(5), "'population_g_H' must be a Quantity"),
        (np.ones(4) * pq.mS / pq.cm**2, r"'population_g_H' must hold 5 values, got shape \(4,\)"),
        (np.ones(5) * pq.mV, "Unable to convert"),
    ],
)
def test_damaged_columns_are_named(value, message):
    block = population()
    block.annotations["population_g_H"] = value
    with pytest.raises(ValueError, match=message):
        conductances(block)


def test_building_500_members_takes_less_than_half_a_millisecond():
    table, dics = np.ones((500, 8)), np.ones((500, 3))

    def build():
        build_population(
            table, NAMES, member_dics=dics, dic_mean=dics[0], dic_std=dics[0], provenance={"a": 1}
        )

    assert min(timeit.repeat(build, number=10, repeat=10)) / 10 < 0.5e-3
