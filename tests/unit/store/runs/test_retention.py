from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from run_records import record

from hyprl_lab.errors import ConfigError, NotFoundError
from hyprl_lab.store import Warehouse
from hyprl_lab.store.parts.leases import Lease
from hyprl_lab.store.runs import retention

if TYPE_CHECKING:
    from pathlib import Path


def files(warehouse: Warehouse, run_hash: str) -> list[str]:
    return sorted(path.name for path in (warehouse.home / "artifacts" / run_hash).iterdir())


KEPT = ["config.json", "manifest.json", "metrics.json"]
WHOLE = sorted([*KEPT, "equity.parquet", "trades.parquet"])


@pytest.fixture
def five(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """Runs r0 … r4; r1 was accepted and r2 refused; two are to be kept."""
    for number in range(5):
        warehouse.save_run(record(f"r{number}"))
    warehouse.save_verdict({"run_hash": "r1", "passed": True})
    warehouse.save_verdict({"run_hash": "r2", "passed": False})
    monkeypatch.setenv("HYPRL_KEEP_RUNS", "2")
    return warehouse


def test_the_newest_and_the_accepted_keep_their_files(five: Warehouse) -> None:
    links = five.head()[0]
    assert five._runs.retain() == 2
    assert five._runs.clear() == retention.Cleared(files=4, pinned=0)
    for run_hash, expected in (("r0", KEPT), ("r1", WHOLE), ("r2", KEPT), ("r3", WHOLE)):
        assert files(five, run_hash) == expected
    assert five.get_run("r0").config == {"cash": 10_000, "seed": 0}
    assert five.get_run("r0").metrics["sharpe"] == 1.25
    with pytest.raises(NotFoundError, match="HYPRL_KEEP_RUNS"):
        five.get_run("r0").equity()
    assert five.verify_runs().findings == ()
    assert five.head()[0] == links + 2  # given up, and unlinked
    # once is enough
    assert five._runs.retain() == 0
    assert five._runs.clear() == retention.Cleared(files=0, pinned=0)
    assert five.head()[0] == links + 2


def test_what_is_given_up_is_claimed(five: Warehouse) -> None:
    five._runs.retain()
    five._runs.clear()
    with five.control.read() as transaction:
        bodies = [json.loads(row["body"]) for row in transaction.rows("chain.all")[-2:]]
        rows = transaction.rows("runs.removals")
    given, unlinked = bodies
    assert (given["subject"], unlinked["subject"]) == ("given up", "unlinked")
    named = {(file["run_seq"], file["file"]) for file in given["files"]}
    assert named == {(run, f"{name}.parquet") for run in (0, 2) for name in ("equity", "trades")}
    assert named == {(row["run_seq"], row["file"]) for row in rows}
    assert {row["unlinked_at"] for row in rows} == {unlinked["created_at"]}


def test_a_reader_keeps_what_it_may_have_listed(five: Warehouse) -> None:
    with five.pins.hold():
        five._runs.retain()
        assert five._runs.clear() == retention.Cleared(files=0, pinned=4)
        assert files(five, "r0") == WHOLE
        assert five.verify_runs().findings == ()
        with five.pins.hold():  # this one began after it, and is in nobody's way
            pass
    with five.pins.hold():
        assert five._runs.clear() == retention.Cleared(files=4, pinned=0)
    assert files(five, "r0") == KEPT


def test_a_kill_between_unlinking_and_its_commit_is_no_finding(
    five: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    five._runs.retain()
    with monkeypatch.context() as patch:
        patch.setattr(retention, "_unlinked", lambda *_: None)
        five._runs.clear()
    assert files(five, "r0") == KEPT
    assert five.verify_runs().findings == ()
    assert five._runs.clear().files == 4
    assert five.verify_runs().findings == ()


def test_added_files_go_too_and_may_come_back(five: Warehouse, tmp_path: Path) -> None:
    report = tmp_path / "made.html"
    report.write_text("one")
    five.add_artifact("r0", "report.html", report)
    five._runs.retain()
    five._runs.clear()
    assert files(five, "r0") == KEPT
    assert five.get_run("r0").removed == {"equity.parquet", "trades.parquet", "report.html"}
    again = five.add_artifact("r0", "report.html", report)
    assert (again.name, again.read_text()) == ("report-2.html", "one")
    assert five.verify_runs().findings == ()


def test_a_save_gives_up_when_many_are_over(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYPRL_KEEP_RUNS", "1")
    for number in range(11):
        warehouse.save_run(record(f"r{number}"))
    assert all(not run.removed for run in warehouse.list_runs())
    with Lease.take(warehouse.control, "maintenance"):
        warehouse.save_run(record("r11"))  # somebody else is at it: the next one does it
        assert all(not run.removed for run in warehouse.list_runs())
    warehouse.save_run(record("r12"))
    removed = [bool(run.removed) for run in warehouse.list_runs()]
    assert removed == [True] * 12 + [False]
    assert warehouse.verify_runs().findings == ()


@pytest.mark.parametrize(("given", "kept"), [("", 100), ("0", 0), (" 25 ", 25), ("all", None)])
def test_how_many_are_kept(given: str, kept: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPRL_KEEP_RUNS", given)
    assert retention.kept_runs() == kept


@pytest.mark.parametrize("given", ["-1", "ten", "1.5", "²"])
def test_what_is_no_number_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPRL_KEEP_RUNS", given)
    with pytest.raises(ConfigError, match="expected a number of runs from 0, or all"):
        retention.kept_runs()


def test_all_may_be_kept(five: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPRL_KEEP_RUNS", "all")
    claims: Any = five._claims
    assert (retention.retain(claims), retention.retain_when_due(claims, None)) == (0, 0)
