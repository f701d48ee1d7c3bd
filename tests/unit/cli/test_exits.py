from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hyprl_lab import errors
from hyprl_lab.cli import run
from hyprl_lab.cli.exits import CANCELLED, FAILED, REFUSED, USAGE, exit_code

ERRORS = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_of_the_lab_has_an_exit_code(kind: type[errors.LabError]) -> None:
    expected = (
        USAGE
        if issubclass(kind, ValueError)
        else {"CancelledError": CANCELLED, "PromotionError": REFUSED}.get(kind.__name__, FAILED)
    )
    error = errors.QualityError("x", None) if kind is errors.QualityError else kind("x")
    assert exit_code(error) == expected


def test_bad_input_is_one_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backtest", "nowhere", "dual_sma"]) == USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("hyprl: ")
    assert "'nowhere'" in err
    assert "Traceback" not in err


def test_bad_input_with_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backtest", "sp500", "no_such", "--json"]) == USAGE
    out, err = capsys.readouterr()
    error = json.loads(out)["error"]
    assert error["type"] == "StrategyError"
    assert error["exit_code"] == USAGE
    assert "no_such" in error["message"]
    assert "no_such" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["backtest"],
        ["backtest", "sp500", "dual_sma", "--cash", "lots"],
        ["token", "x"],
    ],
)
def test_usage_errors(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert "--help" in err
    assert run([*arguments, "--json"]) == USAGE
    assert json.loads(capsys.readouterr().out)["error"]["type"] == "UsageError"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["data", "show", "EURX"], USAGE),
        (["data", "show", "gone.csv"], USAGE),
        (["backtest", "EURX", "dual_sma"], USAGE),
        (["backtest", "TEST", "nosuch"], USAGE),
        (["strategies", "show", "nosuch"], USAGE),
        (["runs", "show", "deadbeef"], FAILED),
        (["report", "deadbeef"], FAILED),
        (["promote", "deadbeef", "--name", "x"], FAILED),
        (["predict", "nosuch"], FAILED),
    ],
)
def test_what_is_not_there(
    arguments: list[str], expected: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*arguments, "--json"]) == expected
    assert json.loads(capsys.readouterr().out)["error"]["exit_code"] == expected


def test_the_page_and_the_module_say_the_same() -> None:
    from hyprl_lab.cli import exits

    page = Path(__file__).parents[3] / "docs" / "cli.md"
    said = [
        [line for line in text.splitlines() if line.startswith("| ")][1:6]
        for text in (page.read_text(encoding="utf-8"), exits.__doc__ or "")
    ]
    assert said[0] == said[1]
    assert "bars or a strategy of no such name" in said[0][2]
    assert "no run, study, preset or page of that id" in said[0][3]


def test_help_comes_in_less_than_a_second() -> None:
    environment = {**os.environ, "TERMINAL_WIDTH": "200"}
    took = []
    for _ in range(3):
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", "from hyprl_lab.cli import main; main()", "--help"],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        took.append(time.perf_counter() - started)
    for name in ("demo", "backtest", "search", "report", "promote", "token", "serve", "doctor"):
        assert name in done.stdout
    assert min(took) < 1.0


def test_help_imports_nothing_heavy() -> None:
    probe = (
        "import sys; from hyprl_lab.cli import run; run(['--help']); "
        "heavy = {'pandas', 'pyarrow', 'duckdb', 'fastapi', 'uvicorn', 'sqlalchemy', 'pydantic'}; "
        "sys.stderr.write(str(sorted(heavy & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stderr == "[]"
