"""The target Arbor: one mechanism a channel in a catalogue, and a recipe of all members."""

from __future__ import annotations

from .formulas import NeuronFormulas, SchemeFormulas
from .nmodl import FOR_ARBOR, mechanism_files, mechanism_name, own_values

TITLE = "Arbor"
COMMAND = "python run.py"
SCRIPTS = {"arbor_run.py": "run.py"}
#: ms.
_STEP = 0.00025


def about(settings) -> str:
    """What to tell the user."""
    return f"""Needs Arbor (`pip install arbor`), CMake and a C++ compiler. The first run builds the folder
`mechanisms` into a catalogue (`arbor-build-catalogue`). `run.py` has the recipe (`Population`), which a
script of your own can import. Reversal potentials are those of the mechanisms: no `method="nernst/ca"` is
needed. Calcium is in mM there.

**Accuracy.** Arbor's method is of the first order and its step is fixed: `run.py` takes {settings["step"]:g}
ms (`--step`), with which spike times are within 1 ms over a second of simulated time; the error is
proportional to the step. With the usual 0.025 ms it is tens of milliseconds after some seconds."""


def files_of(formulas: NeuronFormulas, members, table) -> dict[str, str]:
    """Texts of the files of this target, by name."""
    _check(formulas)
    return mechanism_files(formulas, FOR_ARBOR)


def _check(formulas):
    for channel in formulas.channels:
        for gate in channel.gates:
            if isinstance(gate, SchemeFormulas) and any(reaction.by for reaction in gate.reactions):
                raise ValueError(
                    f"neuron {formulas.neuron.name} cannot be exported to Arbor: in channel "
                    f"{channel.name} a state moves others of its kinetic scheme, and Arbor solves linear "
                    f"schemes alone"
                )


def settings_of(formulas: NeuronFormulas, table, currents) -> dict:
    """What the scripts of this target need to know."""
    return {
        "mechanisms": {
            channel.column: mechanism_name(formulas, channel.name) for channel in formulas.channels
        },
        "parameters": own_values(formulas),
        "pool": mechanism_name(formulas, "calcium") if formulas.neuron.calcium else None,
        "calcium": formulas.neuron.calcium.initial / 1000 if formulas.neuron.calcium else None,
        "step": _STEP,
    }
