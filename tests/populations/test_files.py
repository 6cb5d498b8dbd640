"""Populations written to files and read again."""

import copy
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from elephant_dic import generate_population
from elephant_dic.populations import (
    build_population,
    conductance_table,
    conductances,
    dic_estimate,
    load_population,
    member_dics,
    provenance,
    save_population,
)
from elephant_dic.populations.csv_files import shielded, unshielded

SUFFIXES = (".nix", ".nwb", ".csv", ".mat")
NAMES = ("g_Na", "g_Kd", "g_CaT", "g_leak")


def population(n=4, spiketrains=None, **provenance):
    generator = np.random.default_rng(n)
    dics = generator.normal(size=(n, 3))
    dics[0, 0] = np.nan
    block = build_population(
        generator.lognormal(1, 2, (n, len(NAMES))),
        NAMES,
        member_dics=dics,
        dic_mean=[np.nan, -5.1, 8.2],
        dic_std=[np.nan, 0.1, 0.3],
        provenance={"neuron": "stg", "source": 'it\'s "é" # 1: µ', "weights": None, **provenance},
        spiketrains=[train()] if spiketrains is None else spiketrains,
    )
    block.annotations["population_matches"] = np.arange(n) % 2 == 0
    block.annotations["noise_std"] = pq.Quantity(0.25, "uA/cm**2")
    return block


def train(**annotations):
    return neo.SpikeTrain([-0.1, 1 / 3, 5.0], units="s", t_start=-1, t_stop=9, name="cell", **annotations)


def with_simulation(block):
    segment = neo.Segment(name="simulation")
    for member in range(3):
        times = np.array([3.5, 7.25]) if member else []  # member 0 is silent
        segment.spiketrains.append(neo.SpikeTrain(times, units="ms", t_start=-2, t_stop=10, member=member))
    block.segments.append(segment)
    block.create_relationship()
    return block


def assert_same(found, expected):
    assert conductance_table(found)[0] == conductance_table(expected)[0]
    np.testing.assert_array_equal(conductance_table(found)[1], conductance_table(expected)[1])
    np.testing.assert_array_equal(member_dics(found), member_dics(expected))
    for one, other in zip(dic_estimate(found), dic_estimate(expected), strict=True):
        np.testing.assert_array_equal(one, other)
    assert provenance(found) == provenance(expected)
    assert set(found.annotations) == set(expected.annotations)
    for key, value in expected.annotations.items():
        assert type(found.annotations[key]) is type(value), key
        if isinstance(value, pq.Quantity):
            assert found.annotations[key].dimensionality.string == value.dimensionality.string
            np.testing.assert_array_equal(found.annotations[key].magnitude, value.magnitude)
        else:
            np.testing.assert_array_equal(found.annotations[key], value)


@pytest.mark.parametrize("n", [1, 2, 50])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_two_round_trips_change_nothing(tmp_path, suffix, n):
    expected = population(n)
    found = expected
    for trip in range(2):
        path = tmp_path / f"{trip}{suffix.upper()}"
        save_population(found, path)
        found = load_population(str(path))
    assert_same(found, expected)
    if suffix != ".csv":
        (segment,) = found.segments
        (copied,) = segment.spiketrains
        assert segment.name == "recording"
        np.testing.assert_array_equal(copied.magnitude, train().magnitude)
        assert (copied.units, copied.t_start, copied.t_stop) == (pq.s, -1 * pq.s, 9 * pq.s)
        assert copied.name == "cell"
        assert copied.segment.block is found


@settings(max_examples=30, deadline=None)
@given(arrays(float, (3, 4), elements=st.floats(min_value=0)))
def test_csv_is_exact_to_the_last_bit(table):
    block = population(3)
    for name, values in zip(NAMES, table.T, strict=True):
        block.annotations[f"population_{name}"] = pq.Quantity(values, "mS/cm**2")
    with tempfile.TemporaryDirectory() as folder:
        save_population(block, Path(folder, "a.csv"))
        found = load_population(Path(folder, "a.csv"))
    np.testing.assert_array_equal(conductance_table(found)[1], table)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_units_chosen_by_the_user_come_back(tmp_path, suffix):
    block = population()
    block.annotations["population_g_Na"] = block.annotations["population_g_Na"].rescale("S/m**2")
    save_population(block, tmp_path / f"a{suffix}")
    found = load_population(tmp_path / f"a{suffix}")
    assert found.annotations["population_g_Na"].dimensionality.string == "S/m**2"
    np.testing.assert_array_equal(conductances(found)["g_Na"], conductances(block)["g_Na"])


@pytest.mark.parametrize("suffix", [".nix", ".mat", ".nwb"])
def test_simulation_is_kept_with_its_members(tmp_path, suffix):
    save_population(with_simulation(population()), tmp_path / f"a{suffix}")
    recording, simulation = load_population(tmp_path / f"a{suffix}").segments
    assert (recording.name, simulation.name) == ("recording", "simulation")
    assert [t.annotations["member"] for t in simulation.spiketrains] == [0, 1, 2]
    assert [len(t) for t in simulation.spiketrains] == [0, 2, 2]
    np.testing.assert_allclose(simulation.spiketrains[2].rescale("ms").magnitude, [3.5, 7.25], rtol=1e-12)
    assert float(simulation.spiketrains[0].t_start.rescale("ms")) == pytest.approx(-2)


def test_sweeps_of_a_population_keep_their_order(tmp_path):
    sweeps = [train(sweep=k).time_shift(k * 100 * pq.s) for k in range(12)]
    save_population(population(spiketrains=sweeps), tmp_path / "a.nwb")
    (recording,) = load_population(tmp_path / "a.nwb").segments
    assert [t.annotations["sweep"] for t in recording.spiketrains] == list(range(12))
    assert [float(t.t_start) for t in recording.spiketrains] == [100 * k - 1 for k in range(12)]


def test_traces_are_kept_by_nix(tmp_path):
    block = with_simulation(population())
    voltage = neo.AnalogSignal(np.ones((5, 2)) * pq.mV, sampling_rate=10 * pq.kHz, name="V")
    block.segments[1].analogsignals.append(voltage)
    save_population(block, tmp_path / "a.nix")
    (found,) = load_population(tmp_path / "a.nix").segments[1].analogsignals
    assert found.shape == (5, 2)
    assert found.units == pq.mV


def test_nwb_says_that_it_keeps_no_traces(tmp_path):
    block = population()
    voltage = neo.AnalogSignal(np.ones((5, 1)) * pq.mV, sampling_rate=10 * pq.kHz)
    block.segments[0].analogsignals.append(voltage)
    with pytest.warns(UserWarning, match=r"signals are not written to \.nwb; save as \.nix"):
        save_population(block, tmp_path / "a.nwb")
    assert len(load_population(tmp_path / "a.nwb").segments[0].analogsignals) == 0


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_saving_leaves_the_block_alone(tmp_path, suffix):
    block = with_simulation(population())
    block.segments[0].spiketrains[0].annotations.update(nothing=None, nix_name="from another file")
    children = [block, *block.segments, *block.segments[0].spiketrains]
    kept = [(child.annotations, copy.deepcopy(child.annotations)) for child in children]
    save_population(block, tmp_path / f"a{suffix}")
    for child, (annotations, values) in zip(children, kept, strict=True):
        assert child.annotations is annotations
        assert str(annotations) == str(values)


def test_trains_that_share_a_nix_name_are_both_written(tmp_path):
    block = population(spiketrains=[train(), train().time_shift(50 * pq.s)])
    for spikes in block.segments[0].spiketrains:
        spikes.annotations["nix_name"] = "neo.spiketrain.1"
    save_population(block, tmp_path / "a.nix")
    (recording,) = load_population(tmp_path / "a.nix").segments
    assert [float(spikes.t_start) for spikes in recording.spiketrains] == [-1, 49]
    assert "nix_name" not in recording.spiketrains[0].annotations


def test_annotations_that_nix_rejects_or_cuts_become_text(tmp_path):
    odd = {"a": None, "b": {"gain": 2}, "c": np.ones((2, 2)), "d": [1, "x"], "e": 1j}
    fine = {"f": 1.5, "g": "text", "h": [1, 2], "i": 3 * pq.mV, "j": datetime(2020, 1, 2)}
    save_population(population(spiketrains=[train(**odd, **fine)]), tmp_path / "a.nix")
    found = load_population(tmp_path / "a.nix").segments[0].spiketrains[0].annotations
    odd["c"] = [[1.0, 1.0], [1.0, 1.0]]  # the text of a larger array would leave out values
    assert {key: found[key] for key in odd} == {key: str(value) for key, value in odd.items()}
    assert {key: found[key] for key in fine} == fine


def test_long_names_are_kept_by_matlab_files(tmp_path):
    name = "signal_to_noise_ratio_of_the_sorted_unit"
    save_population(population(spiketrains=[train(**{name: 2.5})]), tmp_path / "a.mat")
    (spikes,) = load_population(tmp_path / "a.mat").segments[0].spiketrains
    assert spikes.annotations[name] == 2.5


def test_nix_does_not_invent_a_date(tmp_path):
    save_population(population(), tmp_path / "a.nix")
    block = load_population(tmp_path / "a.nix")
    assert [part.rec_datetime for part in (block, *block.segments)] == [None, None]


def test_pandas_reads_the_csv(tmp_path):
    pandas = pytest.importorskip("pandas")
    block = population()
    save_population(block, tmp_path / "a.csv")
    frame = pandas.read_csv(tmp_path / "a.csv", comment="#")
    assert list(frame.columns) == [*NAMES, "g_f", "g_s", "g_u", "matches"]
    np.testing.assert_allclose(frame[list(NAMES)].to_numpy(), conductance_table(block)[1])
    assert frame["matches"].tolist() == [True, False, True, False]


def test_csv_explains_itself(tmp_path):
    save_population(population(), tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text(encoding="utf-8")
    header = [line for line in text.splitlines() if line.startswith("#")]
    assert "spike times are not in this file" in header[0]
    fields = dict(line[2:].split(": ", 1) for line in header[1:])
    assert json.loads(fields["elephant_dic"])["neuron"] == "stg"
    assert json.loads(fields["units"])["g_Na"] == "mS/cm**2"
    assert json.loads(fields["dic_std"])["value"][1:] == [0.1, 0.3]


def test_nwb_is_valid_and_described(tmp_path):
    pynwb = pytest.importorskip("pynwb")
    save_population(with_simulation(population()), tmp_path / "a.nwb")
    assert pynwb.validate(path=str(tmp_path / "a.nwb")) == []
    with pynwb.NWBHDF5IO(str(tmp_path / "a.nwb"), "r") as file:
        nwb = file.read()
        table = nwb.processing["elephant_dic"]["population"]
        assert table["g_Na"].description == "g_Na of each model in mS/cm**2"
        assert len(table) == 4
        assert nwb.units["obs_intervals"][0].tolist() == [[-1, 9]]
        assert nwb.session_start_time == datetime(1970, 1, 1, tzinfo=UTC)
        assert "stg" in nwb.notes


@pytest.fixture
def _clock_in_new_york(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(sys.platform == "win32", reason="time.tzset is POSIX")
@pytest.mark.usefixtures("_clock_in_new_york")
@pytest.mark.parametrize("written", ["2021-03-04T05:06:07", "2021-03-04T06:06:07+01:00"])
def test_nwb_starts_with_the_recording_wherever_it_is_written(tmp_path, written):
    pynwb = pytest.importorskip("pynwb")
    save_population(population(rec_datetime=written), tmp_path / "a.nwb")
    with pynwb.NWBHDF5IO(str(tmp_path / "a.nwb"), "r") as file:
        assert file.read().session_start_time == datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)


def test_neo_reads_the_recording_of_the_nwb(tmp_path):
    save_population(with_simulation(population()), tmp_path / "a.nwb")
    file = neo.io.NWBIO(str(tmp_path / "a.nwb"), "r")
    (found,) = [t for segment in file.read_block().segments for t in segment.spiketrains]
    file.close()
    np.testing.assert_array_equal(found.magnitude, train().magnitude)
    assert (float(found.t_start), float(found.t_stop)) == (-1, 9)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_population_without_recording(tmp_path, suffix):
    save_population(population(spiketrains=()), tmp_path / f"a{suffix}")
    found = load_population(tmp_path / f"a{suffix}")
    assert_same(found, population(spiketrains=()))
    assert list(found.segments) == []


@pytest.mark.parametrize("name", ["a.xlsx", "a"])
def test_unknown_suffix_names_the_four(tmp_path, name):
    message = rf"{name}: the suffix must be one of \.nix, \.nwb, \.csv, \.mat"
    with pytest.raises(ValueError, match=message):
        save_population(population(), tmp_path / name)
    with pytest.raises(ValueError, match=message):
        load_population(tmp_path / name)


def test_folder_must_exist(tmp_path):
    with pytest.raises(ValueError, match=r"folder .*results does not exist; create it first"):
        save_population(population(), tmp_path / "results" / "a.nix")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_not_a_population_is_not_written(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_text("precious")
    with pytest.raises(TypeError, match="a population is a neo.Block, not dict"):
        save_population({}, path)
    with pytest.raises(ValueError, match="is not a population"):
        save_population(neo.Block(), path)
    short = population()
    short.annotations["population_g_Kd"] = short.annotations["population_g_Kd"][:2]
    with pytest.raises(ValueError, match="'population_g_Kd' must hold 4 values"):
        save_population(short, path)
    assert path.read_text() == "precious"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_target_that_cannot_be_replaced(tmp_path, suffix):
    (tmp_path / f"a{suffix}").mkdir()
    with pytest.raises(ValueError, match=rf"a\{suffix} could not be written: Is a directory"):
        save_population(population(), tmp_path / f"a{suffix}")
    assert [path.name for path in tmp_path.iterdir()] == [f"a{suffix}"]


SAVE_WITH_LITTLE_ROOM = """
import resource, sys
import test_files as tests
from pathlib import Path

small, path = tests.population(3), Path(sys.argv[1])
tests.save_population(small, path)
before = path.read_bytes()
large = tests.population(20_000)
for room in (2_000, 40_000, 200_000, 700_000):  # bytes
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    try:
        tests.save_population(large, path)
    except ValueError as error:
        assert str(error) == f"{path} could not be written: File too large", error
    else:
        raise SystemExit(f"{room} bytes were enough")
    assert path.read_bytes() == before
    assert [found.name for found in path.parent.iterdir()] == [path.name]
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
tests.save_population(large, path)
tests.assert_same(tests.load_population(path), large)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the limit on file sizes is POSIX")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_failed_write_keeps_the_earlier_file_and_leaves_no_other(tmp_path, suffix):
    """With real errors from the system; Python must also exit in order, which HDF5 can prevent."""
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    finished = subprocess.run(
        [sys.executable, "-c", SAVE_WITH_LITTLE_ROOM, str(tmp_path / f"a{suffix}")],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
    )
    assert (finished.returncode, finished.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="permission bits are POSIX")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_colleagues_may_read_the_file(tmp_path, suffix):
    (tmp_path / "plain").touch()
    save_population(population(), tmp_path / f"a{suffix}")
    assert (tmp_path / f"a{suffix}").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_link_stays_a_link(tmp_path, suffix):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"a{suffix}").symlink_to(tmp_path / "elsewhere" / "latest")
    save_population(population(), tmp_path / f"a{suffix}")
    assert (tmp_path / f"a{suffix}").is_symlink()
    assert (tmp_path / "elsewhere" / "latest").is_file()
    assert_same(load_population(tmp_path / f"a{suffix}"), population())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_missing_file(tmp_path, suffix):
    with pytest.raises(ValueError, match="there is no file .*gone"):
        load_population(tmp_path / f"gone{suffix}")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kept", [0, 100, 0.5, -3])
def test_cut_file_is_called_damaged(tmp_path, suffix, kept):
    path = tmp_path / f"a{suffix}"
    save_population(population(50), path)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content)) if kept == 0.5 else kept])
    with pytest.raises(ValueError, match=rf"a\{suffix} could not be read: damaged, or not written"):
        load_population(path)


def test_csv_that_lost_a_row_is_called_damaged(tmp_path):
    save_population(population(), tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines(keepends=True)
    (tmp_path / "a.csv").write_text("".join(lines[:-1]))
    with pytest.raises(ValueError, match=r"'population_g_Na' must hold 4 values, got shape \(3,\)"):
        load_population(tmp_path / "a.csv")


def test_file_of_something_else(tmp_path):
    with neo.io.NixIO(tmp_path / "a.nix", mode="ow") as file:
        file.write_block(neo.Block(name="a recording"))
    neo.io.NeoMatlabIO(tmp_path / "a.mat").write_block(neo.Block(name="a recording"))
    for suffix in (".nix", ".mat"):
        with pytest.raises(ValueError, match="'a recording'.* is not a population"):
            load_population(tmp_path / f"a{suffix}")
    (tmp_path / "a.csv").write_text("g_Na,g_Kd\n1,2\n")
    with pytest.raises(ValueError, match="not written by save_population"):
        load_population(tmp_path / "a.csv")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_file_from_a_newer_package(tmp_path, suffix):
    block = population()
    block.annotations["elephant_dic"] = json.dumps({**provenance(block), "schema": 2})
    save_population(block, tmp_path / f"a{suffix}")
    with pytest.raises(ValueError, match="schema 2 is newer than this elephant_dic; update"):
        load_population(tmp_path / f"a{suffix}")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_text_of_a_unit_is_not_computed(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    save_population(population(), path)
    content = path.read_bytes()
    assert b"mS/cm**2" in content
    path.write_bytes(content.replace(b"mS/cm**2", b"9**9**99"))
    with pytest.raises(ValueError, match=r"'9\*\*9\*\*99?.*' is no unit"):
        load_population(path)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "'=1", "''@x", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_compute_is_text_to_it(text):
    assert shielded(text) == f"'{text}"
    assert unshielded(shielded(text)) == text


@pytest.mark.parametrize("text", ["", "a", "'", "'a", "#1", " =1", "1", "a=1"])
def test_other_text_stays_as_it_is(text):
    assert shielded(text) == unshielded(text) == text


def test_text_in_csv_comes_back(tmp_path):
    texts = ["=1+1", "#1", "a\nb", "'a", 'x,"y"', "µ\u2028\x0b", "a\r\nb"]
    block = generate_population({"g_s": -5, "g_u": 8}, n_models=len(texts), seed=0)
    block.annotations["population_note"] = np.array(texts)
    save_population(block, tmp_path / "a.csv")
    back = load_population(tmp_path / "a.csv")
    assert back.annotations["population_note"].tolist() == texts
    text = (tmp_path / "a.csv").read_bytes()
    (tmp_path / "windows.csv").write_bytes(text.replace(b"]\n", b"]\r\n").replace(b"}\n", b"}\r\n"))
    assert load_population(tmp_path / "windows.csv").annotations["population_note"].tolist() == texts
