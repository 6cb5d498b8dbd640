"""The course of the current that an output of an Axon file put out during a sweep, from its epochs."""

import numpy as np

from ...trains import Stimulus
from .waveforms import picoamperes, without_repeats

HOLDING_PART = 64  # so many samples of a sweep come before its first epoch: one of these parts
STEP, RAMP, PULSES, BIPHASIC = 1, 2, 3, 7
TRAINS = {3: "pulses of", 4: "triangles of", 5: "cosines of", 7: "biphasic pulses of"}
MOST_PULSES = 1000  # in an epoch


class Untold(Exception):
    """The course of a current is not certain, for the reason given."""


def course(output, sweep: int, n_samples: int, rate: float) -> Stimulus:
    """The current that an output puts out during a sweep.

    A 64th of the sweep is at the holding level before the first epoch, or at the last level of the sweep
    before where the protocol holds that; so is what follows the last epoch.

    Parameters
    ----------
    output : Output
    sweep : int
    n_samples : int
        Of a channel in a sweep.
    rate : float
        Of these, in Hz.

    Returns
    -------
    Stimulus
        ms from the sweep's start.

    Raises
    ------
    Untold
        If it is not certain.
    """
    level = output.level_after(sweep - 1) if sweep else output.holding
    position = n_samples // HOLDING_PART
    points = [(0, level), (position, level)]
    for kind, new, samples, *pulses in output.epochs_of(sweep):
        if samples < 0:
            continue
        if level is None and kind != STEP:
            raise Untold("from which level it goes on after pulses is not certain")
        points += _epoch(kind, level, new, position, position + samples, pulses)
        position += samples
        level = new if kind in (STEP, RAMP) else None
    if level is None and output.holds_last:
        raise Untold("which level is held after pulses is not certain")
    points.append((position, output.level_after(sweep)))
    times, levels = np.array(points, dtype=float).T
    if not np.isfinite(levels).all():
        raise Untold("its levels are no numbers")
    # rounded, as levels are sums of floats of 32 bits
    return without_repeats(times * (1e3 / rate), np.round(levels * picoamperes(output.units), 3))


def _epoch(kind, before, level, start, stop, pulses):
    """Points (sample, level) of an epoch, after the one at its start that ends what was before."""
    if kind == STEP:
        return [(start, level), (stop, level)]
    if kind == RAMP:
        return [(stop, level)]
    if kind not in (PULSES, BIPHASIC):
        what = TRAINS[kind].removesuffix(" of") if kind in TRAINS else f"an epoch of unknown kind {kind}"
        raise Untold(f"the course of {what} is not certain")
    period, width = pulses
    if not 0 < width <= period:
        raise Untold("the period and the width of its pulses are not told")
    if (stop - start) // period > MOST_PULSES:
        raise Untold(f"an epoch has more than {MOST_PULSES} pulses")
    points = []
    for first in range(start, stop - period + 1, period):
        last, middle = first + width, first + width // 2
        points += [(first, before), (first, level)]
        if kind == BIPHASIC:
            points += [(middle, level), (middle, 2 * before - level)]
        points += [(last, points[-1][1]), (last, before)]
    return [*points, (stop, before)]
