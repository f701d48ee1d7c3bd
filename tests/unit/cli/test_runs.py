"""`hyprl runs`: found, ranked, proved, computed again, explained."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import hyprl_lab as hl
from hyprl_lab.cli import run
from hyprl_lab.cli.exits import DONE, FAILED, REFUSED, USAGE
from hyprl_lab.research.recording import run_record, warehouse_of
from hyprl_lab.strategy.builtin import dual_sma


def made(**options: Any) -> hl.Result:
    """Run `dual_sma` on TEST and store it."""
    params = {"fast": options.pop("fast", 5), "slow": 20}
    result = hl.backtest(hl.load_bars("TEST"), dual_sma(), params=params, **options)
    result.save()
    return result


def test_runs_are_listed_and_shown(hyprl: Any, pair: list[str]) -> None:
    _, stored = hyprl("backtest", "TEST", "dual_sma", *pair)
    _, listed = hyprl("runs", "list")
    assert [row["run_hash"] for row in listed["runs"]] == [stored["run_hash"]]
    assert listed["runs"][0]["sharpe"] == stored["metrics"]["sharpe"]
    _, shown = hyprl("runs", "show", stored["run_hash"][:8])
    assert shown["run_hash"] == stored["run_hash"]
    assert shown["sharpe"] == stored["metrics"]["sharpe"]
    assert shown["code_version"] == hl.runs.get(stored["run_hash"]).code_version


def test_the_newest_come_first_and_as_many_as_asked_for(hyprl: Any) -> None:
    hashes = [made(fast=fast).run_hash for fast in (5, 6, 7)]
    _, listed = hyprl("runs", "list", "--limit", "2")
    assert [row["run_hash"] for row in listed["runs"]] == hashes[:0:-1]
    assert hyprl("runs", "list", "--symbol", "SPY")[1]["runs"] == []
    assert hyprl("runs", "list", "--state", "failed")[1]["runs"] == []
    assert len(hyprl("runs", "list", "--state", "any", "--where", "trades > 0")[1]["runs"]) == 3
    assert hyprl("runs", "list", "--where", "(select 1) = 1")[0] == USAGE


def test_what_is_no_hash_or_not_there(hyprl: Any) -> None:
    for command in ("show", "events", "reproduce", "verify"):
        assert hyprl("runs", command, "abc")[0] == USAGE
        assert hyprl("runs", command, "0123456789")[0] == FAILED
    for command in ("compare", "explain-diff"):
        assert hyprl("runs", command, "0123456789", "1234567890")[0] == FAILED
    assert hyprl("runs", "verify")[0] == USAGE


def test_a_list_names_each_run_s_engine(
    hyprl: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for engine in ("native", "python"):
        made(engine=engine)
    assert [row["engine"] for row in hyprl("runs", "list")[1]["runs"]] == ["python", "native"]
    monkeypatch.setenv("COLUMNS", "240")
    assert run(["runs", "list"]) == DONE
    told = capsys.readouterr().out
    assert "engine" in told
    assert "native" in told
    assert "python" in told


def test_events_are_listed_from_a_number_on(hyprl: Any) -> None:
    run_hash = made().run_hash
    code, every = hyprl("runs", "events", run_hash)
    assert code == DONE
    assert every["events"][-1]["kind"] == "completed"
    assert [event["seq"] for event in every["events"]] == list(range(1, every["last"] + 1))
    _, later = hyprl("runs", "events", run_hash[:8], "--after", str(every["last"] - 1))
    assert later["events"] == every["events"][-1:]


def test_a_leaderboard(hyprl: Any) -> None:
    runs = [made(fast=fast) for fast in (5, 8)]
    best = max(runs, key=lambda each: each.metrics.calmar or 0.0)
    _, found = hyprl("runs", "leaderboard", "--by", "calmar", "--n", "1")
    (row,) = found["runs"]
    assert (row["rank"], row["run_hash"], row["lineage_trials"]) == (1, best.run_hash, 2)
    assert hyprl("runs", "leaderboard", "--by", "luck")[0] == USAGE


def test_runs_are_compared(hyprl: Any) -> None:
    a, b = made(), made(fast=8)
    _, found = hyprl("runs", "compare", a.run_hash, b.run_hash)
    values = {(row["of"], row["name"]): list(row["values"].values()) for row in found["rows"]}
    assert values["params", "fast"] == [5, 8]
    assert values["metrics", "sharpe"] == [a.metrics.sharpe, b.metrics.sharpe]
    assert hyprl("runs", "compare", a.run_hash)[0] == USAGE


def test_verify_finds_a_changed_byte(hyprl: Any) -> None:
    run_hash = made().run_hash
    code, found = hyprl("runs", "verify", "--all")
    assert (code, found["ok"], found["runs"], found["findings"]) == (DONE, True, 1, [])
    path = hl.runs.get(run_hash).folder / "equity.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    for arguments in (["--all"], [run_hash[:8]]):
        code, found = hyprl("runs", "verify", *arguments)
        assert (code, found["ok"]) == (REFUSED, False)
        assert "equity.parquet" in found["findings"][0]["message"]
    assert hyprl("runs", "verify", run_hash, "--all")[0] == USAGE


def test_reproduce_answers_by_its_exit_code(hyprl: Any) -> None:
    result = made()
    code, found = hyprl("runs", "reproduce", result.run_hash)
    assert (code, found["equal"], found["differences"], found["versions"]) == (DONE, True, [], {})
    assert found["tables"] == ["equity", "trades", "orders"]
    frame = hl.runs.get(result.run_hash).equity().reset_index()
    frame.loc[3, "equity"] += 0.01
    frame.insert(0, "run_hash", result.run_hash)
    frame.to_parquet(hl.runs.get(result.run_hash).folder / "equity.parquet", index=False)
    code, found = hyprl("runs", "reproduce", result.run_hash)
    assert (code, found["equal"]) == (REFUSED, False)
    (changed,) = found["differences"]  # the file is not the one that was stored: no row to name
    assert (changed["table"], changed["row"], changed["column"]) == ("equity", None, "file")


def test_reproduce_says_which_version_differs(hyprl: Any) -> None:
    result = made()
    store = warehouse_of(result)
    store.save_run(replace(run_record(result, store), engine_version="0.0.9"))
    code, found = hyprl("runs", "reproduce", result.run_hash)
    assert (code, found["equal"], found["differences"]) == (FAILED, None, [])
    assert found["versions"]["engine_version"] == {"stored": "0.0.9", "here": result.engine_version}


def test_reproduce_from_bars_that_are_named(hyprl: Any) -> None:
    result = hl.backtest(hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20})
    store = warehouse_of(result)
    store.save_run(run_record(result, store))
    assert hyprl("runs", "reproduce", result.run_hash, "--bars", "TEST")[1]["equal"] is True
    assert hyprl("runs", "reproduce", result.run_hash, "--bars", "sp500")[0] == USAGE


def test_a_difference_is_explained(hyprl: Any) -> None:
    a, b = made(), made(execution=hl.Execution(fee_bps=10))
    code, found = hyprl("runs", "explain-diff", a.run_hash, b.run_hash)
    assert code == DONE
    assert list(found["parts"]) == ["data", "parameter", "cost", "fill_rule", "engine"]
    assert found["parts"]["cost"] == found["total"] == sum(found["parts"].values()) < 0
    assert found["trades"] == {"both": len(a.trades), "A": 0, "B": 0}
    assert [row["pnl_b"] for row in found["aligned"]] == b.trades["pnl"].tolist()


def test_the_engines_are_told_apart(hyprl: Any) -> None:
    run_hash = made(engine="native").run_hash
    made(engine="python")
    engines = ["--engine-a", "native", "--engine-b", "python"]
    _, found = hyprl("runs", "explain-diff", run_hash, run_hash, *engines)
    assert list(found["settings"]) == ["engine"]
    assert abs(found["total"]) < 1e-6
    assert hyprl("runs", "reproduce", run_hash, "--engine", "native")[1]["engine"] == "native"


def test_people_can_read_it(capsys: pytest.CaptureFixture[str]) -> None:
    a, b = made().run_hash, made(fast=8).run_hash
    shown = {}
    for arguments in (
        ["list"],
        ["show", a],
        ["events", a],
        ["leaderboard"],
        ["compare", a, b],
        ["verify", "--all"],
        ["reproduce", a],
        ["explain-diff", a, b],
    ):
        assert run(["runs", *arguments]) == DONE
        shown[arguments[0]] = capsys.readouterr().out
    assert a in shown["list"]
    assert "completed" in shown["events"]
    assert "equal to the last bit" in shown["reproduce"]
    assert "parameter" in shown["explain-diff"]
    assert "fast" in shown["compare"]
