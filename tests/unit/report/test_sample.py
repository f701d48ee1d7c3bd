"""The run that examples draw adds up."""

from __future__ import annotations

from hyprl_lab.report.sample import sample_run


def test_the_money_is_cash_and_the_trades_pnl():
    run = sample_run()
    assert run.equity.iloc[0] == run.cash
    assert run.equity.iloc[-1] == run.cash + run.trades["pnl"].sum()
    for trade in run.trades.to_dict(orient="records"):
        sign = 1 if trade["side"] == "long" else -1
        moved = sign * trade["quantity"] * (trade["exit_price"] - trade["entry_price"])
        assert trade["pnl"] == moved
        assert trade["return"] == moved / (trade["quantity"] * trade["entry_price"])


def test_fills_are_closes_of_their_bars():
    run = sample_run()
    closes = run.bars.to_pandas()["close"]
    for end in ("entry", "exit"):
        filled = closes[run.trades[f"{end}_ts"]].tolist()
        assert filled == run.trades[f"{end}_price"].tolist()
    assert run.equity.index.equals(closes.index)
    assert len(set(run.equity.index.month)) == 2
