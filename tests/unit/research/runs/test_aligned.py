"""Trades of two runs side by side."""

from __future__ import annotations

import pandas as pd

from hyprl_lab.research.runs.aligned import aligned_trades

START = pd.Timestamp("2020-01-01", tz="UTC")


def trades(*rows: tuple[int, str, float]) -> pd.DataFrame:
    """Return trades by the day of their entry, side and P&L."""
    return pd.DataFrame(
        {
            "side": pd.Series([side for _, side, _ in rows], dtype="object"),
            "entry_ts": pd.DatetimeIndex(
                [START + pd.Timedelta(days=day) for day, _, _ in rows], tz="UTC"
            ),
            "exit_ts": pd.DatetimeIndex(
                [START + pd.Timedelta(days=day + 1) for day, _, _ in rows], tz="UTC"
            ),
            **{
                name: [1.0] * len(rows)
                for name in ("quantity", "entry_price", "exit_price", "fees")
            },
            "pnl": pd.Series([money for _, _, money in rows], dtype="float64"),
        }
    )


def test_by_side_and_time_of_entry() -> None:
    table = aligned_trades(
        trades((0, "long", 1.0), (4, "short", 2.0), (9, "long", 3.0)),
        trades((0, "long", 1.5), (4, "long", 7.0), (6, "short", -1.0)),
    )
    rows = table[["found", "side", "difference"]].to_numpy().tolist()
    assert rows == [
        ["both", "long", 0.5],
        ["B", "long", 7.0],
        ["A", "short", -2.0],
        ["B", "short", -1.0],
        ["A", "long", -3.0],
    ]
    assert table["pnl_a"].isna().tolist() == [False, True, False, True, False]
    assert table["entry_ts"].is_monotonic_increasing


def test_two_entries_on_one_bar_are_two_rows() -> None:
    twice = trades((0, "long", 1.0), (0, "long", 2.0))
    table = aligned_trades(twice, trades((0, "long", 1.0)))
    assert table["found"].tolist() == ["both", "A"]
    assert table["difference"].tolist() == [0.0, -2.0]


def test_none_on_one_side_or_both() -> None:
    assert len(aligned_trades(trades(), trades())) == 0
    table = aligned_trades(trades(), trades((3, "short", 5.0)))
    assert table[["found", "difference"]].to_numpy().tolist() == [["B", 5.0]]
