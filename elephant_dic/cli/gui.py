"""`elephant-dic gui`: the page in the browser."""

from __future__ import annotations

from ..gui import run_gui


def run(args):
    run_gui(args.host, args.port, show=not args.no_browser, max_upload=args.max_upload)
