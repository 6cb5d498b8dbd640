"""A whole session: each cell once, whatever stops it, and the same result with any workers."""

import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from pathlib import Path

import neo
import numpy as np
import pytest
import quantities as pq
from support.sessions import QUICK, lines_of, populations_of, regular, train, write_units
from support.toy_neuron import toy_neuron
from threadpoolctl import threadpool_info

from elephant_dic import (
    RecordingError,
    conductances,
    get_neuron,
    infer_dics,
    load_dics_over_time,
    load_estimates,
    load_population,
    provenance,
    read_spiketrains,
    reconstruct,
    reconstruct_session,
)
from elephant_dic.examples import example_path
from elephant_dic.populations import recording_of
from elephant_dic.session import session as session_module
from elephant_dic.session import work, workers
from elephant_dic.session.cells import Recording
from elephant_dic.session.session import _batches, _can_travel
from elephant_dic.session.table import COLUMNS
from elephant_dic.trains import assess_quality

pytestmark = pytest.mark.filterwarnings("ignore:.*its t_stop is its last spike", "ignore:.*left out, because")
SUPPORT = Path(__file__).parents[1]


@pytest.fixture
def one():
    with ThreadPoolExecutor(1) as executor:
        yield executor


@pytest.fixture
def day(tmp_path):
    """Two tables, one with a silent unit and one that cannot be used, and a damaged file."""
    folder = tmp_path / "day"
    folder.mkdir()
    write_units(folder / "a.csv", {"x": regular(80), "silent": [], "few": [10, 20, 30], "=y": regular(95)})
    write_units(folder / "b.csv", {"x": regular(120)})
    (folder / "c.nwb").write_bytes(b"damaged")
    return folder


def session(recordings, folder, executor, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return reconstruct_session(recordings, folder, **(QUICK | {"executor": executor} | options))


def test_the_table_has_all_cells_with_what_is_known_of_them(day, tmp_path, one):
    table = session(day, tmp_path / "out", one, time_unit="ms")
    assert table == tmp_path / "out" / "session.csv"
    rows = lines_of(table)
    assert list(rows[0]) == [name for name in COLUMNS if name != "seconds"]
    assert [(Path(row["file"]).name, row["cell"]) for row in rows] == [
        ("a.csv", "x"), ("a.csv", "silent"), ("a.csv", "few"), ("a.csv", "'=y"),
        ("b.csv", "x"), ("c.nwb", ""),
    ]  # fmt: skip
    assert ["skipped" if row["skipped"] else row["verdict"] for row in rows] == [
        "not verified", "skipped", "skipped", "not verified", "not verified", "skipped",
    ]  # fmt: skip
    assert rows[1]["skipped"].startswith("the spike train is silent")
    assert rows[2]["skipped"].startswith("too few spikes: 3 in 1 sweep(s)")
    assert (rows[1]["n_spikes"], float(rows[1]["rate"]), rows[1]["quality"]) == ("0", 0.0, "doubtful")
    assert rows[5]["skipped"].startswith("c.nwb: it cannot be read")
    assert [row["block"] for row in rows if row["skipped"]] == [""] * 3
    cell = next(each for each in read_spiketrains(day / "a.csv", time_unit="ms") if each.name == "x")
    estimate = infer_dics(cell)
    seconds = float((cell.t_stop - cell.t_start).rescale("s"))
    first = rows[0]
    assert (first["activity"], first["neuron"], first["n_models"]) == ("tonic", "stg", "3")
    assert first["quality"] == assess_quality(cell).verdict
    assert float(first["rate"]) == pytest.approx(60 / seconds)
    assert first["doubts"] == "; ".join(estimate.warnings)
    assert float(first["domain_score"]) == estimate.domain_score
    for name, mean, (low, high) in zip(estimate.names, estimate.mean, estimate.interval(0.68), strict=True):
        assert [float(first[f"{name}{end}"]) for end in ("", "_low", "_high")] == [mean, low, high]


def test_each_population_is_what_its_seed_makes_of_the_cell_alone(day, tmp_path, one):
    (row,) = lines_of(session(day / "b.csv", tmp_path / "out", one, time_unit="ms"))
    block = load_population(tmp_path / "out" / row["block"])
    (cell,) = read_spiketrains(day / "b.csv", time_unit="ms")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alone = reconstruct(cell, n_models=3, verify=False, seed=int(row["seed"]))
    assert provenance(block) == provenance(alone)
    for name, values in conductances(alone).items():
        np.testing.assert_array_equal(conductances(block)[name], values)


def test_verified_populations_have_their_verdict_in_the_table(tmp_path, one):
    table = session(example_path(), tmp_path / "out", one, verify=True, suffix=".nix", n_models=2)
    (row,) = lines_of(table)
    block = load_population(tmp_path / "out" / row["block"])
    assert row["verdict"] == provenance(block)["verdict"] == "verified"
    assert (row["n_models"], row["n_matching"], row["activity"]) == ("2", "2", "bursting")


def test_neuron_auto_takes_the_one_that_fires_like_it(tmp_path, one):
    (row,) = lines_of(session(example_path(), tmp_path / "out", one, neuron="auto"))
    assert row["neuron"] == "stg"
    (row,) = lines_of(session([train([], "none")], tmp_path / "none", one, neuron="auto"))
    assert row["skipped"].startswith("the spike train is silent")


def test_nothing_is_done_twice(day, tmp_path, one):
    table = session(day, tmp_path / "out", one, time_unit="ms")
    before, journal = table.read_bytes(), (tmp_path / "out" / "cells.jsonl").read_bytes()
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "cells").glob("*/*")}
    assert session(day, tmp_path / "out", one, time_unit="ms").read_bytes() == before
    assert (tmp_path / "out" / "cells.jsonl").read_bytes() == journal
    assert {path: path.stat().st_mtime_ns for path in times} == times
    next(iter(times)).unlink()  # what is gone is made again, and nothing else
    session(day, tmp_path / "out", one, time_unit="ms")
    assert sum(path.stat().st_mtime_ns != time for path, time in times.items()) == 1
    assert (tmp_path / "out" / "cells.jsonl").read_bytes().count(b"\n") == journal.count(b"\n") + 1


def test_recordings_may_be_added_taken_away_and_changed(day, tmp_path, one):
    a, b, out = day / "a.csv", day / "b.csv", tmp_path / "out"
    alone = lines_of(session(b, tmp_path / "alone", one, time_unit="ms"))
    first = lines_of(session(a, out, one, time_unit="ms"))
    assert lines_of(session([b, a], out, one, time_unit="ms")) == alone + first
    assert lines_of(session(b, out, one, time_unit="ms")) == alone
    write_units(b, {"x": regular(130)})
    (changed,) = lines_of(session(b, out, one, time_unit="ms"))
    assert changed["seed"] == alone[0]["seed"]
    assert changed["rate"] != alone[0]["rate"]


def test_the_same_cell_twice_is_reconstructed_once(tmp_path, one):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_units(tmp_path / name / "a.csv", {"x": regular(80)})
    rows = lines_of(session([tmp_path / "one", tmp_path / "two"], tmp_path / "out", one, time_unit="ms"))
    assert [Path(row.pop("file")).parent.name for row in rows] == ["one", "two"]
    assert rows[0] == rows[1]
    assert len(populations_of(tmp_path / "out")) == 1


def test_a_folder_made_otherwise_is_refused(day, tmp_path, one):
    out = tmp_path / "out"
    session(day / "b.csv", out, one, time_unit="ms")
    for options, differs in (
        ({"n_models": 4}, "n_models 3 there, 4 now"),
        ({"seed": 8}, "seed 7 there, 8 now"),
        ({"verify": True}, "tolerance None there, 0.1 now"),
        ({"prior": "family"}, "prior 'mixture' there, 'family' now"),
        ({"suffix": ".mat"}, "suffix '.csv' there, '.mat' now"),
        ({"neuron": "da"}, "neurons "),
        ({"neuron": "auto"}, "auto False there, True now"),
    ):
        with pytest.raises(ValueError, match="made otherwise") as refused:
            session(day / "b.csv", out, one, time_unit="ms", **options)
        assert differs in str(refused.value)


def test_without_a_seed_that_of_the_folder_is_taken(day, tmp_path, one):
    first = lines_of(session(day / "b.csv", tmp_path / "out", one, time_unit="ms", seed=None))
    drawn = json.loads((tmp_path / "out" / "session.json").read_text())["seed"]
    assert lines_of(session(day / "b.csv", tmp_path / "out", one, time_unit="ms", seed=None)) == first
    again = session(day / "b.csv", tmp_path / "again", one, time_unit="ms", seed=drawn)
    assert lines_of(again) == first


def test_any_workers_and_any_order_give_the_same_bytes(day, tmp_path, one):
    expected = session(day, tmp_path / "out", one, time_unit="ms")
    populations = populations_of(tmp_path / "out")
    assert len(populations) == 3
    for kind in ("2", None):
        with workers(kind) as executor:
            table = session(day, tmp_path / str(kind), executor, time_unit="ms")
        assert lines_of(table) == lines_of(expected)
        assert populations_of(tmp_path / str(kind)) == populations
    names = ["c.nwb", "b.csv", "a.csv"]
    with ThreadPoolExecutor(2) as executor:
        other = session([day / name for name in names], tmp_path / "other", executor, time_unit="ms")
    key = lambda row: (row["file"], row["cell"])  # noqa: E731
    assert sorted(lines_of(other), key=key) == sorted(lines_of(expected), key=key)
    assert populations_of(tmp_path / "other") == populations


def test_dask_gives_the_same_bytes(day, tmp_path, one):
    distributed = pytest.importorskip("distributed", reason="dask is not installed: pip install '.[dask]'")
    expected = session(day, tmp_path / "out", one, time_unit="ms")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        distributed.LocalCluster(**options) as cluster,
        workers(f"dask:{cluster.scheduler_address}") as executor,
    ):
        table = session(day, tmp_path / "dask", executor, time_unit="ms")
    assert lines_of(table) == lines_of(expected)
    assert populations_of(tmp_path / "dask") == populations_of(tmp_path / "out")


KILLED = """
import sys
from pathlib import Path
from support.sessions import QUICK
from elephant_dic import reconstruct_session
from elephant_dic.session import workers
if __name__ == "__main__":
    with workers("1") as executor:
        reconstruct_session(sys.argv[1], sys.argv[2], time_unit="ms", executor=executor, **QUICK)
"""


def test_killed_at_any_moment_it_goes_on_where_it_stopped(tmp_path, one):
    units = {f"unit {i}": regular(60 + 3 * i, seed=i) for i in range(25)}
    write_units(tmp_path / "a.csv", units)
    expected = lines_of(session(tmp_path / "a.csv", tmp_path / "whole", one, time_unit="ms"))
    out, journal = tmp_path / "out", tmp_path / "out" / "cells.jsonl"
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    known = os.environ | {"PYTHONPATH": os.pathsep.join([str(SUPPORT), *filter(None, sys.path)])}
    for least in (3, 11):
        with subprocess.Popen(
            [sys.executable, "-W", "ignore", script, tmp_path / "a.csv", out], env=known
        ) as process:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and process.poll() is None:
                if journal.exists() and journal.read_bytes().count(b"\n") >= least:
                    break
                time.sleep(0.001)
            process.send_signal(signal.SIGKILL)
        n_done = journal.read_bytes().count(b"\n")
        assert least <= n_done < 25
        assert not (out / "session.csv").exists()
    before = journal.read_bytes()
    assert lines_of(session(tmp_path / "a.csv", out, one, time_unit="ms")) == expected
    assert journal.read_bytes().startswith(before)
    assert journal.read_bytes().count(b"\n") - n_done in (25 - n_done, 26 - n_done)  # a line may be cut
    assert populations_of(out) == populations_of(tmp_path / "whole")


def test_what_is_no_fault_of_a_cell_stops_the_session_and_is_not_kept(day, tmp_path, one):
    out = tmp_path / "out"
    session(day / "a.csv", out, one, time_unit="ms")
    (out / "cells" / "b.csv").write_text("in the place of a folder")
    with pytest.raises(OSError, match="b.csv"):
        session([day / "a.csv", day / "b.csv"], out, one, time_unit="ms")
    (out / "cells" / "b.csv").unlink()
    rows = lines_of(session([day / "a.csv", day / "b.csv"], out, one, time_unit="ms"))
    assert sum(bool(row["skipped"]) for row in rows) == 2


class Broken(ThreadPoolExecutor):
    """Its worker is lost on the second cell."""

    def submit(self, *arguments):
        if self._work_queue.qsize() or getattr(self, "begun", False):
            raise BrokenExecutor("lost")
        self.begun = True
        return super().submit(*arguments)


def test_after_the_loss_of_a_worker_the_rest_is_done_by_the_next_call(day, tmp_path, one):
    with (
        Broken(1) as executor,
        pytest.raises(BrokenExecutor, match="the cells in .* are kept; the same call"),
    ):
        session(day, tmp_path / "out", executor, time_unit="ms")
    assert not (tmp_path / "out" / "session.csv").exists()
    rows = lines_of(session(day, tmp_path / "out", one, time_unit="ms"))
    assert rows == lines_of(session(day, tmp_path / "whole", one, time_unit="ms"))


def test_one_session_at_a_time_in_a_folder(day, tmp_path, one):
    errors, lock = [], threading.Event()

    class Slow(ThreadPoolExecutor):
        def submit(self, *arguments):
            if not lock.is_set():
                lock.set()
                with pytest.raises(ValueError, match="another process reconstructs a session in") as refused:
                    session(day, tmp_path / "out", one, time_unit="ms")
                errors.append(refused.value)
            return super().submit(*arguments)

    with Slow(1) as executor:
        session(day, tmp_path / "out", executor, time_unit="ms")
    assert len(errors) == 1


def test_the_table_in_nwb_is_that_in_csv(day, tmp_path, one):
    from pynwb import NWBHDF5IO

    rows = lines_of(session(day, tmp_path / "out", one, time_unit="ms", suffix=".nwb"))
    with NWBHDF5IO(tmp_path / "out" / "session.nwb", "r") as file:
        nwbfile = file.read()
        table = nwbfile.processing["elephant_dic"]["session"]
        columns = {column.name: list(column[:]) for column in table.columns}
        assert json.loads(json.loads(nwbfile.notes)["elephant_dic"])["seed"] == 7
    assert list(columns) == list(COLUMNS)
    for i, row in enumerate(rows):
        for name, text in row.items():
            value = columns[name][i]
            if isinstance(value, str):
                assert value == text.removeprefix("'"), name
            else:
                assert np.array_equal(value, float(text or "nan"), equal_nan=True), name
    assert len(populations_of(tmp_path / "out")) == 3


@pytest.mark.parametrize("load", [load_population, load_estimates, load_dics_over_time])
def test_what_reads_the_tables_of_a_session_is_told(tmp_path, one, load):
    table = session([train(regular(80), "x")], tmp_path / "out", one, suffix=".nwb")
    with pytest.raises(
        ValueError, match="session.nwb: it holds a session: pandas.read_csv reads the same in"
    ):
        load(table.with_suffix(".nwb"))
    with pytest.raises(ValueError, match="session.csv was not written by .* the session.csv of a session"):
        load(table)


def test_spike_trains_may_be_given(tmp_path, one):
    group = neo.Group(name="pooled")
    group.spiketrains.extend([train(regular(80)), train(regular(80, seed=1))])
    segment = neo.Segment()
    segment.spiketrains.append(train(regular(100), "in a segment"))
    given = [train(regular(80)), group, segment, train([], "silent"), neo.Group(name="empty")]
    rows = lines_of(session(given, tmp_path / "out", one))
    assert [row["cell"] for row in rows] == ["cell 0", "pooled", "in a segment", "silent", "empty"]
    assert [row["n_spikes"] for row in rows] == ["60", "120", "60", "0", "0"]
    assert [bool(row["skipped"]) for row in rows] == [False, False, False, True, True]


def test_the_lines_are_in_the_order_in_which_recordings_are_given(day, tmp_path, one):
    a, b, c = (train(regular(period), name) for period, name in ((80, None), (90, "b"), (100, None)))
    bare = np.asarray(regular(110)) * pq.ms
    given = [a, [b], day / "c.nwb", c, {}, bare, day / "empty.csv"]
    (day / "empty.csv").write_text("")
    rows = lines_of(session(given, tmp_path / "out", one))
    assert [Path(row["file"]).name or row["cell"] for row in rows] == [
        "cell 0", "b", "c.nwb", "cell 2", "cell 3", "empty.csv"
    ]  # fmt: skip


def test_wrong_arguments(day, tmp_path, one):
    for options, message in (
        ({"n_models": 0}, "n_models must be from 1"),
        ({"seed": -1}, "seed must be zero or positive"),
        ({"suffix": ".txt"}, "suffix must be one of .nix, .nwb, .csv, .mat, got '.txt'"),
        ({"neuron": "purkinje"}, "unknown neuron 'purkinje'"),
        ({"prior": "all"}, "prior must be mixture"),
        ({"verify": True, "tolerance": 2}, "tolerance must be more than 0"),
        ({"where": "rate >"}, "is not understood as where="),
    ):
        with pytest.raises(ValueError, match=message):
            session(day / "b.csv", tmp_path / "out", one, **({"time_unit": "ms"} | options))
        assert not populations_of(tmp_path / "out")
    with pytest.raises(TypeError, match="executor must be a concurrent.futures.Executor"):
        session(day / "b.csv", tmp_path / "out", 2, time_unit="ms")
    with pytest.raises(RecordingError, match="c.nwb: it cannot be read"):
        session(day / "c.nwb", tmp_path / "out", one)
    with pytest.raises(RecordingError, match="holds for none of its 1 cells"):
        session(day / "b.csv", tmp_path / "out", one, time_unit="ms", where="rate > 900")


def test_recordings_are_not_dropped_by_a_session_in_their_folder(day, tmp_path, one):
    (day / "sub").mkdir()
    write_units(day / "sub" / "d.csv", {"x": regular(70)})
    for output in (day, day / "sub"):
        with pytest.raises(ValueError, match="holds (the )?recordings.*: choose another folder"):
            session(day, output, one, time_unit="ms")
    assert not list(day.rglob("session.json"))
    rows = lines_of(session(day, day / "out", one, time_unit="ms"))
    assert {Path(row["file"]).name for row in rows} == {"a.csv", "b.csv", "c.nwb", "d.csv"}
    assert lines_of(session(day, day / "out", one, time_unit="ms")) == rows


def test_a_session_that_has_nothing_to_do_leaves_nothing(day, tmp_path, one):
    with pytest.raises(RecordingError, match="c.nwb"):
        session(day / "c.nwb", tmp_path / "out", one)
    with pytest.raises(RecordingError, match="^no recordings are given$"):
        session([], tmp_path / "out", one)
    assert list((tmp_path / "out").iterdir()) == []
    for i in range(8):
        (day / f"d{i}.nwb").write_bytes(b"damaged")
    with pytest.raises(RecordingError, match="and 3 more$"):
        session(sorted(day.glob("d*.nwb")), tmp_path / "out", one)


def test_a_prior_has_to_suit_each_neuron_that_auto_chooses_among(day, tmp_path, one):
    for prior, kind in (("all", ValueError), ({"nothing": (0, 1)}, ValueError), (3, TypeError)):
        with pytest.raises(kind, match="prior must be|nothing"):
            session(day, tmp_path / "out", one, neuron="auto", prior=prior, time_unit="ms")
    assert not (tmp_path / "out").exists()


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
def test_numbers_of_numpy_are_a_prior(day, tmp_path, one):
    narrow = {"leak": (np.float32(0.005), np.float32(0.02))}
    (row,) = lines_of(session(day / "b.csv", tmp_path / "out", one, prior=narrow, time_unit="ms"))
    assert not row["skipped"]


def test_the_folder_is_a_path(tmp_path, one):
    with pytest.raises(TypeError, match="path must be a str or a path, got 5"):
        session([train(regular(80))], 5, one)


def test_any_name_stands_in_the_table(tmp_path, one):
    names = ["a\rb", "a\nb", 'a"b', "a,b", "\udce9"]
    rows = lines_of(
        session([train(regular(80 + i), name) for i, name in enumerate(names)], tmp_path / "out", one)
    )
    assert [row["cell"] for row in rows] == [*names[:-1], r"\udce9"]
    assert not any(row["skipped"] for row in rows)


@pytest.mark.parametrize("suffix", [".nix", ".nwb", ".csv", ".mat"])
def test_what_is_known_of_a_cell_may_be_called_as_an_argument_of_neo(tmp_path, one, suffix):
    names = ("name", "units", "t_start", "dtype", "times", "waveforms", "sampling_rate", "self")
    cell = train(regular(80), "a")
    cell.annotations.update({name: f"{name} 1" for name in names})
    (row,) = lines_of(session([cell], tmp_path / "out", one, suffix=suffix))
    assert (row["cell"], row["skipped"]) == ("a", "")
    (kept,) = recording_of(load_population(tmp_path / "out" / row["block"])) or [None]
    if suffix != ".csv":  # which has no spike times
        assert (kept.name, len(kept)) == ("a", 60)
        assert {name: kept.annotations[f"{name}_"] for name in names} == cell.annotations


def test_a_population_that_its_format_cannot_hold_is_told(tmp_path, one):
    cells = [train(regular(80), "\udce9"), train(regular(90), "b")]
    bad, good = lines_of(session(cells, tmp_path / "out", one, suffix=".nix"))
    assert bad["skipped"].startswith("its population cannot be written: 'utf-8' codec can't encode")
    assert (bad["block"], good["skipped"]) == ("", "")


def test_a_damaged_manifest_is_told(day, tmp_path, one):
    session(day / "b.csv", tmp_path / "out", one, time_unit="ms")
    (tmp_path / "out" / "session.json").write_text("[1]")
    with pytest.raises(ValueError, match="but no session.json that tells what they were made with"):
        session(day / "b.csv", tmp_path / "out", one, time_unit="ms", seed=None)


def test_what_reading_warns_of_is_said_once_to_the_caller(day, tmp_path, one):
    (day / "notes.md").write_text("")
    with pytest.warns(UserWarning, match="as no recordings") as caught:
        reconstruct_session(day, tmp_path / "out", executor=one, time_unit="ms", t_stop=20 * pq.s, **QUICK)
    texts = [str(each.message) for each in caught]
    assert texts == sorted(set(texts), key=texts.index)
    assert f"{day}: left out, as no recordings by their names: notes.md" in texts
    assert {each.filename for each in caught} == {__file__}


def test_few_cells_are_in_memory_at_a_time(monkeypatch):
    cells = Recording(None, {}, tuple(train(np.arange(1.0, 11)) for _ in range(10))).cells()[0]
    monkeypatch.setattr(session_module, "_MOST_CELLS", 4)
    assert [len(batch) for batch in _batches(iter(cells))] == [4, 4, 2]
    monkeypatch.setattr(session_module, "_MOST_SPIKES", 25)
    assert [len(batch) for batch in _batches(iter(cells))] == [3, 3, 3, 1]
    assert list(_batches(iter(()))) == []


def test_what_is_not_kept_is_read_again_and_what_has_changed_by_then_is_told(day, tmp_path, one, monkeypatch):
    expected = lines_of(session(day, tmp_path / "kept", one, time_unit="ms"))
    monkeypatch.setattr(session_module, "_MOST_SPIKES", 130)  # those of the first table
    assert lines_of(session(day, tmp_path / "out", one, time_unit="ms")) == expected
    first, second = session_module._looked_at(
        [Recording(day / name, {"time_unit": "ms"}) for name in ("a.csv", "b.csv")]
    )
    assert [len(part.cells) for part in (first, second)] == [4, 0]
    write_units(day / "b.csv", {"x": regular(121)})
    with pytest.raises(RecordingError, match="b.csv has changed since this call began: call again"):
        list(session_module._missing([first, second], set()))


def test_blas_has_one_thread_while_cells_are_reconstructed(tmp_path, monkeypatch):
    def n_threads():
        return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}

    found, before, original = [], n_threads(), work.population_of

    def looked_at(*arguments):
        found.append(n_threads())
        return original(*arguments)

    monkeypatch.setattr(work, "population_of", looked_at)
    with ThreadPoolExecutor(2) as executor:
        session([train(regular(80 + i)) for i in range(4)], tmp_path / "out", executor)
    assert found == [{1}] * 4
    assert n_threads() == before


def test_a_neuron_that_is_only_declared_here_does_not_travel():
    assert _can_travel(get_neuron("stg"))
    assert not _can_travel(toy_neuron())


def test_the_csv_can_be_read_by_pandas(day, tmp_path, one):
    import pandas

    table = pandas.read_csv(session(day, tmp_path / "out", one, time_unit="ms"))
    assert len(table) == 6
    assert table["rate"].dtype == float
    with open(tmp_path / "out" / "session.csv", newline="", encoding="utf-8") as file:
        assert len(list(csv.reader(file))) == 7
