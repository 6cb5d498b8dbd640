"""A neuron that declares all that there is: every kind of gate, scheme, pool and reversal."""

import numpy as np

from elephant_dic.neurons import Gate, Hill, Nernst, PumpedPool, TwoStateGate
from elephant_dic.neurons.model import (
    CalciumPool,
    Channel,
    Compensation,
    KineticScheme,
    Parameter,
    Reaction,
    UniformPopulation,
    calcium_sigmoid,
    constant,
    sigmoid,
    x_over_expm1,
)
from support.toy_neuron import toy_neuron

NERNST = Nernst(scale=12.5, outside=2500.0)
DECAYING = CalciumPool(("Ca-L",), time_constant=30.0, per_current=0.4, baseline=0.06, initial=0.1)
PUMPED = PumpedPool(("Ca-L",), influx=0.01, maximum=0.05, half=0.4, initial=0.1, power=2)
#: mS/cm**2: it fires at some 50 Hz.
CELL = np.array([[60.0, 20.0, 0.1, 0.3, 0.2, 0.02, 0.1]])


#: What cells can have of their own, and such a cell.
OWN = (
    Parameter("V-half", -40.0, (-60.0, -20.0), gates_of=("K(DR)", "A")),
    Parameter("E-leak", -30.0, (-50.0, -10.0), reversal_of="leak"),
)
OWN_CELL = np.array([[*CELL[0], -43.21, -27.65]])


def rate(amplitude, slope):
    return lambda voltage: amplitude * np.exp(slope * voltage)


def opening(voltage):
    return 0.3 * x_over_expm1(-(voltage + 35) / 9)


def closing(voltage):
    return 4 * np.exp(-(voltage + 60) / 18)


SCHEME = TwoStateGate(
    "o",
    rate(0.0036, 0.0759),
    rate(1.2523e-5, -0.0671),
    rate(0.1, 0.1189),
    rate(0.003, -0.0733),
    "g_u",
    (0.001, 0.0),
)
MOVED = KineticScheme(
    "s",
    ("C", "O", "L", "P0", "P1"),
    (
        Reaction("C", "O", rate(0.02, -0.03), rate(0.2, 0.03)),
        Reaction("O", "L", constant(0.1), constant(0.02), by="P1"),
        Reaction("P0", "P1", constant(0.01), constant(0.02), calcium=lambda calcium: calcium**2),
    ),
    {"O": 1.0, "L": 2.0},
    "g_u",
)


def every_part(pool=DECAYING, scheme=SCHEME, parameters=()):
    """Channels whose names are no identifiers; `scheme` None is without."""
    halves = ((0.4, constant(30.0)), (0.6, lambda v: 20 + 30 * sigmoid(40, 8)(v)))
    channels = (
        Channel(
            "Na",
            50.12345,
            (
                Gate("m", lambda v: opening(v) / (opening(v) + closing(v)), exponent=3),
                Gate("h", sigmoid(45, 6), lambda v: 0.5 + 6 / np.cosh((v + 45) / 15)),
            ),
        ),
        Channel(
            "K(DR)",
            -84.98765,
            (Gate("n", sigmoid(25, -9), lambda v: 1 + 5 * sigmoid(30, 15)(v), exponent=4),),
        ),
        Channel(
            "Ca-L",
            NERNST,
            (
                Gate("m", sigmoid(28, -6), constant(1.5), exponent=2),
                Gate("c", constant(1.0), constant(40.0), calcium=calcium_sigmoid(0.6, -0.2)),
            ),
        ),
        Channel("SK", -85.0, (Gate("c", constant(1.0), calcium=Hill(0.5, 4)),)),
        Channel("A", -85.0, (Gate("q", sigmoid(60, 7), halves), Gate("p", sigmoid(40, -10), constant(2.0)))),
        Channel("ERG", -85.0, (scheme,))
        if scheme
        else Channel("ERG", -85.0, (Gate("o", sigmoid(40, -5), constant(50)),)),
        Channel("leak", -30.0),
    )
    names = [channel.name for channel in channels[:-1]]
    return toy_neuron(
        name="every-part",
        channels=channels,
        parameters=parameters,
        calcium=pool,
        reference=UniformPopulation((0.05, 0.2), {name: (0, 1) for name in names}),
        compensations=(Compensation(("SK", "A"), lambda g_s, g_u: True),),
        fast_channel="Na",
        time_step=0.05,
    )
