"""NIX files of large populations: written in a short way, and the same as those that neo writes alone."""

import re

import h5py
import neo
import numpy as np
import pytest
import quantities as pq

from elephant_dic.populations import build_population, load_population, save_population

NAMES = ("g_Na", "g_leak")
FRESH = {"entity_id", "created_at", "updated_at", "id"}  # in each file


def population(n):
    rng = np.random.default_rng(n)
    train = neo.SpikeTrain([1.0, 2.5], units="s", t_stop=9, name="cell", sweep=3)
    block = build_population(
        rng.lognormal(1, 2, (n, len(NAMES))),
        NAMES,
        member_dics=np.where(np.arange(n)[:, None] % 7, rng.normal(size=(n, 3)), np.nan),
        dic_mean=[np.nan, -5.1, 8.2],
        dic_std=[np.nan, 0.1, 0.3],
        provenance={"neuron": "stg"},
        spiketrains=[train],
    )
    every = np.arange(n)
    block.annotations.update(
        population_matches=every % 3 == 0,
        population_activity=np.where(every % 2, "tonic", "bursting µ"),
        population_number=every,
        population_short=every.astype("f4"),
        population_rate=pq.Quantity(every / 3, "Hz"),
        population_current=pq.Quantity(every.astype("i4"), "uA/cm**2"),
        a_list=every.tolist(),
        unsigned=every.astype("u8"),
    )
    return block


def written_by_neo_alone(n, path):
    with neo.io.NixIO(path, mode="ow") as file:
        file.write_block(population(n))


def tree(path):
    """What an HDF5 file holds, its names without what is drawn anew: name -> attributes, type, values."""
    found = {}

    def keep(name, item):
        attributes = {key: re.sub("[0-9a-f]{32}", "x", str(item.attrs[key])) for key in item.attrs}
        attributes |= dict.fromkeys(FRESH & set(attributes), "fresh")
        kind, values = None, None
        if isinstance(item, h5py.Dataset):
            kind = item.dtype, item.dtype.metadata, item.shape, item.maxshape
            values = "fresh" if name.endswith("/nix_name") else item[()]
        found[re.sub("[0-9a-f-]{32,36}", "x", name)] = attributes, kind, values

    with h5py.File(path, "r") as file:
        file.visititems(keep)
    return found


@pytest.mark.parametrize("n", [3, 1024, 1025, 5000])
def test_file_is_the_one_that_neo_writes_alone(tmp_path, n):
    save_population(population(n), tmp_path / "ours.nix")
    written_by_neo_alone(n, tmp_path / "neo.nix")
    ours, expected = tree(tmp_path / "ours.nix"), tree(tmp_path / "neo.nix")
    assert list(ours) == list(expected)
    assert sum("population_" in name for name in ours) >= 11
    for name, (attributes, kind, values) in expected.items():
        assert ours[name][:2] == (attributes, kind), name
        np.testing.assert_array_equal(ours[name][2], values, err_msg=name)


@pytest.mark.parametrize("n", [2, 5000])
def test_neo_alone_reads_the_same_block(tmp_path, n):
    save_population(population(n), tmp_path / "ours.nix")
    written_by_neo_alone(n, tmp_path / "neo.nix")
    blocks = []
    for name in ("ours.nix", "neo.nix"):
        with neo.io.NixIO(tmp_path / name, mode="ro") as file:
            blocks.append(file.read_block())
    ours, expected = blocks
    assert ours.name == expected.name
    assert list(ours.annotations) == list(expected.annotations)
    for key, value in expected.annotations.items():
        if key != "nix_name":
            assert type(ours.annotations[key]) is type(value), key
            assert getattr(ours.annotations[key], "units", None) == getattr(value, "units", None), key
            np.testing.assert_array_equal(ours.annotations[key], value, err_msg=key)
    ((one,), (other,)) = (block.segments[0].spiketrains for block in blocks)
    np.testing.assert_array_equal(one.magnitude, other.magnitude)
    assert one.annotations["sweep"] == other.annotations["sweep"] == 3


def test_large_population_comes_back(tmp_path):
    expected = population(5000)
    save_population(expected, tmp_path / "a.nix")
    found = load_population(tmp_path / "a.nix")
    assert list(found.annotations) == list(expected.annotations)
    for key, value in expected.annotations.items():
        np.testing.assert_array_equal(found.annotations[key], value, err_msg=key)
    assert str(found.annotations["population_rate"].dimensionality) == "Hz"
