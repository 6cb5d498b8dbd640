"""What pictures of changes show."""

import matplotlib
import numpy as np
import pytest

from elephant_dic import generate_population, get_neuron
from elephant_dic.plots import plot_change_probabilities, plot_changes, plot_dic_changes
from elephant_dic.populations import Change, Changes, annotate_pairs, member_dics

STG = get_neuron("stg")


@pytest.fixture(autouse=True)
def _without_windows():
    from matplotlib import pyplot

    matplotlib.use("Agg")
    yield
    pyplot.close("all")


def change(name, probability):
    return Change((name,), probability, (0.5,), ((0.4, 0.7),), 9, 8)


@pytest.fixture
def block():
    """Pairs of which g_s moves by -2 in each."""
    found = generate_population({"g_s": -5, "g_u": 6}, n_models=5, seed=1)
    ranked = (change("g_KCa", 0.7), change("g_H", 0.25), change("g_A", 0.05))
    changes = Changes(
        "explained", 0.0, 0.9, ranked, 0.8, 0.5, "bursting", "bursting", {"g_s": (-2.0, 0.1)}, 5, (), 1
    )
    factors = np.full((5, len(STG.conductance_names)), 0.5)
    after = member_dics(found) + [0.0, -2.0, 1.0]
    annotate_pairs(found, STG.conductance_names, factors, after, np.ones(5, dtype=bool), changes, [])
    return found


def test_a_bar_is_a_probability_and_likely_ones_say_what_remains(block):
    axes = plot_change_probabilities(block)
    assert [bar.get_width() for bar in axes.patches] == [0.7, 0.25, 0.05]
    assert [text.get_text() for text in axes.texts] == ["× 0.50 (0.40–0.70)"] * 2
    first, second, third = (bar.get_facecolor() for bar in axes.patches)
    assert first == second != third
    assert axes.get_title(loc="left") == "explained"


def test_an_arrow_leads_from_each_member_to_itself_changed(block):
    axes = plot_dic_changes(block)
    (arrows,) = [each for each in axes.collections if hasattr(each, "U")]
    assert pytest.approx([-2] * 5) == arrows.U
    assert pytest.approx([1] * 5) == arrows.V
    (median,) = [text for text in axes.texts if text.arrow_patch]
    before = np.median(member_dics(block)[:, 1:], axis=0)
    assert median.xy == pytest.approx(before + [-2, 1])
    assert "median (-2, +1)" in [text.get_text() for text in axes.get_legend().get_texts()]


def test_both_beside_each_other(block):
    left, right = plot_changes(block)
    assert left.figure is right.figure
    assert left.get_xlabel() == "Probability that it has changed"


def test_a_population_without_changes_is_refused():
    with pytest.raises(ValueError, match="holds no changes"):
        plot_changes(generate_population({"g_s": -5, "g_u": 6}, n_models=2, seed=1))
    with pytest.raises(TypeError):
        plot_changes(None)
