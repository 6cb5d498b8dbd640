"""Tables of spike times, as .csv and .txt."""

import warnings

import pytest
import quantities as pq
from support.vendor_files import read_quietly, refuse, seconds

from elephant_dic.recordings import read_spiketrains


def table(tmp_path, text, name="times.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "A,B\n1,2.5\n2,5e0\n3,\n",
        "A;B\n1;2.5\n2;5\n3\n\n",
        "# exported\nA\tB\n1\t2.5\n\n2\t5\n3\t\n",
        "\ufeffA, B,\n1, 2.5,\n2, +5.,\n3,,\n",
    ],
)
def test_a_table_has_one_column_a_unit(tmp_path, text):
    path = table(tmp_path, text)
    with pytest.warns(UserWarning, match="its t_stop is its last spike, at 5 ms.* pass t_stop="):
        cells = read_spiketrains(path, time_unit="ms")
    assert [cell.name for cell in cells] == ["A", "B"]
    assert [cell.magnitude.tolist() for cell in cells] == [[1, 2, 3], [2.5, 5]]
    assert cells[0].units == pq.ms
    assert (float(cells[0].t_start), float(cells[0].t_stop)) == (0, 5)
    assert cells[0].annotations == {"source": "times.csv", "unit": "A"}


def test_a_table_without_a_header(tmp_path):
    path = table(tmp_path, "0.1 0.2\n0.3 0.4\n", "times.txt")
    cells = read_spiketrains(path, time_unit="s", t_stop=1 * pq.s)
    assert [cell.name for cell in cells] == ["column 1", "column 2"]
    (cell,) = read_spiketrains(path, time_unit="s", t_stop=1 * pq.s, unit="column 2")
    assert seconds(cell).tolist() == [0.2, 0.4]


@pytest.mark.parametrize("name", ["cell 1", "spikes of cell 1", "unit 3 of 4"])
def test_a_single_column_may_have_blanks_in_its_name(tmp_path, name):
    path = table(tmp_path, f"# exported\n {name} \n0.1\n0.25\n")
    (cell,) = read_spiketrains(path, time_unit="s", t_stop=1 * pq.s)
    assert cell.name == name
    assert seconds(cell).tolist() == [0.1, 0.25]


def test_blanks_in_the_names_of_separated_columns(tmp_path):
    path = table(tmp_path, "cell 1,cell 2\n1,2\n")
    assert [cell.name for cell in read_quietly(path, time_unit="s")] == ["cell 1", "cell 2"]


def test_blanks_separate_the_names_of_two_columns(tmp_path):
    path = table(tmp_path, "A B\n1 2\n3\n")
    assert [cell.name for cell in read_quietly(path, time_unit="s")] == ["A", "B"]


def test_order_and_repetition_of_times_are_kept(tmp_path):
    path = table(tmp_path, "3\n1\n1\n")
    (cell,) = read_spiketrains(path, time_unit="s", t_stop=4 * pq.s)
    assert seconds(cell).tolist() == [3, 1, 1]


def test_bounds_of_a_table(tmp_path):
    path = table(tmp_path, "1234.5\n")
    (cell,) = read_spiketrains(path, time_unit="ms", t_stop=1.2345 * pq.s)
    assert float(cell.t_stop) == pytest.approx(1234.5)
    refuse(path, "no spikes in column 1", time_unit="ms", t_stop=1 * pq.s)
    with pytest.warns(UserWarning, match="its t_start is its first spike, at -2 ms"):
        (cell,) = read_spiketrains(table(tmp_path, "-2\n5\n"), time_unit="ms", t_stop=9 * pq.ms)
    assert float(cell.t_start) == -2


def test_a_column_without_times_is_named(tmp_path):
    path = table(tmp_path, "A,B\n1,\n")
    with pytest.warns(UserWarning, match="left out, because without spikes: B"):
        (cell,) = read_spiketrains(path, time_unit="s", t_stop=2 * pq.s)
    assert cell.name == "A"


def test_columns_of_the_same_name_are_told_apart(tmp_path):
    path = table(tmp_path, "A,A\n1,2\n")
    assert [cell.name for cell in read_quietly(path, time_unit="s")] == ["A#0", "A#1"]
    refuse(path, "several units are called 'A': A#0", time_unit="s", unit="A")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A\n1\nx\n", "line 3, column 1: 'x' is no time"),
        ("# two\n1,2\n3,4 ms\n", "line 3, column 2: '4 ms' is no time"),
        ("1,x\n2,3\n", "line 1, column 2: 'x' is no time"),
        ("A\n1\nnan\n", "line 3, column 1: nan is not a finite time"),
        ("1\ninf\n", "line 2, column 1: inf is not a finite time"),
        ("1 s\n2\n", "line 1, column 2: 's' is no time"),
        ("cell 1\n", "line 1, column 1: 'cell' is no time"),
        ("A,B\n1,1\n,2\n3,3\n", "line 3, column 1 is blank, .* only stand at the end of one of several"),
        ('"A","B"\n"0,1","0,2"\n', "line 2, column 1: '0,1' is no time: write decimal points"),
        ("unit;time\n1;0.5\n1;1,200.5\n", "column time, '1,200.5' is no time: .* nothing between thousands"),
        ("A,B\n,\n,\n", "holds no spike times"),
        ("A,B\n", "holds no spike times"),
        ("# nothing\n\n", "holds no spike times"),
    ],
)
def test_tables_that_are_refused(tmp_path, text, message):
    refuse(table(tmp_path, text), message, time_unit="s")


def test_the_unit_of_a_table_must_be_given(tmp_path):
    path = table(tmp_path, "1\n2\n")
    refuse(path, 'give time_unit, e.g. "ms"')
    for wrong in ("mV", "parsecs per fortnight", 1e-3):
        with pytest.raises(ValueError, match="time_unit must be a unit of time"):
            read_spiketrains(path, time_unit=wrong)


def test_a_table_holds_no_membrane_potential(tmp_path):
    path = table(tmp_path, "1\n2\n")
    refuse(path, "it is not known to hold a membrane potential", time_unit="s", threshold=0 * pq.mV)


def test_other_files_have_their_own_unit(tmp_path):
    path = table(tmp_path, "1\n", "cell.abf")
    with pytest.raises(ValueError, match="time_unit is for .csv, .*, .npy, .mat files; cell.abf has its"):
        read_spiketrains(path, time_unit="ms")


def test_a_table_that_is_no_text(tmp_path):
    path = tmp_path / "times.csv"
    path.write_bytes(b"\xff\xfe\x00\x9d" * 40)
    refuse(path, "it is not a text file", time_unit="s")


def test_a_trial_in_which_a_unit_has_no_row_is_told(tmp_path):
    path, text = tmp_path / "times.csv", "trial,unit,time_s\n1,LP,0.5\n1,LP,0.7\n2,LP,0.1\n2,PD,0.3\n"
    path.write_text(text)
    with pytest.warns(UserWarning, match="PD has no row in some of the 2 sweeps"):
        group, train = read_spiketrains(path, t_stop=1 * pq.s)
    assert [seconds(each).tolist() for each in group.spiketrains] == [[0.5, 0.7], [0.1]]
    assert (seconds(train).tolist(), train.annotations["sweep"]) == ([0.3], 1)
    path.write_text(text + "1,PD,0.2\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [len(each.spiketrains) for each in read_spiketrains(path, t_stop=1 * pq.s)] == [2, 2]
