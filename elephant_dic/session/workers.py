"""Workers by name: a number of processes, or those of dask."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, ProcessPoolExecutor
from contextlib import contextmanager

_DASK = "dask:"


@contextmanager
def workers(text: str | None) -> Iterator[Executor | None]:
    """An executor as users name it.

    Parameters
    ----------
    text : str or None
        A number of processes, or "dask:" and the address of a scheduler; None for none.

    Raises
    ------
    ImportError
        If dask is wanted and not installed.
    OSError
        If there is no scheduler at the address.
    concurrent.futures.BrokenExecutor
        If dask loses its scheduler, or a worker again and again, inside of the context.
    ValueError
        If it is neither.
    """
    if text is None:
        yield None
    elif text.startswith(_DASK):
        with _dask(text.removeprefix(_DASK)) as executor:
            yield executor
    elif text.isdecimal() and int(text):
        with _processes(int(text)) as pool:
            yield pool
    else:
        raise ValueError(
            f"executor must be a number of processes, or {_DASK} and the address of a scheduler such as "
            f"{_DASK}tcp://10.0.0.1:8786, got {text!r}"
        )


@contextmanager
def _dask(address):
    try:
        from distributed import Client, KilledWorker
    except ImportError as error:
        raise ImportError('dask is not installed: pip install "elephant-dic[dask]"') from error
    with Client(address) as client:
        try:
            yield client.get_executor()
        except (CancelledError, KilledWorker) as error:
            reason = str(error) or "its scheduler is gone"
            text = f"dask has lost the work ({reason}): what is done is kept, and the same call goes on"
            raise BrokenExecutor(text) from error


@contextmanager
def _processes(n):
    """Never forked, as TensorFlow does not survive that; they end when this process does, however it ends."""
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(n, context, initializer=_begin_worker)
    try:
        yield pool
    except BaseException:
        for worker in set(multiprocessing.active_children()) - others:
            worker.terminate()  # what it is at would be thrown away
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _begin_worker():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent():
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
