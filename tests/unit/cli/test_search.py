"""`hyprl search`: the library's search, evaluated once."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

import hyprl_lab as hl
from hyprl_lab.cli.exits import CANCELLED, DONE, USAGE
from hyprl_lab.cli.search import _halving
from hyprl_lab.strategy import builtin


def test_search_evaluates_once_and_agrees_with_the_library(hyprl: Any, grid: list[str]) -> None:
    command = ["search", "TEST", "dual_sma", *grid, "--constraint", "trades >= 1", "--top", "3"]
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


def test_a_parameter_without_a_space_takes_its_own_range(hyprl: Any) -> None:
    draw = ["--sampler", "random", "--max-trials", "8"]
    code, answer = hyprl("search", "TEST", "dual_sma", *draw)
    study = hl.supersearch(
        hl.load_bars("TEST"), builtin.get("dual_sma"), sampler="random", max_trials=8
    )
    assert (code, answer["study_id"], study.evaluated) == (DONE, study.study_id, 0)


def test_a_space_that_ends_before_it_starts_is_refused(hyprl: Any) -> None:
    assert hyprl("search", "TEST", "dual_sma", "--space", "fast=9:1")[0] == USAGE


def test_what_each_option_says_reaches_the_search(hyprl: Any, grid: list[str]) -> None:
    told = ["--objective", "cagr", "--constraint", "trades >= 2", "--constraint", "cagr >= -1"]
    code, answer = hyprl("search", "TEST", "dual_sma", *grid, *told, "--holdout", "0.5")
    study = hl.supersearch(
        hl.load_bars("TEST"),
        builtin.get("dual_sma"),
        space={"fast": range(5, 21, 5), "slow": range(10, 41, 10)},
        where="fast < slow",
        objective="cagr",
        constraints=["trades >= 2", "cagr >= -1"],
        holdout=0.5,
    )
    assert code == DONE
    assert (answer["study_id"], study.evaluated) == (study.study_id, 0)
    assert (answer["objective"], answer["constraints"]) == ("cagr", ["trades >= 2", "cagr >= -1"])
    assert answer["best"]["objective"] == answer["best"]["metrics"]["cagr"]


def test_a_setting_is_searched_as_a_parameter_is(hyprl: Any) -> None:
    code, answer = hyprl(
        *("search", "TEST", "dual_sma", "--space", "fast=5,10", "--space", "slow=20"),
        *("--space", "execution.fee_bps=0,50"),
    )
    assert (code, answer["trials"]) == (DONE, 4)
    assert {row["execution.fee_bps"] for row in answer["top"]} == {0.0, 50.0}
    assert answer["best"]["params"]["execution.fee_bps"] == 0.0  # costs never help here


def test_what_is_drawn_depends_on_the_seed_alone(hyprl: Any) -> None:
    asked = (
        *("search", "TEST", "dual_sma", "--space", "fast=2:20", "--space", "slow=21:60"),
        *("--sampler", "random", "--max-trials", "12"),
    )
    _, first = hyprl(*asked, "--seed", "1")
    _, again = hyprl(*asked, "--seed", "1")
    _, other = hyprl(*asked, "--seed", "2")
    assert (first["trials"], first["sampler"], again["evaluated"]) == (12, "random", 0)
    assert first["study_id"] == again["study_id"] != other["study_id"]
    assert first["top"] == again["top"]


def test_several_objectives_give_a_front(hyprl: Any, grid: list[str]) -> None:
    code, answer = hyprl(
        *("search", "TEST", "dual_sma", *grid),
        *("--objective", "sharpe", "--objective", "-max_drawdown"),
    )
    assert code == DONE
    assert answer["objective"] == ["sharpe", "-max_drawdown"]
    front = [(row["objective"], row["objective_2"]) for row in answer["pareto"]]
    everything = [(row["objective"], row["objective_2"]) for row in answer["top"]]
    assert front == sorted(front, reverse=True)
    for mine in front:
        assert not any(
            other != mine and other[0] >= mine[0] and other[1] >= mine[1] for other in everything
        )


def test_halving_prunes_and_the_answer_says_how_many(hyprl: Any, grid: list[str]) -> None:
    code, answer = hyprl("search", "TEST", "dual_sma", *grid, "--halving", "3,1")
    assert code == DONE
    assert (answer["trials"], answer["pruned"]) == (12, 8)  # a third of 12 went on
    for wrong in ("3", "3,", "a,b", "1,1"):
        assert hyprl("search", "TEST", "dual_sma", *grid, "--halving", wrong)[0] == USAGE


def test_the_ledger_may_leave_blocks_out(hyprl: Any, grid: list[str]) -> None:
    assert hyprl("search", "TEST", "dual_sma", *grid, "--ledger", "summary")[0] == DONE
    assert hl.warehouse.sql("select count(*) as n from trial_blocks")["n"].tolist() == [0]
    assert hyprl("search", "TEST", "dual_sma", *grid, "--ledger", "none")[0] == USAGE


def test_a_preset_says_what_was_not_typed(hyprl: Any, grid: list[str]) -> None:
    code, answer = hyprl("search", "TEST", "dual_sma", *grid, "--preset", "research_minimal")
    assert code == DONE
    assert answer["constraints"] == ["trades >= 30"]
    assert any("trades >= 30" in remark for remark in answer["remarks"])  # 12 trials, none met it
    (spec,) = hl.warehouse.sql("select spec from studies")["spec"]
    assert json.loads(spec)["preset"] == hl.search_preset("research_minimal").label


def test_what_a_preset_locks_is_refused(hyprl: Any, grid: list[str]) -> None:
    asked = ("search", "TEST", "dual_sma", *grid, "--preset", "research_minimal")
    code, answer = hyprl(*asked, "--holdout", "0.3")
    assert code == USAGE
    assert "locks holdout at 0.2" in answer["error"]["message"]
    assert hyprl(*asked, "--holdout", "0.2")[0] == DONE  # as it is locked
    assert hyprl(*asked[:-1], "nobody")[0] == USAGE
    assert hyprl(*asked[:-1], "sma_pairs")[0] == USAGE  # it has a space of its own


def test_a_preset_with_a_strategy_needs_no_more_than_bars(
    hyprl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    search = hl.SearchPreset.search
    monkeypatch.setattr(
        hl.SearchPreset,
        "search",
        lambda self, *given, **options: asked.append(given) or search(self, *given, **options),
    )
    code, answer = hyprl("search", "TEST", "--preset", "sma_pairs", "--top", "1")
    assert (code, answer["trials"], asked[0][1]) == (DONE, 4851, None)
    assert hyprl("search", "TEST")[0] == USAGE


def test_a_stopped_search_says_so_and_goes_on(
    hyprl: Any, grid: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = threading.Event()
    stopped.set()
    whole = hl.supersearch
    monkeypatch.setattr(
        hl, "supersearch", lambda *given, **options: whole(*given, **options, cancel=stopped)
    )
    code, answer = hyprl("search", "TEST", "dual_sma", *grid)
    assert (code, answer["complete"], answer["best"], answer["top"]) == (
        CANCELLED,
        False,
        None,
        [],
    )
    stopped.clear()
    assert hyprl("search", "TEST", "dual_sma", *grid)[0] == DONE


def test_halving_is_written_in_two_numbers() -> None:
    assert _halving(" 4, 2") == hl.Halving(factor=4, rungs=2)
