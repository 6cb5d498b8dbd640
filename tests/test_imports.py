"""What is imported when: nothing that takes long before it is needed, and TensorFlow for training alone."""

import ast
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from support.vendor_files import RATE, membrane_potential, write_abf2

import elephant_dic

#: Packages that take long to import.
HEAVY = {
    "elephant",
    "keras",
    "matplotlib",
    "neo",
    "numba",
    "numpy",
    "quantities",
    "scipy",
    "tensorflow",
    "tqdm",
}


def imported(code, **environment):
    """Which of the heavy packages a new process has imported after some code, and what that has printed."""
    script = f"import sys\n{code}\nprint(*sorted({HEAVY!r} & set(sys.modules)), sep=',')"
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    *printed, modules = done.stdout.splitlines()
    return set(filter(None, modules.split(","))), printed


def command(*argv):
    return f"from elephant_dic.cli import main\ntry: main({list(argv)!r})\nexcept SystemExit: pass"


# The public names


def names_for_type_checkers():
    """By rooms, as the package's file has them."""
    tree = ast.parse(Path(elephant_dic.__file__).read_text(encoding="utf-8"))
    (block,) = (
        node for node in tree.body if isinstance(node, ast.If) and "not" not in ast.unparse(node.test)
    )
    return {node.module: [alias.name for alias in node.names] for node in block.body}


def test_type_checkers_see_the_names_that_there_are():
    assert {room: names.split() for room, names in elephant_dic._NAMES.items()} == names_for_type_checkers()
    assert sorted(elephant_dic.__all__) == sorted(["__version__", "cite", *elephant_dic._ROOMS])


@pytest.mark.parametrize("name", sorted(elephant_dic._ROOMS))
def test_a_public_name_is_that_of_its_room(name):
    room = import_module(f"elephant_dic.{elephant_dic._ROOMS[name]}")
    assert getattr(elephant_dic, name) is getattr(room, name)
    assert name in dir(elephant_dic)


def test_rooms_are_attributes_and_other_names_are_not():
    assert elephant_dic.trains is import_module("elephant_dic.trains")
    with pytest.raises(AttributeError, match="module 'elephant_dic' has no attribute 'infer_dic'"):
        elephant_dic.infer_dic  # noqa: B018
    assert callable(elephant_dic.cite)  # also a module


def test_all_names_can_be_imported_at_once():
    _, printed = imported("from elephant_dic import *\nprint(*sorted(globals()))")
    assert set(elephant_dic.__all__) <= set(printed[0].split())


def test_the_help_knows_the_formats_of_populations():
    from elephant_dic.cli.arguments import POPULATION_SUFFIXES
    from elephant_dic.populations import SUFFIXES

    assert POPULATION_SUFFIXES == SUFFIXES


# What is loaded


def test_the_package_alone_loads_nothing():
    assert imported("import elephant_dic") == (set(), [])


@pytest.mark.parametrize("argv", [["--help"], ["reconstruct", "--help"], ["--version"]])
def test_help_loads_nothing(argv):
    modules, printed = imported(command(*argv))
    assert modules == set()
    assert printed


def test_to_look_into_a_file_takes_no_compiler_and_no_statistics(tmp_path):
    sweeps = np.stack([membrane_potential(np.arange(0.1, 0.95, 0.1), 1.0)] * 2)
    write_abf2(tmp_path / "cell.abf", {("Vm", "mV"): sweeps}, RATE)
    (tmp_path / "cell.csv").write_text("cell\n" + "\n".join(f"{t:.3f}" for t in np.arange(1, 60) * 0.05))
    for name, options in (("cell.abf", []), ("cell.csv", ["--time-unit", "s"])):
        modules, printed = imported(command("inspect", str(tmp_path / name), *options))
        assert printed[0].startswith(f"{name}: 1 ")
        assert modules <= {"neo", "numpy", "quantities", "tqdm"}


POPULATION = """
import json, warnings
from elephant_dic import infer_dics, read_spiketrains, reconstruct
from elephant_dic.examples import example_path
from elephant_dic.populations import conductance_table
warnings.simplefilter("ignore")
(cell,) = read_spiketrains(example_path())
estimate = infer_dics(cell)
_, table = conductance_table(reconstruct(cell, n_models=20, seed=1))
print(json.dumps([*estimate.mean, *estimate.std, estimate.domain_score]))
print(json.dumps([f"{value:.9g}" for value in table.ravel()]))
"""


def test_a_population_takes_no_tensorflow_and_is_the_same_on_other_processors():
    """As numpy's BLAS computes on them; conductances to nine digits."""
    modules, expected = imported(POPULATION, OPENBLAS_CORETYPE="Haswell")
    assert not modules & {"tensorflow", "keras", "matplotlib", "elephant"}
    assert len(json.loads(expected[1])) == 20 * 8
    for processor in ("SkylakeX", "Nehalem"):
        assert imported(POPULATION, OPENBLAS_CORETYPE=processor)[1] == expected
