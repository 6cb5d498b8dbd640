"""64 bit Spike2 files need the vendor's library, which exists for some systems only."""

import importlib.util

import pytest
from support.vendor_files import refuse


@pytest.mark.skipif(importlib.util.find_spec("sonpy") is not None, reason="sonpy is installed")
def test_the_reason_and_the_way_out(tmp_path):
    path = tmp_path / "cell.smrx"
    path.write_bytes(b"S64" + bytes(1000))
    refuse(path, r"sonpy only, which does not work here \(sonpy is not installed.* a 32 bit \.smr or a \.mat")
