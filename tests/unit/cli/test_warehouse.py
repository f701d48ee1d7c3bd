"""`hyprl warehouse`: counts and questions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hyprl_lab.cli.exits import DONE, USAGE


def test_sql_from_the_command_line(hyprl: Any, pair: list[str]) -> None:
    hyprl("backtest", "TEST", "dual_sma", *pair)
    query = "select strategy_name, 1.5 as x, cast('nan' as double) as y from runs"
    _, answer = hyprl("warehouse", "sql", query)
    assert answer == {"columns": ["strategy_name", "x", "y"], "rows": [["dual_sma", 1.5, None]]}
    assert hyprl("warehouse", "sql", "drop table runs")[0] == USAGE


def test_status_counts_every_view(hyprl: Any, grid: list[str], home: Path) -> None:
    hyprl("search", "TEST", "dual_sma", *grid)
    code, answer = hyprl("warehouse", "status")
    assert code == DONE
    assert answer["home"] == str(home)
    assert answer["ledger_id"]
    assert (answer["rows"]["studies"], answer["rows"]["trials"], answer["rows"]["runs"]) == (
        1,
        12,
        0,
    )
    assert answer["rows"]["trial_blocks"] == 12
