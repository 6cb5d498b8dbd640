"""The page, driven through NiceGUI's simulated user, without a browser."""

import asyncio
import re
import threading
import time
import warnings

import neo
import numpy as np
import pytest
import quantities as pq

pytest.importorskip("nicegui")

from hypothesis import example, given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from nicegui import ui
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction
from support.cells import burster
from support.command_line import population
from support.page import (
    MAX_UPLOAD,
    choose,
    download,
    labelled,
    press,
    run_example,
    see,
    served,
    upload,
    visit,
)

from elephant_dic import (
    RecordingError,
    conductances,
    list_neurons,
    load_population,
    plot_detection,
    read_spiketrains,
    save_population,
)
from elephant_dic.examples import example_path
from elephant_dic.gui.recording.opened import Reading, Source
from elephant_dic.gui.recording.potential import sweeps_behind
from elephant_dic.gui.results.settings import Settings, arguments_of
from elephant_dic.gui.session import Session
from elephant_dic.gui.texts.words import THRESHOLD, with_fields
from elephant_dic.gui.widgets.jobs import StoppableThreads, work
from elephant_dic.recordings import read_signals
from elephant_dic.recordings.reading import RecordedItem
from elephant_dic.recordings.spike_detection import FLANK, MIN_HEIGHT

__all__ = ["population"]  # a fixture
SAMPLE = (
    "Members are random draws from all cells this neuron could be (half cells of ",
    " cells drawn fire like the recording",
    "Shares of all such cells: ",
    "The effective ones beside them are what the network inferred",
)
ESTIMATED = ["Effective DIC", "Time scale", "Mean", "± std", "68 % lie within"]
OWN = ["DIC", "5 %", "Median", "95 %", "Effective, mean ± std"]
BURSTS = [start + offset for start in range(0, 6000, 150) for offset in (10.0, 21.0, 33.0, 46.0)]  # ms


# --- the way through ---------------------------------------------------------------------------------------


def test_at_first_each_step_says_what_it_waits_for(tmp_path):
    async def story(user):
        await see(user, "Open the example", ui.button)
        await see(user, "Open a recording and, if it holds several cells, choose one.")
        await see(user, "The settings appear when the spikes of a cell are there.")
        await user.should_not_see(kind=ui.button, content="Run", retries=1)

    visit(tmp_path, story)


def test_the_example_is_read_looked_at_reconstructed_and_taken_away(tmp_path):
    async def story(user):
        await run_example(user)
        for text in (
            "Vm",
            "165 spikes in 6 s",
            "Bursting: groups of spikes",
            "Verified: all 5 models",
            *SAMPLE,
        ):
            await see(user, text)
        headings = [[column["label"] for column in table.columns] for table in user.find(ui.table).elements]
        for columns in (ESTIMATED, OWN):
            assert columns in headings
        for suffix in (".nix", ".nwb", ".csv", ".mat"):
            files[suffix] = await download(user, f"Population {suffix}")
        files[".html"] = await download(user, "Report")
        for kind in (".png", ".svg"):
            files[kind] = await download(user, f"Overview {kind}")

    files = {}
    visit(tmp_path, story)
    tables = []
    for suffix in (".nix", ".nwb", ".csv", ".mat"):
        path = tmp_path / f"population{suffix}"
        path.write_bytes(files[suffix])
        tables.append(conductances(load_population(path)))
    for table in tables:
        assert {name: len(values) for name, values in table.items()} == dict.fromkeys(tables[0], 5)
        for name, values in table.items():
            np.testing.assert_allclose(values.magnitude, tables[0][name].magnitude)
    report = files[".html"].decode()
    for text in (
        "Verified: all 5 models",
        *SAMPLE,
        *(f"<th>{heading}</th>" for heading in OWN),
        "The recorded unit",
        "<td>verification sample</td><td>shares (family ",
        "example.nix",
        "weights sha256",
        "<svg",
        "reconstruct(cells[0]",
        "prior=&#x27;mixture&#x27;, seed=3",
    ):
        assert text in report
    assert "{&#x27;" not in report
    assert not re.search(r'(src|href)="(?!#|data:)', report)  # needs nothing beside it
    assert files[".png"].startswith(b"\x89PNG")
    assert b"<svg" in files[".svg"]


def test_the_python_lines_make_the_same_population(tmp_path, monkeypatch):
    async def story(user):
        await run_example(user, n_models=3)
        (code,) = user.find(ui.code).elements
        lines.append(code.content)
        saved.append(await download(user, "Population .nix"))

    lines, saved = [], []
    visit(tmp_path, story)
    (tmp_path / "page.nix").write_bytes(saved[0])
    monkeypatch.chdir(tmp_path)
    exec(lines[0], {})
    here, there = (
        conductances(load_population(tmp_path / name)) for name in ("example_stg_population.nix", "page.nix")
    )
    for name, values in here.items():
        np.testing.assert_array_equal(values.magnitude, there[name].magnitude)


def test_the_neuron_that_fires_like_the_recording_is_chosen(tmp_path):
    async def story(user):
        await upload(user, "cell.csv", "\n".join(map(str, burster("pyloric"))).encode())
        await see(user, "A table of spike times does not say its unit")
        choose(user, "Unit of the times", "ms")
        press(user, "Read")
        await see(user, "Which neuron?", ui.button)
        await see(user, "What you know of the cell counts more.")
        (neuron,) = labelled(user, ui.select, "Neuron")
        assert neuron.value == "stg"
        press(user, "Which neuron?")
        await see(user, " of 48 first candidates fire like the recording")
        lines = sorted(user.find(" of 48 first candidates").elements, key=lambda each: each.id)
        assert lines[0].text.startswith("pyloric: ")
        shown = {each.text.split(":")[0] for each in lines}
        assert {"pyloric", "da", "stg"} <= shown <= set(list_neurons())
        for _ in range(100):  # what is bound follows a little later
            if neuron.value != "stg":
                break
            await asyncio.sleep(0.05)
        assert neuron.value == "pyloric"
        (prior,) = labelled(user, ui.select, "Cells it could be")
        assert prior.value == "broad"

    visit(tmp_path, story)


def test_a_saved_population_is_opened_again(tmp_path, population):
    save_population(population, tmp_path / "cell.nix")

    async def story(user):
        await upload(user, "mine.nix", (tmp_path / "cell.nix").read_bytes())
        await see(user, "mine.nix holds a population saved earlier")
        await see(user, "5 models, not verified.")
        await see(user, "This population holds no DICs inferred from spikes")
        await see(user, "Population .csv", ui.button)
        await user.should_not_see("The same in Python", retries=1)  # how it was made is not known here

    visit(tmp_path, story)


def test_a_table_is_read_once_its_unit_is_chosen(tmp_path):
    async def story(user):
        await upload(user, "spikes.csv", "\n".join(map(str, BURSTS)).encode())
        await see(user, "A table of spike times does not say its unit")
        press(user, "Read")
        await user.should_not_see("Bursting: groups of spikes", retries=3)
        choose(user, "Unit of the times", "ms")
        press(user, "Read")
        await see(user, f"{len(BURSTS)} spikes")
        await see(user, "Nothing speaks against this being the spikes of one cell")
        await see(user, "Bursting: groups of spikes")
        await see(user, "By these figures models are compared")
        await see(user, "give “End of what is read” if you know it")

    visit(tmp_path, story)


def test_the_threshold_is_adjusted(tmp_path):
    async def story(user):
        press(user, "Open the example")
        await see(user, "detected at 0.1 mV")
        choose(user, "Threshold (mV)", 30)
        press(user, "Read again")
        await see(user, "detected at 30.0 mV")
        choose(user, "Threshold (mV)", 300)
        press(user, "Read again")
        await see(user, "no action potential crosses the threshold of 300.0 mV")
        await see(user, "in which no spike was found")  # the potential is still there to look at
        await user.should_not_see(kind=ui.button, content="Run", retries=1)

    visit(tmp_path, story)


def test_one_cell_of_several_is_chosen(tmp_path):
    rows = ["\n".join(["slow,fast"] + [f"{100.0 * k},{20.0 * k}" for k in range(1, 51)])]

    async def story(user):
        await upload(user, "two.csv", rows[0].encode())
        await see(user, "A table of spike times does not say its unit")
        choose(user, "Unit of the times", "ms")
        press(user, "Read")
        await see(user, "Choose a cell")
        table = max(user.find(ui.table).elements, key=lambda each: each.id)
        picked = {"added": True, "rows": [table.rows[1]], "keys": [1]}
        UserInteraction(user, {table}, None).trigger("selection", picked)
        await see(user, "50 spikes in")

    visit(tmp_path, story)


# --- what can go wrong -------------------------------------------------------------------------------------

BAD_FILES = {
    "empty.csv": b"",
    "noise.nix": bytes(range(256)) * 8,
    "noise.abf": bytes(range(256)) * 8,
    "noise.nwb": bytes(range(256)) * 8,
    "noise.mat": bytes(range(256)) * 8,
    "noise.smr": bytes(range(256)) * 8,
    "cell.pkl": b"cos\nsystem\n",
    "letter.docx": b"Dear all",
    "no_suffix": b"1 2 3",
}


def test_bad_files_are_named_and_the_page_lives_on(tmp_path):
    async def story(user):
        for name, content in BAD_FILES.items():
            await upload(user, name, content)
            if name.endswith(".csv"):
                await see(user, "A table of spike times does not say its unit")
                choose(user, "Unit of the times", "ms")
                press(user, "Read")
            await see(user, f"{name}: ")
            await user.should_not_see("Something went wrong that should not have", retries=1)
        press(user, "Open the example")
        await see(user, "165 spikes in 6 s")

    visit(tmp_path, story)


def test_trains_that_cannot_be_used_say_why(tmp_path):
    async def story(user):
        await upload(user, "few.csv", b"10\n20\n")
        await see(user, "A table of spike times does not say its unit")
        choose(user, "Unit of the times", "ms")
        press(user, "Read")
        await see(user, "These spikes cannot be used: ")
        await see(user, "The settings appear when the spikes of a cell are there.")

    visit(tmp_path, story)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"n_models": 0}, "The number of models must be a whole number from 1 to 5,000."),
        ({"n_models": None}, "The number of models must be a whole number from 1 to 5,000."),
        ({"n_models": 5001}, "The number of models must be a whole number from 1 to 5,000."),
        ({"tolerance": 0.8}, "The tolerance must be from 1 % to 50 %."),
        ({"tolerance": None}, "The tolerance must be from 1 % to 50 %."),
        ({"n_models": 2.5}, "The number of models must be a whole number from 1 to 5,000."),
        ({"seed": -1}, f"The seed must be a whole number from 0 to {2**53:,}, or empty."),
    ],
)
def test_settings_out_of_range(wrong, complaint):
    assert arguments_of(Settings(**wrong)) == ({}, complaint)


def test_a_train_of_another_kind_of_cell_is_marked_and_ways_out_are_named(tmp_path):
    clock = "\n".join(f"{2.0 * k}" for k in range(1000)).encode()  # 500 Hz

    async def story(user):
        await upload(user, "clock.csv", clock)
        await see(user, "A table of spike times does not say its unit")
        choose(user, "Unit of the times", "ms")
        press(user, "Read")
        await see(user, "Number of models", ui.number)
        choose(user, "Number of models", 3)
        press(user, "Run")
        await see(user, "Out of the range of this neuron: ")
        await see(user, "What to try: ")
        await see(user, "Not reproduced.")
        await see(user, "Population .csv", ui.button)

    visit(tmp_path, story)


def test_a_doubtful_unit_is_marked(tmp_path):
    times = sorted([*BURSTS, *(time + 1.0 for time in BURSTS[:20])])  # 20 intervals of 1 ms

    async def story(user):
        await upload(user, "mixed.csv", "\n".join(map(str, times)).encode())
        await see(user, "A table of spike times does not say its unit")
        choose(user, "Unit of the times", "ms")
        press(user, "Read")
        await see(user, "Not to be taken for the spikes of one cell: ")
        await see(user, "20 from 0.5 to 1.5 ms")

    visit(tmp_path, story)


# --- what is whose -----------------------------------------------------------------------------------------


def test_the_page_leaves_the_warnings_of_the_process_alone(tmp_path):
    async def story(user):
        await run_example(user)
        assert warnings.showwarning is hook

    hook, filters = warnings.showwarning, list(warnings.filters)
    visit(tmp_path, story)
    assert warnings.showwarning is hook
    assert warnings.filters == filters


def test_two_visitors_see_only_their_own(tmp_path):
    async def live():
        async with served(tmp_path) as first:
            second = User(first.http_client)
            await first.open("/")
            await second.open("/")
            tables = {first: BURSTS, second: [25.0 * k for k in range(1, 41)]}
            await asyncio.gather(
                *(
                    upload(user, "mine.csv", "\n".join(map(str, times)).encode())
                    for user, times in tables.items()
                )
            )
            for user in tables:
                await see(user, "A table of spike times does not say its unit")
                choose(user, "Unit of the times", "ms")
                press(user, "Read")
            await see(first, "160 spikes in")
            await see(second, "40 spikes in")
            await first.should_not_see("40 spikes in", retries=1)
            await second.should_not_see("160 spikes in", retries=1)

    asyncio.run(live())


@given(st.text(max_size=60))
@example("../../evil.csv")
@example("..\\evil.NIX")
@example("/etc/passwd")
@example("a\0b.abf")
@example(".nix")
@example("x" * 300 + ".csv")
def test_names_of_uploads_never_become_paths(name):
    session = Session()
    try:
        place = session.place_for(name)
        assert place.resolve().is_relative_to(session.folder.resolve())
        assert place.parent.parent == session.folder
        assert re.fullmatch(r"uploaded_recording(\.[a-z0-9]{1,10})?", place.name)
        place.write_bytes(b"x")
    finally:
        session.close()


def test_an_upload_goes_when_another_file_is_opened_and_the_folder_with_the_visitor():
    session = Session()
    first, second = session.place_for("a.csv"), session.place_for("a.csv")
    assert first.parent != second.parent
    for place in (first, second):
        place.write_text("1\n2\n")
    session.open(Source(first, "a.csv"))
    session.open(Source(second, "a.csv"))
    assert not first.exists()
    assert second.exists()
    session.close()
    assert not session.folder.exists()


# --- who is let in -----------------------------------------------------------------------------------------


def test_only_this_machine_by_its_own_name(tmp_path, capsys):
    async def live():
        async with served(tmp_path) as user:
            for host, status in (("127.0.0.1:8765", 200), ("localhost", 200), ("evil.example", 400)):
                answer = await user.http_client.get("/", headers={"Host": host})
                assert answer.status_code == status

    asyncio.run(live())
    assert "warning" not in capsys.readouterr().err


def test_listening_to_others_is_warned_of(tmp_path, capsys):
    async def live():
        async with served(tmp_path, host="0.0.0.0") as user:
            assert (await user.http_client.get("/", headers={"Host": "lab-pc"})).status_code == 200

    asyncio.run(live())
    assert "warning: listening on 0.0.0.0: everyone who reaches this machine" in capsys.readouterr().err


def test_large_uploads_are_refused_whatever_the_browser_says(tmp_path):
    async def unknown_size():
        yield b"x"

    async def live():
        async with served(tmp_path) as user:
            await user.open("/")
            (uploader,) = user.find(ui.upload).elements
            url, post = uploader.props["url"], user.http_client.post
            assert (await post(url, files={"f": ("a.csv", b"1\n2\n")})).status_code == 200
            large = b"0" * int(MAX_UPLOAD * 1e6 + 200_000)
            assert (await post(url, files={"f": ("a.csv", large)})).status_code == 413
            assert (await post(url, content=unknown_size())).status_code == 413

    asyncio.run(live())


# --- work beside the page ----------------------------------------------------------------------------------


def _warn_and_return(text):
    for _ in range(20):
        warnings.warn(text, UserWarning, stacklevel=1)
        time.sleep(0.001)
    return text


def test_warnings_stay_with_the_work_that_raised_them():
    async def live():
        return await asyncio.gather(*(work(_warn_and_return, text) for text in "abcd"))

    outcomes = asyncio.run(live())
    assert [(each.value, each.warnings) for each in outcomes] == [(t, (t,)) for t in "abcd"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("too few spikes"), "too few spikes"),
        (MemoryError(), "There is not enough memory"),
        (KeyboardInterrupt(), "Stopped before there was a result."),
        (ZeroDivisionError("by 0"), "Something went wrong that should not have: ZeroDivisionError: by 0"),
    ],
)
def test_errors_are_messages(error, words):
    def fail():
        raise error

    assert asyncio.run(work(fail)).error.startswith(words)


def test_a_stopped_executor_starts_nothing_more():
    stop = threading.Event()
    with StoppableThreads(stop) as threads:
        assert threads.submit(lambda: 7).result() == 7
        stop.set()
        with pytest.raises(KeyboardInterrupt):
            threads.submit(lambda: 7).result()


def test_arguments_are_called_like_the_fields_of_the_page():
    text = "its t_stop is a guess; pass t_stop= if you know it, or events=True; give time_unit, e.g. ms"
    assert with_fields(text) == (
        "its t_stop is a guess; give “End of what is read” if you know it, or “Read event channels as "
        "spikes”; give “Unit of the times”, e.g. ms"
    )


# --- the potential behind the spikes -----------------------------------------------------------------------


def test_the_words_on_the_detection_name_its_rule():
    rule = f"rises by {MIN_HEIGHT:g} mV and falls back within {1e3 * FLANK:g} ms"
    assert rule in THRESHOLD
    assert THRESHOLD.startswith("Spikes of a membrane potential are found in each sweep by itself")


def test_the_signal_of_a_detected_train_is_read():
    (cell,) = read_spiketrains(example_path())
    (signal,) = read_signals(example_path(), channel=cell.annotations["channel"])
    assert signal.shape == (60_000, 1)
    volts, times = signal.rescale("mV").magnitude[:, 0], cell.times.rescale("s").magnitude
    level = float(cell.annotations["threshold"].rescale("mV"))
    before = (times * float(signal.sampling_rate.rescale("Hz"))).astype(int)
    assert np.all(volts[before] <= level)
    assert np.all(volts[before + 1] >= level)
    with pytest.raises(RecordingError, match="example.nix: there is no channel 'Im'"):
        read_signals(example_path(), channel="Im")
    with pytest.raises(RecordingError, match="there is no sweep 3"):
        read_signals(example_path(), channel="Vm", sweep=3)


def test_a_long_potential_keeps_its_spikes():
    volts = np.full((100_000, 1), -60.0)
    volts[[777, 50_000]] = 30.0
    signal = neo.AnalogSignal(volts, units="mV", sampling_rate=10 * pq.kHz, name="Vm")
    train = neo.SpikeTrain([0.0777, 5.0], units="s", t_stop=10.0, threshold=-10 * pq.mV)
    axes = plot_detection(signal, train, axes=Figure().add_subplot())
    trace, level, ticks = axes.lines
    assert len(trace.get_xdata()) <= 2 * 4000
    peaks = trace.get_xdata()[trace.get_ydata() == 30.0]
    np.testing.assert_allclose(peaks, [0.0777, 5.0], atol=10 / 4000)
    assert set(level.get_ydata()) == {-10.0}
    np.testing.assert_allclose(ticks.get_xdata(), [0.0777, 5.0])
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Time (s)", "Vm (mV)")
    with pytest.raises(ValueError, match="no samples from 20 to 21 s: it lasts 10 s"):
        plot_detection(signal, axes=axes, start=20 * pq.s, duration=1 * pq.s)


def test_which_signal_is_shown_without_a_cell():
    def item(name, n_sweeps=1):
        return RecordedItem("signal", name, name, n_sweeps, 1 * pq.s, "mV", 10 * pq.kHz)

    assert sweeps_behind(Reading(items=[item("Vm", 2)]), None) == ("Vm", {0: None, 1: None})
    two = [item("V1"), item("V2")]
    assert sweeps_behind(Reading(items=two), None) == (None, {})
    assert sweeps_behind(Reading({"channel": "V2"}, two), None) == ("V2", {0: None})
    sorted_unit = neo.SpikeTrain([1.0], units="s", t_stop=2.0)
    assert sweeps_behind(Reading(items=two, cells=[sorted_unit]), sorted_unit) == (None, {})
