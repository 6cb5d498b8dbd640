"""`elephant-dic inspect`: what a recording holds."""

from __future__ import annotations

import warnings

import numpy as np

from ..recordings import detect_extracellular_spikes, find_spikes, inspect_recording, read_signals
from .arguments import PICTURE_SUFFIXES
from .common import check_output, name_or_index, quantity, save_picture
from .lines import count, count_kinds, print_quality, print_table, print_wrapped


def run(args):
    check_output(args.plot, PICTURE_SUFFIXES, args.file)
    items = inspect_recording(args.file, time_unit=args.time_unit)
    print(f"{args.file.name}: {count_kinds(items)}")
    print_signals([item for item in items if item.kind == "signal"])
    for kind, title in (("unit", "Sorted units"), ("events", "Event channels")):
        print_trains(title, [item for item in items if item.kind == kind])
    if args.plot:
        _plot_detection(args, items)


def print_signals(items):
    if not items:
        return
    print("\nSignals")
    rows = [(item.name, item.units, f"{item.sampling_rate.magnitude:g} Hz", *_extent(item)) for item in items]
    print_table(("name", "unit", "sampled at", "sweeps", "duration"), *rows)
    for item in items:
        _print_stimuli(item)


def _print_stimuli(item):
    """Print what the stimulator did during a signal, sweep by sweep if it was not always the same."""
    different = set(item.stimuli)
    if different == {None}:
        return
    if len(different) == 1:
        print_wrapped(f"  stimulus of {item.name}: {item.stimuli[0]}", indent="    ")
        return
    print(f"  stimuli of {item.name}:")
    for sweep, stimulus in enumerate(item.stimuli):
        print_wrapped(f"    sweep {sweep}: {stimulus or 'not known'}", indent="      ")


def print_trains(title, items):
    if not items:
        return
    print(f"\n{title}")
    rows = [
        (
            item.name, item.channel or "", f"{item.n_spikes:,}", f"{item.rate.magnitude:.4g} Hz",
            "" if np.isnan(item.cv2) else f"{item.cv2:.2f}", *_extent(item),
        )
        for item in items
    ]  # fmt: skip
    print_table(("name", "channel", "spikes", "rate", "CV2", "sweeps", "duration"), *rows)
    for item in items:
        if item.quality and item.quality.reasons:
            print_quality(item.quality, f"  {item.name} is ")


def _extent(item):
    return str(item.n_sweeps), f"{item.duration.magnitude:.4g} s"


def _plot_detection(args, items):
    """Draw the first of the traces chosen, the threshold, and the spikes detected in it."""
    from ..plots import plot_detection

    signals = read_signals(args.file, channel=name_or_index(args.channel, items), sweep=args.sweep)
    signal, level = signals[0], quantity(args.threshold, "mV")
    if args.extracellular:
        train = detect_extracellular_spikes(signal, level)
    else:
        train, remarks = find_spikes(signal, level)
        for remark in remarks:
            warnings.warn(remark, UserWarning, stacklevel=2)
    level, reason = train.annotations.get("threshold"), train.annotations["threshold_reason"]
    print(f"\nDetected in {signal.name}, sweep {signal.annotations['sweep']}: {count(len(train), 'spike')}")
    found = "none" if level is None else f"{level.rescale('mV').item():.4g} mV"
    print_wrapped(f"Threshold: {found}, {reason}")
    save_picture(plot_detection(signal, train).figure, args.plot, dpi=150)
    print(f"Written: {args.plot} (picture)")
