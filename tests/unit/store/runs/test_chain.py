from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import InputError, WarehouseError
from hyprl_lab.store.runs import chain

if TYPE_CHECKING:
    from hyprl_lab.store import Warehouse


def test_links_follow_each_other_from_the_ledgers_id(warehouse: Warehouse) -> None:
    genesis = hashlib.sha256(warehouse.ledger_id.encode()).hexdigest()
    assert chain.genesis_of(warehouse.ledger_id) == genesis
    previous = genesis
    with warehouse.control.write() as transaction:
        assert chain.head(transaction, genesis) == (0, genesis)
        for seq in range(3):
            body = {"id": f"v{seq}", "created_at": 5 + seq}
            link = chain.append(transaction, genesis, "verdict", f"v{seq}", body)
            text = b'{"created_at":%d,"id":"v%d"}' % (5 + seq, seq)
            joined = bytes.fromhex(previous) + hashlib.sha256(text).digest()
            assert (link.seq, link.chain_prev) == (seq, previous)
            assert link.body_hash == hashlib.sha256(text).hexdigest()
            previous = link.chain_hash
            assert previous == hashlib.sha256(joined).hexdigest()
        assert chain.head(transaction, genesis) == (3, previous)
        rows = transaction.rows("chain.all")
    assert [json.loads(row["body"])["id"] for row in rows] == ["v0", "v1", "v2"]
    assert [row["created_at"] for row in rows] == [5, 6, 7]


def test_two_links_can_not_follow_the_same_one(warehouse: Warehouse) -> None:
    genesis = chain.genesis_of(warehouse.ledger_id)
    with warehouse.control.write() as transaction:
        chain.append(transaction, genesis, "verdict", "a", {"id": "a", "created_at": 1})
        (row,) = transaction.rows("chain.all")
    with pytest.raises(WarehouseError), warehouse.control.write() as transaction:
        transaction.execute("chain.append", **{**row, "seq": 1, "chain_hash": "ab"})


def test_a_body_is_json(warehouse: Warehouse) -> None:
    body = {"created_at": float("nan")}
    with pytest.raises(InputError), warehouse.control.write() as transaction:
        chain.append(transaction, "00" * 32, "verdict", "a", body)
    assert warehouse.head()[0] == 0
