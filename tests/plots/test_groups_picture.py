"""What the picture of compared groups shows."""

import matplotlib
import numpy as np
import pandas
import pytest

from elephant_dic import compare_groups
from elephant_dic.plots import plot_groups


@pytest.fixture(autouse=True)
def _without_windows():
    from matplotlib import pyplot

    matplotlib.use("Agg")
    yield
    pyplot.close("all")


def comparison(paired=False, n_drug=3):
    rows = [
        (condition, f"a{i}" if paired else f"{condition}{i}", mean + k)
        for condition, n, mean in (("control", 3, -6.0), ("drug", n_drug, -3.0))
        for i in range(n)
        for k in (-0.5, 0.1 * i, 0.5)
    ]
    frame = pandas.DataFrame(rows, columns=["condition", "animal", "g_s"])
    frame["g_s_std"] = np.tile([0.2, 0.4, 0.8], len(frame) // 3)
    return compare_groups(frame.assign(rate=np.arange(len(frame)) * 1.0), ["g_s", "rate"])


def squares(axes):
    return [line for line in axes.lines if line.get_marker() == "s"]


def test_every_recording_is_a_dot_the_paler_the_less_certain():
    axes = plot_groups(comparison())
    points = np.concatenate([dots.get_offsets() for dots in axes.collections])
    assert len(points) == 18
    assert sorted(points[:, 1]) == pytest.approx(sorted(comparison().recordings["g_s"]))
    certain, middle, least = axes.collections[0].get_alpha()
    assert certain == pytest.approx(0.8)
    assert (middle, least) == pytest.approx((0.15 + 0.65 / 2, 0.15 + 0.65 / 4))


def test_every_animal_is_a_ring_at_its_mean():
    axes = plot_groups(comparison())
    rings = [line.get_ydata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert rings == pytest.approx([-6 + 0.1 * i / 3 for i in range(3)] + [-3 + 0.1 * i / 3 for i in range(3)])


def test_conditions_and_differences_have_their_intervals():
    result = comparison()
    axes = plot_groups(result)
    control, drug, difference = (line.get_ydata()[0] for line in squares(axes))
    effect = result.to_dataframe().iloc[0]
    assert (control, drug) == pytest.approx(tuple(result.means["mean"][:2]))
    assert difference - control == pytest.approx(effect.difference)
    ends = [
        line.get_ydata() for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linewidth() == 1
    ]
    assert ends[-1] - control == pytest.approx([effect.low, effect.high])
    assert [text.get_text() for text in axes.get_xticklabels()] == ["control", "drug", "drug −\ncontrol"]


def test_long_names_do_not_overlap():
    names = ["control, artificial saline", "serotonin 10 µM", "Noradrenalinehydrochloride", "wash out after"]
    frame = pandas.DataFrame(
        [(name, f"{name}{i}", i + k) for name in names for i in range(2) for k in (0.0, 0.5)],
        columns=["condition", "animal", "rate"],
    )
    axes = plot_groups(compare_groups(frame, "rate"))
    axes.figure.canvas.draw()
    boxes = [label.get_window_extent() for label in axes.get_xticklabels()]
    assert len(boxes) == 7
    assert all(one.x1 < other.x0 for one, other in zip(boxes, boxes[1:], strict=False))


def test_an_animal_in_both_conditions_has_a_line():
    def lines(axes):
        return [line for line in axes.lines if line.get_color() == "0.7" and len(line.get_xdata()) == 2]

    n_others = len(lines(plot_groups(comparison()))), len(lines(plot_groups(comparison(paired=True))))
    assert n_others[1] - n_others[0] == 3


def test_what_was_not_compared_is_said():
    axes = plot_groups(comparison(n_drug=1))
    assert [text.get_text() for text in axes.texts] == ["not\ncompared"]


def test_any_quantity_into_any_axes():
    from matplotlib import pyplot

    given = pyplot.figure().subplots()
    axes = plot_groups(comparison(), "rate", axes=given)
    assert axes is given
    assert axes.get_ylabel() == "rate"
    assert plot_groups(comparison()).get_ylabel() == "Effective slow DIC $g_\\mathrm{s}$ (units of leak)"


def test_wrong_arguments():
    with pytest.raises(TypeError, match="comparison must be what compare_groups gives, got 5"):
        plot_groups(5)
    with pytest.raises(ValueError, match="'g_x' was not compared; quantity= is one of g_s, rate"):
        plot_groups(comparison(), "g_x")
