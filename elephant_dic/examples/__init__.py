"""The example recording that ships with the package, and how it was made."""

from pathlib import Path


def example_path() -> Path:
    """Where the example recording lies: the membrane potential of a simulated STG cell, 6 s, a NIX file.

    Returns
    -------
    pathlib.Path
    """
    return Path(__file__).with_name("example.nix")
