"""The STG neuron in Jaxley: one channel made from `equations.py`, all cells in one jitted and vmapped loop.

    python benchmarks/peers/with_jaxley.py CELLS.npy RESULT.npz DURATION DT

Jaxley's defaults: single precision, implicit Euler for the voltage; exponential Euler, from Jaxley, for the
gates and calcium. A run is cut into parts, so that the voltages of all steps need not be kept.
"""

import sys
import time

import jax
import jax.numpy as jnp
import jaxley
import numpy as np
from equations import (
    GATES,
    INITIAL_CALCIUM,
    INITIAL_VOLTAGE,
    current,
    kinetics,
)
from jaxley.channels import Channel
from jaxley.integrate import build_init_and_step_fn
from jaxley.solver_gate import exponential_euler
from report import report

PART = 50.0  # ms
CONDUCTANCES = [f"g{channel}" for channel in GATES]


def compiled(text):
    """A function of the names in a text."""
    code = compile(text, text, "eval")
    return lambda **names: eval(code, {"exp": jnp.exp}, names)


KINETICS = {name: tuple(map(compiled, texts)) for name, texts in kinetics().items()}
CURRENT = compiled(" + ".join(current(channel, f"g{channel}", "**") for channel in GATES))
CALCIUM_REST = compiled(f"0.05 - 0.94*({current('CaT', 'gCaT', '**')} + {current('CaS', 'gCaS', '**')})")


class Neuron(Channel):
    """All channels of the cell and its calcium."""

    def __init__(self):
        self.current_is_in_mA_per_cm2 = True
        super().__init__("stg")
        self.channel_params = dict.fromkeys(CONDUCTANCES, 0.0)
        self.channel_states = dict.fromkeys(["ca", *KINETICS], 0.0)
        self.current_name = "i_stg"

    def update_states(self, states, dt, v, params):
        names = {"v": v, **states, **params}
        moved = {
            name: exponential_euler(states[name], dt, steady(**names), tau(**names))
            for name, (steady, tau) in KINETICS.items()
        }
        return moved | {"ca": exponential_euler(states["ca"], dt, CALCIUM_REST(**names), 20.0)}

    def compute_current(self, states, v, params):
        return CURRENT(v=v, **states, **params) / 1000

    def init_state(self, states, v, params, delta_t):
        names = {"v": v, "ca": INITIAL_CALCIUM}
        return {"ca": INITIAL_CALCIUM} | {name: steady(**names) for name, (steady, _) in KINETICS.items()}


def build(dt):
    """Functions that start a cell of given conductances, and that run it for a part."""
    cell = jaxley.Cell()
    cell.insert(Neuron())
    cell.set("capacitance", 1.0)
    cell.set("v", INITIAL_VOLTAGE)
    cell.init_states(dt)
    cell.to_jax()
    initialise, step = build_init_and_step_fn(cell, voltage_solver="jaxley.dhs.cpu")

    def start(conductances):
        parameters = None
        for name, value in zip(CONDUCTANCES, conductances, strict=True):
            parameters = cell.data_set(name, value, parameters)
        return initialise([], param_state=parameters, delta_t=dt)

    def run(states, parameters):
        def advance(states, _):
            states = step(states, parameters, {}, {}, delta_t=dt)
            return states, states["v"][0]

        return jax.lax.scan(advance, states, length=round(PART / dt))

    return jax.jit(jax.vmap(start)), jax.jit(jax.vmap(run))


def crossings(before, voltages, first_time, dt):
    """Times at which a cell, which was at the voltage `before`, passes +10 mV upwards."""
    voltages = np.concatenate([[before], voltages])
    steps = np.flatnonzero((voltages[:-1] < 10) & (voltages[1:] >= 10))
    parts = (10 - voltages[steps]) / (voltages[steps + 1] - voltages[steps])
    return first_time + dt * (steps + parts)


def main():
    cells, result, duration, dt = sys.argv[1:]
    duration, dt, table = float(duration), float(dt), np.load(cells).astype(np.float32)
    begin = time.perf_counter()
    start, run = build(dt)
    states, parameters = start(table)
    run = run.lower(states, parameters).compile()
    compilation = time.perf_counter() - begin
    begin = time.perf_counter()
    pieces = [[] for _ in table]
    last = np.full(len(table), INITIAL_VOLTAGE)
    for first_time in np.arange(0, duration, PART):
        states, voltages = run(states, parameters)
        for i, values in enumerate(np.asarray(voltages)):
            pieces[i].append(crossings(last[i], values, first_time, dt))
            last[i] = values[-1]
    seconds = time.perf_counter() - begin
    trains = [times[times <= duration] for times in map(np.concatenate, pieces)]
    report(result, trains, seconds, compilation)


if __name__ == "__main__":
    main()
