"""What is said to be cited."""

import re

import neo
import pytest

from elephant_dic import cite, generate_population, list_neurons
from elephant_dic.cite import _entries, _kind

METHOD = {"elephant_dic", "brandoit2026", "drion2015", "fyon2024", "garcia2014", "denker2018"}


def keys(bibtex):
    return set(re.findall(r"^@\w+\{(\w+),", bibtex, re.M))


def test_methods_and_all_neurons_are_cited():
    found = keys(cite())
    assert found > METHOD
    assert {"liu1998", "qian2014"} <= found
    assert "bishop1994" not in found  # background
    assert "keywords" not in cite()
    assert cite().count("{") == cite().count("}")


def test_of_a_population_only_its_neuron_is_cited():
    block = generate_population({"g_s": -5, "g_u": 8}, "stg", 1, seed=1)
    assert keys(cite(block)) == METHOD | {"liu1998"}


def test_every_neuron_of_the_package_has_an_entry():
    kinds = {_kind(entry) for entry in _entries()}
    assert set(list_neurons()) & {"stg", "da", "pyloric"} <= kinds


def test_a_neuron_from_elsewhere_is_named_in_a_comment():
    block = generate_population({"g_s": -5, "g_u": 8}, "stg", 1, seed=1)
    text = block.annotations["elephant_dic"].replace('"neuron": "stg"', '"neuron": "theirs"')
    block.annotations["elephant_dic"] = text
    assert "% neuron theirs: see the package that provides it" in cite(block)
    assert keys(cite(block)) == METHOD


def test_braces_of_every_entry_are_balanced():
    for entry in _entries():
        assert entry.startswith("@")
        assert entry.count("{") == entry.count("}")
        assert entry.endswith("}")


def test_what_is_no_population_is_refused():
    with pytest.raises(TypeError, match="a population is a neo.Block"):
        cite("stg")
    with pytest.raises(ValueError, match="is not a population"):
        cite(neo.Block())
