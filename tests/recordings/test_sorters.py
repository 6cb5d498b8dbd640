"""What sorters leave: folders of phy and spikeinterface, files of MClust and numpy."""

import warnings

import numpy as np
import pytest
import quantities as pq
from support.sorter_files import PARAMS, RATE, write_mclust, write_phy, write_spikeinterface
from support.vendor_files import read_quietly, refuse, seconds

from elephant_dic.recordings import inspect_recording, read_spiketrains

SAMPLES = np.array([3000, 6000, 9000, 12000, 15000, 30000])
CLUSTERS = np.array([4, 0, 4, 7, 0, 4])
GROUPS = "cluster_id\tgroup\n0\tgood\n4\tmua\n7\tnoise\n"


def times_of(cells):
    return {cell.name: seconds(cell).tolist() for cell in cells}


@pytest.fixture
def phy(tmp_path):
    def write(samples=SAMPLES, clusters=CLUSTERS, **choice):
        return write_phy(tmp_path / "sorted", samples, clusters, **choice)

    return write


# --- phy and Kilosort --------------------------------------------------------------------------------------


def test_units_of_phy_but_for_noise(phy):
    folder = phy(tables={"cluster_group.tsv": GROUPS}, n_samples=60_000)
    with pytest.warns(UserWarning, match=r"left out, as it is labelled noise: unit 7 \(1 spikes\)"):
        cells = read_spiketrains(folder)
    assert times_of(cells) == {"unit 0": [0.2, 0.5], "unit 4": [0.1, 0.3, 1.0]}
    assert [cell.annotations["quality"] for cell in cells] == ["good", "mua"]
    assert [float(cell.t_stop) for cell in cells] == [2.0, 2.0]
    assert cells[0].annotations["source"] == "sorted"
    for unit in ("unit 4", 4, "4"):
        assert times_of(read_quietly(folder, unit=unit)) == {"unit 4": [0.1, 0.3, 1.0]}
    assert list(times_of(read_quietly(folder, where='quality == "good"'))) == ["unit 0"]
    (first, second) = inspect_recording(folder)
    assert (second.name, second.n_spikes, float(second.duration), float(second.rate)) == ("unit 4", 3, 2, 1.5)
    assert first.kind == "unit"


@pytest.mark.parametrize("kind", ["<i8", "<u8", "<u4"])
@pytest.mark.parametrize("shape", [(6,), (6, 1), (1, 6)])
def test_shapes_and_types_of_kilosort(phy, kind, shape):
    cells = read_quietly(phy(SAMPLES.astype(kind).reshape(shape), CLUSTERS.astype("i4")))
    assert times_of(cells) == {"unit 0": [0.2, 0.5], "unit 4": [0.1, 0.3, 1.0], "unit 7": [0.4]}
    assert {cell.annotations["quality"] for cell in cells} == {"unsorted"}


def test_clusters_come_from_templates_before_phy_was_used(phy):
    folder = phy(clusters=None, templates=CLUSTERS.reshape(6, 1))
    assert list(times_of(read_quietly(folder))) == ["unit 0", "unit 4", "unit 7"]


def test_merged_clusters_are_those_of_phy(phy):
    folder = phy(clusters=np.where(CLUSTERS == 7, 12, 11), templates=CLUSTERS)
    assert times_of(read_quietly(folder)) == {"unit 11": [0.1, 0.2, 0.3, 0.5, 1.0], "unit 12": [0.4]}


def test_the_sorters_opinion_is_kept_apart(phy):
    tables = {
        "cluster_group.tsv": "cluster_id\tKSLabel\n0\tgood\n4\tmua\n",  # as Kilosort 4 writes it
        "cluster_info.tsv": "cluster_id\tKSLabel\tch\tgroup\n0\tgood\t3\tmua\n"
        "4\tmua\t5\t\n7\tgood\t5\tnoise\n",
    }
    cells = read_quietly(phy(tables=tables))
    assert [
        (cell.name, cell.annotations["quality"], cell.annotations["KSLabel"], cell.annotations["channel"])
        for cell in cells
    ] == [("unit 0", "mua", "good", "3"), ("unit 4", "unsorted", "mua", "5")]


def test_the_end_is_doubted_without_the_raw_file(phy):
    with pytest.warns(
        UserWarning, match="its t_stop is its last spike, at 1 s: the folder does not store it"
    ):
        read_spiketrains(phy())
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        (cell,) = read_spiketrains(phy(), unit=0, t_stop=3 * pq.s)
    assert float(cell.t_stop) == 3
    with pytest.warns(UserWarning, match="its t_stop is its last spike"):
        read_spiketrains(phy(n_samples=100))  # of another recording


@pytest.mark.parametrize(
    "params",
    [
        "sample_rate = 3e4", "sample_rate=30000",
        PARAMS + "noise = 1e-05\n", PARAMS + "scale = 1 / 3\n",
        "dat_path = ['raw.dat', 'second.dat']\nsample_rate = 30000.0\n", "from numpy import *\n" + PARAMS,
        "dat_path = 'C:\\Users\\x.dat'\nsample_rate = 30000\n",
        "dtype = 'what'\nn_channels_dat = 4\n" + PARAMS,
    ],
)  # fmt: skip
def test_params_are_parsed(phy, params):
    assert times_of(read_quietly(phy(params=params)))["unit 0"] == [0.2, 0.5]


def test_params_of_a_windows_editor(phy):
    cells = read_quietly(phy(params="\ufeffsample_rate = 30000.\r\ndat_path = r'C:\\raw.dat'\r\n"))
    assert list(times_of(cells)) == ["unit 0", "unit 4", "unit 7"]


def test_noise_tells_how_long_the_recording_was(phy):
    folder = phy(clusters=np.array([4, 0, 4, 7, 0, 7]), tables={"cluster_group.tsv": GROUPS})
    with pytest.warns(UserWarning, match="its t_stop is its last spike, at 1 s"):
        cells = read_spiketrains(folder)
    assert [float(cell.t_stop) for cell in cells] == [1.0, 1.0]


def test_params_are_never_run(phy, tmp_path):
    target = tmp_path / "was here"
    text = f"sample_rate = __import__('pathlib').Path({str(target)!r}).touch() or 30000\n"
    refuse(phy(params=text), "no params.py with a number sample_rate: write one")
    assert not target.exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"params": None}, "no params.py with a number sample_rate"),
        ({"params": "sample_rate = 0"}, "no params.py with a number sample_rate"),
        ({"clusters": CLUSTERS[:3]}, "spike_times.npy holds 6 spikes, spike_clusters.npy 3: they belong"),
        ({"samples": np.zeros((3, 2), int)}, r"spike_times.npy is no column .* has shape \(3, 2\)"),
        ({"samples": SAMPLES + 0.5}, "have to hold whole numbers"),
        ({"samples": SAMPLES[:0], "clusters": CLUSTERS[:0]}, "it holds no spikes"),
        ({"tables": {"cluster_group.tsv": "id\tgroup\n0\tnoise\n4\tnoise\n7\tnoise\n"}}, "labelled noise"),
    ],
)  # fmt: skip
def test_folders_that_cannot_be_read(phy, changes, message):
    refuse(phy(**changes), message)


def test_a_folder_in_a_folder(phy, tmp_path):
    assert phy() == tmp_path / "sorted"
    assert list(times_of(read_quietly(tmp_path))) == ["unit 0", "unit 4", "unit 7"]
    write_phy(tmp_path / "again", SAMPLES, CLUSTERS)
    refuse(tmp_path, "it holds several sortings, give one of these folders: again, sorted")


def test_other_folders_are_refused_with_what_is_read(tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    refuse(folder, "a folder of no format that is known, with no file; folders of phy, Kilosort")
    for k in range(7):
        (folder / f"{k}.jpg").touch()
    refuse(folder, "with 0.jpg, 1.jpg, 2.jpg, 3.jpg, 4.jpg and 2 more")


# --- .npy --------------------------------------------------------------------------------------------------


def test_times_in_a_npy_file(tmp_path):
    path = tmp_path / "cell.npy"
    np.save(path, SAMPLES[:, np.newaxis])
    refuse(
        path, 'does not tell the unit of its times: give time_unit, "s" or "ms", or .* "1/30000 s" for 30 kHz'
    )
    (cell,) = read_quietly(path, time_unit="1/30000 s")
    assert (cell.name, seconds(cell).tolist()) == ("cell", pytest.approx(SAMPLES / RATE))
    np.save(path, SAMPLES / 30.0)
    for unit in ("ms", "1/1000 s"):
        (cell,) = read_quietly(path, time_unit=unit)
        assert seconds(cell).tolist() == pytest.approx(SAMPLES / RATE)


def test_the_times_of_all_units_together_are_refused(phy):
    folder = phy()
    refuse(
        folder / "spike_times.npy", "spikes of all units together, .* give the folder sorted", time_unit="s"
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros((4, 3)), r"no column of numbers: it has shape \(4, 3\), float64"),
        (np.array(["a"]), "no column of numbers"),
        (np.array([1.0, np.nan]), "numbers that are not finite"),
        (np.tile([0, 1], 20), "its numbers repeat, as labels or counts per bin"),
        (np.array([1.0])[:0], "it holds no spikes"),
        (np.array([{}], object), "holds pickled objects"),
    ],
)
def test_arrays_that_are_no_spike_times(tmp_path, values, message):
    path = tmp_path / "cell.npy"
    np.save(path, values, allow_pickle=True)
    refuse(path, message, time_unit="s")


def test_an_array_cannot_claim_more_than_its_file_holds(tmp_path):
    path = tmp_path / "cell.npy"
    np.save(path, np.arange(4.0))
    content = path.read_bytes()
    path.write_bytes(content.replace(b"(4,), }        ", b"(400000000000,)}"))
    refuse(path, "damaged: its size is not that of an array|no array of numpy", time_unit="s")
    path.write_bytes(content[:-3])
    refuse(path, r"damaged: its size is not that of an array of shape \(4,\)", time_unit="s")


# --- MClust ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("suffix", "kind"), [(".t", ">u4"), (".t", ">u8"), (".t32", ">u4"), (".t64", ">u8")])
def test_files_of_mclust(tmp_path, suffix, kind):
    path = tmp_path / f"TT1_1{suffix}"
    write_mclust(path, [100.25, 100.5, 101.125, 103.0], kind)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        (cell,) = read_spiketrains(path)
    assert [str(each.message).split()[2] for each in caught] == ["t_start", "t_stop"]
    assert (cell.name, seconds(cell).tolist()) == ("TT1_1", [100.25, 100.5, 101.125, 103.0])
    (cell,) = read_quietly(path, t_start=90 * pq.s, t_stop=110 * pq.s)
    assert (float(cell.t_start), float(cell.t_stop)) == (90, 110)


def test_a_folder_of_mclust(tmp_path):
    folder = tmp_path / "session"
    folder.mkdir()
    write_mclust(folder / "TT1_1.t", [100.25, 100.5])
    write_mclust(folder / "TT1_2.t", [100.125, 103.0])
    cells = read_quietly(folder)
    assert times_of(cells) == {"TT1_1": [100.25, 100.5], "TT1_2": [100.125, 103.0]}
    assert [(float(cell.t_start), float(cell.t_stop)) for cell in cells] == [(100.125, 103.0)] * 2


def test_a_damaged_file_of_mclust_hides_no_other(tmp_path):
    write_mclust(tmp_path / "TT1_1.t", [100.25, 100.5])
    (tmp_path / "TT1_2.t").write_bytes(b"nothing")
    with pytest.warns(UserWarning, match="left out: TT1_2.t does not begin like a file of MClust"):
        (cell,) = read_spiketrains(tmp_path)
    assert cell.name == "TT1_1"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"nothing", "does not begin like a file of MClust"),
        (b"%%BEGINHEADER\n", "its header has no %%ENDHEADER"),
        (b"%%BEGINHEADER\n%%ENDHEADER\n123", "3 bytes are no whole number of times"),
        (b"%%BEGINHEADER\n%%ENDHEADER\n", "it holds no spikes"),
    ],
)
def test_files_that_mclust_did_not_write(tmp_path, content, message):
    path = tmp_path / "TT1_1.t"
    path.write_bytes(content)
    refuse(path, message)


# --- spikeinterface ----------------------------------------------------------------------------------------

SPIKES = [(3000, 0, 0), (6000, 1, 0), (9000, 0, 0), (12000, 2, 0)]


@pytest.mark.parametrize("form", ["numpy", "npz"])
def test_saved_sortings(tmp_path, form):
    folder = tmp_path / "sorting"
    write_spikeinterface(
        folder, SPIKES, form=form, properties={"quality": ["good", "mua", "noise"], "snr": [5.5, 2, 1]}
    )
    with pytest.warns(UserWarning, match="left out, as it is labelled noise: 2"):
        first, second = read_spiketrains(folder, t_stop=1 * pq.s)
    assert times_of([first, second]) == {"unit 0": [0.1, 0.3], "unit 1": [0.2]}
    assert (first.annotations["quality"], first.annotations["snr"]) == ("good", 5.5)
    assert list(times_of(read_quietly(folder, where="snr < 5"))) == ["unit 1"]


def test_segments_are_sweeps(tmp_path):
    folder = write_spikeinterface(tmp_path / "two", [*SPIKES, (1500, 0, 1)], ids=("a", "b", "c"))
    cells = {cell.name: cell for cell in read_quietly(folder)}
    assert [seconds(train).tolist() for train in cells["a"].spiketrains] == [[0.1, 0.3], [0.05]]


def test_noise_and_properties_of_a_sorting_that_are_left_out(tmp_path):
    spikes = [(3000, 0, 0), (6000, 1, 0), (30_000, 2, 0)]
    properties = {"quality": ["good", "mua", "noise"], "place": np.zeros((3, 2))}
    folder = write_spikeinterface(tmp_path / "sorting", spikes, properties=properties)
    with pytest.warns(UserWarning, match="its t_stop is its last spike, at 1 s"):
        cells = read_spiketrains(folder)
    assert [(cell.name, float(cell.t_stop)) for cell in cells] == [("unit 0", 1.0), ("unit 1", 1.0)]
    with pytest.warns(UserWarning, match="the property place is left out: it is not a number or a text"):
        read_spiketrains(folder, t_stop=2 * pq.s)


def test_an_analyzer_knows_the_end_of_its_recording(tmp_path):
    folder = write_spikeinterface(tmp_path / "analyzer", SPIKES, n_samples=[60_000])
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert {float(cell.t_stop) for cell in read_spiketrains(folder)} == {2.0}


def test_sortings_in_zarr(tmp_path):
    zarr = pytest.importorskip("zarr")
    root = zarr.open_group(str(tmp_path / "sorting.zarr"), mode="w", zarr_format=2)
    root.attrs.update({"sampling_frequency": RATE, "num_segments": 1})
    spikes = np.array(SPIKES)
    for name, values in {
        "unit_ids": np.array(["0", "1", "2"]), "spikes/sample_index": spikes[:, 0],
        "spikes/unit_index": spikes[:, 1], "spikes/segment_slices": np.array([[0, 4]]),
        "properties/quality": np.array(["good", "mua", "noise"]),
    }.items():  # fmt: skip
        root.create_array(name, data=values)
    cells = read_quietly(tmp_path / "sorting.zarr")
    assert times_of(cells) == {"unit 0": [0.1, 0.3], "unit 1": [0.2]}
    assert [cell.annotations["quality"] for cell in cells] == ["good", "mua"]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("numpysorting_info.json", b"{", "numpysorting_info.json is damaged"),
        ("numpysorting_info.json", b"{}", "lacks what a sorting has"),
        (
            "numpysorting_info.json",
            b'{"unit_ids": ["0"], "sampling_frequency": 0, "num_segments": 1}',
            "an index of 2",
        ),
        ("spikes.npy", b"\x93NUMPY", "spikes.npy is no array of numpy, or it is damaged"),
    ],
)
def test_damaged_sortings(tmp_path, file, content, message):
    folder = write_spikeinterface(tmp_path / "sorting", SPIKES)
    (folder / file).write_bytes(content)
    refuse(folder, message)


def test_labels_that_cannot_be_read_are_told(phy, tmp_path):
    folder = phy(tables={"cluster_group.tsv": "cluster_id\tgruppe\n0\tgood\n"})
    with pytest.warns(
        UserWarning, match="cluster_group.tsv holds no label of a unit: its header should name group"
    ):
        read_spiketrains(folder, t_stop=2 * pq.s)
    folder = write_spikeinterface(
        tmp_path / "sorting", SPIKES, properties={"quality": ["good", "mua", "noise"]}
    )
    path = folder / "properties" / "quality.npy"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.warns(UserWarning, match="a property is left out: quality.npy is damaged"):
        assert len(read_spiketrains(folder, t_stop=2 * pq.s)) == 3
