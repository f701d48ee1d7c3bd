"""`hl.features`: the table, its types and nulls, and what is kept with a run."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import hyprl_lab as hl
from hyprl_lab.errors import BarsError, InputError, NotFoundError

BARS = hl.load_bars("TEST")
SOME = {"up": hl.close > hl.ta.sma(hl.close, 10), "mean": hl.ta.sma(hl.close, hl.param("n", 2, 99))}


@pytest.fixture
def result() -> hl.Result:
    return hl.backtest(BARS, hl.Strategy("up", long_entry=hl.close > hl.open))


@pytest.mark.parametrize("engine", ["native", "python"])
def test_a_row_a_bar_a_column_each_null_where_missing(engine: str) -> None:
    table = hl.features.matrix(BARS, SOME, params={"n": 20}, engine=engine)
    assert table.schema.remove_metadata() == pa.schema(
        [("ts", pa.timestamp("us", "UTC")), ("up", pa.bool_()), ("mean", pa.float64())]
    )
    assert table["ts"].cast(pa.int64()).to_numpy().tolist() == BARS.ts.tolist()
    mean = BARS.to_pandas()["close"].rolling(20).mean().to_numpy()
    assert table["mean"].to_pylist()[:19] == [None] * 19
    np.testing.assert_allclose(table["mean"].to_numpy()[19:], mean[19:], rtol=1e-12)
    short = BARS.to_pandas()["close"].rolling(10).mean().to_numpy()
    assert table["up"].to_pylist() == [None] * 9 + (BARS.close[9:] > short[9:]).tolist()


def test_both_engines_give_one_table() -> None:
    native, twin = (
        hl.features.matrix(BARS, SOME, params={"n": 20}, engine=engine)
        for engine in ("native", "python")
    )
    assert native.equals(twin)
    assert native.schema.metadata == twin.schema.metadata


def test_missing_data_is_null(small_bars: hl.Bars) -> None:
    values = np.where(np.arange(300) % 3 == 0, np.nan, 1.0)
    bars = hl.Bars.from_arrays(
        small_bars.ts, {**small_bars.columns, "x": values}, symbol="S", timeframe="1d"
    )
    table = hl.features.matrix(bars, {"x": hl.col("x"), "over": hl.col("x") > 0})
    assert table["x"].null_count == table["over"].null_count == 100


def test_it_says_of_which_bars_it_is() -> None:
    table = hl.features.matrix(BARS, SOME, params={"n": 20})
    about = json.loads(table.schema.metadata[b"hyprl"])
    assert about["fingerprint"] == BARS.fingerprint
    assert about["params"] == {"n": 20.0}
    assert about["features"]["nodes"][about["nodes"]["mean"]]["op"] == "sma"


def test_what_can_not_be_read() -> None:
    with pytest.raises(BarsError, match="bars is a list"):
        hl.features.matrix([1], SOME)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"missing \['n'\]"):
        hl.features.matrix(BARS, SOME)


def test_a_table_is_kept_with_a_run_once(result: hl.Result) -> None:
    table = hl.features.matrix(BARS, SOME, params={"n": 20})
    run_hash = result.save()
    first = hl.features.save(result, table)
    assert first.name == "features.parquet"
    assert pq.read_table(first).equals(table, check_metadata=True)
    assert hl.features.save(run_hash, table) == first
    store = hl.warehouse.default()
    assert store.verify_runs(run_hash).ok
    second = hl.features.save(result, hl.features.matrix(BARS, SOME, params={"n": 21}))
    assert second.name == "features-2.parquet"
    assert hl.features.save(result, table, name="inputs").name == "inputs.parquet"
    second.write_bytes(b"other")
    (finding,) = store.verify_runs(run_hash).findings
    assert "features-2" in finding.message


def test_it_goes_where_the_run_went(result: hl.Result, tmp_path: object) -> None:
    warehouse = hl.Warehouse(tmp_path)
    other = hl.backtest(BARS, result.strategy, warehouse=warehouse)
    other.save()
    table = hl.features.matrix(BARS, SOME, params={"n": 20})
    assert hl.features.save(other, table).is_relative_to(warehouse.home)
    with pytest.raises(NotFoundError):
        hl.features.save(other.run_hash, table)  # the home's own warehouse has no such run


def test_what_can_not_be_kept(result: hl.Result) -> None:
    table = hl.features.matrix(BARS, SOME, params={"n": 20})
    with pytest.raises(NotFoundError, match=r"is not stored.*result\.save\(\)"):
        hl.features.save(result, table)
    with pytest.raises(NotFoundError, match="is not stored"):
        hl.features.save("0" * 64, table)
    result.save()
    with pytest.raises(InputError, match="expected an Arrow table"):
        hl.features.save(result, table.to_pandas())
    with pytest.raises(InputError, match="expected a result of"):
        hl.features.save(3, table)  # type: ignore[arg-type]
    for name in ("a/b", ".x", "trades", "", "con\n", "x\0y", "a" * 64, "A", "1st", "ä", 3):
        with pytest.raises(InputError, match="name"):
            hl.features.save(result, table, name=name)
