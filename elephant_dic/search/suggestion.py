"""Which of the installed neurons fire like a recording: a quick look, before or after a whole search."""

from __future__ import annotations

import math
import warnings
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, replace

import neo
import numpy as np

from ..arguments import check_seed
from ..inference import Inferred, infer
from ..neurons import NeuronModel, get_neuron, list_neurons, weights_folder
from ..trains import clean, recording_firing
from .candidates import Candidates
from .comparison import Comparison
from .irregularity import why_too_irregular

#: Relative difference at which a candidate counts as firing alike. A search corrects what is off by so much:
#: of 51 pairs of a recording and a neuron that it verified within 10 %, 47 had such a candidate, of 48 pairs
#: that it did not verify, three. Of the 51, 41 had one that was off by 10 % at most.
_LIKE = 0.3
#: Candidates of a neuron are simulated in batches of as many as the kernel has lanes: so many batches, or
#: fewer, so that together they take no longer than one of this length in ms.
_BATCH, _MOST_BATCHES, _LONGEST = 16, 3, 50_000.0


@dataclass(frozen=True)
class NeuronSuggestion:
    """How well a neuron may explain a recording, before any search.

    Attributes
    ----------
    neuron : str
    title : str
    in_domain : bool
        Whether the recording is like those that the neuron's network was trained on.
    domain_score : float
        Above 1 is outside.
    n_candidates : int
        Models that were simulated. None is where their firing would tell little or take long: for irregular
        recordings, which need current noise, and very slow ones; and where `reconstruct` would refuse the
        recording as chance or two cells.
    n_matching : int
        Those of them that fire like the recording within 30 %.
    """

    neuron: str
    title: str
    in_domain: bool
    domain_score: float
    n_candidates: int
    n_matching: int

    @property
    def share(self) -> float:
        """Share of the candidates that fire like the recording, 0 without any."""
        return self.n_matching / max(self.n_candidates, 1)

    @property
    def evidence(self) -> str:
        """What the candidates did, in words."""
        if not self.n_candidates:
            return "no candidates were simulated"
        return (
            f"{self.n_matching} of {self.n_candidates} first candidates fire like the recording within "
            f"{100 * _LIKE:.0f} %"
        )

    def describe(self) -> str:
        """Neuron, firing and domain in words."""
        place = "inside" if self.in_domain else "OUTSIDE"
        return (
            f"{self.neuron}: {self.evidence}; {place} what its network was trained on "
            f"(score {self.domain_score:.2f})"
        )


def suggest_neuron(
    spiketrain: neo.SpikeTrain | neo.Group, *, seed: int | None = None, executor: Executor | None = None
) -> list[NeuronSuggestion]:
    """Rank the installed neurons by how well they may explain a recording.

    Of each neuron up to 48 models with the DICs that its network infers are simulated, and compared with the
    recording within 30 %: what `reconstruct` begins with, and can correct. It takes about a second.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
        A train of at least 5 spikes, or the sweeps of one cell.
    seed : int, optional
        Of the models. With None a seed is drawn.
    executor : concurrent.futures.Executor, optional
        For the simulations. Default: threads, one a core. The result is the same with any.

    Returns
    -------
    list of NeuronSuggestion
        Best first: by the share of models that fire like the recording, in tenths, rounded up, as so few
        do not tell it closer; then by the domain score. Neurons without a trained network are left out.

    Raises
    ------
    TypeError, ValueError
        As in `infer_dics`; if no neuron has a network.

    Warns
    -----
    UserWarning
        For each neuron that is left out because it, or its network, is broken.

    Notes
    -----
    A ranking, not a proof: most neurons can fire single spikes at many rates, and what a recorded cell is
    its owner knows best.

    Examples
    --------
    >>> from elephant_dic import read_spiketrains, suggest_neuron
    >>> from elephant_dic.examples import example_path
    >>> (spiketrain,) = read_spiketrains(example_path())
    >>> best, *others = suggest_neuron(spiketrain)
    >>> best.neuron
    'stg'
    """
    seed, cell, found = check_seed(seed), clean(spiketrain).cell, []
    for neuron in filter(_has_network, map(get_neuron, list_neurons())):
        try:
            found.append(_looked_at(cell, neuron, seed, executor))
        except ValueError as error:  # the cell is checked: it is the network, or the library
            warnings.warn(f"left out: {error}", UserWarning, stacklevel=2)
    if not found:
        raise ValueError("none of the installed neurons has a trained network: install the package again")
    return sorted(found, key=lambda each: (-math.ceil(10 * each.share), each.domain_score))


def _has_network(neuron: NeuronModel) -> bool:
    folder = weights_folder(neuron)
    return folder is not None and (folder / f"{neuron.name}.json").is_file()


def _looked_at(cell, neuron: NeuronModel, seed, executor) -> NeuronSuggestion:
    """What the network says of a cell, and what some candidates do."""
    inferred = infer(cell, neuron)
    estimate, known = inferred.estimate, inferred.cell
    recording = recording_firing(known.times, neuron.training.window, known.duration)
    if recording.activity == "tonic":  # candidates without noise do not vary: the rate alone is compared
        recording = replace(recording, cv2=0.0)
    comparison = Comparison(neuron, recording, _LIKE, seed=seed, executor=executor)
    models = []
    if n := _n_candidates(comparison, inferred):
        draw = Candidates(neuron, estimate, np.random.default_rng(seed)).near(recording)
        with suppress(ValueError):  # no cell of the neuron has the DICs inferred
            models, _ = comparison.look(draw(n))
    n_matching = int(comparison.matches(models).sum())
    return NeuronSuggestion(
        neuron.name, neuron.title, estimate.in_domain, estimate.domain_score, len(models), n_matching
    )


def _n_candidates(comparison: Comparison, inferred: Inferred) -> int:
    """How many candidates are worth their time."""
    recording, training = comparison.recording, comparison.neuron.training
    if recording.activity not in ("tonic", "bursting"):
        return 0
    if why_too_irregular(recording, inferred.estimate.in_domain, inferred.foreign):
        return 0
    run = comparison.settings.search_transient * training.transient + comparison.duration
    return _BATCH * int(min(_MOST_BATCHES, _LONGEST / run))
