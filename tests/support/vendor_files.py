"""Small recordings, writers of them in formats that no library writes, and checks of reading."""

import struct
import warnings

import h5py
import numpy as np
import pytest
from neo.rawio import axonrawio, plexonrawio, spike2rawio

from elephant_dic.recordings import RecordingError, read_spiketrains

BLOCK = 512
ABF_RANGE, ABF_RESOLUTION, ABF_SCALE = 10.0, 2**15, 0.05  # samples of 6.1 uV or pA, up to 200
SMR_TICK = 1e-6  # s


def membrane_potential(spike_times, duration, rate=20e3, *, rest=-60.0, peak=30.0, width=0.4e-3):
    """A potential in mV that is at rest but for spikes, which peak at the times given (s).

    `width` is the standard deviation of a spike, in s.
    """
    times = np.arange(round(duration * rate)) / rate
    volts = np.full(times.size, float(rest))
    for spike in spike_times:
        volts += (peak - rest) * np.exp(-0.5 * ((times - spike) / width) ** 2)
    return volts


RATE = 20e3
SPIKES = [[0.1, 0.3, 0.5], [0.2, 0.6], [0.15, 0.35, 0.55, 0.75]]  # s, of three sweeps of 1 s
SWEEPS = np.stack([membrane_potential(times, 1.0) for times in SPIKES])
SILENT = np.full_like(SWEEPS, -60.0)


def seconds(spiketrain):
    return spiketrain.rescale("s").magnitude


def read_quietly(path, **choice):
    """Read a file whose warnings another test checks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return read_spiketrains(path, **choice)


def refuse(path, message, **choice):
    """Check that a file is refused, with a message that names it and matches."""
    with pytest.raises(RecordingError, match=message) as caught:
        read_quietly(path, **choice)
    assert str(caught.value).startswith(path.name)


def write_abf1(path, channels, rate, *, starts=None, outputs=(), mode=5, list_sweeps=True, version=1.83):
    """Write an Axon file of version 1.

    `channels` maps (name, unit) to an array (sweeps, samples); `starts` are samples; `outputs` are
    at most two dicts, see `_output`; the operation mode is 5 with stimuli and 3 if gap-free.
    Without `list_sweeps` the array of starts is missing.
    """
    samples = np.stack(list(channels.values()), axis=-1)
    samples = np.round(samples * ABF_SCALE * ABF_RESOLUTION / ABF_RANGE).astype("<i2")
    n_sweeps, n_samples, n_channels = samples.shape
    starts = np.arange(n_sweeps) * n_samples if starts is None else np.asarray(starts)
    header_size = 12 * BLOCK
    data = samples.tobytes() + b"\0" * (-samples.nbytes % BLOCK)
    header = bytearray(header_size)
    pack = struct.pack_into
    pack("<4sfhi", header, 0, b"ABF ", version, mode, samples.size)
    pack("<i", header, 16, n_sweeps)
    pack("<i", header, 40, header_size // BLOCK)
    if list_sweeps:
        pack("<2i", header, 92, (header_size + len(data)) // BLOCK, n_sweeps)
        lengths = np.full(n_sweeps, n_samples * n_channels)
        data += np.stack([starts, lengths], axis=1).astype("<i4").tobytes()
    pack("<hf", header, 120, n_channels, 1e6 / rate / n_channels)
    pack("<i", header, 138, n_samples * n_channels)
    pack("<f", header, 244, ABF_RANGE)
    pack("<i", header, 252, ABF_RESOLUTION)
    pack("<16h", header, 378, *range(16))
    pack("<16h", header, 410, *range(n_channels), *[-1] * (16 - n_channels))
    for k, (name, unit) in enumerate(channels):
        pack("<10s", header, 442 + 10 * k, name.encode().ljust(10))
        pack("<8s", header, 602 + 8 * k, unit.encode().ljust(8))
    for offset, gain in ((730, 1.0), (922, ABF_SCALE), (1050, 1.0)):
        pack("<16f", header, offset, *[gain] * 16)
    for k, output in enumerate(map(_output, outputs)):
        pack("<10s", header, 1306 + 10 * k, output["name"].encode().ljust(10))
        pack("<8s", header, 1346 + 8 * k, output["units"].encode().ljust(8))
        pack("<f", header, 1394 + 4 * k, output["holding"])
        pack("<h", header, 2296 + 2 * k, output["enabled"])
        pack("<h", header, 2300 + 2 * k, output["source"])
        pack("<h", header, 2304 + 2 * k, output["holds_last"])
        pack("<10i", header, 2136 + 40 * k, *[output["pulses"][0]] * 10)
        pack("<10i", header, 2216 + 40 * k, *[output["pulses"][1]] * 10)
        for j, epoch in enumerate(output["epochs"], 10 * k):
            for offset, size, form, value in zip(
                (2308, 2348, 2428, 2508, 2588), (2, 4, 4, 4, 4), "hffii", epoch, strict=True
            ):
                pack("<" + form, header, offset + size * j, value)
    path.write_bytes(bytes(header) + data)


def write_abf2(path, channels, rate, *, starts=None, outputs=(), mode=5, user_list=False):
    """Write an Axon file of version 2; the arguments are those of `write_abf1`."""
    samples = np.stack(list(channels.values()), axis=-1)
    samples = np.round(samples * ABF_SCALE * ABF_RESOLUTION / ABF_RANGE).astype("<i2")
    n_sweeps, n_samples, n_channels = samples.shape
    starts = np.arange(n_sweeps) * n_samples if starts is None else np.asarray(starts)
    lengths = np.full(n_sweeps, n_samples * n_channels)
    outputs = [_output(output) for output in outputs]
    texts = ["test"] + [text for channel in channels for text in channel]
    texts += [text for output in outputs for text in (output["name"], output["units"])]
    first_output_text = 2 + 2 * n_channels
    scale = {"fADCProgrammableGain": 1.0, "fInstrumentScaleFactor": ABF_SCALE, "fSignalGain": 1.0}
    epochs = [
        dict(
            zip(EPOCH_FIELDS, epoch, strict=True),
            nEpochNum=number,
            nDACNum=k,
            lEpochPulsePeriod=output["pulses"][0],
            lEpochPulseWidth=output["pulses"][1],
        )
        for k, output in enumerate(outputs)
        for number, epoch in enumerate(output["epochs"])
    ]
    protocol = {
        "nOperationMode": mode,
        "fADCSequenceInterval": 1e6 / rate,
        "lNumSamplesPerEpisode": n_samples * n_channels,
        "fADCRange": ABF_RANGE,
        "lADCResolution": ABF_RESOLUTION,
    }
    inputs = [
        {"nADCNum": k, "lADCChannelNameIndex": 2 + 2 * k, "lADCUnitsIndex": 3 + 2 * k} | scale
        for k in range(n_channels)
    ]
    dacs = [
        {
            "nDACNum": k,
            "fDACHoldingLevel": output["holding"],
            "nWaveformEnable": output["enabled"],
            "nWaveformSource": output["source"],
            "nInterEpisodeLevel": output["holds_last"],
            "lDACChannelNameIndex": first_output_text + 2 * k,
            "lDACChannelUnitsIndex": first_output_text + 2 * k + 1,
        }
        for k, output in enumerate(outputs)
    ]
    sections = {
        "ProtocolSection": (512, _records(axonrawio.protocolInfoDescription, 512, [protocol])),
        "ADCSection": (128, _records(axonrawio.ADCInfoDescription, 128, inputs)),
        "DACSection": (256, _records(axonrawio.DACInfoDescription, 256, dacs)),
        "EpochPerDACSection": (48, _records(axonrawio.EpochInfoPerDACDescription, 48, epochs)),
        "EpochSection": (32, bytes(32 * 10)),
        "UserListSection": (64, b"\0" * 64 if user_list else b""),
        "StringsSection": (1, b"SSCH\0\0" + "\0".join(texts).encode() + b"\0"),
        "DataSection": (2, samples.tobytes()),
        "SynchArraySection": (8, np.stack([starts, lengths], axis=1).astype("<i4").tobytes()),
    }
    header = bytearray(BLOCK)
    struct.pack_into("<4s4bII", header, 0, b"ABF2", 0, 0, 6, 2, BLOCK, n_sweeps)
    body = b""
    for name, (size, content) in sections.items():
        entry = 76 + 16 * axonrawio.sectionNames.index(name)
        bytes_each = len(content) if name == "StringsSection" else size
        first_block = 1 + len(body) // BLOCK
        struct.pack_into("<IIq", header, entry, first_block, bytes_each, len(content) // bytes_each)
        body += content + b"\0" * (-len(content) % BLOCK)
    path.write_bytes(bytes(header) + body)


EPOCH_FIELDS = (
    "nEpochType",
    "fEpochInitLevel",
    "fEpochLevelInc",
    "lEpochInitDuration",
    "lEpochDurationInc",
)


def _output(output):
    """An output of the stimulator; an epoch is (type, level, increment, samples, increment).

    `pulses` are their period and width, in samples; `holds_last` says that the last level is held until the
    next sweep.
    """
    defaults = {"name": "Cmd 0", "units": "pA", "holding": 0, "enabled": 1, "source": 1}
    return defaults | {"epochs": (), "pulses": (0, 0), "holds_last": 0} | output


def _records(description, size, entries):
    records = b""
    for values in entries:
        record, offset = bytearray(size), 0
        for name, form in description:
            if name in values:
                struct.pack_into("<" + form, record, offset, values[name])
            offset += struct.calcsize("<" + form)
        records += bytes(record)
    return records


def write_smr(path, channels):
    """Write a 32 bit Spike2 file.

    Each channel is a dict with a title and either ``times`` (an event channel), ``times`` and
    ``codes`` (a WaveMark channel with those marker codes), or ``pieces``, ``rate`` and ``units``
    (a sampled channel; pieces are (start, samples) pairs).
    """
    first_free = -(-(BLOCK + 140 * len(channels)) // BLOCK)
    headers, body, last_tick = [], b"", 0
    for number, channel in enumerate(channels):
        header, blocks = _smr_channel(channel)
        starts = first_free + len(body) // BLOCK + np.cumsum([0] + [_smr_size(b) for b in blocks])
        header["blocks"] = len(blocks)
        header["firstblock"], header["lastblock"] = starts[0], starts[max(len(blocks) - 1, 0)]
        for k, (start_tick, stop_tick, n_items, content) in enumerate(blocks):
            block = np.zeros(1, np.dtype(spike2rawio.blockHeaderDesciption))
            block["pred_block"] = starts[k - 1] if k else -1
            block["succ_block"] = starts[k + 1] if k + 1 < len(blocks) else -1
            block["start_time"], block["end_time"] = start_tick, stop_tick
            block["channel_num"], block["items"] = number + 1, n_items
            record = block.tobytes() + content
            body += record + b"\0" * (-len(record) % BLOCK)
            last_tick = max(last_tick, stop_tick)
        header["max_chan_time"] = last_tick
        headers.append((header.tobytes() + _smr_scale(channel)).ljust(140, b"\0"))
    head = np.zeros(1, np.dtype(spike2rawio.headerDescription))
    head["system_id"], head["copyright"], head["us_per_time"] = 9, b"(C) CED 87", 1
    head["time_per_adc"], head["dtime_base"], head["channels"] = 1, SMR_TICK, len(channels)
    head["chan_size"], head["max_ftime"] = 140, last_tick
    preamble = head.tobytes().ljust(BLOCK, b"\0") + b"".join(headers)
    path.write_bytes(preamble.ljust(first_free * BLOCK, b"\0") + body)


def _smr_channel(channel):
    """Header of a channel, and its blocks as (first tick, last tick, items, bytes)."""
    header = np.zeros(1, np.dtype(spike2rawio.channelHeaderDesciption1))
    title = channel["title"].encode()
    header["title"], header["comment"] = bytes([len(title)]) + title, b"\0"
    if "pieces" in channel:
        step = round(1 / channel["rate"] / SMR_TICK)
        header["kind"], header["l_chan_dvd"], header["ideal_rate"] = 1, step, channel["rate"]
        blocks = []
        for start, samples in channel["pieces"]:
            raw = np.round(np.asarray(samples) * 6553.6 / 100).astype("<i2")
            tick = round(start / SMR_TICK)
            blocks.append((tick, tick + (raw.size - 1) * step, raw.size, raw.tobytes()))
        return header, blocks
    ticks = np.round(np.asarray(channel["times"]) / SMR_TICK).astype("<i4")
    if "codes" in channel:
        header["kind"], header["n_extra"], header["l_chan_dvd"] = 6, 16, 50
        items = np.zeros(ticks.size, [("tick", "<i4"), ("marker", "<i4"), ("waveform", "<i2", 8)])
        items["marker"] = channel["codes"]
    else:
        header["kind"] = 3
        items = np.zeros(ticks.size, [("tick", "<i4")])
    items["tick"] = ticks
    if not ticks.size:
        return header, []
    return header, [(ticks[0], ticks[-1], ticks.size, items.tobytes())]


def _smr_size(block):
    return -(-(20 + len(block[3])) // BLOCK)


def _smr_scale(channel):
    """Scale, offset, unit and interleave of channels with waveforms, after the channel header."""
    if "pieces" not in channel and "codes" not in channel:
        return b""
    units = channel.get("units", "mV").encode()
    return struct.pack("<ff6sh", 100.0, 0.0, bytes([len(units)]) + units, 1)


def write_nev(path, times, units, rate=30000, n_points=48):
    """Write a Blackrock .nev file with sorted units of one electrode."""
    basic = struct.pack(
        "<8sBBHIIII8H32s256sI",
        *(b"NEURALEV", 2, 3, 1, 336 + 64, 8 + 2 * n_points, rate, rate),
        *(2026, 1, 4, 1, 0, 0, 0, 0, b"test", b"", 2),
    )
    waveform = struct.pack(
        "<8sHBBHHhhBBH8s", b"NEUEVWAV", 1, 1, 1, 250, 0, 0, 0, len(set(units)), 2, n_points, b""
    )
    label = struct.pack("<8sH16s6s", b"NEUEVLBL", 1, b"elec1", b"")
    fields = [("t", "<u4"), ("channel", "<u2"), ("unit", "u1"), ("_", "u1"), ("w", "<i2", n_points)]
    packets = np.zeros(len(times), fields)
    packets["t"], packets["channel"] = np.round(np.asarray(times) * rate), 1
    packets["unit"] = units
    path.write_bytes(basic + waveform + label + packets.tobytes())


def write_plx(path, times, units, rate=40000, n_points=16):
    """Write a Plexon .plx file with sorted units of one electrode."""
    ticks, units = np.round(np.asarray(times) * rate).astype("u8"), np.asarray(units)
    head = np.zeros(1, plexonrawio.GlobalHeader)
    head["MagicNumber"], head["Version"], head["NumDSPChannels"] = 0x58454C50, 106, 1
    head["ADFrequency"] = head["WaveformFreq"] = rate
    head["NumPointsWave"], head["NumPointsPreThr"], head["LastTimestamp"] = n_points, 4, ticks[-1]
    head["Year"], head["Month"], head["Day"] = 2026, 1, 4
    head["BitsPerSpikeSample"] = head["BitsPerSlowSample"] = 12
    head["SpikeMaxMagnitudeMV"], head["SlowMaxMagnitudeMV"], head["SpikePreAmpGain"] = 3000, 5000, 1000
    for unit in np.unique(units):
        head["TSCounts"][0, 5 + unit] = head["WFCounts"][0, 5 + unit] = np.sum(units == unit)
    electrode = np.zeros(1, plexonrawio.DspChannelHeader)
    electrode["Name"], electrode["Channel"], electrode["SIG"] = b"sig001", 1, 1
    electrode["Gain"], electrode["NUnits"], electrode["WFRate"] = 1, np.unique(units).size, rate
    blocks = np.zeros(ticks.size, [*plexonrawio.DataBlockHeader, ("waveform", "<i2", n_points)])
    blocks["Type"], blocks["Channel"], blocks["Unit"] = 1, 1, units
    blocks["UpperByteOf5ByteTimestamp"], blocks["TimeStamp"] = ticks >> 32, ticks & 0xFFFFFFFF
    blocks["NumberOfWaveforms"], blocks["NumberOfWordsInWaveform"] = 1, n_points
    path.write_bytes(head.tobytes() + electrode.tobytes() + blocks.tobytes())


def write_matlab_73(path, structs):
    """Write a MATLAB file of version 7.3: structs of texts and arrays, as (rows, columns)."""
    with h5py.File(path, "w", userblock_size=BLOCK) as file:
        for name, fields in structs.items():
            group = file.create_group(name)
            group.attrs["MATLAB_class"] = np.bytes_(b"struct")
            for field, value in fields.items():
                is_text = isinstance(value, str)
                array = np.array([list(map(ord, value))], "u2") if is_text else np.atleast_2d(value)
                item = group.create_dataset(field, data=array.T)
                item.attrs["MATLAB_class"] = np.bytes_(b"char" if is_text else b"double")
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM")


def spike2_structs():
    """A Spike2 export: a unit channel with codes, an event channel, a potential."""
    four_codes = [[1, 0, 0, 0], [2, 0, 0, 0], [1, 0, 0, 0]]
    column = {"comment": "made for a test", "resolution": 1e-6}
    waveform = {"interval": 1 / RATE, "scale": 1.0, "offset": 0.0, "units": "mV", "start": 0.5}
    return {
        "V1_Ch3": column
        | {"title": "U1", "times": [[0.7], [0.9], [1.25]], "codes": four_codes}
        | {"values": np.zeros((3, 8)), "interval": 5e-5, "units": "V"},
        "V1_Ch5": column | {"title": "stim", "times": [[0.6], [1.1]]},
        "V1_Ch1": column | waveform | {"title": "Vm", "values": SWEEPS[0][:, np.newaxis]},
    }
