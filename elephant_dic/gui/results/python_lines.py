"""The Python lines that make a result of the page again."""

from __future__ import annotations

import neo

from ...populations import provenance
from ...trains import sweeps_of
from .result import file_name


def python_lines(result) -> str:
    """Python that does what was done on the page.

    Parameters
    ----------
    result : Result
        That can be repeated.

    Returns
    -------
    str
    """
    known, origin = provenance(result.block), result.origin
    imports = ["read_spiketrains", "reconstruct", "save_population"]
    given = [*origin.options.values(), *result.options.values()]
    rejected = _rejected(result.cell)
    needs_units = rejected or any(hasattr(value, "units") for value in given)
    lines = ["import quantities as pq"] if needs_units else []
    lines.append(f"from elephant_dic import {', '.join(imports)}")
    if origin.is_example:
        lines.append("from elephant_dic.examples import example_path")
    if rejected:
        lines.append("from elephant_dic.trains import without_spikes")
    path = "example_path()" if origin.is_example else repr(origin.name)
    arguments = ", ".join([path, *(f"{name}={_literal(value)}" for name, value in origin.options.items())])
    settings = ", ".join(_argument(*each) for each in (result.options | {"seed": known["seed"]}).items())
    cell = f"cells[{origin.index}]"
    lines += ["", f"cells = read_spiketrains({arguments})"]
    lines += [f"{cell} = without_spikes({cell}, {rejected})"] if rejected else []
    lines += [
        f"block = reconstruct({cell}, {settings})",
        f'save_population(block, "{file_name(result.block, "population", ".nix")}")',
    ]
    return "\n".join(lines)


def _rejected(cell):
    """The times of the spikes that were rejected, as `without_spikes` takes them; "" if none was."""
    texts = [train.annotations.get("rejected_spikes", "") for train in sweeps_of(cell)]
    lists = [f"[{text.removesuffix(' s')}] * pq.s" for text in texts]
    if not any(texts):
        return ""
    return lists[0] if isinstance(cell, neo.SpikeTrain) else f"[{', '.join(lists)}]"


def _argument(name, value):
    return f"{name}={_literal(value)}"


def _literal(value):
    if hasattr(value, "units"):
        return f'pq.Quantity({float(value):.10g}, "{value.dimensionality.string}")'
    return repr(value)
