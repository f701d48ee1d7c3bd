"""Every command, run as `main` runs it, on a home of its own."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

import hyprl_lab as hl
from hyprl_lab.cli import run
from hyprl_lab.cli.exits import DONE, FAILED, REFUSED, USAGE
from hyprl_lab.strategy import builtin

PAIR = ["--param", "fast=10", "--param", "slow=30"]
GRID = ["--space", "fast=5:20:5", "--space", "slow=10:40:10", "--where", "fast < slow"]


@pytest.fixture
def hyprl(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command with --json and return its exit code and its one object."""

    def call(*arguments: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = run([*arguments, "--json"])
        out, _ = capsys.readouterr()
        assert out.count("\n") == 1, out
        assert "NaN" not in out
        assert "Infinity" not in out
        return code, json.loads(out)

    return call


def test_backtest_gives_what_the_library_gives_and_is_found_again(hyprl: Any) -> None:
    code, first = hyprl("backtest", "TEST", "dual_sma", *PAIR, "--fee-bps", "10")
    expected = hl.backtest(
        hl.load_bars("TEST"),
        builtin.get("dual_sma"),
        params={"fast": 10, "slow": 30},
        execution=hl.Execution(fee_bps=10),
    )
    assert code == DONE
    assert first["run_hash"] == expected.run_hash
    assert first["metrics"] == expected.metrics.to_dict()
    assert set(first["reasons"]) == {k for k, v in first["metrics"].items() if v is None}
    assert not first["reused"]
    assert first["bars"]["rows"] == 500
    assert first["bars"]["start"] == "2020-01-01T00:00:00Z"
    code, again = hyprl("backtest", "TEST", "dual_sma", *PAIR, "--fee-bps", "10")
    assert code == DONE
    assert again["reused"]
    assert again["run_hash"] == first["run_hash"]
    assert hyprl("warehouse", "status")[1]["rows"]["runs"] == 1


def test_both_engines_have_one_run_hash(hyprl: Any) -> None:
    answers = [
        hyprl("backtest", "TEST", "dual_sma", *PAIR, "--engine", engine)[1]
        for engine in ("native", "python")
    ]
    assert [answer["engine"] for answer in answers] == ["native", "python"]
    assert answers[0]["run_hash"] == answers[1]["run_hash"]
    assert answers[0]["metrics"] == pytest.approx(answers[1]["metrics"], rel=1e-10)


def test_backtest_says_what_is_missing(hyprl: Any) -> None:
    code, answer = hyprl("backtest", "TEST", "dual_sma", "--param", "fast=10")
    assert code == USAGE
    assert answer["error"]["type"] == "StrategyError"
    assert "slow" in answer["error"]["message"]


def test_risk_needs_a_stop(hyprl: Any) -> None:
    code, answer = hyprl("backtest", "TEST", "dual_sma", *PAIR, "--risk", "risk_pct=0.01")
    assert code == USAGE
    assert "stop" in answer["error"]["message"]


def test_a_period_cuts_the_bars(hyprl: Any) -> None:
    _, answer = hyprl("backtest", "TEST", "dual_sma", *PAIR, "--start", "2020-06-01")
    assert answer["bars"]["start"] == "2020-06-01T00:00:00Z"


def test_people_see_metrics_with_units(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backtest", "TEST", "dual_sma", *PAIR]) == DONE
    out, _ = capsys.readouterr()
    assert "run hash" in out
    assert "sharpe" in out
    assert "ratio, annualised" in out


def test_search_evaluates_once_and_agrees_with_the_library(hyprl: Any) -> None:
    command = ["search", "TEST", "dual_sma", *GRID, "--constraint", "trades >= 1", "--top", "3"]
    code, first = hyprl(*command)
    assert code == DONE
    # fast 5 10 15 20, slow 10 20 30 40, fast < slow: 4 + 3 + 3 + 2
    assert (first["trials"], first["evaluated"]) == (12, 12)
    assert len(first["top"]) == 3
    objectives = [row["objective"] for row in first["top"]]
    assert objectives == sorted(objectives, reverse=True)
    assert first["best"]["params"] == {name: first["top"][0][name] for name in ("fast", "slow")}
    code, again = hyprl(*command)
    assert (code, again["evaluated"], again["study_id"]) == (DONE, 0, first["study_id"])
    assert again["top"] == first["top"]


def test_search_needs_a_space(hyprl: Any) -> None:
    assert hyprl("search", "TEST", "dual_sma")[0] == USAGE
    assert hyprl("search", "TEST", "dual_sma", "--space", "fast=9:1")[0] == USAGE


def test_promote_refuses_under_strict_and_signs_under_demo(hyprl: Any) -> None:
    _, study = hyprl("search", "sp500", "dual_sma", *GRID)
    code, strict = hyprl("promote", study["study_id"], "--name", "cross")
    assert code == REFUSED
    assert strict["preset"] is None
    assert strict["profile"] == "strict"
    assert not strict["passed"]
    assert {"name", "value", "threshold", "passed"} <= set(strict["checks"][0])
    code, passed = hyprl("promote", study["study_id"][:10], "--name", "cross", "--profile", "demo")
    assert code == DONE
    assert Path(passed["preset"]["path"]).is_file()
    code, prediction = hyprl("predict", "cross")
    assert code == DONE
    assert prediction["action"] in {"LONG", "FLAT"}
    assert prediction["as_of"] == "2018-12-31T00:00:00Z"
    assert (prediction["probability_up"] is None) == (prediction["reason"] is not None)


def test_what_is_not_there(hyprl: Any) -> None:
    for command in (["promote", "0123456789", "--name", "x"], ["report", "0123456789"]):
        code, answer = hyprl(*command)
        assert (code, answer["error"]["type"]) == (FAILED, "NotFoundError")
    assert hyprl("runs", "show", "abc")[0] == USAGE
    assert hyprl("predict", "nothing")[0] == FAILED


def test_report_of_a_stored_run(hyprl: Any, tmp_path: Path) -> None:
    _, stored = hyprl("backtest", "TEST", "dual_sma", *PAIR, "--end", "2021-06-01")
    code, made = hyprl("report", stored["run_hash"][:12], "--folder", str(tmp_path / "out"))
    assert code == DONE
    assert made["run_hash"] == stored["run_hash"]
    assert Path(made["html"]).parent == tmp_path / "out"
    assert stored["run_hash"][:12] in Path(made["html"]).read_text(encoding="utf-8")


def test_runs_are_listed_and_shown(hyprl: Any) -> None:
    _, stored = hyprl("backtest", "TEST", "dual_sma", *PAIR)
    _, listed = hyprl("runs", "list")
    assert [row["run_hash"] for row in listed["runs"]] == [stored["run_hash"]]
    _, shown = hyprl("runs", "show", stored["run_hash"][:8])
    assert shown["run_hash"] == stored["run_hash"]
    assert shown["sharpe"] == stored["metrics"]["sharpe"]


def test_sql_from_the_command_line(hyprl: Any) -> None:
    hyprl("backtest", "TEST", "dual_sma", *PAIR)
    query = "select strategy_name, 1.5 as x, cast('nan' as double) as y from runs"
    _, answer = hyprl("warehouse", "sql", query)
    assert answer == {"columns": ["strategy_name", "x", "y"], "rows": [["dual_sma", 1.5, None]]}
    assert hyprl("warehouse", "sql", "drop table runs")[0] == USAGE


def test_data_sets(hyprl: Any) -> None:
    _, answer = hyprl("data", "list")
    found = {item["name"]: item["rows"] for item in answer["datasets"]}
    assert found["sp500"] == 5031
    _, shown = hyprl("data", "show", "sp500")
    assert shown["calendar"] == "XNYS"
    assert shown["fingerprint"] == hl.load_bars("sp500").fingerprint


def test_a_key_is_shown_once_and_revoked(hyprl: Any, home: Path) -> None:
    code, made = hyprl("token", "create", "--name", "desk", "--credits", "7")
    assert code == DONE
    assert made["key"].startswith(f"hl_live_{made['id']}_")
    assert made["credits_daily_limit"] == 7
    _, listed = hyprl("token", "list")
    assert [item["id"] for item in listed["tokens"]] == [made["id"]]
    assert made["key"] not in json.dumps(listed)
    with sqlite3.connect(home / "accounts.db") as database:
        stored = "\n".join(database.iterdump())
    assert made["key"].rsplit("_", 2)[1] not in stored
    _, revoked = hyprl("token", "revoke", made["id"])
    assert not revoked["active"]
    assert hyprl("token", "revoke", "nobody")[0] == FAILED


def test_a_setting_out_of_range_is_named(hyprl: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPRL_PORT", "99999")
    code, answer = hyprl("token", "list")
    assert code == USAGE
    assert "HYPRL_PORT" in answer["error"]["message"]


def test_the_doctor_finds_nothing(hyprl: Any) -> None:
    code, answer = hyprl("doctor")
    faults = [item for item in answer["checks"] if item["required"] and not item["passed"]]
    assert not faults
    assert (code, answer["passed"]) == (DONE, True)
    names = {item["name"] for item in answer["checks"]}
    assert {"python", "packages", "home", "warehouse", "sqlite", "engines agree"} <= names


def test_the_doctor_sees_a_home_that_cannot_be_written(
    hyprl: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    monkeypatch.setenv("HYPRL_HOME", str(in_the_way / "home"))
    code, answer = hyprl("doctor")
    assert code == REFUSED
    checks = {item["name"]: item for item in answer["checks"]}
    assert not checks["home"]["passed"]
    assert checks["home"]["mend"]
    assert checks["engines agree"]["passed"]
