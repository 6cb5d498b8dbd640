"""The target NEURON: one mechanism a channel, cells in Python, steps of variable length."""

from __future__ import annotations

from .formulas import NeuronFormulas
from .nmodl import FOR_NEURON, mechanism_files, mechanism_name, own_values

TITLE = "NEURON"
COMMAND = "python run.py"
SCRIPTS = {
    "neuron_cell.py": "neuron_cell.py",
    "neuron_simulation.py": "neuron_simulation.py",
    "neuron_run.py": "run.py",
}
_ABOUT = """Needs NEURON (`pip install neuron`), a C++ compiler and numpy. The first run compiles the
folder `mechanisms`.

`from neuron_cell import Cell; cell = Cell(member=0)` makes a cell of your own script, with one section
`soma`. Nothing has to be set for it but the initial voltage: reversal potentials are those of the
mechanisms, not those that NEURON computes from `celsius`, `cao` and `cai`. Calcium is in mM there. In
NetPyNE: call `neuron_cell.load_mechanisms()`, then `importCellParams(label="cell", fileName="neuron_cell.py",
cellName="Cell", cellArgs={"member": 0})`, and set `simConfig.hParams["v_init"]`, `cvode_active = True` and
`cvode_atol = 1e-9`.

**Accuracy.** `run.py` sets CVode with an absolute tolerance of 1e-9: spike times are those of an integration
at tight tolerances within some 0.02 ms over 6 s. With NEURON's own settings they are not: its default
tolerance (1e-3) and fixed steps of 0.025 ms are wrong by milliseconds to hundreds of milliseconds after some
seconds, as conductances are large and some states begin near zero. In a script of your own call
`h.CVode().active(True)` and `h.CVode().atol(1e-9)`."""


def about(settings) -> str:
    """What to tell the user."""
    return _ABOUT


def files_of(formulas: NeuronFormulas, members, table) -> dict[str, str]:
    """Texts of the files of this target, by name."""
    return mechanism_files(formulas, FOR_NEURON)


def settings_of(formulas: NeuronFormulas, table, currents) -> dict:
    """What the scripts of this target need to know."""
    return {
        "mechanisms": {
            channel.column: mechanism_name(formulas, channel.name) for channel in formulas.channels
        },
        "parameters": own_values(formulas),
        "pool": mechanism_name(formulas, "calcium") if formulas.neuron.calcium else None,
    }
