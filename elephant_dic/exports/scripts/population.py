"""What the simulators share: the members, their currents, what counts as a spike, the table of spikes."""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
MODEL = json.loads((FOLDER / "model.json").read_text(encoding="utf-8"))
#: Spacing of samples of currents in ms; of noise, corner and highest frequency in kHz, order of the filter.
NOISE_STEP, CORNER, HIGHEST, ORDER = 0.05, 1.0, 3.0, 4


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a table of this folder."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def conductances() -> dict[int, dict[str, float]]:
    """Conductances in mS/cm2 by name, of each member; parameters, if its neuron has any, in mV."""
    return {
        int(row["member"]): {name: float(value) for name, value in row.items() if name != "member"}
        for row in rows_of("conductances.csv")
    }


def settling_of(sweep: int | None) -> float:
    """ms before the start of a sweep: at its first current, and then what is known of it before the start."""
    return 0.0 if sweep is None else MODEL["settling"] + MODEL["sweeps"][str(sweep)]["lead"]


def current_of(sweep: int) -> tuple[np.ndarray, np.ndarray]:
    """The current of a sweep of the recording, and before it its first value, as long as a run settles.

    Returns
    -------
    times : (n,) array
        ms from the start of the run; the current is linear between them, and jumps where two are the same.
    currents : (n,) array
        uA/cm2.
    """
    rows = [row for row in rows_of("currents.csv") if row["sweep"] == str(sweep)]
    first, start = MODEL["sweeps"][str(sweep)]["first"], settling_of(sweep)
    points = [(float(row["time_ms"]), float(row["current_uA_per_cm2"])) for row in rows]
    times, currents = np.transpose([(-start, first), (points[0][0], first), *points])
    return times + start, currents


def sampled_current(sweep: int, duration: float, step: float) -> np.ndarray:
    """The same as means (uA/cm2) over each step (ms) of a run, for simulators that take samples."""
    times, currents = current_of(sweep)
    edges = np.arange(int(np.ceil(duration / step)) + 2) * step
    lengths, slopes = np.diff(times), np.zeros(len(times))  # the last value stays
    np.divide(np.diff(currents), lengths, out=slopes[:-1], where=lengths > 0)
    passed = np.concatenate([[0.0], np.cumsum(lengths * (currents[1:] + currents[:-1]) / 2)])
    segment = np.searchsorted(times, edges, side="right") - 1
    since = edges - times[segment]
    total = passed[segment] + since * (currents[segment] + slopes[segment] * since / 2)
    return np.diff(total) / step


def positive(text: str) -> float:
    """An argument that is a positive number."""
    number = float(text)
    if not 0 < number < np.inf:
        raise argparse.ArgumentTypeError(f"it must be positive, got {text}")
    return number


def seed_of(text: str) -> int:
    """An argument that is a seed."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"it must be zero or positive, got {text}")
    return number


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """The arguments that each simulator takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--members", type=int, nargs="+", help="which (default: all)")
    parser.add_argument(
        "--duration", type=positive, help=f"ms (default: {MODEL['duration']:g}, or the sweep's)"
    )
    parser.set_defaults(sweep=None)
    if MODEL["sweeps"]:
        numbers = [int(number) for number in MODEL["sweeps"]]
        parser.add_argument(
            "--sweep", type=int, choices=numbers, metavar="SWEEP",
            help=f"of the recording, its current is injected: {numbers[0]} to {numbers[-1]} (default: none)",
        )  # fmt: skip
    parser.add_argument(
        "--noise-std", type=float, default=MODEL["noise_std"],
        help="standard deviation of the current noise in uA/cm2 (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--seed", type=seed_of, default=0, help="of the noise (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=FOLDER / "spikes.csv", help="default: %(default)s")
    return parser


def arguments_of(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """What is given, with the length of the run, and of what comes before a sweep (ms)."""
    arguments = parser.parse_args()
    sweep = MODEL["sweeps"].get(str(arguments.sweep), MODEL)
    arguments.duration = sweep["duration"] if arguments.duration is None else arguments.duration
    arguments.settling = settling_of(arguments.sweep)
    return arguments


def members_of(arguments: argparse.Namespace) -> dict[int, dict[str, float]]:
    """Conductances, and parameters, of the members that are asked for."""
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
    n_spikes, n = sum(map(len, trains.values())), len(trains)
    print(f"{n_spikes} spike{'s' * (n_spikes != 1)} of {n} member{'s' * (n != 1)} in {path}")


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
