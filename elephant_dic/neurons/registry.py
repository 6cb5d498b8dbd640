"""The registry of neurons: those shipped here and those that other packages add.

A package adds a neuron by an entry point of the group ``elephant_dic.neurons`` that names a `NeuronModel`.
"""

from __future__ import annotations

import copyreg
import pickle
import sys
import warnings
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from .fingerprint import fingerprint
from .model import NeuronModel

ENTRY_POINT_GROUP = "elephant_dic.neurons"
#: Declarations that were passed to this process, which no entry point names.
_PASSED: dict[int, NeuronModel] = {}


@cache
def _load(name: str) -> NeuronModel:
    found = entry_points(group=ENTRY_POINT_GROUP, name=name)
    if not found:
        raise ValueError(f"unknown neuron {name!r}; known are {', '.join(list_neurons())}")
    if len(found) > 1:
        packages = ", ".join(sorted(f"{point.value}" for point in found))
        raise ValueError(f"several packages provide the neuron {name!r}: {packages}; uninstall all but one")
    (point,) = found
    try:
        neuron = point.load()
    except Exception as error:  # other people's code
        raise ValueError(
            f"the neuron {name!r} of {point.value} is broken: {type(error).__name__}: {error}; "
            f"repair or uninstall that package"
        ) from error
    if not isinstance(neuron, NeuronModel):
        raise TypeError(f"the entry point of neuron {name!r} is a {type(neuron).__name__}, not a NeuronModel")
    return neuron


def list_neurons() -> list[str]:
    """Names of the installed neurons, sorted.

    Returns
    -------
    list of str

    Warns
    -----
    UserWarning
        For each neuron that is left out because it is broken.
    """
    working = []
    for name in sorted({point.name for point in entry_points(group=ENTRY_POINT_GROUP)}):
        try:
            _load(name)
        except (TypeError, ValueError) as error:
            warnings.warn(f"left out: {error}", UserWarning, stacklevel=2)
        else:
            working.append(name)
    return working


def weights_folder(neuron: NeuronModel) -> Path | None:
    """Where the trained network of an installed neuron is: beside the module that declares it.

    The neurons shipped here have theirs in ``elephant_dic/weights``.

    Returns
    -------
    Path or None
        None for a neuron that no entry point names.
    """
    for point in entry_points(group=ENTRY_POINT_GROUP, name=neuron.name):
        if _load(neuron.name) is neuron and (file := sys.modules[point.module].__file__):
            folder = Path(file).parent
            return folder.parent / "weights" if folder == Path(__file__).parent else folder
    return None


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
        _PASSED[id(name)] = name
        return name
    if not isinstance(name, str):
        raise TypeError(f"neuron must be a name or a NeuronModel, got {type(name).__name__}")
    return _load(name)


def neuron_declared_as(name: str, wanted: str | None) -> NeuronModel:
    """The neuron with which something was made, by its name and the `fingerprint` of its declaration.

    Parameters
    ----------
    name : str
    wanted : str or None
        None where it was not kept, as in files of versions before 0.2: then the name has to do.

    Returns
    -------
    NeuronModel
        The installed one, or else one that has been passed to `get_neuron` or another function before.

    Raises
    ------
    ValueError
        If neither is declared so.
    """
    for neuron in _PASSED.values():
        if neuron.name == name and fingerprint(neuron) == wanted:
            return neuron
    neuron = get_neuron(name)
    if wanted not in (None, fingerprint(neuron)):
        raise ValueError(
            f"this was made with another declaration of the neuron {name!r} than the one installed "
            f"(fingerprint {wanted}, installed {fingerprint(neuron)}), which would pass for its own: "
            f"install the version that made it (see its provenance), or pass that declaration to get_neuron"
        )
    return neuron


def _by_name(neuron: NeuronModel):
    """How a neuron is pickled for worker processes: by its name, as its functions cannot be."""
    try:
        registered = get_neuron(neuron.name) is neuron
    except ValueError:
        registered = False
    if not registered:
        raise pickle.PicklingError(
            f"neuron {neuron.name!r} cannot be sent to other processes: make it known to them by an entry "
            f"point of the group {ENTRY_POINT_GROUP}, or work without an executor"
        )
    return get_neuron, (neuron.name,)


copyreg.pickle(NeuronModel, _by_name)
