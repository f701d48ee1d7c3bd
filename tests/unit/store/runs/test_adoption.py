"""A home of schema 2, made here by the first two migrations and rows as that lab wrote them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from run_records import record

from hyprl_lab import resources
from hyprl_lab.errors import IntegrityError
from hyprl_lab.hashing import canonical_json, digest
from hyprl_lab.store import Warehouse
from hyprl_lab.store.control.sqlite import sqlite_module
from hyprl_lab.store.runs.adoption import adopt

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.sqlite_only

LEDGER = "0123456789abcdef0123456789abcdef"
VERDICT = {"name": "cross", "passed": True, "run_hash": "aa"}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def old_home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    folder = home / "artifacts" / "aa"
    folder.mkdir(parents=True)
    (home / "warehouse").mkdir()
    contents = {
        "config.json": b'{"cash":10000}',
        "metrics.json": b'{"reasons":{},"values":{"sharpe":1.25}}',
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "report.html").write_text("one")
    manifest = canonical_json(
        {
            "schema": 1,
            "run_hash": "aa",
            "engine": "native",
            "engine_version": "1",
            "files": [
                {"file": name, "size": len(content), "sha256": sha256(content)}
                for name, content in contents.items()
            ],
        }
    )
    (folder / "manifest.json").write_bytes(manifest)
    genesis = sha256(LEDGER.encode())
    run: dict[str, Any] = {
        "seq": 0,
        "run_hash": "aa",
        "engine": "native",
        "engine_version": "1",
        "state": "completed",
        "folder": "aa",
        "symbol": "SPY",
        "timeframe": "1d",
        "fingerprint": "f",
        "lineage_root": "r",
        "strategy_hash": "h",
        "strategy_name": "cross",
        "config": '{"cash":10000}',
        "metrics": '{"sharpe":1.25}',
        "manifest": manifest.decode(),
        "manifest_hash": sha256(manifest),
        "chain_prev": genesis,
        "chain_hash": sha256(bytes.fromhex(genesis) + hashlib.sha256(manifest).digest()),
        "created_at": 1_000,
    }
    report = (0, "report.html", 0, "report.html", 3, sha256(b"one"), 2_000)
    text = canonical_json(VERDICT).decode()
    verdict = (digest(VERDICT), "cross", None, 1, "aa", None, text, 3_000)
    module, _ = sqlite_module()
    database = module.connect(home / "warehouse" / "control.sqlite")
    database.execute(
        "CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL, "
        "applied_at BIGINT NOT NULL)"
    )
    for version, name in ((1, "schema/001_init.sql"), (2, "schema/002_bars.sql")):
        database.executescript(resources.read_text("warehouse", name))
        database.execute("INSERT INTO schema_migrations VALUES (?, ?, 0)", (version, name))
    database.execute("INSERT INTO meta VALUES ('ledger_id', ?)", (LEDGER,))
    marks = ", ".join("?" for _ in run)
    database.execute(f"INSERT INTO runs ({', '.join(run)}) VALUES ({marks})", tuple(run.values()))
    database.execute("INSERT INTO run_artifacts VALUES (?, ?, ?, ?, ?, ?, ?)", report)
    database.execute("INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", verdict)
    database.commit()
    database.close()
    return home


def kinds(warehouse: Warehouse) -> list[str]:
    with warehouse.control.read() as transaction:
        return [row["kind"] for row in transaction.rows("chain.all")]


def test_what_was_recorded_before_is_claimed_once(old_home: Path) -> None:
    warehouse = Warehouse(old_home)
    assert kinds(warehouse) == ["run", "artifact", "verdict"]
    assert warehouse.verify_runs().findings == ()
    content = json.loads((old_home / "checkpoint.json").read_bytes())
    assert (content["seq"], content["head"]) == warehouse.head()
    assert warehouse.save_run(record("bb"))
    warehouse.close()
    assert kinds(Warehouse(old_home)) == ["run", "artifact", "verdict", "run"]
    assert Warehouse(old_home).verify_runs().findings == ()


def test_changes_to_an_old_run_are_found(old_home: Path) -> None:
    warehouse = Warehouse(old_home)
    (old_home / "artifacts" / "aa" / "config.json").write_bytes(b'{"cash":10001}')
    (finding,) = warehouse.verify_runs().findings
    assert (finding.kind, finding.subject) == ("file", "aa")


def test_a_lost_checkpoint_is_not_made_again(old_home: Path) -> None:
    warehouse = Warehouse(old_home)
    assert warehouse.head()[0] == 3
    (old_home / "checkpoint.json").unlink()
    assert not adopt(warehouse._claims)
    warehouse.close()
    (finding,) = Warehouse(old_home).verify_runs().findings
    assert (finding.kind, finding.message.split(":")[0]) == (
        "checkpoint",
        "the signed checkpoint is gone",
    )


@pytest.mark.parametrize("how", ["checkpoint", "and the private key", "and the rows"])
def test_a_home_that_has_signed_adopts_and_signs_nothing(old_home: Path, how: str) -> None:
    """Neither the mark put back nor an empty chain makes the lab sign what it finds."""
    warehouse = Warehouse(old_home)
    assert warehouse.head()[0] == 3
    (old_home / "checkpoint.json").unlink()
    if how == "and the private key":
        (old_home / "keys" / "checkpoint.ed25519").unlink()
    with warehouse.control.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("INSERT INTO meta VALUES ('unclaimed', 'yes')")
        if how == "and the rows":
            for table in ("run_artifacts", "runs", "run_states", "verdicts", "chain"):
                connection.exec_driver_sql(f"DELETE FROM {table}")
    warehouse.close()
    again = Warehouse(old_home)
    findings = again.verify_runs().findings
    assert [finding.kind for finding in findings] == ["checkpoint"]
    with pytest.raises(IntegrityError, match="nothing can be claimed here"):
        again.save_run(record("bb"))
    assert not (old_home / "checkpoint.json").exists()
    again.sign_checkpoint()  # who knows why may say so
    assert again.verify_runs().findings == ()


def test_a_signed_home_adopts_nothing(old_home: Path) -> None:
    """The mark of the migration, put back by hand, makes nobody claim what was inserted."""
    warehouse = Warehouse(old_home)
    verdict = {"name": "forged", "passed": True}
    with warehouse.control.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("INSERT INTO meta VALUES ('unclaimed', 'yes')")
        connection.exec_driver_sql(
            "INSERT INTO verdicts (id, name, passed, body, created_at) VALUES (?, ?, ?, ?, ?)",
            (digest(verdict), "forged", 1, canonical_json(verdict).decode(), 1),
        )
    warehouse.close()
    (finding,) = Warehouse(old_home).verify_runs().findings
    assert (finding.kind, finding.subject) == ("verdict", digest(verdict))


def test_a_kill_on_the_way_is_made_good(old_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("hyprl_lab.store.runs.claims.Claims.sign", lambda _claims: None)
        Warehouse(old_home).head()
    assert Warehouse(old_home).verify_runs().findings == ()
    assert kinds(Warehouse(old_home)) == ["run", "artifact", "verdict"]


def test_a_new_home_has_nothing_to_adopt(warehouse: Warehouse) -> None:
    assert not adopt(warehouse._claims)
    assert not (warehouse.home / "checkpoint.json").exists()
