from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.store.runs import evidence

if TYPE_CHECKING:
    from hyprl_lab.store import Warehouse


def test_verdicts_are_found_by_their_hash_and_in_their_view(warehouse: Warehouse) -> None:
    body = {"name": "cross", "passed": False, "profile": "strict", "checks": [{"value": 0.5}]}
    text = '{"checks":[{"value":0.5}],"name":"cross","passed":false,"profile":"strict"}'
    verdict_id = warehouse.save_verdict(body)
    assert verdict_id == hashlib.sha256(text.encode()).hexdigest()
    assert warehouse.save_verdict(body) == verdict_id
    assert warehouse.verdict(verdict_id) == body
    warehouse.save_verdict({"passed": True})
    found = warehouse.sql("select name, profile, passed, run_hash from verdicts order by passed")
    assert found["passed"].tolist() == [False, True]
    assert found["name"].tolist()[0] == "cross"
    assert found["run_hash"].isna().all()
    with pytest.raises(NotFoundError, match="no verdict 'nope'"):
        warehouse.verdict("nope")


def test_a_verdict_is_claimed_once(warehouse: Warehouse) -> None:
    body = {"name": "cross", "passed": False, "run_hash": "ab"}
    verdict_id = warehouse.save_verdict(body)
    assert warehouse.save_verdict(body) == verdict_id
    with warehouse.control.read() as transaction:
        (link,) = transaction.rows("chain.all")
        (row,) = transaction.rows("evidence.verdicts")
    assert (link["kind"], link["subject"]) == ("verdict", verdict_id)
    created = row["created_at"]
    assert json.loads(link["body"]) == {
        "kind": "verdict",
        "id": verdict_id,
        "created_at": created,
    }
    assert warehouse.verify_runs().ok


@pytest.mark.parametrize(("passed", "stored"), [(True, 1), (False, 0), (None, None)])
def test_columns_repeat_what_the_body_says(passed: bool | None, stored: int | None) -> None:
    found = evidence.columns_of({"name": "cross", "passed": passed, "checks": []})
    assert found == {
        "name": "cross",
        "profile": None,
        "run_hash": None,
        "study_id": None,
        "passed": stored,
    }


def test_evaluations_are_kept_by_kind_and_key(warehouse: Warehouse) -> None:
    assert warehouse.cached("bootstrap", "k") is None
    warehouse.remember("bootstrap", "k", {"low": [0.1, None]})
    warehouse.remember("bootstrap", "k", {"low": "another"})
    assert warehouse.cached("bootstrap", "k") == {"low": [0.1, None]}
    assert warehouse.cached("walk_forward", "k") is None
    with pytest.raises(InputError, match="can't be written as JSON"):
        warehouse.remember("bootstrap", "n", float("nan"))
