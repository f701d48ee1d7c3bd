from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data.importing.table import LINE, ROW, Table
from hyprl_lab.data.importing.tally import Tally
from hyprl_lab.data.importing.values import settle_values

NAN, INF = float("nan"), float("inf")
GOOD = {"open": 2.0, "high": 4.0, "low": 1.0, "close": 3.0, "volume": 5.0, "signal": NAN}


def settled(*changes: dict[str, float], widen: bool = False):
    rows = [GOOD, *({**GOOD, **change} for change in changes), GOOD]
    table = Table(["ts", ROW, LINE, *GOOD])
    numbers = np.arange(len(rows))
    table.append(
        {"ts": numbers, ROW: numbers, LINE: numbers + 2}
        | {name: np.array([row[name] for row in rows]) for name in GOOD}
    )
    tally = Tally()
    arrays = settle_values(table, table.finish(), tally, widen=widen)
    return arrays, tally.findings({}, lambda row, time: time)


@pytest.mark.parametrize(
    ("change", "kind", "detail"),
    [
        ({"high": INF}, "infinite_value", "column high: found inf; expected a finite price"),
        ({"signal": -INF}, "infinite_value", "column signal: found -inf; expected a finite number"),
        ({"open": NAN}, "missing_value", "column open: found no number"),
        ({"volume": NAN}, "missing_value", "column volume: found no number; expected a volume"),
        ({"low": 0.0}, "not_positive", "column low: found 0.0"),
        ({"close": -3.0}, "not_positive", "column close: found -3.0"),
        ({"volume": -1.0}, "negative_volume", "column volume: found -1.0"),
        ({"high": 2.5}, "ohlc_violation", "high: found open 2.0, high 2.5, low 1.0, close 3.0"),
        ({"low": 2.5}, "ohlc_violation", "column low: found open 2.0, high 4.0, low 2.5"),
        ({"open": 5.0}, "ohlc_violation", "column high"),
    ],
)
def test_a_row_that_no_market_prints_is_named_once_and_left_out(change, kind, detail):
    arrays, (finding,) = settled(change)
    assert arrays[ROW].tolist() == [0, 2]
    assert (finding.kind, finding.count, finding.rows, finding.first_ts) == (kind, 1, (1,), 1)
    assert detail in finding.detail
    assert "row 1 (line 3, " in finding.detail


def test_a_row_with_two_faults_is_told_under_the_graver():
    _, findings = settled({"open": NAN, "low": 0.0, "volume": -1.0}, {"low": 0.0, "volume": -1.0})
    assert [(one.kind, one.rows) for one in findings] == [
        ("missing_value", (1,)),
        ("not_positive", (2,)),
    ]


def test_widening_moves_edges_and_nothing_else():
    arrays, (finding,) = settled({"high": 2.5}, {"low": 9.0}, {"open": 0.5}, widen=True)
    assert arrays["high"].tolist() == [4.0, 3.0, 9.0, 4.0, 4.0]
    assert arrays["low"].tolist() == [1.0, 1.0, 2.0, 0.5, 1.0]
    assert arrays["open"].tolist() == [2.0, 2.0, 2.0, 0.5, 2.0]
    assert arrays["close"].tolist() == [3.0] * 5
    assert (finding.count, finding.rows) == (3, (1, 2, 3))


def test_what_is_right_stays():
    arrays, findings = settled({"volume": 0.0, "signal": 1.0})
    assert arrays[ROW].tolist() == [0, 1, 2]
    assert findings == []
