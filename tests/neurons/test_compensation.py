"""Conductances with wanted DICs."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.toy_neuron import toy_neuron

from elephant_dic import compute_dics, get_neuron
from elephant_dic.neurons import compensate, dics_of, reference_population
from elephant_dic.neurons.compensation import TOLERANCE, compensated_population, solve
from elephant_dic.neurons.model import Compensation, ReferencePopulation

STG, DA, TOY = get_neuron("stg"), get_neuron("da"), toy_neuron()
SHIPPED = pytest.mark.parametrize("neuron", [STG, DA], ids=["stg", "da"])
STG_START = [7000, 105, 5, 14, 160, 366, 0.33, 0.0105]
DA_START = [35, 8, 0.045, 0.041, 0.15, 0.012, 0.0129]


def distance(neuron, table, targets):
    """Distance of the cells' DICs from the targets (n, 3), where they are not NaN."""
    return np.sqrt(np.nansum((compute_dics(table, neuron) - targets) ** 2, axis=1))


def moved(neuron, before, after):
    """Names of the channels that differ in any cell."""
    changed = np.any(np.asarray(before) != after, axis=0)
    return {name.removeprefix("g_") for name, c in zip(neuron.conductance_names, changed, strict=True) if c}


def draw_targets(neuron, n, rng):
    boxes = [neuron.training.targets[name] for name in ("g_s", "g_u")]
    return np.column_stack([np.full(n, np.nan), *(rng.uniform(*box, n) for box in boxes)])


# One cell, known answers


@pytest.mark.parametrize(
    ("neuron", "start", "target", "solved", "g_f"),
    [
        (STG, STG_START, (-8, 6), {"CaS": 43.119441, "H": 0.41384859}, -5.58809),
        (STG, STG_START, (8, 6), {"A": 515.38888, "H": 0.40816571}, -5.38442),
        (DA, DA_START, (-4, 6), {"CaL": 0.25452203, "ERG": 0.25614544}, -11.8715),
        (DA, DA_START, (4, 6), {"Kd": 25.108708, "ERG": 0.18767304}, -11.909),
    ],
)
def test_published_examples(neuron, start, target, solved, g_f):
    # The published STG values stop after six iterations, 1e-5 from the solution.
    table, accepted = compensate(neuron, [start], np.array([[np.nan, *target]]))
    assert accepted.all()
    expected = np.array(start, dtype=float)
    for name, value in solved.items():
        expected[neuron.index(name)] = value
    assert table[0] == pytest.approx(expected, rel=2e-6)
    assert moved(neuron, [start], table) == set(solved)
    assert compute_dics(table, neuron)[0] == pytest.approx((g_f, *target), abs=1e-4)


def test_a_cell_that_has_its_target_stays():
    target = compute_dics([STG_START], "stg")
    table, accepted = compensate(STG, [STG_START], target)
    assert accepted.all()
    assert table[0] == pytest.approx(STG_START, rel=1e-6)


# The reference population

# Mean and standard deviation of 4000 cells, as published: half of their last digit is not known.
PUBLISHED_POPULATIONS = {
    "stg": {
        "Na": "6877 1342", "Kd": "105 29", "CaT": "4.98 1.52", "CaS": "14.0 5.4", "KCa": "160 33",
        "A": "366 100", "H": ".335 .065", "leak": ".0105 .002",
    },
    "da": {
        "Na": "35.6 6.5", "Kd": "8.0 1.9", "CaL": ".0447 .0195", "CaN": ".0411 .0163", "ERG": ".150 .028",
        "NMDA": ".0120 .0022", "leak": ".0129 .0024",
    },
}  # fmt: skip


def half_digit(text):
    return 0.5 * 10.0 ** -len(text.partition(".")[2])


@SHIPPED
def test_the_reference_population_is_the_published_one(neuron):
    n = 4000
    table = reference_population(neuron, n, np.random.default_rng(1))
    assert table.shape == (n, len(neuron.channels))
    assert (table > 0).all()
    assert compute_dics(table, neuron) == pytest.approx(np.tile(neuron.reference.dics, (n, 1)), abs=TOLERANCE)
    for name, published in PUBLISHED_POPULATIONS[neuron.name].items():
        mean, std = published.split()
        column = table[:, neuron.index(name)]
        error = float(std) * np.sqrt(2 / n)  # two samples of 4000 cells
        assert column.mean() == pytest.approx(float(mean), abs=5 * error + half_digit(mean)), name
        assert column.std() == pytest.approx(float(std), abs=5 * error + half_digit(std)), name


@SHIPPED
def test_drawn_conductances_are_in_their_ranges_and_scale_with_the_leak(neuron):
    table = reference_population(neuron, 500, np.random.default_rng(2))
    mean_leak = np.mean(neuron.reference.leak)
    for name, (low, high) in neuron.reference.ranges.items():
        relative = table[:, neuron.index(name)] / table[:, neuron.leak_index] * mean_leak
        assert relative.min() >= low * (1 - 1e-12)
        assert relative.max() <= high * (1 + 1e-12)
        assert np.ptp(relative) >= 0.95 * (high - low)


def test_an_impossible_reference_population_says_so():
    impossible = ReferencePopulation((0.1, 0.2), {}, ("In", "Out", "H"), (-5.0, 1.0, 1.0))
    message = (
        r"reference population of neuron toy cannot have the DICs \(-5.0, 1.0, 1.0\): .* 0 of 7 cells without"
    )
    with pytest.raises(ValueError, match=message):
        reference_population(toy_neuron(reference=impossible), 7, np.random.default_rng(0))


# Populations with wanted DICs


@SHIPPED
@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1))
def test_accepted_cells_have_their_own_targets(neuron, seed):
    rng = np.random.default_rng(seed)
    start = reference_population(neuron, 200, rng)
    targets = draw_targets(neuron, 200, rng)
    table, accepted = compensate(neuron, start, targets)
    assert (table[accepted] >= 0).all()
    assert (distance(neuron, table[accepted], targets[accepted]) < 1e-3).all()
    easy = targets[:, 2] > 1.5  # out of reach is only a corner of the DA neuron
    assert accepted[easy].all()
    assert neuron is DA or accepted.all()


def test_each_target_moves_the_pair_that_is_declared_for_it():
    start = reference_population(STG, 1, np.random.default_rng(3))
    pairs = {(-5, 8): {"CaS", "H"}, (0, 8): {"A", "H"}, (5, 8): {"A", "H"}, (2, -1): {"CaS", "A"}}
    for target, names in pairs.items():
        table, _ = compensate(STG, start, np.array([[np.nan, *target]]))
        assert moved(STG, start, table) == names


@pytest.mark.parametrize("neuron", [STG, DA, TOY], ids=["stg", "da", "toy"])
def test_g_f_may_be_imposed_too(neuron):
    rng = np.random.default_rng(4)
    start = reference_population(neuron, 50, rng)
    targets = np.tile(neuron.reference.dics, (50, 1)) + rng.uniform(-1, 1, (50, 3)) * [0.5, 0.1, 0.1]
    table, accepted = compensate(neuron, start, targets)
    assert accepted.all()
    assert distance(neuron, table, targets).max() < 1e-3
    for i in range(50):  # the pair that applies to (g_s, g_u), and the fast channel
        pair = next(c for c in neuron.compensations if c.applies(*targets[i, 1:]))
        assert moved(neuron, start[i : i + 1], table[i : i + 1]) == {*pair.channels, neuron.fast_channel}


def test_g_f_may_be_imposed_on_some_cells_only():
    rng = np.random.default_rng(5)
    start, targets = reference_population(STG, 40, rng), draw_targets(STG, 40, rng)
    free, accepted = compensate(STG, start, targets)
    assert accepted.all()
    some = targets.copy()
    some[::2, 0] = compute_dics(free, STG)[::2, 0] + 0.5
    table, accepted = compensate(STG, start, some)
    assert accepted.all()
    assert distance(STG, table, some).max() < 1e-3
    assert (table[1::2] == free[1::2]).all()
    assert (table[::2, STG.index("Na")] != start[::2, STG.index("Na")]).all()


def test_published_jump_of_g_f_where_the_pair_changes():
    rng = np.random.default_rng(6)
    start = reference_population(STG, 300, rng)
    targets = np.full((300, 3), np.nan)
    targets[:, 1], targets[:, 2] = rng.uniform(0, 20, 300), rng.uniform(1, 20, 300)
    a_h, _ = compensate(STG, start, targets)
    g_f = compute_dics(a_h, STG)[:, 0]
    assert g_f == pytest.approx(-8.033 + 0.206 * targets[:, 1] + 0.202 * targets[:, 2], abs=0.1)
    targets[:, 1] *= -1
    cas_h, _ = compensate(STG, start, targets)
    g_f = compute_dics(cas_h, STG)[:, 0]
    assert g_f == pytest.approx(-7.00 - 0.053 * targets[:, 1] + 0.202 * targets[:, 2], abs=0.1)


@SHIPPED
def test_a_population_meets_every_target(neuron):
    rng = np.random.default_rng(7)
    targets = draw_targets(neuron, 500, rng)
    targets[:, 2] = np.maximum(targets[:, 2], 1.5)
    before = targets.copy()
    table, n_redrawn = compensated_population(neuron, targets, rng)
    assert table.shape == (500, len(neuron.channels))
    assert (table >= 0).all()
    assert distance(neuron, table, targets).max() < 1e-3
    np.testing.assert_array_equal(targets, before)
    assert n_redrawn == 0


def test_missed_targets_are_tried_again_and_counted():
    """At g_u = 0.75, published, two thirds of the DA cells are rejected."""
    targets = np.tile([np.nan, 2.0, 0.75], (400, 1))
    table, n_redrawn = compensated_population(DA, targets, np.random.default_rng(8))
    assert distance(DA, table, targets).max() < 1e-3
    assert n_redrawn / (n_redrawn + 400) == pytest.approx(0.66, abs=0.08)


def test_missed_targets_may_be_drawn_anew():
    targets = np.tile([np.nan, 2.0, 0.0], (30, 1))
    before, asked = targets.copy(), []

    def redraw(m):
        asked.append(m)
        return np.tile([np.nan, 3.0, 5.0], (m, 1))

    table, n_redrawn = compensated_population(DA, targets, np.random.default_rng(9), redraw=redraw)
    assert compute_dics(table, DA)[:, 1:] == pytest.approx(np.tile([3.0, 5.0], (30, 1)), abs=1e-3)
    assert (asked, n_redrawn) == ([30], 30)
    np.testing.assert_array_equal(targets, before)


def test_an_empty_population():
    table, n_redrawn = compensated_population(STG, np.empty((0, 3)), np.random.default_rng(0))
    assert (table.shape, n_redrawn) == ((0, 8), 0)


@SHIPPED
def test_a_seed_gives_the_same_population_again(neuron):
    targets = np.tile([np.nan, -2.0, 6.0], (20, 1))
    first, again, other = (
        compensated_population(neuron, targets, np.random.default_rng(seed))[0] for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert not (first == other).any(axis=0)[neuron.leak_index]


def test_arguments_are_left_as_they_are():
    start, targets = np.array([STG_START, STG_START], dtype=float), np.array([[np.nan, -8, 6], [-5, 3, 4]])
    start_before, targets_before = start.copy(), targets.copy()
    compensate(STG, start, targets)
    solve(STG, start, [3, 6], (1, 2), targets[:, 1:])
    compensated_population(STG, targets, np.random.default_rng(0), redraw=lambda m: targets[:m])
    np.testing.assert_array_equal(start, start_before)
    np.testing.assert_array_equal(targets, targets_before)


# Out of reach


@pytest.mark.parametrize(("g_s", "g_u"), [(0, 0.5), (4, 0.3), (15, 0)])
def test_targets_out_of_reach_are_an_error(g_s, g_u):
    targets = np.tile([np.nan, g_s, g_u], (16, 1))
    message = (
        rf"16 of 16 targets are out of reach of neuron da: at g_s = {g_s}, g_u = {g_u}, solving Kd and ERG "
        r"gives a negative conductance or no solution in 20 draws; choose other DICs or another neuron"
    )
    with pytest.raises(ValueError, match=message):
        compensated_population(DA, targets, np.random.default_rng(0))


def test_one_target_out_of_reach_among_others_is_named():
    targets = np.array([[np.nan, 2.0, 5.0], [-12.0, 2.0, 0.1], [np.nan, 2.0, 5.0]])
    with pytest.raises(ValueError, match="1 of 3 targets .* at g_f = -12, g_s = 2, g_u = 0.1, solving"):
        compensated_population(DA, targets, np.random.default_rng(0))


@pytest.mark.parametrize(
    "target", [(np.nan, np.nan, 5), (np.nan, 2, np.nan), (np.nan, np.inf, 5), (-np.inf, 2, 5)]
)
def test_targets_must_be_finite(target):
    with pytest.raises(ValueError, match=r"target DICs must be finite \(only g_f may be left free\)"):
        compensated_population(STG, np.array([target]), np.random.default_rng(0))


def always(*channels):
    """The STG neuron, compensated with these channels whatever the target."""
    return replace(STG, compensations=(Compensation(channels, lambda g_s, g_u: g_s > -np.inf),))


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_pair_outside_of_its_strip_gives_no_member(seed):
    """CaS and A at g_u above 10: substitution diverges there to positive conductances without meaning."""
    rng = np.random.default_rng(seed)
    start = reference_population(STG, 200, rng)
    targets = np.column_stack([np.full(200, np.nan), rng.uniform(-15, 15, 200), rng.uniform(10, 15, 200)])
    columns = [STG.index("CaS"), STG.index("A")]
    table, residuals = solve(STG, start, columns, (1, 2), targets[:, 1:])
    assert not ((table >= 0).all(axis=1) & (residuals <= TOLERANCE)).any()
    assert not compensate(always("CaS", "A"), start, targets)[1].any()
    with pytest.raises(ValueError, match="200 of 200 targets are out of reach .* solving CaS and A gives"):
        compensated_population(always("CaS", "A"), targets, rng)


def test_positive_cells_that_miss_their_target_are_not_accepted():
    rng = np.random.default_rng(1)
    start = reference_population(STG, 1500, rng)
    targets = np.column_stack([np.full(1500, np.nan), rng.uniform(-20, 20, 1500), rng.uniform(-5, 20, 1500)])
    table, accepted = compensate(always("Na", "CaS"), start, targets)
    positive = (table >= 0).all(axis=1)
    near = positive.copy()
    near[positive] = distance(STG, table[positive], targets[positive]) <= 1e-3
    assert near.any()
    assert (positive & ~near).any()
    assert (accepted == near).all()


def test_residuals_of_cells_that_did_not_converge():
    rng = np.random.default_rng(1)
    start = reference_population(STG, 1500, rng)
    targets = np.column_stack([rng.uniform(-20, 20, 1500), rng.uniform(-5, 20, 1500)])
    table, residuals = solve(STG, start, [STG.index("Na"), STG.index("CaS")], (1, 2), targets)
    finite = np.isfinite(residuals)
    expected = np.linalg.norm(dics_of(STG, table[finite])[:, 1:] - targets[finite], axis=1)
    assert residuals[finite] == pytest.approx(expected, rel=1e-3, abs=1e-9)


@SHIPPED
@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_residuals_are_those_of_the_cells_returned(neuron, seed):
    """Also for pairs that are not the declared ones, and for those that come out negative."""
    rng = np.random.default_rng(seed)
    start, targets = reference_population(neuron, 100, rng), draw_targets(neuron, 100, rng)
    gated = [i for i in range(len(neuron.channels)) if i != neuron.leak_index]
    columns = rng.choice(gated, 2, replace=False)
    table, residuals = solve(neuron, start, columns, (1, 2), targets[:, 1:])
    good = (table >= 0).all(axis=1) & (residuals <= TOLERANCE)
    assert (distance(neuron, table[good], targets[good]) <= TOLERANCE).all()
    others = [i for i in range(len(neuron.channels)) if i not in columns]
    assert (table[:, others] == start[:, others]).all()


def test_a_singular_system_leaves_the_other_cells_alone():
    """Without a channel's sensitivity nothing can be solved: NMDA has none but in the fast row."""
    start = reference_population(DA, 5, np.random.default_rng(1))
    targets = np.tile([2.0, 5.0], (5, 1))
    _, residuals = solve(DA, start, [DA.index("NMDA"), DA.index("ERG")], (1, 2), targets)
    assert np.isinf(residuals).all()
