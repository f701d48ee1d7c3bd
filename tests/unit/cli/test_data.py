"""`hyprl data`: what ships, and what a file holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hyprl_lab as hl
from hyprl_lab.cli.exits import DONE, USAGE


def test_data_sets(hyprl: Any) -> None:
    _, answer = hyprl("data", "list")
    found = {item["name"]: item["rows"] for item in answer["datasets"]}
    assert found["sp500"] == 5031
    _, shown = hyprl("data", "show", "sp500")
    assert shown["calendar"] == "XNYS"
    assert shown["fingerprint"] == hl.load_bars("sp500").fingerprint


def test_a_file_says_what_it_lacks(hyprl: Any, tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(
        "ts,open,high,low,close\n2020-01-01 09:00,1,2,1,2\n2020-01-01 10:00,2,3,2,3\n",
        encoding="utf-8",
    )
    named = ("--symbol", "X", "--timeframe", "1h")
    code, answer = hyprl("data", "show", str(path), *named)
    assert code == USAGE  # naive timestamps need a zone
    assert "tz" in answer["error"]["message"]
    code, answer = hyprl("data", "show", str(path), *named, "--tz", "UTC")
    assert code == DONE
    assert (answer["symbol"], answer["rows"]) == ("X", 2)
    assert answer["end"] == "2020-01-01T10:00:00Z"
    assert answer["columns"] == ["open", "high", "low", "close"]
