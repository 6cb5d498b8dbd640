"""The recording on the page: what the pointer tells is read; cells are listed, and all of them run."""

import asyncio
import csv
import io
import zipfile

import numpy as np
import pytest
from nicegui import ui
from nicegui.testing.user_interaction import UserInteraction
from support.page import choose, download, labelled, press, see, upload, visit
from support.sessions import regular, write_units
from support.vendor_files import membrane_potential, write_abf2

from elephant_dic import conductances, load_population, provenance
from elephant_dic.gui.recording.trace_chart import TraceChart

BURSTS = [
    1000 * start + offset for start in np.arange(0, 8, 0.2) for offset in (10.0, 21.0, 33.0, 46.0)
]  # ms


def tell(user, kind, **args):
    """Let the chart tell what the pointer did, as its JavaScript does."""
    chart = max(user.find(TraceChart).elements, key=lambda each: each.id)
    UserInteraction(user, {chart}, None).trigger(kind, args)


def chart_of(user):
    return max(user.find(TraceChart).elements, key=lambda each: each.id)


def value_of(user, label):
    (field,) = labelled(user, ui.number, label)
    return field.value


def test_a_rejected_spike_is_left_out_of_all_that_follows(tmp_path, monkeypatch):
    async def story(user):
        press(user, "Open the example")
        await see(user, "165 spikes in 6 s")
        tell(user, "pick", time=3.0, reach=2.0)
        await see(user, "spikes lie within reach of the pointer: zoom in first")
        spikes = chart_of(user).props["picture"]["spikes"]
        for spike in spikes[9:11]:
            tell(user, "pick", time=spike + 0.0004, reach=0.001)
        await see(user, "2 spikes rejected")
        await see(user, "163 spikes in 6 s")
        assert chart_of(user).props["picture"]["rejected"] == spikes[9:11]
        tell(user, "pick", time=spikes[10], reach=0.001)
        await see(user, "1 spike rejected")
        await see(user, "164 spikes in 6 s")
        choose(user, "Threshold (mV)", 5)  # it stays rejected
        press(user, "Read again")
        await see(user, "detected at 5.0 mV")
        await see(user, "164 spikes in 6 s")
        await see(user, "Number of models", ui.number)
        choose(user, "Number of models", 3)
        choose(user, "Seed", 3)
        press(user, "Run")
        await see(user, "The same in Python")
        (code,) = user.find(ui.code).elements
        found.append(code.content)
        found.append(await download(user, "Population .nix"))
        press(user, "Take back")
        await see(user, "165 spikes in 6 s")

    found = []
    visit(tmp_path, story)
    lines, content = found
    (tmp_path / "page.nix").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    assert "cells[0] = without_spikes(cells[0], [" in lines
    made = {}
    exec(lines, made)
    block = load_population(tmp_path / "page.nix")
    (source,) = provenance(block)["source"]
    assert source["rejected_spikes"].endswith(" s")
    assert provenance(made["block"])["source"] == [source]
    for name, values in conductances(block).items():
        np.testing.assert_array_equal(values.magnitude, conductances(made["block"])[name].magnitude)


def test_the_threshold_and_the_stretch_follow_the_pointer(tmp_path):
    async def story(user):
        press(user, "Open the example")
        await see(user, "165 spikes in 6 s")
        first = chart_of(user)
        tell(user, "threshold", value=12.3456)
        await see(user, "detected at 12.3 mV")
        assert value_of(user, "Threshold (mV)") == pytest.approx(12.3)
        assert first._trace is None  # a recording is not kept for each time that it was read
        tell(user, "view", start=1.0, stop=3.0, width=500)
        tell(user, "stretch", start=1.50004, stop=2.49996)
        await see(user, "in 1 s")
        assert value_of(user, "Start of what is read (s)") == 1.5
        assert value_of(user, "End of what is read (s)") == 2.5
        chart = chart_of(user)
        assert chart.props["stretch"] == [1.5, 2.5]
        assert chart.props["view"] == [1.0, 3.0]  # it stays where it was
        spikes = chart.props["picture"]["spikes"]
        assert spikes[0] < 1.5 < 2.5 < spikes[-1]  # what is not read is still seen
        choose(user, "Start of what is read (s)", 0.5)  # the other way round
        choose(user, "Threshold (mV)", -5)
        assert (chart.props["stretch"], chart.props["threshold"]) == ([0.5, 2.5], -5)
        press(user, "Read all of it")
        await see(user, "165 spikes in 6 s")
        assert value_of(user, "Start of what is read (s)") is None

    visit(tmp_path, story)


def test_each_sweep_is_shown_with_its_current(tmp_path):
    volts = np.stack([membrane_potential([], 0.3), membrane_potential([0.12, 0.15, 0.18], 0.3)])
    epochs = [(1, 0, 0, 2000, 0), (1, -20, 60, 2000, 0)]
    write_abf2(tmp_path / "two.abf", {("Vm", "mV"): volts}, 20e3, outputs=[{"epochs": epochs}])

    async def story(user):
        await upload(user, "two.abf", (tmp_path / "two.abf").read_bytes())
        await see(user, "Sweeps under current steps")
        (sweep,) = labelled(user, ui.select, "Sweep")
        assert sweep.value == 1  # the first that fires
        picture = chart_of(user).props["picture"]
        assert len(picture["spikes"]) == 3
        assert set(picture["current"]) == {0.0, 40.0}
        choose(user, "Sweep", 0)
        for _ in range(100):
            if chart_of(user).props["picture"]["spikes"] == []:
                break
            await asyncio.sleep(0.05)
        assert set(chart_of(user).props["picture"]["current"]) == {0.0, -20.0}

    visit(tmp_path, story)


def test_all_cells_are_run_and_one_of_them_is_shown(tmp_path):
    units = {"tonic": regular(150.0), "few": [100.0, 300.0], "bursting": BURSTS}
    content = write_units(tmp_path / "units.csv", units).read_bytes()

    async def story(user):
        await upload(user, "units.csv", content)
        await see(user, "A table of spike times does not say its unit")
        choose(user, "Unit of the times", "ms")
        press(user, "Read")
        await see(user, "Choose a cell")
        await see(user, "60 spikes in")  # the first is shown
        await see(user, "Number of models", ui.number)
        choose(user, "Number of models", 3)
        choose(user, "Seed", 5)
        press(user, "Run all 3 cells")
        await see(user, "3 of 3 cells done")
        await see(user, "Table .csv", ui.button)
        table = max(user.find(ui.table).elements, key=lambda each: each.id)
        told = {row["cell"]: row for row in table.rows}
        assert list(told) == ["tonic", "few", "bursting"]
        assert (told["tonic"]["activity"], told["tonic"]["models"]) == ("tonic", "3 of 3")
        assert "too few spikes" in told["few"]["told"]
        files["csv"] = await download(user, "Table .csv")
        files["zip"] = await download(user, "All populations .zip")
        UserInteraction(user, {table}, None).trigger("rowClick", [{}, {"index": 2}, 2])
        await see(user, "160 spikes in")
        await see(user, "The same in Python")
        (code,) = user.find(ui.code).elements
        lines.append(code.content)

    files, lines = {}, []
    visit(tmp_path, story)
    rows = list(csv.DictReader(io.StringIO(files["csv"].decode())))
    assert [row["cell"] for row in rows] == ["tonic", "few", "bursting"]
    with zipfile.ZipFile(io.BytesIO(files["zip"])) as archive:
        assert sorted(archive.namelist()) == sorted(["session.csv", rows[0]["block"], rows[2]["block"]])
    assert "reconstruct(cells[2], neuron='stg', n_models=3" in lines[0]
    assert f"seed={rows[2]['seed']}" in lines[0]
