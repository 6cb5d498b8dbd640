"""The STG neuron as text that NMODL, Brian2 and Python read alike; v is the voltage in mV, times in ms.

Written apart from the package's declaration, so that a mistake in one of them shows.
"""

REVERSALS = {"Na": 50, "Kd": -80, "CaT": 80, "CaS": 80, "KCa": -80, "A": -80, "H": -20, "leak": -50}
INITIAL_VOLTAGE, INITIAL_CALCIUM = -70.0, 0.5


def _open(half, slope):
    return f"1/(1 + exp(({half} - v)/{slope}))"


def _closed(half, slope):
    return f"1/(1 + exp((v - ({half}))/{slope}))"


#: Channel: (gate, exponent, steady state, time constant) of each of its gates.
GATES = {
    "Na": [
        ("m_Na", 3, _open(-25.5, 5.29), f"1.32 - 1.26*{_open(-120, 25)}"),
        ("h_Na", 1, _closed(-48.9, 5.18), f"0.67*{_open(-62.9, 10)}*(1.5 + {_closed(-34.9, 3.6)})"),
    ],
    "Kd": [("m_Kd", 4, _open(-12.3, 11.8), f"7.2 - 6.4*{_open(-28.3, 19.2)}")],
    "CaT": [
        ("m_CaT", 3, _open(-27.1, 7.2), f"21.7 - 21.3*{_open(-68.1, 20.5)}"),
        ("h_CaT", 1, _closed(-32.1, 5.5), f"105 - 89.8*{_open(-55, 16.9)}"),
    ],
    "CaS": [
        ("m_CaS", 3, _open(-33, 8.1), "1.4 + 7/(exp((v + 27)/10) + exp((-70 - v)/13))"),
        ("h_CaS", 1, _closed(-60, 6.2), "60 + 150/(exp((v + 55)/9) + exp((-65 - v)/16))"),
    ],
    "KCa": [("m_KCa", 4, f"(ca/(ca + 3))*{_open(-28.3, 12.6)}", f"90.3 - 75.1*{_open(-46, 22.7)}")],
    "A": [
        ("m_A", 3, _open(-27.2, 8.7), f"11.6 - 10.4*{_open(-32.9, 15.2)}"),
        ("h_A", 1, _closed(-56.9, 4.9), f"38.6 - 29.2*{_open(-38.9, 26.5)}"),
    ],
    "H": [("m_H", 1, _closed(-70, 6), f"272 + 1499*{_open(-42.2, 8.73)}")],
    "leak": [],
}


def current(channel, conductance, power="^"):
    """Current of a channel in uA/cm**2."""
    gates = [f"{name}{power}{exponent}" for name, exponent, _, _ in GATES[channel]]
    return "*".join([conductance, *gates, f"(v - ({REVERSALS[channel]}))"])


def kinetics():
    """(steady state, time constant) of each gate, as text, by name."""
    return {name: (steady, tau) for found in GATES.values() for name, _, steady, tau in found}


def calcium_slope(calcium_current):
    """Time derivative of calcium in uM/ms."""
    return f"(0.05 - 0.94*{calcium_current} - ca)/20"
