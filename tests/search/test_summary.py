"""Populations and estimates in a line each: text, notebooks, data frames."""

from dataclasses import replace

import neo
import numpy as np
import pytest

from elephant_dic import (
    generate_population,
    infer_dics,
    infer_dics_many,
    reconstruct,
    summarise_population,
    to_dataframe,
)
from elephant_dic.inference import Skipped

pandas = pytest.importorskip("pandas")
TRAIN = neo.SpikeTrain(np.arange(0.05, 10, 1 / 8), units="s", t_stop=10, name="LP", source="crab.nix")


@pytest.fixture(scope="module")
def verified():
    return reconstruct(TRAIN, n_models=3, seed=1)


def test_estimates_know_their_cell():
    group = neo.Group(name="cell")
    group.spiketrains.extend([TRAIN, TRAIN])
    other = neo.SpikeTrain(TRAIN.times, t_stop=10, name="PY")
    found = infer_dics_many([TRAIN, group, other])
    assert [each.name for each in found] == ["LP", "cell", "PY"]
    assert [each.source for each in found] == ["crab.nix", "crab.nix", ""]
    unnamed = neo.Group()
    unnamed.spiketrains.extend([TRAIN, other])
    assert (infer_dics(unnamed).name, infer_dics(unnamed).source) == ("", "")


def test_a_summary_of_a_verified_population(verified):
    found = summarise_population(verified)
    assert (found.cell, found.source, found.neuron) == ("LP", "crab.nix", "stg")
    assert (found.verdict, found.n_models, found.n_matching, found.seed) == ("verified", 3, 3, 1)
    assert (found.activity, found.reason, found.doubts) == ("tonic", "", ())
    estimate = infer_dics(TRAIN)
    assert found.dics["g_s"] == (estimate.mean[1], estimate.std[1])
    assert str(found) == "3 models of neuron stg for LP, 3 fire like the recording; verified"
    html = found._repr_html_()
    assert "<th>verdict</th><td><b>verified</b></td>" in html
    assert "<td>3 of 3</td>" in html
    assert "<td>LP of crab.nix</td>" in html


def test_a_summary_of_one_that_was_not_simulated():
    found = summarise_population(generate_population({"g_s": -5, "g_u": 8}, n_models=2, seed=0))
    assert (found.cell, found.n_matching, found.activity) == ("", None, "")
    assert str(found) == "2 models of neuron stg; not verified"
    html = found._repr_html_()
    assert "not simulated" in html
    assert "<th>effective g_s</th>" in html
    assert "g_f" not in html  # it was not asked for
    assert "<th>cell</th>" not in html
    assert "&lt;b&gt; &amp;" in replace(found, doubts=("<b> &",))._repr_html_()
    assert str(replace(found, reason="why", doubts=("a", "b"))).endswith("; not verified: why; a; b")


def test_estimates_as_a_table():
    estimates = infer_dics_many([TRAIN, TRAIN])
    estimates[1] = replace(estimates[1], warnings=("a", "b"), in_domain=False)
    table = to_dataframe(estimates)
    assert table["cell"].tolist() == ["LP", "LP"]
    assert table["g_s"].tolist() == [estimate.mean[1] for estimate in estimates]
    assert table["g_u_std"].tolist() == [estimate.std[2] for estimate in estimates]
    assert table[["g_f_low", "g_f_high"]].iloc[0].tolist() == estimates[0].interval(0.68)[0].tolist()
    assert table["warnings"].tolist() == ["", "a; b"]
    assert table["in_domain"].tolist() == [True, False]
    assert to_dataframe(estimates[0]).equals(table[:1])


def test_populations_and_skipped_cells_as_a_table(verified):
    table = to_dataframe([verified, Skipped("silent one", "it has no spikes"), verified])
    assert table["cell"].tolist() == ["LP", "silent one", "LP"]
    assert table["verdict"].tolist()[::2] == ["verified", "verified"]
    assert table["n_matching"].tolist()[::2] == [3, 3]
    assert table["skipped"].tolist()[1] == "it has no spikes"
    assert table["verdict"].isna().tolist() == [False, True, False]
    assert len(to_dataframe(verified)) == 1
    assert to_dataframe([]).empty


def test_what_is_no_result_is_refused():
    with pytest.raises(TypeError, match="results must be estimates or populations, got 3"):
        to_dataframe(3)
    with pytest.raises(TypeError, match="result 0 must be a DICEstimate or a population, got 3"):
        to_dataframe([3])
    with pytest.raises(TypeError, match="results must be estimates or populations, got 'a.nix'"):
        to_dataframe("a.nix")
    with pytest.raises(ValueError, match="is not a population"):
        to_dataframe([neo.Block()])
