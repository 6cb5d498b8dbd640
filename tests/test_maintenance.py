"""What the maintainers' scripts say: golden values, bounds of the reproduction, training, pinned tools."""

import importlib
import importlib.util
import json
import re
import sys
import warnings
from pathlib import Path

import neo
import numpy as np
import pytest
from support.golden import FOLDER, golden_cells, golden_dics

from elephant_dic import get_neuron
from elephant_dic.inference import infer
from elephant_dic.neurons.plain_equations import initial_state, slope
from elephant_dic.training.sets import make_chunk, save_whole
from elephant_dic.trains import MOST_WINDOWS

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"
pytestmark = pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="no checkout: the scripts are not installed")


@pytest.fixture
def script(monkeypatch):
    """Loads a script of benchmarks/ as a module, by its path without suffix."""

    def load(name):
        path = BENCHMARKS / f"{name}.py"
        monkeypatch.syspath_prepend(str(BENCHMARKS))
        spec = importlib.util.spec_from_file_location(name.replace("/", "_"), path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
        return module

    return load


# Golden values


@pytest.mark.parametrize("name", ["stg", "da"])
def test_dics_by_finite_differences_are_the_golden_ones(script, name):
    """All rows: the script's rule, written without derivatives, and the stored values check each other."""
    dics, neuron = script("golden/dics").dics, get_neuron(name)
    for cell, voltage, expected in zip(*golden_dics(name), strict=True):
        rtol = 1e-8 if name == "stg" or voltage == neuron.threshold_voltage else 3e-5
        assert dics(neuron, cell, voltage) == pytest.approx(expected, rel=rtol)


def test_golden_dics_of_da_come_from_the_time_constant_with_the_pole(script):
    golden = script("golden/dics")
    neuron = golden.with_pole(get_neuron("da"))
    for cell, voltage, expected in zip(*golden_dics("da"), strict=True):
        assert golden.dics(neuron, cell, voltage) == pytest.approx(expected, rel=1e-8)


def test_shares_of_a_time_constant(script):
    shares = script("golden/dics").shares
    references = (1.0, 10.0, 1000.0)
    for tau, expected in (
        (0.5, (1, 0, 0)),
        (10.0, (0, 1, 0)),
        (10**0.5, (0.5, 0.5, 0)),
        (100.0, (0, 0.5, 0.5)),
    ):
        assert shares(tau, references) == pytest.approx(expected)
    assert shares(1e5, references) == pytest.approx((0, 0, 1))


def test_spike_times_are_made_again(script):
    """The first ones of a tonic cell, which NEURON was asked for too."""
    neuron, kept = get_neuron("stg"), json.loads((FOLDER / "neuron_spike_times.json").read_text())["stg"][0]
    values = dict(zip(neuron.conductance_names, golden_cells("stg")[0][kept["cell"]], strict=True))
    cell = {"conductances_mS_per_cm2": values, "duration_ms": 120.0, "discard_ms": 50.0}
    found = script("golden/spike_times").spike_times(neuron, cell)
    assert found == pytest.approx([time for time in kept["spike_times_ms"] if 50 < time < 120], abs=2e-3)
    assert len(found) == 2


def test_differences_are_told_in_words(script):
    difference = script("golden/spike_times").difference
    assert difference([1000.0, 2000.0], [1000.0, 2001.0]) == (
        "2 spikes, largest difference 1.000 ms, 5.0e-04 of the time"
    )
    assert difference([1000.0], [1000.0, 2000.0]) == "1 spikes stored, 2 found"


# Other integrators


@pytest.mark.parametrize("name", ["stg", "da", "pyloric"])
def test_equations_are_written_down_as_they_are(script, name):
    """The text that LSODA compiles, run as it is, at states far from rest."""
    neuron, names = get_neuron(name), {"np": np}
    exec(script("peers/with_lsoda").text_of(neuron), names)
    rng, start = np.random.default_rng(0), np.array(initial_state(neuron), dtype=float)
    for voltage in (-90.0, -51.3, 12.0):
        state = start * rng.uniform(0.5, 1.5, len(start))
        state[0] = voltage
        cell = rng.uniform(0.01, 100, len(neuron.channels))
        assert names["slopes"](state, 0.0, cell) == pytest.approx(slope(neuron, cell, state), rel=1e-12)


def test_spike_times_of_lsoda_are_those_of_neuron(script):
    kept = json.loads((FOLDER / "neuron_spike_times.json").read_text())["stg"][0]
    table = golden_cells("stg")[0][[kept["cell"]]]
    (times,) = script("peers/with_lsoda").simulate(get_neuron("stg"), table, 1000)
    assert times == pytest.approx(kept["spike_times_ms"], abs=2e-3)


def test_a_mechanism_has_the_states_of_the_neuron(script):
    """What NEURON compiles; that its spikes are those of LSODA, `integrators` shows."""
    script("peers/with_lsoda")
    neuron = get_neuron("pyloric")
    made = importlib.import_module("peers.written_out").mechanism(neuron)
    assert made["channels"] == [channel.name for channel in neuron.channels]
    assert made["voltage"] == -70
    (states,) = re.findall(r"STATE \{ (.*?) \}", made["text"])
    assert len(states.split()) == len(initial_state(neuron)) - 1
    for state in states.split():
        assert re.search(rf"^    {state} = [\d.e-]+$", made["text"], re.M), state  # its start
        assert re.search(rf"^    {state}' = d\d+$", made["text"], re.M), state
    assert not re.search(r"np\.|\*\*| if .* else ", made["text"])
    assert max(map(len, made["text"].splitlines())) < 200  # longer ones are refused


def test_a_spike_is_an_upward_crossing(script):
    """Of 10 mV, by 60 sin(t / 5)."""
    times = np.arange(0.0, 100.0, 0.05)
    found = script("peers/with_lsoda").upward_crossings(times, 60 * np.sin(times / 5), 10.0)
    assert found == pytest.approx(5 * (np.arcsin(1 / 6) + 2 * np.pi * np.arange(4)), abs=1e-6)


# Recordings of cells for the benchmarks of the regressor


def test_estimates_are_of_the_cleaned_train(script):
    """As `infer_dics` takes it: each spike once, cut at a gap."""
    sets, times = script("evaluation_sets"), 40.0 + 70 * np.arange(60)
    trains = [times, times[:3], np.sort([*times, *(times[5:15] + 0.3)]), np.r_[times, times + 9000]]
    found = sets.EvaluationSet(get_neuron("stg"), np.zeros((4, 3)), np.ones(4, dtype=bool), {"x": trains})
    rows, estimates = sets.estimates_of(found, "x", sets.regressor_of("stg"))
    assert rows.tolist() == [0, 2, 3]
    for row, estimate in zip(rows, estimates, strict=True):
        spiketrain = neo.SpikeTrain(trains[row], units="ms", t_stop=trains[row][-1] + 1)
        assert estimate.mean == pytest.approx(infer(spiketrain, get_neuron("stg")).estimate.mean)
    assert estimates[1].mean == pytest.approx(estimates[0].mean)


def test_times_are_rounded_to_samples(script):
    times = script("evaluation_sets").rounded(np.array([0.12, 0.13, 1.01, 1.03]), 0.05)
    assert times == pytest.approx([0.1, 0.15, 1.0, 1.05])


def test_table_of_the_integrators(script, capsys):
    """One tonic and one bursting cell; of the tonic one there is no train from elsewhere."""
    integrators = script("integrators")

    class Estimate:
        def __init__(self, error):
            self.mean = np.array([0, error, 2 * error])

        def probability_below(self, dics):
            return np.array([0.5, 0.83, 0.85])

    class Regressor:
        def estimate(self, features):
            return [Estimate(next(errors)) for _ in features]

    train = np.arange(0.0, 1000.0, 50.0)
    inputs = {"steady": [train, train], "elsewhere": [train[:0], train]}
    found = integrators.EvaluationSet(get_neuron("stg"), np.zeros((2, 3)), np.array([True, False]), inputs)
    errors = iter((1.0, 2.0, 1.0, 2.0, 3.0))
    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the mean of nothing
        integrators.print_table(found, Regressor())
    steady, elsewhere = capsys.readouterr().out.splitlines()[-2:]
    assert "| 1.00 / 2.00 | 1.000 / 1.000 | 100.0 / 0.0 | 2.00 / 4.00 |" in steady
    assert elsewhere.endswith("| 3.00 / 6.00 | 1.500 / 1.500 | 100.0 / 0.0 | 0, 1 |")


def test_simulations_are_made_once(script, tmp_path):
    kept, trains = script("integrators").kept, [np.array([1.5, 2.0]), np.array([]), np.array([3.0])]
    for make in (lambda: trains, None):
        found = kept(tmp_path / "run.npz", make)
        assert [times.tolist() for times in found] == [times.tolist() for times in trains]


# Bounds of the reproduction


def lines(share, judged, n_simulated):
    return {"tonic": [{"share": share, "judged": judged, "n_simulated": n_simulated, "n_models": 20}] * 2}


def test_figures_of_a_row(script):
    figures = script("reproduction").quick_figures
    by_class = {
        "tonic": [{"share": 1.0, "judged": 1.0, "n_simulated": 40, "n_models": 20}],
        "bursting": [{"share": 0.0, "judged": None, "n_simulated": 120, "n_models": 20}],
    }
    expected = {"share": 0.5, "members that are right": 1.0, "simulations a model": 4.0}
    assert figures(by_class) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (lines(0.9, 0.9, 200), True),
        (lines(0.89, 0.95, 200), False),
        (lines(0.95, 0.89, 200), False),
        (lines(0.95, 0.95, 201), False),
        (lines(0.0, None, 100), False),
    ],
)
def test_a_missed_bound_fails(script, tmp_path, monkeypatch, found, kept):
    reproduction = script("reproduction")
    bounds = {
        "share": ["at least", 0.9],
        "members that are right": ["at least", 0.9],
        "simulations a model": ["at most", 10],
    }
    path = tmp_path / "bounds.json"
    path.write_text(json.dumps({"STG": bounds}), encoding="utf-8")
    monkeypatch.setattr(reproduction, "BOUNDS", path)
    assert reproduction.check_bounds({"STG": found}) is kept


def test_there_are_bounds_of_each_figure_of_each_row(script):
    reproduction = script("reproduction")
    bounds = json.loads(reproduction.BOUNDS.read_text(encoding="utf-8"))
    assert list(bounds) == list(reproduction.QUICK_TARGETS) == list(reproduction.ROWS)
    for sides in bounds.values():
        assert set(sides) == set(reproduction.quick_figures(lines(1.0, 1.0, 1)))
        assert all(side in ("at least", "at most") for side, _ in sides.values())


# Training again


@pytest.mark.parametrize("name", ["stg", "da", "pyloric"])
def test_a_network_is_trained_again_as_its_card_says(script, name):
    retrain = script("retrain")
    card = json.loads((ROOT / "elephant_dic" / "weights" / f"{name}.json").read_text(encoding="utf-8"))
    options = retrain.options_of(card)
    assert set(options) == {"n_cells", "duration", "epochs", "seed"}
    assert options["seed"] == card["seed"]
    assert options["n_cells"] == card["n_cells_simulated"]
    assert options["epochs"] == len(card["loss"]["training"])
    assert options["duration"] >= MOST_WINDOWS * get_neuron(name).training.window


def test_a_library_is_chosen_again_as_the_one_that_is_there_was(script, tmp_path, capsys):
    retrain = script("retrain")
    (tmp_path / "set").mkdir()
    save_whole(tmp_path / "set" / "chunk_0000.npz", **make_chunk(get_neuron("scn"), 24, 9000.0, 1, 0))
    retrain.make_library("scn", tmp_path)
    with np.load(tmp_path / "scn-library.npz") as new:
        command = str(new["command"])
        assert len(new["activity"])
    assert command == "train_library('scn', 1 chunks of its set, n_cells=15000, seed=0)"
    assert "at most 15,000, seed 0" in capsys.readouterr().out
    retrain.make_library("stg", tmp_path)  # comes with none
    assert [path.name for path in tmp_path.glob("*.npz")] == ["scn-library.npz"]


def test_the_command_in_a_card_is_read_with_and_without_a_unit(script):
    options_of = script("retrain").options_of
    plain = "train_regressor('stg', …, n_cells=2000, duration=18000.0, epochs=3, seed=7)"
    expected = {"n_cells": 2000, "duration": 18000.0, "epochs": 3, "seed": 7}
    assert options_of({"command": plain}) == expected
    assert options_of({"command": plain.replace("18000.0", "18000.0 * pq.ms")}) == expected


def test_the_whole_network_is_compared_on_the_same_cells(script):
    """Estimates that are exact have no error, and hold too much in their intervals."""
    retrain = script("retrain")
    from evaluation_sets import EvaluationSet

    class Exact:
        def __init__(self, dics):
            self.mean = dics

        def probability_below(self, dics):
            return np.full(3, 0.5)

    class Regressor:
        def estimate(self, features):
            return [Exact(row) for row in truth[: len(features)]]

    truth = np.arange(12.0).reshape(4, 3)
    trains = [np.arange(0.0, 1000.0, 50.0)] * 4
    found = EvaluationSet(get_neuron("stg"), truth, np.array([True, True, False, False]), {"steady": trains})
    errors, n_off, n = retrain.measure(found, "steady", Regressor(), np.random.default_rng(0))
    assert errors == pytest.approx([0, 0])
    assert (n_off, n) == (8, 8)  # all lie inside, where 68 and 95 % should


# Tools


def test_style_and_types_are_pinned_in_one_place():
    pins = re.findall(r"^    (ruff|mypy) == [\d.]+$", (ROOT / "setup.cfg").read_text(encoding="utf-8"), re.M)
    assert sorted(pins) == ["mypy", "ruff"]
    others = [ROOT / "pyproject.toml", ROOT / ".pre-commit-config.yaml", *(ROOT / ".github").rglob("*.yml")]
    for path in others:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(ruff|mypy)\s*[=<>~]=", text), path


# Whether populations contain the cell


def test_scores_of_populations_by_hand(script):
    truth = script("truth")
    assert truth.inside(np.array([0.5, 9.0]), np.array([[0.0, 0.0], [1.0, 1.0]]), 0.9) == [True, False]
    assert truth.crps(np.array([2.0]), 5.0) == 3
    assert truth.crps(np.array([0.0, 2.0]), 1.0) == pytest.approx(1 - 0.5)


def test_rank_of_a_truth_among_members(script):
    rank, rng = script("truth").mahalanobis_rank, np.random.default_rng(0)
    members = np.column_stack([rng.normal(1, 0.1, (50, 2)), np.full(50, 7.0)])  # one does not vary
    assert rank(np.array([1.0, 1.0, 7.0]), members) < 0.1
    assert rank(np.array([3.0, 1.0, 7.0]), members) == 1
    ranks = [rank(np.append(rng.normal(1, 0.1, 2), 7.0), members) for _ in range(40)]
    assert 0.3 < np.mean(ranks) < 0.7


def test_halved_conductances_and_currents_change_what_a_cell_does(script):
    cells = script("truth_cells")
    neuron, table = get_neuron("stg"), golden_cells("stg")[0][:1]
    assert len(cells.channels(neuron)) == 7
    still = cells.rates(neuron, table)
    assert cells.rates(neuron, table, np.array([1e-9])) == pytest.approx(still, rel=0.05)
    assert cells.rates(neuron, table, -30.0)[0] == 0
