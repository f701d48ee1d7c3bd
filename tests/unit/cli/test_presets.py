"""`hyprl promote` and `hyprl predict`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hyprl_lab.cli.exits import DONE, FAILED, REFUSED


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
