"""The page asks what changed between two recordings, and shows changes of its models as they are chosen."""

import asyncio
from dataclasses import replace

import neo
import numpy as np
import pytest
import quantities as pq

pytest.importorskip("nicegui")

from nicegui import ui
from nicegui.testing.user_interaction import UserInteraction
from support.page import PATIENCE, choose, download, labelled, press, run_example, see, upload, visit

from elephant_dic import (
    generate_population,
    identified_changes,
    load_population,
    read_spiketrains,
    scale_conductances,
)
from elephant_dic.examples import example_path
from elephant_dic.gui.recording.after import After, firing_rows, overlap, read_stretch
from elephant_dic.gui.recording.looking import Looking
from elephant_dic.gui.recording.opened import Reading, Source, read_cells
from elephant_dic.gui.results.changes_view import change_verdict, likely_rows
from elephant_dic.gui.results.live import few_of, trial_rows, try_change
from elephant_dic.gui.results.result import Result, cell_of, recording_after
from elephant_dic.gui.results.settings import Settings
from elephant_dic.gui.session import Session
from elephant_dic.gui.steps.changes_step import can_be_compared
from elephant_dic.populations import Change, Changes

EXAMPLE = Source(example_path(), "example.nix", is_example=True)
FOUND = Changes(
    "explained", 0.1, 0.9,
    (Change(("g_A",), 0.8, (0.5,), ((0.4, 0.6),), 9, 5), Change(("g_H", "g_Kd"), 0.15, (2.0, 0.1),
     ((1.5, 2.5), (0.0, 0.2)), 9, 1), Change(("g_Na",), 0.05, (1.0,), ((0.9, 1.1),), 9, 0)),
    None, None, "tonic", "silent", {}, 6, (), 1,
)  # fmt: skip


def train(times, stop=10.0, **known):
    return neo.SpikeTrain(times, units="s", t_stop=stop, **known)


def texts(user):
    """Of all tables, the texts of their rows."""
    tables = user.find(ui.table).elements
    return [list(map(str, row.values())) for table in tables for row in table.rows]


def press_last(user, text):
    last = max(user.find(kind=ui.button, content=text).elements, key=lambda each: each.id)
    UserInteraction(user, {last}, None).click()


async def seen_in_tables(user, text, n=1):
    for _ in range(PATIENCE):
        if any(row.count(text) == n for row in texts(user)):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"no table has {text}")


# --- the way through ---------------------------------------------------------------------------------------


def test_two_stretches_of_a_recording_without_a_change(tmp_path):
    async def story(user):
        await run_example(user, n_models=24)
        await see(user, "A stretch of the same recording", ui.button)
        await see(user, "Two channels may have changed together", ui.checkbox)
        (run,) = user.find(kind=ui.button, content="What changed?").elements
        assert not run.enabled  # there is nothing to compare with
        press(user, "A stretch of the same recording")
        await see(user, "Give its start and its end, and read it.")
        labelled(user, ui.number, "Start of what is read (s)")[-1].value = 3
        press_last(user, "Read again")
        await see(user, "The two stretches have 3 s in common")
        await seen_in_tables(user, "bursting", n=2)
        choose(user, "Start of the control (s)", 90)
        press(user, "What changed?")
        await see(user, "The control: ")
        choose(user, "Start of the control (s)", 2)
        press(user, "What changed?")
        await see(user, "No change is needed: the recordings differ no more than two of the same cell")
        await see(user, "Pairs .nix", ui.button)
        (tmp_path / "pairs.nix").write_bytes(await download(user, "Pairs .nix"))
        assert ["2", "example.nix, stg, seed 3, compared with example.nix"] in [
            row[:2] for row in texts(user)
        ]

    visit(tmp_path, story)
    pairs = load_population(tmp_path / "pairs.nix")
    found = identified_changes(pairs)
    assert (found.verdict, found.seed) == ("no change needed", 3)
    assert recording_after(pairs).t_start == 3 * pq.s

    async def reopened(user):
        await upload(user, "pairs.nix", (tmp_path / "pairs.nix").read_bytes())
        await see(user, "No change is needed: the recordings differ no more than two of the same cell")
        await see(user, "Pairs with")

    visit(tmp_path, reopened)


def test_a_change_is_shown_live_and_too_few_models_are_not_compared(tmp_path):
    async def story(user):
        await run_example(user, n_models=3)
        await see(user, "at least 20 of them")
        await see(user, "How 3 of the models fire")
        choose(user, "What to change", "g_KCa")
        choose(user, "By or to", 0.25)
        await seen_in_tables(user, "Rate (Hz): median, range")
        choose(user, "What to change", "g_leak")
        choose(user, "By or to", 0)
        await see(user, "the factor of g_leak is what remains of it and must be positive")

    visit(tmp_path, story)


# --- its parts ---------------------------------------------------------------------------------------------


def test_recordings_beside_each_other():
    steady = train(np.arange(0.25, 10, 0.5))
    rows = {name: values for name, *values in firing_rows(steady, train([]), 3000.0)}
    assert rows["Figure"] == ["Before", "After"]
    assert rows["Spikes"] == ["20", "0"]
    assert rows["Class"] == ["tonic", "silent"]
    assert rows["Rate (Hz)"] == ["2", ""]
    with pytest.raises(ValueError, match="spikes"):
        firing_rows(steady, train([1.0]), 3000.0)


@pytest.mark.parametrize(
    ("start", "stop", "shared"), [(0, 10, 4.0), (4, 8, 4.0), (0, 4, 0.0), (8, 9, 0.0), (6, 7, 1.0)]
)
def test_time_that_two_stretches_share(start, stop, shared):
    before = neo.SpikeTrain([5.0], units="s", t_start=4.0, t_stop=8.0, sweep=1)
    after = neo.SpikeTrain([], units="s", t_start=start, t_stop=stop, sweep=1)
    assert overlap(before, after) == shared
    after.annotate(sweep=2)
    assert overlap(before, after) == 0


def test_a_control_is_a_stretch_of_the_same_cell_without_the_spikes_that_were_rejected():
    (cell,) = read_spiketrains(example_path())
    looking = Looking()
    looking.take([cell], {})
    third = float(cell.times[2].rescale("s"))
    looking.toggle(cell, 0, third)
    control = read_stretch(EXAMPLE, {"t_start": 3 * pq.s}, (None, 2.0), cell, looking)
    assert (control.t_start, control.t_stop) == (0 * pq.s, 2 * pq.s)
    expected = [time for time in cell.times.rescale("s").magnitude if time <= 2 and time != third]
    np.testing.assert_allclose(control.times.rescale("s").magnitude, expected, atol=1e-6)
    other = cell.copy()
    other.name = "another"
    with pytest.raises(ValueError, match="the recording holds nothing of the cell in this stretch"):
        read_stretch(EXAMPLE, {}, (None, 2.0), other, looking)


def test_a_recording_after_may_be_silent(tmp_path):
    path = tmp_path / "silenced.nix"
    block = neo.Block()
    block.segments.append(neo.Segment())
    block.segments[0].spiketrains.append(train([], stop=20.0, name="cell"))
    with neo.io.NixIO(str(path), "ow") as file:
        file.write_block(block)
    (silent,) = read_cells(Source(path, "silenced.nix"), {}, silent_too=True)
    assert (len(silent), silent.t_stop, silent.annotations["source"]) == (0, 20 * pq.s, "silenced.nix")
    rows = firing_rows(train(np.arange(1, 9)), silent, 3000.0)
    assert ("Class", "tonic", "silent") in rows
    with pytest.raises(ValueError, match="no spikes"):
        read_cells(Source(path, "silenced.nix"), {})


def test_of_a_stretch_the_one_cell_is_taken_of_another_file_all():
    one, other = train([1.0], name="one"), train([2.0], name="other")
    after = After(EXAMPLE, Reading(), stretch_of=other)
    after.take([one, other])
    assert (after.cell, after.reading.cells) == (other, [other])
    after = After(EXAMPLE, Reading())
    after.take([one, other])
    assert (after.cell, after.reading.cells) == (one, [one, other])
    after.take([])
    assert after.cell is None


def test_what_was_found_in_words_and_rows():
    assert change_verdict(FOUND) == ("info", " ".join(FOUND.sentences()))
    assert likely_rows(FOUND)[1:] == [
        ("g_A", "0.800", "0.50", "0.40 to 0.60"),
        ("g_H and g_Kd", "0.150", "2.00 and 0.10", "1.50 to 2.50 and 0.00 to 0.20"),
    ]
    assert change_verdict(replace(FOUND, level=0.5))[0] == "good"  # one alone
    assert change_verdict(replace(FOUND, verdict="no change needed"))[0] == "info"
    assert change_verdict(replace(FOUND, verdict="not explained"))[0] == "warn"


def test_some_models_are_tried_as_all_are_changed():
    block = generate_population({"g_s": -8, "g_u": 7}, n_models=12, seed=4)
    few = few_of(block, 0.5)
    assert few.activities == ["bursting"] * 8
    trial = try_change(few, "g_KCa", 0.0, 0.5)
    whole = scale_conductances(few.block, {"g_KCa": 0.0})
    assert trial.activities == list(whole.annotations["population_activity"])
    assert trial.activities.count("bursting") < 8
    rows = {name: values for name, *values in trial_rows(few, trial)}
    assert rows["Models"] == ["8 bursting", counted(trial.activities)]
    assert rows["Rate (Hz): median, range"][0] != rows["Rate (Hz): median, range"][1]
    same = try_change(few, "g_KCa", 1.0, 0.5)
    rows = {name: values for name, *values in trial_rows(few, same)}
    assert rows["Rate (Hz): median, range"][0] == rows["Rate (Hz): median, range"][1]
    moved = try_change(few, "g_s", -4.0, 0.5)
    np.testing.assert_allclose(moved.block.annotations["population_g_s"].magnitude, -4.0, rtol=1e-5)
    assert len(moved.members) == len(moved.activities) == moved.block.annotations["n_members"]


def counted(classes):
    return ", ".join(f"{classes.count(name)} {name}" for name in sorted(set(classes)))


def test_models_that_were_changed_before_are_told_as_they_fire_now():
    block = scale_conductances(generate_population({"g_s": -8, "g_u": 7}, n_models=40, seed=4), {"g_KCa": 0})
    few = few_of(block, 0.5)
    same = try_change(few, "g_KCa", 1.0, 0.5)
    assert same.members == list(range(8))  # of those shown, not of the population that they came from
    _, *rows = trial_rows(few, same)
    assert all(before == after for _, before, after in rows)
    assert rows[0][1] == counted(few.activities) != "8 bursting"


@pytest.mark.parametrize(("is_ticked", "together"), [(False, 1), (True, 2)])
def test_as_many_channels_change_together_as_was_ticked(is_ticked, together):
    block = generate_population({"g_s": -8, "g_u": 7}, n_models=20, seed=4)
    session = Session()
    session.result, session.after = Result(train([1.0]), Settings(), block=block), After(EXAMPLE)
    session.after.cell, session.comparing.two_channels = train([1.0]), is_ticked

    async def begin():
        session.begin_change([])
        session.close()
        while not session.change.is_over:
            await asyncio.sleep(0.01)

    asyncio.run(begin())
    assert session.change.together == together
    assert session.change.result.error


def test_only_models_that_fire_like_a_recording_are_compared():
    block = generate_population({"g_s": -8, "g_u": 7}, n_models=20, seed=4)
    assert not can_be_compared(Result(train([1.0]), Settings(), block=block))  # was not simulated
    block.annotations["population_matches"] = np.ones(20, dtype=bool)
    assert can_be_compared(Result(train([1.0]), Settings(), block=block))
    assert not can_be_compared(Result(cell_of(block), Settings(), block=block))  # holds no recording
    block.annotations["population_matches"][0] = False
    assert not can_be_compared(Result(train([1.0]), Settings(), block=block))
