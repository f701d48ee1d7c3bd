from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.store.schemas import trials_schema
from hyprl_lab.store.trials import shard_tables

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    Make = Callable[..., pa.Table]


def test_a_table_is_that_of_its_shard(make_trials: Make) -> None:
    table = make_trials("study", 4, 3)
    shard_tables.check(table, trials_schema(), "trials", "study", 3)
    for given, said in (
        ((table.drop_columns("state"), "study", 3), "trials have schema"),
        ((table, "study", 4), "trials have 3 rows; 4 were reserved"),
        ((table, "other", 3), r"trials are of studies \['study'\]; expected 'other' alone"),
    ):
        with pytest.raises(InputError, match=said):
            shard_tables.check(given[0], trials_schema(), "trials", *given[1:])


def test_trials_follow_each_other(make_trials: Make, make_blocks: Make) -> None:
    trials = make_trials("study", 4, 3)
    assert shard_tables.first_index(trials, None) == 4
    assert shard_tables.first_index(trials, make_blocks("study", 4, 3)) == 4
    assert shard_tables.first_index(trials.slice(0, 0), None) == 0
    with pytest.raises(InputError, match="blocks have other indices than 4 … 6 in order"):
        shard_tables.first_index(trials, make_blocks("study", 5, 3))
    with pytest.raises(InputError, match="trials have other indices than 6 … 8 in order"):
        shard_tables.first_index(trials.take([2, 1, 0]), None)
