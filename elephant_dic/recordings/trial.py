"""Files whose readers are C libraries are tried first: damage may crash these, or keep them busy for ever.

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

#: Seconds for one object of a file, or the whole of an old MATLAB file, which has one more for each MB.
LONGEST = 10.0
#: Bytes of memory that a reader may take, and how many times the size of the file more.
MEMORY, TIMES_FILE = 6 * 2**30, 20
#: Exit codes of the process: of faulthandler at the end of the time, and our own.
_OUT_OF_TIME, _OUT_OF_MEMORY = 1, 3

# Answers each line, a reader and a path, by a line: why the file is refused, or null. What else is wrong with
# a file comes again in our own process.
_LOOP = """
import faulthandler, importlib.util, json, os, sys, time

LONGEST, MEMORY, TIMES_FILE, OUT_OF_MEMORY = map(float, sys.argv[1:5])
GUARD = sys.argv[5]

def MATLAB(path):
    import scipy.io
    end_after(LONGEST + os.path.getsize(path) / 1e6)
    scipy.io.loadmat(path, struct_as_record=False)

def HDF5(path):
    import h5py
    end_after(LONGEST)
    spec = importlib.util.spec_from_file_location("hdf5_guard", GUARD)
    guard = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(guard)
    reason = guard.reason_against(path, alive=lambda: end_after(LONGEST))
    if reason:
        return reason
    with h5py.File(path, "r") as file:
        touch("/", file)
        file.visititems(touch)

def touch(name, item):
    end_after(LONGEST)
    for attribute in item.attrs:
        attempt(item.attrs.__getitem__, attribute)
    if getattr(item, "nbytes", 2**20) < 2**20:
        attempt(item.__getitem__, ())

armed = float("-inf")

def end_after(seconds):
    global armed
    if time.monotonic() - armed > seconds / 10:  # it starts a thread, which takes longer than most objects do
        faulthandler.dump_traceback_later(seconds, exit=True)  # ends this process, in C code too
        armed = time.monotonic()

def limit_memory(path):
    try:
        import resource
    except ImportError:  # Windows
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (int(MEMORY + TIMES_FILE * os.path.getsize(path)), hard))

def attempt(read, *what):
    try:
        return read(*what)
    except MemoryError:
        os._exit(int(OUT_OF_MEMORY))
    except Exception:
        pass

for line in sys.stdin:
    reader, path = json.loads(line)
    attempt(limit_memory, path)
    reason = attempt(globals()[reader], path)
    faulthandler.cancel_dump_traceback_later()
    armed = float("-inf")
    print(json.dumps(reason), flush=True)
"""


def try_reading(path, reader):
    """RecordingError if `reader`, "MATLAB" or "HDF5", would crash on the file, or not come to an end.

    Also if it would take more memory than such a file can need, or if an HDF5 file reaches outside of itself.
    """
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
            ways = {_OUT_OF_TIME: "comes to no end", _OUT_OF_MEMORY: "takes all memory"}
            fails = ways.get(process.returncode, "crashes")
            raise RecordingError(f"it is damaged: the reader of {reader} files {fails} on it")
        if reason := json.loads(answered):
            raise RecordingError(reason)


@functools.lru_cache(maxsize=1)
def _reader(pid):
    """The process, which is kept for the next file and ends with ours, and its lock; a fork has its own."""
    limits = map(str, (LONGEST, MEMORY, TIMES_FILE, _OUT_OF_MEMORY))
    guard = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hdf5_guard.py")
    process = subprocess.Popen(
        [sys.executable, "-c", _LOOP, *limits, guard],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    return process, threading.Lock()
