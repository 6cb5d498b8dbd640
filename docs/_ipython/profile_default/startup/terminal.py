"""``%%terminal``: a cell of commands, as typed into a terminal, whose failure is an error of the page."""

import os
import subprocess

from IPython.core.magic import register_cell_magic


@register_cell_magic
def terminal(line, cell):
    """Run commands and print what they print."""
    chosen = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(
        cell, shell=True, text=True, encoding="utf-8", env=chosen, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    print(done.stdout.rstrip())
    if done.returncode:
        raise RuntimeError(f"exit code {done.returncode}")
