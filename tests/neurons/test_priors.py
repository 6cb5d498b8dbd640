"""Priors: what cells a neuron could be, as a unit cube and the cells that its points stand for."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import ks_2samp

from elephant_dic import get_neuron
from elephant_dic.neurons import FamilyPrior, RangesPrior, UniformPopulation, dics_of, prior_of
from elephant_dic.training import draw_cells

STG, DA, PYLORIC = map(get_neuron, ("stg", "da", "pyloric"))


def test_corners_of_the_cube_are_the_ends_of_the_ranges():
    (broad,) = prior_of(STG, "broad").components
    table, accepted = broad.cells(np.array([[0.0] * 8, [1.0] * 8, [0.25] + [0.5] * 7]))
    assert accepted.all()
    assert table[0].tolist() == [0, 0, 0, 0, 0, 0, 0, 0.001]
    assert table[1].tolist() == [8000, 350, 12, 50, 250, 600, 0.7, 0.02]
    assert table[2, 0] == 2000
    assert table[2, 7] == pytest.approx(0.0105)


@pytest.mark.parametrize("neuron", [STG, DA, PYLORIC], ids=lambda neuron: neuron.name)
def test_the_family_is_the_one_that_networks_are_trained_on(neuron):
    (family,) = prior_of(neuron, "family").components
    unit = np.random.default_rng(1).random((1500, family.n_coordinates))
    table, accepted = family.cells(unit)
    cells, known = table[accepted], draw_cells(neuron, 1500, np.random.default_rng(2))
    assert (cells >= 0).all()
    for column in range(cells.shape[1]):
        assert ks_2samp(cells[:, column], known[:, column]).pvalue > 1e-4, neuron.conductance_names[column]


def test_coordinates_of_the_family_are_leak_ranges_and_dics():
    (family,) = prior_of(STG, "family").components
    unit = np.array([[0.5, 0.0, 0.5, 0.5, 0.5, 0.25, 0.5], [0.5, 1.0, 0.5, 0.5, 0.5, 0.25, 0.5]])
    table, accepted = family.cells(unit)
    assert accepted.all()
    assert dics_of(STG, table)[:, 1:] == pytest.approx(np.array([[-10, 10]] * 2), abs=2e-3)
    leak = table[0, STG.leak_index]
    assert table[:, STG.leak_index].tolist() == [leak, leak]
    assert table[:, STG.index("Kd")] == pytest.approx(np.array([70, 140]) * leak / 0.0105)
    assert 0.0095 < leak < 0.0105  # the median of its gamma distribution, whose mean is 0.0105


def test_points_without_a_cell_are_told():
    (family,) = prior_of(DA, "family").components
    table, accepted = family.cells(np.random.default_rng(0).random((500, family.n_coordinates)))
    assert 0.9 < accepted.mean() < 1
    assert (table[accepted] >= 0).all()
    assert (table[~accepted] < 0).any()


def test_a_family_of_ranges_ends_at_the_box_of_dics():
    (family,) = prior_of(PYLORIC, "family").components
    table, accepted = family.cells(np.random.default_rng(0).random((5000, family.n_coordinates)))
    g_s = dics_of(PYLORIC, table)[:, 1]
    low, high = PYLORIC.training.targets["g_s"]
    inside = (low < g_s) & (g_s < high)
    assert not accepted[~inside].any()
    assert 0 < accepted.sum() < len(accepted)


def test_names_of_priors():
    assert [each.name for each in prior_of(STG, "mixture").components] == ["family", "broad"]
    assert prior_of(STG, "mixture").name == "mixture"
    assert prior_of(STG, "family").name == "family"
    assert prior_of(STG, {"Na": (0, 1)}).name == "ranges"
    # where the family is the ranges themselves, they are not mixed with their own part
    assert prior_of(PYLORIC, "mixture").name == "broad"
    assert isinstance(prior_of(PYLORIC, "mixture").components[0], RangesPrior)
    only_family = replace(STG, broad=None, training=replace(STG.training, strangers=False))
    assert isinstance(prior_of(only_family, "mixture").components[0], FamilyPrior)


def test_ranges_of_the_users_own():
    prior = prior_of(STG, {"g_Na": (0, 5000), "A": (7.5, 7.5)})
    (component,) = prior.components
    table, accepted = component.cells(np.full((1, 8), 0.5))
    assert accepted.all()
    assert table[0].tolist() == pytest.approx([2500, 175, 6, 25, 125, 7.5, 0.35, 0.0105])
    assert "Na 0 to 5000, Kd 0 to 350" in prior.describe()
    assert prior.record()["ranges"]["ranges"]["Na"] == [0, 5000]


def test_ranges_may_be_any_numbers():
    (component,) = prior_of(STG, {"Na": (np.int64(1), Fraction(7, 2))}).components
    assert component.ranges[STG.index("Na")].tolist() == [1, 3.5]


def test_examples_are_moved_into_the_ranges_that_a_user_gave_alone():
    """Reflected at their ends, so that cells remain as different as they were."""
    table = np.tile([1000.0, 100, 5, 10, 150, 50, 0.1, 0.01], (5, 1))
    table[:, STG.index("Na")] = 900, 1000, 1100, 1350, 1900
    own = prior_of(STG, {"Na": (950, 1050), "Kd": (3, 3), "H": (0, 0)})
    expected = table.copy()
    expected[:, STG.index("Na")] = 1000, 1000, 1000, 950, 1000
    expected[:, STG.index("Kd")], expected[:, STG.index("H")] = 3, 0
    assert own.examples(table) == pytest.approx(expected)
    table[:, STG.index("Na")] = 951, 949, 1051, 1060, 945
    assert own.examples(table)[:, STG.index("Na")] == pytest.approx([951, 951, 1049, 1040, 955])
    for name in ("mixture", "family", "broad"):
        assert prior_of(STG, name).examples(table) is table


@pytest.mark.parametrize(
    ("prior", "error", "message"),
    [
        ("wide", ValueError, "must be mixture, family, broad or ranges by channel, got .wide."),
        (3, TypeError, "must be mixture, family, broad or ranges such as"),
        ({"Ca": (0, 1)}, ValueError, "has no channel 'Ca'; it has Na, Kd"),
        ({"Na": (0, 1), "g_Na": (0, 2)}, ValueError, "two ranges for Na"),
        ({"Na": 3}, ValueError, r"the range of Na must be \(low, high\)"),
        ({"Na": (3, 1)}, ValueError, "ascending"),
        ({"Na": (-1, 1)}, ValueError, "not negative"),
        ({"Na": (0, float("nan"))}, ValueError, "finite"),
        ({"Na": ("a", "b")}, TypeError, "two numbers in mS/cm"),
        ({"Na": (0, 10**400)}, ValueError, "the range of Na must be finite"),
        ({"leak": (0, 0.1)}, ValueError, "range of the leak must be positive"),
        (
            {channel.name: (1, 1.000001) for channel in STG.channels},
            ValueError,
            "leaves one cell: give a range that is more than one value",
        ),
    ],
)
def test_wrong_priors_are_refused_in_words(prior, error, message):
    with pytest.raises(error, match=message):
        prior_of(STG, prior)


def test_without_broad_ranges_all_have_to_be_given():
    neuron = replace(STG, broad=None, training=replace(STG.training, strangers=False))
    with pytest.raises(ValueError, match="declares no broad ranges of its conductances"):
        prior_of(neuron, "broad")
    with pytest.raises(ValueError, match="give one for Kd, CaT, CaS, KCa, A, H, leak too"):
        prior_of(neuron, {"Na": (0, 1)})


def test_broad_ranges_are_checked_in_the_declaration():
    ranges = {name: bounds for name, bounds in STG.broad.ranges.items() if name != "Na"}
    with pytest.raises(ValueError, match="broad must give a range for each of"):
        replace(STG, broad=UniformPopulation(STG.broad.leak, ranges))
    with pytest.raises(ValueError, match="strangers are cells of its broad ranges, and it has none"):
        replace(STG, broad=None)
