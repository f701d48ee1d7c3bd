"""The whole demo, as `make demo` runs it: twice, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[dict[str, Any], str]]:
    folder = tmp_path_factory.mktemp("demo")
    environment = {**os.environ, "HYPRL_HOME": str(folder / "home")}
    done = []
    for _ in range(2):
        ran = subprocess.run(
            [sys.executable, "-c", "from hyprl_lab.cli import main; main()", "demo", "--json"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.count("\n") == 1
        assert "NaN" not in ran.stdout
        done.append((json.loads(ran.stdout), ran.stderr))
    return done


def test_the_demo_says_what_it_made(demos: list[tuple[dict[str, Any], str]]) -> None:
    first, told = demos[0]
    wanted = {"bars", "backtest", "study", "validation", "report", "verdict", "preset"}
    assert wanted | {"prediction", "seconds"} <= set(first)
    assert first["bars"]["rows"] == 5031
    assert len(first["backtest"]["run_hash"]) == 64
    assert first["backtest"]["metrics"]["trades"] > 0
    assert (first["study"]["trials"], first["study"]["evaluated"]) == (4851, 4851)
    assert first["study"]["seconds"] > 0
    assert first["verdict"]["passed"]
    assert not first["verdict"]["strict_passed"]
    assert first["preset"]["profile"] == "demo"
    for path in (first["report"]["html"], first["report"]["notebook"], first["preset"]["path"]):
        assert Path(path).is_file()
    for step in ("import", "backtest", "search", "validate", "gate", "report", "serve"):
        assert step in told
    assert "Traceback" not in told


def test_the_report_is_of_the_run_that_was_judged(
    demos: list[tuple[dict[str, Any], str]],
) -> None:
    first, _ = demos[0]
    assert first["report"]["run_hash"] == first["verdict"]["run_hash"]


def test_the_prediction_came_over_http_and_was_debited(
    demos: list[tuple[dict[str, Any], str]],
) -> None:
    for answer, _ in demos:
        prediction = answer["prediction"]
        assert prediction["status"] == 200
        assert prediction["credits_cost"] == 1
        assert prediction["credits_remaining"] == 49
        assert prediction["credits_used_after"] - prediction["credits_used_before"] == 1
        assert prediction["action"] in {"LONG", "SHORT", "FLAT"}
        assert prediction["url"].startswith("http://127.0.0.1:")


def test_a_second_demo_evaluates_nothing_anew(demos: list[tuple[dict[str, Any], str]]) -> None:
    (first, _), (second, _) = demos
    assert second["backtest"]["run_hash"] == first["backtest"]["run_hash"]
    assert (first["backtest"]["reused"], second["backtest"]["reused"]) == (False, True)
    assert second["backtest"]["metrics"] == first["backtest"]["metrics"]
    assert second["study"]["study_id"] == first["study"]["study_id"]
    assert second["study"]["evaluated"] == 0
    assert second["validation"]["hash"] == first["validation"]["hash"]
    before, after = second["warehouse"]["before"], second["warehouse"]["after"]
    assert before == first["warehouse"]["after"]
    assert after["trials"] == before["trials"]
    assert after["runs"] == before["runs"]
    assert first["warehouse"]["before"]["trials"] == 0
    assert after["trials"] >= 4851
