"""Workers by name: a number of processes, or those of dask."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor
from contextlib import contextmanager

from ..simulation import own_processes

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
        with own_processes(int(text)) as pool:
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
