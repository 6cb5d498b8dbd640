"""Cells selected by what is known of them."""

import contextlib

import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given
from hypothesis import strategies as st
from support.vendor_files import RATE, SWEEPS, read_quietly, refuse, write_plx

from elephant_dic import read_spiketrains
from elephant_dic.recordings.families import Cell
from elephant_dic.recordings.where import selection


def cell(name, n_spikes=10, **annotations):
    times = np.linspace(0.5, 9.5, n_spikes)
    return Cell(name, {0: neo.SpikeTrain(times, units="s", t_stop=10.0)}, annotations)


CELLS = [
    cell("A", 40, quality="good", location="CA1", snr=3.5, ok=True, electrodes=np.array([1, 2])),
    cell("B", 10, quality="mua", location="CA1", snr=-1.0, ok=False, electrodes=np.array([3])),
    cell("C", 80, quality="good", location="CA3", snr=np.nan, depth=12 * pq.um),
]


def kept(where, cells=CELLS):
    return "".join(each.name for each in selection(where)(cells))


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ('quality == "good"', "AC"),
        ("quality == 'good' and location == 'CA1'", "A"),
        ('rate > 2 and location == "CA1"', "A"),
        ("rate == 4", "A"),
        ("n_spikes <= 40", "AB"),
        ("name in ('A', 'C')", "AC"),
        ("name not in ['A']", "BC"),
        ("location in {'CA1'}", "AB"),
        ("'CA' in location", "ABC"),
        ("2 in electrodes", "A"),
        ("2 not in electrodes", "BC"),
        ("electrodes == [3]", "B"),
        ('not quality == "good"', "B"),
        ('quality != "good" or rate > 5', "BC"),
        ("1 < rate <= 4", "A"),
        ("snr > -2", "AB"),  # C's is not a number
        ("snr == -1.0", "B"),
        ("ok", "A"),
        ("not ok", "BC"),  # C has no such column
        ("ok == None", "C"),
        ("depth > 10", "C"),
        ("depth != None", "C"),
        (" ( quality == 'good' ) ", "AC"),
        ("True", "ABC"),
        (None, "ABC"),
        (lambda columns: columns["rate"] > 3, "AC"),
        (lambda columns: columns.get("depth", 0 * pq.um) > 10 * pq.um, "C"),
    ],
)
def test_conditions(where, names):
    assert kept(where) == names


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ("", "invalid syntax"),
        ("quality ==", "invalid syntax"),
        ("quality = 'good'", "invalid syntax"),
        ("quality 'good'", "invalid syntax"),
        ("__import__('os').getcwd()", r"__import__\('os'\).getcwd\(\) may not stand in it"),
        ("name.upper() == 'A'", r"name.upper\(\) may not"),
        ("name[0] == 'A'", r"name\[0\] may not"),
        ("(lambda: 1)()", "may not"),
        ("[x for x in name]", "may not"),
        ("rate + 1 > 2", r"rate \+ 1 may not"),
        ("9 ** 9 ** 9 > rate", "may not"),
        ("-rate < 0", "-rate may not"),
        ("rate if ok else snr", "may not"),
        ("f'{name}' == 'A'", "may not"),
        ("(a := 1) == 1", "may not"),
        ("b'A' == name", "may not"),
        ("1j == rate", "may not"),
        ("... == rate", "may not"),
        ("{'a': 1} == name", "may not"),
        ("quality is 'good'", "use == and != in place of is"),
        ("rate > 1; name == 'A'", "invalid syntax"),
        ("import os", "invalid syntax"),
        ("(" * 300 + "ok" + ")" * 300, "nested"),
        ("ok and " * 400 + "ok", "longer than 1000 characters"),
    ],
)
def test_what_is_no_condition(where, reason):
    with pytest.raises(ValueError, match=f"is not understood as where=, a condition: .*{reason}"):
        selection(where)


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_refused(text):
    with contextlib.suppress(ValueError):  # RecordingError is one
        kept(text)


def test_a_condition_of_another_kind():
    with pytest.raises(TypeError, match="where must be a text such as .*, got int"):
        selection(3)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("qualitty == 'good'", "no column 'qualitty' for where=; there are name, n_spikes, rate, qual"),
        ("quality == 'noise'", "quality == 'noise' holds for none of its 3 cells: quality is good, mua"),
        ("quality == 'noise' and snr > 2", "quality is good, mua; snr is 3.5, -1.0, nan"),
        (lambda columns: False, "the condition of where= holds for none of its 3 cells$"),
        ("quality > 2", "compares 'good' with 2, which are of different kinds"),
        ("2 in quality", "compares 2 with 'good'"),
        ("'a' in rate", "compares 'a' with 4.0"),
    ],
)
def test_conditions_that_keep_nothing(where, message):
    with pytest.raises(ValueError, match=message):
        kept(where)


def test_a_function_sees_what_is_known():
    seen = []
    kept(lambda columns: seen.append(columns) or True)
    assert seen[0].keys() == {"name", "n_spikes", "rate", "quality", "location", "snr", "ok", "electrodes"}
    assert (seen[0]["name"], seen[0]["n_spikes"], seen[0]["rate"]) == ("A", 40, 4.0)


def test_a_column_of_the_file_wins_over_what_is_counted():
    assert kept("rate == 0.5", [cell("A", rate=0.5), cell("B")]) == "A"


# --- in files --------------------------------------------------------------------------------------------


def nix(path, *trains, signals=()):
    block, segment = neo.Block(), neo.Segment()
    segment.spiketrains.extend(trains)
    segment.analogsignals.extend(signals)
    block.segments.append(segment)
    with neo.NixIO(str(path), mode="ow") as io:
        io.write_block(block)


def train(name, **annotations):
    return neo.SpikeTrain([1, 2, 3], units="s", t_stop=5, name=name, **annotations)


def test_units_of_a_nix_file(tmp_path):
    path = tmp_path / "units.nix"
    nix(path, train("A", quality="good"), train("B", quality="mua"), train("C"))
    assert [each.name for each in read_spiketrains(path, where='quality == "good"')] == ["A"]
    assert [each.name for each in read_spiketrains(path, where='quality != "mua"')] == ["A", "C"]
    refuse(path, "units.nix: the condition depth > 2 holds|no column 'depth'", where="depth > 2")


def test_units_without_annotations(tmp_path):
    path = tmp_path / "units.plx"
    write_plx(path, [0.1, 0.5, 0.7, 1.2], [1, 1, 1, 2])
    assert [len(each) for each in read_quietly(path, where="n_spikes > 2")] == [3]
    refuse(path, "no column 'quality' for where=; there are name, n_spikes, rate", where="quality == 'good'")


def test_cells_in_whose_potential_spikes_are_detected(tmp_path):
    path = tmp_path / "cell.nix"
    signal = neo.AnalogSignal(SWEEPS[0], units="mV", sampling_rate=RATE * pq.Hz, name="Vm")
    nix(path, signals=[signal])
    assert len(read_spiketrains(path, where="n_spikes == 3 and channel == 'Vm'")) == 1
    refuse(path, "holds for none of its 1 cells: rate is 3.0", where="rate > 5")


def test_a_wrong_condition_is_told_before_the_file_is_opened(tmp_path):
    with pytest.raises(ValueError, match="is not understood"):
        read_spiketrains(tmp_path / "there is no such file.nix", where="1 +")
