"""The top of a report: names are escaped, numbers carry units, gaps carry reasons."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from hyprl_lab.engine.simulation import TradeColumns
from hyprl_lab.metrics import TRIAL_METRICS, Metrics
from hyprl_lab.report.lead import headline_cards, title_block
from hyprl_lab.report.tables import HEADLINE, label


@pytest.fixture
def run(long_run):
    return SimpleNamespace(
        bars=long_run.bars,
        equity=long_run.equity,
        run_hash="0123456789abcdef" * 4,
        config={"strategy": {"name": "cross <b>"}, "params": {"fast": 5.0, "k": 2.5}},
    )


def test_the_heading_says_what_ran_on_what_and_when(run):
    html = title_block(run).html
    assert "<h1>cross &lt;b&gt; on &lt;DEMO&gt; &amp; co</h1>" in html
    assert f"1d bars, 2 January 2015 to 31 December 2018 ({len(run.equity):,})" in html
    assert "fast = 5" in html
    assert "k = 2.5" in html
    assert "run 0123456789ab<" in html


@pytest.mark.parametrize("strategy", ["by name", {"name": "by name"}])
def test_a_strategy_without_parameters(run, strategy):
    run.config = {"strategy": strategy, "params": {}}
    html = title_block(run).html
    assert "<h1>by name on" in html
    assert "no parameters" in html


def test_eight_cards_in_their_order_with_units_or_reasons():
    values = dict.fromkeys(TRIAL_METRICS, 0.25) | {"trades": 12.0, "profit_factor": float("nan")}
    metrics = Metrics.from_values(values, trades=TradeColumns.empty(), periods_per_year=252.0)
    html = headline_cards(metrics).html
    cards = re.findall(r'<div class="lab-card">([^<]*)<b>([^<]*)</b><small>([^<]*)</small>', html)
    assert [name for name, _, _ in cards] == [label(name) for name in HEADLINE]
    shown = {name: (value, note) for name, value, note in cards}
    assert shown["Total return"][0] == "25.00 %"
    assert shown["Trades"][0] == "12"
    assert shown["Profit factor"] == ("—", metrics.reasons["profit_factor"])
    assert metrics.reasons["profit_factor"]
