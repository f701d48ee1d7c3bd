"""A ledger that has a claim of every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from crew import begin, commit
from run_records import TIMES, orders, record

from hyprl_lab.hashing import digest

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from hyprl_lab.store import Warehouse

__all__ = ["build"]


def build(warehouse: Warehouse, patch: pytest.MonkeyPatch, scratch: Path) -> None:
    """Fill a warehouse: nine runs, three of which gave their files up; and what is said of them.

    One run is by two engines' versions, one was accepted, one has no files any more, one has lost
    its rows' claim to them and keeps the files for now. A study is finished.
    """
    report = scratch / "report.html"
    for number in range(8):
        environment = {"python": f"3.11.{number % 2}"}
        warehouse.save_run(
            record(
                digest(number),
                config={"cash": 10_000.0 + number, "seed": number},
                metrics={"sharpe": 1.0 + number, "calmar": None},
                equity=pd.Series([100.0, 102.0 + number, 101.0], index=TIMES, name="equity"),
                seed=number if number % 3 else None,
                orders=orders() if number % 2 else None,
                environment=environment,
                environment_hash=digest(environment),
            )
        )
        report.write_text(f"report {number}")
        if number % 2:
            warehouse.add_artifact(digest(number), "report.html", report)
    warehouse.save_run(record(digest(7), engine_version="native-2"))
    report.write_text("report 7, another")
    warehouse.add_artifact(digest(7), "report.html", report)
    for number in range(4):
        verdict = {"run_hash": digest(number), "passed": number == 1, "name": f"v{number}"}
        warehouse.save_verdict(verdict if number else {**verdict, "profile": "strict"})
    root, _ = begin(warehouse, "study", 1)
    commit(warehouse, "study", root, 0)
    warehouse.complete_study("study", {"best": 1.0})
    with patch.context() as setting:
        setting.setenv("HYPRL_KEEP_RUNS", "6")
        warehouse._runs.retain()
        warehouse._runs.clear()
        setting.setenv("HYPRL_KEEP_RUNS", "5")
        warehouse._runs.retain()  # its files are there until the next sweep
    warehouse.save_run(record(digest(8)))
