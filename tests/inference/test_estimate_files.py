"""Estimates in files: what is read is what was written, in all four formats."""

import csv
from dataclasses import replace
from pathlib import Path

import neo
import numpy as np
import pytest
import quantities as pq

from elephant_dic import (
    Skipped,
    generate_population,
    infer_dics_many,
    load_dics_over_time,
    load_estimates,
    load_population,
    save_estimates,
    save_population,
    to_dataframe,
)
from elephant_dic.inference.estimate_tables import FROM_TABLE
from elephant_dic.inference.mixture import Mixture
from elephant_dic.populations import SUFFIXES
from elephant_dic.recordings import read_spiketrains

WHOLE = [suffix for suffix in SUFFIXES if suffix != ".csv"]
#: Names that a comment, a line, a formula or a matrix of characters could be made of.
NAMES = ["#1", "a\nb", "=1+1", "-5", "'quoted", "", " blanks  ", 'a,"b"', "µ\u2028x\r", "1"]
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
@pytest.mark.parametrize("suffix", WHOLE)
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
            assert getattr(one, name) == getattr(other, name)
            assert type(getattr(one, name)) is type(getattr(other, name))
        np.testing.assert_array_equal(one.sample(20, seed=1), other.sample(20, seed=1))
        np.testing.assert_array_equal(one.interval(0.68), other.interval(0.68))
    assert [estimate.name for estimate in found] == ["A", "B"][:n]


@pytest.mark.parametrize("suffix", WHOLE)
def test_any_name_comes_back(tmp_path, estimates, suffix):
    path = tmp_path / f"dics{suffix}"
    named = [replace(estimates[0], name=name, source=f"{name}.nwb") for name in NAMES]
    save_estimates(named, path)
    found = load_estimates(path)
    assert [estimate.name for estimate in found] == [name or "cell 5" for name in NAMES]
    assert [estimate.source for estimate in found] == [f"{name}.nwb" for name in NAMES]


@pytest.mark.parametrize("suffix", WHOLE)
def test_mixtures_of_any_number_of_components_come_back(tmp_path, estimates, suffix):
    path = tmp_path / f"dics{suffix}"
    mixture = estimates[0]._mixture
    several = [replace(estimates[0], _mixture=Mixture.pooled([mixture] * n)) for n in (3, 1, 200)]
    save_estimates(several, path)
    assert load_estimates(path) == several
    save_estimates([replace(estimates[0], _mixture=mixture[:1])], path)
    assert load_estimates(path)[0]._mixture == mixture[:1]


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
    assert table["cell"].tolist() == ["A", "B"]
    assert table["g_u"].tolist() == [estimate.mean[2] for estimate in estimates]
    for suffix, column in (("low", 0), ("high", 1)):
        ends = [estimate.interval(0.68)[1, column] for estimate in estimates]
        assert table[f"g_s_{suffix}"].tolist() == ends
    assert table["warnings"][1] == "a reason, of two parts; it is 5 % µ"
    assert table["in_domain"].tolist() == [True, False]
    assert max(map(len, path.read_text().splitlines())) < 1000


def test_a_table_is_read_as_far_as_it_holds_the_estimates(tmp_path, estimates):
    path = tmp_path / "dics.csv"
    sources = [replace(each, source="crab.nwb") for each in estimates]
    save_estimates(sources, path)
    found = load_estimates(path)
    for one, other in zip(found, sources, strict=True):
        for name in ("name", "source", "names", "in_domain", "domain_score", "_neuron", "_weights_sha256"):
            assert getattr(one, name) == getattr(other, name)
            assert type(getattr(one, name)) is type(getattr(other, name))
        for name in ("mean", "std"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        np.testing.assert_array_equal(one.interval(0.68), other.interval(0.68))
    assert [each.warnings for each in found] == [
        (FROM_TABLE,), ("a reason, of two parts; it is 5 % µ", FROM_TABLE)
    ]  # fmt: skip
    assert FROM_TABLE.endswith("holds no distribution: no samples, no interval but the 68 % one")
    assert FROM_TABLE in found[0]._repr_html_()
    columns = [name for name in to_dataframe(found) if name != "warnings"]
    assert to_dataframe(found)[columns].equals(to_dataframe(sources)[columns])


def test_what_a_table_does_not_hold_is_not_made_up(tmp_path, estimates):
    save_estimates(estimates, tmp_path / "dics.csv")
    found = load_estimates(tmp_path / "dics.csv")
    for ask, what in (
        (lambda: found[0].sample(3), "samples"),
        (lambda: found[0].interval(0.9), "an interval of 0.9"),
        (lambda: found[0].probability_below([0, 0, 0]), "probabilities"),
        (lambda: generate_population(found[0], n_models=2, seed=1), "samples"),
    ):
        with pytest.raises(ValueError, match=f"{what}: the estimate was read from a table.*as .nix, .nwb or"):
            ask()
    found[0].interval(0.68)[:] = 0
    assert found[0].interval(0.68).all()  # it was a copy
    for suffix in WHOLE:
        with pytest.raises(ValueError, match="have no distribution: they can be saved as .csv"):
            save_estimates(found, tmp_path / f"again{suffix}")
    save_estimates(found, tmp_path / "again.csv")
    assert load_estimates(tmp_path / "again.csv") == found
    assert found != estimates
    assert len(set(found) | set(load_estimates(tmp_path / "again.csv"))) == 2


def test_any_name_comes_back_from_a_table(tmp_path, estimates):
    path = tmp_path / "dics.csv"
    named = [replace(estimates[0], name=name, source=f"{name}.nwb") for name in NAMES]
    save_estimates(named, path)
    found = load_estimates(path)
    assert [estimate.name for estimate in found] == [name or "cell 5" for name in NAMES]
    assert [estimate.source for estimate in found] == [f"{name}.nwb" for name in NAMES]


# Cells that were skipped

SILENT = neo.SpikeTrain([], units="s", t_stop=10, name="=silent", source="crab.nwb")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_skipped_cells_stay_in_place(tmp_path, cells, suffix, place):
    path = tmp_path / f"dics{suffix}"
    given = [*cells[:place], SILENT, *cells[place:]]
    with pytest.warns(UserWarning, match=f"cell {place}: skipped: the spike train is silent"):
        results = infer_dics_many(given, errors="skip")
    assert results[place].source == "crab.nwb"
    save_estimates(results, path, given)
    found = load_estimates(path)
    assert found[place] == results[place]
    assert [each for each in found if isinstance(each, Skipped)] == [results[place]]
    names = [each.cell if isinstance(each, Skipped) else each.name for each in found]
    assert names == [cell.name for cell in given]
    if suffix != ".csv":
        assert found == results
    columns = [name for name in to_dataframe(found) if name != "warnings"]
    assert to_dataframe(found)[columns].equals(to_dataframe(results)[columns])
    assert to_dataframe(found)["source"].tolist()[place] == "crab.nwb"


def test_the_table_of_skipped_cells_is_read_by_others(tmp_path, estimates):
    pandas = pytest.importorskip("pandas")
    path = tmp_path / "dics.csv"
    save_estimates([estimates[0], Skipped("", "no, not one; spike\nat all"), estimates[1]], path)
    table = pandas.read_csv(path, comment="#")
    assert table["cell"].tolist() == ["A", "cell 1", "B"]
    assert table["skipped"].tolist()[1] == "no, not one; spike\nat all"
    assert table["skipped"].isna().tolist() == [True, False, True]
    assert table["in_domain"].tolist()[::2] == [True, False]
    for name in ("g_s", "g_s_low", "domain_score", "in_domain", "neuron"):
        assert table[name].isna().tolist() == [False, True, False]
    save_estimates(estimates, path)
    assert "skipped" not in pandas.read_csv(path, comment="#")


def test_skipped_cells_alone_are_no_estimates(tmp_path):
    with pytest.raises(ValueError, match=r"there is no estimate: all 2 cells were skipped \(it is silent\)"):
        save_estimates([Skipped("A", "it is silent"), Skipped("B", "it too")], tmp_path / "dics.nix")


def test_a_table_is_one_line_a_cell_and_holds_no_formula(tmp_path, estimates):
    pandas = pytest.importorskip("pandas")
    path = tmp_path / "dics.csv"
    save_estimates([replace(estimates[0], name=name, source="@x") for name in NAMES], path)
    text = path.read_bytes().decode()
    assert "# n_members: 10\n" in text
    table = pandas.read_csv(path, comment="#", keep_default_na=False, dtype={"cell": str})
    written = {"=1+1": "'=1+1", "-5": "'-5", "": "cell 5"}
    assert table["cell"].tolist() == [written.get(name, name) for name in NAMES]
    assert set(table["source"]) == {"'@x"}
    rows = csv.reader(line for line in text.split("\n") if line.startswith('"='))
    assert list(rows) == []


def test_what_cannot_be_written(tmp_path, estimates, cells):
    path = tmp_path / "dics.csv"
    with pytest.raises(ValueError, match="there is no estimate"):
        save_estimates([], path)
    with pytest.raises(TypeError, match="estimates must be DICEstimate, got int"):
        save_estimates([1], path)
    with pytest.raises(TypeError, match="estimates must be a list of DICEstimate, got one of them: put it"):
        save_estimates(estimates[0], path)
    with pytest.raises(TypeError, match="estimates must be a list of DICEstimate, got 3"):
        save_estimates(3, path)
    with pytest.raises(TypeError, match="spiketrains must be several cells, got one SpikeTrain; put it in"):
        save_estimates(estimates[:1], path, cells[0])
    with pytest.raises(TypeError, match="^cell 1: spiketrain must be a neo.SpikeTrain, .*, got int"):
        save_estimates(estimates, path, [cells[0], 3])
    with pytest.raises(TypeError, match="path must be a str or a path, got 3"):
        save_estimates(estimates, 3)
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
    with pytest.raises(ValueError, match=f"dics{suffix}: it holds estimates: load_estimates reads it$"):
        load_population(path)
    with pytest.raises(ValueError, match=f"dics{suffix}: it holds estimates: load_estimates reads it$"):
        load_dics_over_time(path)
    (tmp_path / f"empty{suffix}").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"not written by save_estimates\(\)"):
        load_estimates(tmp_path / f"empty{suffix}")


def test_a_population_holds_no_estimates(tmp_path):
    path = tmp_path / "population.csv"
    save_population(generate_population({"g_s": -5, "g_u": 8}, n_models=2, seed=0), path)
    with pytest.raises(ValueError, match="population.csv: it holds a population: load_population reads it$"):
        load_estimates(path)


def test_tables_of_others_are_told(tmp_path):
    path = tmp_path / "session.csv"
    path.write_text("file,cell,n_spikes\n")
    for load, writer in ((load_estimates, "save_estimates"), (load_population, "save_population")):
        with pytest.raises(ValueError, match=rf"{writer}\(\), whose tables begin .*pandas.read_csv reads "):
            load(path)


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
    assert (tonic.name, slow.name, tonic.source) == ("tonic", "slow", "")


def test_a_cell_named_like_a_comment_that_an_earlier_version_has_saved(tmp_path):
    text = (SAVED / "dics.csv").read_text(encoding="utf-8")
    path = tmp_path / "dics.csv"
    path.write_text(text.replace("\ntonic,", "\n#1,").replace("\nslow,", '\n"a\nb",'), encoding="utf-8")
    assert [estimate.name for estimate in load_estimates(path)] == ["#1", "a\nb"]
