"""What the pictures of a population show."""

import io
import subprocess
import sys

import matplotlib
import neo
import numpy as np
import pytest
import quantities as pq
from matplotlib.colors import to_hex
from matplotlib.text import Text

from elephant_dic.plots import (
    plot_conductances,
    plot_detection,
    plot_dics,
    plot_population,
    plot_raster,
    plot_spiketrain,
)
from elephant_dic.plots.drawing import ESTIMATE_COLOR, MODEL_COLOR, RECORDING_COLOR
from elephant_dic.populations import build_population, conductance_table, member_dics

NAMES = ("g_Na", "g_Kd", "g_CaT", "g_CaS", "g_KCa", "g_A", "g_H", "g_leak")
MEANS = np.array([7000, 105, 5, 14, 160, 366, 0.33, 0.0105])


@pytest.fixture(autouse=True)
def _without_windows():
    from matplotlib import pyplot

    matplotlib.use("Agg")
    yield
    pyplot.close("all")


def population(n=20, n_sweeps=1, mean=(1.0, -5.0, 8.0), std=(0.1, 0.5, 0.25), **provenance):
    generator = np.random.default_rng(1)
    sweeps = [
        neo.SpikeTrain([100.0, 200, 350, 900], units="ms", t_start=50, t_stop=1000) for _ in range(n_sweeps)
    ]
    return build_population(
        MEANS * generator.normal(1, 0.2, (n, 8)),
        NAMES,
        member_dics=generator.normal((1, -5, 8), 0.5, (n, 3)),
        dic_mean=mean,
        dic_std=std,
        provenance={"neuron": "stg", **provenance},
        spiketrains=sweeps,
    )


def simulation(n=20):
    segment = neo.Segment(name="simulation")
    for member in reversed(range(n)):
        times = 1.0 + np.arange(5) * 0.1 + member * 1e-3
        segment.spiketrains.append(neo.SpikeTrain(times * pq.s, t_start=1, t_stop=2.5, member=member))
    return segment


def rows(axes):
    """Positions, height and colour of each row of a raster, from above."""
    found = sorted(axes.collections, key=lambda row: row.get_lineoffset())
    return [(row.get_positions(), row.get_lineoffset(), to_hex(row.get_color())) for row in found]


def test_every_member_has_its_dot_in_every_conductance():
    block = population()
    axes = plot_conductances(block)
    table = conductance_table(block)[1]
    dots = [c for c in axes.collections if len(c.get_offsets()) == 20]
    assert len(dots) == 8
    for place, (column, drawn) in enumerate(zip(table.T, dots, strict=True)):
        x, y = drawn.get_offsets().T
        np.testing.assert_allclose(y, column / np.median(column))
        assert np.all(np.abs(x - place) <= 0.4)
        assert len(np.unique(x)) == 20


def test_conductances_are_labelled_with_name_median_and_unit():
    axes = plot_conductances(population())
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels[0].startswith("$g_\\mathrm{Na}$\n")
    written = np.array([float(label.split("\n")[1]) for label in labels])
    expected = np.median(conductance_table(population())[1], axis=0)
    np.testing.assert_allclose(written, expected, rtol=5e-3)
    assert "e" not in "".join(label.split("\n")[1] for label in labels)
    assert "mS/cm²" in axes.get_xlabel()
    assert axes.get_ylim()[0] == 0


@pytest.mark.parametrize(("n", "n_violins"), [(1, 0), (9, 0), (10, 8)])
def test_density_is_drawn_only_where_there_are_enough_members(n, n_violins):
    from matplotlib.collections import PolyCollection

    axes = plot_conductances(population(n))
    assert sum(isinstance(c, PolyCollection) for c in axes.collections) == n_violins


def test_dots_keep_to_the_density():
    block = population(300)
    axes = plot_conductances(block)
    violins, dots = axes.collections[:8], [c for c in axes.collections if len(c.get_offsets()) == 300]
    for violin, drawn in zip(violins, dots, strict=True):
        (outline,) = violin.get_paths()
        x, y = drawn.get_offsets().T
        between = ~np.isin(y, (y.min(), y.max()))  # those two are on the outline
        points = np.c_[x, y][between]
        inside = [outline.contains_points(points, radius=radius) for radius in (-1e-3, 1e-3)]
        assert np.any(inside, axis=0).all()  # the sign of the radius depends on how it is drawn


def test_conductance_that_is_zero_or_the_same_in_all_members():
    block = population()
    block.annotations["population_g_H"][:] = 0 * pq.mS / pq.cm**2
    block.annotations["population_g_A"][:] = 3 * pq.mS / pq.cm**2
    axes = plot_conductances(block)
    offsets = [np.ma.filled(c.get_offsets(), np.nan) for c in axes.collections]
    dots = [places[:, 1] for places in offsets if len(places) == 20]
    np.testing.assert_array_equal(dots[NAMES.index("g_H")], 0)
    np.testing.assert_array_equal(dots[NAMES.index("g_A")], 1)


def test_dics_of_members_and_estimate():
    block = population()
    axes = plot_dics(block)
    members = axes.collections[0]
    np.testing.assert_array_equal(members.get_offsets(), member_dics(block)[:, 1:])
    (estimate,) = axes.containers
    point, _, (horizontal, vertical) = estimate
    np.testing.assert_array_equal(point.get_xydata(), [[-5, 8]])
    np.testing.assert_allclose(horizontal.get_segments(), [[[-5.5, 8], [-4.5, 8]]])
    np.testing.assert_allclose(vertical.get_segments(), [[[-5, 7.75], [-5, 8.25]]])
    assert (to_hex(members.get_facecolor()[0]), point.get_color()) == (
        MODEL_COLOR.lower(),
        ESTIMATE_COLOR,
    )
    assert axes.get_xlabel() == "Slow DIC $g_\\mathrm{s}$ (units of leak)"
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["models' own", "effective DICs, mean ± s.d."]


@pytest.mark.parametrize("std", [(np.nan,) * 3, (0, 0, 0)])
def test_dics_without_spread_were_asked_for(std):
    legend = plot_dics(population(std=std)).get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["models' own", "DICs asked for"]


def test_unknown_estimate_is_not_drawn():
    axes = plot_dics(population(mean=(np.nan,) * 3))
    assert list(axes.containers) == []
    assert len(axes.get_legend().get_texts()) == 1


def test_members_that_hardly_differ_do_not_fill_the_plane():
    block = population(mean=(np.nan,) * 3)
    for name in ("g_s", "g_u"):
        block.annotations[f"population_{name}"][:] = np.linspace(2, 2 + 1e-9, 20)
    axes = plot_dics(block)
    assert np.ptp(axes.get_xlim()) == pytest.approx(1)
    assert np.mean(axes.get_ylim()) == pytest.approx(2)


def test_plane_needs_both_dics():
    block = build_population(
        np.ones((2, 8)),
        NAMES,
        member_dics=np.ones((2, 1)),
        dic_names=["g_s"],
        dic_mean=[1],
        dic_std=[1],
        provenance={"neuron": "stg"},
    )
    with pytest.raises(ValueError, match=r"needs both, the population has \('g_s',\)"):
        plot_dics(block)


def test_raster_shows_the_recording_above_and_members_in_order():
    axes = plot_raster(population(), simulation())
    (recording, *models) = rows(axes)
    np.testing.assert_allclose(recording[0], [0, 0.1, 0.25, 0.8])
    assert recording[2] == RECORDING_COLOR
    assert len(models) == 20
    for positions, _, color in models:
        np.testing.assert_allclose(positions, np.arange(5) * 0.1, atol=1e-12)
        assert color == MODEL_COLOR.lower()
    assert axes.yaxis_inverted()
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["recording", "model 0", "model 4", "model 9", "model 14", "model 19"]
    assert axes.get_xlabel() == "Time (s)"
    assert axes.get_title(loc="left") == "20 of 20 models"


def test_raster_of_many_rows_shows_some_and_says_so():
    axes = plot_raster(population(n_sweeps=30), simulation(500))
    found = rows(axes)
    assert [color for _, _, color in found] == [RECORDING_COLOR] * 10 + [MODEL_COLOR.lower()] * 40
    assert np.all(np.diff([place for _, place, _ in found]) >= 1)
    assert axes.get_title(loc="left") == "40 of 500 models"
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[0] == "10 of 30 sweeps"
    assert (labels[10], labels[-1]) == ("model 0", "model 499")


def test_raster_keeps_to_the_duration():
    axes = plot_raster(population(), simulation(), duration=200 * pq.ms)
    assert axes.get_xlim()[1] == 0.2
    np.testing.assert_allclose(rows(axes)[0][0], [0, 0.1])


def test_raster_shows_sixty_spikes_by_itself():
    spikes = neo.SpikeTrain(np.arange(1, 1001) * 0.02, units="s", t_stop=30)
    block = population(n_sweeps=0)
    segment = neo.Segment(name="recording")
    segment.spiketrains.append(spikes)
    block.segments.append(segment)
    axes = plot_raster(block)
    assert 1.18 < axes.get_xlim()[1] < 1.23  # the last of them is not on the border
    assert len(rows(axes)[0][0]) in (60, 61)


@pytest.mark.parametrize(("rate", "limit"), [(100, 0.6018), (10, 1.481)])
def test_raster_shows_no_more_than_was_simulated(rate, limit):
    spikes = neo.SpikeTrain(np.arange(1, 1001) / rate, units="s", t_stop=1000 / rate)
    block = population(n_sweeps=0)
    block.segments.append(neo.Segment(name="recording"))
    block.segments[0].spiketrains.append(spikes)
    axes = plot_raster(block, simulation())
    assert axes.get_xlim()[1] == pytest.approx(limit)  # 60 spikes, or what is left of the shortest of 1.5 s


def test_rows_begin_with_the_first_spike_of_a_burst():
    bursts = np.add.outer(np.arange(6) * 0.5, [0.0, 0.02, 0.04]).ravel() + 0.1
    block = population(n_sweeps=0)
    block.segments.append(neo.Segment(name="recording"))
    cut = neo.SpikeTrain(bursts[1:] * pq.s, t_start=0.11 * pq.s, t_stop=4 * pq.s)  # within the first burst
    block.segments[0].spiketrains.append(cut)
    (drawn,) = rows(plot_raster(block, duration=2 * pq.s))
    expected = (bursts[3:] - bursts[3])[bursts[3:] - bursts[3] <= 2]
    np.testing.assert_allclose(drawn[0], expected, atol=1e-9)


def test_raster_of_a_single_spike_at_the_start_has_a_width():
    lone = neo.Segment()
    lone.spiketrains.append(neo.SpikeTrain([1.0] * pq.s, t_start=1, t_stop=2, member=0))
    assert plot_raster(population(n_sweeps=0), lone).get_xlim()[1] == 1


def test_silent_members_are_empty_rows():
    silent = neo.Segment()
    for member in range(3):
        silent.spiketrains.append(neo.SpikeTrain([] * pq.s, t_stop=2, member=member))
    axes = plot_raster(population(n_sweeps=0), silent)
    assert [len(positions) for positions, _, _ in rows(axes)] == [0, 0, 0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [f"model {k}" for k in range(3)]


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"simulation": []}, TypeError, "simulation must be a neo.Segment, not list"),
        ({"duration": 5}, TypeError, r"duration must be a Quantity \(in s or the like\), got int"),
        ({"duration": 0 * pq.s}, ValueError, "duration must be positive and finite, got 0.0 s"),
        ({"duration": 1 * pq.mV}, ValueError, "duration: 1.0 mV cannot be converted to s"),
    ],
)
def test_raster_names_what_is_wrong(arguments, kind, message):
    with pytest.raises(kind, match=message):
        plot_raster(population(), **arguments)


def test_raster_needs_trains_that_know_their_member():
    anonymous = neo.Segment()
    anonymous.spiketrains.append(neo.SpikeTrain([1.0] * pq.s, t_stop=2))
    with pytest.raises(ValueError, match="needs the annotation 'member'"):
        plot_raster(population(), anonymous)
    with pytest.raises(ValueError, match="nothing to draw: the population has no recording"):
        plot_raster(population(n_sweeps=0))


@pytest.mark.parametrize("plot", [plot_conductances, plot_dics, plot_raster])
def test_given_axes_are_used_and_returned(plot):
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    assert plot(population(), axes=axes) is axes
    assert len(axes.collections) > 0


@pytest.mark.parametrize("plot", [plot_conductances, plot_dics, plot_raster, plot_population])
def test_what_is_not_a_population_is_refused(plot):
    with pytest.raises(TypeError, match=r"a population is a neo.Block|must be several cells, .*, got 3"):
        plot(3)
    with pytest.raises(ValueError, match="is not a population"):
        plot(neo.Block())


def test_populations_side_by_side():
    first, second = population(), population(30, source=[{"source": "crab.abf", "name": "LP"}])
    axes = plot_conductances([first, second])
    colors = [to_hex(dots.get_facecolor()[0]) for dots in axes.collections if len(dots.get_offsets()) > 1]
    assert colors == [MODEL_COLOR.lower()] * 8 + [ESTIMATE_COLOR.lower()] * 8
    (names, table), (_, other) = conductance_table(first), conductance_table(second)
    dots = [c for c in axes.collections if len(c.get_offsets()) == 30]
    for place, (column, drawn) in enumerate(zip(other.T, dots, strict=True)):
        x, y = drawn.get_offsets().T
        np.testing.assert_allclose(y, column / np.median(table[:, place]))
        assert np.all((place < x) & (x < place + 0.5))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["population 1", "population 2"]
    assert len(axes.get_xticklabels()) == len(names)
    named = population(source=[{"source": "crab.abf", "name": "PY"}])
    legend = plot_conductances([named, second]).get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["crab.abf, PY", "crab.abf, LP"]


def test_populations_that_do_not_go_side_by_side():
    other = build_population(
        [[1.0, 2]], ("g_a", "g_b"), member_dics=[[0, 0, 0]], dic_mean=[0, 0, 0], dic_std=[0, 0, 0],
        provenance={"neuron": "stg"},
    )  # fmt: skip
    with pytest.raises(ValueError, match=r"side by side need the same conductances, got .*'g_a', 'g_b'"):
        plot_conductances([population(), other])
    with pytest.raises(ValueError, match="1 to 6 populations can be drawn side by side, got 0"):
        plot_conductances([])
    with pytest.raises(ValueError, match="got 7"):
        plot_conductances([population(3)] * 7)
    with pytest.raises(TypeError, match="a population is a neo.Block, not int"):
        plot_conductances([population(), 3])


def test_raster_of_plain_trains():
    first = neo.SpikeTrain([100.0, 200, 350, 900], units="ms", t_start=50, t_stop=1000, name="A")
    second = neo.SpikeTrain([0.3, 0.4, 0.5], units="s", t_stop=1)
    group = neo.Group(name="C")
    group.spiketrains.extend([first, first])
    axes = plot_raster([first, second, group])
    drawn = rows(axes)
    assert [len(positions) for positions, _, _ in drawn] == [4, 3, 4, 4]
    assert {color for _, _, color in drawn} == {RECORDING_COLOR}
    np.testing.assert_allclose(drawn[1][0], [0, 0.1, 0.2], atol=1e-12)
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["A", "train 1", "A", "A"]
    segment = neo.Segment()
    segment.spiketrains.append(first)
    for one in (first, segment):
        assert len(rows(plot_raster(one))) == 1
    with pytest.raises(ValueError, match="the Segment holds no spike trains"):
        plot_raster(neo.Segment())


def test_page_has_all_panels_and_says_what_it_shows():
    source = [{"source": "crab.abf", "channel": "LPN", "name": "LPN"}]
    figure = plot_population(population(verdict="verified", source=source), simulation())[0].figure
    title = "20 models of the neuron stg: verified\nRecording: crab.abf, LPN"
    assert figure.get_suptitle() == title
    raster, conductances, dics = figure.axes
    assert len(rows(raster)) == 21
    assert "Conductance" in conductances.get_xlabel()
    assert "Slow DIC" in dics.get_xlabel()


SWEEPS = [{"source": "cell.abf", "channel": "Vm", "name": "Vm", "sweep": str(k)} for k in range(3)]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ([{"source": "cell.smr", "channel": "MU", "unit": "MU1", "name": "MU1"}], "cell.smr, unit MU1"),
        (SWEEPS, "cell.abf, Vm, 3 sweeps"),
        (SWEEPS[1:2], "cell.abf, Vm, sweep 1"),
        ([{"source": "cell.abf", "channel": "Vm", "name": "Vm (50 pA)"}], "cell.abf, Vm (50 pA)"),
        ([{"name": "first"}, {"name": "second"}], "2 sweeps"),
        ([{"name": "$a$"}], "$a$"),
        ([{"channel": "Vm"}], "Vm"),
    ],
)
def test_page_says_where_the_recording_comes_from(source, line):
    title = plot_population(population(source=source))[0].figure.get_suptitle()
    assert title == f"20 models of the neuron stg\nRecording: {line}"


@pytest.mark.parametrize("source", [[], [{}]])
def test_page_without_a_known_recording(source):
    assert "Recording" not in plot_population(population(source=source))[0].figure.get_suptitle()


@pytest.mark.parametrize(("n_sweeps", "n_panels"), [(0, 2), (1, 3)])
def test_page_without_simulation(n_sweeps, n_panels):
    figure = plot_population(population(n_sweeps=n_sweeps))[0].figure
    assert len(figure.axes) == n_panels
    assert figure.get_suptitle() == "20 models of the neuron stg"


def test_page_holds_every_label_entirely():
    """Nothing written is cut off at the border of the page."""
    source = [{"source": f"{'long_' * 40}.abf", "name": f"$cell {'of mine ' * 20}$"}]
    figure = plot_population(population(source=source), simulation(500))[0].figure
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    assert picture.getvalue().startswith(b"\x89PNG")
    raster, conductances, dics = figure.axes
    written = [axis.label for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]
    written += [*raster.get_yticklabels(), *conductances.get_xticklabels()]
    letters = [text for axes in figure.axes for text in axes.texts]
    assert [letter.get_text() for letter in letters] == ["A", "B", "C"]
    (title,) = figure.texts
    written += [*dics.get_legend().get_texts(), *letters, title]
    page = figure.bbox
    for text in filter(Text.get_text, written):
        box = text.get_window_extent()
        assert page.x0 <= box.x0 < box.x1 <= page.x1, text
        assert page.y0 <= box.y0 < box.y1 <= page.y1, text


def test_importing_loads_no_matplotlib():
    code = "import sys, elephant_dic.plots; print('matplotlib' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


def estimates_of(mean, std, n=200):
    """Estimates whose intervals are those of a normal distribution."""
    from scipy.stats import norm

    class Normal:
        def interval(self, level):
            half = norm.ppf((1 + level) / 2) * std
            return np.array([[mean - half, mean + half]] * 3)

    return [Normal()] * n


def test_coverage_is_the_share_of_cells_inside():
    from elephant_dic.plots.training import coverage

    truth = np.array([[0.0, 1.0, 3.0], [0.0, -1.0, 3.0], [0.0, 2.0, 3.0], [0.0, -2.0, 3.0]])
    shares = coverage(estimates_of(0, 1, 4), truth, levels=[0.68 + 1e-2, 0.96])
    np.testing.assert_array_equal(shares, [[1, 0.5, 0], [1, 1, 0]])
    with pytest.raises(ValueError, match=r"dics must have shape \(4, 3\), got \(2, 3\)"):
        coverage(estimates_of(0, 1, 4), truth[:2])


def test_calibration_of_honest_estimates_lies_on_the_diagonal():
    from elephant_dic.plots.training import plot_calibration

    truth = np.random.default_rng(0).standard_normal((400, 3))
    axes = plot_calibration(estimates_of(0, 1, 400), truth)
    for line in axes.lines[1:]:
        x, y = line.get_data()
        assert np.abs(y - x).max() < 0.08
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        rf"$g_\mathrm{{{letter}}}$" for letter in "fsu"
    ]
    assert axes.get_ylabel() == "Share of 400 cells inside"


def test_training_shows_both_curves_over_epochs_from_one():
    from elephant_dic.plots.training import plot_training

    axes = plot_training({"loss": [3.0, 2.0, 1.0], "val_loss": [3.5, 2.5, 1.5]})
    first, second = (line.get_xydata() for line in axes.lines)
    np.testing.assert_array_equal(first, [[1, 3], [2, 2], [3, 1]])
    np.testing.assert_array_equal(second, [[1, 3.5], [2, 2.5], [3, 1.5]])
    with pytest.raises(ValueError, match=r"the history lacks \['val_loss'\]"):
        plot_training({"loss": [1.0]})


def members_of(n=3):
    """A simulation of bursting members with a trace that steps at each spike of the first burst."""
    segment, step = neo.Segment(name="simulation"), 1e-3
    traces = np.full((4000, n), -60.0)
    for member in range(n):
        spikes = np.add.outer(np.arange(8) * 0.5, [0.0, 0.02]).ravel() + 0.05 * (member + 1)
        traces[np.round(spikes / step).astype(int), member] = 40.0
        segment.spiketrains.append(neo.SpikeTrain(spikes * pq.s, t_stop=4, member=member))
    segment.analogsignals.append(neo.AnalogSignal(traces, units="mV", sampling_period=step * pq.s))
    return segment


def test_spikes_and_trace_of_a_member_begin_together():
    from elephant_dic.plots import plot_members

    axes = plot_members(population(3), members_of(), duration=1 * pq.s)
    spikes = [positions for positions, _, _ in rows(axes)][1:]  # below the recording
    assert len(spikes) == 3
    for positions, line in zip(spikes, axes.lines, strict=False):
        np.testing.assert_allclose(positions, [0, 0.02, 0.5, 0.52, 1.0], atol=1e-9)
        x, y = line.get_data()
        peaks = x[y == y.min()]  # the axis points down
        np.testing.assert_allclose(peaks, positions, atol=1.1e-3)
    assert axes.get_xlim()[1] == 1


def test_members_are_shown_for_one_second_or_twenty_spikes():
    from elephant_dic.plots import plot_members

    block = population(3, n_sweeps=0)
    shown = plot_members(block, members_of()).get_xlim()[1]
    assert shown == pytest.approx(1.02 * 3.02)  # the 14 spikes from the second burst on
    with pytest.raises(ValueError, match=r"the simulation holds no members \[9\]"):
        plot_members(block, members_of(), members=[9])


def test_correlations_are_ranks_below_the_diagonal():
    from elephant_dic.plots import plot_correlations

    block = population(50)
    table = conductance_table(block)[1]
    block.annotations["population_g_Kd"] = table[:, 0] ** 3 * pq.mS / pq.cm**2
    block.annotations["population_g_CaT"] = 1 / table[:, 0] * pq.mS / pq.cm**2
    written = {text.get_position(): text.get_text() for text in plot_correlations(block).texts}
    assert len(written) == 8 * 7 / 2
    assert written[(0, 0)] == "1.00"  # Na and Kd: monotone, not linear
    assert written[(0, 1)] == "-1.00"  # Na and CaT


def test_density_says_what_its_contours_hold():
    from elephant_dic import infer_dics
    from elephant_dic.plots import plot_dic_density

    train = neo.SpikeTrain(np.arange(1, 40) * 80.0, units="ms", t_stop=3200)
    legend = plot_dic_density(infer_dics(train)).get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["tonic", "bursting", "mean", "50 %", "90 %"]


def test_inferred_dics_are_called_effective_and_those_of_members_are_not():
    from elephant_dic import infer_dics
    from elephant_dic.plots import plot_dic_density, plot_fast_dic

    estimate = infer_dics(neo.SpikeTrain(np.arange(1, 40) * 80.0, units="ms", t_stop=3200))
    density, own = plot_dic_density(estimate), plot_dics(population())
    assert density.get_xlabel() == "Effective slow DIC $g_\\mathrm{s}$ (units of leak)"
    assert density.get_ylabel() == "Effective ultraslow DIC $g_\\mathrm{u}$ (units of leak)"
    assert plot_fast_dic(estimate).get_xlabel() == "Effective fast DIC $g_\\mathrm{f}$ (units of leak)"
    assert own.get_ylabel() == "Ultraslow DIC $g_\\mathrm{u}$ (units of leak)"


def test_new_figures_have_the_style_of_the_house_and_given_axes_keep_theirs():
    from matplotlib.figure import Figure

    own = Figure().subplots()
    assert own.spines["top"].get_visible()
    assert plot_dics(population(), axes=own).spines["top"].get_visible()
    assert own.xaxis.label.get_size() == 10
    new = plot_dics(population())
    assert not new.spines["top"].get_visible()
    assert new.xaxis.label.get_size() == 8


@pytest.mark.parametrize("wrong", [3, "x", neo.Epoch(), [1.0]])
def test_a_detection_is_of_a_spike_train(wrong):
    signal = neo.AnalogSignal(np.zeros((100, 1)), units="mV", sampling_rate=1 * pq.kHz)
    with pytest.raises(TypeError, match="^spiketrain must be a neo.SpikeTrain or None, got "):
        plot_detection(signal, wrong)
    assert len(plot_detection(signal, None).lines) == 1


@pytest.mark.parametrize("wrong", [3, "x", [1.0], None])
def test_pictures_of_an_estimate_need_one(wrong):
    from elephant_dic.plots import plot_dic_density, plot_fast_dic

    for plot in (plot_dic_density, plot_fast_dic):
        with pytest.raises(TypeError, match="^estimate must be a DICEstimate, as infer_dics gives it, got"):
            plot(wrong)


def test_pictures_of_members_need_a_population_and_whole_numbers():
    from elephant_dic.plots import plot_member_conductances, plot_members

    with pytest.raises(TypeError, match="a population is a neo.Block"):
        plot_members(3, members_of())
    with pytest.raises(TypeError, match="simulation must be a neo.Segment, not NoneType"):
        plot_members(population(3), None)
    for members, message in (
        ([1.5], "each of members must be an int, got 1.5"),
        (1, "members must be a list of numbers of members, got 1"),
        ("12", "members must be a list of numbers of members, got '12'"),
    ):
        with pytest.raises(TypeError, match=message):
            plot_member_conductances(population(3), members)
        with pytest.raises(TypeError, match=message):
            plot_members(population(3), members_of(), members)
    for member in (-1, 3):
        with pytest.raises(ValueError, match=f"each of members must be from 0 to 2, got {member}"):
            plot_member_conductances(population(3), [member])
    assert len(plot_member_conductances(population(3), [0, np.int64(2)]).patches) == 2 * 8


def test_pictures_of_training_need_what_they_show():
    from elephant_dic.plots.training import plot_calibration, plot_training

    with pytest.raises(TypeError, match="history must be a mapping with loss and val_loss, got 3"):
        plot_training(3)
    for wrong in (3, [1.0], "x"):
        with pytest.raises(TypeError, match="estimates must be a list of DICEstimate, got "):
            plot_calibration(wrong, np.zeros((1, 3)))
    with pytest.raises(ValueError, match="there is no estimate to compare"):
        plot_calibration([], np.zeros((0, 3)))
    with pytest.raises(ValueError, match="dics must be a table of numbers, got 'x'"):
        plot_calibration(estimates_of(0, 1, 1), "x")


@pytest.mark.parametrize(("n_spikes", "is_pixels"), [(2000, False), (34_000, True)])
def test_a_raster_of_very_many_spikes_is_a_small_file(n_spikes, is_pixels):
    times = np.linspace(0, 1199, n_spikes)
    axes = plot_spiketrain(neo.SpikeTrain(times, units="s", t_stop=1200.0))
    buffer = io.BytesIO()
    axes.figure.savefig(buffer, format="svg")
    assert len(buffer.getvalue()) < 500_000
    assert (b"<image" in buffer.getvalue()) == is_pixels
