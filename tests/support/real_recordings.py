"""Recordings of real cells, which are not shipped: tests of them are skipped where their folder is absent."""

import os
from pathlib import Path

import pytest

RECORDINGS = Path(
    os.environ.get("ELEPHANT_DIC_RECORDINGS", Path(__file__).parents[3] / "shared" / "recordings")
)


def real(name):
    """The path of a recording."""
    if not (RECORDINGS / name).is_file():
        pytest.skip(f"no real recordings in {RECORDINGS}")
    return RECORDINGS / name
