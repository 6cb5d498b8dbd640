"""What a session has done, whenever it was killed."""

import errno
import json
from pathlib import Path

import pytest

from elephant_dic.session.journal import JOURNAL, Journal, naming, rows_so_far

KEYS = [bytes([i]) * 8 for i in range(4)]


def written(folder, rows):
    with Journal(folder) as journal:
        for key, row in rows:
            journal.add(key, row)


def kept(folder):
    with Journal(folder) as journal:
        keys = [key for key in KEYS if key in journal]
        return dict(zip(keys, journal.rows(keys), strict=True)) if keys else {}


def test_lines_come_back_in_the_order_asked_for(tmp_path):
    rows = {KEYS[0]: {"cell": "a\nb", "rate": 0.1 + 0.2}, KEYS[1]: {"skipped": "süß #1"}, KEYS[2]: {}}
    written(tmp_path, list(rows.items())[:2])
    written(tmp_path, list(rows.items())[2:])
    assert kept(tmp_path) == rows
    with Journal(tmp_path) as journal:
        assert list(journal.rows([KEYS[1], KEYS[0], KEYS[1]])) == [
            rows[KEYS[1]],
            rows[KEYS[0]],
            rows[KEYS[1]],
        ]


def test_a_line_that_was_cut_off_anywhere_does_not_count_and_harms_no_other(tmp_path):
    rows = [(KEYS[0], {"cell": "first"}), (KEYS[1], {"cell": "cut"}), (KEYS[2], {"cell": "later"})]
    written(tmp_path, rows[:2])
    whole = (tmp_path / JOURNAL).read_bytes()
    start = whole.index(b"\n") + 1
    for end in range(start, len(whole) - 1):
        (tmp_path / JOURNAL).write_bytes(whole[:end])
        assert kept(tmp_path) == dict(rows[:1])
        written(tmp_path, rows[2:])
        assert kept(tmp_path) == {rows[0][0]: rows[0][1], rows[2][0]: rows[2][1]}
        written(tmp_path, rows[1:2])
        assert kept(tmp_path) == dict(rows)
    (tmp_path / JOURNAL).write_bytes(whole[:-1])  # all but the end of the line
    written(tmp_path, rows[2:])
    assert kept(tmp_path) == dict(rows)


def test_the_last_line_of_a_cell_counts(tmp_path):
    written(tmp_path, [(KEYS[0], {"cell": "old"}), (KEYS[0], {"cell": "new"})])
    assert kept(tmp_path) == {KEYS[0]: {"cell": "new"}}


def test_a_cell_whose_population_is_gone_is_not_done(tmp_path):
    (tmp_path / "there.nix").write_text("")
    written(
        tmp_path,
        [(KEYS[0], {"block": "there.nix"}), (KEYS[1], {"block": "gone.nix"}), (KEYS[2], {"block": None})],
    )
    assert list(kept(tmp_path)) == [KEYS[0], KEYS[2]]


@pytest.mark.parametrize("line", ["", "[]", "3", '"text"', "{}", '{"key": 3}', '{"key": "zz"}', "no JSON"])
def test_other_lines_say_nothing(tmp_path, line):
    written(tmp_path, [(KEYS[0], {})])
    with open(tmp_path / JOURNAL, "a") as file:
        file.write(f"{line}\n")
    assert kept(tmp_path) == {KEYS[0]: {}}


def test_nothing_is_written_before_there_is_something(tmp_path):
    assert kept(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_line_with_values_of_the_wrong_kind_does_not_count(tmp_path):
    key = b"12345678"
    (tmp_path / JOURNAL).write_text(json.dumps({"key": key.hex(), "block": 3}) + "\n")
    with Journal(tmp_path) as journal:
        assert key not in journal


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_an_error_of_a_full_disk_names_the_file(tmp_path):
    (tmp_path / JOURNAL).symlink_to("/dev/full")
    journal = Journal.__new__(Journal)
    journal.__dict__.update(_path=tmp_path / JOURNAL, _places={}, _file=None, _start=b"")  # it cannot be read
    with pytest.raises(OSError, match="No space left on device: .*cells.jsonl"):
        journal.add(b"12345678", {})


def test_only_errors_of_the_system_get_the_name_of_the_file():
    with pytest.raises(PermissionError, match="denied: 'a'"), naming(Path("a")):
        raise PermissionError(errno.EACCES, "denied")
    with pytest.raises(OSError, match="denied: 'b'"), naming(Path("a")):
        raise OSError(errno.EACCES, "denied", "b")
    with pytest.raises(TimeoutError, match="^busy$"), naming(Path("a")):
        raise TimeoutError("busy")


def test_what_is_done_can_be_seen_while_it_goes_on(tmp_path):
    assert rows_so_far(tmp_path) == []
    with Journal(tmp_path) as journal:
        journal.add(b"1", {"cell": "a", "verdict": "verified"})
        journal.add(b"2", {"cell": "b"})
        with open(tmp_path / JOURNAL, "ab") as file:
            file.write(b'{"key": "33", "cell": "c"')  # half written
        assert rows_so_far(tmp_path) == [{"cell": "a", "verdict": "verified"}, {"cell": "b"}]
