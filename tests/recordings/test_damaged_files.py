"""Damaged files, files under a wrong name, files that want code to be run: refused with a reason, or read."""

import os
import pickle
import secrets
import struct
import subprocess
import sys
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import neo
import numpy as np
import pytest
from scipy.io import savemat
from scipy.sparse import eye_array
from support.damage import FOLDERS, WRITERS, damaged, read_damaged, recording_of, written
from support.vendor_files import read_quietly, refuse

from elephant_dic.recordings import RecordingError, inspect_recording, read_spiketrains, trial
from elephant_dic.recordings.matlab_elements import check_matlab_file
from elephant_dic.recordings.trial import try_reading

N_CASES = 12  # of each format here; 1000 in the slow test
SUFFIXES = sorted({Path(name).suffix for name in WRITERS})


@pytest.fixture(scope="module")
def genuine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("genuine")
    return {name: written(name, folder) for name in WRITERS}


@pytest.mark.parametrize("name", WRITERS)
def test_genuine_files_are_read(tmp_path, genuine, name):
    path = tmp_path / name
    path.write_bytes(genuine[name])
    assert read_damaged(path) == "read"


@pytest.mark.parametrize("name", WRITERS)
def test_damaged_files_are_read_or_refused_with_a_reason(tmp_path, genuine, name):
    path, answers = tmp_path / name, []
    for k in range(N_CASES):
        path.write_bytes(damaged(genuine[name], np.random.default_rng([0, k])))
        answers.append(read_damaged(path))
    assert any(answer != "read" for answer in answers)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_damaged_file_in_a_folder(tmp_path, name):
    content, folder = written(name, tmp_path), recording_of(name, tmp_path)
    for k in range(N_CASES):
        (tmp_path / name).write_bytes(damaged(content, np.random.default_rng([0, k])))
        read_damaged(folder)
    (tmp_path / name).write_bytes(content)
    assert read_damaged(folder) == "read"


def test_a_matlab_file_with_an_element_out_of_place(tmp_path, genuine):
    """scipy refuses this one with an error; of other files of this kind we have seen it crash."""
    path, content = tmp_path / "cell.mat", bytearray(genuine["version5.mat"])
    place = content.find(struct.pack("<I", 14), 128)  # the first matrix
    content[place : place + 4] = struct.pack("<I", 99)
    path.write_bytes(content)
    refuse(path, "it is damaged: an element of kind 99, .* bytes, is out of place")


def test_an_axon_file_whose_header_tells_of_more_than_it_can_hold(tmp_path, genuine):
    path, content = tmp_path / "cell.abf", bytearray(genuine["version2.abf"])
    tags = 76 + 16 * 11  # the twelfth entry of the table of sections: block, bytes of an entry, entries
    struct.pack_into("<IIq", content, tags, 1, 64, 2000)
    path.write_bytes(content)
    refuse(
        path,
        "it is damaged, or was cut: its header tells of 2,000 entries of TagSection, more than it can hold",
    )


@pytest.mark.parametrize("values", [{}, [], "", "text", 1 + 2j, np.zeros((0, 3)), np.int8([[1, 2]]), True])
def test_matlab_files_of_all_kinds_are_made_as_their_format_says(tmp_path, values):
    path = tmp_path / "values.mat"
    cells = np.array([values, "text", 3], dtype=object)
    for compressed in (False, True):
        content = {"a": values, "cells": cells, "struct": {"b": values, "c": {"d": cells}}, "s": eye_array(3)}
        savemat(path, content, do_compression=compressed)
        check_matlab_file(path)
        path.write_bytes(path.read_bytes()[:-8])
        with pytest.raises((RecordingError, zlib.error), match="cut off|out of place|incomplete"):
            check_matlab_file(path)


#: Readers that do what the readers of damaged files have done: ended by a signal, ran on, took all memory.
#: Which files made them do so is not told here.
TOLD = """
import os, time

def abort(path):
    os.abort()

def sleep(path):
    end_after(LONGEST)
    time.sleep(600)

def eat(path):
    bytearray(2**40)

def fine(path):
    pass
"""


@pytest.fixture
def told(monkeypatch):
    """The process that tries files knows the readers of `TOLD`, and has half a second."""
    monkeypatch.setattr(trial, "_LOOP", TOLD + trial._LOOP)
    monkeypatch.setattr(trial, "LONGEST", 0.5)
    trial._reader.cache_clear()
    yield
    trial._reader(os.getpid())[0].kill()
    trial._reader.cache_clear()


@pytest.mark.parametrize(
    ("reader", "fails"), [("abort", "crashes"), ("sleep", "comes to no end"), ("eat", "takes all memory")]
)
def test_readers_that_do_not_come_back(told, genuine, tmp_path, reader, fails):
    path = tmp_path / "cell.nix"
    path.write_bytes(genuine["cell.nix"])
    for _ in range(2):
        with pytest.raises(
            RecordingError, match=f"it is damaged: the reader of {reader} files {fails} on it"
        ):
            try_reading(path, reader)
        try_reading(path, "fine")  # the next file is none the worse for it
    try_reading(path, "HDF5")


def test_threads_try_files_one_after_the_other(told, genuine, tmp_path):
    path = tmp_path / "cell.nix"
    path.write_bytes(genuine["cell.nix"])

    def refused(reader):
        try:
            try_reading(path, reader)
        except RecordingError:
            return True
        return False

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(refused, ["fine", "abort", "HDF5", "abort"])) == [False, True, False, True]


def test_a_reader_that_was_killed_from_outside_is_started_again(tmp_path, genuine):
    path = tmp_path / "good.nix"
    path.write_bytes(genuine["cell.nix"])
    try_reading(path, "HDF5")
    process, _ = trial._reader(os.getpid())
    process.kill()
    process.wait()
    again = threading.Thread(target=try_reading, args=(path, "HDF5"), daemon=True)
    again.start()
    again.join(60)
    assert not again.is_alive()
    assert trial._reader(os.getpid())[0].poll() is None


@pytest.mark.slow
@pytest.mark.parametrize("name", [*WRITERS, *FOLDERS])
def test_a_thousand_damaged_files(name):
    seed = str(secrets.randbits(32))  # other damage each time: none that crashes a reader is kept here
    command = [sys.executable, "-m", "support.damage", name, "1000", seed]
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    env = os.environ | {"PYTHONPATH": paths}
    result = subprocess.run(command, env=env, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-200:]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_of_another_format_under_this_name(tmp_path, genuine, suffix):
    for name, content in genuine.items():
        if {Path(name).suffix, suffix} in ({suffix}, {".csv", ".txt"}, {".nex", ".nex5"}, {".axgd", ".axgx"}):
            continue
        path = tmp_path / f"{name.replace('.', '_')}{suffix}"
        path.write_bytes(content)
        assert read_damaged(path) != "read", name


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_without_a_byte(tmp_path, suffix):
    path = tmp_path / f"empty{suffix}"
    path.touch()
    refuse(path, "it is empty", time_unit="s" if suffix in (".csv", ".txt") else None)
    path.write_bytes(b"\0")
    assert read_damaged(path) != "read"


class Malicious:
    """What a pickle makes when it is loaded is up to the pickle."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return Path.touch, (self.target,)


@pytest.mark.parametrize(
    "suffix",
    [
        *SUFFIXES, ".pkl", ".pickle", ".npy", ".npz", ".h5", ".dat", ".bin", ".json", ".xml", ".meta", ".raw",
        ".pl2", ".smrx", ".kwik", ".nex", ".edf", ".set", ".spikes", ".1", "",
    ],
)  # fmt: skip
def test_no_file_makes_us_run_code(tmp_path, suffix):
    target = tmp_path / "was here"
    content = pickle.dumps(Malicious(target))
    pickle.loads(content)
    assert target.exists()  # the pickle does what it should not
    target.unlink()
    path = tmp_path / f"harmless{suffix}"
    for data in (content, pickle.dumps([1.0, 2.0]), b"\x93NUMPY\x01\x00v\x00{'descr': '|O', " + content):
        path.write_bytes(data)
        for read in (inspect_recording, read_spiketrains):
            with pytest.raises(RecordingError, match=r"^harmless"):
                read(path, time_unit="s" if suffix in (".csv", ".txt") else None)
        assert not target.exists()


def test_a_block_that_neo_pickled_is_refused_with_the_way_out(tmp_path):
    path = tmp_path / "block.pkl"
    neo.io.PickleIO(str(path)).write_block(neo.Block())
    refuse(path, r"\.pkl files are not read: .* save the neo.Block as .nix")


@pytest.mark.parametrize(
    ("suffix", "reason"), [(".dat", "takes any bytes for samples"), (".fake", "makes up what it reads")]
)
def test_readers_that_make_up_what_they_read_are_not_used(tmp_path, suffix, reason):
    path = tmp_path / f"noise{suffix}"
    path.write_bytes(np.random.default_rng(0).bytes(4000))
    refuse(path, reason)


def test_bytes_in_an_hdf5_file_are_not_unpickled(tmp_path):
    import h5py

    path, target = tmp_path / "a.nwb", tmp_path / "was here"
    with h5py.File(path, "w") as file:
        file.attrs["nwb_version"] = "2.8.0"
        file.create_group("units").create_dataset(
            "spike_times", data=np.void(pickle.dumps(Malicious(target)))
        )
    with pytest.raises(RecordingError):
        read_quietly(path)
    assert not target.exists()
