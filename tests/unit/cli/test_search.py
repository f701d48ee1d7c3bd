"""`hyprl search`: the library's search, evaluated once."""

from __future__ import annotations

from typing import Any

import hyprl_lab as hl
from hyprl_lab.cli.exits import DONE, USAGE
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


def test_search_needs_a_space(hyprl: Any) -> None:
    assert hyprl("search", "TEST", "dual_sma")[0] == USAGE
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
