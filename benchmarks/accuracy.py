"""Mean absolute error of the inferred DICs on cells that the network never saw.

    python benchmarks/accuracy.py FOLDER [--cells N] [--neurons stg da pyloric] [--weights FOLDER]

The cells and their recordings are those of `evaluation_sets`, kept in FOLDER. A cell is tonic if the CV of
its "transient" intervals is at most 0.15. The published network's figures are those measured on cells drawn
the same way. "Transient" trains carry the drift of the initial state of a simulation, which no recording has:
what is read from them says little of recordings. How much there is to be read stands after the table.
"""

from __future__ import annotations

import numpy as np
from evaluation_sets import estimates_of, load, parser_of, regressor_of

#: All, tonic, bursting.
PUBLISHED = {
    ("stg", "transient"): ("2.95 / 1.82", "4.72 / 2.33", "0.91 / 1.24"),
    ("stg", "steady"): ("2.96 / 1.87", "4.68 / 2.38", "0.92 / 1.26"),
    ("stg", "noise 1.27"): ("3.39 / 2.84", "5.22 / 3.63", "1.14 / 1.88"),
    ("stg", "noise 2.12"): ("4.07 / 4.01", "6.15 / 5.01", "1.46 / 2.80"),
    ("stg", "jitter 2 ms"): ("3.02 / 1.83", "4.72 / 2.33", "1.07 / 1.26"),
    ("stg", "10 % missing"): ("2.96 / 1.81", "4.72 / 2.32", "0.93 / 1.21"),
    ("stg", "5 % spurious"): ("7.17 / 4.68", "11.1 / 4.68", "2.68 / 4.68"),
    ("stg", "20 s"): ("-", "4.58 / 3.24", "4.48 / 2.90"),
    ("stg", "1 s gap"): ("-", "6.0 / 10.0", "9.2 / 9.0"),
    ("da", "transient"): ("2.37 / 1.12", "2.60 / 1.22", "1.23 / 0.66"),
}
WANTED = {
    ("stg", "transient"): "as steady",
    ("stg", "steady"): "2.6 / 1.5, bursting 0.55 / 0.9",
    ("stg", "noise 1.27"): "2.9 / 1.9",
    ("stg", "noise 2.12"): "3.2 / 2.4",
    ("stg", "jitter 2 ms"): "2.8 / 1.65",
    ("stg", "10 % missing"): "2.7 / 1.6",
    ("stg", "5 % spurious"): "3.3 / 2.1",
    ("stg", "10 s"): "as 3 s",
    ("stg", "20 s"): "as 3 s",
    ("stg", "1 s gap"): "as 3 s",
    ("da", "transient"): "as steady",
    ("da", "steady"): "2.1 / 0.95, bursting 1.0 / 0.6",
}


def drift(times):
    """Change of the interval over a train by a straight line, relative to its mean.

    Not the feature of that name: features are of dithered times, which hide it.
    """
    intervals = np.diff(times)
    position = np.linspace(-0.5, 0.5, len(intervals))
    return np.polyfit(position, intervals, 1)[0] / intervals.mean()


def main():
    """Print the table."""
    arguments = parser_of(__doc__).parse_args()
    print("MAE of the estimate's mean, g_s / g_u (published network in brackets)\n")
    print("| input | all | tonic | bursting | wanted | in domain | trains |")
    print("|---|---|---|---|---|---|---|")
    drifts = []
    for name in arguments.neurons:
        found = load(name, arguments.folder, arguments.cells)
        regressor = regressor_of(name, arguments.weights)
        for key in found.inputs:
            rows, estimates = estimates_of(found, key, regressor)
            means = np.array([estimate.mean for estimate in estimates])
            errors = np.abs(means - found.dics[rows])[:, 1:]
            tonic = found.tonic[rows]
            ours = [
                "{:.2f} / {:.2f}".format(*part.mean(axis=0))
                for part in (errors, errors[tonic], errors[~tonic])
            ]
            published = PUBLISHED.get((name, key), ("-",) * 3)
            columns = [f"{a} ({b})" for a, b in zip(ours, published, strict=True)]
            inside = np.mean([estimate.in_domain for estimate in estimates])
            print(
                f"| {name} {key} | {' | '.join(columns)} | {WANTED.get((name, key), '-')} | {inside:.3f} "
                f"| {len(rows)} |",
                flush=True,
            )
        tonic = [times for times, yes in zip(found.inputs["transient"], found.tonic, strict=True) if yes]
        drifts.append(f"{name} {np.median(np.abs([drift(times) for times in tonic])):.1e}")
    print(f"\nDrift of the interval over a transient tonic train, as a share, median: {', '.join(drifts)}.")


if __name__ == "__main__":
    main()
