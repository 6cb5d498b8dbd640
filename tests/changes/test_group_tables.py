"""What is compared between groups: tables, files and results, and what is wrong with them."""

import re

import numpy as np
import pandas
import pytest

from elephant_dic import (
    RecordingError,
    compare_groups,
    infer_dics,
    read_spiketrains,
    save_estimates,
    to_dataframe,
)
from elephant_dic.changes.group_tables import recordings_of
from elephant_dic.examples import example_path
from elephant_dic.inference import Skipped
from elephant_dic.populations import build_population
from elephant_dic.session.table import COLUMNS, write_csv

CONDITIONS = ["control"] * 3 + ["drug"] * 3
ANIMALS = ["a", "a", "b", "c", "c", "d"]


def table(**columns):
    given = {
        "condition": CONDITIONS, "animal": ANIMALS, "g_s": [-6.0, -5, -7, -3, -2, -4.5],
        "g_s_std": [0.5, 0.4, 0.6, 0.5, 1.5, 0.3],
    }  # fmt: skip
    return pandas.DataFrame(given | columns)


def read(data, quantities=None, condition="condition", animal="animal", cell=None, reference=None):
    return recordings_of(data, quantities, condition, animal, cell, reference)


# Tables


def test_a_table_is_read():
    found = read(table())
    assert found.labels["condition"].tolist() == CONDITIONS
    assert found.labels["animal"].tolist() == ANIMALS
    assert found.labels["cell"].tolist() == [f"row {n}" for n in range(1, 7)]
    assert found.conditions == ("control", "drug")
    assert list(found.values) == ["g_s"]
    np.testing.assert_array_equal(found.values["g_s"], table()["g_s"])
    np.testing.assert_array_equal(found.stds["g_s"], table()["g_s_std"])
    assert found.notes == ()


def test_columns_have_any_names_and_labels_any_kind():
    data = table().rename(columns={"condition": "drug", "animal": "mouse"})
    data["mouse"] = [1.0, 1.0, 2.0, 3.0, 3.0, 4.0]
    data["neurite"] = list("xxyzzz")
    found = read(data, condition="drug", animal="mouse", cell="neurite")
    assert found.labels["animal"].tolist() == ["1", "1", "2", "3", "3", "4"]
    assert found.labels["cell"].tolist() == list("xxyzzz")


def test_labels_are_given_beside_a_table():
    data = table()[["g_s", "g_s_std"]].to_dict("list")
    found = read(data, condition=np.array([0, 0, 0, 1, 1, 1]), animal=pandas.Series(ANIMALS), reference=1)
    assert found.conditions == ("1", "0")
    assert found.labels["animal"].tolist() == ANIMALS


def test_cells_without_a_name_are_apart():
    found = read(table(cell=["u1", "u1", None, "u1", "", float("nan")]))
    assert found.labels["cell"].tolist() == ["u1", "u1", "row 3", "u1", "row 5", "row 6"]


def test_what_has_standard_deviations_is_compared():
    data = table(g_u=8.0, rate=[3.0, 4, 5, 6, 7, 8], rate_std=1.0, n_models=5)
    assert list(read(data).values) == ["g_s", "rate"]
    assert list(read(data, "g_u").values) == ["g_u"]
    assert list(read(data, ["g_u", "g_s", "g_u"]).values) == ["g_u", "g_s"]
    assert "g_u" not in read(data, ["g_u", "g_s"]).stds
    assert read(data, "g_u").notes == (
        "g_u: the uncertainty of its values is not known, and all recordings count alike",
    )


def test_a_value_that_is_not_known_needs_no_standard_deviation():
    found = read(table(g_s=[-6.0, None, -7, -3, -2, -4.5], g_s_std=[0.5, None, 0.6, 0.5, 1.5, 0.3]))
    assert np.isnan(found.values["g_s"]).tolist() == [False, True, False, False, False, False]


def test_recordings_outside_of_the_training_are_told():
    found = read(table(in_domain=[True, False, True, True, False, True]))
    assert found.notes == ("2 of 6 recordings are outside of what the network was trained on",)


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (table(animal=["a", None, "b", "c", "c", "d"]), {}, "row 2 has no animal: fill it in, or remove"),
        (table(condition=["", "x", "x", " ", "y", "y"]), {}, "rows 1, 4 have no condition"),
        (table().drop(columns="animal"), {},
         "there is no column 'animal': name the column of the animal with animal=, or give there a list with "
         "one for each recording; the columns are condition, g_s, g_s_std"),
        (table(), {"cell": "unit"}, "there is no column 'unit': name the column of the cell with cell="),
        (table(), {"condition": ["x", "y"]}, "condition: got 2 names for 6 recordings"),
        (table(), {"quantities": "g_u"}, "there is no quantity 'g_u'; the columns are condition, animal"),
        (table(), {"quantities": "animal"}, "there is no quantity 'animal'"),
        (table(), {"quantities": []}, "quantities is empty"),
        (table().drop(columns="g_s_std"), {}, "no column has another with its standard deviation"),
        (table(g_s=[1, 2, "three", 4, 5, 6]), {}, "row 3: g_s must be a number, got 'three'"),
        (table(g_s=[1, 2, np.inf, 4, 5, 6]), {}, "row 3: g_s must be finite, got inf"),
        (table(g_s_std=[1, -2, 1, 1, 1, 1]), {}, "row 2 has a negative standard deviation of g_s"),
        (table(g_s_std=[1, None, 1, 1, None, 1]), {}, "rows 2, 5 have g_s but not g_s_std: fill it in"),
        (table(condition="control"), {}, "all recordings are of condition 'control'"),
        (table(), {"reference": "wash"}, "there is no condition 'wash': reference= is one of control, drug"),
        (table(neuron=["stg"] * 5 + ["da"]), {}, "the recordings are of several neurons, da, stg"),
        (table(g_s=["1,577.5"] * 6), {},
         "row 1: g_s must be a number, got '1,577.5': write it with a point and nothing between thousands"),
        (pandas.concat([table(), table()[["g_s"]]], axis=1), {},
         "there are several columns g_s: rename or remove all but one"),
        ({"condition": ["x", "y"], "animal": ["a"]}, {},
         "columns must be of one length, got condition 2, animal 1"),
        (table(), {"animal": ["a"]}, "animal: got 1 name for 6 recordings"),
        (table().head(0), {}, "there is no recording to compare"),
        ([], {}, "there is no recording to compare"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(data, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        compare_groups(data, **options)


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (5, {}, "table must be a DataFrame, a path of a CSV file or a list of results, got 5"),
        ([1.0, 2.0], {}, "result 0 must be a DICEstimate or a population, got 1.0"),
        (Skipped("cell", "silent"), {}, "a single Skipped cannot be compared: give a list of results"),
        (table(), {"animal": 5}, "animal must be the name of a column, or a name for each recording, got 5"),
        (table(), {"quantities": ["g_s", 1]}, "quantities must be names of columns, got 1"),
    ],
)
def test_wrong_kinds_are_refused(data, options, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        compare_groups(data, **options)


@pytest.mark.parametrize("name", ["NA", "n/a", "None", "null", " nan "])
def test_what_stands_for_no_animal_is_none(name):
    """Two rows of "NA" are no animal that is in both conditions."""
    data = table(animal=["a", name, "b", "c", name, "d"])
    with pytest.raises(ValueError, match=re.escape(f"rows 2, 5 have no animal but {name!r}: fill it in, or")):
        compare_groups(data)


def test_conditions_may_be_called_as_what_is_missing_elsewhere():
    """NA is noradrenaline, a null a mutant, and none no drug."""
    found = read(table(condition=["none", "none", "NA", "NA", "null", "null"]))
    assert found.conditions == ("none", "NA", "null")
    with pytest.raises(ValueError, match="row 2 has no condition but 'n/a': fill it in"):
        read(table(condition=["x", "n/a", "x", "y", "y", "y"]))


@pytest.mark.parametrize(
    ("first", "other"), [("Control", "control"), ("5 \u00b5M", "5 \u03bcM"), ("Ca2+", "ca\u00b2\u207a")]
)
def test_conditions_that_look_alike_are_refused(first, other):
    data = table(condition=[first, other, other, "drug", "drug", "drug"])
    message = f"are {first!r} and {other!r} one condition? Write them alike, or rename one of them"
    with pytest.raises(ValueError, match=re.escape(message)):
        compare_groups(data, reference=first)


def test_blanks_in_names_are_one():
    data = table(condition=["wash  out", "wash out ", "wash\nout", "a b", "a\u00a0b", " a b"])
    assert read(data).conditions == ("wash out", "a b")


def test_animals_and_cells_that_look_alike_are_told():
    found = read(table(animal=["m1", "M1", "m1", "c", "c", "d"], cell=["1", "1", "1b", "x", "X", "x"]))
    assert found.notes == ("animals 'm1' and 'M1' count as two", "cells 'x' and 'X' count as two")
    assert found.labels["animal"].tolist() == ["m1", "M1", "m1", "c", "c", "d"]


def test_rows_that_are_there_twice_are_told():
    again = pandas.concat([table(), table().iloc[[0, 4]]])
    assert read(again).notes == (
        "rows 7, 8 have the same in all columns as earlier ones, and all count: remove what is there twice",
    )
    assert len(read(again).labels) == 8
    again["cell"] = [f"c{n}" for n in range(8)]  # other cells with the same numbers
    assert read(again).notes == ()
    assert read(table(g_s=-5.0, g_s_std=0.1, cell=list("uvxyzw"))).notes == ()


def test_many_rows_are_not_all_named():
    with pytest.raises(ValueError, match="rows 1, 2, 3, 4, 5 and others have no animal"):
        compare_groups(table(animal=""))


# Files


def test_a_file_is_what_its_table_is(tmp_path):
    data = table(cell=["007", "NA", "8, left", "a", "b", "c"])
    data.to_csv(tmp_path / "cells.csv", index=False)
    found = read(tmp_path / "cells.csv")
    assert found.labels["cell"].tolist() == ["007", "row 2", "8, left", "a", "b", "c"]
    np.testing.assert_array_equal(found.values["g_s"], data["g_s"])
    assert str(compare_groups(str(tmp_path / "cells.csv"))) == str(compare_groups(data))


@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("mark", [";", "\t", ","])
def test_files_of_spreadsheets_are_read(tmp_path, mark, decimal):
    text = table().to_csv(index=False, sep=mark, decimal=decimal)
    if (mark, decimal) == (",", ","):
        assert '"-6,0"' in text
    (tmp_path / "cells.csv").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    found = read(tmp_path / "cells.csv")
    np.testing.assert_array_equal(found.values["g_s"], table()["g_s"])
    assert found.conditions == ("control", "drug")


def test_blanks_around_what_is_in_a_file_do_not_count(tmp_path):
    text = 'condition, animal ,g_s\nx, a, 1\n\n,,\nx, "b, left",2,,\ny ,c,3,\n y,\td,4\n\n'
    (tmp_path / "cells.csv").write_text(text)
    found = read(tmp_path / "cells.csv", "g_s")
    assert found.conditions == ("x", "y")
    assert found.labels["animal"].tolist() == ["a", "b, left", "c", "d"]
    assert found.values["g_s"].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("mark", ["\t", ","])
def test_thousands_are_not_taken_for_decimals(tmp_path, mark):
    """5,773 is 5.773 or 5773; where another number shows what commas are, it is the former."""

    def text(other):
        rows = [("x", "a", "5,773"), ("x", "b", "4,125"), ("y", "c", other)]
        rows = [mark.join((*row[:2], f'"{row[2]}"')) for row in rows]
        return "\n".join([mark.join(("condition", "animal", "rate")), *rows])

    (tmp_path / "cells.csv").write_text(text("6,250"))
    with pytest.raises(
        RecordingError, match="row 1: rate must be a number, got '5,773': write it with a point"
    ):
        read(tmp_path / "cells.csv", "rate")
    (tmp_path / "cells.csv").write_text(text("6,25"))
    assert read(tmp_path / "cells.csv", "rate").values["rate"].tolist() == [5.773, 4.125, 6.25]


@pytest.mark.parametrize("mark", [";", "\t"])
@pytest.mark.parametrize("thousand", ["1,195", "1.195"])
def test_numbers_that_go_on_from_999_are_no_decimals(tmp_path, mark, thousand):
    rows = [("condition", "animal", "rate"), ("x", "a", "970"), ("x", "b", "980"), ("y", "c", thousand)]
    (tmp_path / "cells.csv").write_text("\n".join(map(mark.join, rows)))
    with pytest.raises(RecordingError, match=f"column rate has 970 and {thousand}: is that 1195?"):
        read(tmp_path / "cells.csv", "rate")
    rows[-1] = ("y", "c", thousand[:-1])
    (tmp_path / "cells.csv").write_text("\n".join(map(mark.join, rows)))
    assert read(tmp_path / "cells.csv", "rate").values["rate"].tolist() == [970, 980, 1.19]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it has no table"),
        (b"# only\n\n# remarks\n", "it has no table"),
        (b"condition,animal,g_s\n", "there is no recording to compare"),
        (
            b"condition,animal,g_s\nx,a,1\ny,b\n",
            "row 2 below the header has 2 cells, and the header 3: leave blank what is not known",
        ),
        (
            b"condition,animal,g_s\nx,a, left,1\n",
            "row 1 below the header has 4 cells, and the header 3: put text that holds commas in quotes",
        ),
        (
            b"condition,mouse,g_s\nx,a,1\n",
            "there is no column 'animal': name the column of the animal with animal=; the columns are",
        ),
        (
            b"condition,animal,g_s,g_s\nx,a,1,2\n",
            "there are several columns g_s: rename or remove all but one",
        ),
        (
            "condition,animal,g_s\nläsion,a,1\n".encode("latin-1"),
            'it is no text in UTF-8: save it as "CSV UTF-8"',
        ),
        (b"condition,animal,g_s,g_s_std\nx,a,one,1\ny,b,1,1\n", "row 1: g_s must be a number, got 'one'"),
    ],
)
def test_errors_name_the_file(tmp_path, content, message):
    (tmp_path / "cells.csv").write_bytes(content)
    with pytest.raises(RecordingError, match=re.escape(f"{tmp_path / 'cells.csv'}: {message}")):
        compare_groups(tmp_path / "cells.csv")


def test_a_file_that_is_not_there():
    with pytest.raises(RecordingError, match="none.csv: there is no such file"):
        compare_groups("none.csv")


# What this package makes


@pytest.fixture(scope="module")
def estimates():
    (train,) = read_spiketrains(example_path())
    half = (train.t_start + train.t_stop) / 2
    return [infer_dics(part) for part in (train, train.time_slice(None, half), train.time_slice(half, None))]


def test_estimates_are_compared_as_they_are(estimates):
    cells = [estimates[0], estimates[1], Skipped("c", "silent"), estimates[2]]
    found = read(cells, condition=["x", "x", "y", "y"], animal=list("abcd"))
    assert list(found.values) == ["g_f", "g_s", "g_u"]
    expected = [*(each.mean[1] for each in cells[:2]), np.nan, cells[3].mean[1]]
    np.testing.assert_array_equal(found.values["g_s"], expected)
    assert found.stds["g_u"][3] == cells[3].std[2]


def test_the_file_of_estimates_and_the_table_go_in_with_labels_alone(estimates, tmp_path):
    save_estimates(estimates, tmp_path / "estimates.csv")
    to_dataframe(estimates).to_csv(tmp_path / "frame.csv")
    labels = {"condition": ["x", "x", "y"], "animal": ["a", "b", "c"]}
    for data in (tmp_path / "estimates.csv", tmp_path / "frame.csv", to_dataframe(estimates)):
        found = read(data, **labels)
        assert list(found.values) == ["g_f", "g_s", "g_u"]
        np.testing.assert_allclose(found.values["g_s"], [each.mean[1] for each in estimates])
        np.testing.assert_allclose(found.stds["g_s"], [each.std[1] for each in estimates])


def test_the_table_of_a_session_goes_in_with_labels_alone(tmp_path):
    rows = [
        {"file": f"{name}.abf", "cell": "u, 1", "g_s": g_s, "g_s_low": g_s - 0.5, "g_s_high": g_s + 0.7}
        for name, g_s in zip("abcd", (-6.0, -5.0, -3.0, -2.5), strict=True)
    ]
    rows.append({"file": "e.abf", "cell": "u2", "skipped": "no spikes"})
    write_csv(rows, tmp_path / "session.csv")
    found = read(tmp_path / "session.csv", "g_s", condition=list("xxyyy"), animal="file")
    assert found.labels["animal"].tolist() == [f"{name}.abf" for name in "abcde"]
    np.testing.assert_allclose(found.stds["g_s"][:4], 0.6)
    assert np.isnan(found.values["g_s"][4])
    assert found.notes == ("g_s: standard deviations are taken as half of the 68 % intervals",)
    assert {"g_s", "g_s_low", "g_s_high"} <= set(COLUMNS)


def test_other_intervals_are_not_taken_for_standard_deviations():
    data = table(rate=1.0, rate_low=0.5, rate_high=1.5)
    assert list(read(data).values) == ["g_s"]


def population(values, matches=None):
    known = {"neuron": "stg", "verdict": "verified"}
    dics = {
        "dic_mean": (1.0, -5.0, 8.0),
        "dic_std": (0.1, 0.5, 0.2),
        "member_dics": np.zeros((len(values), 3)),
    }
    block = build_population(np.array(values), ("g_Na", "g_leak"), provenance=known, **dics)
    if matches is not None:
        block.annotations["population_matches"] = np.array(matches)
    return block


def test_populations_have_dics_and_the_conductances_of_members_that_match():
    blocks = [
        population([[10.0, 1], [20, 1], [300, 9]], [True, True, False]),
        population([[1.0, 1], [3, 1]]),
        population([[5.0, 1], [6, 1]], [True, False]),
    ]
    found = read(blocks, condition=["x", "x", "y"], animal=list("abc"))
    assert list(found.values) == ["g_f", "g_s", "g_u", "g_Na", "g_leak"]
    np.testing.assert_allclose(found.values["g_Na"], [15, 2, np.nan])
    np.testing.assert_allclose(found.stds["g_Na"], [50**0.5, 2**0.5, np.nan])
    np.testing.assert_allclose(found.values["g_s"], -5)


def test_what_pandas_calls_not_available_is_left_out():
    values = pandas.array([1.0, None, 3.0, 4.0, 2.0, 5.0], dtype="Float64")
    frame = pandas.DataFrame(
        {"condition": ["a"] * 3 + ["b"] * 3, "animal": list("pqrstu"), "x": values, "x_std": 0.1}
    )
    comparison = compare_groups(frame, ["x"])
    assert len(comparison.recordings["x"].dropna()) == 5
    with pytest.raises(TypeError, match="quantities must be names of columns, got 5"):
        compare_groups(frame, 5)


def test_paths_that_are_no_files(tmp_path):
    with pytest.raises(RecordingError, match="it is a folder"):
        compare_groups(tmp_path)
    with pytest.raises(RecordingError, match="too long"):
        compare_groups("x" * 5000)
