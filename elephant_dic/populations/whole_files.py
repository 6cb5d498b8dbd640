"""Files that are there whole or not at all, and written by one process at a time."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

_MARK, _LOCK = ".saving-", ".lock"
#: s for which a file that another process is writing is waited for.
_LONGEST_WAIT = 60.0


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A path beside the one wanted, to write to: what stands there in the end replaces what was there before.

    If writing fails, an earlier file is as it was. What processes that were killed have left in the folder is
    removed.

    Parameters
    ----------
    path : str or path-like
        Of the file wanted; the one to write to has the same name, in a folder of its own.

    Raises
    ------
    OSError
        If the file cannot be written there, or another process keeps writing it.
    """
    target = Path(path).resolve()  # a link stays a link
    digest = hashlib.blake2b(os.fsencode(target.name), digest_size=8).hexdigest()
    folder = target.with_name(_MARK + digest)
    try:
        with _alone(_lock_of(folder), _LONGEST_WAIT):
            _remove_leftovers(folder)
            folder.mkdir()
            try:
                part = folder / Path(path).name
                yield part
                os.replace(part, target)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    except Timeout:
        raise TimeoutError(f"another process is writing {target.name} there; wait until it is done") from None


@contextmanager
def alone_in(folder: Path, what: str) -> Iterator[None]:
    """Work in a folder, in which no other process does the same; a process that is killed leaves it free.

    Parameters
    ----------
    folder : Path
        Made if missing. There is a file ``.lock`` in it meanwhile.
    what : str
        What is done there, for the error: "trains".

    Raises
    ------
    ValueError
        If another process, or another thread of this one, is at it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(_alone(folder / _LOCK, 0))
        except Timeout:
            raise ValueError(
                f"another process {what} in {folder}: wait until it is done, or take another folder"
            ) from None
        yield


@contextmanager
def _alone(lock, wait):
    """Hold a lock, which a killed process lets go; Timeout if another one holds it for so long (s)."""
    with FileLock(lock, timeout=wait):
        try:
            yield
        finally:
            with suppress(OSError):  # Windows removes it by itself; who waits for it notices
                os.unlink(lock)


def _lock_of(folder):
    return folder.with_name(folder.name + _LOCK)


def _remove_leftovers(own):
    """Remove a folder, and all like it that nobody writes into."""
    shutil.rmtree(own, ignore_errors=True)
    found = {path.with_name(path.name.removesuffix(_LOCK)) for path in own.parent.glob(f"{_MARK}*")}
    for folder in found - {own}:
        with suppress(OSError), _alone(_lock_of(folder), 0):  # Timeout is an OSError
            shutil.rmtree(folder, ignore_errors=True)
