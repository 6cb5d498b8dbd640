"""How a population is asked for: what the page lets choose, and what a result was made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import neo

MOST_MODELS = 5000  # on the page; Python functions make more
_LARGEST_SEED = 2**53  # beyond, numbers of a browser are not exact


@dataclass
class Settings:
    """The arguments of `reconstruct`, as the fields of the page hold them."""

    neuron: str = "stg"
    n_models: float | None = 200
    tolerance: float | None = 0.1
    prior: str = "mixture"
    seed: float | None = None
    capacitance: float | None = None  # pF, of a cell under current steps


@dataclass
class Comparing:
    """How two recordings are compared.

    Attributes
    ----------
    start, stop : float or None
        s, of a stretch of the recording before in which nothing was changed; None where it is left empty.
    two_channels : bool
        Whether two channels may have changed together.
    """

    start: float | None = None
    stop: float | None = None
    two_channels: bool = False


def complaint(name: str, value: float | None) -> str:
    """What is wrong with a number, in words; "" if nothing is.

    Parameters
    ----------
    name : str
        "n_models", "tolerance", "seed" or "capacitance", as in `Settings`.
    value : float or None
        None is an empty field.
    """
    if name == "n_models" and not _is_whole(value, 1, MOST_MODELS):
        return f"The number of models must be a whole number from 1 to {MOST_MODELS:,}."
    if name == "tolerance" and (value is None or not 0.01 <= value <= 0.5):
        return "The tolerance must be from 1 % to 50 %."
    if name == "seed" and value is not None and not _is_whole(value, 0, _LARGEST_SEED):
        return f"The seed must be a whole number from 0 to {_LARGEST_SEED:,}, or empty."
    if name == "capacitance" and value is not None and not 0 < value < float("inf"):
        return "The capacitance must be a positive number of pF, or empty."
    return ""


def _is_whole(value, low, high):
    return value is not None and low <= value <= high and value == int(value)


def arguments_of(settings: Settings, stepped: bool = False) -> tuple[dict[str, Any], str]:
    """Arguments of `reconstruct`, and what is wrong with the settings."""
    names = ("n_models", "tolerance", "seed") + (("capacitance",) if stepped else ())
    for name in names:
        if wrong := complaint(name, getattr(settings, name)):
            return {}, wrong
    import quantities as pq

    more = {"capacitance": settings.capacitance * pq.pF} if stepped and settings.capacitance else {}
    return {
        "neuron": settings.neuron,
        "n_models": int(settings.n_models or 0),
        "tolerance": settings.tolerance,
        "prior": "broad" if stepped else settings.prior,
        "seed": None if settings.seed is None else int(settings.seed),
    } | more, ""


def settings_of(block: neo.Block) -> Settings:
    """The settings that make a population again, as far as it says what it was made with."""
    from ...populations import provenance

    known = provenance(block)
    judged = known.get("verification") or known.get("steps") or {}
    prior = (judged.get("prior") or {}).get("name")
    settings = Settings(neuron=known["neuron"])
    settings.n_models = min(judged.get("n_wanted", block.annotations["n_members"]), MOST_MODELS)
    settings.tolerance = judged.get("tolerance", settings.tolerance)
    settings.seed = known.get("seed")
    if prior in ("mixture", "family", "broad"):
        settings.prior = prior
    if judged.get("capacitance", {}).get("source") == "given":
        settings.capacitance = judged["capacitance"]["value"]
    return settings


def differences(made: Settings, chosen: Settings) -> list[str]:
    """In words, what of the settings chosen now is not what a result was made with.

    A seed that is left empty asks for any, and differs from none.
    """
    told = []
    for name, label, unit, scale in _SHOWN:
        before, now = getattr(made, name), getattr(chosen, name)
        if before != now and not (name == "seed" and now is None):
            told.append(f"{label} {_shown(before, unit, scale)} (now {_shown(now, unit, scale)})")
    return told


#: Name, what it is called, its unit, and what it is multiplied by.
_SHOWN = (
    ("neuron", "neuron", "", 1),
    ("prior", "cells it could be:", "", 1),
    ("n_models", "number of models", "", 1),
    ("tolerance", "tolerance", " %", 100),
    ("seed", "seed", "", 1),
    ("capacitance", "capacitance", " pF", 1),
)


def _shown(value, unit, scale):
    if isinstance(value, str):
        return value
    return "left open" if value is None else f"{value * scale:.10g}{unit}"
