"""DICs over time: error and lag on cells whose g_s is known at each time, changes found, false ones.

    python benchmarks/over_time.py [--neurons stg da] [--cells 24] [--stationary 200]

Ramps: cells whose g_s moves within 60 s, with 60 s of rest before and after, g_u = 8, current noise of
1 uA/cm**2. Error: root mean square of the inferred g_s, and of the same after each cell's mean error is taken
off; lag: by how much the inferred course trails the true one (best fit over shifts; a sample stands for the
centre of its window, so with a live recording half a window comes on top). Steps: the same cells, with a
sudden change of g_s after 60 of 120 s; drugs: a change after 40 s that goes back after 80 of 120 s. Of each:
share of the changes that are found, median distance in time, further change points a cell.
Stationary cells: drawn like the training set, noise from 0.3 to 2.1 uA/cm**2, 120 s after 20 s of settling.
For the slow DA neuron all times are four times as long.
"""

from __future__ import annotations

import argparse
import warnings
from dataclasses import dataclass

import neo
import numpy as np
import quantities as pq
from drifting import simulate_drifting

from elephant_dic import get_neuron
from elephant_dic.inference import infer_dics_over_time
from elephant_dic.neurons.compensation import compensate, compensated_population
from elephant_dic.simulation import simulate
from elephant_dic.training.sets import draw_targets

SEED = 20261124
NOISE = 1.0  # uA/cm**2
G_U = 8.0
BATCH = 4  # cells simulated at once: their noise takes memory


@dataclass(frozen=True)
class Setting:
    """What is simulated of a neuron."""

    ramp: tuple[float, float]  # g_s
    steps: tuple[tuple[float, float], ...]  # g_s, from and to
    pace: int  # times are as many times as long
    n_spikes: int  # of a stationary cell, at least

    @property
    def windows(self):
        """s."""
        return [self.pace * window for window in (3, 6, 12, 24)]


SETTINGS = {
    "stg": Setting((-8, -3), ((-6, -5), (-6, -4), (-8, -4)), 1, 300),
    "da": Setting((-6, 0), ((-5, -3), (-5, 0), (-4, 4)), 4, 300),
}


def drifting_cells(name, levels, n_cells):
    """Spike times (ms) of cells whose g_s takes levels that last a second (times the neuron's pace) each."""
    neuron, pace = get_neuron(name), SETTINGS[name].pace
    rng = np.random.default_rng(SEED)
    course = np.repeat(np.asarray(levels, float), pace)
    targets = np.column_stack([np.full(len(course), np.nan), course, np.full(len(course), G_U)])
    trains = []
    while len(trains) < n_cells:
        base, _ = compensated_population(neuron, targets[:1].repeat(BATCH, axis=0), rng)
        moved = [compensate(neuron, np.tile(cell, (len(course), 1)), targets) for cell in base]
        good = np.array([table for table, accepted in moved if accepted.all()])
        if not len(good):
            continue
        settling = 10 * pace
        settled = np.concatenate([np.repeat(good[:, :1], settling, axis=1), good], axis=1)
        duration = 1000.0 * (settled.shape[1] - 1)
        spikes = simulate_drifting(neuron, settled, 1000.0, duration, NOISE, SEED + len(trains))
        trains += [times[times > 1000 * settling] - 1000 * settling for times in spikes]
    return trains[:n_cells]


def follow(name, times, seconds, window, step):
    """DICs over time of spike times in ms."""
    train = neo.SpikeTrain(times[times < 1000 * seconds] * pq.ms, t_stop=seconds * pq.s)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # windows outside of the domain are part of the figures
        return infer_dics_over_time(train, window * pq.s, step * pq.s, name)


def course_of(segment):
    """Centres (s) and inferred g_s."""
    signal = next(s for s in segment.analogsignals if s.name == "g_s")
    return signal.times.rescale("s").magnitude, signal.magnitude[:, 0]


def lag_of(times, inferred, truth, pace):
    """Shift (s) of the true course that fits the inferred one best, up to offset and scale."""
    seconds, known = np.arange(len(truth)), np.isfinite(inferred)
    shifts = pace * np.arange(-20, 20.01, 0.25)
    fits = [
        np.corrcoef(np.interp(times[known] - shift, seconds, truth), inferred[known])[0, 1]
        for shift in shifts
    ]
    return shifts[np.argmax(fits)]


def ramps(name, n_cells):
    """Print error and lag against the length of the window."""
    setting = SETTINGS[name]
    low, high = setting.ramp
    levels = np.concatenate([np.full(60, low), np.linspace(low, high, 61), np.full(60, high)])
    truth = np.repeat(levels, setting.pace)
    trains = drifting_cells(name, levels, n_cells)
    print(f"\nRamps of g_s from {low} to {high} in {60 * setting.pace} s, {name}, {n_cells} cells")
    print(
        "| window s | rms error | without mean error | lag s, median (quartiles) | NaN share |\n"
        + "|---" * 5
        + "|"
    )
    for window in setting.windows:
        errors, residuals, lags, missing = [], [], [], []
        for times in trains:
            segment = follow(name, times, 180 * setting.pace, window, window / 6)
            centers, inferred = course_of(segment)
            difference = inferred - np.interp(centers, np.arange(len(truth)), truth)
            errors.append(np.nanmean(difference**2))
            residuals.append(np.nanvar(difference))
            lags.append(lag_of(centers, inferred, truth, setting.pace))
            missing.append(np.isnan(inferred).mean())
        lower, middle, upper = np.quantile(lags, (0.25, 0.5, 0.75))
        rms = np.sqrt(np.mean(errors)), np.sqrt(np.mean(residuals))
        print(
            f"| {window} | {rms[0]:.2f} | {rms[1]:.2f} | {middle:.2f} ({lower:.2f} to {upper:.2f}) "
            f"| {np.mean(missing):.3f} |",
            flush=True,
        )


def changes(name, n_cells):
    """Print how often and how closely sudden changes are found, that stay and that go back."""
    pace = SETTINGS[name].pace
    print(f"\nSudden changes of g_s, {name}, {n_cells} cells, found within {10 * pace} s")
    print(
        "| g_s | window s | changes found | distance s, median | other change points a cell |\n"
        + "|---" * 5
        + "|"
    )
    for low, high in SETTINGS[name].steps:
        for levels, at in (
            (np.repeat([low, high], (60, 61)), [60]),
            (np.repeat([low, high, low], (40, 40, 41)), [40, 80]),
        ):
            trains = drifting_cells(name, levels, n_cells)
            label = ", ".join(f"{g_s:g}" for g_s in levels[[0, *at]])
            for window in SETTINGS[name].windows[:3]:
                segments = [follow(name, times, 120 * pace, window, window / 6) for times in trains]
                found = [
                    nearest(segment.events[0], pace * np.array(at) - 0.5, 10 * pace) for segment in segments
                ]
                n_points = sum(len(segment.events[0]) for segment in segments)
                distances = np.concatenate(found)
                print(
                    f"| {label} | {window} | {len(distances) / (n_cells * len(at)):.2f} "
                    f"| {np.median(distances) if len(distances) else np.nan:.2f} "
                    f"| {(n_points - len(distances)) / n_cells:.2f} |",
                    flush=True,
                )


def nearest(event, at, limit):
    """Distance (s) to the nearest change point, of each true change that has one within the limit."""
    times = event.times.rescale("s").magnitude
    distances = np.abs(times - np.reshape(at, (-1, 1))).min(axis=1, initial=np.inf)
    return distances[distances <= limit]


def stationary(name, n_cells):
    """Print the share of stationary cells in which a change point is found."""
    pace = SETTINGS[name].pace
    print(
        f"\nStationary cells of {120 * pace} s, {name}: share with a change point (standard error), at a "
        "rate of 0.05"
    )
    print("| cells | window s | share | cells |\n" + "|---" * 4 + "|")
    for label, noise in (("without noise", (0.0, 0.0)), ("with noise", (0.3, 2.1))):
        trains = stationary_trains(name, n_cells, noise)
        for window in SETTINGS[name].windows[:3]:
            segments = [follow(name, times, 120 * pace, window, window / 2) for times in trains]
            share = np.mean([len(segment.events[0]) > 0 for segment in segments])
            error = np.sqrt(share * (1 - share) / len(trains))
            print(f"| {label} | {window} | {share:.3f} ({error:.3f}) | {len(trains)} |", flush=True)


def stationary_trains(name, n_cells, noise):
    """Spike times (ms) of cells drawn like the training set that fire often enough."""
    neuron, pace = get_neuron(name), SETTINGS[name].pace
    rng = np.random.default_rng(SEED)
    settling = 20_000.0 * pace
    trains = []
    for batch in range(0, n_cells, BATCH):
        cells, _ = compensated_population(
            neuron, draw_targets(neuron, BATCH, rng), rng, redraw=lambda m: draw_targets(neuron, m, rng)
        )
        std = rng.uniform(*noise)
        run = simulate(neuron, cells, 7 * settling, noise_std=std, seed=SEED + batch)
        trains += [times[times >= settling] - settling for times in run.spike_times]
    return [times for times in trains[:n_cells] if len(times) > SETTINGS[name].n_spikes]


def main():
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--neurons", nargs="+", default=list(SETTINGS), choices=list(SETTINGS))
    parser.add_argument("--cells", type=int, default=24)
    parser.add_argument("--stationary", type=int, default=200)
    arguments = parser.parse_args()
    for name in arguments.neurons:
        ramps(name, arguments.cells)
        changes(name, arguments.cells)
        stationary(name, arguments.stationary)


if __name__ == "__main__":
    main()
