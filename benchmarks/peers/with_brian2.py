"""The STG neuron in Brian2, compiled from `equations.py`.

    python benchmarks/peers/with_brian2.py CELLS.npy RESULT.npz DURATION DT {cpp_standalone,cython}

All cells are one NeuronGroup; exponential Euler, the method that its manual names for such equations.
"""

import sys
import tempfile
import time

import numpy as np
from equations import (
    GATES,
    INITIAL_CALCIUM,
    INITIAL_VOLTAGE,
    calcium_slope,
    current,
    kinetics,
)
from report import report


def equations():
    calcium = f"({current('CaT', 'gCaT', '**')} + {current('CaS', 'gCaS', '**')})"
    total = " + ".join(current(channel, f"g{channel}", "**") for channel in GATES)
    lines = [f"dv/dt = -({total})/ms : 1", f"dca/dt = {calcium_slope(calcium)}/ms : 1"]
    for name, (steady, tau) in kinetics().items():
        lines.append(f"d{name}/dt = ({steady} - {name})/({tau})/ms : 1")
    return "\n".join(lines + [f"g{channel} : 1 (constant)" for channel in GATES])


def main():
    cells, result, duration, dt, target = sys.argv[1:]
    begin = time.perf_counter()
    import brian2 as b

    table = np.load(cells)
    standalone = target == "cpp_standalone"
    with tempfile.TemporaryDirectory() as folder:
        if standalone:
            b.set_device("cpp_standalone", directory=folder, build_on_run=False)
        else:
            b.prefs.codegen.target = "cython"
        b.defaultclock.dt = float(dt) * b.ms
        group = b.NeuronGroup(
            len(table), equations(), threshold="v > 10", refractory="v > 10", method="exponential_euler"
        )
        for channel, values in zip(GATES, table.T, strict=True):
            setattr(group, f"g{channel}", values)
        group.v, group.ca = INITIAL_VOLTAGE, INITIAL_CALCIUM
        for name, (steady, _) in kinetics().items():
            setattr(group, name, steady)
        monitor = b.SpikeMonitor(group)
        if standalone:
            b.run(float(duration) * b.ms)
            b.device.build(directory=folder, compile=True, run=False, debug=False)
        else:
            b.run(2 * b.defaultclock.dt)  # compiles
        compilation = time.perf_counter() - begin
        begin = time.perf_counter()
        if standalone:
            b.device.run(folder, with_output=False, run_args=[])
        else:
            b.run((float(duration) * b.ms) - 2 * b.defaultclock.dt)
        seconds = time.perf_counter() - begin
        trains = [np.asarray(times / b.ms) for times in monitor.spike_trains().values()]
    report(result, trains, seconds, compilation, here=not standalone)


if __name__ == "__main__":
    main()
