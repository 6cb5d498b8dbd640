"""Chunks of work over the workers of an executor: the one place where work is spread, lost and stopped.

What is mapped must give the same whatever the worker, and whenever it is done again.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import contextmanager
from queue import SimpleQueue

from tqdm.auto import tqdm

#: Chunks handed to the executor at a time: enough for a large cluster, with little memory for arguments.
IN_FLIGHT = 2048
#: Times that worker processes of our own may be lost in one run.
MOST_LOSSES = 3
#: Work that is done sooner (s) shows no bar.
_BAR_AFTER = 1.0


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, with what was done by then.

    Attributes
    ----------
    finished : object
        What the interrupted function would have returned, of the part that was done.
    """

    def __init__(self, finished):
        super().__init__()
        self.finished = finished


def cpu_count() -> int:
    """Cores available to this process."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


def shows_bars() -> bool:
    """Whether bars can be seen: on a terminal, and in a notebook, where stderr is none."""
    in_notebook = any(kind.__module__ == "tqdm.notebook" for kind in tqdm.__mro__)
    return in_notebook or (sys.stderr is not None and sys.stderr.isatty())


def progress_bar(total, description, unit, shown) -> tqdm:
    """A bar on stderr that appears after a second; a context manager with `update(n)`."""
    return tqdm(total=total, desc=description, unit=unit, disable=not shown, delay=_BAR_AFTER)


def map_chunks(function, jobs, receive, executor: Executor | None = None, *, processes=False, resume=""):
    """Call a function for each job on the workers of an executor, and hand over each result once it is there.

    Parameters
    ----------
    function : callable
        Importable by its name, for workers in other processes. If it simulates, it should do so with
        ``executor=ThreadPoolExecutor(1)``: the cores are taken by the other workers.
    jobs : sequence of tuples
        Arguments of the calls. They and the results travel to other processes: arrays and neurons, small.
    receive : callable
        Called here as ``receive(index, result)``, in the order in which the chunks are finished.
    executor : concurrent.futures.Executor, optional
        Default: our own workers, one a core; they are threads unless `processes` asks for more.
    processes : bool
        Whether the function holds Python's lock for long, so that our own workers have to be processes.
    resume : str
        For the error after a loss of workers: what is kept, such as "the chunks in DIR are kept".

    Raises
    ------
    TypeError
        If the executor is none.
    concurrent.futures.BrokenExecutor
        If the executor has lost a worker. Our own processes are replaced, and the chunk is done again; only
        the fourth loss is an error.

    Notes
    -----
    An error or KeyboardInterrupt cancels what has not begun and returns at once, after all finished chunks
    have been received. Threads cannot be interrupted: a chunk should be less than a second of work.
    """
    if not (executor is None or isinstance(executor, Executor)):
        raise TypeError(
            "executor must be a concurrent.futures.Executor (of dask: client.get_executor()), "
            f"got {type(executor).__name__}"
        )
    waiting = deque(enumerate(jobs))
    if executor is None and processes:
        _map_on_own_processes(function, waiting, receive, resume)
    elif executor is None:
        pool = ThreadPoolExecutor(cpu_count())
        try:
            _map(pool, function, waiting, receive)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    else:
        try:
            _map(executor, function, waiting, receive)
        except BrokenExecutor as error:
            advice = "Call again with a new executor; the result is the same"
            raise BrokenExecutor(_loss(error, len(waiting), len(jobs), advice, resume)) from error


def _map(executor, function, waiting, receive):
    """Work until nothing waits; when that ends early, what was under way waits again."""
    running, done = {}, SimpleQueue()
    try:
        while waiting or running:
            if waiting and len(running) < IN_FLIGHT and done.empty():
                future = executor.submit(function, *waiting[0][1])
                running[future] = waiting.popleft()
                future.add_done_callback(done.put)
            else:
                _receive(done.get(), running, receive)
    except (BrokenExecutor, KeyboardInterrupt) as error:
        if isinstance(error, BrokenExecutor):
            wait(running, timeout=1)  # until the executor has failed them all
        for future in list(running):
            if future.done() and not future.cancelled() and not future.exception():
                _receive(future, running, receive)
        raise
    finally:
        for future in running:
            future.cancel()
        waiting.extendleft(reversed(running.values()))


def _receive(future, running, receive):
    result = future.result()
    index, _ = running.pop(future)
    receive(index, result)


def _map_on_own_processes(function, waiting, receive, resume):
    n_jobs = len(waiting)
    for n_losses in range(MOST_LOSSES + 1):
        try:
            with own_processes(max(1, min(cpu_count(), len(waiting)))) as pool:
                return _map(pool, function, waiting, receive)
        except BrokenExecutor as error:
            if n_losses == MOST_LOSSES:
                advice = (
                    "Look for a lack of memory; in a script, the call has to stand under "
                    "`if __name__ == '__main__':`"
                )
                raise BrokenExecutor(_loss(error, len(waiting), n_jobs, advice, resume)) from error
            warnings.warn(
                "a worker process has died (killed, or out of memory); its chunks are done again",
                UserWarning,
                stacklevel=4,
            )


def _loss(error, n_waiting, n_jobs, advice, resume):
    reason, kept = str(error).rstrip("."), f": {resume}" if resume else ""
    done = f"{n_jobs - n_waiting} of {n_jobs} chunks are done{kept}"
    return f"the executor has lost a worker ({reason}). {done}. {advice}."


@contextmanager
def own_processes(n: int) -> Iterator[ProcessPoolExecutor]:
    """So many worker processes, never forked: one that has loaded TensorFlow cannot be forked safely.

    They end with the context, at once, whatever they do, and with this process, however it ends.
    """
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    pool = ProcessPoolExecutor(n, context, initializer=_begin_worker)
    try:
        yield pool
    finally:
        _stop(pool)


def _begin_worker():
    """Ctrl-C is for the parent, which stops its workers; they do not outlive it either."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent():
    multiprocessing.parent_process().join()
    os._exit(1)


def _stop(pool):
    """At once, whatever the workers do (`terminate_workers` of Python 3.14)."""
    workers = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for _ in range(100):
        # A worker that is lost before the pool has let go of what waits would fail it, cancelled or not.
        if not getattr(pool, "_cancel_pending_futures", False):
            break
        time.sleep(0.01)
    for worker in workers:
        worker.terminate()
