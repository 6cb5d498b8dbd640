"""The cache of compiled functions sees a change in any file that they are compiled from."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import elephant_dic
from elephant_dic.trains.compiled import cache_place

PACKAGE = Path(elephant_dic.__file__).parent

RULE = "LIMIT = {}\n"
KERNEL = """
from elephant_dic.trains import compiler
from small_rule import LIMIT

njit = compiler(__file__, "small_rule.py")

@njit()
def limit():
    return LIMIT
"""
ASK = "import numba, small_kernel; print(small_kernel.limit(), numba.config.CACHE_DIR == '')"


def ask(folder):
    env = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA_")}
    paths = os.pathsep.join(filter(None, [str(folder), env.get("PYTHONPATH")]))
    command = [sys.executable, "-B", "-c", ASK]
    return subprocess.run(
        command, env=env | {"PYTHONPATH": paths}, cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_constant_of_another_file_is_seen(tmp_path):
    (tmp_path / "small_kernel.py").write_text(KERNEL)
    rule = tmp_path / "small_rule.py"
    rule.write_text(RULE.format(1))
    assert ask(tmp_path) == ask(tmp_path) == "1 True"
    places = list((tmp_path / "__pycache__").glob("elephant_dic-*"))
    assert len(places) == 1
    assert list(places[0].rglob("*.nbi"))  # it is cached
    rule.write_text(RULE.format(2))
    assert ask(tmp_path) == "2 True"
    rule.write_text(RULE.format(1))
    assert ask(tmp_path) == "1 True"
    assert len(list((tmp_path / "__pycache__").glob("elephant_dic-*"))) == 2


def test_where_the_cache_is(tmp_path, monkeypatch):
    import numba

    source = tmp_path / "a.py"
    source.write_text("1")
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    beside = cache_place([source])
    assert beside.parent == tmp_path / "__pycache__"
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "chosen"))
    assert cache_place([source]) == tmp_path / "chosen" / beside.name
    source.write_text("2")
    assert cache_place([source]).name != beside.name
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert not cache_place([source]).is_relative_to(tmp_path)  # a package that is installed for all


KERNELS = sorted(f"trains/{path.stem}" for path in PACKAGE.glob("trains/*_kernel.py"))


@pytest.mark.parametrize("name", [*KERNELS, "simulation/kernel"])
def test_each_kernel_names_the_files_that_it_takes_constants_from(name):
    path = PACKAGE / f"{name}.py"
    text = path.read_text(encoding="utf-8")
    named = re.split(r"= compiler\(\s*__file__", text)[1].split(")", 1)[0]
    taken = {line.split()[1].strip(".") for line in text.splitlines() if line.startswith("from .")}
    files = {"neurons": "../neurons/model.py", "trains": ""}
    for module in taken:
        assert files.get(module, f"{module}.py") in named, (name, module)
