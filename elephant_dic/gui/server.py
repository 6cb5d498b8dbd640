"""The server of the page: where it listens, what it accepts."""

from __future__ import annotations

import gc
import sys
import threading
from contextlib import contextmanager

DEFAULT_PORT = 8765
UPLOAD_LIMIT = 500  # MB
LOCAL = ("127.0.0.1", "localhost")
_is_warm, _stop = False, threading.Event()  # of the first run, by which everything is loaded
_RECONNECT = 60  # s for which a page that lost its connection is kept
_LOOK_AFTER = 30  # s between looks for visitors who have left


def run_gui(host="127.0.0.1", port=DEFAULT_PORT, *, show=True, max_upload=UPLOAD_LIMIT):
    """Serve the page until interrupted.

    Parameters
    ----------
    host : str
        Where to listen. Default: this machine alone; anything else is reachable by others.
    port : int
    show : bool
        Whether to open the browser.
    max_upload : float
        Largest file in MB.

    Raises
    ------
    ImportError
        Without NiceGUI.
    """
    with _without_garbage_collection():
        try:
            from nicegui import app, ui
        except ImportError as error:
            raise ImportError("the graphical interface needs NiceGUI: pip install nicegui") from error
        from starlette.middleware.trustedhost import TrustedHostMiddleware

        from .guards import OwnPagesOnly, UploadLimit, not_found
        from .page import Page
        from .visitors import Visitors

    limit, visitors = int(max_upload * 1e6), Visitors()
    app.add_middleware(UploadLimit, limit=limit + 100_000)  # room for the form around the file
    if host in LOCAL:
        # No other site may reach the page through a name of its own that leads to this machine.
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(LOCAL))
    else:
        print(
            f"warning: listening on {host}: everyone who reaches this machine can use the page and its "
            "processor; it has no passwords and no encryption",
            file=sys.stderr,
        )
    app.add_middleware(OwnPagesOnly)
    app.add_exception_handler(404, not_found)
    app.on_startup(lambda: print(f"elephant_dic: http://{host}:{port} (Ctrl+C to stop)", flush=True))
    app.on_connect(_warm_up)
    app.on_startup(lambda: app.timer(_LOOK_AFTER, visitors.forget_absent))
    app.on_shutdown(_stop.set)
    app.on_shutdown(visitors.close)  # also where a signal ends the process, which then leaves nothing behind
    ui.page("/")(lambda: Page(visitors, limit))
    ui.run(
        host=host, port=port, title="elephant_dic", dark=None, reload=False, show=show,
        show_welcome_message=False, reconnect_timeout=_RECONNECT, favicon="🐘", language="en-US",
    )  # fmt: skip


@contextmanager
def _without_garbage_collection():
    """While modules are loaded: nothing of it is garbage; looking for that takes an eighth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def _warm_up():
    """Load and compile what the first run needs, while the first visitor looks for a file."""
    global _is_warm
    if _is_warm:
        return
    _is_warm = True
    from .page import later_steps
    from .widgets.jobs import draw, work

    for outcome in (await work(later_steps), await draw(_first_picture), await work(_first_run)):
        if outcome.error and not _stop.is_set():
            print(f"warning: the first run failed: {outcome.error}", file=sys.stderr)


def _first_picture():
    from .widgets.figures import first_picture

    first_picture()


def _first_run():
    from ..examples import example_path
    from ..reconstruction import reconstruct
    from ..recordings import read_spiketrains
    from .widgets.jobs import StoppableThreads

    (cell,) = read_spiketrains(example_path())
    with StoppableThreads(_stop) as threads:
        reconstruct(cell, n_models=2, seed=0, executor=threads)
