"""What counts as the same firing under current steps: the one rule by which models are judged there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .levels import Protocol, Response

#: What may be compared beside the counts and the rate at rest.
FURTHER_FIGURES = ("latency", "adaptation", "potential", "resistance", "sag")
#: Spikes, and Hz at rest, that always count as the same; else a share of twice the tolerance does.
LEAST_COUNT, LEAST_RATE, _TIMES_TOLERANCE = 1.0, 1.0, 2.0
#: ms and a share for first spikes, a factor for adaptation, mV at rest, shares of resistance and of sag (less
#: its least, since a little is none).
_LATENCY, _LATENCY_SHARE, _ADAPTATION = 10.0, 0.4, 1.5
_POTENTIAL, _RESISTANCE, _SAG = 5.0, 0.25, 0.1


@dataclass(frozen=True, eq=False)
class LevelComparison:
    """A recording under current steps, and what models have to match of it.

    Parameters
    ----------
    protocol : Protocol
    recording : Response
    tolerance : float
        Half of the share by which counts may differ.
    figures : tuple of str
        Of `FURTHER_FIGURES`, what is compared beside counts and rest.
    beyond_block : bool
        Whether levels above that of the highest count, where the cell goes into block, are compared too.
    """

    protocol: Protocol
    recording: Response
    tolerance: float = 0.1
    figures: tuple[str, ...] = ()
    beyond_block: bool = False

    @property
    def compared(self) -> np.ndarray:
        """(n_levels,) bool: levels that are compared."""
        all_levels = np.ones(len(self.protocol.levels), dtype=bool)
        return all_levels if self.beyond_block else ~self.blocked

    @property
    def blocked(self) -> np.ndarray:
        """(n_levels,) bool: levels above that of the highest count of as long ones, where it fires less."""
        currents = np.array([level.current for level in self.protocol.levels])
        lasting = np.array([level.key[1] for level in self.protocol.levels])
        counts, found = self.recording.counts, np.zeros(len(currents), dtype=bool)
        for duration in np.unique(lasting[self.protocol.is_step]):
            alike = self.protocol.is_step & (lasting == duration)
            most = np.where(alike, counts, -1.0).argmax()
            found |= alike & (currents > currents[most]) & (counts < counts[most] - self.allowed[most])
        return found

    @property
    def allowed(self) -> np.ndarray:
        """(n_levels,) spikes, or Hz at rest, by which models may differ."""
        counts = self.recording.counts
        share = _TIMES_TOLERANCE * self.tolerance * counts
        return np.maximum(np.maximum(self._least, share), self.recording.spreads)

    @property
    def _least(self):
        """One spike at each level; at rest 1 Hz, or one spike in all its sweeps."""
        times = self.protocol.times
        at_rest = np.maximum(LEAST_RATE, 1000.0 * LEAST_COUNT / times)
        return np.where([level.is_rest for level in self.protocol.levels], at_rest, LEAST_COUNT)

    def deviations(self, models: Response) -> np.ndarray:
        """(n_models, n_items) how far models are off, 1 where it is just allowed; items as in `items`."""
        counts = np.abs(models.counts - self.recording.counts) / self.allowed
        parts = [counts[:, self.compared]]
        for figure in self.figures:
            parts.append(getattr(self, f"_{figure}")(models))
        return np.concatenate(parts, axis=1)

    @property
    def items(self) -> list[tuple[str, int]]:
        """Of each column of `deviations`: what is compared, and the index of its level."""
        found = [("count", int(k)) for k in np.flatnonzero(self.compared)]
        for figure in self.figures:
            levels = np.flatnonzero(self._with(figure)) if figure in ("latency", "adaptation") else [-1]
            found += [(figure, int(k)) for k in levels]
        return found

    def _with(self, figure):
        """Levels at which the recording has a latency, or an adaptation."""
        values = self.recording.latencies if figure == "latency" else self.recording.adaptations
        return self.compared & self.protocol.is_step & np.isfinite(values)

    def _latency(self, models):
        level = self._with("latency")
        wanted = self.recording.latencies[level]
        allowed = np.maximum(_LATENCY, _LATENCY_SHARE * wanted)
        return _missing_is_far(np.abs(models.latencies[:, level] - wanted) / allowed)

    def _adaptation(self, models):
        level = self._with("adaptation")
        ratio = np.log(models.adaptations[:, level] / self.recording.adaptations[level])
        return _missing_is_far(np.abs(ratio) / np.log(_ADAPTATION))

    def _potential(self, models):
        return self._membrane(models, 0, _POTENTIAL)

    def _resistance(self, models):
        return self._membrane(models, 1, _RESISTANCE * abs(self.recording.membrane[1]))

    def _sag(self, models):
        return self._membrane(models, 2, _SAG)

    def _membrane(self, models, k, allowed):
        return _missing_is_far(np.abs(models.membrane[:, [k]] - self.recording.membrane[k]) / allowed)

    def reason(self, models: Response, member: int) -> str:
        """What is worst about one of the models: "fires 2 too many at 290 pA"."""
        deviations = self.deviations(models)[member]
        figure, level = self.items[int(np.argmax(deviations))]
        if figure == "count":
            return self._of_count(models.counts[member, level] - self.recording.counts[level], level)
        at = f" at {self.protocol.levels[level].name}" if level >= 0 else ""
        known = {"latency": "latencies", "adaptation": "adaptations"}.get(figure)
        row = ("potential", "resistance", "sag").index(figure) if known is None else level
        values = [getattr(each, known or "membrane") for each in (models, self.recording)]
        of_model, wanted = values[0][member, row], values[1][row]
        unit = {"latency": " ms", "potential": " mV", "resistance": " megohm"}.get(figure, "")
        if np.isnan(of_model):
            return f"has no {figure}{at}, where the recording has {wanted:.3g}{unit}"
        return f"has a {figure} of {of_model:.3g}{unit}{at}, not {wanted:.3g}{unit}"

    def _of_count(self, excess, level):
        many = "many" if excess > 0 else "few"
        if self.protocol.levels[level].is_rest:
            name = self.protocol.levels[level].name
            return f"fires {abs(excess):.2g} Hz too {'fast' if excess > 0 else 'slowly'} at {name}"
        return f"fires {abs(excess):.2g} too {many} at {self.protocol.levels[level].name}"


def _missing_is_far(deviations):
    return np.where(np.isfinite(deviations), deviations, 10.0)


def check_figures(figures: Sequence[str], recording: Response) -> tuple[str, ...]:
    """What is to be compared beside counts, or a ValueError: unknown, or not known of the recording."""
    names = (figures,) if isinstance(figures, str) else tuple(figures)
    for name in names:
        if name not in FURTHER_FIGURES:
            raise ValueError(f"figures are among {', '.join(FURTHER_FIGURES)}, got {name!r}")
    membrane = dict(zip(("potential", "resistance", "sag"), recording.membrane, strict=True))
    unknown = [name for name in names if name in membrane and np.isnan(membrane[name])]
    if unknown:
        raise ValueError(f"the recording does not tell its {', '.join(unknown)}: leave them out of figures")
    return names
