"""Bars, results, verdicts and the warehouse in a command's answer."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from rich.console import Console

import hyprl_lab as hl
from hyprl_lab.cli import summary
from hyprl_lab.strategy import builtin


@pytest.mark.parametrize(
    ("moment_us", "said"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00Z"),
        (-1_000_000, "1969-12-31T23:59:59Z"),
        (1, "1970-01-01T00:00:00.000001Z"),
    ],
)
def test_moments_are_iso_8601(moment_us: int, said: str) -> None:
    assert summary.utc(moment_us) == said


def test_bars_are_named_counted_and_hashed() -> None:
    bars = hl.load_bars("sp500")
    said = summary.bars_summary(bars)
    assert (said["rows"], said["start"][:10], said["end"][:10]) == (  # type: ignore[index]
        5031,
        "1999-01-04",
        "2018-12-31",
    )
    assert said["fingerprint"] == bars.fingerprint


def test_a_result_gives_a_reason_for_each_metric_it_lacks() -> None:
    never = hl.Strategy("never", long_entry=hl.close > 1e9)
    result = hl.backtest(hl.load_bars("TEST"), never, record=False)
    said = summary.result_summary(result)
    assert said["recorded"] is False
    assert {k for k, v in said["metrics"].items() if v is None} == set(said["reasons"])  # type: ignore[attr-defined, call-overload]
    console = Console(width=200)
    with console.capture() as caught:
        console.print(summary.metrics_table(result.metrics))
    lines = {line.split()[0]: line for line in caught.get().splitlines() if line.strip()}
    assert "no trades" in lines["win_rate"]
    assert "fraction" in lines["exposure"] or "percent" in lines["exposure"]


def test_the_warehouse_is_counted() -> None:
    assert summary.warehouse_counts() == {"runs": 0, "trials": 0, "evaluations": 0}
    bars, cross = hl.load_bars("TEST"), builtin.get("dual_sma")
    result = hl.backtest(bars, cross, params={"fast": 5, "slow": 20})
    assert summary.stored_runs(result.run_hash) == 0
    result.save()
    assert summary.stored_runs(result.run_hash) == 1
    hl.supersearch(bars, cross, space={"fast": [5], "slow": [20, 30]}, holdout=0.0)
    counts = summary.warehouse_counts()
    assert counts["runs"] == 1
    assert counts["trials"] == 2  # the single run is one of the two


def test_a_verdict_in_a_few_words() -> None:
    row = SimpleNamespace
    checks = [
        row(required=True, passed=True),
        row(required=True, passed=False),
        row(required=False, passed=False),
    ]
    refused = row(profile="strict", passed=False, checks=checks, preset=None)
    assert summary.verdict_outcome(refused) == "strict refused (1 of 2 checks failed)"  # type: ignore[arg-type]
    assert summary.preset_summary(refused) is None  # type: ignore[arg-type]
    passed = row(profile="demo", passed=True)
    assert summary.verdict_outcome(passed) == "demo passed"  # type: ignore[arg-type]
