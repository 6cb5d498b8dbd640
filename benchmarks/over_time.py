"""DICs over time: error and lag on a cell whose g_s is known at each time, and false change points.

    python benchmarks/over_time.py [--cells 24] [--stationary 200]

Ramps: STG cells from -8 to -3 in g_s within 60 s, with 60 s of rest before and after, g_u = 8, current noise
of 1 uA/cm**2. Error: root mean square of the inferred g_s, and of the same after each cell's mean error is
taken off; lag: by how much the inferred course trails the true one (best fit over shifts; a sample stands for
the centre of its window, so with a live recording half a window comes on top). Steps: the same cells, with a
sudden change of g_s after 60 of 120 s: share found, median distance in time, further change points a cell.
Stationary cells: drawn like the training set, noise from 0.3 to 2.1 uA/cm**2, 120 s after 20 s of settling.
"""

from __future__ import annotations

import argparse
import warnings

import neo
import numpy as np
import quantities as pq
from drifting import simulate_drifting

from elephant_dic import compensation, get_neuron
from elephant_dic.over_time import infer_dics_over_time
from elephant_dic.simulation import simulate
from elephant_dic.training_sets import draw_targets

SEED = 20261124
WINDOWS = (3, 6, 12, 24)  # s
BATCH = 8  # cells simulated at once: their noise takes memory


def drifting_cells(neuron, course, n_cells, noise_std=1.0):
    """Spike times (ms) of cells whose g_s follows a course (a value a second), after 10 s of settling."""
    rng = np.random.default_rng(SEED)
    targets = np.column_stack([np.full(len(course), np.nan), course, np.full(len(course), 8.0)])
    trains = []
    while len(trains) < n_cells:
        base, _ = compensation.population(neuron, targets[:1].repeat(BATCH, axis=0), rng)
        moved = [compensation.compensate(neuron, np.tile(cell, (len(course), 1)), targets) for cell in base]
        good = np.array([table for table, accepted in moved if accepted.all()])
        settled = np.concatenate([np.repeat(good[:, :1], 10, axis=1), good], axis=1)
        duration = 1000.0 * (settled.shape[1] - 1)
        spikes = simulate_drifting(neuron, settled, 1000.0, duration, noise_std, SEED + len(trains))
        trains += [times[times > 10_000] - 10_000 for times in spikes]
    return trains[:n_cells]


def follow(times, seconds, window, step=None, neuron="stg"):
    """DICs over time of spike times in ms."""
    train = neo.SpikeTrain(times[times < 1000 * seconds] * pq.ms, t_stop=seconds * pq.s)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # windows outside of the domain are part of the figures
        return infer_dics_over_time(train, window * pq.s, (step or window / 6) * pq.s, neuron)


def course_of(segment):
    """Centres (s) and inferred g_s."""
    signal = next(s for s in segment.analogsignals if s.name == "g_s")
    return signal.times.rescale("s").magnitude, signal.magnitude[:, 0]


def lag_of(times, inferred, truth):
    """Shift (s) of the true course that fits the inferred one best, up to offset and scale."""
    seconds, known = np.arange(len(truth)), np.isfinite(inferred)
    shifts = np.arange(-20, 20.01, 0.25)
    fits = [
        np.corrcoef(np.interp(times[known] - shift, seconds, truth), inferred[known])[0, 1]
        for shift in shifts
    ]
    return shifts[np.argmax(fits)]


def ramps(neuron, n_cells):
    """Print error and lag against the length of the window."""
    truth = np.concatenate([np.full(60, -8.0), np.linspace(-8, -3, 61), np.full(60, -3.0)])
    trains = drifting_cells(neuron, truth, n_cells)
    print(f"\nRamps of g_s from -8 to -3 in 60 s, {n_cells} cells")
    print(
        "| window s | rms error | without mean error | lag s, median (quartiles) | NaN share |\n"
        + "|---" * 5
        + "|"
    )
    for window in WINDOWS:
        errors, residuals, lags, missing = [], [], [], []
        for times in trains:
            centers, inferred = course_of(follow(times, 180, window))
            difference = inferred - np.interp(centers, np.arange(len(truth)), truth)
            errors.append(np.nanmean(difference**2))
            residuals.append(np.nanvar(difference))
            lags.append(lag_of(centers, inferred, truth))
            missing.append(np.isnan(inferred).mean())
        low, middle, high = np.quantile(lags, (0.25, 0.5, 0.75))
        rms = np.sqrt(np.mean(errors)), np.sqrt(np.mean(residuals))
        print(
            f"| {window} | {rms[0]:.2f} | {rms[1]:.2f} | {middle:.2f} ({low:.2f} to {high:.2f}) "
            f"| {np.mean(missing):.3f} |",
            flush=True,
        )


def steps(neuron, n_cells):
    """Print how often and how closely a sudden change is found."""
    print(f"\nSteps of g_s after 60 of 120 s, {n_cells} cells, found within 10 s")
    print(
        "| from, to | window s | found | distance s, median | other change points a cell |\n"
        + "|---" * 5
        + "|"
    )
    for low, high in ((-6, -5), (-6, -4), (-8, -4)):
        course = np.where(np.arange(121) < 60, low, high).astype(float)
        trains = drifting_cells(neuron, course, n_cells)
        for window in WINDOWS[:3]:
            distances, others = [], 0
            for times in trains:
                (event,) = follow(times, 120, window).events
                distance = np.abs(event.times.rescale("s").magnitude - 59.5)
                others += len(distance)
                if len(distance) and distance.min() <= 10:
                    distances.append(distance.min())
                    others -= 1
            found = len(distances) / n_cells
            print(
                f"| {low}, {high} | {window} | {found:.2f} | {np.median(distances or [np.nan]):.2f} "
                f"| {others / n_cells:.2f} |",
                flush=True,
            )


def stationary(n_cells):
    """Print the share of stationary cells in which a change point is found."""
    print("\nStationary cells of 120 s: share with a change point (standard error), at a rate of 0.05")
    print("| cells | window s | share | cells |\n" + "|---" * 4 + "|")
    for name in ("stg", "da"):
        neuron = get_neuron(name)
        for label, noise in (("without noise", (0.0, 0.0)), ("with noise", (0.3, 2.1))):
            trains = stationary_trains(neuron, n_cells, noise)
            for window in WINDOWS[:3]:
                segments = [follow(times, 120, window, window / 2, name) for times in trains]
                share = np.mean([len(segment.events[0]) > 0 for segment in segments])
                error = np.sqrt(share * (1 - share) / len(trains))
                print(
                    f"| {name} {label} | {window} | {share:.3f} ({error:.3f}) | {len(trains)} |", flush=True
                )


def stationary_trains(neuron, n_cells, noise):
    """Spike times (ms) of cells drawn like the training set that fire a spike a second or more."""
    rng = np.random.default_rng(SEED)
    trains = []
    for batch in range(0, n_cells, BATCH):
        cells, _ = compensation.population(
            neuron, draw_targets(neuron, BATCH, rng), rng, redraw=lambda m: draw_targets(neuron, m, rng)
        )
        std = rng.uniform(*noise)
        run = simulate(neuron, cells, 140_000.0, noise_std=std, seed=SEED + batch)
        trains += [times[times >= 20_000] - 20_000 for times in run.spike_times]
    return [times for times in trains[:n_cells] if len(times) > 300]


def main():
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cells", type=int, default=24)
    parser.add_argument("--stationary", type=int, default=200)
    arguments = parser.parse_args()
    neuron = get_neuron("stg")
    ramps(neuron, arguments.cells)
    steps(neuron, arguments.cells)
    stationary(arguments.stationary)


if __name__ == "__main__":
    main()
