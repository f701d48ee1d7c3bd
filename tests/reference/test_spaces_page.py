"""docs/spaces.md: its examples run, and what it says is refused is refused in those words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import hyprl_lab as hl
from hyprl_lab.engine.config import AllIn, Execution
from hyprl_lab.research.space import points_of
from hyprl_lab.research.space.settings import setting_names

PAGE = Path(__file__).resolve().parents[2] / "docs" / "spaces.md"
TEXT = PAGE.read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The code spans of each row of a section's table."""
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [re.findall(r"`([^`]+)`", line) for line in lines]


def test_the_examples_run_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "home"))
    names: dict[str, Any] = {"__name__": "spaces_page"}
    found = list(re.finditer(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
    assert len(found) >= 8
    for match in found:
        line = TEXT.count("\n", 0, match.start(1))
        exec(compile("\n" * line + match[1], str(PAGE), "exec"), names)


@pytest.mark.parametrize("row", rows("What is refused"), ids=lambda row: row[0])
def test_what_is_refused_is_said_in_these_words(row: list[str]) -> None:
    given, said = row
    call = compile(f"points_of(cross, {given})", str(PAGE), "eval")
    with pytest.raises(hl.errors.SpaceError) as caught:
        eval(call, {"hl": hl, "points_of": points_of, "cross": hl.strategies.get("dual_sma")})
    assert said in str(caught.value)


def test_the_refusals_are_all_there() -> None:
    assert len(rows("What is refused")) >= 30


def test_every_setting_is_listed() -> None:
    models = {
        "hl.FixedFraction": hl.FixedFraction(0.5),
        "hl.FixedUnits": hl.FixedUnits(5),
        "hl.RiskPct": hl.RiskPct(0.02),
        "hl.VolatilityTarget": hl.VolatilityTarget(0.1, 20),
        "hl.KellyFraction": hl.KellyFraction(0.5, 50, 0.1),
    }
    listed = {row[0]: set(row[1:]) for row in rows("Settings of risk and execution")}
    execution = set(setting_names(AllIn(), Execution()))
    assert listed.pop("hl.Execution") == execution
    assert set(listed) == set(models)
    for name, model in models.items():
        assert listed[name] == set(setting_names(model, Execution())) - execution
