"""Old MATLAB files are tried in a process of its own first: some damaged ones crash scipy's reader."""

import functools
import json
import os
import subprocess
import sys
import threading

from elephant_dic.recordings.spike_detection import RecordingError

# Reads the file of each line, and answers by a line. What is wrong with it comes again in our own process.
_LOOP = """
import json, sys, scipy.io
for line in sys.stdin:
    try:
        scipy.io.loadmat(json.loads(line), struct_as_record=False)
    except Exception:
        pass
    print(flush=True)
"""


def try_loading(path):
    """RecordingError if scipy's reader would take this process with it."""
    process, lock = _reader(os.getpid())
    with lock:
        if process.poll() is not None:  # another thread's file has ended it while we waited
            return try_loading(path)
        try:
            process.stdin.write(json.dumps(os.path.abspath(path)) + "\n")
            process.stdin.flush()
            answered = process.stdout.readline()
        except BrokenPipeError:
            answered = ""
        if not answered:
            _reader.cache_clear()
            process.communicate()
            raise RecordingError("it is damaged: the reader of MATLAB files crashes on it")


@functools.lru_cache(maxsize=1)
def _reader(pid):
    """The process, which is kept for the next file and ends with ours, and its lock; a fork has its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", _LOOP],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    return process, threading.Lock()
