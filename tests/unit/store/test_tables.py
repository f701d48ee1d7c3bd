from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import (
    blocks_table,
    orders_schema,
    trial_blocks_schema,
    trials_schema,
    trials_table,
)
from hyprl_lab.store.tables import equity_table, features_table, orders_table, trades_table

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa


def arguments(n: int) -> dict[str, object]:
    return {
        "study_id": "s",
        "first_index": 5,
        "keys": np.arange(16 * n, dtype=np.uint8).reshape(n, 16),
        "lineage_root": "r",
        "param_values": np.arange(2.0 * n).reshape(n, 2),
        "metrics": {name: np.full(n, np.nan) for name in TRIAL_METRICS} | {"sharpe": np.ones(n)},
        "behaviour_hash": np.full(n, 2**64 - 1, np.uint64),
    }


def test_trials_keep_every_value() -> None:
    table = trials_table(**arguments(3), states=["completed", "failed", "pruned"])  # type: ignore[arg-type]
    assert table.schema == trials_schema()
    table.validate(full=True)
    row = table.slice(1, 1).to_pylist()[0]
    undefined = dict.fromkeys(TRIAL_METRICS) | {"sharpe": 1.0}
    assert row == undefined | {
        "study_id": "s",
        "trial_index": 6,
        "trial_key": bytes(range(16, 32)),
        "lineage_root": "r",
        "state": "failed",
        "param_values": [2.0, 3.0],
        "behaviour_hash": 2**64 - 1,
    }


def test_no_trials_and_no_parameters() -> None:
    assert len(trials_table(**arguments(0))) == 0  # type: ignore[arg-type]
    table = trials_table(**arguments(2) | {"param_values": np.empty((2, 0))})  # type: ignore[arg-type]
    assert table["param_values"].to_pylist() == [[], []]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"keys": np.zeros((2, 8), np.uint8)}, r"keys are uint8\(2, 8\)"),
        ({"keys": np.zeros((2, 16), np.int8)}, "keys are int8"),
        ({"metrics": {}}, "expected exactly"),
        ({"param_values": np.zeros((3, 2))}, "param_values has 3 rows; expected 2"),
        ({"states": "done"}, r"trial states \['done'\] are unknown"),
        ({"states": ["completed"]}, "states has 1 rows"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        trials_table(**arguments(2) | change)  # type: ignore[arg-type]


def test_blocks_go_to_their_columns(make_blocks: Callable[..., pa.Table]) -> None:
    table = make_blocks("s", 7, 2)
    assert table.schema == trial_blocks_schema()
    table.validate(full=True)
    row = table.slice(1, 1).to_pylist()[0]
    assert (row["study_id"], row["trial_index"]) == ("s", 8)
    order = ("sum1", "sum2", "sum3", "sum4", "trades", "turnover")
    for place, name in enumerate(order):
        assert row[name] == [8000 + 10 * block + place for block in range(17)]


def test_blocks_are_checked() -> None:
    with pytest.raises(InputError, match=r"shape \(2, 16, 6\); expected \(n, 17, 6\)"):
        blocks_table(study_id="s", first_index=0, blocks=np.zeros((2, 16, 6)))
    blocks = np.zeros((3, 17, 6))
    blocks[1, 4, 2] = np.nan
    with pytest.raises(InputError, match="blocks of trial 11 hold NaN"):
        blocks_table(study_id="s", first_index=10, blocks=blocks)


def test_frames_become_artifacts() -> None:
    times = pd.date_range("2020-01-01", periods=2, tz="UTC", name="ts")
    trades = pd.DataFrame(
        {
            "side": ["long"],
            "entry_ts": times[:1],
            "exit_ts": times[1:],
            "entry_price": [10.0],
            "exit_price": [11.0],
            "quantity": [2.0],
            "pnl": [2.0],
            "return": [0.1],
            "reason": ["signal"],
            "stop_price": [np.nan],
            "bars_held": [1],
            "fees": [0.5],
            "financing": [0.0],
            "mae": [-0.1],
            "mfe": [0.2],
            "r_multiple": [np.nan],
        }
    )
    row = trades_table("h", trades).to_pylist()[0]
    assert (row["bars_held"], row["r_multiple"]) == (1, None)
    assert (row["run_hash"], row["exit_ts"], row["pnl"]) == ("h", times[1].to_pydatetime(), 2.0)
    assert row["stop_price"] is None
    orders = pd.DataFrame(
        {
            "ts": times[:1],
            "signal_ts": pd.DatetimeIndex([pd.NaT], tz="UTC"),
            **{name: ["x"] for name in ("side", "intent", "kind", "reason", "status")},
            "why": ["blocked"],
            "asked": [0.0],
            "quantity": [0.0],
            "price": [np.nan],
            "fee": [0.0],
        }
    )
    table = orders_table("h", orders)
    assert table.schema == orders_schema()
    (order,) = table.to_pylist()
    assert (order["signal_ts"], order["price"], order["why"]) == (None, None, "blocked")
    with pytest.raises(InputError, match=r"orders lack \['fee'\]"):
        orders_table("h", orders.drop(columns="fee"))
    equity = equity_table("h", pd.Series([1.0, 2.0], index=times))
    assert equity["equity"].to_pylist() == [1.0, 2.0]
    assert equity["ts"][1].as_py() == times[1].to_pydatetime()
    with pytest.raises(InputError, match=r"trades lack \['pnl'\]"):
        trades_table("h", trades.drop(columns="pnl"))
    with pytest.raises(InputError, match="don't fit"):
        trades_table("h", trades.assign(pnl="much"))


def test_features_are_numbers_by_time() -> None:
    times = pd.date_range("2020-01-01", periods=2, tz="UTC", name="ts")
    frame = pd.DataFrame({"fast": [1, 2], "gap": [np.nan, 3.0]}, index=times)
    table = features_table("aa", frame)
    assert table.column_names == ["run_hash", "ts", "fast", "gap"]
    assert table["fast"].to_pylist() == [1.0, 2.0]
    assert table["gap"].null_count == 0  # NaN is a number
    assert np.isnan(table["gap"][0].as_py())
    assert str(features_table("aa", table.select(["ts", "fast", "gap"]))) == str(table)
    with pytest.raises(InputError, match="expected names of their own"):
        features_table("aa", frame.rename(columns={"gap": "run_hash"}))
    with pytest.raises(InputError, match=r"lack \['ts'\]"):
        features_table("aa", table.select(["fast"]))
