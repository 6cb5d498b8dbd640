"""Channels of NeuroML: its own forms, component types, what is refused."""

import re

import numpy as np
import pytest
import quantities as pq

from elephant_dic import MechanismError, neuron_from_mod
from elephant_dic.mechanisms.units import number_of
from elephant_dic.neurons import TwoStateGate

VOLTAGE = np.linspace(-110.5, 60.5, 35)
LEAK = '<ionChannelPassive id="pas" conductance="10pS"/>'
RATE = '<{0} type="HH{1}Rate" rate="{2}per_ms" midpoint="{3}mV" scale="{4}mV"/>'
FORWARD = RATE.format("forwardRate", "ExpLinear", 0.7, -40, 10)
REVERSE = RATE.format("reverseRate", "Exp", 0.4, -60, -18)
SIGMOID = '<steadyState type="HHSigmoidVariable" rate="1" midpoint="-0.03 V" scale="8mV"/>'


def forward(v):
    x = (v + 40) / 10
    return 0.7 * x / (1 - np.exp(-x))


def reverse(v):
    return 0.4 * np.exp((v + 60) / -18)


def sigmoid(v):
    return 1 / (1 + np.exp(-(v + 30) / 8))


def gate(kind, inside, name="n", instances=4):
    return f'<gate id="{name}" instances="{instances}" type="{kind}">\n{inside}\n</gate>'


def document(*channels, more=""):
    listed = [f'<ionChannel id="c{i}" species="k" conductance="10pS">\n{c}\n</ionChannel>'
              for i, c in enumerate(channels)]  # fmt: skip
    inside = "\n".join([*listed, LEAK, more])
    return f'<neuroml xmlns="http://www.neuroml.org/schema/neuroml2" id="all">\n{inside}\n</neuroml>'


def read(folder, *channels, more="", **options):
    path = folder / "channels.nml"
    text = document(*channels, gate("gateHHrates", FORWARD + REVERSE), more=more)
    path.write_text(text)
    options = {
        "reversals": {"k": -77 * pq.mV, "pas": -60 * pq.mV},
        "ranges": {name: (0.5, 1) for name in [*(f"c{i}" for i in range(len(channels) + 1)), "pas"]},
        "threshold_voltage": -50 * pq.mV,
    } | options
    return neuron_from_mod(path, name="mine", **options)


def gate_read(folder, kind, inside, **options):
    return read(folder, gate(kind, inside), **options).channels[0].gates[0]


def close(found, expected):
    np.testing.assert_allclose(found(VOLTAGE), expected(VOLTAGE), rtol=1e-12)


KINDS = {
    "gateHHrates": (FORWARD + REVERSE, None, None),
    "gateHHtauInf": ('<timeCourse type="fixedTimeCourse" tau="0.005 s"/>' + SIGMOID, sigmoid, 5.0),
    "gateHHratesTau": (FORWARD + REVERSE + '<timeCourse type="fixedTimeCourse" tau="3ms"/>', None, 3.0),
    "gateHHratesInf": (FORWARD + REVERSE + SIGMOID, sigmoid, None),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("quicker", [False, True])
def test_gates(tmp_path, kind, quicker):
    inside, steady, time = KINDS[kind]
    q10 = '<q10Settings type="q10ExpTemp" q10Factor="3" experimentalTemp="16.3degC"/>' if quicker else ""
    found = gate_read(tmp_path, kind, q10 + inside, temperature=26.3 * pq.degC)
    assert (found.name, found.exponent) == ("n", 4)
    close(found.steady_state, steady or (lambda v: forward(v) / (forward(v) + reverse(v))))
    factor = 3 if quicker else 1
    close(
        found.time_constant,
        lambda v: (0 * v + time if time else 1 / (forward(v) + reverse(v))) / factor,
    )


def test_a_rate_has_a_value_at_its_midpoint(tmp_path):
    found = gate_read(tmp_path, "gateHHrates", FORWARD + REVERSE)
    assert found.time_constant(np.array(-40.0)) == pytest.approx(1 / (0.7 + reverse(-40.0)), rel=1e-12)


def test_gates_at_once_and_of_two_parts(tmp_path):
    found = gate_read(tmp_path, "gateHHInstantaneous", SIGMOID)
    assert found.time_constant is None
    close(found.steady_state, sigmoid)
    parts = "".join(
        f'<subGate id="s{i}" fractionalConductance="{share}">{SIGMOID}'
        f'<timeCourse type="fixedTimeCourse" tau="{tau}ms"/></subGate>'
        for i, (share, tau) in enumerate([(0.25, 4), (0.75, 90)])
    )
    found = read(tmp_path, gate("gateFractional", parts, instances=1)).channels[0].gates[0]
    assert [(share, float(tau(0.0))) for share, tau in found.parts] == [(0.25, 4.0), (0.75, 90.0)]


def test_a_kinetic_scheme(tmp_path):
    ends = [("C", "O", FORWARD), ("O", "I", FORWARD)]
    states = '<closedState id="C"/><openState id="O"/><closedState id="I"/>'
    for source, target, rate in ends:
        rate = rate.replace("forwardRate", "rate")
        back = REVERSE.replace("reverseRate", "rate")
        for kind, its in ("forward", rate), ("reverse", back):
            place = f'id="{kind}{source}" from="{source}" to="{target}"'
            states += f"<{kind}Transition {place}>{its}</{kind}Transition>"
    found = read(tmp_path, gate("gateKS", states, instances=1)).channels[0].gates[0]
    assert isinstance(found, TwoStateGate)
    close(found.opening, forward)
    close(found.recovery, reverse)


TYPE = """<ComponentType name="own_tau" extends="baseVoltageDepTime">
    <Parameter name="least" dimension="time"/>
    <Constant name="MV" dimension="voltage" value="1 mV"/>
    <Constant name="MS" dimension="time" value="1 ms"/>
    <Dynamics>
        <DerivedVariable name="V" dimension="none" value="v / MV"/>
        <ConditionalDerivedVariable name="B" dimension="none">
            <Case condition="V .neq. (0 - 25)" value="(V + 25) / (exp((V + 25)/9) - 1)"/>
            <Case value="9"/>
        </ConditionalDerivedVariable>
        <DerivedVariable name="t" exposure="t" dimension="time" value="least + MS * 10 / (2 + B) ^ 2"/>
    </Dynamics>
</ComponentType>"""


def test_component_types(tmp_path):
    inside = SIGMOID + '<timeCourse type="own_tau" least="0.5ms"/>'
    found = gate_read(tmp_path, "gateHHtauInf", inside, more=TYPE)
    at = VOLTAGE[VOLTAGE != -25]
    expected = 0.5 + 10 / (2 + (at + 25) / np.expm1((at + 25) / 9)) ** 2
    np.testing.assert_allclose(found.time_constant(at), expected, rtol=1e-12)
    assert found.time_constant(np.array(-25.0)) == pytest.approx(0.5 + 10 / 121, rel=1e-12)


def test_a_type_that_uses_the_rates_of_its_gate(tmp_path):
    type_ = """<ComponentType name="of_rates" extends="baseVoltageDepTime">
    <Constant name="MS" dimension="time" value="1 ms"/>
    <Dynamics><DerivedVariable name="t" dimension="time" value="2 / (alpha + beta) + MS"/></Dynamics>
    </ComponentType>"""
    quicker = '<q10Settings type="q10Fixed" fixedQ10="4"/>'
    inside = quicker + FORWARD + REVERSE + '<timeCourse type="of_rates"/>'
    found = gate_read(tmp_path, "gateHHratesTau", inside, more=type_)
    close(found.time_constant, lambda v: (2 / (forward(v) + reverse(v)) + 1) / 4)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name="t" exposure="t"', 'name="other"', "it has none of r, x, t"),
        ("<Dynamics>", '<Dynamics><StateVariable name="s" dimension="none"/>', "a state in a formula is not"),
        ('value="1 mV"', 'value="1 furlong"', "the unit of '1 furlong' is not known"),
        ("least + MS", "nowhere(MS)", "there is no function nowhere"),
        ("least + MS", "least + + ^ MS", "'^' is not understood here"),
    ],
)
def test_types_that_are_not_read(tmp_path, old, new, message):
    assert old in TYPE
    inside = SIGMOID + '<timeCourse type="own_tau" least="0.5ms"/>'
    with pytest.raises(MechanismError, match=re.escape(message)):
        gate_read(tmp_path, "gateHHtauInf", inside, more=TYPE.replace(old, new))


def test_reversals_and_conductances_of_cells(tmp_path):
    cell = '<cell id="x"><channelDensity id="a" ionChannel="c0" condDensity="3 S_per_m2" erev="-81 mV"/>'
    cell += '<channelDensity id="b" ionChannel="c1" condDensity="2 mS_per_cm2" erev="-82 mV"/>'
    cell += '<channelDensity id="l" ionChannel="pas" condDensity="0.1 mS_per_cm2" erev="-60 mV"/></cell>'
    neuron = read(tmp_path, gate("gateHHrates", FORWARD + REVERSE), more=cell, reversals={}, ranges={})
    assert [channel.reversal for channel in neuron.channels] == [-81.0, -82.0, -60.0]
    assert neuron.reference.ranges["c0"] == pytest.approx((0.15, 0.6))
    assert neuron.reference.ranges["c1"] == (1.0, 4.0)
    with pytest.raises(ValueError, match="the reversal of k, pas is not in the files: give reversals"):
        read(tmp_path, reversals={})
    options = {"more": cell.replace('erev="-82 mV"', ""), "ranges": {}}
    mixed = read(tmp_path, gate("gateHHrates", FORWARD + REVERSE), reversals={"k": -77 * pq.mV}, **options)
    assert [channel.reversal for channel in mixed.channels] == [-81.0, -77.0, -60.0]
    given = {"k": -77 * pq.mV, "c0": -75 * pq.mV}
    mixed = read(tmp_path, gate("gateHHrates", FORWARD + REVERSE), reversals=given, **options)
    assert [channel.reversal for channel in mixed.channels] == [-75.0, -77.0, -60.0]
    with pytest.raises(
        ValueError, match="of k: that of c0, c1 is in the cell, and reversals={'c0': …} chang"
    ):
        read(tmp_path, gate("gateHHrates", FORWARD + REVERSE), more=cell, reversals=given, ranges={})


def test_a_power_of_a_power_is_refused(tmp_path):
    """LEMS does not say where to begin."""
    with pytest.raises(
        MechanismError, match="a power of a power is read in two ways: put one of them in par"
    ):
        gate_read(
            tmp_path, "gateHHtauInf", SIGMOID + '<timeCourse type="own_tau" least="0.5ms"/>',
            more=TYPE.replace("2 + B", "2 ^ 1 ^ B"),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "inside", "message"),
    [
        ("gateHHrates", FORWARD, "line 3: gate n has no reverseRate"),
        ("gateOther", FORWARD, "line 3: gateOther is not read"),
        ("gateHHtauInf", SIGMOID + '\n<timeCourse type="mine"/>', "line 5: the type 'mine' is not known"),
        ("gateHHtauInf", SIGMOID.replace("8mV", "8 furlongs"), "line 4: the unit of '8 furlongs'"),
        ("gateHHtauInf", SIGMOID.replace("8mV", "mV"), "line 4: 'mV' is no quantity"),
        (
            "gateHHrates", '<q10Settings type="q10ExpTemp" q10Factor="3" experimentalTemp="6degC"/>' + FORWARD
            + REVERSE, "line 4: it depends on the temperature: give one",
        ),
        (
            "gateHHtauInf", SIGMOID + '\n<timeCourse type="own_tau" least="1ms"/>',
            "line 5: own_tau (channels.nml, line 14): W has no value",
        ),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_named_by_its_line(tmp_path, kind, inside, message):
    with pytest.raises(MechanismError, match=re.escape(f"channels.nml, {message}")):
        gate_read(tmp_path, kind, inside, more=TYPE.replace("2 + B", "2 + W"))


def test_files_that_are_no_channels(tmp_path):
    for text, message in [
        ("<neuroml>\n<a>\n</neuroml>", "bad.nml, line 3: it is no XML: mismatched tag"),
        ("<!DOCTYPE neuroml>\n<neuroml/>", "bad.nml, line 1: a document type is not read"),
    ]:
        (tmp_path / "bad.nml").write_text(text)
        with pytest.raises(MechanismError, match=message):
            neuron_from_mod(tmp_path / "bad.nml", name="mine")
    pool = '<decayingPoolConcentrationModel id="p" ion="ca" restingConc="0 mM" decayConstant="1 ms"/>'
    channel = gate("gateHHrates", FORWARD + REVERSE)
    calcium = f'<ionChannelHH id="ca" species="ca">{channel}</ionChannelHH>{pool}'
    with pytest.raises(
        MechanismError, match="a decayingPoolConcentrationModel is not read, as its calcium dep"
    ):
        read(
            tmp_path, more=calcium,
            reversals={"k": -77 * pq.mV, "pas": -60 * pq.mV, "ca": 120 * pq.mV},
        )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "number"),
    [("-40mV", -40.0), ("0.07 per_ms", 0.07), ("2e-3 s", 2.0), ("1", 1.0), (".5 V", 500.0), ("300 K", 26.85)],
)
def test_quantities(text, number):
    assert number_of(text) == pytest.approx(number, rel=1e-12)
