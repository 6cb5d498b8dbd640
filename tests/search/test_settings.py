"""The numbers of the search, and the page that says what they do."""

import re
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from elephant_dic.search.settings import SETTINGS

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_has_each_number_as_it_is():
    """Another number changes all populations: measure it again, and say so."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", PAGE.read_text(encoding="utf-8"), re.M)
    known = {name: value.strip() for name, value in rows}
    own = {field.name: getattr(SETTINGS, field.name) for field in fields(SETTINGS)}
    assert known == {
        name: ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for name, value in own.items()
    }


def test_nobody_changes_them_in_place():
    with pytest.raises(FrozenInstanceError):
        SETTINGS.margin = 1.0
