"""What a declaration can hold beyond the common: by hand, against plain equations, and against LSODA."""

import math
from dataclasses import replace

import numpy as np
import pytest
from support.toy_neuron import toy_neuron

from elephant_dic import compute_dics, get_neuron
from elephant_dic.neurons import dics_of, reference_population, solve_adaptively, steady_current
from elephant_dic.neurons.kinetics import STEP, stencil_derivative
from elephant_dic.neurons.model import (
    CalciumPool,
    Channel,
    Compensation,
    Crossing,
    Gate,
    Hill,
    KineticScheme,
    Nernst,
    PumpedPool,
    Reaction,
    Swing,
    Training,
    UniformPopulation,
    calcium_sigmoid,
    constant,
    sigmoid,
)
from elephant_dic.neurons.plain_equations import maxima
from elephant_dic.simulation import simulate

STG = get_neuron("stg")
#: A tonic and a bursting cell of the STG neuron.
CELLS = np.array(
    [
        [2110.0, 83.44, 4.5, 10.5, 150.0, 90.0, 0.05, 0.0108],
        [1900.0, 90.0, 4.0, 12.0, 160.0, 60.0, 0.05, 0.0108],
    ]
)
DURATION = 250.0


def changed(channels, **fields):
    """The STG neuron with other channels of the same names, or other fields."""
    given = {channel.name: channel for channel in channels}
    kept = tuple(given.pop(channel.name, channel) for channel in STG.channels[:-1])
    fields = {"channels": (*kept, *given.values(), STG.channels[-1]), **fields}
    if given:
        names = [channel.name for channel in fields["channels"][:-1]]
        fields["reference"] = UniformPopulation((0.005, 0.01), dict.fromkeys(names, (0, 1)))
        fields |= {"broad": None, "training": replace(STG.training, strangers=False), "leak": "leak"}
    return replace(STG, name="changed", **fields)


M_KCA = STG.channels[STG.index("KCa")].gates[0]
M_A, H_A = STG.channels[STG.index("A")].gates
M_CAS, H_CAS = STG.channels[STG.index("CaS")].gates
H_OPEN = sigmoid(70, 6)
LOCKED = KineticScheme(
    "o", ("C", "O", "OL", "P0", "P1"),
    (
        Reaction("C", "O", lambda v: H_OPEN(v) / 300, lambda v: (1 - H_OPEN(v)) / 300),
        Reaction("O", "OL", constant(0.02), constant(0.002), by="P1"),
        Reaction("P0", "P1", constant(1e-4), constant(0.01), calcium=lambda calcium: calcium**2),
    ),
    conducting={"O": 1.0, "OL": 2.0}, timescale="g_u",
)  # fmt: skip
PUMP = {"channels": ("CaT", "CaS"), "influx": 0.047, "initial": 0.5, "maximum": 1.5, "half": 10.0}
E_CALCIUM = Nernst(12.2, 3000.0)


def by_calcium(factor, **options):
    return Channel("KCa", -80.0, (replace(M_KCA, calcium_half=None, calcium=factor, **options),))


def as_scheme(gate):
    """The gate as a scheme of a closed and an open state, once."""
    return KineticScheme(
        gate.name, ("closed", "open"),
        (
            Reaction(
                "closed", "open",
                lambda v: gate.steady_state(v) / gate.time_constant(v),
                lambda v: (1 - gate.steady_state(v)) / gate.time_constant(v),
            ),
        ),
        {"open": 1.0}, timescale="g_s",
    )  # fmt: skip


AT_ONCE = Channel("KCa", -80.0, (Gate("c", constant(1.0), calcium=Hill(30.0, 4.0)),))
BOTH_AT_ONCE = Channel(
    "KCa", -80.0,
    (Gate("c", sigmoid(28.3, -12.6), exponent=2, calcium=Hill(9.0)), replace(M_KCA, calcium_half=None)),
)  # fmt: skip
CLOSED = Gate("d", constant(1.0), constant(30.0), calcium=calcium_sigmoid(6.0, -2.0))
TWO_SPEEDS = Channel(
    "A", -80.0, (M_A, replace(H_A, time_constant=((0.3, constant(20.0)), (0.7, H_A.time_constant))))
)
OF_CALCIUM = {
    "hill": changed([by_calcium(Hill(3.0, 2.0))]),
    "sigmoid": changed([by_calcium(calcium_sigmoid(3.0, 1.0))]),
    "at once": changed([AT_ONCE]),
    "both at once": changed([BOTH_AT_ONCE]),
    "lag": changed([by_calcium(Hill(3.0), calcium_lag=True)]),
    "carrier": changed([Channel("CaS", 80.0, (M_CAS, H_CAS, CLOSED))]),
    "pump": changed([], calcium=PumpedPool(**PUMP)),
}
#: Several features at once: each of these has the simulator compiled anew.
WIDE = {
    "Hill and two time constants": changed(
        [by_calcium(Hill(3.0, 2.0)), TWO_SPEEDS], spike=Crossing(-20.0, -30.0)
    ),
    "at once, pump": changed([AT_ONCE], calcium=PumpedPool(**PUMP)),
    "both at once, swing": changed([BOTH_AT_ONCE], spike=Swing(10.0)),
    "carrier, Nernst, lag": changed(
        [
            Channel("CaS", E_CALCIUM, (M_CAS, H_CAS, CLOSED)),
            by_calcium(calcium_sigmoid(3.0, 1.0), calcium_lag=True),
        ]
    ),
    "Nernst at once, steep pump": changed(
        [Channel("CaS", E_CALCIUM, (Gate("m", sigmoid(33, -8.1), exponent=3), H_CAS))],
        calcium=PumpedPool(**PUMP, power=2),
    ),
    "schemes, leaks": changed(
        [
            Channel("H", -20.0, (LOCKED,)),
            Channel("A", -80.0, (as_scheme(M_A), as_scheme(H_A))),
            Channel("LK", -80.0),
            Channel("LNa", 50.0),
        ]
    ),
}
ALL = OF_CALCIUM | WIDE


def cells_of(neuron):
    if not neuron.leak:
        return CELLS
    cells = np.insert(CELLS, [7, 7], [0.001, 0.0001], axis=1)
    cells[:, neuron.index("A")] /= 1000  # as a scheme its activation is not raised to the third power
    return cells


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow)
        if name in ("both at once, swing", "Nernst at once, steep pump")
        else name
        for name in WIDE
    ],
)
def test_the_simulator_agrees_with_an_adaptive_solver(name):
    neuron = WIDE[name]
    cells = cells_of(neuron)
    for cell, times in zip(cells, simulate(neuron, cells, DURATION, dt=0.05).spike_times, strict=True):
        expected, _ = solve_adaptively(neuron, cell, DURATION)
        assert len(times) == len(expected) > 1
        assert times == pytest.approx(expected, abs=0.002 * DURATION)
        assert times[:5] == pytest.approx(expected[:5], abs=0.02)


@pytest.mark.parametrize("name", WIDE)
def test_a_run_goes_on_from_its_state(name):
    neuron = WIDE[name]
    cells = cells_of(neuron)
    first = simulate(neuron, cells, DURATION / 2, dt=0.05, keep_states=True)
    second = simulate(neuron, cells, DURATION / 2, dt=0.05, states=first.states)
    whole = simulate(neuron, cells, DURATION, dt=0.05)
    for parts in zip(first.spike_times, second.spike_times, whole.spike_times, strict=True):
        joined = np.concatenate([parts[0], DURATION / 2 + parts[1]])
        assert joined == pytest.approx(parts[2], abs=0.3)


@pytest.mark.parametrize("name", ALL)
def test_dics_sum_to_the_slope_of_the_steady_current(name):
    neuron = ALL[name]
    for cell in cells_of(neuron):
        for voltage in (-65.0, -51.0, -45.0):
            high, low = (steady_current(neuron, cell, voltage + shift) for shift in (1e-3, -1e-3))
            rows = dics_of(neuron, cell[None], voltage)[0]
            slope = (high - low) / 2e-3 / cell[neuron.leak_index]
            assert rows.sum() == pytest.approx(slope, rel=1e-5, abs=1e-4 * np.abs(rows).sum())


@pytest.mark.parametrize("name", ALL)
def test_dics_have_the_derivatives_by_which_conductances_are_solved(name):
    neuron = ALL[name]
    cell = cells_of(neuron)[:1]
    # The time constant of a pump moves the weights of the timescales a little; that is left out.
    limit = 0.02 if isinstance(neuron.calcium, PumpedPool) else 1e-6
    for column in range(cell.shape[1]):
        shift = np.eye(cell.shape[1])[column] * cell
        exact = dics_of(neuron, cell + 1j * STEP * shift).imag / STEP
        difference = (dics_of(neuron, cell + 1e-5 * shift) - dics_of(neuron, cell - 1e-5 * shift)) / 2e-5
        assert exact == pytest.approx(difference, rel=limit, abs=limit * (1 + np.abs(difference).max()))


def test_a_constant_current_is_a_leak_reversal_that_is_moved():
    moved = replace(STG, name="moved", channels=(*STG.channels[:-1], Channel("leak", -40.0)))
    currents = 10.0 * CELLS[:, -1]
    trains = simulate(moved, CELLS, DURATION).spike_times
    for times, expected in zip(
        simulate(STG, CELLS, DURATION, currents=currents).spike_times, trains, strict=True
    ):
        assert times == pytest.approx(expected, abs=0.05)
    plainly = solve_adaptively(STG, CELLS[0], 100.0, current=currents[0])[0]
    assert trains[0][: len(plainly)] == pytest.approx(plainly, abs=0.2)


@pytest.mark.parametrize(
    ("currents", "message"),
    [
        ([1.0, 2.0, 3.0], r"currents must be one number or one for each of 2 cells, got shape \(3,\)"),
        (math.inf, "currents must be finite .*, got inf"),
    ],
)
def test_wrong_currents_are_refused(currents, message):
    with pytest.raises(ValueError, match=message):
        simulate(STG, CELLS, 10.0, currents=currents)


def test_a_swing_finds_the_maxima_of_the_trace():
    run = simulate(WIDE["both at once, swing"], CELLS, DURATION, dt=0.02, trace_step=0.02)
    times = 0.02 * np.arange(run.traces.shape[1])
    for voltages, spikes in zip(run.traces, run.spike_times, strict=True):
        assert maxima(times, voltages, 10.0) == pytest.approx(spikes, abs=0.03)


@pytest.mark.parametrize("before", [1.0, 0.1, -0.1, -1.0])
def test_no_maximum_is_lost_between_two_runs(before):
    neuron = WIDE["both at once, swing"]
    whole = simulate(neuron, CELLS, DURATION).spike_times
    for cell, times in zip(CELLS[:, None], whole, strict=True):
        cut = times[len(times) // 2] - before
        first = simulate(neuron, cell, cut, keep_states=True)
        second = simulate(neuron, cell, DURATION - cut, states=first.states)
        joined = np.concatenate([first.spike_times[0], cut + second.spike_times[0]])
        assert joined == pytest.approx(times, abs=1.1)


def test_maxima_of_a_known_wave():
    """Ripples of 4 mV on a slow wave: a swing of 3 mV sees each, one of 6 mV the waves alone."""
    times = np.arange(0.0, 1000.0, 0.5)
    wave = 30 * np.sin(2 * np.pi * times / 500) + 2 * np.sin(2 * np.pi * times / 20)
    assert maxima(times, wave, 40.0) == pytest.approx([625.0], abs=5)  # the first rise is of 30 mV
    assert maxima(times, wave, 25.0) == pytest.approx([125.0, 625.0], abs=5)
    assert len(maxima(times, wave, 70.0)) == 0
    crest = slice(180, 320)
    assert np.diff(maxima(times[crest], wave[crest], 3.0)) == pytest.approx(20.0, abs=1)


# By hand

TOY_TRAINING = Training({"g_s": (0, 1), "g_u": (0, 1)}, transient=0.0, window=100.0)


def by_hand(*gates, pool=None, reversal=-80.0, **fields):
    """One channel and a leak of 0.5 at -60 mV; DICs are taken at -50 mV."""
    return toy_neuron(
        channels=(Channel("In", reversal, gates), Channel("leak", -60.0)),
        calcium=pool,
        timescales=(constant(1.0), constant(10.0), constant(100.0)),
        threshold_voltage=-50.0,
        reference=UniformPopulation((0.5, 0.5), {"In": (0, 2)}),
        compensations=(Compensation(("In", "In"), lambda first, second: first > -np.inf),),
        fast_channel="In",
        training=TOY_TRAINING,
        broad=None,
        **fields,
    )


CELL = np.array([[2.0, 0.5]])


def test_two_time_constants_by_hand():
    gate = Gate("m", sigmoid(50, -10), ((0.25, constant(1.0)), (0.75, constant(100.0))))
    # Open 2 / 2 / 0.5; the gate 2 / 40 * 30 / 0.5 = 3, a quarter of it fast and the rest ultraslow.
    assert dics_of(by_hand(gate), CELL)[0] == pytest.approx((1 + 2 + 0.75, 0, 2.25))


def test_a_kinetic_scheme_at_rest_by_hand():
    scheme = KineticScheme(
        "o", ("a", "b", "c", "q", "r"),
        (
            Reaction("a", "b", constant(2.0), constant(1.0)),
            Reaction("b", "c", constant(3.0), constant(1.0), by="r"),
            Reaction("q", "r", constant(1.0), constant(2.0), calcium=lambda calcium: calcium),
        ),
        {"b": 1.0, "c": 0.5}, timescale="g_s",
    )  # fmt: skip
    # At 2 uM, r = q = 1/2; b = 2 a, c = 3/2 b = 3 a, so a = 1/6.
    assert scheme.steady_states(np.array(-50.0), 2.0) == pytest.approx([1 / 6, 1 / 3, 1 / 2, 1 / 2, 1 / 2])
    assert scheme.steady_state(np.array(-50.0), 2.0) == pytest.approx(1 / 3 + 1 / 4)
    both = scheme.steady_states(np.array([-50.0, 0.0]), np.array([2.0, 2.0]))
    assert both.shape == (5, 2)
    assert both[:, 0] == pytest.approx(both[:, 1])


def test_a_loop_of_states_rests_where_its_flows_balance():
    one, two = constant(1.0), constant(2.0)
    scheme = KineticScheme(
        "o", ("a", "b", "c"),
        (Reaction("a", "b", two, one), Reaction("b", "c", two, one), Reaction("c", "a", two, one)),
        {"b": 1.0}, timescale="g_s",
    )  # fmt: skip
    assert scheme.steady_states(np.array(0.0)) == pytest.approx([1 / 3] * 3)


def test_a_pump_by_hand():
    """At -50 mV a conductance of 2 brings in 0.01 * 2 * 30 = 0.6 uM/ms of at most 1: Ca**2 = 0.6 / 0.4."""
    pool = PumpedPool(("In",), influx=0.01, maximum=1.0, half=1.0, initial=1.0, power=2)
    carrier = by_hand(Gate("m", constant(1.0)), pool=pool, reversal=-20.0)
    assert pool.removal(math.sqrt(1.5)) == pytest.approx(0.6)
    slope = pool.removal_slope(math.sqrt(1.5))
    assert slope == pytest.approx(2 * math.sqrt(1.5) / 2.5**2)
    assert slope == pytest.approx(stencil_derivative(pool.removal, math.sqrt(1.5), 1.0))
    assert dics_of(carrier, CELL)[0] == pytest.approx((2 / 0.5 + 1, 0, 0))
    with_gate = replace(
        carrier,
        channels=(
            carrier.channels[0],
            Channel("K", -80.0, (Gate("c", constant(1.0), calcium=Hill(1.0)),)),
            carrier.channels[1],
        ),
        reference=UniformPopulation((0.5, 0.5), {"In": (0, 2), "K": (0, 1)}),
        broad=None,
    )
    calcium = math.sqrt(1.5)
    opened = calcium / (1 + calcium)
    by_voltage = -0.01 * 2 / slope  # of calcium
    moved = 1.0 * 30 / (1 + calcium) ** 2 * by_voltage
    total = (2 + 1.0 * opened + moved) / 0.5 + 1
    rows = dics_of(with_gate, np.array([[2.0, 1.0, 0.5]]))[0]
    assert rows.sum() == pytest.approx(total)
    tau = 1 / slope  # 2.55 ms: between fast and slow
    share = math.log(10 / tau) / math.log(10)
    assert rows[1] == pytest.approx(moved / 0.5 * (1 - share))
    assert rows[2] == pytest.approx(0, abs=1e-12)


def test_the_lag_of_a_gate_adds_to_that_of_the_pool():
    pool = CalciumPool(("In",), time_constant=1.0, per_current=0.01, baseline=1.0, initial=1.0)

    def rows(**options):
        gates = Gate("c", constant(1.0), constant(9.0), calcium=Hill(1.0), **options)
        neuron = by_hand(Gate("m", constant(1.0)), pool=pool, reversal=-20.0)
        neuron = replace(
            neuron,
            channels=(neuron.channels[0], Channel("K", -80.0, (gates,)), neuron.channels[1]),
            reference=UniformPopulation((0.5, 0.5), {"In": (0, 2), "K": (0, 1)}),
            broad=None,
        )
        return dics_of(neuron, np.array([[2.0, 1.0, 0.5]]))[0]

    alone, lagging = rows(), rows(calcium_lag=True)
    # 1 ms is the fast timescale and 10 ms the slow one.
    assert alone[1:] == pytest.approx((0, 0))
    assert lagging[1] == pytest.approx(alone[0] - lagging[0])
    assert lagging[1] < 0
    assert lagging[2] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("name", ["snc", "stn", "pituitary", "stg", "pyloric"])
def test_cells_whose_calcium_channels_are_blocked_have_dics(name):
    """Calcium rests at zero, or at its baseline: what follows it is closed, or open for good."""
    neuron = get_neuron(name)
    cell = reference_population(neuron, 1, np.random.default_rng(0))
    cell[:, [neuron.index(carrier) for carrier in neuron.calcium.channels]] = 0
    voltage = neuron.threshold_voltage
    high, low = (steady_current(neuron, cell[0], voltage + shift) for shift in (1e-3, -1e-3))
    rows = dics_of(neuron, cell)[0]
    slope = (high - low) / 2e-3 / cell[0, neuron.leak_index]
    assert rows.sum() == pytest.approx(slope, rel=1e-5, abs=1e-5 * np.abs(rows).sum())


def test_calcium_that_leaves_through_its_channels_is_at_its_least():
    pool = CalciumPool(("In",), time_constant=20.0, per_current=0.1, baseline=0.0, initial=0.5)
    for factor in (Hill(1.0), Hill(1.0, 1.5), calcium_sigmoid(1.0, 0.3)):
        gates = Gate("m", constant(1.0)), Gate("c", constant(1.0), calcium=factor)
        neuron = by_hand(*gates, pool=pool, reversal=-80.0)
        assert np.isfinite(dics_of(neuron, CELL)).all()


def test_where_calcium_has_no_rest_dics_say_so():
    pool = PumpedPool(("In",), influx=0.01, maximum=0.5, half=1.0, initial=1.0)
    neuron = by_hand(Gate("m", constant(1.0), calcium=Hill(0.1)), pool=pool, reversal=-20.0)
    cells = np.array([[1.0, 0.5], [2.0, 0.5], [3.0, 0.5]])
    with pytest.raises(ValueError, match="more calcium enters at -50 mV than the cell can remove"):
        steady_current(neuron, cells[2], -50.0)
    with pytest.warns(UserWarning, match=r"2 of 3 cells have no DICs \(NaN\), the first is member 1"):
        dics = compute_dics(cells, neuron)
    assert np.isfinite(dics[0]).all()
    assert np.isnan(dics[1:]).all()
