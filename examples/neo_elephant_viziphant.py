"""From a Block read by neo, through elephant and viziphant, to models and back to a Block.

    python examples/neo_elephant_viziphant.py [BLOCK.nix] [OUT_FOLDER]

Without a file, it writes one itself, with two cells. What runs here: neo reads the Block; elephant tells rate
and CV2 of its spike trains; viziphant draws them (if it is installed); this package judges the units, infers
their DICs, makes a population of models for the first and simulates it; elephant compares the models;
viziphant draws them; neo writes all of it to one NIX file, which other code of the ecosystem reads.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import elephant.statistics
import neo
import numpy as np
import quantities as pq
from elephant.spike_train_dissimilarity import van_rossum_distance

import elephant_dic


def example_block(path):
    """Write a recording of two regular cells, one of which is contaminated by the other."""
    rng = np.random.default_rng(0)
    first = np.cumsum(rng.normal(100, 3, 190))
    second = np.sort(np.concatenate([np.cumsum(rng.normal(60, 2, 300)), first[::4] + 0.8]))
    block, segment = neo.Block(name="two cells"), neo.Segment(name="spontaneous")
    for name, times in (("A", first), ("B", second)):
        train = neo.SpikeTrain(times[times < 19_000], units="ms", t_stop=20 * pq.s, name=name)
        segment.spiketrains.append(train)
    block.segments.append(segment)
    with neo.NixIO(str(path), mode="ow") as file:
        file.write_block(block)


def describe(spiketrains):
    """Rate and CV2 by elephant, quality and DICs by this package, as lines of text."""
    lines = []
    for train in spiketrains:
        rate = elephant.statistics.mean_firing_rate(train).rescale("Hz").item()
        cv2 = elephant.statistics.cv2(elephant.statistics.isi(train))
        quality, estimate = elephant_dic.assess_quality(train), elephant_dic.infer_dics(train)
        dics = ", ".join(
            f"{name} {mean:.1f} ± {std:.1f}"
            for name, mean, std in zip(estimate.names, estimate.mean, estimate.std, strict=True)
        )
        lines.append(f"{train.name}: {rate:.2f} Hz, CV2 {cv2:.2f}, {quality.verdict}; {dics}")
    return lines


def draw(spiketrains, path):
    """A raster and the intervals by viziphant, which takes lists only; False if it is not installed."""
    try:
        from viziphant.rasterplot import rasterplot
        from viziphant.statistics import plot_isi_histogram
    except ImportError:
        return False
    from matplotlib import pyplot

    figure, (above, below) = pyplot.subplots(2, layout="constrained")
    rasterplot(list(spiketrains), axes=above)
    plot_isi_histogram(list(spiketrains), axes=below, cutoff=500 * pq.ms)
    figure.savefig(path)
    pyplot.close(figure)
    return True


def main(source=None, folder="."):
    """Run all of it; return the path of the NIX file with recording, population and simulation."""
    folder = Path(folder)
    if source is None:
        source = folder / "two_cells.nix"
        example_block(source)
    with neo.NixIO(str(source), mode="ro") as file:
        block = file.read_block()
    spiketrains = [train for segment in block.segments for train in segment.spiketrains]
    print("\n".join(describe(spiketrains)))
    if not draw(spiketrains, folder / "recording.png"):
        print("viziphant is not installed: no pictures")

    population = elephant_dic.reconstruct(spiketrains[0], n_models=5, seed=1)
    simulation = elephant_dic.simulate_population(population, duration=10 * pq.s, seed=1)
    population.segments.append(simulation)
    for train in simulation.spiketrains:
        rate = elephant.statistics.mean_firing_rate(train).rescale("Hz").item()
        print(f"model {train.annotations['member']}: {rate:.2f} Hz")
    distances = van_rossum_distance(list(simulation.spiketrains), time_constant=50 * pq.ms)
    print(f"van Rossum distance between models: up to {distances.max():.1f}")
    draw(simulation.spiketrains, folder / "models.png")

    target = folder / "population.nix"
    elephant_dic.save_population(population, target)
    with neo.NixIO(str(target), mode="ro") as file:
        back = file.read_block()
    print(f"{target.name}: {back.name}, segments {', '.join(segment.name for segment in back.segments)}")
    return target


if __name__ == "__main__":
    warnings.simplefilter("once", UserWarning)
    main(*sys.argv[1:])
