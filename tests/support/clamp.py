"""The header of a dynamic clamp, compiled, to be called from Python."""

import ctypes
import shutil
import subprocess

import numpy as np
import pytest

from elephant_dic.exports.clamp_header import clamp_header, header_name
from elephant_dic.exports.formulas import formulas_of

STRICT = ("-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror", "-O2")

_WRAPPER = """
#include "{header}"
#include <stddef.h>
size_t size(void) {{ return sizeof({name}_cell); }}
double *share(void *cell) {{ return (({name}_cell *)cell)->share; }}
double *current(void *cell) {{ return (({name}_cell *)cell)->current; }}
void init(void *cell, const double *columns, double capacitance, double v)
{{ {name}_init(({name}_cell *)cell, columns, capacitance, v); }}
void beside(void *cell, double current) {{ (({name}_cell *)cell)->beside = current; }}
double step(void *cell, double v, double dt) {{ return {name}_step(({name}_cell *)cell, v, dt); }}
double step_held(void *cell, double v, double dt) {{ return {name}_step_held(({name}_cell *)cell, v, dt); }}
/* The currents into a passive cell, which moves in steps of its own. */
void hybrid(void *cell, double g, double e, double v, double dt, double capacitance, int n, double *found)
{{
    const int fine = 200;
    for (int i = 0; i < n; i++) {{
        const double injected = {name}_step_held(({name}_cell *)cell, v, dt);
        found[i] = v;
        for (int k = 0; k < fine; k++) {{
            v += dt/fine*(1000.0*injected/capacitance - g*(v - e));
        }}
    }}
}}
"""


def compiler(*names):
    """The first of these compilers that is there, or a skip."""
    found = next(filter(None, map(shutil.which, names)), None)
    if not found:
        pytest.skip(f"none of the compilers {', '.join(names)} is installed")
    return found


def built(command):
    """Run a compiler, which must not complain."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


class Clamp:
    """The header of a neuron as a library, and one cell.

    Parameters
    ----------
    folder : Path
        For the library.
    neuron : NeuronModel
    """

    def __init__(self, folder, neuron):
        formulas = formulas_of(neuron)
        (folder / header_name(formulas)).write_text(clamp_header(formulas))
        names = {"header": header_name(formulas), "name": formulas.name}
        (folder / "wrapper.c").write_text(_WRAPPER.format(**names))
        path = folder / "wrapper.so"
        built(
            [compiler("cc", "gcc", "clang"), "-std=c99", *STRICT, "-shared", "-fPIC", folder / "wrapper.c",
             "-o", path, "-lm"]
        )  # fmt: skip
        self.neuron, self.library = neuron, ctypes.CDLL(str(path))
        self.library.size.restype = ctypes.c_size_t
        for name in ("step", "step_held"):
            function = getattr(self.library, name)
            function.argtypes, function.restype = [ctypes.c_void_p, *[ctypes.c_double] * 2], ctypes.c_double
        for name in ("share", "current"):
            function = getattr(self.library, name)
            function.argtypes, function.restype = [ctypes.c_void_p], ctypes.POINTER(ctypes.c_double)
        self.cell = ctypes.create_string_buffer(self.library.size())

    def start(self, columns, capacitance=100.0, voltage=None):
        """Begin a cell, at the initial voltage (mV) of the neuron unless another is given."""
        values = np.ascontiguousarray(columns, dtype=float)
        voltage = self.neuron.initial_voltage if voltage is None else voltage
        self.library.init(
            self.cell, values.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
            ctypes.c_double(capacitance), ctypes.c_double(voltage),
        )  # fmt: skip
        return self

    @property
    def share(self):
        """(n_channels,) array, to be read and written."""
        return np.ctypeslib.as_array(self.library.share(self.cell), (len(self.neuron.channels),))

    @property
    def current(self):
        """(n_channels,) nA."""
        return np.ctypeslib.as_array(self.library.current(self.cell), (len(self.neuron.channels),)).copy()

    def beside(self, current):
        """Tell of a current (nA) that the amplifier injects, too."""
        self.library.beside(self.cell, ctypes.c_double(current))

    def step(self, voltage, dt):
        """NA to inject at a voltage (mV) with a step (ms)."""
        return self.library.step(self.cell, voltage, dt)

    def step_held(self, voltage, dt):
        """The same as its mean over the step."""
        return self.library.step_held(self.cell, voltage, dt)

    def driven(self, voltages, dt):
        """(n, n_channels) nA under a voltage (mV)."""
        found = []
        for voltage in voltages:
            self.step(voltage, dt)
            found.append(self.current)
        return np.array(found)

    def hybrid(self, conductance, reversal, duration, dt, capacitance):
        """Voltage (mV) of a passive cell (mS/cm2, mV) into which the currents are injected."""
        found = np.empty(round(duration / dt))
        values = (conductance, reversal, self.neuron.initial_voltage, dt, capacitance)
        self.library.hybrid(
            self.cell, *map(ctypes.c_double, values), len(found),
            found.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
        )  # fmt: skip
        return found
