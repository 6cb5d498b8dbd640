"""Which files and folders in a folder are recordings."""

import errno
from pathlib import Path

import numpy as np
import pytest
from support.sorter_files import write_mclust, write_neuralynx_events, write_phy, write_spikeinterface

from elephant_dic.recordings import check_reading, read_all_cells, recordings_in
from elephant_dic.recordings.in_folders import DEPTH

TIMES = 0.1 * np.arange(1, 20)


def found(folder, is_ours=lambda folder: False):
    others = []
    paths = [
        path.relative_to(folder).as_posix()
        for path in recordings_in(folder, is_ours, lambda path, why: others.append((path, why)))
    ]
    return paths, [(path.relative_to(folder).as_posix(), why) for path, why in others]


def test_files_in_the_order_of_their_names(tmp_path):
    for name in (
        "b.abf",
        "a.NWB",
        "c.csv",
        "d.smr",
        "e.ibw",
        "f.nex5",
        "notes.md",
        "x.png",
        "x.json",
        "raw.dat",
        "x",
    ):
        (tmp_path / name).write_text("")
    assert found(tmp_path) == (
        ["a.NWB", "b.abf", "c.csv", "d.smr", "e.ibw", "f.nex5"],
        [
            (name, "as no recordings by their names")
            for name in ("notes.md", "raw.dat", "x", "x.json", "x.png")
        ],
    )


def write_tetrodes(folder):
    folder.mkdir()
    for name in ("TT1_1.t", "TT1_2.t"):
        write_mclust(folder / name, TIMES)


def write_cheetah(folder):
    folder.mkdir()
    write_neuralynx_events(folder / "Events.nev", TIMES, ["pulse"] * len(TIMES))


def write_open_ephys(folder):
    folder.mkdir()
    (folder / "100_CH1.continuous").write_bytes(b"")


@pytest.mark.parametrize(
    "write",
    [
        lambda folder: write_phy(folder, np.arange(9), np.zeros(9, int)),
        lambda folder: write_spikeinterface(folder, [(100 * i, 0, 0) for i in range(9)]),
        write_tetrodes,
        write_cheetah,
        write_open_ephys,
    ],
    ids=["phy", "spikeinterface", "mclust", "neuralynx", "open ephys"],
)
def test_the_folder_of_one_recording_is_taken_whole(tmp_path, write):
    write(tmp_path / "one")
    (tmp_path / "one" / "channel_map.csv").write_text("")
    (tmp_path / "other.nwb").write_text("")
    assert found(tmp_path) == (["one", "other.nwb"], [])
    assert found(tmp_path / "one") == (["."], [])


def test_folders_that_are_ours_or_hidden_or_too_deep(tmp_path):
    deep = tmp_path.joinpath(*map(str, range(DEPTH)))
    (deep / "6").mkdir(parents=True)
    for folder in (deep, deep / "6", tmp_path / ".git", tmp_path / "ours"):
        folder.mkdir(exist_ok=True)
        (folder / "a.nwb").write_text("")
    paths, others = found(tmp_path, lambda folder: folder.name == "ours")
    assert paths == [f"{deep.relative_to(tmp_path).as_posix()}/a.nwb"]
    assert others == [("0/1/2/3/4/5/6", "as deeper than 6 folders"), ("ours", "as results")]


def test_links_to_folders_above_are_not_followed(tmp_path):
    inside, beside = tmp_path / "a" / "b", tmp_path / "c"
    inside.mkdir(parents=True)
    beside.mkdir()
    for folder in (inside, beside):
        (folder / "x.nwb").write_text("")
    (inside / "up").symlink_to(tmp_path / "a")
    (inside / "root").symlink_to(tmp_path.parent)
    (inside / "beside").symlink_to(beside)  # no folder above: it is read
    (beside / "back").symlink_to(tmp_path / "a")
    paths, others = found(tmp_path / "a")
    assert paths == ["b/beside/x.nwb", "b/x.nwb"]
    assert others == [
        (f"b/{name}", "as a link to a folder that it lies in") for name in ("beside/back", "root", "up")
    ]


def test_a_folder_that_cannot_be_opened_is_told_and_the_others_are_read(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    (tmp_path / "x.nwb").write_text("")
    opened = Path.iterdir

    def closed(path):  # permissions bind everyone but an administrator, as whom tests may run
        if path.name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path)

    monkeypatch.setattr(Path, "iterdir", closed)
    assert found(tmp_path) == (["x.nwb"], [("closed", "as it cannot be opened (Permission denied)")])


def test_all_cells_are_read_with_the_silent_ones(tmp_path):
    (tmp_path / "a.csv").write_text("one,none\n" + "\n".join(f"{time}," for time in TIMES))
    cells, notes = read_all_cells(tmp_path / "a.csv", {"time_unit": "s"})
    assert [(cell.name, len(cell)) for cell in cells] == [("one", 19), ("none", 0)]
    assert all(note.startswith("a.csv: ") for note in notes)
    assert not any("without spikes" in note for note in notes)


def test_options_of_reading_are_checked_before_anything_is_read(tmp_path):
    assert check_reading({"unit": 3}) | {"unit": None} == check_reading({})
    with pytest.raises(
        TypeError, match="there is no argument path, units; of reading there are channel, unit,"
    ):
        check_reading({"units": 3, "path": "a.csv"})
