from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.store.parts.merging import Held
from hyprl_lab.store.parts.pieces import Piece
from hyprl_lab.store.trials import shard_digests
from hyprl_lab.store.trials.shard_digests import difference, is_owed

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.store import Warehouse

HELD = Held(Piece("study", 1, 4), 8, "aa")
ROW = {"rows": 4, "first_index": 8, "trials_digest": "aa", "blocks_digest": None}


def test_what_fits_has_no_difference() -> None:
    assert difference("trials", HELD, ROW, None) is None
    assert difference("trials", HELD, ROW, "study's") is None


def test_a_difference_names_both() -> None:
    for change in ({"rows": 5}, {"first_index": 9}, {"trials_digest": "bb"}):
        row = ROW | change
        said = difference("trials", HELD, row, None)
        assert said == (
            "4 trials from 8 with digest aa; expected "
            f"{row['rows']} from {row['first_index']} with {row['trials_digest']}"
        )


def test_an_older_shard_is_judged_by_what_it_has() -> None:
    assert is_owed("trial_blocks", ROW, None)
    assert not is_owed("trials", ROW, None)
    assert difference("trial_blocks", HELD, ROW, None) is None
    assert difference("trial_blocks", HELD, ROW | {"first_index": None}, None) is None
    wrong = difference("trial_blocks", HELD, ROW | {"first_index": 7}, None)
    assert wrong == "4 trial_blocks from 8 with digest aa; expected 4 from 7 with aa"


def test_a_completed_study_owes_none() -> None:
    assert not is_owed("trial_blocks", ROW, "study's")
    wrong = difference("trial_blocks", HELD, ROW, "study's")
    assert wrong == "4 trial_blocks from 8 with digest aa; expected 4 from 8 with None"


def test_a_digest_is_given_once(warehouse: Warehouse, fill: Callable[..., None]) -> None:
    fill(warehouse, [1, 2])
    with warehouse.control.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE shards SET trials_digest = NULL WHERE shard = 1")
    with warehouse.control.write() as transaction:
        for shard in (1, 2):
            held = Held(Piece("study", shard, 4), 4 * shard, "new")
            shard_digests.fill(transaction, "trials", held)
        rows = transaction.rows("studies.every_shard")
    assert rows[0]["trials_digest"] == "new"
    assert len(rows[1]["trials_digest"]) == 64
    assert None not in [row["blocks_digest"] for row in rows]
