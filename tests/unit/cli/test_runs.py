"""`hyprl runs`: listed and shown."""

from __future__ import annotations

from typing import Any

from hyprl_lab.cli.exits import FAILED, USAGE


def test_runs_are_listed_and_shown(hyprl: Any, pair: list[str]) -> None:
    _, stored = hyprl("backtest", "TEST", "dual_sma", *pair)
    _, listed = hyprl("runs", "list")
    assert [row["run_hash"] for row in listed["runs"]] == [stored["run_hash"]]
    _, shown = hyprl("runs", "show", stored["run_hash"][:8])
    assert shown["run_hash"] == stored["run_hash"]
    assert shown["sharpe"] == stored["metrics"]["sharpe"]


def test_the_newest_come_first_and_as_many_as_asked_for(hyprl: Any) -> None:
    made = [
        hyprl("backtest", "TEST", "dual_sma", "--param", "fast=5", "--param", f"slow={slow}")[1]
        for slow in (20, 30, 40)
    ]
    hashes = [answer["run_hash"] for answer in made]
    _, listed = hyprl("runs", "list", "--limit", "2")
    assert [row["run_hash"] for row in listed["runs"]] == hashes[:0:-1]


def test_what_is_no_hash_or_not_there(hyprl: Any) -> None:
    assert hyprl("runs", "show", "abc")[0] == USAGE
    assert hyprl("runs", "show", "0123456789")[0] == FAILED
