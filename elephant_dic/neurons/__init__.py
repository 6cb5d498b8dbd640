"""The registry of neurons: those shipped here and those that other packages add.

A package adds a neuron by an entry point of the group ``elephant_dic.neurons`` that names a `NeuronModel`.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from .model import NeuronModel

ENTRY_POINT_GROUP = "elephant_dic.neurons"


@cache
def _load(name: str) -> NeuronModel:
    found = entry_points(group=ENTRY_POINT_GROUP, name=name)
    if not found:
        raise ValueError(f"unknown neuron {name!r}; known are {', '.join(list_neurons())}")
    if len(found) > 1:
        packages = ", ".join(sorted(f"{point.value}" for point in found))
        raise ValueError(f"several packages provide the neuron {name!r}: {packages}; uninstall all but one")
    neuron = next(iter(found)).load()
    if not isinstance(neuron, NeuronModel):
        raise TypeError(f"the entry point of neuron {name!r} is a {type(neuron).__name__}, not a NeuronModel")
    return neuron


def list_neurons() -> list[str]:
    """Names of the installed neurons, sorted.

    Returns
    -------
    list of str
    """
    return sorted({point.name for point in entry_points(group=ENTRY_POINT_GROUP)})


def get_neuron(name: str | NeuronModel) -> NeuronModel:
    """A neuron by its name.

    Parameters
    ----------
    name : str or NeuronModel
        A name from `list_neurons`; a `NeuronModel` is returned as it is.

    Returns
    -------
    NeuronModel

    Raises
    ------
    TypeError
        If `name` is neither.
    ValueError
        If no installed package provides that neuron.
    """
    if isinstance(name, NeuronModel):
        return name
    if not isinstance(name, str):
        raise TypeError(f"neuron must be a name or a NeuronModel, got {type(name).__name__}")
    return _load(name)
