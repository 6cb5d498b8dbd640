"""Small NWB files: of pynwb, and of version 1, which no library writes."""

from datetime import UTC, datetime

import h5py
import numpy as np
import pynwb
from pynwb.icephys import CurrentClampSeries, CurrentClampStimulusSeries

from support.vendor_files import RATE, SPIKES, membrane_potential


def new_nwb():
    return pynwb.NWBFile("test", "test", datetime(2026, 1, 4, tzinfo=UTC))


def write_nwb(path, file):
    with pynwb.NWBHDF5IO(path, "w") as io:
        io.write(file)


def add_electrode(file, name="pipette"):
    device = file.devices.get("amplifier") or file.create_device("amplifier")
    return file.create_icephys_electrode(name=name, description="", device=device)


def response(name, electrode, data, **options):
    """A membrane potential of data in mV."""
    clock = {} if "timestamps" in options else {"rate": RATE, "starting_time": 0.0}
    return CurrentClampSeries(
        name=name, data=data, conversion=1e-3, electrode=electrode, gain=1.0, **clock | options
    )


def stimulus(name, electrode, data, **options):
    """A stimulus of data in pA."""
    clock = {} if "timestamps" in options else {"rate": RATE, "starting_time": 0.0}
    options = {"conversion": 1e-12} | clock | options
    return CurrentClampStimulusSeries(name=name, data=data, electrode=electrode, gain=1.0, **options)


def add_rows(file, electrode, responses, stimuli, length):
    """Rows of the table of recordings, each the next range of both series."""
    for k in range(len(responses.data) // length):
        where = {"response_start_index": k * length, "response_index_count": length}
        where |= {"stimulus_start_index": k * length, "stimulus_index_count": length}
        file.add_intracellular_recording(electrode=electrode, response=responses, stimulus=stimuli, **where)


def write_version_1(path, sweeps=SPIKES, units=()):
    """A file of NWB 1: current-clamp sweeps of 1 s, the last with a step of 30 pA; units (name, times)."""
    with h5py.File(path, "w") as file:
        file["nwb_version"] = "NWB-1.0.5"
        for k, spikes in enumerate(sweeps):
            step = np.where(np.arange(int(RATE)) > RATE / 2, 30.0 * (k == len(sweeps) - 1), 0.0)
            volts = membrane_potential(spikes, 1.0) / 1e3
            for place, kind, data, unit in (
                ("acquisition/timeseries", "CurrentClampSeries", volts, "Volts"),
                ("stimulus/presentation", "CurrentClampStimulusSeries", step * 1e-12, "Amps"),
            ):
                series = file.create_group(f"{place}/Sweep_{k}")
                series.attrs["neurodata_type"] = "TimeSeries"
                series.attrs["ancestry"] = ["TimeSeries", "PatchClampSeries", kind]
                series["data"], series["starting_time"] = data, 2.0 * k
                series["data"].attrs.update({"unit": unit, "conversion": 1.0})
                series["starting_time"].attrs["rate"] = RATE
                series["electrode_name"] = "electrode 1"
        if units:
            times = file.create_group("processing/sorted/UnitTimes")
            times.attrs.update({"neurodata_type": "Interface", "ancestry": ["Interface", "UnitTimes"]})
            times["unit_list"] = [name for name, _ in units]
            for name, spikes in units:
                times[f"{name}/times"], times[f"{name}/unit_description"] = spikes, "a pyramidal cell"
