from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from hyprl_lab.data.importing.fields import Bad, Block
from hyprl_lab.data.importing.plan import Plan
from hyprl_lab.data.importing.sieve import Sieve
from hyprl_lab.data.importing.table import LINE, ROW, Table
from hyprl_lab.data.importing.tally import Tally
from hyprl_lab.data.importing.times import TimeReader

PLAN = Plan((0,), dict.fromkeys(("open", "high", "low", "close"), 1) | {"volume": 2}, {3: "t"}, ())
DAY = 86_400_000_000


@pytest.fixture
def parts():
    table = Table(["ts", ROW, LINE, *PLAN.columns])
    tally = Tally()
    reader = TimeReader.of_sample("date", None, ["1970-01-02"])
    return Sieve(PLAN, reader, tally=tally, table=table), tally, table


def block(times, prices, volumes, *, first: int = 0, bad=(), texts=None):
    rows = np.arange(first, first + len(times))
    cells = {0: pa.array(times), 1: pa.array(prices), 2: pa.array(volumes)}
    cells[3] = pa.array(texts or ["A"] * len(times))
    return Block(rows, rows + 2, cells, tuple(bad))


def told(tally):
    return {one.kind: one.rows for one in tally.findings({}, lambda row, time: time)}


def test_what_can_be_read_is_kept_with_its_place(parts):
    sieve, tally, table = parts
    sieve.take(block(["1970-01-02", "1970-01-03"], ["1", "-0"], ["5", "."]))
    arrays = table.finish()
    assert arrays["ts"].tolist() == [DAY, 2 * DAY]
    assert (arrays[ROW].tolist(), arrays[LINE].tolist()) == ([0, 1], [2, 3])
    assert arrays["open"].tobytes() == np.array([1.0, 0.0]).tobytes()
    assert (sieve.rows_in, sieve.volumes, sieve.first_clock) == (2, 1, None)
    assert told(tally) == {}


def test_what_can_not_be_read_is_named_once(parts):
    sieve, tally, table = parts
    bad = [Bad("merge_conflict", np.array([2]), 4, "x", "y")]
    sieve.take(block(["soon", "1970-01-03"], ["x", "x"], ["x", "1"], bad=bad))
    sieve.take(block(["1970-01-04"], ["1"], ["x"], first=3))
    assert told(tally) == {
        "merge_conflict": (2,),
        "unreadable_time": (0,),
        "unreadable_value": (1, 3),
    }
    assert (table.rows, sieve.rows_in) == (0, 4)
    finding = next(one for one in tally.findings({}, lambda row, time: time) if "value" in one.kind)
    assert finding.detail.startswith("row 1 (line 3, 1970-01-03T00:00:00Z), column open: found 'x'")


def test_texts_and_clocks_of_rows_that_are_kept_are_remembered(parts):
    sieve, _, _ = parts
    sieve.take(block(["1970-01-02", "soon"], ["1", "1"], ["1", "1"], texts=["A", "B"]))
    assert sieve.texts == {3: {"A"}}
    sieve.take(block(["1970-01-03 09:30"], ["1"], ["1"], first=2, texts=["C"]))
    assert sieve.texts == {3: {"A", "C"}}
    assert sieve.first_clock == (2, 2 * DAY + 34_200_000_000)


def test_a_date_and_a_time_of_day_are_joined():
    plan = Plan((0, 2), dict.fromkeys(("open", "high", "low", "close"), 1), {}, ())
    table = Table(["ts", ROW, *plan.columns])
    reader = TimeReader.of_sample("date time", None, ["1970.01.02 09:30"])
    sieve = Sieve(plan, reader, tally=Tally(), table=table)
    sieve.take(block(["1970.01.02 "], ["1"], [" 09:30"]))
    assert table.finish()["ts"].tolist() == [DAY + 34_200_000_000]
