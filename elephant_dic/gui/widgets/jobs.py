"""Work beside the page: in threads, with the warnings it raises, and stopped when asked."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .job_warnings import collected_warnings

logger = logging.getLogger("elephant_dic.gui")
_workers = ThreadPoolExecutor(8, thread_name_prefix="work")
# Runs have threads of their own: however many go on, a file is read.
_runners = ThreadPoolExecutor(64, thread_name_prefix="run")
# Matplotlib's settings are shared by all threads, so pictures are drawn one after the other.
_painter = ThreadPoolExecutor(1, thread_name_prefix="draw")

BUG = "Something went wrong that should not have: {error}. The terminal has the details; please report them."


@dataclass(frozen=True)
class Outcome:
    """What came of a piece of work.

    Attributes
    ----------
    value : object
        What the function returned; None if it failed.
    error : str
        In words for the person at the screen; empty if it succeeded.
    warnings : tuple of str
    """

    value: object = None
    error: str = ""
    warnings: tuple[str, ...] = ()


class StoppableThreads(ThreadPoolExecutor):
    """An executor whose tasks raise KeyboardInterrupt once an event is set, as if Ctrl-C had been pressed.

    Parameters
    ----------
    stop : threading.Event
    """

    def __init__(self, stop):
        from ...simulation import cpu_count

        super().__init__(cpu_count())
        self._stop = stop

    def submit(self, function, /, *args, **options):
        """As of any executor; raises KeyboardInterrupt itself once the event is set."""
        if self._stop.is_set():  # Python may be about to end, which takes no new tasks
            raise KeyboardInterrupt
        return super().submit(self._run, function, args, options)

    def _run(self, function, args, options):
        if self._stop.is_set():
            raise KeyboardInterrupt
        return function(*args, **options)


async def work(function, *args, **options) -> Outcome:
    """Run a function in a thread while the page stays alive."""
    return await asyncio.get_running_loop().run_in_executor(
        _workers, lambda: _outcome(function, args, options)
    )


async def run_long(function, *args, **options) -> Outcome:
    """Run a function that takes minutes, beside which all others go on."""
    return await asyncio.get_running_loop().run_in_executor(
        _runners, lambda: _outcome(function, args, options)
    )


async def draw(function, *args, **options) -> Outcome:
    """Run a function that draws."""
    return await asyncio.get_running_loop().run_in_executor(
        _painter, lambda: _outcome(function, args, options)
    )


def _outcome(function, args, options):
    with collected_warnings() as found:
        value, error = _result(function, args, options)
    return Outcome(value, error, tuple(dict.fromkeys(found)))


def _result(function, args, options):
    """What a function returned, or None, and the error in words."""
    try:
        return function(*args, **options), ""
    except (ValueError, TypeError, OSError, ImportError) as error:
        return None, str(error) or type(error).__name__
    except MemoryError:
        return None, "There is not enough memory for this. Use a shorter recording or fewer models."
    except KeyboardInterrupt:  # raised by the progress report of a run that was stopped
        return None, "Stopped before there was a result."
    except Exception as error:
        logger.exception("unexpected error")
        return None, BUG.format(error=f"{type(error).__name__}: {error}")


class Search:
    """A search that goes on, whoever looks at the page, until it is over or stopped.

    Attributes
    ----------
    stop : threading.Event
        Set to end it.
    is_over : bool
    """

    def __init__(self):
        self.stop, self.is_over, self._begun = threading.Event(), False, time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._begun

    async def go(self) -> None:
        """Search to the end."""
        try:
            await self._search()
        finally:
            self.is_over = True

    async def _search(self) -> None:
        """What is searched for."""
        raise NotImplementedError
