"""The forward pass of the networks, in numpy and double precision.

A row gives the same alone and among any others, and on another processor. BLAS sums in another order for
other sizes, for other places of a row, and on other processors: rows are multiplied in blocks of one size,
and outputs are rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np

#: Rows of a block, and blocks at a time: what they become on the way takes memory.
_ROWS, _BLOCKS = 16, 8
#: Products in one multiplication of matrices: BLAS wakes other threads for more, which takes longer than it
#: saves.
_MOST_PRODUCTS = 2**18
#: Decimals of the outputs, which are numbers of order 1.
_DECIMALS = 9


class Dense:
    """A layer: sums of inputs with weights, bent or not.

    Parameters
    ----------
    kernel : (n_in, n_out) array
    bias : (n_out,) array
    silu : bool
        Whether x becomes x / (1 + exp(-x)).
    """

    def __init__(self, kernel, bias, silu: bool):
        n_pieces = max(1, -(-_ROWS * np.size(kernel) // _MOST_PRODUCTS))
        self._pieces = np.array_split(np.asarray(kernel, dtype=float), n_pieces, axis=1)
        self._bias, self._silu = np.asarray(bias, dtype=float), silu

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """(m, 16, n_in) to (m, 16, n_out)."""
        sums = [x @ piece for piece in self._pieces]
        x = np.concatenate(sums, axis=-1) if len(sums) > 1 else sums[0]
        x += self._bias
        if self._silu:
            powers = np.negative(x)
            np.exp(powers, out=powers)
            powers += 1
            x /= powers
        return x


def through(layers: Sequence[Callable[[np.ndarray], np.ndarray]], rows: np.ndarray) -> np.ndarray:
    """Rows through layers.

    Parameters
    ----------
    layers : sequence of callables
        (m, 16, n_in) to (m, 16, n_out), one after the other.
    rows : (n, n_in) array

    Returns
    -------
    (n, n_out) array
    """
    n, n_blocks = len(rows), -(-len(rows) // _ROWS)
    padded = np.zeros((n_blocks * _ROWS, rows.shape[1]))
    padded[:n] = rows
    blocks = padded.reshape(n_blocks, _ROWS, rows.shape[1])
    with np.errstate(over="ignore"):  # exp(-x) of a large negative x: the layer gives 0
        found = [
            reduce(lambda x, layer: layer(x), layers, blocks[i : i + _BLOCKS])
            for i in range(0, max(n_blocks, 1), _BLOCKS)
        ]
    return np.concatenate(found).reshape(-1, found[0].shape[2])[:n].round(_DECIMALS)


class Network:
    """A trained network.

    Parameters
    ----------
    layers : sequence of callables
        See `through`.
    weights_sha256 : str
        Of the weights, in the order of Keras's ``get_weights``.
    """

    def __init__(self, layers: Sequence[Callable[[np.ndarray], np.ndarray]], weights_sha256: str):
        self._layers, self.weights_sha256 = tuple(layers), weights_sha256

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """(n, n_in) inputs to (n, n_out) outputs."""
        return through(self._layers, inputs)
