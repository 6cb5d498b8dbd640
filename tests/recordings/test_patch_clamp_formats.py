"""WinWCP, AxoGraph, Igor: their sweeps, scales, times and currents; HEKA and others, which are refused."""

import struct
import sys
import warnings

import numpy as np
import pytest
from support.patch_files import igor_wave, write_axograph, write_ibw, write_pxp, write_wcp
from support.vendor_files import RATE, SPIKES, SWEEPS, read_quietly, refuse, seconds

from elephant_dic.recordings import inspect_recording, read_signals, read_spiketrains
from elephant_dic.trains import stimulus_of, sweeps_of

CURRENT = np.zeros_like(SWEEPS)
CURRENT[1, 4000:12_000] = 50.0
RECORDS = [np.stack(pair, axis=1) for pair in zip(SWEEPS, CURRENT, strict=True)]


def times_of(cells):
    """Spike times of each sweep, from its start."""
    trains = {train.annotations.get("sweep", 0): train for cell in cells for train in sweeps_of(cell)}
    return [seconds(train) - float(train.t_start) for _, train in sorted(trains.items())]


def check_spikes(cells, expected=SPIKES):
    for found, times in zip(times_of(cells), expected, strict=True):
        assert found == pytest.approx(times, abs=1e-3)


@pytest.mark.parametrize("comma", [False, True])
def test_winwcp_records_are_scaled_by_their_own_ranges(tmp_path, comma):
    path = tmp_path / "cell.wcp"
    ranges = [[10, 5], [5, 10], [1.25, 2]]
    write_wcp(path, RECORDS, ranges=ranges, columns=[1, 0], times=[0, 3.0, 7.5], comma=comma)
    for name, traces in (("Vm", SWEEPS), ("Im", CURRENT)):
        if name == "Im":
            refuse(path, "no membrane potential .*Im in pA", channel="Im")
            continue
        signals = read_signals(path, channel=name)
        assert [float(signal.t_start) for signal in signals] == [0, 3.0, 7.5]
        for signal, trace in zip(signals, traces, strict=True):
            assert signal.magnitude[:, 0] == pytest.approx(trace, abs=0.04)  # a step of the converter
    check_spikes(read_quietly(path))


def test_winwcp_records_that_follow_each_other_late_in_a_file_do_not_overlap(tmp_path):
    path, times = tmp_path / "cell.wcp", np.float32([20_000.0, 20_000.999, 20_001.998])
    write_wcp(path, RECORDS, times=times)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read_spiketrains(path)
    assert not any("overlap" in str(each.message) for each in caught)


@pytest.mark.parametrize("stated", [b"NBH=1024", b"NBH=2048", b"NBH=4   "])
def test_winwcp_headers_have_the_size_that_the_file_leaves_them(tmp_path, stated):
    path = tmp_path / "cell.wcp"
    write_wcp(path, RECORDS)
    content = path.read_bytes().replace(b"NBH=1024", stated)
    more = b"" if stated == b"NBH=1024" else bytes(1024)
    path.write_bytes(content[:1024] + more + content[1024:])
    check_spikes(read_quietly(path))


def test_winwcp_currents_are_read_from_their_channel(tmp_path):
    path = tmp_path / "cell.wcp"
    write_wcp(path, RECORDS)
    with pytest.warns(UserWarning, match=r"stimulated \(0 to 50 pA, measured in Im\)"):
        (group,) = read_spiketrains(path)
    told = [train.annotations["injected_current"] for train in group.spiketrains]
    assert told == ["0 pA", "0 to 50 pA, measured in Im", "0 pA"]
    assert stimulus_of(group.spiketrains[1]).currents == pytest.approx([0, 50, 50, 0], abs=0.1)


def test_winwcp_sweeps_of_unknown_current_are_not_pooled(tmp_path):
    path = tmp_path / "cell.wcp"
    write_wcp(path, SWEEPS[..., np.newaxis], names=["Vm"], units=["mVolt"], gains=[0.01])
    with pytest.warns(UserWarning, match="does not tell what current was injected; the sweeps are read as 3"):
        cells = read_spiketrains(path)
    assert [cell.annotations["injected_current"] for cell in cells] == ["unknown"] * 3
    check_spikes(cells)


def test_winwcp_records_that_were_rejected_are_told(tmp_path):
    path = tmp_path / "cell.wcp"
    write_wcp(path, RECORDS, statuses=[b"ACCEPTED", b"REJECTED", b"ACCEPTED"])
    with pytest.warns(UserWarning, match="in WinWCP, sweep 1 was rejected; choose the others with sweep="):
        check_spikes(read_quietly(path) and read_spiketrains(path))


def test_a_winwcp_file_that_is_cut_off(tmp_path):
    path = tmp_path / "cell.wcp"
    write_wcp(path, RECORDS)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.warns(UserWarning, match="it is cut off: of its 3 records it holds 2"):
        check_spikes(read_spiketrains(path), SPIKES[:2])


def test_a_winwcp_record_without_a_range_hides_no_other(tmp_path):
    path = tmp_path / "cell.wcp"
    write_wcp(path, RECORDS)
    content = bytearray(path.read_bytes())
    content[1024 + 24 : 1024 + 28] = bytes(4)
    path.write_bytes(content)
    with pytest.warns(UserWarning, match="record 0 is left out: the ranges of its channels are 0, 10 V"):
        cells = read_spiketrains(path)
    assert sum(len(train) for cell in cells for train in sweeps_of(cell)) == 6


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"VER=9", b"VES=9", "does not begin like a WinWCP file"),
        (b"NC=2", b"NC=0", "its header has NC 0, not 1 to 128"),
        (b"NR=3", b"NR=x", "its header has NR 'x', no whole number"),
        (b"YO1=1", b"YO1=7", "its header has YO1 7, not 0 to 1"),
        (b"YG0=0.01", b"YG0=0.00", "the gain of channel 0 is 0"),
        (b"NBA=2", b"NBA=0", "its header has NBA 0, not 1 to 65536"),
        (b"NR=3", b"NR=0", "it holds no records"),
    ],
)
def test_winwcp_headers_that_cannot_be(tmp_path, old, new, message):
    path = tmp_path / "cell.wcp"
    write_wcp(path, RECORDS)
    path.write_bytes(path.read_bytes().replace(old, new))
    refuse(path, message)


def test_the_winwcp_files_of_these_tests_are_what_another_reader_reads(tmp_path):
    import neo

    path = tmp_path / "cell.wcp"
    write_wcp(path, RECORDS)
    segments = neo.io.WinWcpIO(str(path)).read_block().segments
    for segment, trace in zip(segments, SWEEPS, strict=True):
        assert segment.analogsignals[0].magnitude[: trace.size, 0] == pytest.approx(trace, abs=0.04)


@pytest.mark.parametrize("version", [2, 6])
@pytest.mark.parametrize(("title", "scale"), [("Vm (mV)", 1.0), ("Vm(V)", 1e-3)])
def test_axograph_columns_of_one_title_are_episodes(tmp_path, version, title, scale):
    path = tmp_path / "cell.axgd"
    columns = [
        column for v, i in zip(SWEEPS, CURRENT, strict=True) for column in ((title, v * scale), ("I (pA)", i))
    ]
    write_axograph(path, columns, version=version)
    with pytest.warns(UserWarning, match="its columns of one title are taken for 3 episodes"):
        (group,) = read_spiketrains(path)
    told = [train.annotations["injected_current"] for train in group.spiketrains]
    assert told == ["0 pA", "0 to 50 pA, measured in I", "0 pA"]
    check_spikes([group])
    with pytest.warns(UserWarning, match="does not tell when its 3 sweeps began"):
        read_spiketrains(path)


def test_axograph_of_one_trace(tmp_path):
    path = tmp_path / "cell.axgx"
    write_axograph(path, [("Vm (mV)", SWEEPS[0])], start=0.5)
    (cell,) = read_spiketrains(path)
    assert (cell.name, float(cell.t_start)) == ("Vm", 0.5)
    assert "injected_current" not in cell.annotations
    assert seconds(cell) == pytest.approx(np.add(SPIKES[0], 0.5), abs=1e-3)


def test_axograph_files_that_cannot_be_read(tmp_path):
    path = tmp_path / "cell.axgx"
    path.write_bytes(b"axgx" + bytes(1000))
    refuse(path, r"cannot be read as a \.axgx file")
    path.write_bytes(b"abcd" + bytes(1000))
    refuse(path, "does not begin like an AxoGraph file")
    write_axograph(path, [("Vm (mV)", SWEEPS[0])], interval=-1.0)
    refuse(path, "it is damaged: its samples come at -1 Hz")


igor2 = pytest.importorskip("igor2")


@pytest.mark.parametrize(
    ("scale", "options"),
    [
        (1.0, {}),
        (1e-3, {"units": "V"}),
        (1.0, {"units": "mVolts", "kind": 2}),
        (1.0, {"step": 0.05, "start": 100.0, "time_units": "ms"}),
        (1.0, {"time_units": ""}),
    ],
)
def test_the_columns_of_an_igor_wave_are_sweeps(tmp_path, scale, options):
    path = tmp_path / "cell.ibw"
    write_ibw(path, "Vm", SWEEPS.T * scale, **options)
    cells = read_quietly(path)
    check_spikes(cells)
    assert {cell.annotations["injected_current"] for cell in cells} == {"unknown"}
    start = 0.1 if "start" in options else 0.0
    assert [float(cell.t_start) for cell in cells] == pytest.approx([start] * 3)


def test_igor_waves_that_are_numbered_are_sweeps(tmp_path):
    path = tmp_path / "cell.pxp"
    waves = [igor_wave(f"RecordA{k + 9}", trace) for k, trace in enumerate(SWEEPS)]
    waves += [igor_wave(f"RecordB{k + 9}", trace, units="pA") for k, trace in enumerate(CURRENT)]
    write_pxp(path, waves, folder="cell1")
    assert [item.name for item in inspect_recording(path)] == ["cell1:RecordA", "cell1:RecordB"]
    (group,) = read_quietly(path)
    check_spikes([group])
    told = [train.annotations["injected_current"] for train in group.spiketrains]
    assert told == ["0 pA", "0 to 50 pA, measured in cell1:RecordB", "0 pA"]


def test_an_igor_wave_beside_others(tmp_path):
    path = tmp_path / "cell.pxp"
    text = igor_wave("notes", np.zeros((2, 2, 2)))
    write_pxp(path, [igor_wave("Vm", SWEEPS[0]), igor_wave("histogram", np.ones(5), time_units="mV"), text])
    with pytest.warns(UserWarning, match="the wave notes is left out: it holds no samples"):
        (cell,) = read_spiketrains(path)
    with pytest.warns(UserWarning, match="the wave histogram is left out: .* no time"):
        read_spiketrains(path)
    check_spikes([cell], SPIKES[:1])


def test_an_igor_wave_without_a_unit_is_told(tmp_path):
    path = tmp_path / "cell.ibw"
    write_ibw(path, "Vm", SWEEPS[0], units="")
    refuse(path, "Vm has no unit: give it one in the software that recorded it")


def older_wave(version, order="<", padding=16):
    """The bytes of a wave of version 1, 2 or 3, the first sweep, with a note where there can be one."""
    samples, note = SWEEPS[0].astype(f"{order}f8").tobytes(), b"a note" if version > 1 else b""
    header = struct.pack(f"{order}hI20shhI4s4si", 4, 0, b"Vm", 0, 0, 0, b"mV", b"s", SWEEPS[0].size)
    header += struct.pack(f"{order}hdd", 0, 5e-5, 0.0)
    sizes = {1: (), 2: (len(note), 0), 3: (len(note), 0, 0)}[version]
    first = struct.pack(f"{order}hi{len(sizes)}ih", version, 126 + len(samples), *sizes, 0)
    return first + header.ljust(110, b"\0") + samples + bytes(padding) + note


@pytest.mark.parametrize(
    ("version", "order", "padding"), [(1, "<", 0), (1, ">", 16), (2, "<", 16), (2, ">", 16), (3, "<", 16)]
)
def test_igor_waves_of_older_versions(tmp_path, version, order, padding):
    path = tmp_path / "cell.ibw"
    path.write_bytes(older_wave(version, order, padding))
    (cell,) = read_quietly(path)
    assert cell.name == "Vm"
    check_spikes([cell], SPIKES[:1])


#: Byte of a number in a wave of version 5, and a number that is wrong there by little.
WRONG = {
    **{f"size {k}": (4 + 4 * k, 1) for k in range(1, 13)},
    "no size": (4, 319),
    "a negative size": (12, -1),
    "points": (76, SWEEPS.size - 1),
    "a dimension": (132, len(SWEEPS[0]) + 1),
    "a negative dimension": (132, -1),
}


@pytest.mark.parametrize("place", WRONG)
def test_a_size_of_an_igor_wave_that_is_wrong(tmp_path, place):
    good = igor_wave("Vm", SWEEPS.T)
    bad = bytearray(good)
    struct.pack_into("<i", bad, *WRONG[place])
    path = tmp_path / "cell.ibw"
    path.write_bytes(bad)
    refuse(path, "the wave Vm is left out: it is damaged: its header tells of ")
    path = tmp_path / "cell.pxp"
    write_pxp(path, [igor_wave("a", SWEEPS[0]), bytes(bad)], folder="cell1")
    with pytest.warns(UserWarning, match="the wave cell1:Vm is left out: it is damaged"):
        (cell,) = read_spiketrains(path)
    assert cell.name == "cell1:a"
    check_spikes([cell], SPIKES[:1])


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_size_of_an_older_igor_wave_that_is_wrong(tmp_path, version):
    path, good = tmp_path / "cell.ibw", older_wave(version)
    for place, wrong in [(2, 125), (2, 127 + SWEEPS[0].nbytes + 16), (6, 7), (6, -1)][
        : 2 if version == 1 else 4
    ]:
        bad = bytearray(good)
        struct.pack_into("<i", bad, place, wrong)
        path.write_bytes(bad)
        refuse(path, "it is damaged: its header tells of parts of ")
    path.write_bytes(good[:100])
    refuse(path, "it is cut off: its header is not complete")


def test_igor_files_that_cannot_be_read(tmp_path):
    path = tmp_path / "cell.ibw"
    path.write_bytes(b"\4\0" + bytes(1000))
    refuse(path, "it is no Igor wave of version 1, 2, 3 or 5")
    text = bytearray(igor_wave("Vm", SWEEPS[0]))
    struct.pack_into("<h", text, 80, 0)
    path.write_bytes(text)
    refuse(path, r"it holds no samples, but text, or numbers of a kind that is not known \(0\)")
    struct.pack_into("<h", text, 80, 2)  # numbers of four bytes, of which there are half as many
    path.write_bytes(text)
    refuse(path, "igor2 cannot read it as an Igor wave")
    path = tmp_path / "cell.pxp"
    path.write_bytes(struct.pack("<Hhi", 3, 5, 9) + bytes(8))
    refuse(
        path, "no Igor packed experiment, or cut off, or damaged: a record of 9 bytes from byte 8 on, of 16"
    )
    path.write_bytes(struct.pack("<Hhi", 0, 5, 4) + b"text")
    refuse(path, "it holds no waves")


def test_an_igor_wave_that_comes_twice(tmp_path):
    path = tmp_path / "cell.pxp"
    write_pxp(path, [igor_wave("Vm", SWEEPS[1]), igor_wave("Vm", SWEEPS[0])])
    with pytest.warns(UserWarning, match="it holds Vm twice: the later wave is read"):
        cells = read_spiketrains(path)
    check_spikes(cells, SPIKES[:1])


def test_what_else_an_igor_experiment_holds_is_passed_over(tmp_path):
    """Variables, a history, folders in folders, one with a long name; in the other order of bytes."""
    path, deep = tmp_path / "cell.pxp", b"a folder whose name is longer than 31 letters"
    records = [(1, b"damaged"), (2, b"history"), (9, b"A\0"), (101, struct.pack(">I", len(deep)) + deep)]
    records += [(3, older_wave(2, ">")), (10, b""), (10, b""), (10, b""), (9, b"B"), (3, older_wave(1, ">"))]
    path.write_bytes(b"".join(struct.pack(">Hhi", kind, 1, len(data)) + data for kind, data in records))
    assert [item.name for item in inspect_recording(path)] == [f"A:{deep.decode()}:Vm", "B:Vm"]


def test_igor_files_without_the_package(tmp_path, monkeypatch):
    path = tmp_path / "cell.ibw"
    write_ibw(path, "Vm", SWEEPS[0])
    monkeypatch.setitem(sys.modules, "igor2", None)
    refuse(path, r"package igor2, which is not installed: pip install 'elephant-dic\[igor\]'")


@pytest.mark.parametrize("begin", [b"DAT1", b"DAT2", b"DATA"])
def test_heka_files_are_refused_with_the_way_out(tmp_path, begin):
    path = tmp_path / "cell.dat"
    path.write_bytes(begin + bytes(5000))
    refuse(path, "it is a HEKA PatchMaster file, which is not read: .* export the sweeps as Igor waves")


@pytest.mark.parametrize(
    ("suffix", "way_out"), [(".xlsx", r"an Excel workbook as \.csv"), (".adicht", "in LabChart, export")]
)
def test_other_formats_are_refused_with_the_way_out(tmp_path, suffix, way_out):
    path = tmp_path / f"cell{suffix}"
    path.write_bytes(bytes(50))
    refuse(path, way_out)


def test_the_rate_of_a_winwcp_file_is_that_of_its_records(tmp_path):
    path = tmp_path / "cell.wcp"
    write_wcp(path, RECORDS)
    (signal, *_) = read_signals(path, channel="Vm")
    assert float(signal.sampling_rate) == pytest.approx(RATE)
