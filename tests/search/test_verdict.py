"""What a Block keeps of how its members were judged."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.analytic import BURSTS

from elephant_dic import generate_population, load_population
from elephant_dic.populations import provenance
from elephant_dic.search import Verification
from elephant_dic.trains import Firing

SAVED = Path(__file__).parents[1] / "reference" / "saved_by_0.1"
FOUND = Verification(
    tolerance=0.1,
    recording=Firing(
        "bursting", spikes_per_burst=5.0, burst_rate=2.0, burst_duration=80.0, intra_burst_rate=50.0
    ),
    noise_std=0.3,
    n_wanted=10,
    n_matching=4,
    n_simulated=400,
    n_first=128,
    n_first_matching=3,
    interrupted=True,
    reason="why",
    nearest=None,
    degeneracy={"cv": {"g_Na": 0.1}},
)  # fmt: skip
PRIOR = {"name": "family", "ranges": {}, "described": "cells of a family"}
SAMPLE = {
    "shares": {"family": 1.0}, "n_drawn": 30, "n_matching": {"family": 4}, "effective_size": 3.5,
    "n_capped": 0,
}  # fmt: skip


@pytest.fixture
def block():
    return generate_population({"g_s": -5, "g_u": 8}, n_models=2, seed=0)


def put(block, entries):
    block.annotations["elephant_dic"] = json.dumps(provenance(block) | entries)
    return block


@pytest.mark.parametrize(
    ("n_matching", "verdict"), [(10, "verified"), (9, "partial"), (1, "partial"), (0, "not reproduced")]
)
def test_the_verdict_follows_from_how_many_match(n_matching, verdict):
    assert replace(FOUND, n_matching=n_matching).verdict == verdict
    doubtful = replace(FOUND, n_matching=n_matching, doubts=("the recording drifts",)).verdict
    assert doubtful == ("verified, with doubts" if verdict == "verified" else verdict)


@pytest.mark.parametrize(
    "found",
    [FOUND, replace(FOUND, noise_seed=0), replace(FOUND, nearest=Firing("tonic", rate=9.0), degeneracy=None),
     replace(FOUND, nearest=Firing("silent")), replace(FOUND, doubts=("one", "another"), again=0.92),
     replace(FOUND, prior=PRIOR), replace(FOUND, prior=PRIOR, sample=SAMPLE)],
)  # fmt: skip
def test_what_was_written_is_read(block, found):
    assert Verification.of_block(put(block, found.in_provenance())) == found


def test_names_in_files_stay(block):
    entries = replace(FOUND, recording=BURSTS).in_provenance()
    assert entries == {
        "verdict": "partial",
        "verification": {
            "tolerance": 0.1,
            "recording": {
                "activity": "bursting", "spikes_per_burst": 5.0, "burst_rate": 2.0, "burst_duration": 80.0,
                "intra_burst_rate": 50.0,
            },
            "noise_std": 0.3, "n_wanted": 10, "n_matching": 4, "n_simulated": 400, "n_first": 128,
            "n_first_matching": 3, "interrupted": True, "reason": "why", "nearest": None,
            "degeneracy": {"cv": {"g_Na": 0.1}},
        },
    }  # fmt: skip
    assert replace(FOUND, noise_seed=5).in_provenance()["verification"]["noise_seed"] == 5
    doubtful = replace(FOUND, doubts=("why not",), again=0.5).in_provenance()["verification"]
    assert (doubtful["doubts"], doubtful["again"]) == (["why not"], 0.5)
    nearest = replace(FOUND, nearest=Firing("tonic", 9.0)).in_provenance()["verification"]["nearest"]
    assert nearest == {"activity": "tonic", "rate": 9.0}


def test_what_the_members_are_drawn_from():
    assert FOUND.describe_sample == ""  # of a population that was only checked
    found = replace(FOUND, prior=PRIOR, tolerance=0.125)
    assert found.describe_sample == (
        "Members are examples of cells that fire like your recording within 12.5 %, not a sample of all of "
        "them."
    )
    assert replace(found, sample=SAMPLE).describe_sample == (
        "Members are random draws from all cells this neuron could be (cells of a family) that fire like "
        "your recording within 12.5 %. Another range gives another population."
    )
    assert replace(found, n_matching=0).describe_sample == ""  # the nearest fire otherwise


def test_prior_and_sample_are_written_where_they_are_known():
    assert not {"prior", "sample"} & set(FOUND.in_provenance()["verification"])
    entries = replace(FOUND, prior=PRIOR, sample=SAMPLE).in_provenance()["verification"]
    assert (entries["prior"], entries["sample"]) == (PRIOR, SAMPLE)


def test_nothing_is_known_of_what_was_not_simulated(block):
    assert Verification.of_block(block) is None
    with pytest.raises(TypeError, match=r"a population is a neo\.Block"):
        Verification.of_block("block")


def test_later_versions_may_add_to_it(block):
    entries = FOUND.in_provenance()
    entries["verification"]["added_later"] = 1
    assert Verification.of_block(put(block, entries)) == FOUND


@pytest.mark.parametrize("suffix", [".nix", ".nwb", ".csv", ".mat"])
def test_files_of_the_first_version_are_read(suffix):
    block = load_population(SAVED / f"population{suffix}")
    found = Verification.of_block(block)
    assert (found.verdict, found.n_wanted, found.n_simulated) == ("verified", 5, 329)
    assert (found.n_first, found.n_first_matching, found.noise_seed) == (128, 0, None)
    assert found.recording.describe().startswith("bursting, spikes per burst 4, burst rate 5.56 Hz")
    assert found.in_provenance() == {key: provenance(block)[key] for key in ("verdict", "verification")}
