"""Some members of a population as a population of their own."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import neo
import numpy as np

from .block import PREFIX, RECORDING, provenance


def select_members(block: neo.Block, members: Sequence[int] | np.ndarray) -> neo.Block:
    """A population of some members of another.

    Parameters
    ----------
    block : neo.Block
        A population.
    members : sequence of int
        Which members, from 0, in the order wanted.

    Returns
    -------
    neo.Block
        Its member i is ``members[i]``. The recording is the same, simulations are left out.

    Raises
    ------
    TypeError
        If `block` is not a neo.Block.
    ValueError
        If `block` is not a population, or a member is not in it.
    """
    provenance(block)
    n_members = int(block.annotations["n_members"])
    members = np.asarray(members)
    if members.ndim != 1 or not len(members) or members.dtype.kind not in "iu":
        raise ValueError(f"members must be a list of whole numbers, such as [0, 3], got {members.tolist()}")
    if members.min() < 0 or members.max() >= n_members:
        raise ValueError(f"members must be from 0 to {n_members - 1}, got {members.tolist()}")
    chosen = neo.Block(name=block.name)
    chosen.annotations = {
        key: np.atleast_1d(value)[members] if key.startswith(PREFIX) else copy.deepcopy(value)
        for key, value in block.annotations.items()
    }
    chosen.annotations["n_members"] = len(members)
    chosen.segments = [segment for segment in block.segments if segment.name == RECORDING]
    return chosen
