"""How often the central 68 % and 95 % intervals hold the DICs, on cells that the network never saw.

    python benchmarks/calibration.py FOLDER [--cells N] [--neurons stg da pyloric] [--weights FOLDER]

In brackets the 95 % confidence interval, bootstrapped over the targets. The cells and their recordings are
those of `evaluation_sets`, kept in FOLDER: "transient" trains carry a drift that no recording has.
"""

from __future__ import annotations

import numpy as np
from evaluation_sets import SEED, estimates_of, load, parser_of, regressor_of

LEVELS = {0.68: 0.03, 0.95: 0.02}
N_BOOTSTRAP = 1000


def coverage(below, level, rng):
    """Share inside of the central interval and its confidence interval, from probabilities below (n,)."""
    inside = np.abs(below - 0.5) <= level / 2
    shares = rng.binomial(len(inside), inside.mean(), N_BOOTSTRAP) / len(inside)
    return inside.mean(), *np.quantile(shares, (0.025, 0.975))


def main():
    """Print the table."""
    arguments = parser_of(__doc__).parse_args()
    rng, n_off, n_sure, n_all = np.random.default_rng(SEED), 0, 0, 0
    print("| input | class | 68 %: g_s | g_u | 95 %: g_s | g_u | targets |")
    print("|---|---|---|---|---|---|---|")
    for name in arguments.neurons:
        found = load(name, arguments.folder, arguments.cells)
        regressor = regressor_of(name, arguments.weights)
        for key in found.inputs:
            rows, estimates = estimates_of(found, key, regressor)
            truth = found.dics[rows]
            below = np.array([e.probability_below(dics) for e, dics in zip(estimates, truth, strict=True)])
            for label, chosen in (("tonic", found.tonic[rows]), ("bursting", ~found.tonic[rows])):
                columns = []
                for level, tolerance in LEVELS.items():
                    for dic in (1, 2):
                        share, low, high = coverage(below[chosen, dic], level, rng)
                        off = abs(share - level) > tolerance
                        sure = low > level + tolerance or high < level - tolerance
                        n_off, n_sure, n_all = n_off + off, n_sure + sure, n_all + 1
                        mark = " !!" if sure else " !" if off else ""
                        columns.append(f"{100 * share:.1f} ({100 * low:.1f}-{100 * high:.1f}){mark}")
                print(f"| {name} {key} | {label} | {' | '.join(columns)} | {chosen.sum()} |", flush=True)
    print(
        f"\n{n_off} of {n_all} shares (!) are off by more than 3 points at 68 %, 2 points at 95 %; "
        f"of {n_sure} (!!) the confidence interval is too."
    )


if __name__ == "__main__":
    main()
