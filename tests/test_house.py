"""The rooms of the package: imports only downwards, through the doors."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "elephant_dic"
ROOMS = sorted({path.parent.name for path in PACKAGE.glob("*/*.py")} - {"examples", "weights"})


def lint_imports(folder):
    command = shutil.which("lint-imports", path=Path(sys.executable).parent)
    run = subprocess.run([command, "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=120)
    return run.returncode, run.stdout


@pytest.fixture
def copied(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(PACKAGE, tmp_path / "elephant_dic", ignore=shutil.ignore_patterns("__pycache__", "*.npz"))
    return tmp_path


def test_the_contract_is_kept():
    code, report = lint_imports(ROOT)
    assert code == 0, report
    assert "3 kept, 0 broken" in report


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("trains/firing.py", "from ..search import verified_members\n", "trains is not allowed to import"),
        ("neurons/dics.py", "def late():\n    from ..trains import firing_of\n", "neurons is not allowed to"),
        ("inference/regressor.py", "from .quality_effect import NEGLIGIBLE\n", "No cycles are allowed"),
        ("gui/recording/traces.py", "from ..results import live\n", "gui.recording is not allowed to import"),
        ("hall.py", "", "the house"),  # a module that has no place in the list of layers
    ],
)
def test_the_contract_refuses(copied, file, line, broken):
    path = copied / "elephant_dic" / file
    path.write_text((path.read_text() if path.exists() else "") + f"\n\n{line}")
    code, report = lint_imports(copied)
    assert code == 1
    assert broken in report


def test_only_what_belongs_to_no_room_lies_beside_the_rooms():
    assert {path.stem for path in PACKAGE.glob("*.py")} == {
        "__init__", "_version", "arguments", "cite", "reconstruction"
    }  # fmt: skip
    assert (PACKAGE / "py.typed").is_file()


def imports(path):
    """Of a module: (names of the rooms or files that it asks for, names that it takes), package-wide."""
    package = path.relative_to(PACKAGE.parent).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            module = (*base, *(node.module.split(".") if node.module else ()))[1:]
            yield module, [alias.name for alias in node.names]


def doors():
    for room in ROOMS:
        tree = ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))
        listed = [node.value for node in tree.body if isinstance(node, ast.Assign)]
        yield room, {element.value for element in listed[0].elts} if listed else set()


def test_rooms_are_entered_through_their_doors():
    handed_on = dict(doors())
    for path in PACKAGE.rglob("*.py"):
        own = path.relative_to(PACKAGE).parts[0]
        for module, names in imports(path):
            if module and module[0] in ROOMS and module[0] != own:
                assert len(module) == 1, f"{path}: {'.'.join(module)}"
                assert set(names) <= handed_on[module[0]], path


def test_doors_hand_on_only_what_is_used_elsewhere():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8").split()
    used = {room: {name.split(".")[1] for name in page if name.startswith(f"{room}.")} for room in ROOMS}
    for path in PACKAGE.rglob("*.py"):
        for module, names in imports(path):
            if module and module[0] in ROOMS and path.relative_to(PACKAGE).parts[0] != module[0]:
                used[module[0]] |= set(names)
    used["cli"] = {"main"}  # of the entry point
    for room, names in doors():
        assert names <= used[room], (room, names - used[room])


@pytest.mark.parametrize("room", ROOMS)
def test_a_door_says_what_the_room_is_for_and_the_tests_have_the_same_rooms(room):
    said = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8")))
    assert said
    assert list((ROOT / "tests" / room).glob("test_*.py"))
