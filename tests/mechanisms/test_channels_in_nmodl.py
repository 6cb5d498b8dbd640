"""Channels in NMODL: the same gate in many ways, several currents, kinetic schemes, what is refused."""

import re

import numpy as np
import pytest
import quantities as pq
from support.mechanism_files import LEAK, RATES, WAYS, alpha, beta, channel, written

from elephant_dic import MechanismError, neuron_from_mod
from elephant_dic.neurons import Gate, KineticScheme, TwoStateGate, derivative

VOLTAGE = np.linspace(-110, 60, 35)
K = {"k": -80 * pq.mV}


def read(folder, *texts, **options):
    """A neuron of texts, with a leak and a second channel, which each neuron needs."""
    options = {"reversals": K, "threshold_voltage": -50 * pq.mV, "temperature": 30 * pq.degC} | options
    files = {f"file{i}": text for i, text in enumerate(texts)}
    other = channel(**WAYS["rates"], suffix="other")
    return neuron_from_mod(*written(folder, **files, other=other, pas=LEAK), name="mine", **options)


def refused(folder, text, message, **options):
    with pytest.raises(MechanismError, match=message) as caught:
        read(folder, text, **options)
    return str(caught.value)


@pytest.mark.parametrize("way", WAYS)
def test_a_gate_written_in_many_ways(tmp_path, way):
    neuron = read(tmp_path, channel(**WAYS[way]))
    kd = neuron.channels[neuron.index("kd")]
    (gate,) = kd.gates
    assert (kd.reversal, gate.name, gate.exponent) == (-80.0, "n", 4)
    at = VOLTAGE[VOLTAGE != -38.5]
    np.testing.assert_allclose(gate.steady_state(at), alpha(at) / (alpha(at) + beta(at)), rtol=1e-12)
    np.testing.assert_allclose(gate.time_constant(at), 1 / (alpha(at) + beta(at)), rtol=1e-12)


@pytest.mark.parametrize("way", WAYS)
def test_at_the_pole_of_its_rate_it_has_a_value_and_a_slope(tmp_path, way):
    neuron = read(tmp_path, channel(**WAYS[way]))
    gate = neuron.channels[0].gates[0]
    at, near = np.array(-38.5), np.array([-38.5 - 1e-3, -38.5 + 1e-3])
    assert gate.steady_state(at) == pytest.approx(0.2 / (0.2 + beta(-38.5)), rel=1e-9)
    low, high = alpha(near) / (alpha(near) + beta(near))
    assert derivative(gate.steady_state, at) == pytest.approx((high - low) / 2e-3, rel=1e-6)


def test_conductances_are_those_of_the_file_in_other_units(tmp_path):
    neuron = read(tmp_path, channel(**WAYS["rates"]))  # 0.02 S/cm2, and 1e-4 of the leak
    assert neuron.reference.ranges["kd"] == (10.0, 40.0)
    assert neuron.reference.leak == (0.05, 0.2)
    text = channel(**WAYS["rates"] | {"conductance": "tadj*(1e-4)*gbar*n^4"}).replace("0.02 (S", "30 (pS")
    text = text.replace("INITIAL {", "INITIAL {\n tadj = 2.3^((celsius - 20)/10)")
    assert read(tmp_path, text).reference.ranges["kd"][1] == pytest.approx(2 * 30 * 0.1 * 2.3)


def test_given_ranges_count_and_are_of_channels_that_there_are(tmp_path):
    text = channel(**WAYS["rates"])
    assert read(tmp_path, text, ranges={"kd": (1, 2)}).reference.ranges["kd"] == (1, 2)
    with pytest.raises(ValueError, match="ranges are of kd, other, pas; there is no na"):
        read(tmp_path, text, ranges={"na": (1, 2)})
    with pytest.raises(ValueError, match=r"no conductances of kd: give their ranges .*ranges=\{'kd'"):
        read(tmp_path, text.replace("gbar = 0.02", "gbar = 0"))


SEVERAL = """
NEURON { SUFFIX hh USEION na READ ena WRITE ina USEION k READ ek WRITE ik NONSPECIFIC_CURRENT il
    RANGE gna, gk, gl THREADSAFE }
PARAMETER { gna = .12 (S/cm2) gk = .036 (S/cm2) gl = .0003 (S/cm2) el = -54.3 (mV) }
STATE { m h n }
ASSIGNED { v (mV) ena (mV) ek (mV) ina (mA/cm2) ik (mA/cm2) il (mA/cm2) minf hinf }
BREAKPOINT { SOLVE states METHOD cnexp
    ina = gna*m*m*m*h*(v - ena)
    ik = gk*minf^2*n*(v - ek)
    il = gl*(v - el) }
INITIAL { rates(v) m = minf h = hinf n = minf }
DERIVATIVE states { rates(v) m' = (minf - m)/0.2 h' = (hinf - h)/3 n' = (minf - n)/(5 + exp(-v/20)) }
PROCEDURE rates(v (mV)) { minf = (1 + tanh((v + 35)/9))/2 hinf = 1/(1 + exp((v + 45)/5)) }
"""


def test_several_currents_of_a_mechanism_are_channels(tmp_path):
    (path,) = written(tmp_path, hh=SEVERAL)
    reversals = {"na": 50 * pq.mV, "k": -77 * pq.mV}
    neuron = neuron_from_mod(path, name="squid", reversals=reversals, threshold_voltage=-50 * pq.mV)
    assert neuron.conductance_names == ("g_hh_na", "g_hh_k", "g_hh_l")
    assert [channel.reversal for channel in neuron.channels] == [50.0, -77.0, -54.3]
    assert neuron.leak == "hh_l"
    assert [[(g.name, g.exponent) for g in c.gates] for c in neuron.channels] == [
        [("m", 3), ("h", 1)], [("m", 2), ("n", 1)], []
    ]  # fmt: skip
    at_once = neuron.channels[1].gates[0]
    assert at_once.time_constant is None
    np.testing.assert_allclose(at_once.steady_state(VOLTAGE), (1 + np.tanh((VOLTAGE + 35) / 9)) / 2)


def test_a_driving_force_within_what_has_a_name(tmp_path):
    text = channel(**WAYS["rates"] | {"conductance": "1/(1 + exp(-(v + 30)/5))"})
    text = text.replace("ik = g*(v - ek)", "a = g*(v - ek)\n ik = gbar*a")
    channel_ = read(tmp_path, text).channels[0]
    assert channel_.reversal == -80.0
    (gate,) = channel_.gates
    np.testing.assert_allclose(gate.steady_state(VOLTAGE), 1 / (1 + np.exp(-(VOLTAGE + 30) / 5)), rtol=1e-12)


def test_an_ion_in_two_lines_and_what_it_stands_for(tmp_path):
    text = channel(**WAYS["rates"]).replace(
        "USEION k READ ek WRITE ik", "USEION k READ ek REPRESENTS CHEBI:29103\n USEION k WRITE ik VALENCE 1"
    )
    assert read(tmp_path, text).channels[0].reversal == -80.0


def test_names_begin_without_that_of_the_neuron(tmp_path):
    neuron = read(tmp_path, channel(**WAYS["rates"], suffix="mine_Kd"))
    assert neuron.conductance_names == ("g_Kd", "g_other", "g_pas")
    with pytest.raises(ValueError, match="two channels are called other"):
        read(tmp_path, channel(**WAYS["rates"], suffix="other"))


def test_values_take_the_place_of_those_in_a_file(tmp_path):
    way = WAYS["rates"] | {"parameters": "vshift = 0 (mV)"}
    text = channel(**way).replace("rates(v)\n", "rates(v + vshift)\n")
    moved = {"kd.vshift": 12.5}
    gate = read(tmp_path, text, values=moved).channels[0].gates[0]
    at = VOLTAGE + 12.5
    np.testing.assert_allclose(gate.time_constant(VOLTAGE), 1 / (alpha(at) + beta(at)), rtol=1e-12)
    with pytest.raises(ValueError, match="no file declares vshif, of which values are given"):
        read(tmp_path, text, values={"vshif": 1.0})
    with pytest.raises(TypeError, match="vshift must be a number"):
        read(tmp_path, text, values={"vshift": 1 * pq.mV})


CHAIN = (
    "KINETIC states {{ rates(v)\n ~ C <-> O (a, b)\n ~ O <-> I (0.5*b, {back})\n CONSERVE C + O + I = 1 }}"
)


def chain(back="0.01*a", initial="SOLVE states STEADYSTATE sparse", conductance="gbar*O"):
    return channel(
        CHAIN.format(back=back) + RATES,
        conductance,
        "SOLVE states METHOD sparse",
        initial,
        "C O I",
    )


def test_three_states_in_a_row_are_a_two_state_gate(tmp_path):
    (gate,) = read(tmp_path, chain()).channels[0].gates
    assert isinstance(gate, TwoStateGate)
    assert gate.initial is None
    for found, wanted in [
        (gate.opening, alpha),
        (gate.closing, beta),
        (gate.inactivation, lambda v: 0.5 * beta(v)),
        (gate.recovery, lambda v: 0.01 * alpha(v)),
    ]:
        np.testing.assert_allclose(found(VOLTAGE), wanted(VOLTAGE), rtol=1e-12)


def test_where_a_scheme_starts(tmp_path):
    (gate,) = read(tmp_path, chain(initial="C = 0.7 O = 0.1 I = 0.2")).channels[0].gates
    assert gate.initial == pytest.approx((0.1, 0.2))
    refused(
        tmp_path,
        chain(initial="C = 0.7 O = 0.6 I = 0.2"),
        r"C, O, I start at \[0.7, 0.6, 0.2\], and must sum to 1",
    )


def test_other_schemes(tmp_path):
    text = chain(conductance="gbar*(O + 2*I)", back="0.01*a*P", initial="C = 1 P = 0.25 Q = 0.75")
    text = text.replace("C O I }", "C O I P Q }").replace("CONSERVE", "~ P <-> Q (0.3, 0.1)\n CONSERVE")
    (gate,) = read(tmp_path, text).channels[0].gates
    assert isinstance(gate, KineticScheme)
    assert gate.states == ("C", "O", "I", "P", "Q")
    assert dict(gate.conducting) == {"O": 1.0, "I": 2.0}
    assert gate.initial == (1.0, 0.0, 0.0, 0.25, 0.75)
    # What another state drives is the way there.
    found = [(each.source, each.target, each.by) for each in gate.reactions]
    assert found == [("C", "O", None), ("I", "O", "P"), ("P", "Q", None)]
    np.testing.assert_allclose(gate.reactions[1].forward(VOLTAGE), 0.01 * alpha(VOLTAGE), rtol=1e-12)
    np.testing.assert_allclose(gate.reactions[1].backward(VOLTAGE), 0.5 * beta(VOLTAGE), rtol=1e-12)
    assert float(gate.reactions[2].backward(VOLTAGE)[0]) == pytest.approx(0.1)


def test_a_scheme_contributes_to_the_dic_of_its_slowest_rate(tmp_path):
    times = (1e-3 * pq.ms, 1e-2 * pq.ms, 0.1 * pq.ms)
    (gate,) = read(tmp_path, chain(back="1e-4"), timescales=times).channels[0].gates
    assert gate.timescale == "g_u"
    fast = (1e3 * pq.ms, 1e6 * pq.ms, 1e9 * pq.ms)
    (gate,) = read(tmp_path, chain(back="1"), timescales=fast).channels[0].gates
    assert gate.timescale == "g_f"


def test_pairs_of_states_in_one_kinetic_block_are_gates_each(tmp_path):
    text = channel(
        "KINETIC states { rates(v)\n ~ c <-> n (a, b)\n ~ h <-> d (b, a) }" + RATES,
        "gbar*n^3*h", "SOLVE states METHOD sparse", "SOLVE states STEADYSTATE sparse", "c n d h",
    )  # fmt: skip
    n, h = read(tmp_path, text).channels[0].gates
    assert [(gate.name, gate.exponent, type(gate)) for gate in (n, h)] == [("n", 3, Gate), ("h", 1, Gate)]
    np.testing.assert_allclose(n.steady_state(VOLTAGE), h.steady_state(VOLTAGE), rtol=1e-12)


def test_two_time_constants_of_a_gate(tmp_path):
    text = channel(
        "DERIVATIVE states { rates(v) p' = (a/(a+b) - p)/3 q' = (a/(a+b) - q)/40 }" + RATES,
        "gbar*(0.3*p + 0.7*q)", initial="rates(v) p = a/(a+b) q = a/(a+b)", states="p q",
    )  # fmt: skip
    (gate,) = read(tmp_path, text).channels[0].gates
    assert [(share, float(tau(0.0))) for share, tau in gate.parts] == [(0.3, 3.0), (0.7, 40.0)]


def test_a_least_time_constant_is_rounded_and_told(tmp_path):
    way = WAYS["steady state and time constant"]
    text = channel(
        **way | {"blocks": way["blocks"].replace("b)\n}", "b)\n if (ntau < 0.5) { ntau = 0.5 }\n}")}
    )
    with pytest.warns(UserWarning, match="file0.mod, line .*: 0.5 is the least value there"):
        gate = read(tmp_path, text).channels[0].gates[0]
    exact = np.maximum(1 / (alpha(VOLTAGE) + beta(VOLTAGE)), 0.5)
    assert exact.min() == 0.5 < exact.max()
    found = gate.time_constant(VOLTAGE)
    assert (found >= exact).all()
    np.testing.assert_allclose(found, exact, rtol=6e-3)


def test_where_a_file_does_not_start_at_rest(tmp_path):
    with pytest.warns(
        UserWarning, match=r"file0.mod, line \d+: n starts at 0 there, and at its steady state"
    ):
        read(tmp_path, channel(**WAYS["rates"] | {"initial": "n = 0"}))
    with pytest.warns(UserWarning, match=r"file0.mod, line \d+: n starts at 0.5 there"):
        read(tmp_path, channel(**WAYS["kinetic"] | {"initial": "n = 0.5 c = 0.5"}))


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("ik = g*(v", "ik = g*(v*v", "ik = g", "ik is not a conductance times the voltage less a reversal"),
        ("n' = a*(1 - n)", "n' = a*(1 - n*n)", "n' =", "the equation of n is not linear in it"),
        ("n' = a*(1 - n)", "m' = a*(1 - n)", "m' =", "m is no STATE"),
        ("n' = a*(1", "n' = celsius*a*(1", "n' =", "it depends on the temperature: give one, as in temp"),
        ("n' = a*(1", "n' = tadj*a*(1", "n' =", "tadj has no value: give one by values={'tadj'"),
        ("n*n*n*n", "n*n*sqrt(n)", "ik = g", "the current is no power of n, nor a sum with its share"),
        ("n*n*n*n", "n^-2", "ik = g", "a gate to the power of -2"),
        ("n*n*n*n", "nowhere(n)", "nowhere", "there is no function nowhere"),
        (
            "n*n*n*n",
            "n*n*n*n*fabs(v)",
            "ik = g",
            "the steady state of x has an absolute value, and so no deriv",
        ),
        ("n*n*n*n", "n/(a - a)", "ik = g", "the steady state of x is inf at -120.0 mV"),
        ("gbar = 0.02", "gbar = -0.02", "ik = g", "the conductance of ik is -20 mS/cm2"),
        (
            "n' = a*(1 - n) - b*n",
            "n' = (0.5 - n)/(v + 40)",
            "n' =",
            "the time constant of n is -80 at -120.0",
        ),
        ("n*n*n*n", "(n + exp(v))", "ik = g", "the sum of n has a part without them"),
        ("n*n*n*n", "n*q", "ik = g", "there is no equation for q"),
        ("rates(v)\n n'", "rates(v) a = (v > 3)\n n'", "(v > 3)", "a condition in a formula is not read"),
        ("rates(v)\n n'", "if (v > 0) { a = nn }\n n'", "nn }", "nn has no value: give one by values="),
        ("READ ek", "READ ek, ki", "n' =", "ki comes from elsewhere: give it by values={'ki'"),
        ("SOLVE states", "SOLVE state", "SOLVE", "there is no block state to solve"),
        ("rates(v)\n n'", "rates()\n n'", "rates()\n", "rates takes 1 arguments, not 0"),
        (
            "rates(v)\n n'",
            "rates(v) if (v < -40) { a = b }\n n'",
            "if (v <",
            "it depends on a condition, and is no",
        ),
        (
            "rates(v)\n n'",
            "if (v < -40) { n' = a }\n n'",
            "if (v <",
            "equations of states that depend on a cond",
        ),
        (
            "rates(v)\n n'",
            "VERBATIM\n n = 1;\nENDVERBATIM\n n'",
            "VERBATIM",
            "VERBATIM is C code, which is not",
        ),
        ("rates(v)\n n'", "WHILE (v < 1) { }\n n'", "WHILE", "'{' is not understood here: WHILE (v <"),
        ("SUFFIX kd", "POINT_PROCESS kd", "POINT_PROCESS", "a POINT_PROCESS is no channel of the membrane"),
        ("WRITE ik", "WRITE ik, ki", "WRITE ik, ki", "it writes ki; declared is no concentration but that"),
        ("WRITE ik", "WRITE ik NONSPECIFIC_CURRENT i", "USEION", "i is never computed"),
        ("linear = x/(exp(x) - 1)", "linear = linear(x)", "linear = linear(x)", "linear calls itself"),
        ("ENDCOMMENT", "ENDCOMMENT }", "ENDCOMMENT }", "'}' is not understood here: }"),
        ("INITIAL {", "INITIAL {{", "INITIAL", "'{' is not understood here: INITIAL {{"),
        (
            "linear = 1 - x/2 }",
            "linear = 2 - x/2 }",
            "fabs(x)",
            "it depends on a condition, and is no single",
        ),
        (
            "(S) = (siemens)",
            "F = (fairday) (coulomb)",
            "fairday",
            "the constant (fairday) in (coulomb) is not",
        ),
        ("PROCEDURE", "PROCEDURE rates() { }\nPROCEDURE", "PROCEDURE rates(v", "a second PROCEDURE rates"),
    ],
)
def test_what_is_not_understood_is_named_by_its_line(tmp_path, old, new, at, message):
    text = channel(**WAYS["rates"]).replace("STATE { n", "STATE { q n")
    assert old in text
    text = text.replace(old, new, 1)
    if "ki" in new and "WRITE" not in new:
        text = text.replace("n' = a", "n' = ki*a")
    line = text[: text.index(at)].count("\n") + 1
    refused(tmp_path, text, re.escape(f"file0.mod, line {line}: {message}"), temperature=None)


def test_a_file_without_what_makes_it_a_channel(tmp_path):
    text = channel(**WAYS["rates"])
    refused(tmp_path, text.replace("SUFFIX kd", ""), "file0.mod: it has no SUFFIX")
    end = text[: text.rindex("}")]
    line = end.rstrip().count("\n") + 1
    refused(tmp_path, end, f"line ({line}|{line + 1}): it ends before a block is closed")
    nothing = "NEURON { SUFFIX nothing }\nBREAKPOINT { }"
    refused(tmp_path, nothing, "file0.mod: it has neither a current nor the concentration of calcium")


def test_states_that_depend_on_each_other(tmp_path):
    text = channel("DERIVATIVE states { n' = (h - n)/2 h' = (0.5 - h)/3 }", states="n h", initial="n = 1")
    refused(tmp_path, text, r"line \d+: n depends on h: write states that turn into each other as KINETIC")


def test_what_holds_at_one_temperature(tmp_path):
    way = WAYS["rates"]
    choice = "if (!(celsius < 20) && quick) { tadj = 4 } else { tadj = 1 }\n a = tadj*0.2*"
    text = channel(**way | {"blocks": way["blocks"].replace("a = 0.2*", choice)})
    text = text.replace("PARAMETER {", "PARAMETER { quick = 1")
    for temperature, factor in (30, 4), (10, 1):
        gate = read(tmp_path, text, temperature=temperature * pq.degC).channels[0].gates[0]
        expected = factor * alpha(VOLTAGE) / (factor * alpha(VOLTAGE) + beta(VOLTAGE))
        np.testing.assert_allclose(gate.steady_state(VOLTAGE), expected, rtol=1e-12)


def test_constants_in_units_and_in_assigned(tmp_path):
    text = channel(**WAYS["rates"] | {"conductance": "gbar*n^4*PI/3.14159265358979323846*F/96485*two/2"})
    text = text.replace("(S) = (siemens)", "PI = (pi) (1) F = 96485 (coul)")
    text = text.replace("v (mV) ek", "two = 2 v (mV) ek")
    assert read(tmp_path, text).reference.ranges["kd"] == (10.0, 40.0)


def test_gates_without_names_and_of_the_same_name(tmp_path):
    opened = "gbar/(1 + exp(-(v + 30)/5))*(1/(1 + exp((v + 60)/5)))"
    first, second = read(tmp_path, channel(**WAYS["rates"] | {"conductance": opened})).channels[0].gates
    assert (first.name, second.name) == ("x", "x2")
    assert first.steady_state(np.array(-30.0)) == second.steady_state(np.array(-60.0)) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("slopes", "conductance", "message"),
    [
        ("p' = (a/(a+b) - p)/3 q' = (a/(a+b) - q)/40", "(0.3*p + 0.6*q)", "shares of p, q must sum to 1"),
        (
            "p' = (a/(a+b) - p)/3 q' = (0.5 - q)/40",
            "(0.3*p + 0.7*q)",
            "p, q are summed and have different st",
        ),
    ],
)
def test_shares_of_gates(tmp_path, slopes, conductance, message):
    text = channel(
        "DERIVATIVE states { rates(v) " + slopes + " }" + RATES,
        f"gbar*{conductance}", initial="p = 0 q = 0", states="p q",
    )  # fmt: skip
    refused(tmp_path, text, f"line 24: {message}")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("gbar*O", "gbar*O^2", "a power of O, of a kinetic scheme"),
        ("gbar*O", "gbar*(O + n)", "O, n are gates and a kinetic scheme in one factor|n, O"),
        ("C + O + I = 1", "C + O + I = 2", "states that do not sum to 1 are not read"),
        ("~ C <-> O (a, b)", "~ C <-> O (a*I*O, b)", "from C to O depends on more than the voltage"),
        ("~ C <-> O (a, b)", "~ C <-> O (fabs(v), b)", "the rate from C to O has an absolute value"),
        ("~ O <-> I", "~ C <-> O (a, b)\n ~ O <-> I", "gate O: two reactions between the same states"),
    ],
)
def test_other_schemes_are_refused(tmp_path, old, new, message):
    text = chain().replace("C O I }", "C O I n }")
    assert old in text
    refused(tmp_path, text.replace(old, new, 1), message)


def test_a_step_of_time_that_is_none(tmp_path):
    text = channel(**WAYS["a step of time"]).replace("nexp = 1 - exp(-dt*(a + b))", "nexp = sqrt(dt)")
    refused(tmp_path, text, r"line \d+: the step of n is no formula of dt that is understood")
    text = channel(**WAYS["a step of time"]).replace("exp(-dt*(a + b))", "exp(-dt/(1/(a + b)))")
    gate = read(tmp_path, text).channels[0].gates[0]
    np.testing.assert_allclose(gate.time_constant(VOLTAGE), 1 / (alpha(VOLTAGE) + beta(VOLTAGE)), rtol=1e-12)


def test_formulae_that_are_nested_too_deeply(tmp_path):
    text = channel(**WAYS["rates"]).replace("n' = a", "n' = " + "-" * 5000 + "a")
    refused(tmp_path, text, "its formulae are nested too deeply")


def test_formulae_that_double_line_by_line(tmp_path):
    """What they are made of is looked at once, however often it stands in them."""

    def doubled(operation):
        lines = " ".join(f"a = a{operation}a" for _ in range(40))
        return channel(**WAYS["rates"]).replace("rates(v)\n", f"rates(v) {lines}\n")

    gate = read(tmp_path, doubled("+")).channels[0].gates[0]
    expected = 1 / (2**40 * alpha(VOLTAGE) + beta(VOLTAGE))
    np.testing.assert_allclose(gate.time_constant(VOLTAGE), expected, rtol=1e-12)
    refused(tmp_path, doubled("*"), r"the steady state of n is nan at -\d+.\d mV")
    text = channel(**WAYS["rates"]).replace("ik = g*", "g = g*g " * 40 + "ik = g*")
    refused(tmp_path, text, "file0.mod, line 24: a product of more than 1000 factors")
