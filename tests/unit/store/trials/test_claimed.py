from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

import hyprl_lab as hl
from hyprl_lab.data import Bars
from hyprl_lab.errors import IntegrityError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import TrialRow, Warehouse
from hyprl_lab.store.trials import claimed
from hyprl_lab.strategy.builtin import dual_sma

SPACE: dict[str, Any] = {"fast": [4, 5], "slow": [20, 21]}


def search(warehouse: Warehouse, **change: Any) -> str:
    given = {"space": SPACE, "warehouse": warehouse, **change}
    return str(hl.supersearch(hl.load_bars("TEST"), dual_sma(), **given).study_id)


def run(number: int) -> TrialRow:
    return TrialRow(
        strategy_hash="h", risk={}, execution={}, lineage_root="r", params={"n": float(number)},
        metrics=dict.fromkeys(TRIAL_METRICS, 0.5), behaviour_hash=number,
    )  # fmt: skip


def change(warehouse: Warehouse, statement: str) -> None:
    with warehouse.control.engine.connect() as connection, connection.begin():
        if warehouse.control.backend == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for each in statement.split("; "):
            connection.execute(text(each))


def test_an_empty_ledger_lacks_nothing(warehouse: Warehouse) -> None:
    claimed.check(warehouse._claims)
    assert warehouse.trial_count("r") == 0


def test_what_is_whole_is_counted(warehouse: Warehouse) -> None:
    search(warehouse)
    search(warehouse, objective="cagr")
    warehouse.record_trial(run(1))
    claimed.check(warehouse._claims)
    root = warehouse.lineage_root(hl.load_bars("TEST"))
    assert warehouse.trial_count(root) == 4
    warehouse.compact()
    claimed.check(warehouse._claims)
    assert (warehouse.trial_count(root), warehouse.trial_count("r")) == (4, 1)


def test_a_search_that_did_not_end_claims_nothing_yet(warehouse: Warehouse) -> None:
    bars, strategy = hl.load_bars("TEST"), dual_sma()
    root = warehouse.lineage_root(bars)
    warehouse.open_study("s", spec={}, bars=bars, lineage_root=root, strategy=strategy, total=10)
    held = warehouse.reserve_shard("s", 0, 10)
    assert warehouse.trial_count(root) == 10
    warehouse.abandon_shard(held)
    assert warehouse.trial_count(root) == 10


GONE = {
    "its row": (
        (
            "DELETE FROM shards WHERE study_id = '{study}'; "
            "DELETE FROM studies WHERE study_id = '{study}'"
        ),
        "search {short} is claimed by the chain, and has no row",
    ),
    "its shards": (
        "DELETE FROM shards WHERE study_id = '{study}'",
        "search {short} has shards of 0 trials; it claimed 4",
    ),
    "a commit": (
        "UPDATE shards SET state = 'intended' WHERE study_id = '{study}'",
        "search {short} has shards of 0 trials; it claimed 4",
    ),
    "its digest": (
        "UPDATE studies SET digest = 'x' WHERE study_id = '{study}'",
        "search {short} has another digest than it claimed",
    ),
    "its market": (
        (
            "UPDATE studies SET total = 3, lineage_root = "
            "(SELECT root FROM lineages WHERE symbol = 'ELSE') WHERE study_id = '{study}'"
        ),
        "search {short} has another lineage_root and total than it claimed",
    ),
    "a link": ("DELETE FROM chain WHERE seq = 0", "the chain has 1 of 2 links"),
    "the last link": (
        "DELETE FROM chain WHERE seq = 1",
        "the checkpoint covers 2 links; the chain has 1",
    ),
    "what it claims": (
        "UPDATE chain SET body = '[]' WHERE seq = 0",
        "search {short} is claimed by a damaged link of the chain",
    ),
    "its parts": (
        "UPDATE parts SET state = 'dead' WHERE study_id = '{study}'",
        "the parts hold fewer trials of 1 searches than were committed",
    ),
    "a run": (
        "DELETE FROM small_trials WHERE trial_index = 1",
        "there are 2 single backtests; 3 were recorded",
    ),
}


@pytest.mark.parametrize("what", GONE)
def test_what_is_gone_is_refused_and_not_counted_less(warehouse: Warehouse, what: str) -> None:
    study = search(warehouse)
    search(warehouse, objective="cagr")
    for number in range(3):
        warehouse.record_trial(run(number))
    bars = hl.load_bars("TEST")
    columns = {name: values * 1.5 for name, values in bars.columns.items()}
    warehouse.lineage_root(Bars("ELSE", "1d", bars.calendar, bars.ts, columns))
    root = warehouse.lineage_root(bars)
    assert warehouse.trial_count(root) == 4
    statement, message = (each.format(study=study, short=study[:12]) for each in GONE[what])
    change(warehouse, statement)
    with pytest.raises(IntegrityError) as refused:
        warehouse.trial_count(root)
    assert message in str(refused.value)
    assert "`hyprl warehouse " in str(refused.value)
    assert not warehouse.verify().ok


def test_a_checkpoint_that_is_gone_is_refused(warehouse: Warehouse) -> None:
    search(warehouse)
    (warehouse.home / "checkpoint.json").unlink()
    with pytest.raises(IntegrityError, match="the signed checkpoint is gone"):
        warehouse.trial_count("r")


def test_a_first_link_that_came_meanwhile_is_no_loss(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = warehouse._claims
    signed = type(claims)._signed

    def late(this: Any) -> Any:
        found = signed(this)
        monkeypatch.setattr(type(claims), "_signed", signed)
        search(warehouse)  # begins the chain
        return found

    monkeypatch.setattr(type(claims), "_signed", late)
    claims.check()
    assert claims.head()[0] == 1
