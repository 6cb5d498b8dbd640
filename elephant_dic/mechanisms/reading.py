"""Channels of other simulators as the declaration of a neuron."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import quantities as pq

from ..arguments import check_number, magnitude, path_of, shown
from ..exports import symbol
from ..neurons import Nernst, NeuronModel
from .assembling import assembled, ranges_of_channels, with_leak
from .channels import ReadChannel, Start, channels_of
from .neuroml import Document, channels_of_document, pool_of_document, read_documents
from .parsing import Mechanism, MechanismError, read_mechanism
from .pools import initial_calcium, pool_of
from .tracing import Traced, traced

_SUFFIXES = (".mod", ".nml")
_INITIAL_VOLTAGE = pq.Quantity(-65.0, "mV")


def neuron_from_mod(
    *files: str | os.PathLike[str],
    name: str,
    reversals: Mapping[str, pq.Quantity | Nernst] | None = None,
    leak: str | pq.Quantity | None = None,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    temperature: pq.Quantity | None = None,
    values: Mapping[str, float] | None = None,
    timescales: Sequence[str | pq.Quantity | Callable[[np.ndarray], np.ndarray]] | None = None,
    threshold_voltage: pq.Quantity | None = None,
    initial_voltage: pq.Quantity = _INITIAL_VOLTAGE,
) -> NeuronModel:
    """A neuron of the channels in files of NEURON or NeuroML.

    Channels are currents g * gates * (v - e) with gates by their steady states and time constants, by their
    rates, or by kinetic schemes; calcium is a pool that decays or is pumped out. What is not understood is an
    error that names the file and the line.

    Parameters
    ----------
    *files : str or path-like
        Mechanisms in NMODL (.mod), channels of NeuroML 2 (.nml), or folders of them. A file may have several
        currents; one may write the concentration of calcium.
    name : str
        Of the neuron. Channels are called as their mechanisms, less this name and a ``_`` before it.
    reversals : mapping of str to Quantity or Nernst, optional
        By ion, such as ``{"na": 50 * pq.mV, "ca": Nernst(12.2, 3000.0)}``, for those that files read from
        their surroundings. What a file has of its own stays; `values` changes it. In NeuroML, of a channel by
        its id, or by ion of those to which no cell gives one.
    leak : Quantity or str, optional
        The reversal of a leak that is added, or which channel without gates is the leak. Default: the only
        channel without gates.
    ranges : mapping of str to (low, high), optional
        Conductances of the family of cells in mS/cm**2, by channel. Default: from half to twice what the
        file has.
    temperature : Quantity, optional
        At which the channels are wanted. Needed if a file computes with ``celsius``.
    values : mapping of str to float, optional
        Of other names in the files, in their units there; ``"suffix.name"`` is that of one mechanism. They
        count in place of those in the file. ``"cai0"`` (mM) is where calcium starts of which INITIAL says
        nothing.
    timescales : sequence of three, optional
        Time constants that stand for g_f, g_s and g_u: a gate such as ``"Na.m"``, a time, or a function of
        the voltage. Default: the shortest, a middle and the longest of all gates at the threshold voltage.
    threshold_voltage : Quantity, optional
        At which DICs are evaluated. Default: where they turn negative in the middle cell of the family.
    initial_voltage : Quantity, optional
        Default: -65 mV.

    Returns
    -------
    NeuronModel
        With a capacitance of 1 uF/cm**2. `dataclasses.replace` changes what else it declares: the rule for
        spikes, the step, the compensations, the training.

    Raises
    ------
    MechanismError
        If a file cannot be read, or has what a declaration cannot say; with file and line.
    TypeError
        If a voltage or the temperature has no unit.
    ValueError
        If something is needed that neither the files nor the arguments have.
    ImportError
        If lark is not installed, the extra ``mechanisms``.

    Warns
    -----
    UserWarning
        For what is taken otherwise than it stands in a file.
    """
    if not isinstance(name, str) or not name:
        raise TypeError(f"name must be that of the neuron, got {shown(name)}")
    paths = _paths(files)
    voltage = magnitude(initial_voltage, "mV", "initial_voltage")
    celsius = None if temperature is None else _celsius(temperature)
    potentials = {ion: _reversal(ion, reversal) for ion, reversal in (reversals or {}).items()}
    channels, pool, notes = _read(paths, name, potentials, celsius, values or {}, voltage)
    channels, leak_name = with_leak(channels, leak)
    neuron = assembled(
        name, channels, leak_name, pool, ranges_of_channels(channels, ranges or {}), timescales,
        None if threshold_voltage is None else magnitude(threshold_voltage, "mV", "threshold_voltage"),
        voltage, celsius, f"files {', '.join(path.name for path in paths)}",
    )  # fmt: skip
    for note in notes:
        warnings.warn(note, UserWarning, stacklevel=2)
    return neuron


def _celsius(temperature) -> float:
    """Degrees Celsius; quantities takes Kelvin for differences of them."""
    value = magnitude(temperature, "degC", "temperature")
    if temperature.dimensionality.string != "degC":
        raise ValueError(f"temperature must be in degrees Celsius, such as 36 * pq.degC, got {temperature}")
    return value


def _read(paths, name, reversals, celsius, values, voltage):
    """Channels, the pool of calcium, and what is taken otherwise than in the files."""
    mechanisms = [read_mechanism(path) for path in paths if path.suffix == ".mod"]
    document = read_documents([path for path in paths if path.suffix == ".nml"])
    _check_reversals(mechanisms, document, reversals)
    _check_values(mechanisms, document, values)
    found = [traced(each, _given(each, reversals, celsius, values)) for each in mechanisms]
    in_nmodl = [each for each in found if each.calcium]
    pools = [each.mechanism.path for each in in_nmodl] + [path for path, _ in document.pools]
    if len(pools) > 1:
        raise MechanismError(f"{pools[1]}: {pools[0]} has the calcium of the cell, too")
    start = Start(voltage, initial_calcium(in_nmodl[0]) if in_nmodl else None)
    channels = [channel for each in found for channel in channels_of(each, _naming(each, name), start)]
    channels += channels_of_document(document, lambda own: own.removeprefix(f"{name}_"), reversals, celsius)
    _check_channels(channels, pools)
    carriers = tuple(each.channel.name for each in channels if each.carries_calcium)
    if pools and not carriers:
        raise MechanismError(f"{pools[0]}: it is a pool of calcium, and no channel of the files carries any")
    pool = None
    if pools:
        pool = pool_of(in_nmodl[0], carriers) if in_nmodl else pool_of_document(document, carriers)
    return channels, pool, dict.fromkeys([note for each in found for note in each.notes] + document.notes)


def _paths(files) -> list[Path]:
    """Files, those of folders by their names."""
    found: list[Path] = []
    for file in files:
        path = path_of(file)
        inside = (
            sorted(each for each in path.glob("*") if each.suffix in _SUFFIXES) if path.is_dir() else [path]
        )
        if not inside:
            raise MechanismError(f"{path} has no files {' or '.join(_SUFFIXES)}")
        found += inside
    if not found:
        raise TypeError("neuron_from_mod needs files of mechanisms")
    for path in found:
        if path.suffix not in _SUFFIXES:
            raise MechanismError(f"{path} is no file of channels that is read: {' or '.join(_SUFFIXES)}")
    return found


def _check_reversals(mechanisms: list[Mechanism], document: Document, reversals):
    """All reversals that are needed are given, and no others."""
    wanted = {ion for each in mechanisms for ion, (read, _) in each.ions.items() if f"e{ion}" in read}
    known = {ion for each in mechanisms for ion in each.ions}
    used = set(wanted)
    for _, channel in document.channels:
        own = document.reversal_of(channel) is not None
        names = [name for name in (channel.get("species"), channel.get("id")) if name]
        known |= set(names)
        used |= set(names[-1:] if own else names)
        if not own and not set(names) & set(reversals):
            wanted.add(names[0])
    if unknown := sorted(set(reversals) - known):
        raise ValueError(
            f"reversals are of {', '.join(sorted(known))}; the files know nothing of {', '.join(unknown)}"
        )
    for ion in sorted(set(reversals) - used):
        raise ValueError(f"no file reads the reversal of {ion}{_own_reversals(mechanisms, document, ion)}")
    if missing := sorted(wanted - set(reversals)):
        raise ValueError(
            f"the reversal of {', '.join(missing)} is not in the files: give reversals, as in "
            f"reversals={{{missing[0]!r}: -77 * pq.mV}}; that of calcium may be Nernst(scale, outside)"
        )


def _own_reversals(mechanisms: list[Mechanism], document: Document, ion) -> str:
    """Whose own reversals of an ion there are, and how they are changed."""
    own = [each for each in mechanisms if f"e{ion}" in each.parameters]
    if own:
        name = f"{own[0].suffix}.e{ion}"
        return f": {own[0].path.name} has its own, which values={{{name!r}: …}} changes"
    ids = [channel.get("id", "") for _, channel in document.channels if channel.get("species") == ion]
    if ids:
        return f": that of {', '.join(ids)} is in the cell, and reversals={{{ids[0]!r}: …}} changes it"
    return ": leave it out of reversals"


def _given(mechanism: Mechanism, reversals, celsius, values) -> dict:
    """What arguments give, by the names in a mechanism."""
    known = {} if celsius is None else {"celsius": celsius}
    read = {name for names, _ in mechanism.ions.values() for name in names}
    for ion, reversal in reversals.items():
        if f"e{ion}" not in read:  # a constant of its own
            continue
        if isinstance(reversal, Nernst):
            reversal = reversal.scale * np.log(reversal.outside / (1000 * symbol("cai")))
        known[f"e{ion}"] = reversal
    own = f"{mechanism.suffix}."
    known |= {k: check_number(v, k) for k, v in values.items() if "." not in k}
    return known | {k.removeprefix(own): check_number(v, k) for k, v in values.items() if k.startswith(own)}


def _reversal(ion, reversal) -> float | Nernst:
    if isinstance(reversal, Nernst):
        return reversal
    return magnitude(reversal, "mV", f"the reversal of {ion}")


def _check_values(mechanisms, document, values):
    declared = [
        (each, {*each.lines, *(f"{name}0" for name in each.states if each.has_calcium)})
        for each in mechanisms
    ]
    names = {name for _, inside in declared for name in inside}
    own = {f"{each.suffix}.{name}" for each, inside in declared for name in inside}
    if unknown := sorted(set(values) - names - own):
        raise ValueError(f"no file declares {', '.join(unknown)}, of which values are given")
    pools = [each.path for each in mechanisms if each.has_calcium] + [path for path, _ in document.pools]
    if pools and (given := [name for name in values if name.rpartition(".")[2] == "cai"]):
        instead = "" if document.pools else "; where calcium starts is cai0"
        raise ValueError(
            f"values give {given[0]}, which {pools[0].name} computes: leave it out, or that file{instead}"
        )


def _naming(found: Traced, neuron: str) -> Callable[[str], str]:
    """Names of the channels of a mechanism."""
    suffix = found.mechanism.suffix.removeprefix(f"{neuron}_")
    if len(found.currents) == 1:
        return lambda current: suffix
    return lambda current: f"{suffix}_{current.removeprefix('i')}"


def _check_channels(channels: list[ReadChannel], pools):
    names = [each.channel.name for each in channels]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"two channels are called {', '.join(twice)}")
    dependent = [each.channel.name for each in channels if each.channel.depends_on_calcium]
    if dependent and not pools:
        raise ValueError(
            f"{', '.join(dependent)} depend on calcium, and no file writes it: add that of its pool, or give "
            f"what it is, as in values={{'cai': 5e-5}} (mM)"
        )
