"""Files that are there whole or not at all, and written by one process at a time."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from elephant_dic.populations import whole_files
from elephant_dic.populations.whole_files import alone_in, whole_file


def left(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_replaces_what_was_there(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with whole_file(target) as part:
        assert part.name == "a.txt"
        part.write_text("new")
        assert target.read_text() == "old"
    assert (target.read_text(), left(tmp_path)) == ("new", ["a.txt"])


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_fails_leaves_what_was_there_and_nothing_else(tmp_path, error):
    target = tmp_path / "a.txt"
    target.write_text("old")

    def fail():
        with whole_file(target) as part:
            part.write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert (target.read_text(), left(tmp_path)) == ("old", ["a.txt"])


def test_a_name_of_any_length(tmp_path):
    target = tmp_path / ("µ" * 120 + ".txt")  # 244 bytes; 255 are the limit
    with whole_file(target) as part:
        part.write_text("x")
    assert target.read_text() == "x"


def test_what_killed_processes_left_is_removed_by_the_next_that_writes(tmp_path):
    code = (
        "import os, signal, sys\n"
        "from elephant_dic.populations.whole_files import whole_file\n"
        "with whole_file(sys.argv[1]) as part:\n"
        "    part.write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    for name in ("a.txt", "b.txt"):
        killed = subprocess.run([sys.executable, "-c", code, str(tmp_path / name)], timeout=120)
        assert killed.returncode == -signal.SIGKILL
    (tmp_path / ".saving-abc123").mkdir()  # as version 0.1 has left them
    assert len(left(tmp_path)) == 3  # the second has removed what the first left
    (tmp_path / ".saved").mkdir()
    with whole_file(tmp_path / "a.txt") as part:
        part.write_text("whole")
    assert left(tmp_path) == [".saved", "a.txt"]


def test_who_writes_the_same_file_waits(tmp_path):
    target, order, begun = tmp_path / "a.txt", [], threading.Event()

    def first():
        with whole_file(target) as part:
            begun.set()
            time.sleep(0.3)
            part.write_text("first")
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    begun.wait()
    with whole_file(target) as part:
        order.append("second")
        part.write_text("second")
    thread.join()
    assert (order, target.read_text(), left(tmp_path)) == (["first", "second"], "second", ["a.txt"])


def test_who_has_waited_for_too_long_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(whole_files, "_LONGEST_WAIT", 0.1)
    target = tmp_path / "a.txt"
    refused = pytest.raises(TimeoutError, match="^another process is writing a.txt there; wait until it is")
    with whole_file(target) as part:
        part.write_text("x")
        with refused, whole_file(target):
            pass
        with whole_file(tmp_path / "b.txt") as other:  # another file of the folder is written meanwhile
            other.write_text("y")
    assert (target.read_text(), left(tmp_path)) == ("x", ["a.txt", "b.txt"])


def _write_often(path, letter, n):
    for _ in range(n):
        with whole_file(path) as part:
            part.write_text(letter * 10_000)


def test_two_processes_that_write_one_file_write_it_whole(tmp_path):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write_often, args=(tmp_path / "a", x, 30)) for x in "xy"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert (tmp_path / "a").read_text() in ("x" * 10_000, "y" * 10_000)
    assert left(tmp_path) == ["a"]


def test_two_do_not_work_in_one_folder(tmp_path):
    folder = tmp_path / "new" / "net"
    message = f"^another process trains in {folder}: wait until it is done, or take another folder$"
    with alone_in(folder, "trains"):
        with pytest.raises(ValueError, match=message), alone_in(folder, "trains"):
            pass
        with alone_in(tmp_path, "trains"):
            pass
    with alone_in(folder, "trains"):
        pass
    assert left(folder) == []


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="who may write everywhere is not refused")
def test_a_folder_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError), whole_file(tmp_path / "a"):
        pass
    tmp_path.chmod(0o700)
