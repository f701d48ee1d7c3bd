from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hyprl_lab.store.trials import proof

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.store import Warehouse

    Fill = Callable[..., None]


@pytest.fixture
def finished(warehouse: Warehouse, fill: Fill) -> Warehouse:
    """A finished study, another one under way, and a shard that was only announced."""
    fill(warehouse, range(10))
    warehouse.complete_study("study", {"best": 3})
    fill(warehouse, [0, 1], study_id="other")
    kept = warehouse.reserve_shard("other", 2, 4)
    assert kept.part_ids
    return warehouse


def change(warehouse: Warehouse, statement: str) -> None:
    with warehouse.control.engine.connect() as connection, connection.begin():
        assert connection.execute(text(statement)).rowcount


def found(warehouse: Warehouse, study_id: str | None = None) -> list[tuple[str, str]]:
    findings = proof.verify(warehouse.control, warehouse._parts, warehouse.pins, study_id)
    return [(finding.kind, finding.subject) for finding in findings]


def test_nothing_is_wrong(finished: Warehouse) -> None:
    assert found(finished) == found(finished, "study") == found(finished, "other") == []
    finished.compact()
    assert found(finished) == found(finished, "study") == found(finished, "other") == []


@pytest.mark.parametrize("compacted", [False, True])
@pytest.mark.parametrize(
    ("assignment", "subjects"),
    [
        ("trials_digest = blocks_digest", [("shard", "study/3"), ("study", "study")]),
        ("blocks_digest = NULL", [("shard", "study/3"), ("study", "study")]),
        ("first_index = 11", [("shard", "study/3"), ("shard", "study/3"), ("study", "study")]),
        ("rows = 5", [("shard", "study/3"), ("shard", "study/3"), ("study", "study")]),
        ("state = 'intended'", [("shard", "study/3"), ("shard", "study/3"), ("study", "study")]),
    ],
)
def test_a_changed_shard(
    finished: Warehouse, assignment: str, subjects: list[tuple[str, str]], compacted: bool
) -> None:
    if compacted:
        finished.compact()
    change(finished, f"UPDATE shards SET {assignment} WHERE study_id = 'study' AND shard = 3")
    assert sorted(found(finished)) == sorted(found(finished, "study")) == subjects
    assert found(finished, "other") == []


@pytest.mark.parametrize(
    "column",
    [
        *("kind", "symbol", "timeframe", "fingerprint", "strategy_hash", "strategy_name"),
        *("strategy", "spec", "summary", "digest", "code_version", "environment_hash"),
    ],
)
def test_a_changed_study(finished: Warehouse, column: str) -> None:
    change(finished, f"UPDATE studies SET {column} = 'x' WHERE study_id = 'study'")
    assert found(finished, "study") == [("study", "study")]
    assert found(finished, "other") == []


@pytest.mark.parametrize(
    "assignment",
    ["total = 41", "state = 'running'", "created_at = 1", "completed_at = 1", "param_names = '[]'"],
)
def test_a_study_of_other_numbers(finished: Warehouse, assignment: str) -> None:
    change(finished, f"UPDATE studies SET {assignment} WHERE study_id = 'study'")
    assert found(finished) == [("study", "study")]


def test_claims_without_studies_and_studies_without_claims(finished: Warehouse) -> None:
    change(finished, "UPDATE chain SET subject = 'gone' WHERE kind = 'study'")
    assert found(finished) == [("study", "gone"), ("study", "study")]


def test_a_lost_part_and_a_part_too_many(finished: Warehouse) -> None:
    change(
        finished,
        "UPDATE parts SET state = 'dead' WHERE table_name = 'trials' AND study_id = 'other' "
        "AND shard = 1",
    )
    change(
        finished,
        "UPDATE parts SET study_id = 'nobody' WHERE table_name = 'trial_blocks' "
        "AND study_id = 'other' AND shard = 0",
    )
    assert found(finished, "study") == []
    assert sorted(found(finished)) == [
        ("shard", "nobody/0"), ("shard", "other/0"), ("shard", "other/1"),
    ]  # fmt: skip


def test_older_shards_get_digests_when_their_study_ends(warehouse: Warehouse, fill: Fill) -> None:
    fill(warehouse, range(10))
    with warehouse.control.read() as transaction:
        expected = transaction.rows("studies.every_shard")
    change(
        warehouse,
        "UPDATE shards SET first_index = NULL, trials_digest = NULL, blocks_digest = NULL",
    )
    assert found(warehouse) == []
    warehouse.complete_study("study", {})
    with warehouse.control.read() as transaction:
        assert transaction.rows("studies.every_shard") == expected
    assert found(warehouse) == []
