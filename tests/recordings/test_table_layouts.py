"""Layouts of tables of spike times: understood, or refused with the name of the layout."""

import neo
import numpy as np
import pandas as pd
import pytest
import quantities as pq
from support.vendor_files import read_quietly, refuse, seconds

from elephant_dic.recordings import read_spiketrains
from elephant_dic.recordings.tables.columns import without_unit
from elephant_dic.recordings.time_units import TimeUnit, parse_time_unit

A, B = [0.25, 0.5, 1.125, 1.75], [0.375, 0.625, 1.5]
BOTH = {"A": A, "B": B}
ROWS = sorted([(time, "1") for time in A] + [(time, "2") for time in B])


def read(tmp_path, text, name="times.csv", time_unit="s", encoding="utf-8", **choice):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return {cell.name: cell for cell in read_quietly(path, time_unit=time_unit, **choice)}


def times_of(cells):
    return {name: seconds(cell).tolist() for name, cell in cells.items()}


def lines(rows, separator):
    return "\n".join(separator.join(map(str, row)) for row in rows) + "\n"


# --- a row a spike -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "order"),
    [
        ("Channel,Unit,Timestamp", "cut"),
        ("unit,spike_time", "ut"),
        ("time,cluster_id", "tu"),
        ("timestamps,neuron", "tu"),
        ("Spike Times,Cell No", "tu"),
        ("unit,time,electrode", "utc"),
        ("sender,time_s", "ut"),
        ("Zeit,Zelle", "tu"),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_rows_of_spikes_by_their_header(tmp_path, header, order, separator):
    rows = [[{"c": 7, "u": unit, "t": time}[letter] for letter in order] for time, unit in ROWS]
    cells = read(tmp_path, lines([header.split(","), *rows], separator))
    assert times_of(cells) == {"unit 1": A, "unit 2": B}
    assert cells["unit 1"].annotations["unit"] == "unit 1"
    assert ("channel" in cells["unit 1"].annotations) == ("c" in order)


@pytest.mark.parametrize("pattern", ["{u} {t}", "{t},{u}", "{t}\t3\t{u}", '"{u}";"{t}"'])
def test_rows_of_spikes_by_their_numbers(tmp_path, pattern):
    text = "\n".join(pattern.format(t=time, u=unit) for time, unit in ROWS)
    assert times_of(read(tmp_path, text)) == {"unit 1": A, "unit 2": B}
    with pytest.warns(UserWarning, match="read as a row a spike: the unit in column .*, the time in column"):
        read_spiketrains(tmp_path / "times.csv", time_unit="s", t_stop=2 * pq.s)
    (cell,) = read_quietly(tmp_path / "times.csv", time_unit="s", unit="2")
    assert seconds(cell).tolist() == B


def test_units_of_the_same_number_on_two_channels_are_two_cells(tmp_path):
    rows = [[channel, 1, time] for channel, times in (("e1", A), ("e2", B)) for time in times]
    cells = read(tmp_path, lines([["electrode", "unit", "time"], *rows], ","))
    assert times_of(cells) == {"e1 unit 1": A, "e2 unit 1": B}
    assert times_of(read(tmp_path, "electrode,time\n" + lines([row[::2] for row in rows], ","))) == {
        "e1": A,
        "e2": B,
    }


def test_trials_are_sweeps_of_the_cells(tmp_path):
    rows = [[trial, "a", time] for trial in (5, 7) for time in A]
    (group,) = read(tmp_path, lines([["trial", "cell", "time"], *rows], ",")).values()
    assert isinstance(group, neo.Group)
    assert [seconds(train).tolist() for train in group.spiketrains] == [A, A]
    assert [train.annotations["sweep"] for train in group.spiketrains] == [0, 1]


def test_columns_that_are_no_times_are_told(tmp_path):
    rows = [[time, 50.5, unit, "fine"] for time, unit in ROWS]
    path = tmp_path / "times.csv"
    path.write_text(lines([["time", "amplitude", "unit", "comment"], *rows], ","))
    with pytest.warns(UserWarning, match="read as a row a spike; left out: amplitude, comment"):
        assert len(read_spiketrains(path, time_unit="s", t_stop=2 * pq.s)) == 2
    (cell,) = read(tmp_path, "Time,Amplitude\n0.5,3\n0.75,4\n").values()
    assert (cell.name, seconds(cell).tolist()) == ("times", [0.5, 0.75])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("unit,time\n1,0.5\n,0.75\n", "a row a spike, but some have no time, no unit"),
        ("unit,time\n1,0.5\n1,soon\n", "in the column time, 'soon' is no time"),
        ("unit,time\n1,0.5\n1,inf\n", "in the column time, 'inf' is no time"),
        ("time,who\n0.5,1\n0.75,2.5\n", "no column says of which unit .* call it unit"),
        ("ISI\n0.5\n0.75\n", "ISI is no column of the spike times of a unit"),
        ("onset,offset\n0.5,0.6\n0.75,0.8\n", "onset is no column of the spike times of a unit"),
        ("A,Vm (mV)\n0.5,3\n0.75,4\n", r"Vm \(mV\) is no column of the spike times"),
        ("unit,cell\n" + "1,2\n" * 3, "row a spike"),
        ("1\n0\n0\n1\n" * 5, "its numbers repeat, as labels or counts per bin do"),
        ("0,1,0\n" * 12, "counts per bin .* a row a spike .* a train a line"),
    ],
)
def test_what_is_no_table_of_spike_times(tmp_path, text, message):
    path = tmp_path / "times.csv"
    path.write_text(text)
    refuse(path, message, time_unit="s")


@pytest.mark.parametrize("header", ["time,Vm", "Time (s),Voltage (mV)", "t,n1,n2"])
def test_a_trace_as_a_table_is_refused(tmp_path, header):
    path, n = tmp_path / "trace.csv", header.count(",")
    path.write_text(lines([header.split(","), *([k / 1000, *[-50.5] * n] for k in range(30))], ","))
    refuse(path, "its rows are 0.001 apart: it is a trace, or counts per bin", time_unit="s")


def test_a_trace_of_whole_numbers_without_a_header_is_refused(tmp_path):
    path = tmp_path / "trace.csv"
    path.write_text(lines([[k / 1000, -60 + k % 7] for k in range(60)], ","))
    refuse(path, "its rows are 0.001 apart: it is a trace, or counts per bin", time_unit="s")
    path.write_text("time,rate\n" + lines([[k / 10, k % 5] for k in range(60)], ","))
    refuse(path, "its rows are 0.1 apart: it is a trace, or counts per bin", time_unit="s")


def test_times_that_are_there_as_samples_too(tmp_path):
    rows = [[unit, round(30_000 * time), time] for time, unit in ROWS]
    assert times_of(read(tmp_path, lines([["unit", "sample", "time"], *rows], ","))) == {
        "unit 1": A,
        "unit 2": B,
    }


def test_the_line_in_which_excel_names_the_separator(tmp_path):
    assert times_of(read(tmp_path, "sep=;\nA;B\n0,25;0,375\n0,5;0,625\n")) == {
        "A": [0.25, 0.5],
        "B": [0.375, 0.625],
    }


def test_times_in_hours_are_not_taken_for_seconds(tmp_path):
    (cell,) = read(tmp_path, "time (h)\n0.25\n0.5\n", time_unit=None).values()
    assert seconds(cell).tolist() == [900, 1800]
    refuse(tmp_path / "times.csv", "its header says that times are in h, time_unit says s", time_unit="s")


# --- a train a line ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [" ", ",", "\t", ";"])
def test_a_train_a_line(tmp_path, separator):
    text = "# PySpike\n" + lines([A, B], separator)
    assert times_of(read(tmp_path, text, "times.txt")) == {"line 1": A, "line 2": B}
    with pytest.warns(UserWarning, match="each line is read as a spike train"):
        read_spiketrains(tmp_path / "times.txt", time_unit="s", t_stop=2 * pq.s)
    assert times_of(read(tmp_path, lines([["A:", *A], ["B:", *B]], separator))) == {"A": A, "B": B}
    assert times_of(read(tmp_path, lines([A], separator))) == {"line 1": A}


def test_as_many_lines_as_columns_are_columns(tmp_path):
    assert times_of(read(tmp_path, "1 2 3\n4 5 6\n7 8 9\n", "times.txt")) == {
        f"column {k}": [k, k + 3, k + 6] for k in (1, 2, 3)
    }


def test_neos_own_text_files(tmp_path):
    segment = neo.Segment()
    for times in (A, B):
        segment.spiketrains.append(neo.SpikeTrain(times, units="ms", t_stop=10))
    neo.io.AsciiSpikeTrainIO(str(tmp_path / "neo.txt")).write_segment(segment)
    text = (tmp_path / "neo.txt").read_text()
    cells = read(tmp_path, text, "neo.txt", time_unit=None)
    assert {name: cell.magnitude.tolist() for name, cell in cells.items()} == {"line 1": A, "line 2": B}
    assert cells["line 1"].units == pq.ms
    path = tmp_path / "mixed.txt"
    path.write_text("1.5 ms\t2.5 s\n")
    refuse(path, "its times are in ms and s: write all in one unit", time_unit="s")


def test_steps_of_a_simulation_are_no_units(tmp_path):
    path = tmp_path / "nest.txt"
    path.write_text("sender\ttime_step\ttime_offset\n1\t105\t0.0\n2\t115\t0.0\n")
    refuse(path, "sender is no column of the spike times of a unit", time_unit="ms")


def test_rows_of_separators_alone_are_blank_lines(tmp_path):
    assert times_of(read(tmp_path, "A;B\n0,25;0,375\n;\n0,5;0,625\n;\n")) == {
        "A": [0.25, 0.5],
        "B": [0.375, 0.625],
    }


def test_columns_that_r_writes_end_with_na(tmp_path):
    rows = [["", "A", "B"], *([k + 1, time, B[k] if k < 3 else "NA"] for k, time in enumerate(A))]
    assert times_of(read(tmp_path, lines(rows, ","))) == BOTH


# --- indices, headers, encodings ---------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"sep": ";", "decimal": ","}, {"sep": "\t"}, {"index": False}])
def test_what_pandas_writes(tmp_path, options):
    table = pd.DataFrame({name: pd.Series(times) for name, times in BOTH.items()})
    assert times_of(read(tmp_path, table.to_csv(**options))) == BOTH
    table.columns = range(2)
    assert times_of(read(tmp_path, table.to_csv(**options))) == {"0": A, "1": B}
    spikes = pd.DataFrame({"unit": ["a"] * 4 + ["b"] * 3, "time": A + B})
    assert times_of(read(tmp_path, spikes.to_csv(**options))) == {"a": A, "b": B}
    ids = spikes.assign(unit=[1.0] * 4 + [2.0] * 3)
    assert times_of(read(tmp_path, ids.to_csv(**options))) == {"unit 1": A, "unit 2": B}


def test_an_index_is_told(tmp_path):
    path = tmp_path / "times.csv"
    path.write_text(pd.DataFrame({"A": A}).to_csv())
    with pytest.warns(UserWarning, match="its first column counts the rows and is left out"):
        assert len(read_spiketrains(path, time_unit="s", t_stop=2 * pq.s)) == 1
    assert times_of(read(tmp_path, lines(enumerate(A, 1), ","))) == {"column 2": A}


def test_what_r_writes(tmp_path):
    rows = [f'"{k}" "{unit}" {time}' for k, (time, unit) in enumerate(ROWS, 1)]
    text = "\n".join(['"unit" "time"', *rows])
    assert times_of(read(tmp_path, text, "times.txt")) == {"unit 1": A, "unit 2": B}


@pytest.mark.parametrize(
    ("header", "units"),
    [
        ("spike time (ms)", pq.ms), ("A [ms]", pq.ms), ("time_ms", pq.ms), ("ms", pq.ms),
        ("times (msec)", pq.ms), ("Timestamp [µs]", pq.us), ("time (s)", pq.s),
        ("spike times in seconds", pq.s),
    ],
)  # fmt: skip
def test_the_header_tells_the_unit(tmp_path, header, units):
    (cell,) = read(tmp_path, f"{header}\n1.5\n2.5\n", time_unit=None).values()
    assert cell.units == units
    assert cell.magnitude.tolist() == [1.5, 2.5]
    assert cell.name == ("A" if header[0] == "A" else "times")
    other = "s" if units != pq.s else "ms"
    refuse(
        tmp_path / "times.csv",
        f"its header says that times are in .*, time_unit says {other}",
        time_unit=other,
    )


def test_a_second_row_of_the_header_tells_the_unit(tmp_path):
    cells = read(tmp_path, "cell A;cell B\nms;ms\n1,5;2,5\n3;4\n", time_unit=None)
    assert {name: cell.magnitude.tolist() for name, cell in cells.items()} == {
        "cell A": [1.5, 3],
        "cell B": [2.5, 4],
    }
    assert cells["cell A"].units == pq.ms


@pytest.mark.parametrize("name", ["time", "Timestamp", "spike_times", "Unit", "Channel", "cluster_id"])
def test_no_unit_is_called_like_a_column(tmp_path, name):
    assert list(read(tmp_path, f"{name}\n0.5\n0.75\n", "cell_3.csv")) == ["cell_3"]


def test_names_and_units_of_columns():
    assert without_unit("spike time (ms)") == ("spike time", "ms")
    assert without_unit("cell A [Sec]") == ("cell A", "s")
    assert without_unit("time_s") == ("time", "s")
    assert without_unit("spike_times_ms") == ("spike_times", "ms")
    assert without_unit("t/ms") == ("t", "ms")
    assert without_unit("Time (min)") == ("Time", "min")
    assert without_unit("Min") == ("Min", None)
    assert without_unit("cell s") == ("cell s", None)
    assert without_unit("unit 3 (good)") == ("unit 3 (good)", None)


def test_decimal_commas(tmp_path):
    commas = {name: [str(time).replace(".", ",") for time in times] for name, times in BOTH.items()}
    text = "A;B\n" + lines(zip(commas["A"], [*commas["B"], ""], strict=True), ";")
    assert times_of(read(tmp_path, text)) == BOTH
    text = lines(zip(commas["A"][:3], commas["B"], strict=True), " ")
    assert times_of(read(tmp_path, text, "times.txt")) == {"column 1": A[:3], "column 2": B}
    assert times_of(read(tmp_path, "unit\ttime\n1\t0,25\n1\t0,5\n", "times.tsv")) == {"unit 1": [0.25, 0.5]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("spikes\n0,25\n0,5\n", "'0,25' may be a decimal comma or separate two columns"),
        ("0,25\n0,5\n1,125\n", "'0,25' may be a decimal comma or separate two columns"),
        ("1,2\n3,4\n", "decimal comma"),
        ("A,B\n0,25,0,375\n", "line 2 has 4 cells, but the header names 2 columns .*decimal commas"),
        ("0,25,0,375\n0,5,0,625\n1,125,1,5\n1,75,2,5\n", "whole numbers do not rise, .* decimal comma"),
        ("A;B\n0,25;0.375\n", "decimal commas, as in 0,25, and decimal points, as in 0.375"),
    ],
)
def test_commas_that_may_be_either_are_refused(tmp_path, text, message):
    path = tmp_path / "times.csv"
    path.write_text(text)
    refuse(path, message, time_unit="s")


def test_two_columns_of_whole_numbers_are_not_taken_for_decimals(tmp_path):
    rows = [(100 * k + k % 3, 130 * k + k % 5) for k in range(1, 13)]
    cells = read(tmp_path, lines(rows, ","), time_unit="ms")
    assert [cell.magnitude.tolist() for cell in cells.values()] == [
        list(each) for each in zip(*rows, strict=True)
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_encodings(tmp_path, encoding):
    cells = read(tmp_path, "Größe 1\tGröße 2\n0.5\t0.75\n", encoding=encoding)
    assert times_of(cells) == {"Größe 1": [0.5], "Größe 2": [0.75]}


# --- samples -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1/20000 s", "1 / 20000s", "s/20000", "1/20 ms"])
def test_the_unit_of_sample_numbers(tmp_path, text):
    (cell,) = read(tmp_path, "10000\n15000\n22500\n", time_unit=text).values()
    assert seconds(cell).tolist() == pytest.approx([0.5, 0.75, 1.125])
    (cell,) = read(tmp_path, "cluster,sample\n1,10000\n1,15000\n", time_unit=text).values()
    assert seconds(cell).tolist() == pytest.approx([0.5, 0.75])


def test_sample_numbers_need_their_rate(tmp_path):
    path = tmp_path / "times.csv"
    path.write_text("cluster,spike_samples\n1,10000\n1,15000\n")
    for time_unit in (None, "s"):
        refuse(path, 'its times are sample numbers: .* "1/30000 s"', time_unit=time_unit)


@pytest.mark.parametrize("text", ["", "mV", "2 s", "1/0 s", "1/3 mV", "s*2", None, 3])
def test_what_is_no_unit_of_time(text):
    with pytest.raises(ValueError, match="time_unit must be a unit of time"):
        parse_time_unit(text)


def test_units_of_time():
    assert parse_time_unit("ms") == TimeUnit("ms", 1.0)
    assert parse_time_unit("1/30000 s") == TimeUnit("s", 1 / 30000)


# --- Spike2's text export ----------------------------------------------------------------------------------

HEAD = '"INFORMATION"\n"cell.smrx"\n\n\n"SUMMARY"\n"3"\t"Event+"\t"nw-3"\n\n'


def block(number, kind, title, rows):
    return (
        f'"CHANNEL"\t"{number}"\n"{kind}"\n"No comment"\n"{title}"\n\n'
        + "".join(f"{row}\n" for row in rows)
        + "\n"
    )


def test_spike2s_text_export(tmp_path):
    text = HEAD + block(3, "Evt+", "nw-3", A) + block(5, "Evt+", "", B)
    for time_unit in (None, "s"):
        assert times_of(read(tmp_path, text, "times.txt", time_unit)) == {"nw-3": A, "channel 5": B}
    (cell,) = read(tmp_path, text, "times.txt", "ms", unit="3").values()
    assert cell.magnitude.tolist() == A
    assert cell.units == pq.ms


def test_decimal_commas_in_spike2s_text_export(tmp_path):
    text = HEAD + block(3, "Evt+", "nw-3", [str(time).replace(".", ",") for time in A])
    assert times_of(read(tmp_path, text, "times.txt", None)) == {"nw-3": A}


def test_markers_of_spike2s_text_export_by_their_codes(tmp_path):
    rows = [f'{time}\t"{code}"' for time, code in zip(A, ["01", "02", "01", "01"], strict=True)]
    assert times_of(read(tmp_path, HEAD + block(1, "WaveMark", "MU", rows), "times.txt")) == {
        "MU#01": [A[0], A[2], A[3]],
        "MU#02": [A[1]],
    }


def test_waveforms_of_spike2s_text_export_are_left_out(tmp_path):
    path, waveform = tmp_path / "times.txt", block(1, "Waveform", "Vm", ['"START"\t0.0\t0.001', -60.0, -59.5])
    path.write_text(HEAD + waveform + block(3, "Evt+", "nw-3", A))
    with pytest.warns(UserWarning, match=r"the waveform of channel 1 \(Vm\) is left out: export it as .mat"):
        assert [len(cell) for cell in read_spiketrains(path, t_stop=2 * pq.s)] == [4]
    path.write_text(HEAD + waveform)
    refuse(path, "without a channel of times; the waveform of channel 1")
    path.write_text(HEAD + block(3, "Evt+", "nw-3", ["0.5", "later"]))
    refuse(path, "line 14: 'later' is no time")


def test_the_order_of_sweeps_and_units_is_natural(tmp_path):
    rows = [[unit, time] for unit in (10, 9, 2) for time in np.add(A, unit)]
    assert list(read(tmp_path, lines([["unit", "time"], *rows], ","))) == ["unit 2", "unit 9", "unit 10"]
