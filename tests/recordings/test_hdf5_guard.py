"""HDF5 files that reach outside of themselves, or claim more than they hold, are refused unread."""

import h5py
import neo
import numpy as np
import pytest
from support.nwb_files import add_electrode, new_nwb, response, write_nwb
from support.vendor_files import SWEEPS, read_quietly, refuse, write_matlab_73

from elephant_dic import PopulationFileError, load_population
from elephant_dic.recordings.hdf5_guard import UNHELD, reason_against

SECRET = np.arange(5.0)


@pytest.fixture
def other(tmp_path):
    """A file that has nothing to do with the recording."""
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["values"], file["group/values"] = SECRET, SECRET
    (tmp_path / "values.bin").write_bytes(SECRET.tobytes())
    return path


def link(file, other):
    file["units"] = h5py.ExternalLink(other.name, "/group")


def deep_link(file, other):
    file["a/b/c"] = h5py.ExternalLink(str(other), "/values")


def link_to_nothing(file, other):
    file["units"] = h5py.ExternalLink("no such file.h5", "/")


def storage(file, other):
    file.create_dataset(
        "a/values", SECRET.shape, "f8", external=[(str(other.with_name("values.bin")), 0, 40)]
    )


def mapping(file, other):
    layout = h5py.VirtualLayout(SECRET.shape, "f8")
    layout[:] = h5py.VirtualSource(other, "values", SECRET.shape)
    file.create_virtual_dataset("a/values", layout)


def fill_values(file, other):
    file.create_dataset("a/values", 150_000_000, "f8", chunks=True, compression="gzip")


def contiguous_fill_values(file, other):
    file.create_dataset("a/values", 150_000_000, "f8")


def one_large_chunk(file, other):
    file.create_dataset("a/values", 10, "f8", maxshape=(None,), chunks=(150_000_000,))


def many_claims(file, other):
    for k in range(20):
        file.create_dataset(f"a{k}/values", UNHELD // 80, "f8")


OUTSIDE = {
    link: "units is a link to another file",
    deep_link: "a/b/c is a link to another file",
    link_to_nothing: "units is a link to another file",
    storage: r"the values of a/values are in a file beside it \(external storage\)",
    mapping: r"the values of a/values are in another file \(a virtual dataset\)",
}
CLAIMS = {
    fill_values: "a/values claims 1,200,000,000 bytes more than this file of",
    contiguous_fill_values: "a/values claims 1,200,000,000 bytes more than this file of",
    one_large_chunk: "a/values claims 1,200,000,000 bytes more than this file of",
    many_claims: "a.*/values claims 1,677,720 bytes more than this file of",
}
HOW = {**OUTSIDE, **CLAIMS}


@pytest.mark.parametrize("way", OUTSIDE)
def test_what_the_files_here_reach_is_outside(tmp_path, other, way):
    """h5py alone reads what the first file only points to; the guard would be no guard otherwise."""
    path = tmp_path / "cell.h5"
    with h5py.File(path, "w") as file:
        way(file, other)
    if way is link_to_nothing:
        return
    with h5py.File(path, "r") as file:
        (found,) = (file[name] for name in ("units/values", "a/b/c", "a/values") if name in file)
        np.testing.assert_array_equal(found[:], SECRET)


@pytest.mark.parametrize("name", ["cell.nwb", "cell.nix", "cell.mat", "cell.h5"])
@pytest.mark.parametrize("way", HOW)
def test_recordings_are_refused(tmp_path, other, name, way):
    path = tmp_path / name
    if path.suffix == ".mat":
        write_matlab_73(path, {})
    with h5py.File(path, "a") as file:
        file.attrs["nwb_version"] = "2.8.0"
        way(file, other)
    refuse(path, HOW[way])


@pytest.mark.parametrize("name", ["population.nwb", "population.nix"])
@pytest.mark.parametrize("way", HOW)
def test_populations_are_refused(tmp_path, other, name, way):
    with h5py.File(tmp_path / name, "w") as file:
        way(file, other)
    with pytest.raises(PopulationFileError, match=HOW[way]):
        load_population(tmp_path / name)


def test_the_way_out_is_told(tmp_path, other):
    path = tmp_path / "cell.nwb"
    with h5py.File(path, "w") as file:
        link(file, other)
    refuse(path, r"only what is in the file itself is read: copy it into the file")


def test_a_text_to_which_many_rows_point(tmp_path):
    """A text of 100 kB, and 3,000 rows that each claim to be it."""
    path, n_rows = tmp_path / "cell.nwb", 3000
    with h5py.File(path, "w") as file:
        texts = file.create_dataset("texts", data=["x" * 100_000, *["y"] * (n_rows - 1)])
        texts.file.flush()
        start = texts.id.get_offset()
    content = bytearray(path.read_bytes())
    content[start : start + 16 * n_rows] = content[start : start + 16] * n_rows
    path.write_bytes(content)
    with h5py.File(path, "r") as file:
        assert len(file["texts"][n_rows - 1]) == 100_000
    refuse(path, "texts claims .* bytes more than this file of")


def test_files_that_stay_within_themselves(tmp_path):
    path = tmp_path / "fine.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("zeros", data=np.zeros(4_000_000), compression="gzip", chunks=(1_000_000,))
        file.create_dataset("texts", data=["a text of some length"] * 5000)
        file.create_dataset("grows", 0, "f8", maxshape=(None,), chunks=(1000,))
        file.create_dataset("unwritten", 100_000, "f8")
        file["nothing"], file["one"] = h5py.Empty("f8"), 3.0
        file["soft"], file["dangling"] = h5py.SoftLink("/zeros"), h5py.SoftLink("/not there")
        file["again"] = file["zeros"]
        layout = h5py.VirtualLayout((2, 5), "f8")
        file["values"] = SECRET
        for row in range(2):
            layout[row] = h5py.VirtualSource(".", "values", SECRET.shape)
        file.create_virtual_dataset("twice", layout)
    assert reason_against(path) is None


def test_a_sweep_compressed_by_its_writer_is_read(tmp_path):
    path, file = tmp_path / "cell.nwb", new_nwb()
    data = pytest.importorskip("hdmf.backends.hdf5").H5DataIO(SWEEPS[0], compression="gzip")
    file.add_acquisition(response("v", add_electrode(file), data))
    write_nwb(path, file)
    assert len(read_quietly(path)[0]) == 3


def test_a_file_whose_groups_cannot_be_listed(tmp_path, monkeypatch):
    path = tmp_path / "cell.nix"
    with neo.NixIO(str(path), mode="ow") as io:
        io.write_block(neo.Block())
    monkeypatch.setattr("elephant_dic.recordings.hdf5_guard._datasets", lambda file: 1 / 0)
    assert reason_against(path) == "it is damaged: what it holds cannot be listed (division by zero)"
