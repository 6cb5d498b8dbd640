"""Calcium in NMODL: pools, what calcium opens, potentials that follow it."""

import numpy as np
import pytest
import quantities as pq
from support.mechanism_files import CALCIUM, LEAK, by_calcium, pool, written

from elephant_dic import MechanismError, compute_dics, neuron_from_mod
from elephant_dic.neurons import CalciumPool, Hill, KineticScheme, Nernst, PumpedPool
from elephant_dic.simulation import simulate

FARADAY = 96485.33212331
REVERSALS = {"k": -80 * pq.mV, "ca": 120 * pq.mV}


def read(folder, calcium=CALCIUM, opened=None, pooled=None, **options):
    texts = {"cal": calcium, "kca": opened or by_calcium(), "cad": pooled or pool(), "pas": LEAK}
    options = {"reversals": REVERSALS, "threshold_voltage": -50 * pq.mV} | options
    return neuron_from_mod(*written(folder, **texts), name="mine", **options)


def refused(folder, message, **texts):
    with pytest.raises(MechanismError, match=message):
        read(folder, **texts)


def test_a_pool_that_decays(tmp_path):
    neuron = read(tmp_path)
    found = neuron.calcium
    assert isinstance(found, CalciumPool)
    assert found.channels == ("cal",)
    # 1 mA/cm2 into a shell of 0.5 um: mM/ms; the same number in uM/ms for 1 uA/cm2
    influx = 10000 / (2 * FARADAY * 0.5)
    assert found.per_current == pytest.approx(40 * influx, rel=1e-11)
    assert (found.time_constant, found.baseline, found.initial) == (40.0, 0.05, 0.1)


def test_a_pool_whose_state_has_another_name(tmp_path):
    found = read(tmp_path, pooled=pool(state="ca", after="cai = ca")).calcium
    assert (found.time_constant, found.baseline, found.initial) == (40.0, 0.05, 0.1)


def test_what_cannot_leave_by_the_channels_is_told(tmp_path):
    with pytest.warns(UserWarning, match=r"cad.mod, line 10: outward currents of calcium are left out there"):
        found = read(tmp_path, pooled=pool(statement="if (drive <= 0.) { drive = 0. }")).calcium
    assert found.influx == pytest.approx(10000 / (2 * FARADAY * 0.5), rel=1e-11)


@pytest.mark.parametrize(("removal", "power"), [("-kt*cai/(cai + kd)", 1), ("-kt*cai^2/(cai^2 + kd^2)", 2)])
def test_a_pump(tmp_path, removal, power):
    text = pool(removal=removal).replace("kt = 0", "kt = 2e-4")
    found = read(tmp_path, pooled=text).calcium
    assert isinstance(found, PumpedPool)
    assert found.power == power
    assert (found.maximum, found.half, found.initial) == pytest.approx((0.2, 0.1, 0.1), rel=1e-9)


def test_a_pump_and_a_decay_together(tmp_path):
    text = pool(removal="(cainf - cai)/taur - kt*cai/(cai + kd)")
    assert isinstance(read(tmp_path, pooled=text).calcium, CalciumPool)  # of a pump that is shut off
    message = r"cad.mod, line 11: calcium must be removed by a decay to a baseline, or by a pump"
    refused(tmp_path, message, pooled=text.replace("kt = 0", "kt = 1e-4"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "drive = -(10000)*ica",
            "drive = -(10000)*ica*ica",
            "calcium must grow with its current, by a factor",
        ),
        ("cai' = drive", "cai' = drive*v", "calcium depends on v"),
        (
            "cai = 1e-4",
            "cai = v",
            "cai has no number at which it starts in INITIAL: write one, such as cai =",
        ),
        ("cai' = drive + (cainf - cai)/taur", "", "cai is written, but no state is it"),
    ],
)
def test_other_pools(tmp_path, old, new, message):
    text = pool()
    assert old in text
    refused(tmp_path, rf"cad.mod, line \d+: {message}", pooled=text.replace(old, new))


#: As NEURON 9.0.2 starts them: at the cai0 of the ion, whatever a PARAMETER of this name says.
WITHOUT_START = pool().replace("INITIAL { cai = 1e-4  }", "")


@pytest.mark.parametrize("more", ["", "INITIAL { drive = 0 }", "PARAMETER { cai0 = 3e-4 (mM) }"])
def test_a_pool_that_does_not_say_where_it_starts(tmp_path, more):
    assert "INITIAL" not in WITHOUT_START
    with pytest.warns(
        UserWarning, match=r"cad.mod, line 1: cai starts at 5e-05 mM, as in NEURON; values={'cai0"
    ):
        found = read(tmp_path, pooled=WITHOUT_START + more).calcium
    assert (found.initial, found.baseline) == (0.05, 0.05)


@pytest.mark.parametrize("name", ["cai0", "cad.cai0"])
def test_where_calcium_starts_is_given(tmp_path, name, recwarn):
    assert read(tmp_path, pooled=WITHOUT_START, values={name: 2e-4}).calcium.initial == 0.2
    assert not [each for each in recwarn if issubclass(each.category, UserWarning)]
    said = "INITIAL says where cai starts, so cai0 does not count"
    with pytest.raises(MechanismError, match=f"cad.mod, line 6: {said}"):
        read(tmp_path, values={name: 2e-4})
    with pytest.raises(ValueError, match="no file declares kca.cai0, of which values are given"):
        read(tmp_path, pooled=WITHOUT_START, values={"kca.cai0": 2e-4})
    with pytest.raises(
        ValueError, match="values give cai, which cad.mod computes: leave it out, or that fil"
    ):
        read(tmp_path, values={"cai": 2e-4})


def test_a_pool_of_another_state_starts_at_its_own(tmp_path):
    """As NEURON 9.0.2 does: at ca0 of the file, which is 0 if it has none."""
    text = pool(state="ca", after="cai = ca").replace("ca = 1e-4 cai = ca", "cai = ca")
    with pytest.warns(
        UserWarning, match="cad.mod, line 5: ca starts at 0 mM, as in NEURON; values={'ca0': …"
    ):
        assert read(tmp_path, pooled=text).calcium.initial == 0
    assert read(tmp_path, pooled=text, values={"ca0": 2e-4}).calcium.initial == 0.2
    with pytest.warns(UserWarning, match="ca starts at 0.0003 mM"):
        assert read(tmp_path, pooled=text + "PARAMETER { ca0 = 3e-4 (mM) }").calcium.initial == 0.3
    with pytest.raises(ValueError, match="no file declares cai0"):
        read(tmp_path, pooled=text, values={"cai0": 2e-4})


def test_calcium_that_is_not_the_cells_is_refused(tmp_path):
    text = by_calcium().replace("STATE { w }", "STATE { w cai }").replace("USEION ca READ cai", "")
    refused(tmp_path, r"kca.mod, line 3: a STATE cai that is not the calcium of the cell", opened=text)


def test_one_pool_and_what_fills_it(tmp_path):
    with pytest.raises(MechanismError, match=r"b.mod: .*a.mod has the calcium of the cell, too"):
        neuron_from_mod(*written(tmp_path, a=pool(), b=pool(), pas=LEAK), name="mine")
    with pytest.raises(MechanismError, match="a.mod: it is a pool of calcium, and no channel of the files"):
        neuron_from_mod(*written(tmp_path, a=pool(), pas=LEAK), name="mine")


def test_a_gate_that_calcium_opens(tmp_path):
    (gate,) = read(tmp_path).channels[1].gates
    assert gate.calcium == Hill(0.5, 2)
    assert gate.steady_state(np.array([-50.0, 0.0])) == pytest.approx(1.0)
    assert gate.time_constant(np.array(-50.0)) == pytest.approx(30.0)


def test_a_gate_that_calcium_opens_at_once_and_one_that_both_open(tmp_path):
    text = by_calcium(
        opened="w*closed()", extra="FUNCTION closed() { closed = 1/(1 + exp((cai - 6e-4)/2e-4)) }"
    )
    at_once = read(tmp_path, opened=text).channels[1].gates[1]
    assert at_once.time_constant is None
    assert at_once.calcium(np.array(0.9)) == pytest.approx(1 / (1 + np.exp(1.5)))
    text = by_calcium(slope="(half_open()/(1 + exp(-v/8)) - w)/tau", steady="half_open()/(1 + exp(-v/8))")
    (gate,) = read(tmp_path, opened=text).channels[1].gates
    assert gate.steady_state(np.array(8.0)) == pytest.approx(1 / (1 + np.exp(-1)))
    assert gate.calcium == Hill(0.5, 2)


RATES_OF_CALCIUM = {
    "rates": ("2e4*cai*(1 - w) - 0.01*w", "2e4*cai/(2e4*cai + 0.01)"),
    "steady state and time constant": (
        "(2e4*cai/(2e4*cai + 0.01) - w)/(1/(2e4*cai + 0.01))",
        "2e4*cai/(2e4*cai + 0.01)",
    ),
}


@pytest.mark.parametrize("way", RATES_OF_CALCIUM)
@pytest.mark.parametrize("power", [1, 3])
def test_gates_whose_time_constant_follows_calcium_are_a_chain_of_states(tmp_path, way, power):
    slope, steady = RATES_OF_CALCIUM[way]
    (scheme,) = read(
        tmp_path, opened=by_calcium(slope=slope, opened=f"w^{power}", steady=steady)
    ).channels[1].gates  # fmt: skip
    assert isinstance(scheme, KineticScheme)
    assert len(scheme.states) == power + 1
    calcium = np.array([1e-4, 1e-3, 0.3])  # uM
    rest = 20 * calcium / (20 * calcium + 0.01)
    np.testing.assert_allclose(scheme.steady_state(0 * calcium, calcium), rest**power, rtol=1e-6)
    rates = [float(r.forward(np.array(0.0)) * r.calcium(np.array(1e-3))) for r in scheme.reactions]
    np.testing.assert_allclose(rates, 0.02 * np.arange(power, 0, -1), rtol=1e-6)
    back = [float(r.backward(np.array(0.0))) for r in scheme.reactions]
    np.testing.assert_allclose(back, 0.01 * np.arange(1, power + 1), rtol=1e-6)


def test_what_calcium_does_that_cannot_be_declared(tmp_path):
    refused(
        tmp_path, r"kca.mod, line 8: both rates of w, .* depend on calcium",
        opened=by_calcium(slope="cai*(1 - w) - (1e-3 + cai)^2*w", steady="0"),
    )  # fmt: skip
    refused(
        tmp_path, r"kca.mod, line 8: the steady state of w is no product of a function of the voltage",
        opened=by_calcium(slope="(1/(1 + exp(-v - 1e4*cai)) - w)/tau", steady="0"),
    )  # fmt: skip


def test_calcium_of_no_pool(tmp_path):
    files = written(tmp_path, cal=CALCIUM, kca=by_calcium(), pas=LEAK)
    options = {"name": "mine", "reversals": REVERSALS, "threshold_voltage": -50 * pq.mV}
    with pytest.raises(ValueError, match=r"kca depend on calcium, and no file writes it: .*values=\{'cai'"):
        neuron_from_mod(*files, **options)
    neuron = neuron_from_mod(*files, values={"cai": 5e-4}, **options)
    assert neuron.calcium is None
    assert neuron.channels[1].gates[0].steady_state(np.array(-50.0)) == pytest.approx(0.5)


def test_potentials_that_follow_calcium(tmp_path):
    nernst = Nernst(12.5, 2500.0)
    given = read(tmp_path, reversals=REVERSALS | {"ca": nernst})
    assert given.channels[0].reversal == nernst
    text = CALCIUM.replace("READ eca", "READ cai, cao").replace("eca (mV)", "carev (mV) cai (mM) cao (mM)")
    text = text.replace("PARAMETER", "UNITS { F = (faraday) (coulomb) R = (k-mole) (joule/degC) }\nPARAMETER")
    text = text.replace("ica = ", "carev = (1e3)*(R*(celsius + 273.15))/(2*F)*log(cao/cai)\n ica = ")
    text = text.replace("(v - eca)", "(v - carev)")
    computed = read(
        tmp_path, text, reversals={"k": -80 * pq.mV}, temperature=36 * pq.degC, values={"cao": 2.0}
    )
    reversal = computed.channels[0].reversal
    assert reversal.outside == pytest.approx(2000)
    assert reversal.scale == pytest.approx(1e3 * 8.31446261815324 * 309.15 / (2 * FARADAY), rel=1e-11)
    with pytest.raises(
        MechanismError, match=r"cal.mod, line \d+: the reversal potential depends on calcium o"
    ):
        read(
            tmp_path, text.replace("log(cao/cai)", "cao/cai"), reversals={"k": -80 * pq.mV},
            temperature=36 * pq.degC, values={"cao": 2.0},
        )  # fmt: skip


def test_reversals_that_are_needed(tmp_path):
    with pytest.raises(
        ValueError, match=r"the reversal of ca, k is not in the files: .*reversals=\{'ca': -77"
    ):
        read(tmp_path, reversals={})
    with pytest.raises(ValueError, match="reversals are of ca, k; the files know nothing of cl"):
        read(tmp_path, reversals=REVERSALS | {"cl": -70 * pq.mV})
    with pytest.raises(TypeError, match="the reversal of k must be a Quantity"):
        read(tmp_path, reversals=REVERSALS | {"k": -80})


OWN = CALCIUM.replace("READ eca WRITE", "WRITE").replace("eca (mV) ", "").replace("(pS/um2)", "eca = 140")


def test_a_reversal_of_its_own_is_not_replaced(tmp_path):
    """140 mV, though another channel of calcium reads eca, which is 120."""
    (other,) = written(tmp_path, other=CALCIUM.replace("SUFFIX cal", "SUFFIX cat"))
    files = written(tmp_path, cal=OWN, kca=by_calcium(), cad=pool(), pas=LEAK)
    options = {"name": "mine", "threshold_voltage": -50 * pq.mV}
    neuron = neuron_from_mod(*files, other, reversals=REVERSALS, **options)
    reversals = {channel.name: channel.reversal for channel in neuron.channels}
    assert reversals == {"cal": 140.0, "kca": -80.0, "pas": -64.5, "cat": 120.0}
    neuron = neuron_from_mod(*files, other, reversals=REVERSALS, values={"cal.eca": 130}, **options)
    assert [neuron.channels[i].reversal for i in (0, -1)] == [130.0, 120.0]


def test_a_reversal_that_no_file_reads_is_refused(tmp_path):
    assert read(tmp_path, OWN, reversals={"k": -80 * pq.mV}).channels[0].reversal == 140.0
    message = r"no file reads the reversal of ca: cal.mod has its own, which values=\{'cal.eca': …\} changes"
    with pytest.raises(ValueError, match=message):
        read(tmp_path, OWN)
    nernst = OWN.replace("eca = 140", "").replace("m*m*(v - eca)", "m*m*(v - 140)")
    with pytest.raises(ValueError, match="no file reads the reversal of ca: leave it out of reversals"):
        read(tmp_path, nernst)


def test_a_current_of_no_ion_has_its_own_reversal(tmp_path):
    h = """NEURON { SUFFIX hcn NONSPECIFIC_CURRENT ih RANGE gbar }
    PARAMETER { gbar = 1e-4 ek = -30 } ASSIGNED { v ih } STATE { m }
    INITIAL { m = 1/(1 + exp((v + 75)/6)) } BREAKPOINT { SOLVE s METHOD cnexp ih = gbar*m*(v - ek) }
    DERIVATIVE s { m' = (1/(1 + exp((v + 75)/6)) - m)/50 }"""
    files = written(tmp_path, h=h, cal=CALCIUM, kca=by_calcium(), cad=pool(), pas=LEAK)
    neuron = neuron_from_mod(*files, name="mine", reversals=REVERSALS, threshold_voltage=-50 * pq.mV)
    assert [channel.reversal for channel in neuron.channels] == [-30.0, 120.0, -80.0, -64.5]


def test_all_of_it_simulated(tmp_path):
    """Against the equations of the files, written plainly, at a voltage where they are at rest."""
    neuron = read(tmp_path, leak="pas")
    cells = np.array([[0.2, 5.0, 0.1]])
    assert np.isfinite(compute_dics(cells, neuron)).all()
    run = simulate(neuron, cells, 2000.0, trace_start=1999.0, trace_step=1.0)
    v = float(run.traces[0][-1])
    ica = 0.2 * (1 / (1 + np.exp(-(v + 30) / 6))) ** 2 * (v - 120)
    calcium = 0.05 - 40 * 10000 / (2 * FARADAY * 0.5) * ica
    opened = calcium**2 / (calcium**2 + 0.5**2)
    total = ica + 5 * opened * (v + 80) + 0.1 * (v + 64.5)
    assert abs(total) < 1e-4


def test_one_gate_of_both_and_products_that_are_not_written_as_one(tmp_path):
    more = (
        "FUNCTION m_inf(v) { m_inf = 1/(1 + exp(-v/8)) } FUNCTION m_calcium(c) { m_calcium = c/(c + 2e-4) }"
    )
    (gate,) = (
        read(tmp_path, opened=by_calcium(opened="m_inf(v)*m_calcium(cai)", extra=more)).channels[1].gates
    )
    assert gate.name == "m"
    assert gate.calcium == Hill(0.2)
    assert gate.steady_state(np.array(8.0)) == pytest.approx(1 / (1 + np.exp(-1)))
    steady = "cai/(cai + half + (cai + half)*exp(-v/8))"
    (gate,) = read(tmp_path, opened=by_calcium(slope=f"({steady} - w)/tau", steady=steady)).channels[1].gates
    calcium, voltage = np.geomspace(0.01, 10, 7), np.linspace(-90, 30, 7)
    np.testing.assert_allclose(
        gate.steady_state(voltage) * gate.calcium(calcium),
        calcium / (calcium + 0.5) / (1 + np.exp(-voltage / 8)),
        rtol=1e-9,
    )
