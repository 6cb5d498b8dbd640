"""Mechanisms in NMODL as tests write them: channels in the ways in which people write channels."""

import numpy as np


def linear(x):
    """x / (exp(x) - 1), written plainly."""
    return x / np.expm1(x)


def alpha(v):
    return 0.2 * linear(-(v + 38.5) / 7)


def beta(v):
    return 1.3 * np.exp(-(v + 61) / 19)


#: (statements of a DERIVATIVE, or of what is solved, and other blocks) of one gate with those rates.
RATES = """
PROCEDURE rates(v (mV)) {
    a = 0.2*linear(-(v + 38.5)/7)
    b = 1.3*exp(-(v + 61)/19)
}
FUNCTION linear(x) {
    if (fabs(x) < 1e-4) { linear = 1 - x/2 } else { linear = x/(exp(x) - 1) }
}
"""
CHANNEL = """TITLE a channel of potassium
COMMENT
It has a gate (n) : and this is no code {
ENDCOMMENT
NEURON {{
    SUFFIX {suffix}
    USEION k READ ek WRITE ik
    RANGE gbar, g
}}
UNITS {{
    (mV) = (millivolt)
    (S) = (siemens)
}}
PARAMETER {{
    gbar = 0.02 (S/cm2) <0, 1e9>
    {parameters}
}}
ASSIGNED {{ v (mV) ek (mV) ik (mA/cm2) celsius (degC) dt (ms)
    a (/ms) b (/ms) ninf ntau (ms) g (S/cm2) tadj nexp }}
STATE {{ {states} }}
BREAKPOINT {{
    {solve}
    g = {conductance}
    ik = g*(v - ek) ? the current
}}
INITIAL {{
    {initial}
}}
{blocks}
"""


def channel(
    blocks,
    conductance="gbar*n^4",
    solve="SOLVE states METHOD cnexp",
    initial="rates(v)\n    n = a/(a + b)",
    states="n",
    parameters="",
    suffix="kd",
):
    """The text of a channel; its gate n is to be moved by what the blocks say."""
    text = CHANNEL.replace("code {", "code {{").format(
        suffix=suffix,
        parameters=parameters,
        states=states,
        solve=solve,
        conductance=conductance,
        initial=initial,
        blocks=blocks,
    )
    return text


#: Ways in which files write that gate, as arguments of `channel`.
WAYS = {
    "rates": {
        "blocks": "DERIVATIVE states {\n rates(v)\n n' = a*(1 - n) - b*n\n}" + RATES,
        "conductance": "gbar*n*n*n*n",
    },
    "steady state and time constant": {
        "blocks": """DERIVATIVE states { rates(v)
            n' = (ninf - n)/ntau }
        """
        + RATES.replace("19)\n}", "19)\n ninf = a/(a + b)\n ntau = 1/(a + b)\n}"),
        "initial": "rates(v) n = ninf",
        "conductance": "gbar*pow(n, 4)",
    },
    "functions, with a factor in front": {
        "blocks": """DERIVATIVE states { n' = 3^((celsius - 20)/10)*(n_inf(v) - n)/(3*n_tau(v)) }
        FUNCTION al(v) { al = 0.2*linear(-(v + 38.5)/7) }
        FUNCTION be(v (mV)) (/ms) { be = 1.3*exp(-(v + 61)/19) }
        FUNCTION n_inf(v (mV)) { LOCAL sum
            TABLE DEPEND celsius FROM -100 TO 100 WITH 200
            sum = al(v) + be(v)
            n_inf = al(v)/sum }
        FUNCTION n_tau(v (mV)) (ms) { n_tau = 1/(al(v) + be(v)) }
        """
        + RATES,
    },
    "a step of time": {
        "blocks": """PROCEDURE states() {
            rates(v)
            nexp = 1 - exp(-dt*(a + b))
            n = n + nexp*(a/(a + b) - n)
            VERBATIM
            return 0;
            ENDVERBATIM
        }"""
        + RATES,
        "solve": "SOLVE states",
    },
    "kinetic": {
        "blocks": "KINETIC states { rates(v)\n ~ c <-> n (a, b)\n CONSERVE c + n = 1 }" + RATES,
        "states": "c n",
        "solve": "SOLVE states METHOD sparse",
        "initial": "SOLVE states STEADYSTATE sparse",
    },
    "a trap of two arguments": {
        "blocks": """DERIVATIVE states { n' = al(v)*(1-n) - 1.3*exp(-(v + 61)/19)*n }
        FUNCTION al(v) { al = 0.2*vtrap(-(v + 38.5), 7)/7 }
        FUNCTION vtrap(x, y) {
            IF (fabs(x/y) < 1e-6) {
                vtrap = y*(1 - x/y/2)
            } ELSE {
                vtrap = x/(exp(x/y) - 1)
            }
        }"""
        + RATES,
    },
    "a trap of the other sign": {
        "blocks": """DERIVATIVE states { n' = trap(v, -38.5, 0.2/7, 7)*(1-n) - 1.3*exp(-(v + 61)/19)*n }
        FUNCTION trap(v, th, a, q) {
            if (fabs((v - th)/q) > 1e-6) { trap = a*(v - th)/(1 - exp(-(v - th)/q)) } else { trap = a*q }
        }"""
        + RATES,
    },
    "a voltage that is moved from the pole": {
        "blocks": """DERIVATIVE states { more()
            n' = a*(1-n) - b*n }
        PROCEDURE more() {
            if (v == -38.5) { v = v + 0.0001 }
            a = (-0.2/7*(v + 38.5))/(exp(-(v + 38.5)/7) - 1)
            b = 1.3*exp(-(v + 61)/19)
        }"""
        + RATES,
    },
    "no trap at all, and exponentials that do not overflow": {
        "blocks": """DERIVATIVE states {
            n' = -0.2/7*(v + 38.5)/(Exp(-(v + 38.5)/7) - 1)*(1-n) - 1.3*Exp(-(v + 61)/19)*n }
        FUNCTION Exp(x) { if (x > -100 && x < 600) { Exp = exp(x) } else { Exp = 0 } }
        """
        + RATES,
    },
}
LEAK = """NEURON { SUFFIX pas NONSPECIFIC_CURRENT i RANGE g, e }
PARAMETER { g = 1e-4 (S/cm2) e = -64.5 (mV) }
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = g*(v - e) }
"""
#: A channel of calcium, one that calcium opens, and what becomes of it.
CALCIUM = """NEURON { SUFFIX cal USEION ca READ eca WRITE ica RANGE gbar }
PARAMETER { gbar = 2 (pS/um2) }
ASSIGNED { v (mV) eca (mV) ica (mA/cm2) }
STATE { m }
INITIAL { m = 1/(1 + exp(-(v + 30)/6)) }
BREAKPOINT { SOLVE states METHOD cnexp
    ica = (1e-4)*gbar*m*m*(v - eca) }
DERIVATIVE states { m' = (1/(1 + exp(-(v + 30)/6)) - m)/1.5 }
"""
BY_CALCIUM = """NEURON {{ SUFFIX kca USEION ca READ cai USEION k READ ek WRITE ik RANGE gbar }}
PARAMETER {{ gbar = 0.005 (S/cm2) half = 0.0005 (mM) tau = 30 (ms) }}
ASSIGNED {{ v (mV) ek (mV) cai (mM) ik (mA/cm2) }}
STATE {{ w }}
INITIAL {{ w = {steady} }}
BREAKPOINT {{ SOLVE states METHOD cnexp
    ik = gbar*{opened}*(v - ek) }}
DERIVATIVE states {{ w' = {slope} }}
"""
POOL = """NEURON {{ SUFFIX cad USEION ca READ ica, cai WRITE cai }}
UNITS {{ FARADAY = (faraday) (coulomb) }}
PARAMETER {{ depth = 0.5 (um) taur = 40 (ms) cainf = 5e-5 (mM) kt = 0 (mM/ms) kd = 1e-4 (mM) }}
ASSIGNED {{ ica (mA/cm2) drive (mM/ms) }}
STATE {{ {state} (mM) <1e-5> }}
INITIAL {{ {state} = 1e-4 {after} }}
BREAKPOINT {{ SOLVE state METHOD derivimplicit }}
DERIVATIVE state {{
    drive = -(10000)*ica/(2*FARADAY*depth)
    {statement}
    {state}' = drive + {removal}
    {after}
}}
"""


def by_calcium(slope="(half_open() - w)/tau", opened="w", steady="half_open()", extra=""):
    return (
        BY_CALCIUM.format(slope=slope, opened=opened, steady=steady)
        + "FUNCTION half_open() { half_open = cai^2/(cai^2 + half^2) }\n"
        + extra
    )


def pool(state="cai", after="", statement="", removal="(cainf - cai)/taur"):
    return POOL.format(state=state, after=after, statement=statement, removal=removal)


def written(folder, **texts):
    """Paths of files of these texts, in this order."""
    paths = []
    for name, text in texts.items():
        path = folder / f"{name}.mod"
        path.write_text(text)
        paths.append(path)
    return paths
