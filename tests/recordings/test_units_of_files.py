"""Texts of units, which quantities would compute as formulas."""

import h5py
import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from support.vendor_files import RATE, SWEEPS, refuse, write_abf1, write_abf2, write_smr

from elephant_dic.recordings import checked_unit, inspect_recording, read_spiketrains
from elephant_dic.recordings.units_of_files import is_unit, plain_unit

HARMFUL = (
    "9**9**9",
    "9**9",
    "s**9**9",
    "s**(9**9)",
    "9" * 60,
    "print(1)",
    "().__class__",
    "(" * 60,
    "s" * 99,
)


@pytest.mark.parametrize(
    "text",
    [
        "mV",
        "mS/cm**2",
        "((mS/cm**2))",
        "1/s",
        "kg*m**2/(s**3*A)",
        "s**-1",
        "m**0.5",
        "1.0/30000*s",
        "1/kHz",
        "µV",
    ],
)
def test_units(text):
    assert is_unit(text)
    assert checked_unit(text) == text
    assert checked_unit(text.encode()) == text


@pytest.mark.parametrize(
    "text", [*HARMFUL, "", " ", "m V", "%", "a.b", "mV()", "s**123", "x=1", "lambda: 1", "[1]"]
)
def test_what_is_no_unit(text):
    assert not is_unit(text)
    with pytest.raises(ValueError, match="is no unit"):
        checked_unit(text)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["mV", "s", "kHz", "cm", "mS", "pA", "g"]), st.integers(-4, 4)), min_size=1
    )
)
def test_the_units_that_neo_writes_have_the_form(powers):
    unit = pq.dimensionless
    for name, power in powers:
        unit = unit * pq.Quantity(1.0, name).units ** power
    assert is_unit(unit.dimensionality.string) or len(unit.dimensionality.string) > 80


@pytest.mark.parametrize("units", ["9**9**9", "().a"])
def test_units_of_signals_are_not_computed(tmp_path, units):
    write_abf1(tmp_path / "1.abf", {("Vm", units): SWEEPS}, RATE)
    write_abf2(tmp_path / "2.abf", {("Vm", units): SWEEPS}, RATE)
    write_smr(
        tmp_path / "3.smr", [{"title": "V", "pieces": [(0, SWEEPS[0])], "rate": RATE, "units": units[:5]}]
    )
    for path in sorted(tmp_path.iterdir()):
        assert [item.units for item in inspect_recording(path)] == ["dimensionless"]
        refuse(path, "it holds no membrane potential", channel=0)


def test_units_of_a_nix_file_are_not_computed(tmp_path):
    path, block, segment = tmp_path / "a.nix", neo.Block(), neo.Segment()
    segment.analogsignals.append(neo.AnalogSignal(np.zeros(5), units="mV", sampling_rate=1 * pq.kHz))
    block.segments.append(segment)
    with neo.NixIO(str(path), mode="ow") as io:
        io.write_block(block)
    with h5py.File(path, "r+") as file:
        (array,) = next(iter(file["data"].values()))["data_arrays"].values()
        array.attrs["unit"] = "9**9**9**9"
    refuse(path, r"'9\*\*9\*\*9\*\*9' is no unit")


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("mVolt", "mV"), ("Volts", "V"), (" volt ", "V"), ("mvolts", "mV"), ("mv", "mV"), ("v", "V"),
        ("MilliVolts", "mV"), ("nAmp", "nA"), ("amps", "A"), ("picoAmpere", "pA"),
        ("\N{MICRO SIGN}V", "uV"), ("\N{GREEK SMALL LETTER MU}V", "uV"),
        ("\u00ce\u00bcV", "uV"), ("\u00c2\u00b5A", "uA"),
        ("L/s", "L/s"), ("pA", "pA"), ("MV", "MV"), ("movie", "movie"), ("", ""),  # as they are
    ],
)  # fmt: skip
def test_units_that_are_words_or_have_a_micro_sign(text, unit):
    assert plain_unit(text) == unit


@pytest.mark.parametrize("write", [write_abf1, write_abf2])
@pytest.mark.parametrize("units", ["mVolt", "mv", "mVolts"])
def test_a_potential_whose_unit_is_a_word(tmp_path, write, units):
    path = tmp_path / "cell.abf"
    write(path, {("Vm", units): SWEEPS}, RATE, outputs=[{"units": "pAmp"}])
    (group,) = read_spiketrains(path)
    assert [len(train) for train in group.spiketrains] == [3, 2, 4]
    assert group.spiketrains[0].annotations["injected_current"] == "0 pA"
