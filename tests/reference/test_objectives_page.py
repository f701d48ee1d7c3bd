"""docs/objectives.md: its examples run, and what it says of samplers is what they are told."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import optuna
import pytest

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.search import adaptive_arguments, adaptive_talk
from hyprl_lab.research.search.adaptive_sampler import NAMES, sampler_plan

PAGE = Path(__file__).resolve().parents[2] / "docs" / "objectives.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_examples_run_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "objectives_page"}
    found = list(re.finditer(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
    assert len(found) >= 9
    for match in found:
        line = TEXT.count("\n", 0, match.start(1))
        exec(compile("\n" * line + match[1], str(PAGE), "exec"), names)


def test_every_sampler_stands_there() -> None:
    section = TEXT.split("\n## Samplers that learn\n")[1].split("\n## ")[0]
    for name in NAMES:
        assert f'| `"{name}"` |' in section
        assert f"{type(sampler_plan(name).make(1)).__name__}(...)" in section
    assert f"its population, {sampler_plan('nsga2').batch(1000)} |" in section
    assert f"from 1 to {sampler_plan('tpe').batch(100_000)} |" in section
    assert f"at most {adaptive_arguments.MOST_TRIALS:,}" in section


def test_the_numbers_are_those_of_the_code() -> None:
    told = TEXT.split("\n## What a sampler is told\n")[1].split("\n## ")[0]
    assert told.count(f"{adaptive_talk._UNDEFINED:,.0f}") == 3
    assert f"| pruned by halving | infeasible by {adaptive_talk._PRUNED:g} |" in told
    assert (adaptive_talk._TRIES, adaptive_talk._REPEATS, adaptive_talk._MOST_REPEATS) == (
        100,
        2,
        100,
    )
    left_out = TEXT.split("\n## Points that are not evaluated\n")[1].split("\n## ")[0]
    assert "a hundred in a row" in left_out
    assert "after two of them" in left_out
    assert "a hundred draws" in left_out


@pytest.mark.parametrize(
    "name",
    ["RandomSampler", "QMCSampler", "BruteForceSampler", "NSGAIIISampler"],
)
def test_the_samplers_that_are_refused_are_named(name: str) -> None:
    words = {"NSGAIIISampler": "NSGA-III is experimental in Optuna 5"}
    assert words.get(name, f"`{name}`") in TEXT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = getattr(optuna.samplers, name)()
    with pytest.raises(SpaceError, match="can't steer a search; use "):
        sampler_plan(sampler)
