"""What an Axon file (.abf) says was put into the cell during each sweep.

neo's own `read_protocol` builds waveforms for version 2 only, takes all epochs for steps, and outputs that
were switched off for driven ones; here the levels of the epochs are read, from both versions of the format.
"""

import struct
from dataclasses import dataclass, replace

import numpy as np
from neo.rawio.axonrawio import safe_decode_units

from ..contents import UNKNOWN, Command, same_dimension
from ..units_of_files import plain_unit
from .axon_waveforms import RAMP, STEP, TRAINS, Untold, course

OFF, EPOCHS = 0, 1  # sources of an output's waveform; all others are stimulus files
EPISODIC_STIMULATION = 5  # the operation mode in which waveforms are put out
EPOCH_FIELDS = (
    "nEpochType",
    "fEpochInitLevel",
    "fEpochLevelInc",
    "lEpochInitDuration",
    "lEpochDurationInc",
)
PULSE_FIELDS = ("lEpochPulsePeriod", "lEpochPulseWidth")
N_EPOCHS_ABF1 = 10
PULSES_ABF1 = 2136  # bytes; the periods of the pulses in the epochs of two outputs, then the widths
FIRST_ABF1_WITH_PULSES = 1.79  # 1.8, as a float of 32 bits; what earlier headers have there is not known
# Version 1 headers that end before the table of epochs say nothing about it.
FIRST_ABF1_WITH_EPOCHS = 1.6
USER_LISTS_ABF1 = 3360  # bytes; four flags, one an output


@dataclass(frozen=True)
class Output:
    """One output of the stimulator.

    Epochs are (type, level, increment, samples, increment, period and width of pulses in samples); where
    `holds_last`, the last level is held until the epochs of the next sweep.
    """

    name: str
    units: str
    holding: float
    source: int
    epochs: tuple
    holds_last: bool = False

    @property
    def is_current(self):
        return same_dimension(self.units, "A")

    def epochs_of(self, sweep):
        """What is put out in a sweep, as (kind, level, samples, period, width) of each epoch."""
        if self.source != EPOCHS:
            return []
        return [
            (kind, level + level_step * sweep, samples + samples_step * sweep, *pulses)
            for kind, level, level_step, samples, samples_step, *pulses in self.epochs
            if kind
        ]

    def level_after(self, sweep):
        """The level after the epochs of a sweep."""
        _, level, *_ = self.waveform(sweep)[-1]
        return level if self.holds_last else self.holding

    def waveform(self, sweep):
        """The holding level, and the epochs of a sweep that last."""
        return ("holding", self.holding), *(epoch for epoch in self.epochs_of(sweep) if epoch[2] > 0)


def sweep_commands(info, path, n_sweeps, n_samples, rate):
    """Read what was injected in each sweep of an Axon file.

    Parameters
    ----------
    info : dict
        Its header, as neo reads it.
    path : pathlib.Path
        An .abf file.
    n_sweeps : int
        Number of its sweeps.
    n_samples : int
        Of a channel in a sweep.
    rate : float
        Of these, in Hz.

    Returns
    -------
    list of Command, or of None where the file does not tell
    """
    version = info["fFileVersionNumber"]
    if version < FIRST_ABF1_WITH_EPOCHS:
        return Command.untold(n_sweeps, "of a header too old to tell")
    if version < 2:
        outputs, varied = _outputs_abf1(info, path)
        mode = info["nOperationMode"]
    else:
        outputs, mode = _outputs_abf2(info), info["protocol"]["nOperationMode"]
        varied = "a user list" if info["sections"]["UserListSection"]["llNumEntries"] else None
        if info["protocol"]["nAlternateDACOutputState"]:
            varied = "alternating outputs"
    if mode != EPISODIC_STIMULATION:  # the header may still hold waveforms, which are not used
        outputs = [replace(output, source=OFF) for output in outputs]
    return [_command(outputs, sweep, varied, n_samples, rate) for sweep in range(n_sweeps)]


def _outputs_abf2(info):
    outputs = []
    for dac in info["listDACInfo"]:
        epochs = info["dictEpochInfoPerDAC"].get(dac["nDACNum"], {})
        fields = EPOCH_FIELDS + PULSE_FIELDS
        outputs.append(
            Output(
                dac["DACChNames"].decode("utf-8", "replace").strip(),
                plain_unit(safe_decode_units(dac["DACChUnits"])),
                dac["fDACHoldingLevel"],
                dac["nWaveformSource"] if dac["nWaveformEnable"] else OFF,
                tuple(tuple(epoch[key] for key in fields) for _, epoch in sorted(epochs.items())),
                bool(dac["nInterEpisodeLevel"]),
            )
        )
    return outputs


def _outputs_abf1(info, path):
    """Outputs of a version 1 file: four of them, of which two have epochs; what else varies them, or None."""
    with open(path, "rb") as file:
        header = file.read(USER_LISTS_ABF1 + 8)
    names = struct.unpack_from("<10s10s10s10s", header, 1306)
    units = struct.unpack_from("<8s8s8s8s", header, 1346)
    holding = struct.unpack_from("<4f", header, 1394)
    pulses = np.frombuffer(header, "<i4", 4 * N_EPOCHS_ABF1, PULSES_ABF1).reshape(2, -1)
    if info["fFileVersionNumber"] < FIRST_ABF1_WITH_PULSES:
        pulses = np.zeros_like(pulses)
    epochs = list(zip(*(info[key].tolist() for key in EPOCH_FIELDS), *pulses.tolist(), strict=True))
    outputs = []
    for k in range(4):
        driven = k < 2 and info["nWaveformEnable"][k]
        own_epochs = epochs[k * N_EPOCHS_ABF1 : (k + 1) * N_EPOCHS_ABF1]
        outputs.append(
            Output(
                names[k].decode("latin-1").strip("\0 "),
                plain_unit(safe_decode_units(units[k].strip(b"\0"))),
                holding[k],
                int(info["nWaveformSource"][k]) if driven else OFF,
                tuple(own_epochs),
                bool(driven and info["nInterEpisodeLevel"][k]),
            )
        )
    return outputs, "a user list" if any(struct.unpack_from("<4h", header, USER_LISTS_ABF1)) else None


def _command(outputs, sweep, varied, n_samples, rate):
    """The command of one sweep, from all outputs that are driven or hold the cell.

    `varied` names what makes the epochs not all there is to a sweep, or is None.
    """
    waveforms, currents, others, reasons = [], [], [], []
    for output in outputs:
        waveform, driven = output.waveform(sweep), output.source != OFF
        reason = "a stimulus file" if output.source not in (OFF, EPOCHS) else varied
        # of a driven output the table of epochs may be empty, and a list put out what it says
        if driven and reason and (output.is_current or reason != varied or len(waveform) > 1):
            waveforms.append((output.name, UNKNOWN, sweep))
            (currents if output.is_current else others).append((output.name, UNKNOWN))
            reasons.append(f"{reason}, sweep {sweep}")
        # a steady voltage is the rest of an idle output; a steady current flows into the cell
        elif any(level != 0 for _, level, *_ in waveform) and (output.is_current or driven):
            waveforms.append((output.name, output.units, waveform))
            (currents if output.is_current else others).append((output.name, _text(waveform, output.units)))
    found = [output for output in outputs if output.is_current]
    is_known = found and UNKNOWN not in [text for _, text in currents]
    stimulus, why = _stimulus(found, sweep, n_samples, rate) if is_known else (None, "")
    names = {output.name for output in found}
    return Command(
        waveforms=tuple(waveforms),
        injected_current=_join(currents) or ("0 pA" if found else None),
        other="; ".join(filter(None, [_join(others, named=True), *dict.fromkeys(reasons)])),
        is_stimulus=any(text != UNKNOWN for _, text in currents + others),
        stimulus=stimulus,
        reason=why,
        beside=tuple(each for each in waveforms if each[0] not in names),
    )


def _stimulus(outputs, sweep, n_samples, rate):
    """What flows into the cell from outputs of a current, or None and the reason."""
    try:
        courses = [course(output, sweep, n_samples, rate) for output in outputs]
    except Untold as error:
        return None, str(error)
    flowing = [each for each in courses if each.currents.any()]
    if len(flowing) > 1:
        return None, "of two outputs it does not tell which one flows into the cell"
    return (flowing or courses)[0], ""


def _join(texts, named=False):
    """One text of (name of an output, its levels) pairs; a single one needs no name."""
    named = named or len(texts) > 1
    return "; ".join(f"{text} ({name})" if named else text for name, text in texts)


def _text(waveform, units):
    """The successive levels, e.g. "-50, 0, 100 pA", without those at rest before and after."""
    parts, before = [], None
    for kind, level, *_ in [*waveform, ("holding", waveform[0][1])] if waveform[0][1] else waveform:
        if kind == RAMP and level != before:
            if parts and parts[-1] == before:
                parts.pop()
            parts.append(f"ramp {before:g} to {level:g}")
        elif kind in TRAINS and level != before:
            parts.append(f"{TRAINS[kind]} {level:g}")
        elif kind not in ("holding", STEP, RAMP, *TRAINS):
            parts.append(f"an epoch of unknown kind {kind}")
        elif level != before:
            parts.append(level)
        before = level
    while parts[0] == 0:
        parts.pop(0)
    while parts[-1] == 0:
        parts.pop()
    return ", ".join(part if isinstance(part, str) else f"{part:g}" for part in parts) + f" {units}"
