"""Files whose readers are C libraries that some damaged files crash, or keep busy for ever, are tried first.

A process of its own reads all of an old MATLAB file by scipy; of an HDF5 file (NIX, NWB, MATLAB 7.3) the
attributes, and the datasets that are small.
"""

import functools
import json
import os
import subprocess
import sys
import threading

from .spike_detection import RecordingError

# Answers each line, a reader and a path, by a line. What is wrong with a file comes again in our own process.
_LOOP = """
import faulthandler, json, os, sys

def MATLAB(path):
    import scipy.io
    # Ends this; a second for each MB is plenty.
    faulthandler.dump_traceback_later(10 + os.path.getsize(path) / 1e6, exit=True)
    scipy.io.loadmat(path, struct_as_record=False)

def HDF5(path):
    import h5py
    with h5py.File(path, "r") as file:
        touch("/", file)
        file.visititems(touch)

def touch(name, item):
    faulthandler.dump_traceback_later(10, exit=True)  # s for one object, which ends this
    for attribute in item.attrs:
        attempt(item.attrs.__getitem__, attribute)
    if getattr(item, "nbytes", 2**20) < 2**20:
        attempt(item.__getitem__, ())

def attempt(read, *what):
    try:
        read(*what)
    except Exception:
        pass

for line in sys.stdin:
    reader, path = json.loads(line)
    attempt({"MATLAB": MATLAB, "HDF5": HDF5}[reader], path)
    faulthandler.cancel_dump_traceback_later()
    print(flush=True)
"""


def try_reading(path, reader):
    """RecordingError if `reader`, "MATLAB" or "HDF5", would crash on the file, or not come to an end."""
    process, lock = _reader(os.getpid())
    with lock:
        if process.poll() is not None:  # by another thread's file while we waited, or killed from outside
            _reader.cache_clear()
            return try_reading(path, reader)
        try:
            process.stdin.write(json.dumps([reader, os.path.abspath(path)]) + "\n")
            process.stdin.flush()
            answered = process.stdout.readline()
        except BrokenPipeError:
            answered = ""
        if not answered:
            _reader.cache_clear()
            process.communicate()
            fails = "comes to no end" if process.returncode == 1 else "crashes"
            raise RecordingError(f"it is damaged: the reader of {reader} files {fails} on it")


@functools.lru_cache(maxsize=1)
def _reader(pid):
    """The process, which is kept for the next file and ends with ours, and its lock; a fork has its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", _LOOP],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    return process, threading.Lock()
