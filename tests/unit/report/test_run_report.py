import json

import nbformat
import pytest

import hyprl_lab as hl
from hyprl_lab.errors import ReportError
from hyprl_lab.report.run_report import report
from hyprl_lab.report.saved import load_run
from hyprl_lab.store import Warehouse


class Evidence:
    def __init__(self, body):
        self.body = body

    def to_dict(self):
        return self.body


VALIDATION = Evidence(
    {
        "hash": "a" * 64,
        "subject": {"kind": "study", "run_hash": "c" * 64, "study_id": "S"},
        "rows": [{"name": "dsr", "value": None, "reading": "Undefined: <x>.", "reason": "<x>"}],
        "ledger": {"trials": 123, "ledger_id": "L"},
        "settings": {"seed": 0},
        "evidence": {},
    }
)
VERDICT = Evidence(
    {
        "name": "preset-a",
        "profile": "demo",
        "passed": True,
        "checks": [
            {
                "name": "trades",
                "value": 31,
                "operator": ">=",
                "threshold": 30,
                "passed": True,
                "required": True,
                "reason": None,
            }
        ],
        "hash": "b" * 64,
        "run_hash": "c" * 64,
        "study_id": None,
        "ledger_id": "L",
    }
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    place = tmp_path / "home"
    monkeypatch.setenv("HYPRL_HOME", str(place))
    return place.resolve()


@pytest.fixture
def result(home, small_bars):
    trend = hl.Strategy(
        "trend",
        long_entry=hl.close > hl.ta.sma(hl.close, 20),
        long_exit=hl.close < hl.ta.sma(hl.close, 20),
    )
    return hl.backtest(small_bars, trend, execution=hl.Execution(fee_bps=5))


def test_a_report_is_made_kept_and_made_again_with_equal_bytes(result, home, tmp_path):
    first = report(result, validation=VALIDATION, verdict=VERDICT)
    again = report(result, folder=tmp_path / "again", validation=VALIDATION, verdict=VERDICT)
    assert first.html == home / "reports" / result.run_hash[:16] / "report.html"
    assert first.html.read_bytes() == again.html.read_bytes()
    assert first.notebook.read_bytes() == again.notebook.read_bytes()

    page = first.html.read_text()
    assert "trend on SMALL" in page
    assert f"{result.metrics.final_equity:,.2f}" in page
    assert "Judged against 123 trials in the ledger" in page
    assert "Undefined: &lt;x&gt;." in page
    assert "Judged was run cccccccccccc of study S, not the run of this report." in page
    assert "preset-a: passed by profile demo" in page
    assert result.run_hash in page
    assert result.bars.fingerprint in page
    assert str(home) not in page, "a page that is sent away names no folder of this machine"

    notebook = nbformat.read(first.notebook, as_version=4)
    nbformat.validate(notebook)
    figure = next(
        output.data["application/vnd.plotly.v1+json"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "application/vnd.plotly.v1+json" in output.get("data", {})
    )
    assert figure["layout"]["title"]["text"] == "Equity"

    warehouse = Warehouse(home)
    kept = warehouse.get_run(result.run_hash).folder
    for name, path in (("report.html", first.html), ("report.ipynb", first.notebook)):
        assert (kept / name).read_bytes() == path.read_bytes()
    assert not list(kept.glob("report-*")), "the second report added no revision"
    assert warehouse.verify_runs(result.run_hash).ok


def test_the_report_of_another_warehouse_is_made_there(home, tmp_path, small_bars):
    other = Warehouse(tmp_path / "other")
    never = hl.Strategy("never", long_entry=hl.close > 1e12, long_exit=hl.close < 0)
    result = hl.backtest(small_bars, never, warehouse=other)
    made = report(result)
    assert made.html == other.home / "reports" / result.run_hash[:16] / "report.html"
    assert other.ledger_id in made.html.read_text()
    assert len(other.list_runs()) == 1
    assert Warehouse(home).list_runs() == []
    assert not (home / "reports").exists()


def test_a_stored_run_is_what_was_computed(result, home):
    run_hash = result.save()
    before = load_run(run_hash, home=home)
    report(result)
    after = load_run(run_hash, home=home)
    assert after.bars.to_pandas().equals(before.bars.to_pandas())
    stored = load_run(run_hash, home=home, engine_version=result.engine_version)
    assert stored.equity.tolist() == result.equity.tolist()
    assert (stored.equity.index == result.equity.index).all()
    assert stored.cash == result.cash
    assert stored.metrics.to_dict() == result.metrics.to_dict()
    assert dict(stored.metrics.reasons) == dict(result.metrics.reasons)
    assert len(stored.trades) == len(result.trades)
    assert stored.trades["pnl"].tolist() == result.trades["pnl"].tolist()
    close = stored.bars.to_pandas()["close"]
    assert close.tolist() == result.bars.to_pandas()["close"].tolist()
    assert json.loads(json.dumps(stored.config)) == result.config


def test_the_verb_and_the_package_are_one(monkeypatch):
    import hyprl_lab.report as package

    calls = []
    monkeypatch.setattr(package, "report", lambda run, **given: calls.append((run, given)))
    package("run", folder="there")
    assert calls == [("run", {"folder": "there", "validation": None, "verdict": None})]


def test_a_run_whose_files_are_gone_has_the_report_of_the_run_computed_again(
    result, home, tmp_path
):
    whole = report(result, folder=tmp_path / "whole")
    folder = Warehouse(home).get_run(result.run_hash).folder
    for name in ("equity.parquet", "trades.parquet", "metrics.json", "close.parquet"):
        (folder / name).unlink()
    again = report(result, folder=tmp_path / "again")
    assert again.html.read_bytes() == whole.html.read_bytes()


def test_a_report_that_fails_attaches_nothing(result, home):
    warehouse = Warehouse(home)
    folder = warehouse.get_run(result.save()).folder
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(ReportError):
        report(result, validation=Evidence({**VALIDATION.body, "rows": [{"no": "row"}]}))
    assert sorted(path.name for path in folder.iterdir()) == before
    assert hl.runs.verify(warehouse=warehouse).ok
