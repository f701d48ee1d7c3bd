"""Codes become words, bars become times, and nothing is lost on the way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.engine.simulation import (
    INTENTS,
    KINDS,
    REASONS,
    STATUSES,
    WHYS,
    OrderColumns,
    TradeColumns,
)
from hyprl_lab.engine.tables import equity_series, orders_frame, times, trades_frame

HOUR = 3_600_000_000
TS = np.arange(6, dtype=np.int64) * HOUR


def trades() -> TradeColumns:
    return TradeColumns(
        entry_bar=np.array([0, 3]),
        exit_bar=np.array([2, 3]),
        side=np.array([1, -1], np.int8),
        entry_price=np.array([100.0, 50.0]),
        exit_price=np.array([110.0, 52.0]),
        quantity=np.array([2.0, 4.0]),
        pnl=np.array([18.0, -9.0]),
        trade_return=np.array([0.09, -0.045]),
        stop_price=np.array([95.0, np.nan]),
        reason=np.array([REASONS.index("take_profit"), REASONS.index("session")], np.int8),
        fees=np.array([1.5, 1.0]),
        financing=np.array([0.5, -0.25]),
        mae=np.array([-0.02, -0.05]),
        mfe=np.array([0.12, 0.01]),
    )


def test_a_trade_in_words_and_times() -> None:
    first, second = trades_frame(trades(), TS).to_dict("records")
    assert first == {
        "side": "long",
        "entry_ts": pd.Timestamp("1970-01-01 00:00", tz="UTC"),
        "exit_ts": pd.Timestamp("1970-01-01 02:00", tz="UTC"),
        "entry_price": 100.0,
        "exit_price": 110.0,
        "quantity": 2.0,
        "pnl": 18.0,
        "return": 0.09,
        "reason": "take_profit",
        "stop_price": 95.0,
        "bars_held": 2,
        "fees": 1.5,
        "financing": 0.5,
        "mae": -0.02,
        "mfe": 0.12,
        "r_multiple": 18.0 / (2.0 * 5.0),
    }
    assert (second["side"], second["reason"], second["bars_held"]) == ("short", "session", 0)
    assert np.isnan(second["r_multiple"])


def test_r_counts_money_a_point() -> None:
    found = trades_frame(trades(), TS, point_value=10.0)
    assert found["r_multiple"].iloc[0] == pytest.approx(18.0 / (2.0 * 10.0 * 5.0))


def test_every_code_of_an_order_has_its_word() -> None:
    n = max(map(len, (INTENTS, KINDS, REASONS, STATUSES, WHYS)))
    codes = np.arange(n)
    orders = OrderColumns(
        bar=codes % 6,
        signal_bar=np.where(codes % 2 == 0, -1, (codes - 1) % 6),
        side=np.where(codes % 2 == 0, -1, 1).astype(np.int8),
        intent=(codes % len(INTENTS)).astype(np.int8),
        kind=(codes % len(KINDS)).astype(np.int8),
        reason=(codes % len(REASONS)).astype(np.int8),
        status=(codes % len(STATUSES)).astype(np.int8),
        why=(codes % len(WHYS)).astype(np.int8),
        asked=codes * 1.0,
        quantity=codes * 0.5,
        price=np.where(codes % 3 == 2, np.nan, 10.0),
        fee=codes * 0.1,
    )
    found = orders_frame(orders, TS)
    assert found["side"].tolist()[:2] == ["sell", "buy"]
    for name, words in (
        ("intent", INTENTS),
        ("kind", KINDS),
        ("reason", REASONS),
        ("status", STATUSES),
        ("why", WHYS),
    ):
        assert found[name].tolist() == [words[code % len(words)] for code in range(n)]
    assert found["signal_ts"].isna().tolist() == [code % 2 == 0 for code in range(n)]
    assert found["signal_ts"].iloc[1] == pd.Timestamp(0, tz="UTC")
    assert found["ts"].iloc[5] == pd.Timestamp("1970-01-01 05:00", tz="UTC")
    assert found["price"].isna().sum() == n // 3
    assert found["asked"].tolist() == orders.asked.tolist()


def test_no_rows_keep_their_kinds() -> None:
    for frame in (trades_frame(TradeColumns.empty(), TS), orders_frame(OrderColumns.empty(), TS)):
        assert len(frame) == 0
        for name in frame.columns:
            if name.endswith("ts"):
                assert str(frame[name].dtype) == "datetime64[us, UTC]"
    assert trades_frame(TradeColumns.empty(), TS)["bars_held"].dtype == np.int64


def test_equity_stands_at_the_open_of_its_bar() -> None:
    found = equity_series(TS[:2], np.array([1.0, 2.0]))
    assert found.index.name == "ts"
    assert found.index.tolist() == times(TS[:2]).tolist()
    assert found.index[1] == pd.Timestamp("1970-01-01 01:00", tz="UTC")
