"""`hyprl warehouse`: counts and questions, upkeep, copies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from hyprl_lab.cli import run
from hyprl_lab.cli.exits import DONE, FAILED, REFUSED, USAGE


def test_sql_from_the_command_line(hyprl: Any, pair: list[str]) -> None:
    hyprl("backtest", "TEST", "dual_sma", *pair)
    query = "select strategy_name, 1.5 as x, cast('nan' as double) as y from runs"
    _, answer = hyprl("warehouse", "sql", query)
    assert answer == {"columns": ["strategy_name", "x", "y"], "rows": [["dual_sma", 1.5, None]]}
    assert hyprl("warehouse", "sql", "drop table runs")[0] == USAGE
    code, answer = hyprl("warehouse", "sql", "from trails")
    assert code == FAILED
    assert "trial_blocks" in json.dumps(answer)


def test_a_question_has_its_time(hyprl: Any, home: Path) -> None:
    heavy = (
        "select count(*) from range(100000000) a, range(100000000) b where a.range % 7 = b.range"
    )
    assert hyprl("warehouse", "sql", heavy, "--timeout", "0.2")[0] == FAILED


def test_columns_of_one_name_are_all_shown(hyprl: Any, home: Path) -> None:
    _, answer = hyprl("warehouse", "sql", "select 1 as a, 2 as a")
    assert answer == {"columns": ["a", "a"], "rows": [[1, 2]]}


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
    assert (answer["schema_version"], answer["generation"], answer["pinned"]) == (4, 0, [])
    live = {part["table"]: part["rows"] for part in answer["parts"] if part["state"] == "live"}
    assert live == {"trials": 12, "trial_blocks": 12}


def test_people_see_a_status(
    hyprl: Any, pair: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hyprl("backtest", "TEST", "dual_sma", *pair)
    assert run(["warehouse", "status"]) == DONE
    shown = capsys.readouterr().out
    assert str(home) in shown
    assert "1 links, 1 signed" in shown
    assert "1 completed" in shown


def test_upkeep(hyprl: Any, pair: list[str], home: Path) -> None:
    hyprl("backtest", "TEST", "dual_sma", *pair)
    code, done = hyprl("warehouse", "compact")
    assert (code, done["small_rows"], done["outputs"]) == (DONE, 1, 1)
    assert hyprl("warehouse", "compact")[1]["outputs"] == 0
    code, swept = hyprl("warehouse", "sweep")
    assert (code, swept["parts"], swept["pinned"]) == (DONE, 0, 0)
    _, counted = hyprl("warehouse", "sql", "select count(*) from trials")
    assert counted["rows"] == [[1]]


def test_verify_says_what_is_wrong(hyprl: Any, pair: list[str], home: Path) -> None:
    _, made = hyprl("backtest", "TEST", "dual_sma", *pair)
    code, found = hyprl("warehouse", "verify")
    assert (code, found["ok"], found["links"], found["findings"]) == (DONE, True, 1, [])
    file = home / "artifacts" / made["run_hash"] / "metrics.json"
    file.write_bytes(file.read_bytes().replace(b"1", b"2", 1))
    code, found = hyprl("warehouse", "verify")
    assert (code, found["ok"]) == (REFUSED, False)
    assert "metrics.json" in found["findings"][0]["message"]


def test_a_lost_checkpoint_is_signed_anew_on_request(
    hyprl: Any, pair: list[str], home: Path
) -> None:
    hyprl("backtest", "TEST", "dual_sma", *pair)
    (home / "checkpoint.json").unlink()
    assert hyprl("warehouse", "verify")[0] == REFUSED
    assert hyprl("warehouse", "sign")[0] == USAGE
    code, answer = hyprl("warehouse", "sign", "--accept")
    assert (code, answer["links"], len(answer["head"])) == (DONE, 1, 64)
    assert hyprl("warehouse", "verify")[0] == DONE


def test_backup_and_restore(
    hyprl: Any, pair: list[str], home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, made = hyprl("backtest", "TEST", "dual_sma", *pair)
    _, before = hyprl("warehouse", "status")
    code, copy = hyprl("warehouse", "backup", str(tmp_path / "copy"))
    assert (code, copy["links"], copy["ledger_id"]) == (DONE, 1, before["ledger_id"])
    assert hyprl("warehouse", "backup", str(tmp_path / "copy"))[0] == FAILED
    assert hyprl("warehouse", "restore", str(tmp_path / "copy"))[0] == FAILED
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "other"))
    code, restored = hyprl("warehouse", "restore", str(tmp_path / "copy"))
    assert (code, restored["home"]) == (DONE, str(tmp_path / "other"))
    _, answer = hyprl("warehouse", "sql", "select run_hash from runs")
    assert answer["rows"] == [[made["run_hash"]]]
    assert hyprl("warehouse", "verify")[0] == DONE


def test_a_snapshot(hyprl: Any, pair: list[str], home: Path, tmp_path: Path) -> None:
    hyprl("backtest", "TEST", "dual_sma", *pair)
    file = tmp_path / "all.duckdb"
    code, answer = hyprl("warehouse", "snapshot", str(file))
    assert (code, answer["rows"]["runs"], answer["path"]) == (DONE, 1, str(file))
    with duckdb.connect(str(file), read_only=True) as connection:
        assert connection.execute("select strategy_name from runs").fetchall() == [("dual_sma",)]
    assert hyprl("warehouse", "snapshot", str(file))[0] == FAILED
    assert hyprl("warehouse", "snapshot", str(file), "--force")[0] == DONE


def test_the_schema_as_a_page_and_as_json(
    hyprl: Any, home: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, answer = hyprl("warehouse", "schema")
    assert answer["views"]["trials"]["columns"][0]["name"] == "study_id"
    assert answer["tables"]["meta"]["columns"][0]["about"] == "primary key"
    capsys.readouterr()
    assert run(["warehouse", "schema"]) == DONE
    page = (root / "docs" / "warehouse-schema.md").read_text(encoding="utf-8")
    assert capsys.readouterr().out == page
