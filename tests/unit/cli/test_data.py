"""`hyprl data`: what ships, what a file holds, what was imported, and what is odd about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import hyprl_lab as hl
from hyprl_lab.cli import run
from hyprl_lab.cli.exits import DONE, REFUSED, USAGE

HEAD = "date,open,high,low,close,volume\n"
DAYS = "2024-01-02,1,2,1,2,9\n2024-01-03,2,3,2,3,9\n2024-01-04,3,4,3,4,9\n2024-01-05,4,5,4,5,9\n"
ACME = ("--symbol", "ACME", "--timeframe", "1d")


@pytest.fixture
def acme(tmp_path: Path) -> str:
    path = tmp_path / "acme.csv"
    path.write_text(HEAD + DAYS, encoding="utf-8")
    return str(path)


def test_data_sets(hyprl: Any) -> None:
    _, answer = hyprl("data", "list")
    found = {item["name"]: item["rows"] for item in answer["datasets"]}
    assert found["sp500"] == 5031
    assert answer["imported"] == []
    _, shown = hyprl("data", "show", "sp500")
    assert shown["calendar"] == "XNYS"
    assert shown["fingerprint"] == hl.load_bars("sp500").fingerprint
    assert shown["sources"] == []


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


def test_what_is_imported_is_listed_shown_and_used(
    hyprl: Any, tmp_path: Path, pair: list[str]
) -> None:
    acme = str(tmp_path / "acme.csv")
    hl.load_bars("TEST").take(0, 60).to_pandas().to_csv(acme)
    code, answer = hyprl("data", "import", acme, *ACME)
    assert code == DONE
    assert (answer["rows"], answer["stored"], answer["reused"]) == (60, True, False)
    assert (answer["start"], answer["end"]) == ("2020-01-01T00:00:00Z", "2020-03-24T00:00:00Z")
    assert answer["lineage"][0]["operation"] == "import"
    fingerprint = answer["fingerprint"]
    assert hyprl("data", "import", acme, *ACME)[1]["reused"]
    _, listed = hyprl("data", "list")
    assert [(item["symbol"], item["fingerprint"]) for item in listed["imported"]] == [
        ("ACME", fingerprint)
    ]
    for which in ("ACME", fingerprint, fingerprint[:6]):
        code, shown = hyprl("data", "show", which)
        assert (code, shown["fingerprint"], shown["rows"]) == (DONE, fingerprint, 60)
        assert shown["lineage"] == answer["lineage"]
        assert [source["name"] for source in shown["sources"]] == ["acme.csv"]
        code, result = hyprl("backtest", which, "dual_sma", *pair)
        assert (code, result["bars"]["fingerprint"]) == (DONE, fingerprint)
    assert run(["data", "list"]) == DONE
    assert run(["data", "show", "ACME"]) == DONE
    assert run(["data", "import", acme, *ACME]) == DONE


def test_a_run_on_imported_bars_is_found_again(
    hyprl: Any, tmp_path: Path, grid: list[str], pair: list[str]
) -> None:
    path = tmp_path / "x.parquet"
    hl.load_bars("TEST").to_pandas().reset_index().to_parquet(path)
    code, made = hyprl("data", "import", str(path), "--symbol", "X", "--calendar", "24/5")
    assert (code, made["timeframe"], made["rows"]) == (DONE, "1d", 500)
    assert made["fingerprint"] == hl.load_bars("TEST").fingerprint
    code, study = hyprl("search", "X", "dual_sma", *grid, "--holdout", "0.2")
    assert code == DONE
    assert study["trials"] == 12

    from hyprl_lab.cli.stored import bars_of, run_from, study_from

    assert study_from(study["study_id"], None).total == 12
    _, result = hyprl("backtest", "X", "dual_sma", *pair)
    assert run_from(result["run_hash"], None).bars.symbol == "X"
    assert bars_of("X", "1d").symbol == "X"


def test_a_name_that_stands_for_several_is_refused(hyprl: Any, acme: str, tmp_path: Path) -> None:
    hyprl("data", "import", acme, *ACME)
    weekly = tmp_path / "weekly.csv"
    weekly.write_text(HEAD + "2024-01-01,1,2,1,2,9\n2024-01-08,2,3,2,3,9\n", encoding="utf-8")
    code, _ = hyprl("data", "import", str(weekly), "--symbol", "ACME", "--timeframe", "1w")
    assert code == DONE
    code, answer = hyprl("data", "show", "ACME")
    assert code == USAGE
    assert "ACME 1d" in answer["error"]["message"]
    assert "ACME 1w" in answer["error"]["message"]
    assert hyprl("data", "show", "ACME", "--timeframe", "1w")[1]["rows"] == 2
    code, answer = hyprl("data", "show", "NONE")
    assert code == USAGE
    assert "sp500" in answer["error"]["message"]
    assert "ACME 1d" in answer["error"]["message"]


def test_rows_that_are_no_bars_refuse_the_import(
    hyprl: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(HEAD + DAYS + "2024-01-05,4,5,4,5,9\n2024-01-08,4,3,4,4,9\n", encoding="utf-8")
    code, answer = hyprl("data", "import", str(path), *ACME)
    assert code == REFUSED
    assert (answer["ok"], answer["stored"]) == (False, False)
    kinds = {item["kind"]: item["severity"] for item in answer["findings"]}
    assert kinds["duplicate_time"] == kinds["ohlc_violation"] == "error"
    assert hyprl("data", "list")[1]["imported"] == []
    code, answer = hyprl("data", "quality", str(path), *ACME)
    assert code == REFUSED
    assert {"duplicate_time", "ohlc_violation"} <= {item["kind"] for item in answer["findings"]}
    repairs = ("--repair", "duplicate_time=last", "--repair", "ohlc_violation=widen")
    code, answer = hyprl("data", "import", str(path), *ACME, *repairs)
    assert (code, answer["rows"]) == (DONE, 5)
    assert run(["data", "import", str(path), *ACME]) == REFUSED
    out, err = capsys.readouterr()
    assert "duplicate_time" in out
    assert "nothing was stored" in err


def test_quality_of_bars_and_files(hyprl: Any, acme: str) -> None:
    code, answer = hyprl("data", "quality", "TEST")
    assert (code, answer["ok"], answer["rows_kept"]) == (DONE, True, 500)
    hyprl("data", "import", acme, *ACME)
    code, stored = hyprl("data", "quality", "ACME")
    assert stored["rows_kept"] == 4
    code_of_file, of_file = hyprl("data", "quality", acme, *ACME)
    assert (code, stored["findings"]) == (code_of_file, of_file["findings"])
    assert run(["data", "quality", "TEST"]) == DONE


def test_columns_and_dates_are_stated(hyprl: Any, tmp_path: Path) -> None:
    path = tmp_path / "noheader.csv"
    path.write_text(
        "02/01/2024;1;2;1;2\n03/01/2024;2;3;2;3\n04/01/2024;3;4;3;4\n", encoding="utf-8"
    )
    named = ("--symbol", "N", "--timeframe", "1d")
    assert hyprl("data", "import", str(path), *named)[0] == USAGE  # no line of names
    names = ("--columns", "date,open,high,low,close")
    code, answer = hyprl("data", "import", str(path), *named, *names)
    assert code == USAGE  # either order of day and month fits
    code, answer = hyprl("data", "import", str(path), *named, *names, "--dates", "day_first")
    assert (code, answer["start"]) == (DONE, "2024-01-02T00:00:00Z")


def test_one_file_on_two_calendars_is_two_sets(
    hyprl: Any, tmp_path: Path, grid: list[str], pair: list[str]
) -> None:
    from hyprl_lab.cli.stored import run_from, study_from

    path = tmp_path / "x.csv"
    hl.load_bars("TEST").to_pandas().to_csv(path)
    named = (str(path), "--symbol", "X", "--timeframe", "1d", "--calendar")
    _, first = hyprl("data", "import", *named, "XNYS")
    _, run_made = hyprl("backtest", "X", "dual_sma", *pair)
    _, study = hyprl("search", "X", "dual_sma", *grid)
    _, second = hyprl("data", "import", *named, "24/5")
    assert (first["calendar"], second["calendar"]) == ("XNYS", "24/5")
    assert first["fingerprint"] == second["fingerprint"]
    assert run_from(run_made["run_hash"], None).bars.calendar == "XNYS"
    for bars in (None, "X", first["fingerprint"], str(path)):
        assert run_from(run_made["run_hash"], bars).bars.calendar == "XNYS"
        assert study_from(study["study_id"], bars).bars.calendar == "XNYS"
    _, other = hyprl("search", "X", "dual_sma", *grid)
    assert other["study_id"] != study["study_id"]
    _, again = hyprl("data", "import", *named, "XNYS")
    assert (again["calendar"], again["reused"]) == ("XNYS", True)
    assert hyprl("data", "show", "X")[1]["calendar"] == "24/5"  # the newest
    which = first["fingerprint"][:8]
    code, answer = hyprl("data", "show", which)
    assert code == USAGE
    assert "X 1d 24/5" in answer["error"]["message"]
    assert "X 1d XNYS" in answer["error"]["message"]
    assert hyprl("data", "show", which, "--calendar", "XNYS")[1]["calendar"] == "XNYS"
    code, answer = hyprl("backtest", which, "dual_sma", *pair, "--calendar", "XNYS")
    assert (code, answer["run_hash"]) == (DONE, run_made["run_hash"])
    assert hyprl("data", "quality", which)[0] == USAGE
    assert hyprl("data", "quality", which, "--calendar", "24/7")[1]["rows_kept"] == 500


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (
            ["quality", "sp500", "--repair", "unsorted=sort", "--dates", "iso", "--columns", "x"],
            "--dates, --columns, --repair: does not apply to 'sp500', which is no file",
        ),
        (
            ["quality", "TEST", "--skip", "2", "--decimal", ",", "--stamp", "close"],
            "--skip, --decimal, --stamp: does not apply to 'TEST', which is no file",
        ),
        (["quality", "KEPT", "--tz", "UTC"], "--tz: does not apply to 'KEPT', which is no file"),
        (["show", "KEPT", "--tz", "UTC"], "--tz: does not apply to 'KEPT', which is no file"),
        (
            ["show", "sp500", "--timeframe", "1h", "--tz", "Europe/Paris", "--symbol", "FOO"],
            "--symbol, --timeframe, --tz: does not apply to 'sp500', which is a data set",
        ),
        (["show", "sp500", "--calendar", "24/7"], "--calendar: does not apply to 'sp500'"),
    ],
)
def test_what_does_not_apply_is_refused(
    hyprl: Any, acme: str, arguments: list[str], named: str
) -> None:
    hyprl("data", "import", acme, "--symbol", "KEPT", "--timeframe", "1d")
    code, answer = hyprl("data", *arguments)
    assert code == USAGE
    assert named in answer["error"]["message"]
