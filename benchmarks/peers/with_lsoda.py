"""Any neuron with LSODA of scipy, at a relative tolerance of 1e-8: the plain equations, compiled.

Nothing of the package's integrator or its tables is used.
"""

from functools import lru_cache

import numpy as np
from peers.written_out import PYTHON, slopes
from scipy.integrate import odeint

from elephant_dic.neurons.plain_equations import initial_state

SAMPLED = 0.02  # ms between the voltages that are looked at for spikes
TOLERANCE = {"rtol": 1e-8, "atol": 1e-9, "hmax": 1.0, "mxstep": 100_000}


def text_of(neuron):
    """A function of state, time and conductances, as text."""
    states = [f"s[{i}]" for i in range(len(initial_state(neuron)))]
    conductances = [f"g[{i}]" for i in range(len(neuron.channels))]
    lines, found = slopes(neuron, PYTHON, states, conductances)
    return "\n    ".join(["def slopes(s, t, g):", *lines, f"return np.array([{', '.join(found)}])"])


@lru_cache
def compiled(neuron):
    """That function, compiled."""
    import numba

    names = {"np": np}
    exec(text_of(neuron), names)
    return numba.njit(names["slopes"])


def simulate(neuron, table, duration):
    """Spike times (ms) of cells (n, n_channels), one by one."""
    function, start = compiled(neuron), np.array(initial_state(neuron), dtype=float)
    times = np.arange(0.0, duration + SAMPLED, SAMPLED)
    trains = []
    for cell in np.asarray(table, dtype=float):
        voltage = odeint(function, start, times, args=(cell,), **TOLERANCE)[:, 0]
        trains.append(upward_crossings(times, voltage, neuron.spike.level))
    return trains


def upward_crossings(times, voltage, level):
    """Times at which the cubic through the four voltages around it crosses the level of spikes."""
    found = []
    for i in np.flatnonzero((voltage[1:-2] < level) & (voltage[2:-1] >= level)) + 1:
        cubic = np.polynomial.Polynomial.fit(times[i - 1 : i + 3], voltage[i - 1 : i + 3] - level, 3)
        roots = cubic.roots()
        roots = roots[np.abs(roots.imag) < 1e-9].real
        found.append(roots[np.abs(roots - times[i : i + 2].mean()).argmin()])
    return np.array(found)
