"""What an Axon file (.abf) says was put into the cell during each sweep.

neo's own `read_protocol` builds waveforms for version 2 only and takes outputs that were switched
off for driven ones; here the levels of the epochs are read, from both versions of the format.
"""

import struct
from dataclasses import dataclass, replace

from neo.rawio.axonrawio import parse_axon_soup, safe_decode_units

from .contents import Command, same_dimension

OFF, EPOCHS = 0, 1  # sources of an output's waveform; all others are stimulus files
EPISODIC_STIMULATION = 5  # the operation mode in which waveforms are put out
EPOCH_FIELDS = (
    "nEpochType",
    "fEpochInitLevel",
    "fEpochLevelInc",
    "lEpochInitDuration",
    "lEpochDurationInc",
)
N_EPOCHS_ABF1 = 10
# Version 1 headers that end before the table of epochs say nothing about it.
FIRST_ABF1_WITH_EPOCHS = 1.6


@dataclass(frozen=True)
class _Output:
    """One output of the stimulator; epochs are (type, level, increment, samples, increment)."""

    name: str
    units: str
    holding: float
    source: int
    epochs: tuple

    def waveform(self, sweep):
        """Levels in a sweep, as (kind, level, samples) of each epoch, the holding level first."""
        if self.source not in (OFF, EPOCHS):
            return (("stimulus file", sweep, 0),)  # not known, so like no other sweep
        levels = [("holding", self.holding, 0)]
        for kind, level, level_step, samples, samples_step in self.epochs:
            samples += samples_step * sweep
            if self.source == EPOCHS and kind and samples > 0:
                levels.append((kind, level + level_step * sweep, samples))
        return tuple(levels)


def sweep_commands(path, n_sweeps):
    """Read what was injected in each sweep of an Axon file.

    Parameters
    ----------
    path : pathlib.Path
        An .abf file.
    n_sweeps : int
        Number of its sweeps.

    Returns
    -------
    list of Command, or of None where the file does not tell
    """
    info = parse_axon_soup(str(path))
    if info["fFileVersionNumber"] < FIRST_ABF1_WITH_EPOCHS:
        return [None] * n_sweeps
    if info["fFileVersionNumber"] < 2:
        outputs, levels_known = _outputs_abf1(info, path), True
        mode = info["nOperationMode"]
    else:
        outputs, mode = _outputs_abf2(info), info["protocol"]["nOperationMode"]
        # with either of these, the level of an epoch is not all there is to a sweep
        levels_known = not (
            info["sections"]["UserListSection"]["llNumEntries"]
            or info["protocol"]["nAlternateDACOutputState"]
        )
    if mode != EPISODIC_STIMULATION:  # the header may still hold waveforms, which are not used
        outputs = [replace(output, source=OFF) for output in outputs]
    return [_command(outputs, sweep, levels_known) for sweep in range(n_sweeps)]


def _outputs_abf2(info):
    outputs = []
    for dac in info["listDACInfo"]:
        epochs = info["dictEpochInfoPerDAC"].get(dac["nDACNum"], {})
        outputs.append(
            _Output(
                dac["DACChNames"].decode("utf-8", "replace").strip(),
                safe_decode_units(dac["DACChUnits"]),
                dac["fDACHoldingLevel"],
                dac["nWaveformSource"] if dac["nWaveformEnable"] else OFF,
                tuple(tuple(epoch[key] for key in EPOCH_FIELDS) for _, epoch in sorted(epochs.items())),
            )
        )
    return outputs


def _outputs_abf1(info, path):
    """Outputs of a version 1 file: four of them, of which two have epochs."""
    with open(path, "rb") as file:
        header = file.read(2048)
    names = struct.unpack_from("<10s10s10s10s", header, 1306)
    units = struct.unpack_from("<8s8s8s8s", header, 1346)
    holding = struct.unpack_from("<4f", header, 1394)
    epochs = list(zip(*(info[key].tolist() for key in EPOCH_FIELDS), strict=True))
    outputs = []
    for k in range(4):
        driven = k < 2 and info["nWaveformEnable"][k]
        own_epochs = epochs[k * N_EPOCHS_ABF1 : (k + 1) * N_EPOCHS_ABF1]
        outputs.append(
            _Output(
                names[k].decode("latin-1").strip("\0 "),
                safe_decode_units(units[k].strip(b"\0")),
                holding[k],
                int(info["nWaveformSource"][k]) if driven else OFF,
                tuple(own_epochs),
            )
        )
    return outputs


def _command(outputs, sweep, levels_known):
    """The command of one sweep, from all outputs that are driven or hold the cell."""
    waveforms, currents, others = [], [], []
    for output in outputs:
        waveform = output.waveform(sweep)
        is_current = same_dimension(output.units, "A")
        moves = any(level != 0 for _, level, _ in waveform) or waveform[0][0] != "holding"
        # a steady voltage is the rest of an idle output; a steady current flows into the cell
        if moves and (is_current or output.source != OFF):
            waveforms.append((output.name, output.units, waveform))
            text = _text(waveform, output.units) if levels_known else "unknown levels"
            (currents if is_current else others).append((output.name, text))
    if waveforms and not levels_known:
        waveforms.append(sweep)
    has_current = any(same_dimension(output.units, "A") for output in outputs)
    return Command(
        waveforms=tuple(waveforms),
        injected_current=_join(currents) or ("0 pA" if has_current else None),
        other=_join(others, named=True),
        is_stimulus=bool(waveforms),
    )


def _join(texts, named=False):
    """One text of (name of an output, its levels) pairs; a single one needs no name."""
    named = named or len(texts) > 1
    return "; ".join(f"{text} ({name})" if named else text for name, text in texts)


def _text(waveform, units):
    """The successive levels, e.g. "-50, 0, 100 pA", without those at rest before and after."""
    if waveform[0][0] != "holding":
        return f"a stimulus file, sweep {waveform[0][1]}"
    levels = [level for _, level, _ in waveform]
    if levels[0] != 0:
        levels.append(levels[0])
    levels = [level for k, level in enumerate(levels) if k == 0 or level != levels[k - 1]]
    while levels[0] == 0:
        levels.pop(0)
    while levels[-1] == 0:
        levels.pop()
    return ", ".join(f"{level:g}" for level in levels) + f" {units}"
