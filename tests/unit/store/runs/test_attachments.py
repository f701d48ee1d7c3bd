from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest
from run_records import record

from hyprl_lab.errors import InputError, NotFoundError, WarehouseError
from hyprl_lab.store import Warehouse
from hyprl_lab.store.runs import attachments

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "made.html"
    path.write_text("one")
    return path


@pytest.fixture
def stored(warehouse: Warehouse) -> Warehouse:
    warehouse.save_run(record())
    return warehouse


def announced(warehouse: Warehouse) -> list[attachments.Announced]:
    with warehouse.control.read() as transaction:
        return attachments.announced(transaction)


def test_reports_are_kept_with_their_run(stored: Warehouse, report: Path) -> None:
    first = stored.add_artifact("aa", "report.html", report)
    assert first == stored.get_run("aa").folder / "report.html"
    assert stored.add_artifact("aa", "report.html", report) == first
    report.write_text("two")
    second = stored.add_artifact("aa", "report.html", report)
    assert (first.read_text(), second.read_text()) == ("one", "two")
    assert second.name == "report-2.html"
    assert stored.verify_runs("aa").findings == ()
    assert stored.head()[0] == 3
    assert announced(stored) == []
    assert list(stored.scratch.iterdir()) == []


def test_an_added_file_is_claimed(stored: Warehouse, report: Path) -> None:
    stored.add_artifact("aa", "report.html", report)
    with stored.control.read() as transaction:
        link = transaction.rows("chain.all")[-1]
    assert (link["kind"], link["subject"]) == ("artifact", "aa")
    body = json.loads(link["body"])
    assert body["created_at"] == link["created_at"]
    del body["created_at"]
    assert body == {
        "kind": "artifact",
        "run_hash": "aa",
        "engine": "native",
        "engine_version": "native-1",
        "run_seq": 0,
        "name": "report.html",
        "revision": 0,
        "file": "report.html",
        "size": 3,
        "sha256": "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed",
    }


def test_names_that_would_meet_are_kept_apart(stored: Warehouse, report: Path) -> None:
    """The second revision of one name is the name of another file."""
    stored.add_artifact("aa", "report-2.html", report)
    stored.add_artifact("aa", "report.html", report)
    report.write_text("two")
    assert stored.add_artifact("aa", "report.html", report).name == "report-3.html"
    assert (stored.get_run("aa").folder / "report-2.html").read_text() == "one"
    stored.add_artifact("aa", "bare", report)
    report.write_text("three")
    assert stored.add_artifact("aa", "bare", report).name == "bare-2"
    assert stored.verify_runs("aa").findings == ()


def test_artifact_names_are_checked(stored: Warehouse, report: Path, tmp_path: Path) -> None:
    for name in ("../out.html", "", ".hidden", "a\0b"):
        with pytest.raises(InputError, match="not a plain file name"):
            stored.add_artifact("aa", name, report)
    for name in ("config.json", "manifest.json", "trades.parquet"):
        with pytest.raises(InputError, match="one of the run's own files"):
            stored.add_artifact("aa", name, report)
    with pytest.raises(NotFoundError, match="no file"):
        stored.add_artifact("aa", "x.html", tmp_path / "none.html")
    with pytest.raises(NotFoundError, match="no run bb"):
        stored.add_artifact("bb", "x.html", report)


def test_one_that_fails_leaves_nothing(
    stored: Warehouse, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise WarehouseError("refused")

    with monkeypatch.context() as patch:
        patch.setattr("hyprl_lab.store.runs.claims.Claims.append", refuse)
        with pytest.raises(WarehouseError, match="refused"):
            stored.add_artifact("aa", "report.html", report)
    assert not (stored.get_run("aa").folder / "report.html").exists()
    assert announced(stored) == []
    assert list(stored.scratch.iterdir()) == []
    assert stored.verify_runs().findings == ()
    assert stored.add_artifact("aa", "report.html", report).name == "report.html"


def test_a_kill_after_it_was_placed_is_no_finding(stored: Warehouse, report: Path) -> None:
    home = stored.home
    pid = os.fork()
    if not pid:
        try:
            own = Warehouse(home)

            def die(*_: Any) -> None:
                os.kill(os.getpid(), signal.SIGKILL)

            own._claims.append = die  # type: ignore[method-assign]
            own.add_artifact("aa", "report.html", report)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    left = stored.get_run("aa").folder / "report.html"
    assert left.read_text() == "one"
    (entry,) = announced(stored)
    assert entry.is_abandoned
    assert stored.verify_runs().findings == ()
    # what somebody else put there is one, all the same
    (left.parent / "report-2.html").write_text("stranger")
    assert [finding.message for finding in stored.verify_runs().findings] == [
        "report-2.html is in the run's folder, and was not stored there"
    ]
    (left.parent / "report-2.html").unlink()
    assert stored._runs.clear().files == 1
    assert not left.exists()
    assert announced(stored) == []
    assert stored.verify_runs().findings == ()


def test_one_that_is_under_way_is_not_cleared(stored: Warehouse) -> None:
    with stored.control.write() as transaction:
        key = "attaching:" + attachments.staging.name("artifact")
        value = '{"name":"report.html","run_seq":0}'
        transaction.execute("runs.announce", key=key, value=value)
    (stored.get_run("aa").folder / "report.html").write_text("half")
    assert stored._runs.clear().files == 0
    assert len(announced(stored)) == 1
    assert stored.verify_runs().findings == ()
