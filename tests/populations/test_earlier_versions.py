"""Populations that an earlier version has saved: read as they were."""

from pathlib import Path

import pytest

from elephant_dic import conductances, load_population, simulate_population
from elephant_dic.populations import member_dics, provenance

SAVED = Path(__file__).parents[1] / "reference" / "saved_by_0.1"
G_NA = [16250.91413645, 13340.38516719, 24775.10908566, 15649.70126758, 21296.27301076]


@pytest.mark.parametrize("suffix", [".nix", ".nwb", ".csv", ".mat"])
def test_population_saved_before_the_rooms(suffix):
    block = load_population(SAVED / f"population{suffix}")
    known = provenance(block)
    assert conductances(block)["g_Na"].magnitude == pytest.approx(G_NA)
    assert str(conductances(block)["g_Na"].dimensionality) == "mS/cm**2"
    assert member_dics(block).shape == (5, 3)
    assert block.annotations["population_matches"].all()
    assert (known["schema"], known["neuron"], known["verdict"], known["seed"]) == (1, "stg", "verified", 1)
    assert known["source"] == [{"source": "cell.smr", "unit": "1", "name": "unit 1"}]
    if suffix != ".csv":  # spike times are not in it
        (train,) = block.segments[0].spiketrains
        assert (len(train), train[0].rescale("ms").item()) == (64, 200)
    assert len(simulate_population(block, seed=1).spiketrains) == 5
