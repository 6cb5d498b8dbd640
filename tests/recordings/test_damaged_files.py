"""Damaged files, files under a wrong name, files that want code to be run: refused with a reason, or read."""

import os
import pickle
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
from support.damage import WRITERS, damaged, read_damaged, written
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


def test_a_matlab_file_that_crashes_the_reader_of_scipy(tmp_path, genuine):
    path, content = tmp_path / "crash.mat", bytearray(genuine["version5.mat"])
    place = content.find(struct.pack("<I", 9))  # of doubles
    assert place > 0
    content[place : place + 2] = struct.pack("<H", 8204)  # a kind that is none: found by the slow test
    path.write_bytes(content)
    refuse(path, "it is damaged: an element of kind 8204, .* bytes, is out of place")


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


@pytest.mark.parametrize("name", ["cell.nix", "cell.nwb"])
def test_hdf5_files_that_crash_the_reader_of_hdf5(tmp_path, genuine, name):
    path = tmp_path / name
    kind, of_no_kind = b"\x19\x01\x01\x00", b"\x19\x4e\x01\x00"  # of text of any length
    assert kind in genuine[name]
    path.write_bytes(genuine[name].replace(kind, of_no_kind))  # found by the slow test
    refuse(path, "it is damaged: the reader of HDF5 files crashes on it")
    path.write_bytes(genuine[name])
    assert read_damaged(path) == "read"  # the next file is none the worse for it


def test_a_nix_file_with_which_the_reader_of_hdf5_comes_to_no_end(tmp_path, genuine):
    path, content = tmp_path / "cell.nix", bytearray(genuine["cell.nix"])
    first = content.rfind(b"GCOL") + 16  # of the texts in a heap: its number and length
    content[first : first + 16] = bytes(16)  # found by the slow test
    path.write_bytes(content)
    refuse(path, "it is damaged: the reader of HDF5 files comes to no end on it")


def test_threads_try_files_one_after_the_other(tmp_path, genuine):
    good, bad = tmp_path / "good.nix", tmp_path / "bad.nix"
    good.write_bytes(genuine["cell.nix"])
    bad.write_bytes(genuine["cell.nix"].replace(b"\x19\x01\x01\x00", b"\x19\x4e\x01\x00"))

    def refused(path):
        try:
            try_reading(path, "HDF5")
        except RecordingError:
            return True
        return False

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(refused, [good, bad, good, bad])) == [False, True, False, True]


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
@pytest.mark.parametrize("name", WRITERS)
def test_a_thousand_damaged_files(name):
    script = Path(__file__).parents[1] / "support" / "damage.py"
    result = subprocess.run([sys.executable, script, name, "1000"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-200:]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_of_another_format_under_this_name(tmp_path, genuine, suffix):
    for name, content in genuine.items():
        if Path(name).suffix == suffix or {Path(name).suffix, suffix} == {".csv", ".txt"}:
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
