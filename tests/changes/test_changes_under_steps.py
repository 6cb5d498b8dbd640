"""What was changed in a cell under current steps."""

import numpy as np
import pytest
import quantities as pq
from support.stepped import CAPACITANCE, CELL, CORTICAL, recorded, recording, simulated, steps

from elephant_dic import identified_changes, identify_changes, reconstruct
from elephant_dic.changes.step_assay import StepAssay
from elephant_dic.populations import conductance_table

LEVELS = (-50.0, 50.0, 100.0, 150.0, 200.0)


def scaled(**factors):
    changed = CELL.copy()
    for name, factor in factors.items():
        changed[CORTICAL.column_names.index(name)] *= factor
    return changed


@pytest.fixture(scope="module")
def population():
    block = reconstruct(recorded(), n_models=60, capacitance=CAPACITANCE * pq.pF, seed=2)
    assert block.annotations["population_matches"].all()
    return block


def test_the_channel_is_among_the_likely_ones(population):
    block = identify_changes(population, recorded(scaled(g_M=0.1)), n_models=20, seed=1)
    found = identified_changes(block)
    assert found.verdict == "explained"
    assert "g_M" in [each.name for each in found.likely]
    assert next(each for each in found.ranked if each.name == "g_M").factors[0] < 0.6
    assert block.annotations["population_matches_after"].all()
    assert "population_factor_V_T" not in block.annotations  # a voltage is no channel
    assert "spikes" in found.before


@pytest.mark.slow
def test_nothing_changed(population):
    found = identified_changes(identify_changes(population, recorded(), n_models=5, seed=1))
    assert found.verdict == "no change needed"


def assay(levels_before=LEVELS, levels_after=LEVELS, cell=CELL):
    return StepAssay(
        CORTICAL, recorded(levels=levels_before), recorded(cell, levels_after), CAPACITANCE, 0.1, 0.0
    )


def test_the_cell_itself_shows_what_was_recorded():
    found = assay()
    before, after = found.unchanged(CELL[None], 0)
    counts = slice(0, len(LEVELS) + 1)
    for each in (before, after):
        assert each.values[0, counts] == pytest.approx(found.before.values[counts], abs=1)
    assert found.judge(CELL[None]).tolist() == [True]
    assert found.judge(scaled(g_Na=0.0)[None]).tolist() == [False]


def test_levels_that_both_recordings_have_are_compared():
    found = assay(levels_after=(50.0, 150.0, 250.0))
    n_levels = 3  # rest, 50 and 150 pA
    assert len(found.told("under current steps")) == n_levels + 2
    with pytest.raises(ValueError, match="fewer than two levels of current in common"):
        StepAssay(
            CORTICAL,
            recording([[300.0, 400.0]], steps([100.0], holding=-20.0)),
            recording([[300.0, 400.0]], steps([120.0])),
            CAPACITANCE, 0.1, 0.0,
        )  # fmt: skip


def test_a_level_without_a_spike_has_its_first_one_late():
    stimuli = steps(LEVELS)
    silent = recording([[]] * len(LEVELS), stimuli)
    found = StepAssay(CORTICAL, recorded(), silent, CAPACITANCE, 0.1, 0.0)
    assert (found.after.values[: len(LEVELS) + 1] == 0).all()
    assert found.after.values[-2:] == pytest.approx(np.log(1.5 * 500.0))


def test_both_recordings_have_to_be_under_steps(population):
    (times,) = simulated(CELL, steps([200.0]))[:1]
    import neo

    alone = neo.SpikeTrain(times * pq.ms, t_stop=900 * pq.ms)
    with pytest.raises(ValueError, match="the one after is not: give two of a kind"):
        identify_changes(population, alone, seed=1)


def test_a_control_has_the_levels(population):
    with pytest.raises(ValueError, match="control 0 lacks"):
        identify_changes(population, recorded(), controls=[recorded(levels=(50.0, 100.0))], seed=1)
    assert conductance_table(population)[1].shape[1] == len(CORTICAL.column_names)
