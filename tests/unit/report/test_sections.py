import pytest

from hyprl_lab.engine.backtest import run
from hyprl_lab.report.lead import headline_cards, title_block
from hyprl_lab.report.saved import SavedMetrics, SavedRun
from hyprl_lab.report.sections import lineage_table, run_table, validation_section, verdict_section
from hyprl_lab.report.view import DrawnBars
from hyprl_lab.strategy import Strategy, close, stop, ta


@pytest.fixture
def saved(small_bars) -> SavedRun:
    trend = Strategy("<trend>", long_entry=close > ta.sma(close, 20), stop_loss=stop.percent(0.05))
    result = run(small_bars, trend)
    metrics = result.metrics
    return SavedRun(
        run_hash=result.run_hash,
        config=result.config,
        metrics=SavedMetrics(metrics.to_dict(), metrics.reasons),
        equity=result.equity,
        trades=result.trades,
        bars=DrawnBars("A&B", "1d", small_bars.to_pandas()),
        lineage={"run hash": result.run_hash, "semantics": 1},
    )


def test_the_title_says_what_ran_on_what_and_when(saved):
    html = title_block(saved).html
    assert "<h1>&lt;trend&gt; on A&amp;B</h1>" in html
    assert "1d bars, 1 January 2020 to 26 October 2020 (300)" in html
    assert "no parameters" in html
    assert saved.run_hash[:12] in html


def test_cards_show_values_with_units_or_reasons(saved):
    html = headline_cards(saved.metrics).html
    assert html.count('class="lab-card"') == 8
    total = saved.metrics.to_dict()["total_return"]
    assert f"Total return<b>{100 * total:,.2f} %</b>" in html
    empty = SavedMetrics(
        dict.fromkeys(saved.metrics.to_dict()), dict.fromkeys(saved.metrics.units, "why <not>")
    )
    assert headline_cards(empty).html.count("<small>why &lt;not&gt;</small>") == 8


def test_rules_are_readable_and_every_setting_is_there(saved):
    rows = dict(row for row in run_table(saved).rows if len(row) == 2)
    assert rows["long entry"] == "(close > sma(close, 20))"
    assert rows["stop loss"] == "percent 0.05"
    assert "short entry" not in rows
    assert rows["cash"] == "10,000"
    assert rows["execution.fill"] == "next_open"
    assert rows["risk.model"] == "all_in"
    assert lineage_table(saved).rows[0] == ("run hash", saved.run_hash)


def test_sections_hold_their_tables():
    verdict = {
        "name": "a",
        "profile": "strict",
        "passed": False,
        "checks": [],
        "hash": "c" * 64,
        "run_hash": "d" * 64,
        "study_id": "e" * 32,
        "ledger_id": "<L>",
    }
    html = verdict_section(verdict, run_hash="d" * 64).html
    assert "Judged was" not in html
    assert "a: refused by profile strict" in html
    assert "ledger &lt;L&gt;" in html
    subject = {"run_hash": "d" * 64, "study_id": None}
    evidence = {"rows": [], "trials": 7, "windows": None, "subject": subject}
    html = validation_section(evidence, run_hash="d" * 64).html
    assert "Judged against 7 trials" in html
    assert "Judged was" not in html


def test_evidence_about_another_run_says_so():
    evidence = {"rows": [], "trials": 7, "windows": None}
    another = {"subject": {"run_hash": "d" * 64, "study_id": "e" * 32}}
    html = validation_section(evidence | another, run_hash="f" * 64).html
    assert "Judged was run dddddddddddd of study eeeeeeeeeeee, not the run of this report." in html
    none = {"subject": {"run_hash": None, "study_id": "e" * 32}}
    html = validation_section(evidence | none, run_hash="f" * 64).html
    assert "a study none of whose trials met the constraints" in html


def test_the_cash_of_a_stored_run_is_a_number(saved):
    assert saved.cash == 10_000.0
