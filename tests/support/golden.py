"""Reference values: DICs by other programs, and spike times of a tight adaptive solver."""

import json
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[1] / "reference"


def golden_dics(name):
    """Conductances (120, n_channels), voltages (120,) in mV and DICs (120, 3) of a neuron's cells."""
    table = np.loadtxt(FOLDER / f"dic_{name}.csv", delimiter=",", skiprows=1)
    return table[:, :-4], table[:, -4], table[:, -3:]


def golden_cells(name):
    """Conductances (n, n_channels) of a neuron's cells, and of each the spike times in ms."""
    cells = json.loads((FOLDER / "spike_times.json").read_text())[name]
    table = np.array([list(cell["conductances_mS_per_cm2"].values()) for cell in cells])
    return table, [np.array(cell["spike_times_ms"]) for cell in cells]
