"""The pages, as far as they can be checked without building them, and the page of the benchmarks."""

import ast
import importlib
import importlib.util
import inspect
import re
import sys
import tomllib
from pathlib import Path

import pytest

import elephant_dic

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").rglob("*.md")) if (ROOT / "docs").is_dir() else []
pytestmark = pytest.mark.skipif(not PAGES, reason="no checkout: the pages are not installed")


def load(name):
    """A script of benchmarks/ as a module."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    return module


def test_every_public_name_is_on_the_page_of_the_api():
    listed = set(re.findall(r"^   ([\w.]+)$", (ROOT / "docs/api.md").read_text(encoding="utf-8"), re.M))
    assert set(elephant_dic.__all__) - {"__version__"} <= listed


def test_every_name_on_the_page_of_the_api_exists():
    listed = re.findall(r"^   ([\w.]+)$", (ROOT / "docs/api.md").read_text(encoding="utf-8"), re.M)
    for name in listed:
        *modules, last = name.split(".")
        module = importlib.import_module(".".join(["elephant_dic", *modules]))
        assert hasattr(module, last), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_of_the_pages_is_executed_when_they_are_built(page):
    """A block of Python is a cell; only in a page without a header nothing would run."""
    text = page.read_text(encoding="utf-8")
    assert "```python" not in text or page.name == "cluster.md"  # needs Slurm
    assert ("{code-cell}" in text) == text.startswith("---\njupytext:")


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=lambda page: page.stem)
def test_files_that_are_linked_exist(page):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


def test_page_of_the_architecture_names_each_room_once():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    parts = re.findall(r"^\| (`.*?) \|", text, re.M)
    named = re.findall(r"`([^`]+)`", " ".join(parts))
    inside = ROOT / "elephant_dic"
    modules = [path.stem for path in inside.glob("*.py") if not path.name.startswith("_")]
    folders = [f"{path.parent.name}/" for path in inside.glob("*/__init__.py")]
    assert sorted(named) == sorted(modules + folders)


def test_page_of_the_architecture_has_the_order_of_the_contract():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rooms = [name.strip("`/") for name in re.findall(r"^\| (`[^|]*`) \|", text, re.M)]
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = config["tool"]["importlinter"]["contracts"][0]["layers"]
    assert rooms[:-1] == layers[:-1]


def public_functions():
    """Public functions, and public methods of public classes, by name."""
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    listed = [
        name for name in page if re.fullmatch(r"(plots|recordings|populations|trains|neurons)\.\S+", name)
    ]
    for name in [*elephant_dic.__all__, *listed]:
        place, _, last = f"elephant_dic.{name}".rpartition(".")
        found = getattr(importlib.import_module(place), last)
        methods = vars(found).items() if isinstance(found, type) else ()
        yield from (
            (f"{name}.{key}", each) for key, each in methods if inspect.isfunction(each) and key[0] != "_"
        )
        if inspect.isfunction(found):
            yield name, inspect.unwrap(found)


@pytest.mark.parametrize(("name", "function"), list(public_functions()))
def test_public_functions_are_annotated(name, function):
    signature = inspect.signature(function)
    open_ends = [
        p.name for p in signature.parameters.values() if p.annotation is p.empty and p.name != "self"
    ]
    assert not open_ends
    assert signature.return_annotation is not signature.empty


def test_python_of_the_readme_is_code_that_uses_public_names():
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    imported = [
        alias.name
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.ImportFrom) and node.module == "elephant_dic"
        for alias in node.names
    ]
    assert imported
    assert set(imported) <= set(elephant_dic.__all__)


def test_page_of_the_benchmarks_keeps_what_was_not_run():
    run_all = load("run_all")
    page = run_all.compose({"bursts": "## Bursts\n\n| a |\n|---|\n| 1 |\n", "accuracy": "## Errors\n"})
    known = run_all.sections(page)
    assert list(known) == ["accuracy", "bursts"]  # the order of the page, not of the runs
    known["bursts"] = "## New\n"
    again = run_all.sections(run_all.compose(known))
    assert again["accuracy"].strip() == "## Errors"
    assert again["bursts"].strip() == "## New"


def test_what_a_script_prints_becomes_markdown():
    as_markdown = load("run_all").as_markdown
    assert as_markdown("text\n\n| a |\n|---|\n| 1 |\n") == "text\n\n| a |\n|---|\n| 1 |\n"
    assert as_markdown("title\n| a |\n|---|\n") == "title\n\n| a |\n|---|\n"
    assert as_markdown("kind   time\nmpi    3 s\n") == "```text\nkind   time\nmpi    3 s\n```\n"


def test_a_script_that_fails_leaves_the_page_as_it_was(tmp_path):
    run_all = load("run_all")
    good = run_all.Benchmark("nothing", "Title", "Claim.")
    assert run_all.run(good, tmp_path, quick=False) is None  # there is no such script


def test_table_of_the_readme_is_taken_from_the_page():
    readme_table = load("readme_table")
    page = """% begin reproduction
## A

| targets | n | share of the models asked for | published |
|---|---|---|---|
| STG, bursting | 9 | 0.98 (0.97-0.99) | 0.42 |

% end reproduction
% begin accuracy
## B

| input | bursting |
|---|---|
| stg steady | 0.5 / 0.9 (0.92 / 1.26) |

% end accuracy
"""
    assert list(readme_table.figures(page)) == [
        ("Models that fire like a bursting STG cell", "0.98 (0.97-0.99)", "0.42"),
        ("Error of g_s / g_u, bursting STG cells", "0.5 / 0.9", "0.92 / 1.26"),
    ]


def test_the_readme_shows_what_was_measured_again():
    page = """% begin reproduction
| targets | share of the models asked for | published |
|---|---|---|
| STG, bursting | 0.98 | 0.42 |

| targets | correlation |
|---|---|
| STG, bursting | 0.99 |

| targets | share of the models asked for | published |
|---|---|---|
| STG, bursting | 0.97 | 0.42 |

% end reproduction
"""
    assert list(load("readme_table").figures(page)) == [
        ("Models that fire like a bursting STG cell", "0.97", "0.42")
    ]


def test_a_script_is_run_again_with_more_arguments(tmp_path, monkeypatch):
    run_all = load("run_all")
    monkeypatch.setattr(run_all, "HERE", tmp_path)
    (tmp_path / "echo.py").write_text("import sys\nprint('given', *sys.argv[1:])\n", encoding="utf-8")
    again = (("--folder", "{folder}/a", "b c"),)
    benchmark = run_all.Benchmark("echo", "Title", "Claim.", ("--whole",), ("--small",), again)
    whole = run_all.run(benchmark, "there", quick=False)
    parts = ("given --whole", "echo.py --whole`", "given --folder there/a b c", "--folder FOLDER/a 'b c'`")
    places = [whole.index(part) for part in parts]
    assert places == sorted(places)
    quick = run_all.run(benchmark, "there", quick=True)
    assert "given --small" in quick
    assert "there/a" not in quick


def test_every_benchmark_of_the_page_says_how_it_is_run():
    """Scripts with a docstring whose second paragraph is their command."""
    for benchmark in load("run_all").BENCHMARKS:
        if benchmark.path.is_file():
            text = ast.get_docstring(ast.parse(benchmark.path.read_text(encoding="utf-8")))
            assert f"python benchmarks/{benchmark.name}.py" in text, benchmark.name


def imported_names(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "elephant_dic":
            yield from ((node.module, alias.name) for alias in node.names)


SCRIPTS = [
    path for folder in ("benchmarks", "examples", "docs") for path in sorted((ROOT / folder).rglob("*.py"))
]
PAGES = [path for path in sorted((ROOT / "docs").rglob("*.md")) if "_build" not in path.parts]


@pytest.mark.parametrize("path", SCRIPTS + PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_scripts_and_pages_import_what_there_is(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        lines = re.findall(r"^(?:from elephant_dic\S* import [^(\n]+)$", text, re.M)
        text = "\n".join(lines)
    for module, name in imported_names(text):
        found = importlib.import_module(module)
        assert hasattr(found, name) or importlib.util.find_spec(f"{module}.{name}"), f"{module}.{name}"
