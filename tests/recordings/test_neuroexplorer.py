"""NeuroExplorer's files, .nex and .nex5."""

import warnings

import neo
import numpy as np
import pytest
import quantities as pq
from neo.rawio.neuroexplorerrawio import EntityHeader, GlobalHeader
from support.sorter_files import write_nex
from support.vendor_files import refuse, seconds

from elephant_dic.recordings import read_signals, read_spiketrains
from elephant_dic.recordings.sorters import nex

FIRST, SECOND = np.arange(0.1, 20, 0.2), np.arange(0.25, 20, 0.5)
UNIT, EVENT = {"kind": 0, "name": "sig001a", "times": FIRST}, {"kind": 1, "name": "beep", "times": [1.0, 2.0]}
SIGNAL = {"kind": 5, "name": "AD01", "times": [0.5], "samples": np.arange(100), "sampling": 1000.0}
SIGNAL |= {"scale": 0.5, "shift": 1.0}


def test_the_headers_are_those_of_the_format():
    assert nex._HEADERS[b"NEX1"].itemsize == 544
    assert nex._HEADERS[b"NEX5"].itemsize == 356
    assert nex._VARIABLES[b"NEX1"].itemsize == 208
    assert nex._VARIABLES[b"NEX5"].itemsize == 244
    neos = {"start": "tbeg", "stop": "tend", "n": "nvar", "rate": "freq", "magic": "signature"}
    own = nex._HEADERS[b"NEX1"].fields
    offsets = np.dtype(GlobalHeader).fields
    assert all(own[name][1] == offsets[other][1] for name, other in neos.items())
    neos = {"type": "type", "offset": "offset", "n": "n", "sampling": "WFrequency", "scale": "ADtoMV",
            "n_samples": "NPointsWave", "shift": "MVOffset"}  # fmt: skip
    own, offsets = nex._VARIABLES[b"NEX1"].fields, np.dtype(EntityHeader).fields
    assert all(own[name][1] == offsets[other][1] for name, other in neos.items())


@pytest.mark.parametrize("suffix", [".nex", ".nex5"])
@pytest.mark.parametrize("wide", [False, True])
def test_units_events_and_signals_of_neuroexplorer(tmp_path, suffix, wide):
    path = tmp_path / f"two{suffix}"
    variables = [UNIT, {"kind": 0, "name": "sig001b", "times": SECOND}, EVENT, SIGNAL]
    write_nex(path, [variable | {"wide": wide and suffix == ".nex5"} for variable in variables])
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        first, second = read_spiketrains(path)
    assert (first.name, second.name) == ("sig001a", "sig001b")
    assert seconds(first) == pytest.approx(FIRST)
    assert seconds(second) == pytest.approx(SECOND)
    assert (float(first.t_start), float(first.t_stop)) == (0, 25)
    (beep,) = read_spiketrains(path, events=True)
    assert (beep.name, seconds(beep).tolist()) == ("beep", [1, 2])
    (signal,) = read_signals(path, channel="AD01")
    assert signal.magnitude.ravel() == pytest.approx(1 + np.arange(100) / 2)
    assert (float(signal.t_start), float(signal.sampling_rate)) == (0.5, 1000)
    assert signal.units == pq.mV


def test_waveforms_of_a_unit_are_no_second_unit(tmp_path):
    path = tmp_path / "two.nex"
    waveforms = [{"kind": 3, "name": name, "times": FIRST} for name in ("sig001a_wf", "sig002a_wf")]
    write_nex(path, [UNIT, *waveforms])
    assert [cell.name for cell in read_spiketrains(path)] == ["sig001a", "sig002a_wf"]


def test_what_cannot_be_used_is_told_and_the_rest_is_read(tmp_path):
    path = tmp_path / "two.nex5"
    write_nex(path, [UNIT, SIGNAL | {"times": [0.5, 3.0]}, {"kind": 2, "name": "trial", "times": [1.0]}])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        (cell,) = read_spiketrains(path)
    told = " ".join(str(each.message) for each in caught)
    assert "AD01: it is sampled in 2 stretches with gaps" in told
    assert "trial (intervals)" in told
    assert len(cell) == FIRST.size


def test_an_end_that_is_not_stored_is_doubted(tmp_path):
    path = tmp_path / "two.nex"
    write_nex(path, [UNIT], stop=0.0)
    with pytest.warns(UserWarning, match="its t_stop is its last spike, at 19.9 s"):
        assert len(read_spiketrains(path)[0]) == FIRST.size


def test_neo_reads_the_same_from_nex(tmp_path):
    path = tmp_path / "two.nex"
    write_nex(path, [UNIT, EVENT])
    (segment,) = neo.io.NeuroExplorerIO(str(path)).read_block().segments
    (cell,) = read_spiketrains(path)
    assert seconds(segment.spiketrains[0]) == pytest.approx(seconds(cell))


@pytest.mark.parametrize("suffix", [".nex", ".nex5"])
def test_damaged_files_of_neuroexplorer(tmp_path, suffix):
    path = tmp_path / f"two{suffix}"
    write_nex(path, [UNIT])
    content = path.read_bytes()
    path.write_bytes(b"NEX7" + content[4:])
    refuse(path, "does not begin like a file of NeuroExplorer")
    path.write_bytes(content[:300])
    refuse(path, "damaged: its header would lie outside of it")
    path.write_bytes(content[:600])
    refuse(path, "damaged: the headers of 1 variables would lie outside|times would lie outside")
    write_nex(path, [UNIT], rate=0.0)
    refuse(path, "its times are in ticks of 0 Hz")
    write_nex(path, [])
    refuse(path, "no times of spikes|it holds no spikes")
