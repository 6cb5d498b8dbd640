"""Estimates in files: what is read is what was written, in all four formats."""

import json
from dataclasses import replace
from pathlib import Path

import neo
import numpy as np
import pytest
import quantities as pq

from elephant_dic import infer_dics_many, load_estimates, load_population, save_estimates
from elephant_dic.populations import SUFFIXES
from elephant_dic.recordings import read_spiketrains

pytestmark = pytest.mark.filterwarnings("ignore:.*its t_stop is its last spike:UserWarning")


def train(rate, name):
    return neo.SpikeTrain(np.arange(0.05, 10, 1 / rate), units="s", t_stop=10, name=name)


@pytest.fixture(scope="module")
def cells():
    return [train(8, "A"), train(12, "B")]


@pytest.fixture(scope="module")
def estimates(cells):
    first, second = infer_dics_many(cells)
    return [first, replace(second, warnings=("a reason, of two parts", "it is 5 % µ"), in_domain=False)]


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_estimates_come_back_equal(tmp_path, estimates, cells, suffix, n):
    path = tmp_path / f"dics{suffix}"
    save_estimates(estimates[:n], path, cells[:n])
    found = load_estimates(path)
    assert len(found) == n
    assert found == estimates[:n]
    assert list(map(hash, found)) == list(map(hash, estimates[:n]))
    assert set(found) <= set(estimates)
    for one, other in zip(found, estimates, strict=False):
        for name in ("names", "in_domain", "domain_score", "warnings", "_neuron", "_weights_sha256"):
            assert type(getattr(one, name)) is type(getattr(other, name))
        np.testing.assert_array_equal(one.sample(20, seed=1), other.sample(20, seed=1))
        np.testing.assert_array_equal(one.interval(0.68), other.interval(0.68))


@pytest.mark.parametrize("suffix", [".nix", ".nwb"])
def test_the_recording_goes_with_them(tmp_path, estimates, cells, suffix):
    path = tmp_path / f"dics{suffix}"
    save_estimates(estimates, path, cells)
    times = [t.rescale("s").magnitude for found in read_spiketrains(path) for t in trains_of(found)]
    for one, cell in zip(times, cells, strict=True):
        np.testing.assert_allclose(one, cell.magnitude)


def trains_of(found):
    return found.spiketrains if isinstance(found, neo.Group) else [found]


def test_the_nwb_file_is_valid_and_described(tmp_path, estimates, cells):
    pynwb = pytest.importorskip("pynwb")
    path = tmp_path / "dics.nwb"
    save_estimates(estimates, path, cells)
    assert pynwb.validate(path=str(path)) == []
    with pynwb.NWBHDF5IO(str(path), "r") as file:
        nwb = file.read()
        table = nwb.processing["elephant_dic"]["dic_estimates"]
        assert table["cell"][:].tolist() == ["A", "B"]
        assert table["g_s"][:].tolist() == [estimate.mean[1] for estimate in estimates]
        assert table["g_s_std"].description == "g_s_std of each cell in dimensionless"
        assert len(nwb.units) == 2


def test_the_table_is_read_by_others(tmp_path, estimates):
    pandas = pytest.importorskip("pandas")
    path = tmp_path / "dics.csv"
    save_estimates(estimates, path)
    table = pandas.read_csv(path, comment="#")
    assert table["cell"].tolist() == ["cell 0", "cell 1"]
    assert table["g_u"].tolist() == [estimate.mean[2] for estimate in estimates]
    assert json.loads(table["warnings"][1]) == list(estimates[1].warnings)


def test_what_cannot_be_written(tmp_path, estimates, cells):
    path = tmp_path / "dics.csv"
    with pytest.raises(ValueError, match="there is no estimate"):
        save_estimates([], path)
    with pytest.raises(TypeError, match="estimates must be DICEstimate, got int"):
        save_estimates([1], path)
    with pytest.raises(ValueError, match="1 spike trains do not go with 2 estimates"):
        save_estimates(estimates, path, cells[:1])
    with pytest.raises(ValueError, match="estimates of several networks"):
        save_estimates([estimates[0], replace(estimates[1], _neuron="da")], path)
    with pytest.raises(ValueError, match=r"suffix must be one of \.nix, \.nwb"):
        save_estimates(estimates, tmp_path / "dics.txt")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_estimates_are_no_population_and_the_other_way_round(tmp_path, estimates, suffix):
    path = tmp_path / f"dics{suffix}"
    save_estimates(estimates, path)
    with pytest.raises(ValueError, match=r"not written by save_population\(\)"):
        load_population(path)
    (tmp_path / f"empty{suffix}").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"not written by save_estimates\(\)"):
        load_estimates(tmp_path / f"empty{suffix}")


def test_a_population_holds_no_estimates(tmp_path):
    from elephant_dic import generate_population, save_population

    path = tmp_path / "population.csv"
    save_population(generate_population({"g_s": -5, "g_u": 8}, n_models=2, seed=0), path)
    with pytest.raises(ValueError, match="load_population reads it"):
        load_estimates(path)


def test_times_in_other_units_are_kept(tmp_path, estimates):
    path = tmp_path / "dics.nix"
    cells = [train(8, "A").rescale("ms"), train(12, "B").rescale("ms")]
    save_estimates(estimates, path, cells)
    (first, *_) = (t for found in read_spiketrains(path) for t in trains_of(found))
    assert first.units == pq.ms


# Files that an earlier version has saved

SAVED = Path(__file__).parents[1] / "reference" / "saved_by_0.1"
MEAN = [-4.350538492183017, 10.681714110899742, 7.11662411372899]
STD = [1.6102978873518847, 6.088688136071145, 2.822142756067369]
INTERVAL = [[-6.759306, -1.89353], [0.264295, 19.339753], [3.234164, 12.179547]]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_estimates_saved_before_there_were_mixtures(suffix):
    tonic, slow = load_estimates(SAVED / f"dics{suffix}")
    assert tonic.mean == pytest.approx(MEAN, rel=1e-12)
    assert tonic.std == pytest.approx(STD, rel=1e-12)
    assert tonic.interval(0.9) == pytest.approx(np.array(INTERVAL), abs=2e-6)
    assert (tonic.in_domain, slow.in_domain) == (True, False)
    assert (len(tonic.warnings), len(slow.warnings)) == (0, 1)
    assert slow.domain_score > 1
    assert load_estimates(SAVED / f"dics{suffix}") == load_estimates(SAVED / "dics.csv")
