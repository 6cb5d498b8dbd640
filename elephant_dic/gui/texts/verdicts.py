"""In plain words: the verdict on a population, what its models are a sample of, what its DICs mean."""

from __future__ import annotations

import neo

from ...neurons import get_neuron, ranges_of
from ...search import Verification
from ...steps import StepVerification
from .words import DOUBTS, EFFECTS, NO_SAMPLE, OTHER_WAYS, SPREAD, number, signed


def verdict(block: neo.Block, ways_are_told: bool = False) -> tuple[str, str]:
    """Kind of the message, and in words whether the models of a population fire like the recording.

    Parameters
    ----------
    block : neo.Block
    ways_are_told : bool
        Whether it is said elsewhere what to try.
    """
    steps, n_members = StepVerification.of_block(block), block.annotations["n_members"]
    found = steps or Verification.of_block(block)
    if not found:
        return "info", f"{n_members:,} models, not verified."
    reason = found.reason
    doubt = DOUBTS.get(found.verdict, "")
    if ways_are_told:
        doubt = doubt.removesuffix(OTHER_WAYS).strip()
    parts = [f"{reason[:1].upper()}{reason[1:]}." if reason else "", doubt]
    if found.interrupted:
        parts[1] = "" if found.verdict == "partial" else "The models kept are the nearest so far."
    alike = f"all {n_members:,} models, simulated, fire like the recording"
    alike += " at every level" if steps else ""
    kind, text = {
        "verified": ("good", f"Verified: {alike}."),
        "verified, with doubts": ("warn", f"Verified, with doubts: {alike}, but {'; '.join(found.doubts)}."),
        "partial": ("warn", f"Partial: {found.n_matching:,} of {found.n_wanted:,} models found."),
        "not reproduced": ("bad", "Not reproduced."),
    }[found.verdict]
    if found.doubts and found.verdict != "verified, with doubts":
        parts.append(f"Doubts: {'; '.join(found.doubts)}.")
    return kind, " ".join(filter(None, (text, *parts)))


def sample(block: neo.Block) -> tuple[str, str]:
    """What the models are drawn from, in a sentence, and how to take them, with figures; "" if not known."""
    steps = StepVerification.of_block(block)
    if steps and steps.sample:
        effective = steps.sample["effective_size"]
        return steps.describe_sample, (
            f"{steps.sample['n_fitting']:,} cells fit; some count more than others, and together they say as "
            f"much as {effective:.0f} drawn evenly. {SPREAD}"
        )
    found = Verification.of_block(block)
    told = found.describe_sample if found else ""
    if not found or not told:
        return "", ""
    drawn = found.sample
    if drawn is None:
        return told, NO_SAMPLE
    shares = [f"{100 * share:.0f} % {name}" for name, share in drawn["shares"].items()]
    parts = f"Shares of all such cells: {', '.join(shares)}. " if len(shares) > 1 else ""
    return told, (
        f"{sum(drawn['n_matching'].values()):,} of {drawn['n_drawn']:,} cells drawn fire like the recording; "
        f"some count more than others, and together they say as much as {drawn['effective_size']:.0f} drawn "
        f"evenly. {parts}{SPREAD}"
    )


def describe_dics(estimate) -> str:
    """What the mean of an estimate means, of the DICs in which its neuron is trained."""
    training = get_neuron(estimate._neuron).training
    parts = []
    for name, row in zip(training.target_names, training.target_rows, strict=False):
        value, std = estimate.mean[row], estimate.std[row]
        sign = "negative" if value < 0 else "positive"
        parts.append(EFFECTS[name][sign].format(shown=f"{name} = {signed(value, 1)}"))
        low, high = training.targets[name]
        if std > 0.075 * (high - low):
            parts.append(
                f"The spikes hardly tell {name} (± {std:.1f}): many values give the same train, and the "
                "models will span them."
            )
    return " ".join(parts)


def ranges(neuron) -> str:
    """The ranges of a neuron's conductances, in words."""
    bounds = zip(neuron.channels, ranges_of(neuron, neuron.broad), strict=True)
    listed = ", ".join(f"{channel.name} {number(low)} to {number(high)}" for channel, (low, high) in bounds)
    return f"Ranges of {neuron.name} in mS/cm²: {listed}."
