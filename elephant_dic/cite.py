"""What to cite."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import neo

#: In our file alone: what an entry is for.
_KIND = re.compile(r",\n  keywords = \{(\w+)\}")


def cite(block: neo.Block | None = None) -> str:
    """BibTeX of the methods used.

    Parameters
    ----------
    block : neo.Block, optional
        A population: of the neurons, only its own is cited. Default: all neurons of the package.

    Returns
    -------
    str
        Entries for this package, the method, the DICs, the compensation, Neo and Elephant, and the
        neurons. Of a neuron from elsewhere, which this package has no entry of, the source that it names
        stands in a comment.

    Raises
    ------
    TypeError, ValueError
        If `block` is not a population.

    Examples
    --------
    >>> print(cite()[:23])
    @software{elephant_dic,
    """
    from .populations import provenance  # this module is imported with the package

    entries = _entries()
    neuron = None if block is None else provenance(block)["neuron"]
    kinds = {_kind(entry) for entry in entries} - {None} if block is None else {"method", neuron}
    chosen = [_KIND.sub("", entry) for entry in entries if _kind(entry) in kinds]
    if neuron and not any(_kind(entry) == neuron for entry in entries):
        chosen.append(f"% {_source(neuron)}")
    return "\n\n".join(chosen) + "\n"


def _entries() -> list[str]:
    text = Path(__file__).with_name("references.bib").read_text(encoding="utf-8")
    return [entry.strip() for entry in text.split("\n\n") if entry.strip()]


def _kind(entry) -> str | None:
    """What an entry stands for: "method", the name of a neuron, or nothing for background."""
    found = _KIND.search(entry)
    return found and found[1]


def _source(neuron) -> str:
    from .neurons import get_neuron

    try:
        return f"neuron {neuron}: {get_neuron(neuron).source}"
    except ValueError:  # of a package that is not installed here
        return f"neuron {neuron}: see the package that provides it"
