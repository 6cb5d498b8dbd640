"""How well the domain score tells trains of the neuron from others, and how many trains it flags.

    python benchmarks/domain.py FOLDER [--cells N] [--neurons stg da pyloric] [--weights FOLDER]

The cells are those of `evaluation_sets`, kept in FOLDER; the AUROC is against their steady trains. "Other"
are trains of another neuron, and real ones where the folder ``../shared/recordings`` (or the one that
ELEPHANT_DIC_RECORDINGS names) is there, with a figure outside of the range of all but 0.4 % of the training
trains.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
from evaluation_sets import SEED, cleaned, load, parser_of, regressor_of
from scipy.stats import rankdata

from elephant_dic import read_spiketrains
from elephant_dic.recordings import RecordingError
from elephant_dic.trains import FEATURES, MIN_SPIKES, feature_table, sweeps_of, times_of

SHAPES = (1, 2, 3, 4)
FIGURES = ("rate", "spikes_per_burst", "burst_rate", "burst_duration", "intra_burst_rate")
#: Whose trains are foreign.
OTHER = {"stg": "da", "da": "stg", "pyloric": "da"}
RECORDINGS = Path(
    os.environ.get("ELEPHANT_DIC_RECORDINGS", Path(__file__).parents[2] / "shared" / "recordings")
)


def foreign_trains(found, other, rng):
    """Trains (ms) that are not the neuron's, by kind."""
    window = found.neuron.training.window
    steady = [times for times in found.inputs["steady"] if len(times) >= MIN_SPIKES]

    def renewal(times, shape):
        mean = np.diff(times).mean()
        n = max(int(3 * window / mean), 50)
        spikes = np.cumsum(rng.gamma(shape, mean / shape, n))
        return spikes[: max(np.searchsorted(spikes, window), MIN_SPIKES + 1)]

    partners = rng.permutation(len(steady))
    return {
        "Poisson": [renewal(times, 1) for times in steady],
        **{f"gamma, shape {shape}": [renewal(times, shape) for times in steady] for shape in SHAPES[1:]},
        "two cells merged": [
            np.unique(np.concatenate([times, steady[k]])) for times, k in zip(steady, partners, strict=True)
        ],
        "times x 1000": [1000 * times for times in steady],
        "times x 0.001": [times / 1000 for times in steady],
        "other neuron": [times for times in other.inputs["steady"] if len(times) >= MIN_SPIKES],
    }


def real_trains(neuron):
    """Windows of the real recordings, at most 20 of a cell."""
    windows = []
    for path in sorted(RECORDINGS.glob("*")):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                cells = read_spiketrains(path)
        except (RecordingError, ValueError):
            continue
        for cell in cells:
            for sweep in sweeps_of(cell)[:20]:
                try:
                    (times,) = times_of(sweep)
                except ValueError:
                    continue
                length = max(neuron.training.window, 40 * np.median(np.diff(times)))
                pieces = [
                    times[(times >= t) & (times < t + length)] for t in times[0] + length * np.arange(20)
                ]
                windows += [piece for piece in pieces if len(piece) > 10]
    return windows


def with_unknown_figures(trains, neuron, domain):
    """Those of which a figure is outside of the training range."""
    rows, sweeps = cleaned(trains)
    features = feature_table(neuron, sweeps)
    columns = [i for i, feature in enumerate(FEATURES) if feature.name in FIGURES]
    ranges = domain_ranges(domain)
    outside = (features[:, columns] < ranges[0]) | (features[:, columns] > ranges[1])
    return [trains[row] for row in rows[outside.any(axis=1)]]


def domain_ranges(regressor):
    """Lowest and highest figures of the training trains."""
    names = [feature.name for feature in FEATURES]
    rows = [names.index(name) for name in FIGURES]
    return regressor.domain.low[rows], regressor.domain.high[rows]


def auroc(inside, outside):
    """Probability that a train from outside scores higher."""
    ranks = rankdata(np.concatenate([inside, outside]))[len(inside) :]
    return (ranks.sum() - len(outside) * (len(outside) + 1) / 2) / (len(inside) * len(outside))


def main():
    """Print both tables of each neuron."""
    arguments = parser_of(__doc__).parse_args()
    for name in arguments.neurons:
        found, other = (load(each, arguments.folder, arguments.cells) for each in (name, OTHER[name]))
        regressor, rng = regressor_of(name, arguments.weights), np.random.default_rng(SEED)

        def scores(trains, neuron=found.neuron, regressor=regressor):
            _, sweeps = cleaned(trains)
            return regressor.scores(feature_table(neuron, sweeps)) if sweeps else np.array([])

        steady = None
        print(f"| {name}: of the neuron | flagged, % (wanted: at most 5) | trains |\n|---|---|---|")
        for key, trains in found.inputs.items():
            values = scores(trains)
            print(f"| {key} | {100 * np.mean(values > 1):.1f} | {len(values)} |", flush=True)
            if key == "steady":
                steady = values
        foreign = foreign_trains(found, other, rng) | {"real recordings": real_trains(found.neuron)}
        print(f"\n| {name}: foreign | AUROC (wanted: 0.95) | flagged, % | trains |\n|---|---|---|---|")
        for kind, trains in foreign.items():
            if kind in ("other neuron", "real recordings"):
                trains = with_unknown_figures(trains, found.neuron, regressor)
            values = scores(trains)
            if len(values):
                share = f"{100 * np.mean(values > 1):.1f}"
                print(f"| {kind} | {auroc(steady, values):.3f} | {share} | {len(values)} |", flush=True)
            elif trains:
                print(f"| {kind} | – | refused: too few spikes are left | {len(trains)} |", flush=True)
        print()


if __name__ == "__main__":
    main()
