"""What a comparison of groups says, and how often it is wrong."""

import numpy as np
import pandas
import pytest
from scipy import stats

from elephant_dic import compare_groups
from elephant_dic.changes import GroupComparison

#: Means of animals of three conditions, each of two cells that are 1 above and below.
MEANS = {"control": [1.0, 2, 3], "drug": [4.0, 6, 8], "wash": [1.0, 3, 2]}


def table(means=MEANS, paired=False, **columns):
    rows = [
        (condition, f"a{i}" if paired else f"{condition}{i}", f"c{k}", mean + k)
        for condition, of_animals in means.items()
        for i, mean in enumerate(of_animals)
        for k in (-1, 1)
    ]
    frame = pandas.DataFrame(rows, columns=["condition", "animal", "cell", "g_s"])
    return frame.assign(g_s_std=0.1, **columns)


@pytest.fixture(scope="module")
def comparison() -> GroupComparison:
    return compare_groups(table(g_u=list(np.arange(18) % 5), g_u_std=0.5))


def effects(*args, **options):
    return compare_groups(*args, **options).to_dataframe().set_index(["quantity", "condition"])


def test_each_condition_is_compared_with_the_reference(comparison):
    found = comparison.to_dataframe()
    assert list(zip(found["quantity"], found["condition"], found["reference"], strict=True)) == [
        ("g_s", "drug", "control"), ("g_s", "wash", "control"), ("g_u", "drug", "control"),
        ("g_u", "wash", "control"),
    ]  # fmt: skip
    drug = found.iloc[0]
    expected = stats.ttest_ind(MEANS["drug"], MEANS["control"])
    assert drug.difference == pytest.approx(4)
    assert drug.t == pytest.approx(expected.statistic)
    assert drug.p == pytest.approx(expected.pvalue)
    assert (drug.low, drug.high) == pytest.approx(tuple(expected.confidence_interval()))
    assert drug.standard_error == pytest.approx(4 / expected.statistic)
    assert drug.degrees_of_freedom == pytest.approx(4)


def test_means_of_conditions_have_intervals(comparison):
    means = comparison.means.set_index(["quantity", "condition"])
    expected = stats.ttest_1samp(MEANS["drug"], 0).confidence_interval()
    drug = means.loc[("g_s", "drug")]
    assert drug["mean"] == pytest.approx(6)
    assert (drug.low, drug.high) == pytest.approx(tuple(expected))
    assert (drug.n_animals, drug.n_cells, drug.n_recordings) == (3, 6, 6)


def test_the_reference_can_be_any():
    found = effects(table(), reference="drug")
    assert list(found.index) == [("g_s", "control"), ("g_s", "wash")]
    assert found.loc[("g_s", "control"), "difference"] == pytest.approx(-4)


def test_probabilities_are_corrected_for_all_tests(comparison):
    found = comparison.to_dataframe()
    assert comparison.n_tests == 4
    least = found["p"].idxmin()
    assert found.loc[least, "p_holm"] == pytest.approx(min(4 * found["p"].min(), 1))
    assert (found["p_holm"] >= found["p"]).all()


def test_differences_are_told_in_standard_deviations():
    """Means of animals have the variance 1, all of it from their cells, whose variance is 2 with errors."""
    found = effects(table({"control": [1.0, 2, 3], "drug": [4.0, 5, 6]}))
    drug = found.loc[("g_s", "drug")]
    of_cells = 2 - 0.1**2
    of_animals = 1 - 2 / 2
    unit = np.sqrt(of_animals + of_cells)
    assert drug.standard_deviation == pytest.approx(unit, rel=0.2)
    assert drug.standardised == pytest.approx(3 / drug.standard_deviation)
    assert drug.standardised_low == pytest.approx(drug.low / drug.standard_deviation)
    assert drug.standardised_high == pytest.approx(drug.high / drug.standard_deviation)
    assert 0 <= drug.share_of_animals <= 0.2


def test_the_share_of_animals_is_not_told_where_each_has_one_cell():
    data = table({"control": [1.0, 2, 3], "drug": [4.0, 5, 6]}).iloc[::2]
    assert np.isnan(effects(data).loc[("g_s", "drug"), "share_of_animals"])


def test_animals_in_both_conditions_are_compared_with_themselves():
    means = {"before": [1.0, 5, 9, 20], "after": [2.0, 6.5, 10.2, 21.1]}
    result = compare_groups(table(means, paired=True))
    (after,) = result.to_dataframe().itertuples()
    expected = stats.ttest_rel(means["after"], means["before"])
    assert after.p == pytest.approx(expected.pvalue)
    assert after.degrees_of_freedom == pytest.approx(3)
    assert result.design == (
        "16 recordings of 8 cells of 4 animals: before 8 cells of 4 animals, after 8 cells of 4 animals; "
        "4 animals are in several conditions and compared with themselves; "
        "8 cells are in several conditions and compared with themselves"
    )


def test_animals_of_which_some_are_in_both_conditions_are_all_used():
    data = table({"before": [1.0, 5, 9, 20], "after": [2.0, 6.5, 10.2, 21.1]}, paired=True)
    part = data[(data["animal"] != "a3") | (data["condition"] == "before")]
    result = compare_groups(part)
    (after,) = result.to_dataframe().itertuples()
    assert "3 animals are in several conditions" in result.design
    assert 1 < after.difference < 1.5  # not the difference of all means, -2.5
    assert after.p < 0.05


def test_recordings_of_a_cell_are_not_cells():
    """The same recordings ten times over tell no more of the animals."""
    once = table()
    often = pandas.concat([once] * 10)
    first, second = effects(once), effects(often)
    np.testing.assert_allclose(second["p"], first["p"], rtol=1e-6)
    assert compare_groups(often).means["n_cells"].tolist() == [6, 6, 6]
    assert compare_groups(often).means["n_recordings"].tolist() == [60, 60, 60]


def test_uncertain_recordings_count_less():
    data = table()
    data.loc[data["animal"] == "drug2", "g_s_std"] = 50.0
    assert effects(data).loc[("g_s", "drug"), "difference"] == pytest.approx(3.0, abs=0.1)


# What cannot be had


def test_one_animal_is_no_group():
    result = compare_groups(table({"control": [1.0, 2, 3], "drug": [4.0], "wash": [1.0, 3, 2]}))
    drug = result.to_dataframe().iloc[0]
    why = "not a comparison of groups: drug has one animal, and what differs may be that animal"
    assert drug.doubts == why
    assert drug.difference == pytest.approx(2)
    assert drug[["low", "high", "p", "p_holm", "t", "standardised"]].isna().all()
    assert result.n_tests == 1
    assert f"g_s, drug against control: {why}." in str(result)
    assert result.means[["low", "high"]].isna().all(axis=1).tolist() == [False, True, False]


def test_one_animal_in_both_conditions_is_no_group_either():
    result = compare_groups(table({"before": [1.0], "after": [4.0]}, paired=True))
    assert "not a comparison of groups: before has one animal" in str(result)


def test_one_recording_a_condition_is_no_group():
    data = pandas.DataFrame({"condition": ["x", "y"], "animal": ["a", "b"], "g_s": [1.0, 2.0]})
    (row,) = compare_groups(data, "g_s").to_dataframe().itertuples()
    assert row.difference == 1
    assert row.doubts.startswith("not a comparison of groups: x has one animal")


def test_two_animals_are_doubted():
    result = compare_groups(table({"control": [1.0, 2], "drug": [4.0, 6, 8]}))
    (drug,) = result.to_dataframe().itertuples()
    assert drug.doubts == "control has 2 animals"
    assert np.isfinite(drug.p)
    assert "; but control has 2 animals." in str(result)


def test_values_that_are_all_the_same():
    data = table(rate=[1.0] * 6 + [2.0] * 6 + [1.0] * 6)
    found = effects(data, "rate")
    why = "animals of the same condition do not differ at all: there is nothing to judge a difference by"
    assert found["doubts"].tolist() == [why] * 2
    assert found["difference"].tolist() == [1, 0]
    assert found["p"].isna().all()


def test_animals_whose_means_are_all_the_same():
    result = compare_groups(table({"control": [1.0, 1, 1], "drug": [4.0, 4, 4]}))
    (drug,) = result.to_dataframe().itertuples()
    assert drug.doubts.startswith("animals of the same condition do not differ at all")
    assert drug.difference == pytest.approx(3)
    assert np.isnan([drug.p, drug.low, drug.high]).all()


def test_a_quantity_that_a_condition_lacks():
    data = table(rate=[1.0, 2, 3, 4, 5, 6] + [None] * 6 + [3.0, 4, 5, 6, 7, 9])
    result = compare_groups(data, "rate")
    found = result.to_dataframe().set_index("condition")
    assert found.loc["drug", "doubts"] == "rate is not known in drug"
    assert np.isnan(found.loc["drug", "difference"])
    assert found.loc["wash", "p"] < 1
    assert result.notes[-1] == (
        "rate is not known of c-1 of drug0, c1 of drug0, c-1 of drug1, c1 of drug1, c-1 of drug2 and 1 more, "
        "left out"
    )


def test_a_quantity_that_nobody_knows():
    result = compare_groups(table(rate=None), ["g_s", "rate"])
    assert "rate, drug against control: rate is not known in control." in str(result)
    assert result.n_tests == 2


def test_cells_that_differ_no_more_than_errors_have_no_unit():
    data = table({"control": [1.0, 1.1, 0.9], "drug": [4.0, 4.1, 3.9]}).assign(g_s_std=5.0)
    (drug,) = compare_groups(data).to_dataframe().itertuples()
    assert np.isnan(drug.standardised)
    assert drug.doubts == "cells do not differ beyond errors of measurement: no standardised difference"


# As text


def test_the_summary_can_be_put_into_a_paper():
    result = compare_groups(table({"control": [1.0, 2, 3], "drug": [4.0, 6, 8]}))
    design, sentence, method = str(result).splitlines()
    assert design == "12 cells of 6 animals: control 6 cells of 3 animals, drug 6 cells of 3 animals."
    expected = stats.ttest_ind(MEANS["drug"], MEANS["control"])
    low, high = expected.confidence_interval()
    assert sentence.startswith(
        f"g_s, drug against control: 4 (95 % interval {low:.3g} to {high:.3g}), t(4.0) = "
        f"{expected.statistic:.2f}, p = {expected.pvalue:.2g}; "
    )
    assert sentence.endswith(" standard deviations.")
    assert method.endswith("Satterthwaite's degrees of freedom.")
    assert result.summary() == str(result)


def test_corrections_are_told_where_there_are_several_tests(comparison):
    assert str(comparison).count(" after correction") == 4
    assert str(comparison).endswith("; p corrected for 4 tests by Holm's method.")


def test_small_probabilities_are_not_zero():
    means = {"control": [1.0, 1.1, 0.9, 1.05], "drug": [40.0, 40.1, 40.2, 39.9]}
    result = compare_groups(table(means))
    assert ", p < 0.001; " in str(result)
    assert " | < 0.001 | < 0.001 | " in result.to_markdown()


def test_the_table_for_a_paper(comparison):
    lines = comparison.to_markdown().splitlines()
    assert len(lines) == 2 + 6
    assert len({line.count("|") for line in lines}) == 1
    assert lines[0].startswith(
        "| quantity | condition | animals | cells | mean | difference from control (95 %) | "
    )
    assert lines[2].startswith("| g_s | control | 3 | 6 | 2 |  |")
    assert lines[3].startswith("| g_s | drug | 3 | 6 | 6 | 4 (")


def test_the_table_for_a_paper_says_why_there_is_no_comparison():
    text = compare_groups(table({"control": [1.0, 2, 3], "drug|\nx": [4.0]})).to_markdown()
    assert "| g_s | drug/ x | 1 | 2 | 4 | 2; not a comparison of groups: " in text


def test_a_notebook_shows_a_table(comparison):
    assert comparison._repr_html_().count("<tr") == 5


def test_the_recordings_are_kept(comparison):
    assert list(comparison.recordings) == ["condition", "animal", "cell", "g_s", "g_u", "g_s_std", "g_u_std"]
    assert len(comparison.recordings) == 18


def test_what_is_given_is_not_changed(comparison):
    data = table()
    before = data.copy()
    compare_groups(data)
    pandas.testing.assert_frame_equal(data, before)
    taken = comparison.to_dataframe()
    taken["p"] = 0.0
    assert (comparison.to_dataframe()["p"] > 0).all()


# How often it is wrong


def experiment(rng, n_animals, effect, paired):
    """Unequal numbers of cells; animals as different as cells; errors of very different size."""
    rows = []
    own = rng.normal(0, 1, n_animals)
    for condition in (0, 1):
        own = own + rng.normal(0, 0.5, n_animals) if paired else rng.normal(0, 1, n_animals)
        for i, mean in enumerate(own):
            animal = i if paired else (condition, i)
            n_cells = (1, 3, 8, 2, 5)[i % 5]
            rows += [(condition, animal, mean + effect * condition) for _ in range(n_cells)]
    frame = pandas.DataFrame(rows, columns=["condition", "animal", "g"])
    frame["g_std"] = 0.5 * np.exp(rng.normal(0, 0.8, len(frame)))
    frame["g"] += rng.normal(0, 1, len(frame)) + rng.normal(0, frame["g_std"])
    return frame


@pytest.mark.parametrize(("n_animals", "paired"), [(3, False), (5, True)])
def test_no_difference_is_found_where_there_is_none_but_in_a_twentieth(n_animals, paired):
    """More than 11 of 100 with 0.05 each have a probability of 0.005; cells as animals would be a third."""
    rng, n = np.random.default_rng(1), 100
    found = sum(
        compare_groups(experiment(rng, n_animals, 0.0, paired)).to_dataframe()["p"][0] < 0.05
        for _ in range(n)
    )
    assert stats.binom.sf(11, n, 0.05) < 0.005
    assert found <= 11


def test_large_differences_are_found():
    rng = np.random.default_rng(2)
    found = [compare_groups(experiment(rng, 5, 4.0, False)).to_dataframe().iloc[0] for _ in range(40)]
    assert np.mean([each.p < 0.05 for each in found]) > 0.8
    assert np.mean([each.low <= 4 <= each.high for each in found]) > 0.8
    assert np.mean([each.difference for each in found]) == pytest.approx(4, abs=0.4)


def test_one_animal_in_both_conditions_is_one():
    data = table({"control": [1.0, 2, 3], "drug": [4.0, 5, 6]})
    data["animal"] = [animal for animal in "abcade" for _ in range(2)]
    assert "; 1 animal is in several conditions and compared with itself" in compare_groups(data).design
