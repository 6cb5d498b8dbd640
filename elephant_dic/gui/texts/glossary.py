"""What the help says: how the page works, what its words mean, what it does not read."""

from __future__ import annotations

NO_FORMATS = (
    "Not read: HEKA .dat and LabChart .adicht (export Igor waves), Plexon .pl2 (its reader runs code), .xlsx "
    "(save as .csv), pickles (they can run any code).",
)
HELP = (
    "Open a recording, look at its spikes, choose a neuron and run: models are searched for that fire like "
    "your cell, simulated, and compared with it one by one. What you see stays here: files go to the program "
    "that serves this page and nowhere else, and are removed some ten minutes after you have closed it.",
    "Loading the page again, or going back to it, loses nothing: what you opened and found stays with this "
    "tab, and a run goes on meanwhile. Other tabs are visits of their own.",
    "No spike train tells the channels of a cell for sure. Read the verdict and its doubts before the "
    "numbers.",
)
CITING = (
    "Cite the method, the neuron that you used, and this program. Of the population that is shown, the "
    "references are its own; without one, those of all neurons."
)
#: Word, and what it means, in the order of the page.
GLOSSARY = (
    ("Spike train", "the times at which a cell fired."),
    ("Sweep", "a stretch of recording without a pause, as the rig took it; a cell may have many."),
    ("Unit", "the spikes that spike sorting gives to one cell."),
    ("Threshold", "the membrane potential through which a spike rises; it tells spikes from the rest."),
    ("CV2", "how much neighbouring intervals between spikes differ: 0 for a clock, 1 for chance."),
    ("Tonic, bursting, irregular", "single spikes at regular intervals; groups of spikes; neither."),
    (
        "Conductance",
        "how well a membrane conducts ions. A maximal conductance, such as g_Na, is that of all channels of "
        "a kind, were they open at once; how many channels a cell has decides it.",
    ),
    (
        "Dynamic input conductance (DIC)",
        "what all channels together do to the membrane on one time scale: fast (g_f), slow (g_s) or "
        "ultraslow (g_u). Negative ones push the potential on the way it goes, positive ones hold it back.",
    ),
    (
        "Effective DICs",
        "those with which the neuron's reference family fires like the recording. A cell from outside of "
        "that family can have others and fire alike.",
    ),
    ("Model", "a cell in the computer: the equations of a neuron, with conductances of its own."),
    ("Neuron", "a kind of cell: which channels it has and how they work. You choose it."),
    (
        "Population",
        "many models, each with other conductances, that all fire like the recording. That there are many is "
        "called degeneracy: the spikes alone do not tell which one your cell is.",
    ),
    (
        "Prior",
        "“Cells it could be”: of which cells the models are drawn. Another prior gives another population.",
    ),
    ("Sample", "models drawn such that a cell that is twice as likely comes twice as often."),
    (
        "Verified",
        "every model was simulated, and fires like the recording within the tolerance. “With doubts” names "
        "what speaks against it all the same; “partial”: fewer models than asked for do; “not reproduced”: "
        "none does.",
    ),
    ("Tolerance", "by how much a model's rate, burst duration and so on may differ from the recording's."),
    ("Current noise", "noise injected into the models where the recording varies more than they would."),
    (
        "Out of the range",
        "the recording is unlike all that the neuron's network was trained on: its DICs are not to be "
        "trusted.",
    ),
    ("Seed", "the number from which all random numbers follow: the same seed gives the same models."),
)
