"""`hyprl report`: the report of a stored run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hyprl_lab.cli.exits import DONE, FAILED


def test_report_of_a_stored_run(hyprl: Any, tmp_path: Path, pair: list[str]) -> None:
    _, stored = hyprl("backtest", "TEST", "dual_sma", *pair, "--end", "2021-06-01")
    code, made = hyprl("report", stored["run_hash"][:12], "--folder", str(tmp_path / "out"))
    assert code == DONE
    assert made["run_hash"] == stored["run_hash"]
    assert Path(made["html"]).parent == tmp_path / "out"
    assert stored["run_hash"][:12] in Path(made["html"]).read_text(encoding="utf-8")


def test_what_is_not_there(hyprl: Any) -> None:
    code, answer = hyprl("report", "0123456789")
    assert (code, answer["error"]["type"]) == (FAILED, "NotFoundError")
