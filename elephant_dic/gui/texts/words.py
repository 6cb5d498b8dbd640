"""What the page says: explanations, and plain words for verdicts."""

from __future__ import annotations

import math
import re

INTRODUCTION = (
    "From the spike times of one neuron to many models of it, each with other amounts of its ion "
    "channels, that all fire like your recording. Work through the page from top to bottom."
)
OPEN = (
    "A file with the spikes or the membrane potential of a cell, the folder of a spike sorter, or a "
    "population saved before."
)
FORMATS = (
    "Patch-clamp rigs: Axon .abf, WinWCP .wcp, AxoGraph .axgd and .axgx, Igor .ibw and .pxp. Units and "
    "events: Spike2 .smr and its exports .mat and .txt, NWB .nwb, NIX .nix, NeuroExplorer .nex and .nex5, "
    "Neuralynx .nse, .ntt, .nev and .ncs, MClust .t, CellExplorer and wave_clus .mat, Plexon .plx, Blackrock "
    ".nev. Tables of spike times .csv, .txt and .tsv, arrays .npy, and what else neo reads. Folders of "
    "phy, Kilosort, spikeinterface, MClust and Neuralynx: chosen as such, as several files, or packed as "
    ".zip. Or a population saved before: .nix, .nwb, .csv or .mat."
)
UNDER_STEPS = (
    "Sweeps under current steps: models are found that fire like the cell at every level, under the current "
    "as it was. A level is a current that stays for a while; the holding current is rest."
)
NO_CAPACITANCE = (
    "The capacitance, by which currents become current densities, is not known: no hyperpolarising step "
    "tells it. Give it below."
)
KNOWN_CAPACITANCE = "Capacitance: {value} pF, as the recording says. Give another one below if you know it."
CAPACITANCE = (
    "Capacitance: {value} pF, from the hyperpolarising steps of {n} sweeps; a membrane that "
    "rectifies biases it. Give another one below if you know it."
)
LEVELS = (
    "Dots: the recording, with what is allowed; hollow ones are not compared. Shades: a half and nine tenths "
    "of the models."
)
THRESHOLD = (
    "Spikes of a membrane potential are found in each sweep by itself: each peak that rises by 20 mV and "
    "falls back within 5 ms is one. The threshold of a sweep lies halfway between these peaks and the "
    "troughs next to them; a peak that a drift or a current keeps from rising through it has one of its own. "
    "A threshold that you give holds for all sweeps: a spike is counted where the potential rises through it."
)
#: What arguments of `read_spiketrains`, which messages name, are called on the page.
FIELDS = {
    "time_unit": "Unit of the times",
    "t_start": "Start of what is read",
    "t_stop": "End of what is read",
    "channel": "Channel",
    "threshold": "Threshold",
    "sweep": "Sweeps",
    "extracellular": "It is an extracellular trace",
    "events": "Read event channels as spikes",
}
_ARGUMENTS = re.compile(rf"\b({'|'.join(FIELDS)})=(?:True)?|\btime_unit\b")
TABLE = "A table of spike times does not say its unit: choose it. Times start at 0 unless you give a start."
BURSTS = "Each tick is a spike, each bar below them a burst."
NO_BURSTS = "Each tick is a spike. No bursts were found."
TRACE = (
    "Zoom with the wheel or the keys + and −, move by dragging or with the arrow keys. To choose the stretch "
    "that is read, hold shift while you drag, or switch it on; the fields above follow. {potential}A click "
    "on a spike (tick) rejects it, one on a cross takes it back: rejected spikes are left out of all that "
    "follows, and written down with the results."
)
TRACE_POTENTIAL = (
    "If a spike has no tick, or there are ticks that are no spikes, drag the threshold (dashed line), or "
    "give one above. "
)
SILENT_TRACE = (
    "The potential of a sweep, in which no spike was found. If it has spikes, give a threshold below their "
    "peaks; a dashed line can be dragged there."
)
REJECTED = "{n} {spikes} rejected"
ALL_CELLS = (
    "Runs every cell of the file by itself with these settings, several at a time. A click on a row shows "
    "the models of a cell below."
)
UNITS = "Each row is a cell; a click chooses it. The line is its rate over time."
ISI_HISTOGRAM = (
    "Intervals between neighbouring spikes. Two humps far apart mean bursts: short intervals within "
    "them, long ones between them; a dashed line divides them. The axis is logarithmic."
)
RETURN_MAP = (
    "Each interval against the one before it. One tight cloud: regular firing. Clouds off the dotted "
    "line: bursts. A wide scatter: irregular firing."
)
ACTIVITIES = {
    "silent": "Silent: fewer than three spikes.",
    "tonic": "Tonic: single spikes at regular intervals.",
    "bursting": "Bursting: groups of spikes with pauses between them.",
    "irregular": "Irregular: intervals vary too much for either regular spikes or regular bursts.",
}
QUALITY = {
    "good": "Nothing speaks against this being the spikes of one cell, all of them, each once.",
    "doubtful": "Doubtful as the spikes of one cell: {reasons}. The DICs are less certain than they look.",
    "bad": "Not to be taken for the spikes of one cell: {reasons}. Sort or detect them again, "
    "and do not trust the DICs.",
}
FIGURES = {
    "rate": ("Rate", "intervals a second; of an irregular cell, spikes a second of the whole recording"),
    "cv2": (
        "CV2",
        "how much neighbouring intervals differ: 0 if they are all equal, 1 if they have nothing to do with "
        "each other",
    ),
    "spikes_per_burst": ("Spikes per burst", "mean"),
    "burst_rate": ("Burst rate", "bursts a second: 1 over the median time from onset to onset"),
    "burst_duration": ("Burst duration", "from the first to the last spike, median"),
    "intra_burst_rate": ("Rate within bursts", "intervals a second within a burst, median"),
    "isi_10": ("Short intervals", "one interval in ten is shorter"),
    "isi_50": ("Median interval", "half of the intervals are shorter"),
    "isi_90": ("Long intervals", "one interval in ten is longer"),
}
ALIKE = "By these figures models are compared with the recording."
SETTINGS = {
    "neuron": "The kind of cell the models are made of: its channels and how they work.",
    "n_models": "How many models to find.",
    "capacitance": (
        "Of the cell, by which currents become current densities. Empty: as hyperpolarising steps tell."
    ),
    "tolerance": (
        "A model fires like the recording if each of its figures (rate, burst duration, …) is within "
        "this share of the recording's."
    ),
    "prior": (
        "The models are drawn from those of these cells that fire like the recording; other cells give other "
        "models. Ranges of your own can be given in Python and on the command line."
    ),
    "seed": "A number that makes the run repeatable. Leave it empty and one is drawn and written down.",
}
#: The priors of `reconstruct`, each with when to take it.
PRIORS = {
    "mixture": (
        "half cells of the neuron's reference family, half any conductances in its ranges: if you do not "
        "know whether your cell is of that family."
    ),
    "family": "the neuron's reference family alone: sharper if your cell is one of it, wrong if it is not.",
    "broad": "any conductances in the neuron's ranges, each on its own: if your cell can be any.",
}
RANKING = (
    "Simulates a few models of each neuron, a second's work, and chooses the one of which most fire like the "
    "recording. What you know of the cell counts more."
)
CARDS = (
    "The range of firing is that of 98 % of the cells that its network was trained on. The trace is that of "
    "a cell of its reference family; the bar is half a second. “Which neuron?” tries them all with your "
    "recording."
)
RANKING_GOES_ON = "Simulating a few models of each neuron …"
DICS = (
    "Dynamic input conductances (DICs) sum up what all ion channels together do to the membrane on "
    "three time scales: fast (g_f, the upstroke of a spike), slow (g_s, between spikes) and ultraslow"
    " (g_u, between bursts). Negative values push the voltage further the way it goes, positive ones "
    "hold it back. They are divided by the leak conductance and have no unit."
)
EFFECTIVE = (
    "These are effective DICs: those with which the reference population of the chosen neuron fires like "
    "this train. A cell outside of it can have others."
)
NOT_INFERRED = "This population holds no DICs inferred from spikes; those of its models are below."
OWN_DICS = "A model's own DICs follow from its conductances; 90 % of the models lie between 5 % and 95 %."
BESIDE = (
    " The effective ones beside them are what the network inferred: those with which the neuron's reference "
    "population fires like this train. Models from outside of it that fire alike can have others."
)
SPREAD = "The spread of the models is what the spikes leave open, not how cells differ from animal to animal."
NO_SAMPLE = (
    "The spread of the models is not what the spikes leave open: cells that fire alike can lie beyond all of "
    "them, yours as well."
)
CONTOURS = "Within the thick line lies half of the probability, within the thin one 90 %. "
REGIONS = (
    "Colours: what cells of the neuron's reference population do with such DICs; white where it has none."
)
THIRD = "This DIC is inferred and shown; it is not imposed on the models."
#: What a DIC does, by its sign.
EFFECTS = {
    "g_f": {
        "negative": "A negative fast DIC ({shown}) drives the upstroke of spikes.",
        "positive": "A positive fast DIC ({shown}) holds the membrane back where spikes begin.",
    },
    "g_s": {
        "negative": "A negative slow DIC ({shown}) keeps the cell depolarised after a spike, so that another "
        "follows: it favours bursts.",
        "positive": "A positive slow DIC ({shown}) pulls the cell back after each spike: it favours single "
        "spikes.",
    },
    "g_u": dict.fromkeys(
        ("negative", "positive"),
        "The ultraslow DIC ({shown}) sets how strongly firing is ended and spaced out.",
    ),
}
MODEL_TABLE = (
    "Maximal conductances in mS/cm². “Fires alike”: whether the model, simulated, fires like the recording "
    "within the tolerance."
)
CONDUCTANCE_TABLE = "Maximal conductances in mS/cm²; 90 % of the models lie between the outer columns."
CONDUCTANCES = (
    "Each dot is one model. Every maximal conductance is divided by its median, which stands below it"
    " with its unit; so 2 is twice the usual amount of that channel."
)
CORRELATIONS = (
    "How the channels go together over the models: +1 where more of one always comes with more of the"
    " other, −1 where it comes with less, 0 where they are independent."
)
MODELS = (
    "Tick up to six models in the table to see how they fire, under the recording's spikes, and what "
    "they are made of."
)
OTHER_WAYS = (
    "Check the unit of the times and the threshold. Use a stretch in which the cell fires steadily "
    "and alone, without injected current. “Which neuron?” tells whether another one "
    "fires like that."
)
RESULTS_GO = (
    "The results of {name} are in no file of yours yet. They give way to another recording, and stay in the "
    "list at the end of the page until you close it. Go on?"
)
CHANGE = (
    "A conductance times 0 is blocked, times 0.5 halved. The changed models are simulated and shown like any "
    "others; they need not fire like the recording any more, and are not compared with it."
)
LIVE = (
    "How {n} of the models fire: on the left as they are, on the right with the change, below the spikes of "
    "the recording. The picture follows the slider; the button changes all models."
)
COMPARE = (
    "Which channel can explain what differs between this recording and another one of the same cell, as "
    "before and after a drug? Each channel of the models is scaled, from none of it to four times, and "
    "simulated: how often, and with which factors, do the models then fire like the other recording?"
)
COMPARE_NEEDS = (
    "Appears for models that were simulated and fire like the spikes of a recording that is there: at least "
    "{n} of them."
)
CONTROL = (
    "If there is a stretch of the recording before in which nothing was changed, such as one before a "
    "vehicle, give it: by as much as it differs, recordings differ anyway. It may be left empty."
)
TWO_CHANNELS = "Two channels may have changed together (takes five to ten times as long)"
OVERLAP = "The two stretches have {seconds} s in common: what differs is less than it seems."
LIKELY = (
    "Channels that together are as probable as {level}: these cannot be told apart. “What remains” is the "
    "median of the factor. The leak is not among them: all others are relative to it."
)
PAIRS = (
    "Pairs are models that fire like the recording before, each with what remains of its conductances, so "
    "that it fires like the one after."
)
MOVED = (
    "DICs of the pairs: the median, and between what nine tenths of them lie. The difference is that within "
    "a pair; so it is known better than that of two estimates."
)
VISIT = (
    "Tick one to name it or to show it again, with its spikes and its settings, from which it can be run "
    "again; tick several to see them side by side."
)
VISIT_COLUMNS = {
    "number": "No.", "name": "Name", "verdict": "Verdict", "models": "Models", "saved": "In a file of yours"
}  # fmt: skip
COMPARED = (
    "Effective DICs: mean and standard deviation. The others: the median of the models and, in brackets, "
    "between what nine tenths of them lie. Populations whose ranges overlap need not differ."
)
REMOVED = "The results of {name} are in no file of yours. Remove them for good?"
OTHER_SETTINGS = (
    "These results are of other settings than those chosen now: {}. Run again to have those chosen."
)
DOUBTS = {
    "partial": (
        "Fewer models than asked for fire like the recording. A larger tolerance, or another neuron, "
        "may give more; those found are good ones."
    ),
    "not reproduced": (
        "No model of this neuron fires like the recording; the models kept are the nearest. "
        "Do not take their conductances for those of your cell. " + OTHER_WAYS
    ),
    "not verified": "The models have DICs that the train allows; none was simulated and compared with it.",
}


def quality(found) -> tuple[str, str]:
    """Kind of the message, and in words whether a train is the spikes of one cell."""
    kind = {"good": "good", "doubtful": "warn", "bad": "bad"}[found.verdict]
    return kind, QUALITY[found.verdict].format(reasons="; ".join(found.reasons))


def quality_figures(found) -> str:
    """The figures behind the verdict on a unit."""
    low, high = found.contamination_limits
    parts = [
        f"{found.n_doublets} intervals below 0.5 ms (a spike detected twice)",
        f"{found.n_violations} from 0.5 to 1.5 ms (too short for one cell: spikes of another)",
        f"so {100 * low:.2g} to {100 * high:.2g} % of the spikes may be another cell's",
        f"{found.n_pauses} pauses, {100 * found.pause_share:.2g} % of the time",
    ]
    if math.isfinite(found.missing):
        parts.append(f"{100 * found.missing:.2g} % of the spikes too small to be detected")
    if math.isfinite(found.rate_drift):
        parts.append(f"rate drifts by {signed(100 * found.rate_drift, 0)} % from start to end")
    return "; ".join(parts) + "."


def with_fields(text) -> str:
    """A message in which arguments of functions are called like the fields of the page."""
    named = _ARGUMENTS.sub(lambda match: f"“{FIELDS[match[1] or 'time_unit']}”", text)
    return named.replace("pass “", "give “")


def signed(value, decimals=2) -> str:
    """A number with a minus sign that is as wide as a plus sign."""
    return f"{value:.{decimals}f}".replace("-", "−")


def number(value, digits=4) -> str:
    """A number in few digits without exponent."""
    import numpy as np

    return np.format_float_positional(value, precision=digits, fractional=False, trim="-")
