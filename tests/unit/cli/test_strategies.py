"""`hyprl strategies`, and strategy classes in `hyprl backtest`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import hyprl_lab as hl
from hyprl_lab.cli import run
from hyprl_lab.cli.exits import DONE, REFUSED, USAGE
from hyprl_lab.research.strategies import registry
from hyprl_lab.strategy import builtin

if TYPE_CHECKING:
    from collections.abc import Iterator

CLASS = '''
class Level:
    """Long above a level."""

    def get_params_config(self):
        return {"level": {"type": "float", "default": 100.0, "min": 1.0, "max": 1e6}}

    def generate_signals(self, bars, level):
        return {"entry": bars.close > level, "exit": bars.close <= level}


class Tomorrow:
    """Knows the next close."""

    def get_params_config(self):
        return {}

    def generate_signals(self, bars):
        rise = [*(bars.close[1:] > bars.close[:-1]), False]
        return {"entry": rise, "exit": [not up for up in rise]}
'''


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "_known", {})
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    place = tmp_path / "mine"
    place.mkdir()
    (place / "level.py").write_text(CLASS, encoding="utf-8")
    (place / "broken.py").write_text("\nimport nothing_of_this_name\n", encoding="utf-8")
    return str(place)


def test_list(hyprl: Any, folder: str) -> None:
    code, answer = hyprl("strategies", "list")
    assert code == DONE
    assert [item["name"] for item in answer["strategies"]] == builtin.names()
    assert answer["errors"] == []
    code, answer = hyprl("strategies", "list", "--folder", folder)
    kinds = {item["name"]: item["kind"] for item in answer["strategies"]}
    assert code == DONE
    assert kinds["Level"] == kinds["Tomorrow"] == "class"
    assert kinds["dual_sma"] == "graph"
    (error,) = answer["errors"]
    assert (error["file"], error["line"]) == ("broken.py", 2)


def test_show(hyprl: Any, folder: str) -> None:
    code, answer = hyprl("strategies", "show", "macd_trend")
    assert code == DONE
    assert "Whipsaw" in answer["weakness"]
    assert answer["schema"]["required"] == ["fast", "signal", "slow"]
    _, answer = hyprl("strategies", "show", "Level", "--folder", folder)
    assert answer["schema"]["properties"]["level"]["default"] == 100.0
    code, answer = hyprl("strategies", "show", "Level2", "--folder", folder)
    assert code == USAGE
    assert "no strategy 'Level2'" in answer["error"]["message"]


def test_validate_says_by_its_exit_code(hyprl: Any, folder: str) -> None:
    assert hyprl("strategies", "validate", "dual_sma") == (
        DONE,
        {"name": "dual_sma", "ok": True, "errors": [], "warnings": []},
    )
    code, answer = hyprl("strategies", "validate", "Level", "--folder", folder)
    assert (code, answer["ok"]) == (DONE, True)
    code, answer = hyprl("strategies", "validate", "Tomorrow", "--folder", folder)
    assert (code, answer["ok"]) == (REFUSED, False)
    assert "looks ahead" in answer["errors"][0]


def test_what_people_see(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["strategies", "list", "--folder", folder]) == DONE
    seen = capsys.readouterr()
    assert "Long above a level." in seen.out
    assert "not taken: broken.py, line 2: ModuleNotFoundError" in seen.err
    assert run(["strategies", "show", "Level", "--folder", folder]) == DONE
    assert "level.py" in capsys.readouterr().out
    assert run(["strategies", "validate", "Tomorrow", "--folder", folder]) == REFUSED
    assert "Tomorrow: not to be used" in capsys.readouterr().out


def test_a_class_is_backtested(hyprl: Any, folder: str) -> None:
    code, answer = hyprl(
        "backtest", "TEST", "Level", "--strategies", folder, "--param", "level=105"
    )
    assert code == DONE
    found = hl.backtest(
        hl.load_bars("TEST"), hl.strategies.get("Level"), params={"level": 105}, record=False
    )
    assert answer["run_hash"] == found.run_hash
    assert answer["strategy"] == "Level(level=105.0)"
    _, again = hyprl("backtest", "TEST", "Level", "--strategies", folder, "--param", "level=105")
    assert again["reused"] is True


def test_a_name_that_is_none_tells_what_failed(hyprl: Any, folder: str) -> None:
    code, answer = hyprl("backtest", "TEST", "Nope", "--strategies", folder)
    assert code == USAGE
    said = answer["error"]["message"]
    assert "holds ['Level', 'Tomorrow']; not taken: broken.py, line 2" in said
    code, answer = hyprl("search", "TEST", "Level", "--space", "level=1:3")
    assert code == USAGE


def test_a_built_in_runs_no_file(hyprl: Any, home: Path) -> None:
    usual = home / "strategies"
    usual.mkdir(parents=True)
    (usual / "loud.py").write_text(
        f"import pathlib\npathlib.Path({str(home / 'ran')!r}).touch()\n", encoding="utf-8"
    )
    code, _ = hyprl("backtest", "TEST", "dual_sma", "--param", "fast=5", "--param", "slow=20")
    assert code == DONE
    assert not (home / "ran").exists()
    hyprl("backtest", "TEST", "Loud")
    assert (home / "ran").exists()


def _loud(place: Path) -> Path:
    """A folder whose file leaves a trace where it is run; return the trace."""
    place.mkdir(parents=True)
    ran = place.parent / "ran"
    text = f"import pathlib\npathlib.Path({str(ran)!r}).touch()\n"
    (place / "loud.py").write_text(text, encoding="utf-8")
    return ran


def test_a_folder_found_on_the_way_up_runs_nothing(
    hyprl: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = _loud(tmp_path / "repo" / ".hyprl" / "strategies")
    (tmp_path / "repo" / "src").mkdir()
    monkeypatch.chdir(tmp_path / "repo" / "src")
    monkeypatch.delenv("HYPRL_HOME")
    code, answer = hyprl("strategies", "list")
    assert code == DONE
    assert "HYPRL_HOME is not set" in answer["errors"][0]["reason"]
    for command in (("strategies", "show"), ("strategies", "validate"), ("backtest", "TEST")):
        assert hyprl(*command, "Loud")[0] == USAGE
    assert not ran.exists()
    hyprl("strategies", "list", "--folder", str(tmp_path / "repo" / ".hyprl" / "strategies"))
    assert ran.exists()


def test_what_is_asked_of_a_built_in_runs_no_file(hyprl: Any, tmp_path: Path, home: Path) -> None:
    traces = [_loud(home / "strategies"), _loud(tmp_path / "mine" / "strategies")]
    for command in ("show", "validate"):
        assert hyprl("strategies", command, "dual_sma")[0] == DONE
        given = ("--folder", str(tmp_path / "mine" / "strategies"))
        assert hyprl("strategies", command, "dual_sma", *given)[0] == DONE
    assert not any(ran.exists() for ran in traces)
