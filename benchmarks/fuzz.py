"""Calls public functions with arguments of any kind, and lists the errors that are none of ours.

    python benchmarks/fuzz.py --calls 8000

Each call takes right arguments and puts something else in the place of one or two of them. What a function
refuses must be a TypeError or a ValueError (RecordingError and PopulationFileError are such) of this
package; anything else is listed with the call.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import io
import sys
import tempfile
import traceback
import warnings
from pathlib import Path

import neo
import numpy as np
import quantities as pq

import elephant_dic as ed

PACKAGE = Path(ed.__file__).parent


class Odd:
    """Something that no function expects."""


def right_calls(folder):
    """Functions with arguments that they take; nothing that trains or runs for long."""
    train = neo.SpikeTrain(np.arange(0.05, 5, 1 / 8), units="s", t_stop=5, name="A")
    block = ed.generate_population({"g_s": -5, "g_u": 8}, n_models=3, seed=1)
    estimate = ed.infer_dics(train)
    signal = neo.AnalogSignal(np.zeros((200, 1)), units="mV", sampling_rate=1 * pq.kHz)
    over_time = ed.infer_dics_over_time(train, 2 * pq.s, 1 * pq.s)
    for name, save, what in (
        ("a.nix", ed.save_population, block), ("e.nix", ed.save_estimates, [estimate]),
        ("t.nix", ed.save_dics_over_time, over_time),
    ):  # fmt: skip
        save(what, folder / name)
    Path(folder, "spikes.csv").write_text("time_s\n" + "\n".join(map(str, train.magnitude)) + "\n")
    short = {"duration": 0.05 * pq.s, "discard": 0 * pq.s, "seed": 1}
    return [
        (ed.infer_dics, (train,), {"neuron": "stg"}),
        (ed.infer_dics_many, ([train, train],), {"neuron": "stg"}),
        (ed.infer_dics_over_time, (train, 2 * pq.s, 1 * pq.s), {"neuron": "stg"}),
        (ed.detect_change_points, (over_time,), {}),
        (ed.reconstruct, (train,), {"n_models": 2, "verify": False, "seed": 1, "prior": "family"}),
        (ed.reconstruct_many, ([train],), {"n_models": 2, "verify": False, "seed": 1}),
        (ed.generate_population, ({"g_s": -5, "g_u": 8},), {"n_models": 2, "seed": 1}),
        (ed.population_from_conductances, (ed.conductances(block),), {"neuron": "stg"}),
        (ed.conductances, (block,), {}),
        (ed.member_dics, (block,), {}),
        (ed.dic_estimate, (block,), {}),
        (ed.provenance, (block,), {}),
        (ed.summarise_population, (block,), {}),
        (ed.to_dataframe, ([estimate, block],), {}),
        (ed.to_spiketrains, ([0.1, 0.2],), {"units": "s", "t_start": 0 * pq.s, "t_stop": 1 * pq.s}),
        (ed.simulate_population, (block,), short | {"noise_std": 0 * pq.uA / pq.cm**2, "traces": True}),
        (ed.neuromodulate, (block, {"g_s": -5.1}), {}),
        (ed.scale_conductances, (block, {"g_Na": 0.5}), {}),
        (ed.compute_dics, (np.ones((2, 8)),), {"neuron": "stg", "voltage": -50 * pq.mV}),
        (ed.detect_bursts, (train,), {"min_spikes": 2, "threshold": 100 * pq.ms}),
        (ed.extract_features, (train,), {"neuron": "stg"}),
        (ed.feature_names, (), {"neuron": "stg"}),
        (ed.assess_quality, (train,), {}),
        (ed.get_neuron, ("stg",), {}),
        (ed.save_population, (block, folder / "b.csv"), {}),
        (ed.load_population, (folder / "a.nix",), {}),
        (ed.save_estimates, ([estimate], folder / "b.mat"), {"spiketrains": [train]}),
        (ed.load_estimates, (folder / "e.nix",), {}),
        (ed.save_dics_over_time, (over_time, folder / "b.nwb"), {"spiketrain": train}),
        (ed.load_dics_over_time, (folder / "t.nix",), {}),
        (ed.read_spiketrains, (folder / "spikes.csv",), {"time_unit": "s", "t_stop": 5 * pq.s}),
        (ed.read_spiketrains, (folder / "spikes.csv",), {"unit": "spikes", "where": "rate > 1"}),
        (estimate.sample, (3,), {"seed": 1}),
        (estimate.interval, (0.5,), {}),
        (estimate.probability_below, ([0, 0, 1],), {}),
        (ed.plot_conductances, ([block, block],), {}),
        (ed.plot_dics, (block,), {}),
        (ed.plot_raster, (train,), {"duration": 1 * pq.s}),
        (ed.plot_spiketrain, (train,), {"start": 0 * pq.s, "duration": 1 * pq.s}),
        (ed.plot_isi_histogram, (train,), {"threshold": 10 * pq.ms}),
        (ed.plot_return_map, (train,), {}),
        (ed.plot_detection, (signal, None), {"threshold": 0 * pq.mV, "start": 0 * pq.s}),
        (ed.plot_dics_over_time, (over_time,), {}),
    ]  # fmt: skip


def odd_values(folder):
    silent = neo.SpikeTrain([], units="s", t_stop=5)
    few = neo.SpikeTrain([1.0, 2], units="s", t_stop=3)
    two_channels = neo.AnalogSignal(np.zeros((3, 2)), units="mV", sampling_rate=1 * pq.Hz)
    files = [folder, folder / "none.nix", folder / "spikes.csv", Path("x.csv")]
    return [
        None, True, 0, -1, 3, 10**400, -(10**400), 1.5, np.nan, np.inf, -np.inf, 1e308, 1j, 1e-320, "", "x",
        "stg", b"x", [], [1], [None], ["a"], (), {}, {"g_s": "x"}, {"x": 1}, set(), object(), Odd, Odd(),
        lambda x: x, np.array([]), np.array([1.0, np.nan]), np.zeros((2, 2)), np.array(["a"]), np.float32(1),
        np.int64(-5), 1 * pq.s, -1 * pq.s, np.nan * pq.ms, 1e300 * pq.s, 1 * pq.mV, [1, 2, 3] * pq.s, pq.s,
        1 * pq.dimensionless, silent, few, [silent], two_channels, neo.Segment(), neo.Block(), neo.Group(),
        neo.Epoch(), *files, range(3), iter([1, 2]), np.random.default_rng(0),
    ]  # fmt: skip


def spoilt(arguments, options, values, rng):
    """The arguments with one or two of them replaced."""
    arguments, options = list(arguments), dict(options)
    places = [*range(len(arguments)), *options]
    for place in rng.permutation(len(places))[: rng.integers(1, 3)]:
        where, value = places[place], values[rng.integers(len(values))]
        (options if isinstance(where, str) else arguments)[where] = value
    return arguments, options


def is_ours(error):
    """Whether an error was raised in this package."""
    last = traceback.extract_tb(error.__traceback__)[-1].filename
    return PACKAGE in Path(last).parents or last == __file__


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--calls", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    import matplotlib
    from matplotlib import pyplot

    matplotlib.use("Agg")
    rng, found, n_refused = np.random.default_rng(args.seed), collections.Counter(), 0
    examples: dict = {}

    def note(function, error, arguments, options):
        key = function.__name__, f"{type(error).__name__}: {str(error)[:90]}"
        found[key] += 1
        examples.setdefault(key, (arguments, options))

    with tempfile.TemporaryDirectory() as place, contextlib.chdir(place), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(place)
        calls, values = right_calls(folder), odd_values(folder)
        for function, arguments, options in calls:
            function(*arguments, **options)
        for _ in range(args.calls):
            function, *right = calls[rng.integers(len(calls))]
            arguments, options = spoilt(*right, values, rng)
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    function(*arguments, **options)
            except (TypeError, ValueError) as error:
                n_refused += 1
                if not is_ours(error):
                    note(function, error, arguments, options)
            except Exception as error:
                note(function, error, arguments, options)
            pyplot.close("all")
    n_other = sum(found.values())
    print(f"{args.calls:,} calls, {n_refused:,} refused, {n_other} of these not by an error of ours")
    for key, n in found.most_common():
        print(f"{n:5} {key[0]}: {key[1]}\n      {str(examples.get(key))[:300]}")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
