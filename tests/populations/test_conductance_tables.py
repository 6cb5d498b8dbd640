"""Populations of tables of conductances from elsewhere."""

import numpy as np
import pytest

from elephant_dic import conductances, get_neuron, population_from_conductances
from elephant_dic.populations import conductance_table

pandas = pytest.importorskip("pandas")
NAMES = get_neuron("stg").conductance_names
TABLE = pandas.DataFrame(np.arange(1.0, 2 * len(NAMES) + 1).reshape(2, -1), columns=NAMES, index=[7, 3])


def test_columns_of_a_data_frame_are_taken_by_name():
    block = population_from_conductances(TABLE[list(NAMES[::-1])])
    assert conductance_table(block)[1].tolist() == TABLE.to_numpy().tolist()
    again = population_from_conductances(conductances(block))
    assert conductance_table(again)[1].tolist() == TABLE.to_numpy().tolist()
    short = TABLE.rename(columns=lambda name: name.removeprefix("g_"))
    assert conductance_table(population_from_conductances(short))[1].tolist() == TABLE.to_numpy().tolist()


def test_columns_that_are_missing_or_unknown_are_refused():
    with pytest.raises(ValueError, match=f"^neuron stg also has {NAMES[2]}: give all conductances"):
        population_from_conductances(TABLE.drop(columns=NAMES[2]))
    with pytest.raises(ValueError, match="^conductance 'member' is unknown; neuron stg has g_Na"):
        population_from_conductances(TABLE.assign(member=[0, 1]))
    with pytest.raises(TypeError, match="must be a mapping of names to values, a DataFrame, or the path"):
        population_from_conductances(TABLE.to_numpy())
