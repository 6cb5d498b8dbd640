"""numba's compiler with a cache that sees a change in any source of a kernel.

numba keeps what it compiled as long as the file of the function is the same: constants and functions that
come from other files could change without anything happening.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path


def compiler(file: str, *others: str) -> Callable[..., Callable]:
    """`numba.njit` with a cache of its own for each state of some source files.

    Parameters
    ----------
    file : str
        ``__file__`` of the module.
    *others : str
        Files whose constants and functions it compiles in, as seen from its folder.

    Returns
    -------
    function of options
        A decorator, as `numba.njit` gives it.
    """
    import numba  # takes a third of a second

    place = cache_place([Path(file), *(Path(file).parent / other for other in others)])

    def njit(**options):
        def compile_cached(function):
            before = numba.config.CACHE_DIR
            numba.config.CACHE_DIR = str(place)  # read when a function is decorated
            try:
                return numba.njit(cache=True, **options)(function)
            finally:
                numba.config.CACHE_DIR = before

        return compile_cached

    return njit


def cache_place(sources: list[Path]) -> Path:
    """Where what is compiled from files is kept: NUMBA_CACHE_DIR if given, else beside them or at home."""
    import numba
    from numba.misc.appdirs import AppDirs

    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
    beside = sources[0].parent / "__pycache__"
    chosen = numba.config.CACHE_DIR or (beside if _is_writable(beside) else AppDirs("numba").user_cache_dir)
    return Path(chosen) / f"elephant_dic-{digest.hexdigest()[:16]}"


def _is_writable(folder: Path) -> bool:
    """Whether a folder can be written to, or made and then written to."""
    return os.access(folder if folder.is_dir() else folder.parent, os.W_OK)
