"""The graphical interface: a page in the browser, served by this machine (`elephant-dic gui`).

It calls the package's functions and computes nothing itself. NiceGUI comes with the extra ``gui``.
"""

from .server import run_gui

__all__ = ["run_gui"]
