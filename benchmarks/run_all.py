"""Runs the benchmarks and writes docs/benchmarks.md: what each claims, what it printed, where and when.

    python benchmarks/run_all.py                     # all of them, hours
    python benchmarks/run_all.py accuracy bursts     # these; of the others the page keeps what it has
    python benchmarks/run_all.py --quick             # small samples, minutes; the page says so
    python benchmarks/run_all.py --list

A benchmark that fails leaves what the page has of it, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
PACKAGES = ("elephant_dic", "neo", "elephant", "numpy", "scipy", "numba", "tensorflow", "keras")
_SECTION = re.compile(r"^% begin (\w+)\n(.*?)^% end \1\n", re.S | re.M)

INTRODUCTION = """# Benchmarks

Every figure on this page was printed by a script in `benchmarks/`, which you can run; `benchmarks/run_all.py`
wrote the page. Each section says when and on which machine. "Published" are the figures of the network and
the method that {cite:t}`brandoit2026` released, measured in the same way. Times of different sections cannot
be compared where machine or load differ.
"""


@dataclass(frozen=True)
class Benchmark:
    """A script, and what it claims.

    Attributes
    ----------
    name : str
        Of the script, without suffix.
    title, claim : str
    arguments, quick : tuple of str
        For a whole run, and for one with small samples. ``{folder}`` is a folder for large files.
    more : tuple of tuples of str
        Arguments of further whole runs, whose results stand below.
    """

    name: str
    title: str
    claim: str
    arguments: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    more: tuple[tuple[str, ...], ...] = ()

    @property
    def path(self) -> Path:
        return HERE / f"{self.name}.py"


BENCHMARKS = (
    Benchmark(
        "reproduction",
        "Do the models fire like the recording?",
        "Share of models whose class is that of the recording and whose figures are all within 10 % of it, "
        "judged by a finer and longer simulation than the package's own.",
        ("--folder", "{folder}/reproduction", "--verdicts"),
        ("--quick",),
        (("--folder", "{folder}/reproduction", "--rows", "STG uniform", "--targets", "400", "--timed", "0"),),
    ),
    Benchmark(
        "truth",
        "Do populations contain the cell, and predict what it does?",
        "Cells of which all is known: whether their conductances lie in the members' ranges, and whether the "
        "members tell what the cell does with a conductance halved or under a current.",
        ("{folder}/truth",),
        ("{folder}/truth-quick", "--neurons", "stg", "--cells", "2"),
        (("{folder}/truth", "--neurons", "stg", "--kinds", "broad", "--prior", "broad"),),
    ),
    Benchmark(
        "sbi_peer",
        "Beside neural posterior estimation",
        "Share of samples that fire like the recording, their diversity and the time they take: this package "
        "and neural posterior estimation (sbi) on the same features of the same cells.",
        ("{folder}/stg",),
        ("{folder}/stg-quick", "--cells", "4000", "--strangers", "2000", "--targets", "2", "--epochs", "5"),
    ),
    Benchmark(
        "accuracy",
        "Error of the inferred DICs",
        "Mean absolute error of the mean of the estimate, on cells that the networks never saw, from "
        "trains as they are and damaged ones.",
        ("{folder}/cells",),
        ("{folder}/cells-quick", "--cells", "200"),
    ),
    Benchmark(
        "calibration",
        "Do the intervals hold what they say?",
        "Share of cells whose DICs lie in the central interval of their estimate, against its probability.",
        ("{folder}/cells",),
        ("{folder}/cells-quick", "--cells", "200"),
    ),
    Benchmark(
        "integrators",
        "Does it matter what made the spike times?",
        "Error and coverage for spike times of the same cells by this package at four time steps, by other "
        "integrators, and as sampled from 1 µs to 0.2 ms.",
        ("{folder}/integrators",),
        ("{folder}/integrators-quick", "--cells", "30"),
    ),
    Benchmark(
        "verdicts",
        "What is said of recordings that may fool",
        "Verdict, doubts and reason for trains constructed to fool, and for real recordings.",
    ),
    Benchmark(
        "domain",
        "Are foreign trains noticed?",
        "How well the domain score tells trains of the neuron from others, and how many good ones it flags.",
        ("{folder}/cells",),
        ("{folder}/cells-quick", "--cells", "200"),
    ),
    Benchmark(
        "floor",
        "How small can the error be?",
        "The spread of DICs among simulated cells that fire alike: no method that sees spikes alone can do "
        "better on steady trains. The cells are the training sets of the networks "
        "(`elephant-dic train stg --out FOLDER/stg`, and da).",
        ("stg={folder}/stg/set", "da={folder}/da/set", "--evaluation", "{folder}/cells"),
    ),
    Benchmark(
        "ablation",
        "What the features are worth",
        "Small networks, each without one group of features, on a part of the same training set. Each was "
        "trained once and briefly: small differences are chance.",
        ("{folder}/stg/set",),
    ),
    Benchmark(
        "inference_speed",
        "From spike trains to DICs",
        "Time of one train and of many, warm.",
        (),
        ("--trains", "500", "--repeats", "1"),
    ),
    Benchmark(
        "over_time",
        "DICs over time",
        "Error and lag on cells whose slow DIC is known at each time, steps that are found, false change "
        "points on stationary cells.",
        (),
        ("--cells", "4", "--stationary", "10"),
    ),
    Benchmark(
        "changes",
        "What changed between two recordings",
        "Cells of which all is known, before and after one conductance is scaled: how often "
        "`identify_changes` names it first, how often it is in the set of 90 %, whether the interval of its "
        "factor holds, and how often a change is found where there is none.",
        ("{folder}/changes", "--neurons", "stg", "--cells", "14"),
        ("{folder}/changes-quick", "--neurons", "stg", "--cells", "2", "--conditions", "as they are"),
        (("{folder}/changes", "--neurons", "da", "--cells", "10", "--conditions", "as they are"),),
    ),
    Benchmark(
        "groups",
        "Groups of cells",
        "How often conditions are said to differ that do not, with cells nested in few animals, and how "
        "often differences are found: by `compare_groups`, by Welch's t test of the animals' means "
        "(animals), by the t test of cells as if each were of another animal (cells), both of pairs where "
        "there are pairs, and by the z test of a mixed model with an intercept for each animal (MixedLM). "
        "In brackets standard errors.",
        (),
        ("--repeats", "20", "--experiments", "10"),
    ),
    Benchmark(
        "quality",
        "Missing and contaminating spikes",
        "What the quality measures of a unit say, and what missing and false spikes do to its DICs.",
        (),
        ("--cells", "20"),
    ),
    Benchmark(
        "bursts",
        "Finding bursts",
        "Five rules on simulated cells whose bursts are known.",
        (),
        ("--cells", "20"),
    ),
    Benchmark(
        "neurons",
        "Each neuron",
        "What the network and the populations of each neuron are worth on cells that training never saw, how "
        "fast it is simulated, and how large its files are.",
        ("--folder", "{folder}/neurons"),
        ("--folder", "{folder}/neurons-quick", "--targets", "2", "--models", "10"),
    ),
    Benchmark(
        "steps",
        "Cells under current steps",
        "Simulated cortical cells at six levels of a current: how many give 50 models that fire like them at "
        "every level, how long it takes, whether the true conductances are among theirs, and whether they "
        "fire right at a level that was left out.",
        ("{folder}/steps", "--cells", "24"),
        ("{folder}/steps-quick", "--cells", "3", "--models", "10", "--pool", "300"),
    ),
    Benchmark(
        "irregular_trains",
        "Dopamine neurons as in the living animal",
        "Verdicts on trains constructed from the figures of recorded units.",
        (),
        ("--duration", "30", "--models", "10"),
    ),
    Benchmark(
        "pyloric",
        "Real pyloric units",
        "How many models of the pyloric neuron are found that fire like recorded units.",
    ),
    Benchmark(
        "pipeline_speed",
        "From a spike train to a population",
        "The parts one after the other in one process, warm.",
    ),
    Benchmark(
        "simulator",
        "The simulator",
        "Speed and error of the spike times beside other simulators of the same equations.",
        quick=("--neuron", "stg", "--cells", "20", "--slow-cells", "2"),
        more=(("--scaling",),),
    ),
    Benchmark(
        "batch",
        "Many cells at once",
        "Time a cell against the number of cells.",
        (),
        ("--most", "100"),
    ),
    Benchmark(
        "exports",
        "In other simulators",
        "Spike times of exported cells of each neuron, run by the command of their README: largest "
        "difference (ms) from tight adaptive solutions, from this package's simulator and from golden "
        "values. Simulators are those of the interpreters that the variables NEURON_PYTHON, NEUROML_PYTHON, "
        "BRIAN2_PYTHON and ARBOR_PYTHON name; the dynamic clamp needs a C compiler.",
        (),
        ("pituitary", "--targets", "dynamic-clamp", "--cells", "1"),
        (("--clamp",),),
    ),
    Benchmark(
        "session",
        "A session of ten thousand units",
        "Seconds, and memory of the calling process, when all units of many files are reconstructed through "
        "dask, without simulations.",
        ("many", "{folder}/session"),
        ("many", "{folder}/session-quick", "--units", "200"),
    ),
    Benchmark(
        "startup",
        "Start-up and memory",
        "New processes, from their start to their end.",
        (),
        ("--repeats", "1"),
    ),
    Benchmark(
        "gui_speed",
        "The page in the browser",
        'From the command to a page that can be used, and from "Run" to a verified population.',
        (),
        ("--servers", "1", "--runs", "1"),
    ),
    Benchmark(
        "executors",
        "Two workers",
        "How well simulations spread over threads, processes, dask and MPI; the results are the same.",
        (),
        ("--seconds", "5", "--repeats", "1", "--kinds", "threads", "processes"),
    ),
)


def run(benchmark, folder, quick):
    """The section of the page, or None if the script failed."""
    small = quick and bool(benchmark.quick)
    lines = [f"## {benchmark.title}\n", benchmark.claim + "\n"]
    if small:
        lines.append("**A quick run: small samples, wide errors.**\n")
    for chosen in (benchmark.quick,) if small else (benchmark.arguments, *benchmark.more):
        printed = run_once(benchmark, chosen, folder)
        if printed is None:
            return None
        lines += printed
    return "\n".join(lines)


def run_once(benchmark, chosen, folder):
    """What the script prints with the chosen arguments, and how it was run, or None if it failed."""
    arguments = [argument.format(folder=folder) for argument in chosen]
    print(f"{benchmark.name} {' '.join(arguments)}", file=sys.stderr, flush=True)
    begin = time.perf_counter()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(benchmark.path), *arguments],
        cwd=HERE.parent,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        print(f"{benchmark.name} failed: exit code {done.returncode}", file=sys.stderr)
        return None
    minutes = (time.perf_counter() - begin) / 60
    shown = shlex.join(argument.format(folder="FOLDER") for argument in chosen)
    return [
        as_markdown(done.stdout),
        f"`python benchmarks/{benchmark.name}.py {shown}`".replace(" `", "`")
        + f", {date.today().isoformat()}, {minutes:.1f} minutes, {machine()}, load at the start {load:.1f}; "
        f"{versions()}.\n",
    ]


def as_markdown(text):
    """What a script printed: its tables as they are, aligned columns as they stand, the rest as text."""
    blocks = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        lines = block.splitlines()
        head = [line for line in lines if not line.startswith("|")]
        table = [line for line in lines if line.startswith("|")]
        if table and head and lines[: len(head)] != head:  # text after or between the rows
            blocks.append(block)
            continue
        if head:
            aligned = any(re.search(r"\S  +\S", line) or line.startswith(" ") for line in head)
            blocks.append("```text\n" + "\n".join(head) + "\n```" if aligned else "\n".join(head))
        if table:
            blocks.append("\n".join(table))
    return "\n\n".join(blocks) + "\n"


def machine():
    """Processor, cores, system."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        found = re.search(r"model name\s*: (.*)", info.read_text(encoding="utf-8"))
        name = found[1].strip() if found else name
    return f"{name}, {os.cpu_count()} cores, {platform.system()}"


def versions():
    """Of Python and of the packages that matter."""
    return f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in PACKAGES)


def sections(text):
    """The sections of a page by name."""
    return {name: body for name, body in _SECTION.findall(text)}


def compose(known):
    """The page, of sections by name, in the order of `BENCHMARKS`."""
    parts = [INTRODUCTION]
    for benchmark in BENCHMARKS:
        if benchmark.name in known:
            parts.append(
                f"% begin {benchmark.name}\n{known[benchmark.name].rstrip()}\n\n% end {benchmark.name}\n"
            )
    return "\n".join(parts)


def main():
    """Run and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which (default: all)")
    parser.add_argument("--quick", action="store_true", help="small samples")
    parser.add_argument(
        "--folder", default=str(HERE / "data"), help="for large files (default: benchmarks/data)"
    )
    parser.add_argument(
        "--page", type=Path, default=PAGE, help="where to write (default: docs/benchmarks.md)"
    )
    parser.add_argument("--list", action="store_true", help="name them and end")
    arguments = parser.parse_args()
    there = {benchmark.name: benchmark for benchmark in BENCHMARKS if benchmark.path.is_file()}
    if arguments.list:
        print("\n".join(f"{name:16} {there[name].title}" for name in there))
        return 0
    unknown = set(arguments.names) - set(there)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; see --list")
    known = sections(arguments.page.read_text(encoding="utf-8")) if arguments.page.is_file() else {}
    Path(arguments.folder).mkdir(parents=True, exist_ok=True)
    failed = False
    for name in arguments.names or there:
        section = run(there[name], arguments.folder, arguments.quick)
        failed |= section is None
        if section is not None:
            known[name] = section
            arguments.page.write_text(compose(known), encoding="utf-8")  # at once: the next may take hours
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
