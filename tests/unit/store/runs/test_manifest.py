from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from run_records import ENVIRONMENT, orders, record

from hyprl_lab.errors import InputError
from hyprl_lab.hashing import canonical_json, digest
from hyprl_lab.store.runs.manifest import CLAIMED, folder_of, identity_of
from hyprl_lab.store.tables import equity_table
from hyprl_lab.store.trials.digests import table_digest

if TYPE_CHECKING:
    from hyprl_lab.store import Warehouse


def test_the_manifest_names_every_file_and_its_hash(warehouse: Warehouse) -> None:
    warehouse.save_run(record(orders=orders()))
    run = warehouse.get_run("aa")
    text = (run.folder / "manifest.json").read_bytes()
    manifest = json.loads(text)
    assert text == canonical_json(manifest)
    assert manifest == run.manifest
    assert hashlib.sha256(text).hexdigest() == run.manifest_hash
    names = {path.name for path in run.folder.iterdir()}
    assert {entry["file"] for entry in manifest["files"]} == names - {"manifest.json"}
    for entry in manifest["files"]:
        data = (run.folder / entry["file"]).read_bytes()
        assert (entry["size"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        assert ("content" in entry) == entry["file"].endswith(".parquet")


def test_the_manifest_says_what_was_run_and_with_what(warehouse: Warehouse) -> None:
    warehouse.save_run(record())
    run = warehouse.get_run("aa")
    said = {name: value for name, value in run.manifest.items() if name != "files"}
    assert said == {
        "schema": 2,
        "run_hash": "aa",
        "engine": "native",
        "engine_version": "native-1",
        "code_version": "0.5.0+abc",
        "environment_hash": digest(ENVIRONMENT),
        "symbol": "SPY",
        "timeframe": "1d",
        "calendar": "XNYS",
        "fingerprint": "f",
        "lineage_root": "r",
        "strategy_hash": "h",
        "strategy_name": "cross",
        "seed": 7,
        "semantics": 3,
        "created_at": run.created_at,
    }
    assert set(CLAIMED) < set(said)


def test_the_manifest_has_the_digest_of_what_a_table_says(warehouse: Warehouse) -> None:
    given = record()
    warehouse.save_run(given)
    entry = warehouse.get_run("aa").entry("equity.parquet")
    assert entry is not None
    assert entry["content"] == table_digest(equity_table("aa", given.equity))
    assert entry["content"] != table_digest(equity_table("aa", given.equity + 1e-12))


def test_an_environment_is_what_its_hash_says() -> None:
    assert identity_of(record())["environment_hash"] == digest(ENVIRONMENT)
    with pytest.raises(InputError, match="environment_hash is ab; expected the digest"):
        identity_of(record(environment_hash="ab"))


def test_folders_of_one_hash_are_told_apart() -> None:
    assert [folder_of("ab", before) for before in range(3)] == ["ab", "ab.2", "ab.3"]
