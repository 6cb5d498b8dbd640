"""Populations of cells that have voltages beside conductances: given, changed, in files, and in pictures."""

import json

import numpy as np
import pandas
import pytest
import quantities as pq

from elephant_dic import (
    compute_dics,
    conductances,
    get_neuron,
    load_population,
    neuromodulate,
    plot_conductances,
    plot_correlations,
    plot_member_conductances,
    population_from_conductances,
    save_population,
    scale_conductances,
    simulate_population,
)
from elephant_dic.neurons import dics_of
from elephant_dic.populations import conductance_table, member_dics, select_members

CORTICAL = get_neuron("cortical")
CELLS = np.array(
    [
        [50.0, 5.0, 0.07, 0.02, 0.05, 0.05, 10.0, 0.1, 0.01, -58.0, -68.0],
        [60.0, 6.0, 0.05, 0.04, 0.10, 0.04, 20.0, 0.2, 0.02, -52.0, -72.0],
        [40.0, 4.0, 0.09, 0.01, 0.02, 0.06, 5.0, 0.3, 0.03, -60.5, -80.0],
    ]
)
COLUMNS = dict(zip(CORTICAL.column_names, CELLS.T, strict=True))


@pytest.fixture
def block():
    return population_from_conductances(COLUMNS, CORTICAL)


def test_columns_are_taken_by_name(block):
    names, table = conductance_table(block)
    assert names == CORTICAL.column_names
    assert (table == CELLS).all()
    found = conductances(block)
    assert [str(found[name].dimensionality) for name in ("g_Na", "V_T")] == ["mS/cm**2", "mV"]
    assert member_dics(block) == pytest.approx(dics_of(CORTICAL, CELLS))
    assert compute_dics(COLUMNS, CORTICAL) == pytest.approx(member_dics(block))


def test_without_them_they_are_as_declared():
    plain = {name: COLUMNS[name] for name in CORTICAL.conductance_names}
    table = conductance_table(population_from_conductances(plain, CORTICAL))[1]
    assert (table[:, :9] == CELLS[:, :9]).all()
    assert (table[:, 9:] == [-55, -70]).all()


def test_from_tables_of_other_programs(tmp_path, block):
    frame = pandas.DataFrame({name.removeprefix("g_"): values for name, values in COLUMNS.items()})
    assert (conductance_table(population_from_conductances(frame, CORTICAL))[1] == CELLS).all()
    frame.to_csv(tmp_path / "cells.csv", index=False)
    assert (
        conductance_table(population_from_conductances(tmp_path / "cells.csv", CORTICAL))[1] == CELLS
    ).all()
    volts = COLUMNS | {"V_T": COLUMNS["V_T"] * 1e-3 * pq.V}
    assert conductance_table(population_from_conductances(volts, CORTICAL))[1] == pytest.approx(CELLS)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"V_T": [-58.0, -52.0, np.nan]}, "V_T of member 2 is nan mV; it must be from -200 to 200 mV"),
        ({"V_T": [-0.058, -0.052, 300.0]}, "V_T of member 2 is 300.0 mV; it must be from -200 to 200 mV"),
        ({"V_T": [1.0, 2.0, 3.0] * pq.nS}, "V_T must be numbers in mV, got"),
        ({"V_T": [-58.0]}, "all conductances must have one value a model, got .*'V_T': 1"),
    ],
)
def test_wrong_voltages(column, message):
    with pytest.raises(ValueError, match=message):
        population_from_conductances(COLUMNS | column, CORTICAL)


def test_one_of_two_is_too_few():
    with pytest.raises(ValueError, match="neuron cortical also has E_leak"):
        population_from_conductances({k: v for k, v in COLUMNS.items() if k != "E_leak"}, CORTICAL)


def test_another_neuron_has_none():
    stg = get_neuron("stg")
    columns = dict.fromkeys(stg.conductance_names, [1.0]) | {"V_T": [-55.0]}
    with pytest.raises(ValueError, match="'V_T' is unknown; neuron stg has"):
        population_from_conductances(columns, stg)


@pytest.mark.parametrize("suffix", [".nix", ".nwb", ".csv", ".mat"])
@pytest.mark.parametrize("n", [1, 3])
def test_files_keep_them(block, suffix, n, tmp_path):
    path = tmp_path / f"cells{suffix}"
    save_population(select_members(block, range(n)), path)
    found = conductances(load_population(path))
    assert tuple(found) == CORTICAL.column_names
    assert str(found["E_leak"].dimensionality) == "mV"
    assert str(found["g_leak"].dimensionality) == "mS/cm**2"
    assert np.stack([values.magnitude for values in found.values()], axis=1) == pytest.approx(CELLS[:n])


def test_a_csv_says_the_units(block, tmp_path):
    save_population(block, tmp_path / "cells.csv")
    (line,) = (
        each for each in (tmp_path / "cells.csv").read_text().splitlines() if each.startswith("# units: ")
    )
    units = json.loads(line.removeprefix("# units: "))
    assert (units["g_H"], units["V_T"], units["E_leak"]) == ("mS/cm**2", "mV", "mV")


def test_members_are_selected_with_their_own(block):
    assert (conductance_table(select_members(block, [2, 0]))[1] == CELLS[[2, 0]]).all()


def test_scaled_conductances_leave_them(block):
    changed = scale_conductances(block, {"g_Na": 0.5})
    assert conductance_table(changed)[0] == CORTICAL.column_names
    assert (conductance_table(changed)[1] == CELLS * ([0.5] + [1.0] * 10)).all()
    assert member_dics(changed) == pytest.approx(dics_of(CORTICAL, CELLS * ([0.5] + [1.0] * 10)))
    with pytest.raises(ValueError, match="unknown conductance 'V_T'; choose among g_Na, .*, g_H$"):
        scale_conductances(block, {"V_T": 0.5})


def test_neuromodulation_leaves_them(block):
    own = member_dics(block)
    moved = neuromodulate(block, {"g_u": 1.5 * own[:, 2].max()})
    table = conductance_table(moved)[1]
    assert len(table) == 3
    assert (table[:, 9:] == CELLS[:, 9:]).all()
    assert member_dics(moved)[:, 2] == pytest.approx(1.5 * own[:, 2].max(), abs=2e-3)
    assert member_dics(moved)[:, 1] == pytest.approx(own[:, 1], abs=2e-3)


def test_simulations_have_them(block):
    """The second cell rests at another potential when it has the reversal of the first."""
    like = population_from_conductances(COLUMNS | {"E_leak": np.full(3, -68.0)}, CORTICAL)
    ends = [
        simulate_population(each, 400 * pq.ms, 0 * pq.ms, traces=True).analogsignals[0].magnitude[-1]
        for each in (block, like)
    ]
    assert ends[0][0] == pytest.approx(ends[1][0])
    assert ends[1][2] - ends[0][2] > 3


def test_pictures_show_conductances_and_tell_the_voltages(block):
    axes = plot_conductances(block)
    assert len(axes.get_xticklabels()) == 9
    assert axes.get_xlabel().endswith(r"; medians of $V_\mathrm{T}$ -58 mV, $E_\mathrm{leak}$ -72 mV")
    assert axes.get_ylim()[1] < 10
    bars = plot_member_conductances(block, [0, 2])
    assert len(bars.get_xticklabels()) == 9
    labels = [text.get_text() for text in bars.get_legend().get_texts()]
    assert labels[1] == r"model 2 ($V_\mathrm{T}$ -60.5 mV, $E_\mathrm{leak}$ -80 mV)"
    assert len(plot_correlations(block).get_xticklabels()) == 10


def test_pictures_of_neurons_without_any_are_as_they_were():
    stg = get_neuron("stg")
    plain = population_from_conductances(dict.fromkeys(stg.conductance_names, [1.0, 2.0]), stg)
    assert plot_conductances(plain).get_xlabel() == "Conductance and its median (mS/cm²)"
    texts = plot_member_conductances(plain, [0]).get_legend().get_texts()
    assert [text.get_text() for text in texts] == ["model 0"]
