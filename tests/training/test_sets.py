"""Simulated training sets: made from a seed, and resumed where they were interrupted."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from elephant_dic import get_neuron
from elephant_dic.simulation import simulate
from elephant_dic.training import sets
from elephant_dic.training.sets import NOISE_RANGE, SETTLING, draw_targets, generate, make_chunk, seed_of

STG, DA = get_neuron("stg"), get_neuron("da")
CELLS_PER_CHUNK = 60  # there are 2000; all else is as it is
QUIET = 4  # a chunk of seed 3 without noise


@pytest.fixture(autouse=True, scope="module")
def small_chunks():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sets, "CELLS_PER_CHUNK", CELLS_PER_CHUNK)
        yield


def same(first, second):
    assert set(first) == set(second) == {"conductances", "dics", "noise_std", "spikes", "counts"}
    return all(np.array_equal(first[name], second[name]) for name in first)


def test_targets_fill_the_box_of_the_neuron():
    targets = draw_targets(DA, 2000, np.random.default_rng(0))
    assert targets.shape == (2000, 3)
    assert np.isnan(targets[:, 0]).all()
    assert targets[:, 1:].min(axis=0) == pytest.approx([-10, 0], abs=0.2)
    assert targets[:, 1:].max(axis=0) == pytest.approx([15, 20], abs=0.2)
    assert targets[:, 1:].mean(axis=0) == pytest.approx([2.5, 10], abs=0.7)


def test_a_chunk_holds_the_cells_and_their_spikes():
    chunk = make_chunk(STG, 12, 400.0, seed=3, chunk=0)
    assert chunk["dics"].shape == (12, 3)
    assert np.isfinite(chunk["dics"]).all()
    assert (np.abs(chunk["dics"][:, 1]) <= 20.001).all()
    assert (chunk["counts"] > 1).all()
    assert chunk["spikes"].dtype == np.float32
    assert len(chunk["spikes"]) == chunk["counts"].sum()
    for times in np.split(chunk["spikes"], np.cumsum(chunk["counts"])[:-1]):
        assert times[0] > 0
        assert (np.diff(times) > 0).all()
        assert times[-1] <= 400


@pytest.mark.parametrize(("transient", "settling"), [(3000.0, SETTLING), (9500.0, 9500.0)])
def test_times_begin_when_the_cells_have_settled(transient, settling):
    """After nine seconds, or the neuron's transient if that is longer."""
    neuron = replace(STG, training=replace(STG.training, transient=transient))
    chunk = make_chunk(neuron, 6, 600.0, seed=3, chunk=QUIET)
    assert not chunk["noise_std"].any()
    run = simulate(neuron, chunk["conductances"], settling + 600.0, dt=neuron.time_step)
    later = [times[times >= settling] - settling for times in run.spike_times]
    assert chunk["counts"].tolist() == [len(times) for times in later]
    assert chunk["counts"].sum() > 6
    assert chunk["spikes"] == pytest.approx(np.concatenate(later), abs=0.01)


def test_settled_cells_do_not_drift():
    """Intervals of tonic cells change by less than a hundred-thousandth from one to the next."""
    chunk = make_chunk(STG, 40, 3000.0, seed=3, chunk=QUIET)
    assert not chunk["noise_std"].any()
    tonic = []
    for times in np.split(chunk["spikes"].astype(float), np.cumsum(chunk["counts"])[:-1]):
        isis = np.diff(times)
        if len(isis) > 20 and isis.std() < 0.02 * isis.mean():
            tonic.append(np.polyfit(np.arange(len(isis)), isis / isis.mean(), 1)[0])
    assert len(tonic) > 5
    assert np.median(np.abs(tonic)) < 1e-5


@pytest.mark.parametrize("neuron", [STG, DA], ids=["stg", "da"])
def test_a_chunk_follows_from_its_seed_and_number(neuron):
    chunk = make_chunk(neuron, 8, 150.0, seed=3, chunk=5)
    assert same(chunk, make_chunk(neuron, 8, 150.0, seed=3, chunk=5))
    for seed, number in ((3, 6), (4, 5)):
        other = make_chunk(neuron, 8, 150.0, seed=seed, chunk=number)
        assert not np.isin(other["dics"], chunk["dics"]).any()


def test_some_chunks_are_noisy_and_noise_acts():
    levels = [make_chunk(STG, 2, 5.0, seed=0, chunk=i)["noise_std"] for i in range(60)]
    noisy = np.array([of_cells for of_cells in levels if of_cells.any()])
    assert 8 <= len(noisy) <= 28  # of 60, expected are 18
    assert NOISE_RANGE[0] <= noisy.min() < 1 < 2 < noisy.max() <= NOISE_RANGE[1]
    assert len(np.unique(noisy)) == noisy.size  # each cell has its own


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    folder = tmp_path_factory.mktemp("complete") / "new" / "folder"
    return generate(STG, CELLS_PER_CHUNK + 1, folder, duration=200.0, seed=7)


def contents(paths):
    return [dict(np.load(path)) for path in paths]


def test_a_set_is_a_folder_of_chunks(complete):
    assert [path.name for path in complete] == ["chunk_00000.npz", "chunk_00001.npz"]
    assert sorted(complete[0].parent.iterdir()) == [*complete, complete[0].with_name("manifest.json")]
    first, second = contents(complete)
    assert len(first["counts"]) == len(second["counts"]) == CELLS_PER_CHUNK
    assert first["counts"].sum() > CELLS_PER_CHUNK
    assert not same(first, second)
    assert same(first, make_chunk(STG, CELLS_PER_CHUNK, 200.0, seed=7, chunk=0))


def test_the_seed_of_the_cells_in_a_training_folder(complete, tmp_path):
    assert seed_of(tmp_path) is None
    shutil.copytree(complete[0].parent, tmp_path / "set")
    assert seed_of(tmp_path) == 7
    for text in ("no JSON", "{}"):
        (tmp_path / "set" / "manifest.json").write_text(text)
        assert seed_of(tmp_path) is None


def test_an_interrupted_run_goes_on_where_it_stopped(complete, tmp_path):
    kept = tmp_path / "chunk_00000.npz"
    kept.write_bytes(complete[0].read_bytes())
    shutil.copy(complete[0].with_name("manifest.json"), tmp_path)
    before = kept.stat().st_mtime_ns
    leftover = tmp_path / "chunk_00001.123.part"  # of a process that was killed
    leftover.write_bytes(complete[1].read_bytes()[:1000])
    resumed = generate(STG, CELLS_PER_CHUNK + 1, tmp_path, duration=200.0, seed=7)
    assert sorted(tmp_path.glob("*.npz")) == resumed == [kept, tmp_path / "chunk_00001.npz"]
    assert kept.stat().st_mtime_ns == before
    assert all(map(same, contents(resumed), contents(complete)))


def test_an_interruption_leaves_no_half_chunk(tmp_path):
    for duration in (-1.0, 0.0, np.nan):
        with pytest.raises(ValueError, match=f"^duration must be a positive number of ms, got {duration:g}$"):
            generate(STG, 1, tmp_path, duration=duration, seed=7)
    assert list(tmp_path.iterdir()) == []
    (path,) = generate(STG, 1, tmp_path, duration=5.0, seed=7)
    assert sorted(tmp_path.glob("chunk*")) == [path]
