"""The recordings of a session, and which cell is which."""

import os
import re

import neo
import numpy as np
import pytest
import quantities as pq
from support.sessions import regular, train, write_units
from support.sorter_files import write_phy

from elephant_dic.recordings import RecordingError
from elephant_dic.session.cells import MANIFEST, Recording, check_output, recordings_of
from elephant_dic.session.journal import JOURNAL

SAMPLES = (30 * regular(80)).astype(np.int64)


def found(cell, **options):
    (only,), notes = Recording(None, options, (cell,)).cells()
    assert notes == []
    return only


def test_the_same_cell_has_the_same_key_and_any_other_another():
    times = regular(80)
    cell = train(times, "a", source="file.nwb")
    later = np.append(times[:-1], times[-1] + 0.001)
    sweeps = neo.Group(name="a")
    sweeps.spiketrains.extend([train(times[:30], "a", source="file.nwb"), train(times[30:], "a")])
    measured = train(times, "a", source="file.nwb")
    measured.array_annotate(amplitude=np.ones(len(times)))
    others = [
        train(later, "a", source="file.nwb"),
        train(times, "b", source="file.nwb"),
        train(times, "a", source="other.nwb"),
        train(times, "a", 9_999, source="file.nwb"),
        train(times, "a", source="file.nwb", injected_current="50 pA"),
        sweeps,
        measured,
    ]
    keys = [found(each).key for each in (cell, *others)]
    assert len(set(keys)) == len(keys)
    assert found(train(times, "a", source="file.nwb")).key == keys[0]


def test_seeds_follow_from_the_names_of_file_and_cell_alone():
    one, moved = train(regular(80), "unit 1", source="a.nwb"), train(regular(90), "unit 1", source="a.nwb")
    assert found(one).seed(5) == found(moved).seed(5) == 289416287
    others = [found(one).seed(6), found(train(regular(80), "unit 2", source="a.nwb")).seed(5),
              found(train(regular(80), "unit 1", source="b.nwb")).seed(5)]  # fmt: skip
    assert len({found(one).seed(5), *others}) == 4
    # Not by putting texts together: cell "1b" of "a" is not cell "b" of "a1".
    assert found(train(regular(80), "1b", source="a")).seed(5) != found(
        train(regular(80), "b", source="a1")
    ).seed(5)


def test_each_cell_has_a_safe_file_of_its_own():
    names = [
        "a/b",
        "a_b",
        "a:b",
        "A_B",
        "../../x",
        "..",
        ".",
        "CON",
        "x" * 300,
        "Zelle äöü",
        "=1+2",
        "a\nb",
        "#1",
    ]
    cells = [train(regular(80), name, source=source) for name in names for source in ("day 1/../k", "", "..")]
    places = [found(cell).place(".nix") for cell in cells]
    assert len({place.lower() for place in places}) == len(cells)
    for place in places:
        assert re.fullmatch(r"cells/[A-Za-z0-9_-][A-Za-z0-9_.-]*/[A-Za-z0-9_.-]*-[0-9a-f]{16}\.nix", place)
        assert len(place) < 160
    assert found(train(regular(80), "unit 3", source="k.nwb")).place(".nwb").startswith("cells/k.nwb/unit_3-")


def test_cells_without_a_name_are_called_by_their_place():
    cells, _ = Recording(None, {}, (train(regular(80)), train([]), neo.Group())).cells()
    assert [cell.name for cell in cells] == ["cell 0", "cell 1", "cell 2"]


@pytest.fixture
def folder(tmp_path):
    """A day with two tables, a sorter's folder, results, and what is no recording."""
    write_units(tmp_path / "b.csv", {"x": regular(80)})
    (tmp_path / "later").mkdir()
    write_units(tmp_path / "later" / "a.csv", {"x": regular(90)})
    write_phy(tmp_path / "kilosort", SAMPLES, np.zeros(len(SAMPLES), int))
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / MANIFEST).write_text("{}")
    write_units(tmp_path / "results" / "session.csv", {"x": regular(90)})
    (tmp_path / "notes.md").write_text("a day")
    (tmp_path / ".hidden.csv").write_text("1")
    return tmp_path


def test_folders_are_looked_into(folder):
    recordings, notes = recordings_of([folder, folder / "b.csv"], {})
    names = [recording.path.relative_to(folder).as_posix() for recording in recordings]
    assert names == ["b.csv", "kilosort", "later/a.csv", "b.csv"]
    assert notes == [
        f"{folder}: left out, as no recordings by their names: notes.md",
        f"{folder}: left out, as results: results/session.csv, results/session.json",
    ]
    assert [each.path for each in recordings_of(folder / "kilosort", {})[0]] == [folder / "kilosort"]
    assert [len(each.cells()[0]) for each in recordings_of(folder / "kilosort", {})[0]] == [1]


def test_many_files_that_are_left_out_are_counted(folder):
    for i in range(9):
        (folder / f"picture{i}.png").write_text("")
    assert recordings_of(folder, {})[1][0].endswith(
        "notes.md, picture0.png, picture1.png, picture2.png, picture3.png and 5 more"
    )


def test_the_unit_of_time_is_for_files_that_do_not_tell_it(folder):
    options = {"time_unit": "ms", "where": "rate > 0"}
    recordings, _ = recordings_of(folder, options)
    assert [recording.options for recording in recordings] == [options, {"where": "rate > 0"}, options]
    (alone,), _ = recordings_of(folder / "kilosort", options)
    with pytest.raises(ValueError, match="time_unit is for .*; kilosort has its own"):
        alone.cells()


def test_only_what_a_session_makes_is_left_out_of_its_folder(folder):
    write_units(folder / "results" / "own.csv", {"x": regular(70)})
    names = [recording.path.name for recording in recordings_of(folder / "results", {})[0]]
    assert names == ["own.csv"]
    (folder / "results" / "own.csv").unlink()
    with pytest.raises(
        RecordingError, match="no recording in the folder .*; left out, as results: session.csv, s"
    ):
        recordings_of(folder / "results", {})


def test_a_folder_with_recordings_is_not_for_results(folder):
    for wrong in (folder, folder / "later", folder / "kilosort"):
        with pytest.raises(ValueError, match="holds recordings .*: choose another folder for the results"):
            check_output(wrong, [])
    given = [Recording(folder / "b.csv"), Recording(folder / "empty")]
    with pytest.raises(ValueError, match="b.csv holds the recordings: choose another folder"):
        check_output(folder / "b.csv", given)
    with pytest.raises(ValueError, match="notes.md is a file: choose a folder"):
        check_output(folder / "notes.md", given)
    check_output(folder / "new", given)
    check_output(folder / "results", given)
    (folder / "later" / JOURNAL).write_text("")  # a session has begun there: the table was put there since
    check_output(folder / "later", given)


def test_a_name_that_is_no_unicode_is_told(tmp_path):
    name = os.fsdecode(b"caf\xe9.csv")
    try:
        write_units(tmp_path / name, {"x": regular(80)})
    except OSError:
        pytest.skip("this system has no such names")
    (recording,), _ = recordings_of(tmp_path, {"time_unit": "ms"})
    assert recording.name == str(tmp_path / r"caf\udce9.csv")
    with pytest.raises(RecordingError, match=r"^caf\\udce9.csv: its name is no Unicode .*: rename it$"):
        recording.cells()


def test_bare_times_of_a_session_have_one_end():
    with pytest.warns(UserWarning, match="its t_stop is its last spike"):
        (recording,), _ = recordings_of([[1, 2] * pq.s, train(regular(80)), [1.0, 5.0] * pq.s], {})
    assert [float(cell.t_stop.rescale("s")) for cell in recording.given] == [5, 10, 5]


def test_silent_units_are_cells(tmp_path):
    write_units(tmp_path / "a.csv", {"x": regular(80), "nothing": []})
    (recording,), _ = recordings_of(tmp_path / "a.csv", {"time_unit": "ms"})
    cells, _ = recording.cells()
    assert [(cell.name, len(cell.cell)) for cell in cells] == [("x", 60), ("nothing", 0)]


def test_what_is_wrongly_given(tmp_path):
    cell = train(regular(80))
    with pytest.raises(RecordingError, match="there is no such file: .*nothing.nwb"):
        recordings_of([tmp_path / "nothing.nwb"], {})
    with pytest.raises(RecordingError, match="there is no recording in the folder"):
        recordings_of(tmp_path, {})
    with pytest.raises(TypeError, match="there is no argument thresh; of reading there are channel, unit, "):
        recordings_of([cell], {"thresh": 3})
    with pytest.raises(TypeError, match="where: for files only"):
        recordings_of([cell], {"where": "rate > 2"})
    with pytest.raises(TypeError, match="spiketrain"):
        recordings_of([3], {})
