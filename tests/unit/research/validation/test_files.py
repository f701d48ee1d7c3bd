"""A validation is kept with the run it judged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import hyprl_lab as hl
from hyprl_lab.research.validation.files import DETAIL, SUMMARY, keep_validation
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = {"checks": ["psr", "bootstrap"], "resamples": 50}


def test_it_is_kept_with_a_saved_run(tmp_path: Path) -> None:
    warehouse = hl.Warehouse(tmp_path)
    result = hl.backtest(
        hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20}, warehouse=warehouse
    )
    before = hl.validate(result, **OPTIONS)  # type: ignore[arg-type]
    assert not keep_validation(before, result, warehouse)
    run = warehouse.get_run(result.save())
    assert not (run.folder / SUMMARY).exists()
    found = hl.validate(result, **OPTIONS)  # type: ignore[arg-type]
    summary = json.loads((run.folder / SUMMARY).read_bytes())
    detail = json.loads((run.folder / DETAIL).read_bytes())
    assert summary["hash"] == detail["hash"] == found.hash
    assert {**summary, **detail} == json.loads(json.dumps(found.to_dict()))
    assert set(detail) == {"evidence", "hash"}
    assert set(detail["evidence"]) == {"bootstrap"}
    assert [row["name"] for row in summary["rows"]] == [row.name for row in found.rows]
    assert warehouse.verify_runs(run.run_hash).ok
    hl.validate(result, **OPTIONS)  # type: ignore[arg-type]
    assert not (run.folder / "validation-2.json").exists()  # the same again changes nothing
    hl.backtest(
        hl.load_bars("TEST"), dual_sma(), params={"fast": 6, "slow": 20}, warehouse=warehouse
    )
    hl.validate(result, **OPTIONS)  # type: ignore[arg-type]
    assert (run.folder / "validation-2.json").exists()  # one trial more is in the ledger
    (run.folder / SUMMARY).write_bytes(b"{}")
    assert not warehouse.verify_runs(run.run_hash).ok
