"""From the arguments of the command to its exit code.

Each command is a file of its own, imported when it is called: what one needs takes up to a second to import.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import re
import sys
import warnings
from concurrent.futures import BrokenExecutor
from importlib import import_module

from .arguments import PROGRAM, make_parser

# Arguments of Python functions that messages name, and which are options here.
_ARGUMENTS = re.compile(
    r"\b(time_unit|n_models|noise_std)\b=?"
    r"|\b(animal|cell|channel|condition|events|extracellular|quantities|reference|sweep|t_start|t_stop"
    r"|threshold|unit|where)=(?:True)?"
)


def main(argv=None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : list of str, optional
        Default: the arguments of the process.

    Returns
    -------
    int
        Exit code: 0; 2 for an error of the user, which is one line on stderr; 130 if interrupted. Any other
        error is a bug and is raised.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal without "±" is no reason to fail
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(_Output(sys.stdout)):
            warnings.simplefilter("default", UserWarning)
            warnings.showwarning = _show_warning
            logging.getLogger("Neo").setLevel(logging.ERROR)  # its remarks on units name no file
            args = make_parser().parse_args(argv)
            import_module(f".{args.command}", __package__).run(args)
            sys.stdout.flush()
    except KeyboardInterrupt:
        print(f"\n{PROGRAM}: interrupted", file=sys.stderr)
        return 130
    except (ValueError, TypeError, OSError, ImportError, BrokenExecutor) as error:
        print(f"{PROGRAM}: error: {_message(error)}", file=sys.stderr)
        return 2
    return 0


class _Output(io.TextIOBase):
    """Standard output whose reader, such as `head`, may have seen enough: the work is done all the same."""

    def __init__(self, stream):
        self._stream = stream  # None if it was closed before we began

    def write(self, text):
        self._try("write", text)
        return len(text)

    def flush(self):
        self._try("flush")

    def isatty(self):
        return self._stream is not None and self._stream.isatty()

    def _try(self, method, *arguments):
        if self._stream is None:
            return
        try:
            getattr(self._stream, method)(*arguments)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


def _message(text):
    """A message on one line, in which arguments of Python functions are called like our options."""
    line = " ".join(str(text).split())
    return _ARGUMENTS.sub(lambda match: "--" + (match[1] or match[2]).replace("_", "-"), line)


def _show_warning(message, *_, **__):
    print(f"warning: {_message(message)}", file=sys.stderr)
