"""`elephant-dic groups`: groups of cells from a table."""

import pandas
import pytest
from support.command_line import folder, refuse, succeed

from elephant_dic import compare_groups
from elephant_dic.cli import main
from elephant_dic.cli.lines import WIDTH

__all__ = ["folder"]  # a fixture


@pytest.fixture
def file(folder):
    rows = [
        (condition, f"{condition}{i}", mean + i + k, 8.0 + k * i)
        for condition, mean in (("control", -6.0), ("drug", -2.0))
        for i in range(3)
        for k in (-0.5, 1.5)
    ]
    frame = pandas.DataFrame(rows, columns=["drug", "mouse", "g_s", "g_u"]).assign(g_s_std=0.2)
    frame.to_csv("cells.csv", index=False)
    return "cells.csv"


COLUMNS = ("--condition", "drug", "--animal", "mouse")


def test_a_comparison_is_printed(capsys, file):
    out, err = succeed(capsys, "groups", file, *COLUMNS)
    expected = compare_groups(file, condition="drug", animal="mouse")
    assert " ".join(" ".join(out).split()) == " ".join(str(expected).split())
    assert max(map(len, out)) <= WIDTH
    assert not err


def test_tables_and_a_picture_are_written(capsys, folder, file):
    chosen = ("--quantity", "g_u,g_s", "--reference", "drug")
    out, _ = succeed(capsys, "groups", file, *COLUMNS, *chosen, "-o", "groups.csv", "--plot", "groups.png")
    assert out[-2:] == ["Written: groups.csv (table)", "Written: groups.png (picture of g_u)"]
    expected = compare_groups(file, ["g_u", "g_s"], condition="drug", animal="mouse", reference="drug")
    written = pandas.read_csv("groups.csv").assign(doubts="")
    pandas.testing.assert_frame_equal(written, expected.to_dataframe(), check_dtype=False)
    assert (folder / "groups.png").read_bytes().startswith(b"\x89PNG")
    succeed(capsys, "groups", file, *COLUMNS, *chosen, "--out", "groups.md")
    assert (folder / "groups.md").read_text(encoding="utf-8") == expected.to_markdown()


def test_the_help_has_examples(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["groups", "--help"])
    assert ended.value.code == 0
    assert "elephant-dic groups cells.csv" in capsys.readouterr().out.partition("examples:")[2]


def test_errors_are_those_of_the_command(capsys, folder, file):
    refuse(capsys, "cells.csv: there is no column 'condition': name the column of the condition with "
           "--condition; the columns are drug, mouse, g_s", "groups", file)  # fmt: skip
    refuse(capsys, "there is no condition 'wash': --reference is one of control, drug",
           "groups", file, *COLUMNS, "--reference", "wash")  # fmt: skip
    refuse(capsys, "none.csv: there is no such file", "groups", "none.csv")
    refuse(capsys, "groups.nix: the suffix must be one of .csv, .md", "groups", file, "-o", "groups.nix")
    frame = pandas.read_csv(file).drop(columns="g_s_std")
    frame.to_csv("bare.csv", index=False)
    refuse(capsys, "say what to compare with --quantities; the columns", "groups", "bare.csv", *COLUMNS)
