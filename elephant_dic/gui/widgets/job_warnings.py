"""Warnings of the page's work, kept with the work that raised them; others go where they always went.

`warnings.catch_warnings` changes the filters and the hook of all threads, and the last of two threads that
leave it in the wrong order decides for good. Here both are added to, only while some work is going on, and
only threads that work for the page notice.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_thread = threading.local()  # .found: what the work of this thread has been warned of
_lock = threading.Lock()
_n_working = 0
_show_before = warnings.showwarning


@contextmanager
def collected_warnings() -> Iterator[list[str]]:
    """The texts of all UserWarnings that this thread raises meanwhile, each as often as it is raised."""
    _thread.found = found = []
    _install()
    try:
        yield found
    finally:
        _remove()
        _thread.found = None


class _OfThread(type):
    """Of `_Ours`: its subclasses are UserWarnings, as long as the thread that asks works for the page."""

    def __subclasscheck__(cls, category):
        return getattr(_thread, "found", None) is not None and issubclass(category, UserWarning)


class _Ours(UserWarning, metaclass=_OfThread):
    """The category of a filter that other threads do not have."""


_FILTER = ("always", None, _Ours, None, 0)


def _install():
    global _n_working, _show_before
    with _lock:
        _n_working += 1
        warnings.simplefilter("always", _Ours)  # each time: `catch_warnings` elsewhere may have taken it
        if warnings.showwarning is not _keep:
            _show_before, warnings.showwarning = warnings.showwarning, _keep


def _remove():
    global _n_working
    with _lock:
        _n_working -= 1
        if _n_working:
            return
        if _FILTER in warnings.filters:
            warnings.filters.remove(_FILTER)
        if warnings.showwarning is _keep:  # else someone has put their own in its place, and keeps it
            warnings.showwarning = _show_before


def _keep(message, category, *where, **more):
    found = getattr(_thread, "found", None)
    if found is not None and issubclass(category, UserWarning):
        found.append(str(message))
    else:
        _show_before(message, category, *where, **more)
