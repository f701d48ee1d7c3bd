"""`hyprl backtest`: the library's numbers, stored once."""

from __future__ import annotations

from typing import Any

import pytest

import hyprl_lab as hl
from hyprl_lab.cli import run
from hyprl_lab.cli.exits import DONE, USAGE
from hyprl_lab.strategy import builtin


def test_backtest_gives_what_the_library_gives_and_is_found_again(
    hyprl: Any, pair: list[str]
) -> None:
    code, first = hyprl("backtest", "TEST", "dual_sma", *pair, "--fee-bps", "10")
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
    code, again = hyprl("backtest", "TEST", "dual_sma", *pair, "--fee-bps", "10")
    assert code == DONE
    assert again["reused"]
    assert again["run_hash"] == first["run_hash"]
    assert hyprl("warehouse", "status")[1]["rows"]["runs"] == 1


def test_both_engines_have_one_run_hash(hyprl: Any, pair: list[str]) -> None:
    answers = [
        hyprl("backtest", "TEST", "dual_sma", *pair, "--engine", engine)[1]
        for engine in ("native", "python")
    ]
    assert [answer["engine"] for answer in answers] == ["native", "python"]
    assert answers[0]["run_hash"] == answers[1]["run_hash"]
    assert answers[0]["metrics"] == pytest.approx(answers[1]["metrics"], rel=1e-10)
    assert [answer["reused"] for answer in answers] == [False, False]  # each computed its own


def test_backtest_says_what_is_missing(hyprl: Any) -> None:
    code, answer = hyprl("backtest", "TEST", "dual_sma", "--param", "fast=10")
    assert code == USAGE
    assert answer["error"]["type"] == "StrategyError"
    assert "slow" in answer["error"]["message"]


def test_risk_needs_a_stop(hyprl: Any, pair: list[str]) -> None:
    code, answer = hyprl("backtest", "TEST", "dual_sma", *pair, "--risk", "risk_pct=0.01")
    assert code == USAGE
    assert "stop" in answer["error"]["message"]


def test_further_execution_settings_come_as_json(hyprl: Any, pair: list[str]) -> None:
    more = '{"spread_pct": 0.001, "leverage": 2}'
    options = ("--fee-bps", "10", "--risk", "fixed_units=3", "--execution", more)
    code, answer = hyprl("backtest", "TEST", "dual_sma", *pair, *options)
    expected = hl.backtest(
        hl.load_bars("TEST"),
        builtin.get("dual_sma"),
        params={"fast": 10, "slow": 30},
        risk=hl.FixedUnits(3),
        execution=hl.Execution(fee_bps=10, spread_pct=0.001, leverage=2),
    )
    assert code == DONE
    assert answer["run_hash"] == expected.run_hash
    code, answer = hyprl("backtest", "TEST", "dual_sma", *pair, "--execution", '{"spread": 1}')
    assert code == USAGE
    assert "spread_pct" in answer["error"]["message"]


def test_a_period_cuts_the_bars(hyprl: Any, pair: list[str]) -> None:
    _, answer = hyprl("backtest", "TEST", "dual_sma", *pair, "--start", "2020-06-01")
    assert answer["bars"]["start"] == "2020-06-01T00:00:00Z"


def test_people_see_metrics_with_units(capsys: pytest.CaptureFixture[str], pair: list[str]) -> None:
    assert run(["backtest", "TEST", "dual_sma", *pair]) == DONE
    out, _ = capsys.readouterr()
    assert "run hash" in out
    assert "sharpe" in out
    assert "ratio, annualised" in out
