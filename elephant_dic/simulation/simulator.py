"""Conductances to spike times and voltage traces."""

from __future__ import annotations

import itertools
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..arguments import shown
from ..neurons import NeuronModel, check_conductances, constant_currents, shifts_of
from ..trains import Stimulus
from .parallel import Interrupted, cpu_count, map_chunks, progress_bar
from .tables import spread, state_size, steps_of, tabulate

#: Current noise: corner frequency in kHz, order of the Butterworth filter, highest frequency made, and the
#: spacing (ms) at which it is given to the simulator.
_CORNER, _ORDER, _HIGHEST, NOISE_STEP = 1.0, 4, 3.0, 0.05
#: Cells a chunk: not fewer than the lanes of the kernel, and not more than takes part of a second (in ms of
#: simulated time, over all cells, at the neuron's own step): chunks cannot be interrupted, and their noise
#: takes memory.
_FEWEST, _LONGEST = 16, 1_600_000.0
#: Room for spikes, in spikes a ms; a cell that fires faster is simulated again with more.
_SPIKES_PER_MS = 0.1


@dataclass(frozen=True)
class Simulation:
    """What simulated cells did.

    Attributes
    ----------
    spike_times : list of n arrays
        ms from the start of the run.
    traces : (n, n_samples) array
        mV; (n, 0) if none were asked for.
    states : (n, n_state) array
        In which the cells have ended, for a run that goes on from there; (n, 0) if not asked for.
    """

    spike_times: list
    traces: np.ndarray
    states: np.ndarray

    def __reduce__(self):
        """From worker to caller as one array of spikes, not many."""
        counts = [len(times) for times in self.spike_times]
        return _unpack, (np.concatenate([[], *self.spike_times]), counts, self.traces, self.states)


def _unpack(spikes, counts, *arrays):
    return Simulation(np.split(spikes, np.cumsum(counts))[:-1], *arrays)


def simulate(
    neuron: NeuronModel,
    conductances,
    duration,
    *,
    dt=None,
    noise_std=0.0,
    currents=0.0,
    waves=(),
    wave_of=None,
    seed=0,
    trace_start=0.0,
    trace_step=None,
    states=None,
    keep_states=False,
    executor: Executor | None = None,
    progress=False,
) -> Simulation:
    """Simulate cells.

    Parameters
    ----------
    neuron : NeuronModel
    conductances : (n, n_channels) or (n, n_columns) array
        mS/cm**2; parameters, if the neuron has any, in mV.
    duration : float
        ms.
    dt : float, optional
        Largest integration step in ms. Default: the neuron's `time_step`.
    noise_std : float or (n,) array
        Standard deviation of the injected current noise in uA/cm**2 (see `current_noise`), of all cells or
        of each.
    currents : float or (n,) array
        Constant injected current in uA/cm**2 of all cells or of each; a positive one depolarises.
    waves : sequence of (times, currents)
        Injected currents that change, added to the constant one: (n_points,) arrays in ms from the start of
        the run and in uA/cm**2, linear in between, as `elephant_dic.trains.Stimulus` has them.
    wave_of : (n,) array of int, optional
        Which of these each cell gets. Default: the first.
    seed : int
        The noise of cell i depends on `seed` and i only.
    trace_start, trace_step : float, optional
        ms; with a `trace_step` the voltage is returned from `trace_start` on, up to before `duration`.
    states : (n, n_state) array, optional
        From which the cells start: those in which a run of the same cells has ended, with any `dt`. Default:
        the neuron's initial state.
    keep_states : bool
        Whether to return the states in which they end.
    executor : concurrent.futures.Executor, optional
        Default: threads, one a core. The result is the same with any.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    Simulation

    Raises
    ------
    ValueError
        For a conductance that is negative or not finite, a leak of zero, a time that is not positive, a
        noise that is negative, not finite or not one a cell, currents that are so, currents that change of
        which the times do not ascend, or states of other cells.
    Interrupted
        A KeyboardInterrupt, with the Simulation of the first cells, as far as they are finished.
    """
    table = check_conductances(neuron, conductances)
    dt = neuron.time_step if dt is None else dt
    given = [("duration", duration), ("dt", dt)] + (
        [] if trace_step is None else [("trace_step", trace_step)]
    )
    for name, value in given:
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"{name} must be a positive number of ms, got {value}")
    if not trace_start >= 0:
        raise ValueError(f"trace_start must be zero or positive, got {trace_start}")
    noise_std = _of_each(noise_std, len(table), "noise_std", least=0.0)
    currents = _of_each(currents, len(table), "currents") + constant_currents(neuron, table)
    wave_of = _checked_waves(waves, wave_of, len(table))
    size = state_size(tabulate(neuron))
    if states is not None:
        states = _checked_states(states, (len(table), size))
    n_samples = 0 if trace_step is None else max(0, round((duration - trace_start) / trace_step))
    run = _Run(
        neuron, float(duration), float(dt), seed, float(trace_start), float(trace_step or 1), n_samples,
        keep_states, tuple((np.asarray(times, float), np.asarray(wave, float)) for times, wave in waves),
    )  # fmt: skip
    bounds = _chunks(len(table), duration * neuron.time_step / dt)
    jobs = [
        (run, table[i:end], noise_std[i:end], currents[i:end], wave_of[i:end], i,
         None if states is None else states[i:end])
        for i, end in bounds
    ]  # fmt: skip
    trains, traces = [None] * len(table), np.empty((len(table), n_samples))
    ends = np.empty((len(table), size if keep_states else 0))
    with progress_bar(len(table), "simulating", "cell", progress) as bar:

        def receive(index, chunk):
            first, end = bounds[index]
            traces[first:end], trains[first:end] = chunk.traces, chunk.spike_times
            ends[first:end] = chunk.states
            bar.update(end - first)

        try:
            map_chunks(_simulate_chunk, jobs, receive, executor)
        except KeyboardInterrupt as error:
            n_done = next((i for i, times in enumerate(trains) if times is None), len(trains))
            raise Interrupted(Simulation(trains[:n_done], traces[:n_done], ends[:n_done])) from error
    return Simulation(trains, traces, ends)


def _checked_waves(waves, wave_of, n):
    """(n,) int: which wave each cell gets; (0,) if there are none."""
    for times, currents in waves:
        Stimulus(times, currents)
    if not len(waves):
        if wave_of is not None:
            raise ValueError(f"wave_of needs waves, one of which each cell gets, got {shown(wave_of)}")
        return np.empty(0, dtype=np.int64)
    found = np.zeros(n, dtype=np.int64) if wave_of is None else np.asarray(wave_of)
    if found.shape != (n,) or found.dtype.kind not in "iu" or not ((found >= 0) & (found < len(waves))).all():
        raise ValueError(f"wave_of must be {n} numbers from 0 to {len(waves) - 1}, got {shown(wave_of)}")
    return found.astype(np.int64)


def _checked_states(states, shape):
    found = np.asarray(states, dtype=float)
    if found.shape != shape:
        raise ValueError(
            f"states must be of shape {shape}, as a run of these cells returns them, got {found.shape}"
        )
    if not np.isfinite(found).all():
        raise ValueError("states must be finite, as a run of these cells returns them")
    return found


def _of_each(values, n, name, least=-np.inf) -> np.ndarray:
    """(n,) values in uA/cm**2, from one or n."""
    found = np.asarray(values, dtype=float)
    if found.ndim and found.shape != (n,):
        raise ValueError(f"{name} must be one number or one for each of {n} cells, got shape {found.shape}")
    wrong = found[~(np.isfinite(found) & (found >= least))]
    if wrong.size:
        what = "finite" if least < 0 else "zero or positive"
        raise ValueError(f"{name} must be {what} (uA/cm**2), got {wrong[0]}")
    return np.broadcast_to(found, n)


def _chunks(n, work):
    """Bounds of chunks of cells that take `work` ms each, equal in size and as many for each core."""
    if not n:
        return []
    most = max(_FEWEST, int(_LONGEST / work))
    n_rounds = -(-n // (cpu_count() * most))
    n_chunks = min(n_rounds * cpu_count(), -(-n // _FEWEST))
    return list(itertools.pairwise(n * i // n_chunks for i in range(n_chunks + 1)))


@dataclass(frozen=True)
class _Run:
    """What all chunks of a simulation have in common."""

    neuron: NeuronModel
    duration: float
    dt: float
    seed: int
    trace_start: float
    trace_step: float
    n_samples: int
    keep_states: bool
    waves: tuple


def _simulate_chunk(run: _Run, table, noise_std, currents, wave_of, first, states) -> Simulation:
    """Of some cells, of which the first has this number among all."""
    from .kernel import Waves, integrate  # numba takes a third of a second to import

    tables, n = tabulate(run.neuron), len(table)
    cells, currents = spread(run.neuron, table)[:, None], np.array(currents)
    times, values = (np.concatenate([[], *(wave[k] for wave in run.waves)]) for k in (0, 1))
    first_points = np.cumsum([0, *(len(times) for times, _ in run.waves)])
    waves = Waves(np.array(wave_of), first_points, times, values)
    noise = np.zeros((n, 0), dtype=np.float32)
    if noise_std.any():
        rngs = [np.random.default_rng([run.seed, first + i]) for i in range(n)]
        noise = np.stack([current_noise(run.duration, *each) for each in zip(noise_std, rngs, strict=True)])
    traces = np.empty((n, run.n_samples))
    size = state_size(tables) if run.keep_states else 0
    capacity = 64 + int(_SPIKES_PER_MS * run.duration)
    while True:
        spikes, counts = np.empty((n, capacity)), np.zeros(n, dtype=np.int64)
        ends = np.empty((n, size)) if states is None else states.copy()
        integrate(
            tables, cells, currents, shifts_of(run.neuron, table), waves, 1.0, run.duration,
            steps_of(run.neuron, run.dt), noise, NOISE_STEP, ends, states is not None, spikes, counts, traces,
            run.trace_start, run.trace_step,
        )  # fmt: skip
        if counts.max(initial=0) <= capacity:
            trains = [spikes[i, : counts[i]].copy() for i in range(n)]
            return Simulation(trains, traces, ends[:, :size])
        capacity = int(counts.max())


def current_noise(duration, std, rng: np.random.Generator) -> np.ndarray:
    """Band-limited Gaussian current: white noise through a Butterworth filter, forward and backward.

    Made from its spectrum, so that its standard deviation and power density are the same for any step of
    the simulation.

    Parameters
    ----------
    duration : float
        ms.
    std : float
        Standard deviation after the filter.
    rng : numpy.random.Generator

    Returns
    -------
    (n,) float32 array
        Every `NOISE_STEP` ms from 0 to the duration at least.
    """
    import scipy.fft

    n_samples = int(np.ceil(duration / NOISE_STEP)) + 2
    n_period = scipy.fft.next_fast_len(n_samples, real=True)
    amplitude = np.float32(std) * _amplitudes(n_period)
    real, imaginary = rng.standard_normal((2, len(amplitude)), dtype=np.float32)
    spectrum = np.empty(len(amplitude), dtype=np.complex64)
    np.multiply(amplitude, real, out=spectrum.real)
    np.multiply(amplitude, imaginary, out=spectrum.imag)
    spectrum[0] = np.sqrt(np.float32(2)) * spectrum[0].real
    return scipy.fft.irfft(spectrum, n_period)[:n_samples]


@lru_cache(maxsize=8)
def _amplitudes(n_period) -> np.ndarray:
    """(n,) float32 standard deviations of the parts of the spectrum of a noise whose own is one."""
    frequency = np.arange(int(_HIGHEST * n_period * NOISE_STEP) + 1) / (n_period * NOISE_STEP)
    amplitude = 1 / (1 + (frequency / _CORNER) ** (2 * _ORDER))
    power = 2 * (amplitude**2).sum() - amplitude[0] ** 2
    return (amplitude * n_period / np.sqrt(2 * power)).astype(np.float32)
