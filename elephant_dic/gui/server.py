"""The server of the page: where it listens, what it accepts."""

from __future__ import annotations

import sys
import threading

DEFAULT_PORT = 8765
UPLOAD_LIMIT = 500  # MB
LOCAL = ("127.0.0.1", "localhost")
_is_warm, _stop = False, threading.Event()  # of the first run, by which everything is loaded
_RECONNECT = 60  # s for which a page that lost its connection is kept


class UploadLimit:
    """Refuse requests that are too large, whatever the page has checked before.

    Parameters
    ----------
    app : ASGI application
    limit : int
        Bytes.
    """

    def __init__(self, app, limit):
        self.app, self.limit = app, limit

    async def __call__(self, scope, receive, send):
        """ASGI."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"")
        if not declared.isdigit() or int(declared) > self.limit:
            await send({"type": "http.response.start", "status": 413, "headers": []})
            await send({"type": "http.response.body", "body": b"too large, or of unknown size"})
            return
        await self.app(scope, receive, send)


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
    try:
        from nicegui import app, ui
    except ImportError as error:
        raise ImportError("the graphical interface needs NiceGUI: pip install nicegui") from error
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from .page import Page

    limit = int(max_upload * 1e6)
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
    app.on_startup(lambda: print(f"elephant_dic: http://{host}:{port} (Ctrl+C to stop)", flush=True))
    app.on_connect(_warm_up)
    app.on_shutdown(_stop.set)
    ui.run(
        lambda: Page(limit), host=host, port=port, title="elephant_dic", dark=None, reload=False, show=show,
        show_welcome_message=False, reconnect_timeout=_RECONNECT, favicon="🐘",
    )  # fmt: skip


async def _warm_up():
    """Load and compile what the first run needs, while the first visitor looks for a file."""
    global _is_warm
    if _is_warm:
        return
    _is_warm = True
    from .figures import first_picture
    from .jobs import draw, work

    for outcome in (await draw(first_picture), await work(_first_run)):
        if outcome.error and not _stop.is_set():
            print(f"warning: the first run failed: {outcome.error}", file=sys.stderr)


def _first_run():
    from ..examples import example_path
    from ..reconstruction import reconstruct
    from ..recordings import read_spiketrains
    from .jobs import StoppableThreads

    (cell,) = read_spiketrains(example_path())
    with StoppableThreads(_stop) as threads:
        reconstruct(cell, n_models=2, seed=0, executor=threads)
