"""Stored runs to find, compute again and compare."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

import hyprl_lab as hl
from hyprl_lab.hashing import canonical_json
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa

PARAMS = {"fast": 5, "slow": 20}


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[hl.Warehouse]:
    opened = hl.Warehouse(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def save(warehouse: hl.Warehouse) -> Callable[..., hl.Result]:
    """Run `dual_sma` on TEST, or what is named, and store it."""

    def made(**options: Any) -> hl.Result:
        features = options.pop("features", False)
        given = {"bars": hl.load_bars("TEST"), "strategy": dual_sma(), "warehouse": warehouse}
        if "strategy" not in options:
            given["params"] = PARAMS
        result = hl.backtest(**{**given, **options})
        result.save(features=features)
        return result

    return made


@pytest.fixture
def forge(warehouse: hl.Warehouse) -> Callable[..., None]:
    """Change a stored run, and write every hash around the change anew: manifest, row and chain.

    `table` is given a table and returns another one; `metrics` the same for `metrics.json`. For a
    ledger of one run.
    """
    from sqlalchemy import text

    from hyprl_lab.store.trials.digests import table_digest

    def change(
        run_hash: str,
        file: str,
        *,
        table: Callable[[pa.Table], pa.Table] | None = None,
        entry: dict[str, object] | None = None,
        metrics: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
        row: bool = True,
    ) -> None:
        import pyarrow.parquet as pq

        run = warehouse.get_run(run_hash)
        path = run.folder / file
        told: dict[str, object] = dict(entry or {})
        values: dict[str, Any] = dict(run.metrics)
        if table is not None:
            made = table(pq.read_table(path))
            pq.write_table(made, path)
            told["content"] = table_digest(made)
        if metrics is not None:
            kept = json.loads(path.read_bytes())
            values = metrics(kept["values"])
            path.write_bytes(canonical_json({**kept, "values": values}))
        if path.is_file():
            data = path.read_bytes()
            told |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        manifest = json.loads((run.folder / "manifest.json").read_bytes())
        entries = {each["file"]: each for each in manifest["files"]}
        entries[file].update(told)
        written = canonical_json(manifest)
        (run.folder / "manifest.json").write_bytes(written)
        hashed = hashlib.sha256(written).hexdigest()
        linked = hashlib.sha256(bytes.fromhex(run.chain_prev) + bytes.fromhex(hashed)).hexdigest()
        named = {"body": written.decode(), "hash": hashed, "link": linked, "run": run_hash}
        of_runs = (
            "UPDATE runs SET manifest = :body, manifest_hash = :hash, chain_hash = :link "
            "WHERE run_hash = :run"
        )
        of_chain = (
            "UPDATE chain SET body = :body, body_hash = :hash, chain_hash = :link "
            "WHERE kind = 'run' AND subject = :run"
        )
        with warehouse.control.engine.begin() as connection:
            for statement in (of_runs, of_chain):
                connection.execute(text(statement), named)
            if metrics is not None and row:
                connection.execute(
                    text("UPDATE runs SET metrics = :metrics WHERE run_hash = :run"),
                    {"metrics": canonical_json(values).decode(), "run": run_hash},
                )

    return change
