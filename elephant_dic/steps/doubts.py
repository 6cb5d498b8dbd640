"""What is doubtful in a recording under current steps: its currents, its capacitance, its rest."""

from __future__ import annotations

import numpy as np

from ..trains import capacitance_of_cell
from .tasks import StepTask

#: mV by which the potential at rest may drift; a share of the capacitance that its spread may be; of sweeps.
_DRIFT, _SPREAD, _FEW_SWEEPS = 10.0, 0.25, 2
#: Times the capacitance that is given, or the other way round, that the onsets of steps may say.
_OFF = 1.5


def doubts_about_recording(task: StepTask) -> list[str]:
    """In words, what the recording or what was given with it is doubtful in."""
    told = [train.annotations.get("current_doubt", "") for train in task.spiketrains]
    return [*dict.fromkeys(filter(None, told)), *_about_capacitance(task), *_about_rest(task)]


def _about_capacitance(task):
    known = task.capacitance
    value, spread = known["value"], known.get("spread")
    if known["source"] == "given":
        estimate = next((each for each in map(_estimate, task.spiketrains) if each is not None), value)
        if not 1 / _OFF < estimate / value < _OFF:
            return [
                f"its capacitance was given as {value:.3g} pF, and the onsets of its hyperpolarising steps "
                f"say {estimate:.3g} pF: one of them is wrong, or the currents are"
            ]
    elif known["sweeps"] < _FEW_SWEEPS:
        return [f"its capacitance is a rough estimate ({value:.3g} pF, of one sweep)"]
    elif spread is not None and spread > _SPREAD * value:
        sweeps = known["sweeps"]
        return [f"its capacitance is a rough estimate ({value:.3g} ± {spread:.2g} pF, of {sweeps} sweeps)"]
    return []


def _estimate(train):
    """What reading has estimated (pF), None if nothing."""
    return capacitance_of_cell(train)["value"] if "capacitance_sweeps" in train.annotations else None


def _about_rest(task):
    rests = [train.annotations.get("epoch_potentials") for train in task.spiketrains]
    known = [np.atleast_1d(rest.rescale("mV").magnitude)[0] for rest in rests if rest is not None]
    first = [rest for rest in known if np.isfinite(rest)]  # not of a cell that always fires
    if first and np.ptp(first) > _DRIFT:
        return [f"its potential at rest drifts by {np.ptp(first):.0f} mV over the sweeps"]
    return []
