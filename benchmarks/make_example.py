"""Makes the example recording: ``python benchmarks/make_example.py FOLDER``.

A simulated STG cell with current noise, recorded for 6 s at 10 kHz with the noise of an amplifier.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import neo
import numpy as np
import quantities as pq

from elephant_dic import generate_population, simulate_population

SEED = 1602


def make_example(folder) -> Path:
    """Write ``example.nix`` and return its path."""
    cell = generate_population({"g_s": -6.3, "g_u": 6.8}, neuron="stg", n_models=1, seed=SEED)
    run = simulate_population(
        cell,
        duration=14 * pq.s,
        discard=8 * pq.s,
        noise_std=1.0 * pq.uA / pq.cm**2,
        seed=SEED,
        traces=True,
    )
    voltage = run.analogsignals[0].magnitude[:, 0]
    voltage = voltage + 0.2 * np.random.default_rng(SEED).standard_normal(len(voltage))
    signal = neo.AnalogSignal(
        np.round(voltage, 2).astype(np.float32), units="mV", sampling_rate=10 * pq.kHz, name="Vm"
    )
    segment = neo.Segment(name="example", rec_datetime=datetime(2026, 11, 23))
    segment.analogsignals.append(signal)
    block = neo.Block(name="example recording", description=f"simulated STG cell, seed {SEED}")
    block.segments.append(segment)
    path = Path(folder) / "example.nix"
    with neo.NixIO(str(path), mode="ow") as file:
        file.write_block(block)
    return path


if __name__ == "__main__":
    print(make_example(sys.argv[1] if len(sys.argv) > 1 else "."))
