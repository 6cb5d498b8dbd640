"""What is inferred of a cell's DICs: a distribution, and whether to trust it."""

from __future__ import annotations

import numbers
from dataclasses import dataclass, field
from html import escape

import numpy as np
import numpy.typing as npt

from ..arguments import check_number, check_whole, shown
from .mixture import ComparedByValue, Mixture

#: Probability within the intervals that are shown.
SHOWN_LEVEL = 0.68
_MOST_DRAWN = 10**8


@dataclass(frozen=True, eq=False)
class DICEstimate(ComparedByValue):
    """What a spike train tells about a neuron's DICs: a distribution, not a point.

    Inferred DICs are effective ones: those with which the neuron's reference population fires like the train.
    Tonic trains leave g_s almost free. Each DIC is normalised by the leak conductance, dimensionless.
    Estimates that hold the same numbers are equal, whatever cells they are of. A notebook shows a table.

    Attributes
    ----------
    mean, std : (3,) arrays
        Of g_f, g_s, g_u.
    names : tuple of str
    in_domain : bool
        Whether the train is like those that the network was trained on.
    domain_score : float
        Distance from the training trains; above 1 is outside.
    warnings : tuple of str
        Why the estimate should be doubted; empty if there is no reason known.
    name, source : str
        Of the cell, and the file that it was read from; "" where they are not known.
    """

    mean: np.ndarray
    std: np.ndarray
    names: tuple[str, ...]
    in_domain: bool
    domain_score: float
    warnings: tuple[str, ...]
    _mixture: Mixture = field(repr=False)
    _neuron: str = field(repr=False)
    _weights_sha256: str = field(repr=False)
    name: str = field(default="", compare=False)
    source: str = field(default="", compare=False)

    def sample(self, n: int, seed: int | np.random.Generator | None = None) -> np.ndarray:
        """Draw DICs from the distribution.

        Parameters
        ----------
        n : int
            0 to 100,000,000.
        seed : int or numpy.random.Generator, optional

        Returns
        -------
        (n, 3) array

        Raises
        ------
        TypeError, ValueError
            If `n` or `seed` is something else.
        """
        n = check_whole(n, "n", 0, _MOST_DRAWN)
        try:
            generator = np.random.default_rng(seed)
        except (TypeError, ValueError) as error:
            raise type(error)(f"seed must be an int, a numpy Generator or None, got {shown(seed)}") from None
        return self._mixture.sample(n, generator)

    def interval(self, level: float) -> np.ndarray:
        """Central interval of each DIC.

        Parameters
        ----------
        level : float
            Probability inside, such as 0.68.

        Returns
        -------
        (3, 2) array

        Raises
        ------
        TypeError, ValueError
            If `level` is no number between 0 and 1.
        """
        return self._mixture.interval(check_number(level, "level"))

    def probability_below(self, dics: npt.ArrayLike) -> np.ndarray:
        """Probability that each DIC is smaller than a given one.

        Parameters
        ----------
        dics : (3,) array
            Of g_f, g_s, g_u.

        Returns
        -------
        (3,) array

        Raises
        ------
        TypeError, ValueError
            If `dics` are no three numbers.
        """
        values = np.asarray(dics, dtype=object)
        if values.shape != (3,) or not all(isinstance(value, numbers.Real) for value in values):
            raise ValueError(f"dics must be three numbers, of {', '.join(self.names)}; got {shown(dics)}")
        numbers_given = [check_number(value, name) for value, name in zip(values, self.names, strict=True)]
        return self._mixture.probability_below(np.array(numbers_given))

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        cell = " of ".join(escape(text) for text in (self.name, self.source) if text)
        rows = "".join(
            f"<tr><th>{name}</th><td>{mean:.2f} ± {std:.2f}</td><td>{low:.2f} to {high:.2f}</td></tr>"
            for name, mean, std, (low, high) in zip(
                self.names, self.mean, self.std, self.interval(SHOWN_LEVEL), strict=True
            )
        )
        doubts = "".join(f"<li>{escape(doubt)}</li>" for doubt in self.warnings)
        inside = "inside" if self.in_domain else "outside"
        return (
            f"<table><caption>Effective DICs{f' of {cell}' if cell else ''}, neuron {escape(self._neuron)}"
            f"</caption><tr><th></th><th>mean ± s.d.</th><th>{100 * SHOWN_LEVEL:.0f} % interval</th></tr>"
            f"{rows}</table>"
            f"<p>{inside} of what the network was trained on (score {self.domain_score:.2f})</p>"
            f"{f'<ul>{doubts}</ul>' if doubts else ''}"
        )
