"""DICs of given conductances: by hand, against another program, and as the slope of the steady current."""

import math
from dataclasses import replace

import numpy as np
import pytest
import quantities as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from support.golden import golden_dics
from support.toy_neuron import FIRING, constant, toy_neuron

from elephant_dic import compute_dics, get_neuron
from elephant_dic.neurons import Gate, TwoStateGate, dics_of, steady_current
from elephant_dic.neurons.dics import threshold_voltage
from elephant_dic.neurons.kinetics import STEP, timescale_weights
from elephant_dic.neurons.model import CalciumPool, Channel, Nernst, ReferencePopulation, sigmoid

STG, DA, PYLORIC, TOY = get_neuron("stg"), get_neuron("da"), get_neuron("pyloric"), toy_neuron()
STG_TONIC = np.array([[4000, 137, 3, 4, 110, 175, 0.3, 0.01]])
STG_BURSTING = np.array([[4000, 137, 3, 19, 110, 70, 0.3, 0.01]])
DA_CELL = np.array([[30, 5, 0.03, 0.03, 0.12, 0.012, 0.01]])


# A neuron of one gate, by hand


def one_gate(*gates):
    """A channel with the given gates, reversal +50 mV, and a leak; timescales of 1, 10 and 100 ms."""
    return toy_neuron(
        channels=(Channel("In", 50.0, gates), Channel("leak", -60.0)),
        calcium=None,
        timescales=(constant(1.0), constant(10.0), constant(100.0)),
        reference=ReferencePopulation((0.1, 0.2), {}, ("In",), (0.0, 0.0, 0.0)),
        compensations=(),
        fast_channel="In",
    )


HALF_OPEN = sigmoid(50, -10)  # at -50 mV 1/2, with a slope of 1/40 per mV
CELL = np.array([[2.0, 0.5]])


@pytest.mark.parametrize(
    ("tau", "expected"),
    [
        # open: 2 * 1/2 / 0.5 = 2, leak: 1, gate: 2 * 1/40 * (-50 - 50) / 0.5 = -10
        (None, (-7, 0, 0)),
        (0.1, (-7, 0, 0)),
        (1.0, (-7, 0, 0)),
        (math.sqrt(10), (-2, -5, 0)),
        (10.0, (3, -10, 0)),
        (10**1.75, (3, -2.5, -7.5)),
        (100.0, (3, 0, -10)),
        (1e5, (3, 0, -10)),
    ],
)
def test_one_gate_by_hand(tau, expected):
    neuron = one_gate(Gate("m", HALF_OPEN, tau and constant(tau)))
    assert dics_of(neuron, CELL)[0] == pytest.approx(expected)


def test_exponents_and_products_by_hand():
    squared = one_gate(Gate("m", HALF_OPEN, constant(10.0), exponent=2))
    # open: 2 * 1/4 / 0.5 = 1; gate: 2 * (2 * 1/2 * 1/40) * (-100) / 0.5 = -10
    assert dics_of(squared, CELL)[0] == pytest.approx((2, -10, 0))
    closing = sigmoid(50, 10)
    product = one_gate(Gate("m", HALF_OPEN, constant(1.0)), Gate("h", closing, constant(100.0)))
    # open: 1; each gate: 2 * 1/40 * 1/2 * (-100) / 0.5 = -5, and h closes
    assert dics_of(product, CELL)[0] == pytest.approx((2 - 5, 0, 5))


def test_a_two_state_gate_contributes_where_it_is_declared_to():
    opening = lambda voltage: np.exp((voltage + 50) / 10)  # noqa: E731
    gate = TwoStateGate("o", opening, constant(1.0), constant(1.0), constant(1.0), timescale="g_s")
    # o = i = a / (2 a + 1) = 1/3 with a = 1, and o' = a' / (2 a + 1)**2 = 1 / 90
    # open: 2 / 3 / 0.5; gate: 2 / 90 * (-100) / 0.5
    assert dics_of(one_gate(gate), CELL)[0] == pytest.approx((1 + 4 / 3, -40 / 9, 0))


def test_a_reversal_that_follows_calcium_by_hand():
    """At -50 mV a conductance of 2 is half open; the baseline is such that calcium rests at 1 uM."""
    reversal = 10 * math.log(1000)
    pool = CalciumPool(("In",), 100.0, 0.1, baseline=1 + 0.1 * (-50 - reversal), initial=1.0)
    gate = Gate("m", HALF_OPEN, constant(10.0))
    channels = Channel("In", Nernst(10.0, 1000.0), (gate,)), Channel("leak", -60.0)
    neuron = replace(one_gate(gate), channels=channels, calcium=pool)
    opening = 2 / 40 * (-50 - reversal)
    # dCa = -0.1 (dI/dV + dI/dCa dCa), with dI/dCa = 2 * 1/2 * 10 / 1 uM
    by_calcium = 10 * -0.1 * (1 + opening) / (1 + 0.1 * 10)
    expected = np.array([1, opening, by_calcium]) / 0.5 + (1, 0, 0)
    assert dics_of(neuron, CELL)[0] == pytest.approx(expected)


def test_derivatives_of_dics_with_a_moving_reversal():
    cell = np.array([[300.0, 60, 5, 4, 15, 20, 0.03, 0.01]])
    for column in range(8):
        shift = np.eye(8)[column] * cell
        exact = dics_of(PYLORIC, cell + 1j * STEP * shift).imag / STEP
        difference = (dics_of(PYLORIC, cell + 1e-5 * shift) - dics_of(PYLORIC, cell - 1e-5 * shift)) / 2e-5
        assert exact == pytest.approx(difference, rel=1e-6, abs=1e-6)


def test_a_leak_alone():
    table = np.array([[0, 0, 0, 0, 0, 0, 0, 0.01]])
    assert compute_dics(table, "stg")[0] == pytest.approx((1, 0, 0), abs=1e-12)


# Weights of the timescales


@pytest.mark.parametrize(
    ("tau", "expected"),
    [
        (0.0, (1, 0, 0)),
        (0.2, (1, 0, 0)),
        (1.0, (1, 0, 0)),
        (math.sqrt(5), (0.5, 0.5, 0)),
        (5.0, (0, 1, 0)),
        (5.0 * 40**0.25, (0, 0.75, 0.25)),
        (200.0, (0, 0, 1)),
        (5e5, (0, 0, 1)),
    ],
)
def test_timescale_weights_by_hand(tau, expected):
    assert timescale_weights(tau, (1.0, 5.0, 200.0)) == pytest.approx(expected, abs=1e-12)


@given(st.floats(1e-4, 1e6), st.tuples(*[st.floats(1.01, 100)] * 3), st.floats(0.01, 10))
def test_timescale_weights_are_shares(tau, ratios, fast):
    references = fast, fast * ratios[0], fast * ratios[0] * ratios[1]
    weights = timescale_weights(tau, references)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    assert (weights <= 1).all()
    slower = timescale_weights(tau * ratios[2], references)
    assert slower[0] <= weights[0]
    assert slower[2] >= weights[2]


# (time constant, share fast, 1 - share ultraslow) at the threshold voltage, from a published implementation
PUBLISHED_WEIGHTS = {
    STG: [
        (1.28, 0.399, 1), (5.70, 0, 1), (6.85, 0, 0.961), (54.8, 0, 0.526), (23.1, 0, 0.707),
        (135.9, 0, 0.335), (56.9, 0, 0.518), (20, 0, 0.737), (9.18, 0, 0.900), (27.3, 0, 0.672),
        (672.8, 0, 0),
    ],
    DA: [(44.7, 0, 0.459), (17.3, 0, 1), (29.2, 0, 0.703), (18.0, 0, 0.978)],
}  # fmt: skip


@pytest.mark.parametrize("neuron", [STG, DA], ids=["stg", "da"])
def test_published_timescale_weights(neuron):
    references = [tau(neuron.threshold_voltage) for tau in neuron.timescales]
    for tau, fast, below_ultraslow in PUBLISHED_WEIGHTS[neuron]:
        weights = timescale_weights(tau, references)
        assert (weights[0], 1 - weights[2]) == pytest.approx((fast, below_ultraslow), abs=3e-3), tau


# Against another program


@pytest.mark.parametrize("name", ["stg", "da"])
def test_golden_dics(name):
    table, voltage, expected = golden_dics(name)
    found = compute_dics(table, name, voltage * pq.mV)
    # The other program's sodium time constant of the DA neuron has a pole: away from it, 3e-5 is left.
    rtol = np.where((voltage == -55.5) | (name == "stg"), 1e-8, 3e-5)
    np.testing.assert_array_less(np.abs(found - expected), rtol[:, None] * np.abs(expected) + 1e-300)
    assert len(found) == 120


@pytest.mark.parametrize(
    ("neuron", "cell", "expected", "tolerance"),
    [
        ("stg", STG_TONIC, (-3.2412, 3.3130, 5.3828), 5.1e-5),
        ("stg", STG_BURSTING, (-3.5209, -6.3145, 5.3124), 5.1e-5),
        ("da", DA_CELL, (-14.3543, 0.47325, 5.28255), 5.1e-5),
    ],
)
def test_published_dics(neuron, cell, expected, tolerance):
    assert compute_dics(cell, neuron)[0] == pytest.approx(expected, abs=tolerance)


SENSITIVITIES = {
    "stg": [
        [-1.6184202e-5, 1.7316366e-6, 4.1219052e-5, 1.7735409e-4, 2.21e-9, 5.2126995e-5, 4.0439565e-2, 1],
        [1.4386402e-6, 1.6405354e-5, -2.0715384e-3, -4.4683171e-3, 3.62e-8, 2.812132e-4, 0, 0],
        [0, 0, -6.9181974e-5, -2.5905815e-4, 1.81e-8, -2.9009085e-5, 0.2004884, 0],
    ],
    "da": [
        [-5.4885098e-3, 3.8883038e-4, 3.6104055e-3, 2.5509666e-2, 9.3176049e-2, -0.24050769, 1],
        [3.9127553e-4, 2.658321e-3, -0.27548207, -0.40109649, 0, 0, 0],
        [4.6089908e-4, 0, -0.11646352, -9.0757451e-3, 0.35637242, 0, 0],
    ],
}


@pytest.mark.parametrize(("neuron", "cell"), [(STG, STG_TONIC), (DA, DA_CELL)], ids=["stg", "da"])
def test_published_sensitivities(neuron, cell):
    """Each column, not normalised, from cells with one more channel and one without it."""
    expected = np.array(SENSITIVITIES[neuron.name])
    for i, channel in enumerate(neuron.channels[:-1]):
        by_calcium = any(gate.calcium_factor for gate in channel.gates)
        with_it = cell.copy() if by_calcium else np.zeros_like(cell)
        with_it[0, i], with_it[0, -1] = 1, 1
        without = with_it.copy()
        without[0, i] = 0
        column = (dics_of(neuron, with_it) - dics_of(neuron, without))[0]
        tolerance = 3e-3 if by_calcium else 1e-7
        assert column == pytest.approx(expected[:, i], rel=tolerance, abs=1e-14), channel.name


# The slope of the steady current


def cells_and_voltages(largest):
    return st.tuples(
        arrays(float, (1, len(largest) - 1), elements=st.floats(0, 1)).map(lambda u: u * largest[:-1]),
        st.floats(0.1, 1).map(lambda u: np.array([[u * largest[-1]]])),
        st.floats(-90, 10),
    ).map(lambda drawn: (np.hstack(drawn[:2]), drawn[2]))


LARGEST = {
    "stg": [8000, 350, 12, 50, 250, 600, 0.7, 0.02],
    "da": [60, 12, 0.12, 0.12, 0.3, 0.03, 0.02],
    "pyloric": [500, 125, 12.5, 10, 25, 50, 0.05, 0.05],
    "toy": [80, 40, 2, 0.3],
}


@pytest.mark.parametrize("neuron", [STG, DA, PYLORIC, TOY], ids=["stg", "da", "pyloric", "toy"])
@given(data=st.data())
def test_the_rows_sum_to_the_slope_of_the_steady_current(neuron, data):
    cell, voltage = data.draw(cells_and_voltages(np.array(LARGEST[neuron.name])))
    step = 1e-3
    high, low = (steady_current(neuron, cell[0], voltage + shift) for shift in (step, -step))
    slope = (high - low) / (2 * step) / cell[0, -1]
    rows = dics_of(neuron, cell, voltage)[0]
    # The finite difference is limited by the cancellation of currents of up to `largest`.
    largest = max(
        abs(steady_current(neuron, np.where(np.arange(len(cell[0])) == i, cell[0], 0), voltage))
        for i in range(len(cell[0]))
    )
    limit = 1e-12 * largest / step / cell[0, -1] + 1e-6 * np.abs(rows).max() + 1e-6
    assert rows.sum() == pytest.approx(slope, rel=1e-5, abs=limit)


@settings(max_examples=20)
@given(st.floats(0.1, 10))
def test_dics_do_not_depend_on_the_size_of_a_cell_without_calcium(factor):
    assert dics_of(DA, factor * DA_CELL) == pytest.approx(dics_of(DA, DA_CELL))


# compute_dics: units, shapes, errors


def test_units():
    expected = compute_dics(STG_TONIC, "stg")
    assert compute_dics(STG_TONIC * pq.mS / pq.cm**2, "stg") == pytest.approx(expected)
    assert compute_dics(STG_TONIC * 10 * pq.S / pq.m**2, "stg") == pytest.approx(expected)
    assert compute_dics(STG_TONIC.tolist()) == pytest.approx(expected)
    assert compute_dics(STG_TONIC, STG, -0.051 * pq.V) == pytest.approx(expected)
    assert compute_dics(STG_TONIC, STG, -40 * pq.mV) != pytest.approx(expected, rel=0.1)


def test_the_default_voltage_is_the_threshold_of_the_neuron():
    for neuron, cell in ((STG, STG_TONIC), (DA, DA_CELL), (TOY, FIRING)):
        at_threshold = compute_dics(cell, neuron, neuron.threshold_voltage * pq.mV)
        assert (compute_dics(cell, neuron) == at_threshold).all()


def test_one_voltage_a_cell():
    table = np.vstack([STG_TONIC, STG_BURSTING, STG_TONIC])
    voltages = np.array([-51.0, -30.0, -70.0])
    one_by_one = [
        compute_dics(cell[None], "stg", v * pq.mV)[0] for cell, v in zip(table, voltages, strict=True)
    ]
    assert compute_dics(table, "stg", voltages * pq.mV) == pytest.approx(np.array(one_by_one))


def test_conductances_are_left_as_they_are():
    table = STG_TONIC.copy()
    compute_dics(table, "stg", [-51] * pq.mV)
    assert (table == STG_TONIC).all()


def test_no_cells_have_no_dics():
    assert compute_dics(np.empty((0, 8))).shape == (0, 3)


@pytest.mark.parametrize("voltage", [-51, -51.0, np.array([-51.0])])
def test_a_voltage_without_a_unit_is_refused(voltage):
    with pytest.raises(TypeError, match=r"voltage must be a Quantity such as -51 \* pq.mV, got"):
        compute_dics(STG_TONIC, "stg", voltage)


def test_a_wrong_unit_is_refused():
    with pytest.raises(ValueError, match="voltage must be in mV or the like, got ms"):
        compute_dics(STG_TONIC, "stg", 5 * pq.ms)
    with pytest.raises(ValueError, match=r"conductances must be in mS/cm\*\*2 or the like, got mV"):
        compute_dics(STG_TONIC * pq.mV)


def test_a_wrong_number_of_voltages_is_refused():
    with pytest.raises(ValueError, match=r"one value or one a cell \(1\), got \(2,\)"):
        compute_dics(STG_TONIC, "stg", [-51, -50] * pq.mV)


@pytest.mark.parametrize("wrong", [STG_TONIC[0], STG_TONIC[:, :7], STG_TONIC[None]])
def test_a_wrong_shape_is_refused(wrong):
    message = r"neuron stg must have shape \(n, 8\), in the order g_Na, .*, g_leak; got \("
    with pytest.raises(ValueError, match=message):
        compute_dics(wrong, "stg")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (0, -1.0, r"g_Na of member 1 is -1.0 mS/cm\*\*2; it must be zero or positive, and at most 1e\+30"),
        (4, np.nan, "g_KCa of member 1 is nan mS"),
        (6, np.inf, "g_H of member 1 is inf mS"),
        (7, 0.0, r"g_leak of member 1 is 0.0 mS/cm\*\*2; it must be positive, and at most"),
        (7, -0.01, "g_leak of member 1 is -0.01 mS/cm.*must be positive, and at most"),
    ],
)
def test_a_wrong_conductance_is_named(column, value, message):
    table = np.vstack([STG_TONIC, STG_TONIC])
    table[1, column] = value
    with pytest.raises(ValueError, match=message):
        compute_dics(table, "stg")


def test_a_blocked_channel_is_allowed():
    table = STG_TONIC.copy()
    table[0, 4] = 0
    assert np.isfinite(compute_dics(table, "stg")).all()


# Threshold voltage


def test_threshold_voltages_of_random_cells():
    """Uniform conductances, scaled with a gamma distributed leak: published are -51.14 and -51.06 mV."""
    rng = np.random.default_rng(1)
    table = rng.uniform(0, LARGEST["stg"], (4000, 8))
    leak = rng.gamma(27, 0.01 / 27, 4000)
    table *= leak[:, None] / 0.01
    table[:, -1] = leak
    found = threshold_voltage(STG, table)
    assert np.nanmean(found) == pytest.approx(-51.1, abs=0.5)
    assert np.nanmedian(found) == pytest.approx(-51.06, abs=0.2)


def test_the_total_dic_changes_its_sign_at_the_threshold_for_the_first_time():
    table = golden_dics("stg")[0]
    found = threshold_voltage(STG, table)
    known = np.isfinite(found)
    assert known.sum() > 100
    cells, voltages = table[known], found[known]
    assert (dics_of(STG, cells, voltages - 1e-3).sum(axis=1) > 0).all()
    assert (dics_of(STG, cells, voltages + 1e-3).sum(axis=1) < 0).all()
    for cell, voltage in zip(cells[::10], voltages[::10], strict=True):
        below = np.arange(-80, voltage - 0.9, 0.25)
        total = dics_of(STG, np.tile(cell, (len(below), 1)), below).sum(axis=1)
        assert not ((total[:-1] > 0) & (total[1:] <= 0)).any()


def test_a_cell_without_crossing_has_no_threshold():
    leak_only, firing = np.array([[0, 0, 0, 0, 0, 0, 0, 0.01]]), STG_TONIC
    found = threshold_voltage(STG, np.vstack([leak_only, firing]))
    assert np.isnan(found[0])
    assert np.isfinite(found[1])


@pytest.mark.parametrize("voltage", [np.nan, np.inf])
def test_voltage_must_be_finite(voltage):
    with pytest.raises(ValueError, match="voltage must be finite"):
        compute_dics(np.ones((1, 8)), voltage=voltage * pq.mV)
