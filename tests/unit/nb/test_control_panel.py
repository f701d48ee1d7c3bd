import base64

import numpy as np
import pytest

from hyprl_lab.engine.backtest import run
from hyprl_lab.nb import ControlPanel
from hyprl_lab.strategy import builtin


def equity_shown(panel: ControlPanel) -> list[float]:
    """The first chart's first line, as the page decodes it."""
    values = panel._charts.widget.figures[0]["data"][0]["y"]
    return np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"]).tolist()


@pytest.fixture
def panel() -> ControlPanel:
    return ControlPanel(run)


def test_what_is_shown_is_the_run_that_is_set(panel):
    panel._bars.value = "TEST"
    panel._parameters._fields["fast"].value = 7
    params = panel._parameters.values
    from hyprl_lab.data import load_bars
    from hyprl_lab.engine.config import Execution

    expected = run(
        load_bars("TEST"),
        builtin.dual_sma(),
        params=params,
        execution=Execution(fee_bps=5.0, slippage_bps=2.0),
    )
    assert params["fast"] == 7
    assert equity_shown(panel)[-1] == expected.simulation.equity[-1]
    assert f"{expected.metrics.final_equity:,.2f}" in panel._metrics.value
    assert f"{len(expected.trades)} trades, newest first" in panel._trades.value


def test_another_strategy_brings_its_own_sliders(panel):
    before = panel._parameters
    panel._strategy.value = "sma_cross_long_short"
    assert panel._parameters is not before
    assert panel._slot.children == (panel._parameters.widget,)
    assert "short" in panel._trades.value


def test_what_can_not_be_run_is_said_and_the_charts_stay(panel):
    shown = equity_shown(panel)
    panel._risk._model.value = "risk"
    assert 'role="alert"' in panel._message.value
    assert "&#x27;dual_sma&#x27; has none" in panel._message.value
    assert equity_shown(panel) == shown
    panel._risk._model.value = "all_in"
    assert panel._message.value == ""
