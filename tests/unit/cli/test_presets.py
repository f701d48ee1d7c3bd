"""`hyprl promote`, `hyprl predict` and `hyprl presets`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hyprl_lab.cli import run
from hyprl_lab.cli.exits import DONE, FAILED, REFUSED, USAGE


def test_promote_refuses_under_strict_and_signs_under_demo(
    hyprl: Any, grid: list[str], tmp_path: Path
) -> None:
    _, study = hyprl("search", "sp500", "dual_sma", *grid)
    code, strict = hyprl("promote", study["study_id"], "--name", "cross")
    assert code == REFUSED
    assert strict["preset"] is None
    assert strict["profile"] == "strict"
    assert not strict["passed"]
    assert {"name", "value", "threshold", "passed"} <= set(strict["checks"][0])
    code, passed = hyprl("promote", study["study_id"][:10], "--name", "cross", "--profile", "demo")
    assert code == DONE
    assert Path(passed["preset"]["path"]).is_file()
    code, prediction = hyprl("predict", "cross")
    assert code == DONE
    assert prediction["action"] in {"LONG", "FLAT"}
    assert prediction["as_of"] == "2018-12-31T00:00:00Z"
    assert (prediction["probability_up"] is None) == (prediction["reason"] is not None)
    for source in ("sp500", _as_file(tmp_path)):
        _, again = hyprl("predict", "cross", source)
        assert again == prediction
    _, other = hyprl("predict", "cross", "nasdaq")
    assert other["probability_up"] is None
    assert "chosen on SP500 1d, and these bars are NASDAQ 1d" in other["reason"]


def _as_file(folder: Path) -> str:
    from hyprl_lab.data import load_bars

    path = folder / "SP500.parquet"
    load_bars("sp500").to_pandas().to_parquet(path)
    return str(path)


def test_what_is_not_there(hyprl: Any) -> None:
    code, answer = hyprl("promote", "0123456789", "--name", "x")
    assert (code, answer["error"]["type"]) == (FAILED, "NotFoundError")
    assert hyprl("predict", "nothing")[0] == FAILED


def promoted(hyprl: Any, grid: list[str]) -> Path:
    """Promote `cross` twice, from two studies, and return the folder."""
    for cash in ("10000", "20000"):
        _, study = hyprl("search", "sp500", "dual_sma", *grid, "--cash", cash)
        code, found = hyprl("promote", study["study_id"], "--name", "cross", "--profile", "demo")
        assert code == DONE, found
    return Path(found["preset"]["path"]).parent


def test_versions_are_listed_shown_moved_demoted_and_verified(
    hyprl: Any, grid: list[str], capsys: Any
) -> None:
    folder = promoted(hyprl, grid)
    _, answer = hyprl("presets", "list")
    told = [(row["version"], row["state"], row["live"]) for row in answer["presets"]]
    assert told == [(1, "promoted", False), (2, "promoted", True)]
    assert hyprl("presets", "live", "cross")[1]["live"] == 2
    assert hyprl("presets", "live", "cross", "--version", "1", "--reason", "calmer")[1]["live"] == 1
    code, shown = hyprl("presets", "show", "cross")
    assert (code, shown["version"], shown["live"]) == (DONE, 1, True)
    assert shown["config"]["cash"] == 10_000
    assert {"name", "value", "threshold", "passed"} <= set(shown["checks"][0])
    assert hyprl("presets", "show", "cross", "--version", "2")[1]["config"]["cash"] == 20_000
    assert hyprl("predict", "cross")[1]["version"] == 1
    assert hyprl("presets", "live", "cross", "--newest")[1]["live"] == 2

    code, demoted = hyprl("presets", "demote", "cross", "--reason", "no edge left")
    assert (code, demoted["version"], demoted["state"]) == (DONE, 2, "demoted")
    assert (demoted["reason"], demoted["live_version"]) == ("no edge left", 1)
    assert hyprl("predict", "cross")[1]["version"] == 1
    assert hyprl("presets", "live", "cross", "--version", "2")[0] == REFUSED
    assert hyprl("presets", "show", "cross", "--version", "2")[1]["state"] == "demoted"
    _, last = hyprl("presets", "demote", "cross", "--reason", "this too")
    assert last["live_version"] is None
    assert hyprl("predict", "cross")[0] == FAILED
    again = ("presets", "reinstate", "cross", "--version", "2", "--reason", "it was the data")
    assert hyprl(*again)[1]["live_version"] == 2
    assert hyprl(*again)[0] == USAGE

    code, found = hyprl("presets", "verify", "cross")
    assert (code, found["ok"], found["findings"]) == (DONE, True, [])
    path = folder / "cross.v2.yaml"
    path.write_text(path.read_text().replace("threshold: 30", "threshold: 20"))
    code, found = hyprl("presets", "verify", "cross", "--version", "2")
    assert (code, found["ok"]) == (REFUSED, False)
    assert {"part", "found", "expected", "ok"} == set(found["findings"][0])
    assert "row trades, threshold" in {line["part"] for line in found["findings"]}
    assert hyprl("presets", "verify", "cross", "--version", "1")[0] == DONE
    capsys.readouterr()
    assert run(["presets", "verify", "cross"]) == REFUSED
    printed = capsys.readouterr().out
    assert "FAIL  row trades, threshold: found 20, expected 30" in printed
    for command in (["list"], ["show", "cross", "--version", "1"]):
        assert run(["presets", *command]) == DONE
        assert "cross" in capsys.readouterr().out


def test_presets_that_are_not_there(hyprl: Any) -> None:
    assert hyprl("presets", "list") == (DONE, {"presets": []})
    for command in (
        ["show", "nothing"],
        ["verify", "nothing"],
        ["live", "nothing"],
        ["demote", "nothing", "--reason", "x"],
        ["reinstate", "nothing", "--version", "1", "--reason", "x"],
    ):
        code, answer = hyprl("presets", *command)
        assert (code, answer["error"]["type"]) == (FAILED, "NotFoundError")
    for command in (
        ["demote", "nothing"],
        ["verify", "../x"],
        ["verify", "nothing", "--key", "short"],
        ["live", "nothing", "--newest", "--version", "1"],
        ["live", "nothing", "--reason", "x"],
        ["live", "nothing", "--version", "0"],
    ):
        assert hyprl("presets", *command)[0] == USAGE
