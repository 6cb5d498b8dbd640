"""What the simulators share: the members, what counts as a spike, the noise, and the table of spikes."""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
MODEL = json.loads((FOLDER / "model.json").read_text(encoding="utf-8"))
#: Noise: spacing of its samples in ms, corner and highest frequency in kHz, order of the filter.
NOISE_STEP, CORNER, HIGHEST, ORDER = 0.05, 1.0, 3.0, 4


def conductances() -> dict[int, dict[str, float]]:
    """Conductances in mS/cm2 by name, of each member."""
    with (FOLDER / "conductances.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return {
        int(row["member"]): {name: float(value) for name, value in row.items() if name != "member"}
        for row in rows
    }


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """The arguments that each simulator takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--members", type=int, nargs="+", help="which (default: all)")
    parser.add_argument("--duration", type=float, default=MODEL["duration"], help="ms (default: %(default)s)")
    parser.add_argument(
        "--noise-std", type=float, default=MODEL["noise_std"],
        help="standard deviation of the current noise in uA/cm2 (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of the noise (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=FOLDER / "spikes.csv", help="default: %(default)s")
    return parser


def members_of(arguments: argparse.Namespace) -> dict[int, dict[str, float]]:
    """Conductances of the members that are asked for."""
    table = conductances()
    wanted = list(table) if arguments.members is None else arguments.members
    if unknown := sorted(set(wanted) - set(table)):
        raise SystemExit(f"there are no members {unknown}; there are {sorted(table)}")
    return {member: table[member] for member in wanted}


def write_spikes(path: Path, trains: dict[int, np.ndarray]) -> None:
    """Write spike times (ms) by member, a spike a line."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("member,spike_time_ms\n")
        file.writelines(f"{member},{time:.6f}\n" for member, times in trains.items() for time in times)
    print(f"{sum(map(len, trains.values()))} spikes of {len(trains)} members in {path}")


def armed(upward: np.ndarray, downward: np.ndarray) -> np.ndarray:
    """Upward crossings of the level of spikes, without those before which the lower level was not crossed."""
    found: list[float] = []
    for time in upward:
        if not found or np.any((downward > found[-1]) & (downward < time)):
            found.append(time)
    return np.array(found)


def swings(times: np.ndarray, voltages: np.ndarray, height: float) -> np.ndarray:
    """Times of the maxima of a voltage after a rise and before a fall of a height in mV."""
    turns = np.flatnonzero(np.diff(np.sign(np.diff(voltages)))) + 1
    found, rising, extreme = [], False, 0
    for i in [*turns, len(voltages) - 1]:
        if (voltages[i] > voltages[extreme]) == rising:
            extreme = i
        elif abs(voltages[i] - voltages[extreme]) >= height:
            if rising:
                found.append(times[extreme])
            rising, extreme = not rising, i
    return np.array(found)


def upward_crossings(times: np.ndarray, voltages: np.ndarray, level: float) -> np.ndarray:
    """Times at which a sampled voltage crosses a level upwards, interpolated."""
    i = np.flatnonzero((voltages[:-1] < level) & (voltages[1:] >= level))
    return times[i] + (level - voltages[i]) / (voltages[i + 1] - voltages[i]) * (times[i + 1] - times[i])


def spikes_in(times: np.ndarray, voltages: np.ndarray, upward: np.ndarray | None = None) -> np.ndarray:
    """Spike times by the rule of the neuron.

    Parameters
    ----------
    times, voltages : (n,) arrays
        ms, mV.
    upward : (n_crossings,) array, optional
        Times at which the level of spikes is crossed, where they are known better than by interpolation.
    """
    rule = MODEL["spike"]
    if "height" in rule:
        return swings(times, voltages, rule["height"])
    upward = upward_crossings(times, voltages, rule["level"]) if upward is None else upward
    return armed(upward, upward_crossings(times, -voltages, -rule["rearm"]))


def noise(duration: float, std: float, seed: int, member: int) -> np.ndarray:
    """Gaussian current (uA/cm2) of a flat spectrum up to 1 kHz, every NOISE_STEP ms."""
    n = int(np.ceil(duration / NOISE_STEP)) + 2
    frequencies = np.fft.rfftfreq(n, NOISE_STEP)
    amplitudes = np.where(frequencies <= HIGHEST, 1 / (1 + (frequencies / CORNER) ** (2 * ORDER)), 0)
    rng = np.random.default_rng([seed, member])
    spectrum = amplitudes * (rng.standard_normal(len(amplitudes)) + 1j * rng.standard_normal(len(amplitudes)))
    spectrum[0] = np.sqrt(2) * spectrum[0].real
    power = 2 * (amplitudes**2).sum() - amplitudes[0] ** 2
    return np.fft.irfft(spectrum, n) * std * n / np.sqrt(2 * power)
