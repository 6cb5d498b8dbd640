"""What speaks against a verdict: doubts about the recording, and about the models that fire like it."""

from __future__ import annotations

from collections.abc import Sequence

import neo
import numpy as np

from ..inference import Inferred
from ..trains import CV2_TOLERANCE, CleanCell, drifting_figures, tolerance_of_halves
from .found import Found
from .sample import Sample

NOT_A_SAMPLE = "its models are examples, not a sample of all cells that fire like it"
OUTSIDE = "it is unlike the trains that the network was trained on (score {:.2g})"
#: What `read_spiketrains` writes for a cell into which no current was injected.
_NO_CURRENT = "0 pA"


def doubts_of_estimate(inferred: Inferred) -> list[str]:
    """Doubts about what was inferred from a recording."""
    estimate, doubts = inferred.estimate, []
    if not estimate.in_domain:
        doubts.append(OUTSIDE.format(estimate.domain_score))
    if inferred.foreign:
        doubts.append("its intervals are like those of chance or of two cells in one train")
    if inferred.unit:
        doubts.append(inferred.unit)
    return doubts


def doubts_of_recording(cell: CleanCell, window, tolerance) -> list[str]:
    """Doubts about a recording itself: stimulated, drifting, or not alike from start to end.

    Parameters
    ----------
    cell : CleanCell
    window : float
        ms, of the neuron.
    tolerance : float
    """
    doubts = []
    if current := stimulated_by(cell.spiketrains):
        doubts.append(f"the cell was stimulated ({current}), and the models are not")
    for name, (low, high) in drifting_figures(cell.times, window, tolerance).items():
        doubts.append(f"the recording drifts: {name.replace('_', ' ')} from {low:.3g} to {high:.3g}")
    halves = tolerance_of_halves(cell.times, window)
    if halves is not None and halves > tolerance:
        doubts.append(
            f"its two halves fire alike only within {100 * halves:.0f} %: try a tolerance of {halves:.2f}"
            if np.isfinite(halves)
            else "its two halves do not fire alike"
        )
    return doubts


def doubts_of_models(found: Found, members, again, sample: Sample | None) -> list[str]:
    """Doubts about members that fire like the recording.

    Parameters
    ----------
    found : Found
    members : array of int
        Their places in it.
    again : float or None
        See `Verification`.
    sample : Sample or None
        Of which they are the members.
    """
    settings, doubts = found.settings, []
    if sample is None and len(found.confirmed):
        doubts.append(NOT_A_SAMPLE)
    if sample is not None and sample.effective_size < settings.least_effective * sample.n_models:
        doubts.append(
            f"it is an uneven sample: its {sample.n_models} models say as much as "
            f"{sample.effective_size:.0f} that were drawn evenly"
        )
    if sample is not None and sample.unseen:
        doubts.append(
            f"the emulator has seen no cells with {', '.join(sample.unseen)}: of those that fire like it "
            f"some may be missing"
        )
    if sample is None and found.first_rows.stop and not found.n_first_hopeful:  # a search began
        doubts.append("none of the first candidates, which have the DICs inferred, fired like it")
    if otherwise := vary_otherwise(found, members):
        doubts.append(otherwise)
    if again is not None and again < settings.least_again:
        doubts.append(f"with other noise only {100 * again:.0f} % of the models fire like it again")
    return doubts


def vary_otherwise(found: Found, members) -> str:
    """That the periods of bursting models vary otherwise than the recording's, in words; "" if not."""
    recording = found.comparison.recording
    if recording.activity != "bursting" or not len(members):
        return ""
    varies = np.median([found.models[i].period_cv for i in members])
    if not abs(varies - recording.period_cv) > CV2_TOLERANCE:  # or either is unknown
        return ""
    told = f"its periods vary (CV {recording.period_cv:.2f})"
    return f"{told} otherwise than those of the models ({varies:.2f})"


def stimulated_by(spiketrains: Sequence[neo.SpikeTrain]) -> str:
    """The current injected into a cell, as its file tells; "" if none is known of."""
    currents = [str(train.annotations.get("injected_current", _NO_CURRENT)) for train in spiketrains]
    return next((current for current in currents if current != _NO_CURRENT), "")
