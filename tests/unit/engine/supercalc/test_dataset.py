"""A prepared dataset: checked once, by the engine that is there, counted unless it says not."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

import hyprl_lab as hl
from hyprl_lab.engine.supercalc import (
    build_signal_series,
    prepare_supercalc_dataset,
    run_backtest_native,
    run_native_search_batch,
)
from hyprl_lab.errors import BarsError, ConfigError, InputError, StrategyError
from hyprl_lab.research.supercalc import LedgerSink
from hyprl_lab.strategy.builtin import dual_sma

BARS = hl.load_bars("TEST")


def test_it_counts_in_the_ledger_unless_told_not_to() -> None:
    assert prepare_supercalc_dataset(BARS, dual_sma()).sink == LedgerSink()
    alone = prepare_supercalc_dataset(BARS, dual_sma(), record=False)
    assert alone.sink is None
    assert repr(alone).endswith("500 bars, engine 'native', not counted)")


def test_an_own_sink_takes_the_place_of_the_ledger() -> None:
    mine = LedgerSink()
    assert prepare_supercalc_dataset(BARS, dual_sma(), sink=mine).sink is mine


def test_what_does_not_fit_is_said_at_once() -> None:
    with pytest.raises(BarsError, match=r"expected hl\.Bars"):
        prepare_supercalc_dataset([1.0], dual_sma())  # type: ignore[arg-type]
    with pytest.raises(StrategyError, match=r"expected an hl\.Strategy"):
        prepare_supercalc_dataset(BARS, "dual_sma")  # type: ignore[arg-type]
    other = hl.Strategy("other", long_entry=hl.col("nowhere") > 0)
    with pytest.raises(BarsError, match="reads 'nowhere'"):
        prepare_supercalc_dataset(BARS, other)
    with pytest.raises(ConfigError, match="cash"):
        prepare_supercalc_dataset(BARS, dual_sma(), cash=0.0)
    with pytest.raises(ConfigError, match="periods_per_year"):
        prepare_supercalc_dataset(BARS, dual_sma(), periods_per_year=-1.0)
    with pytest.raises(ConfigError, match="record"):
        prepare_supercalc_dataset(BARS, dual_sma(), record="no")  # type: ignore[arg-type]


TAKEN_OVER = """
import json, sys, warnings
import numpy as np
{block}
import hyprl_lab as hl
from hyprl_lab.engine.supercalc import (
    build_signal_series, prepare_supercalc_dataset, run_backtest_native, run_native_search_batch)

bars = hl.load_bars("TEST").take(0, 120)
strength = hl.ta.rsi(hl.close, hl.param("window"))
strategy = hl.Strategy("dip", long_entry=strength < hl.param("low"), long_exit=strength > 55)
columns = {{"window": [5, 7, 200], "low": [30, 40, 30]}}
params = {{name: values[0] for name, values in columns.items()}}
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for _ in range(2):
        dataset = prepare_supercalc_dataset(bars, strategy)
batch = run_native_search_batch(dataset, columns)
result = run_backtest_native(dataset, params)
series = build_signal_series(dataset, params)
hl.warehouse.default().flush()
print(json.dumps({{
    "warnings": [[w.category.__name__, str(w.message)] for w in caught],
    "engines": [dataset.engine, batch.engine, result.engine, series.engine],
    "versions": [dataset.engine_version, batch.engine_version, result.engine_version],
    "failed": batch.failed.tolist(),
    "hashes": batch.behaviour_hash.tolist(),
    "single": result.simulation.behaviour_hash,
    "sharpe": batch.metrics["sharpe"].tolist()[:2],
    "entries": np.flatnonzero(series.long_entry).tolist(),
    "keys": sorted(key.hex() for key in
        hl.warehouse.sql("select trial_key from trials", arrow=True)["trial_key"].to_pylist()),
    "count": hl.warehouse.default().trial_count(hl.warehouse.default().lineage_root(bars)),
}}))
"""


def answers(block: str) -> dict[str, object]:
    import json

    code = TAKEN_OVER.format(block=block)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_the_python_engine_takes_over_and_says_so_once(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYPRL_HOME", f"{tmp_path}/python")
    twin = answers('sys.modules["hyprl_lab._native"] = None')
    monkeypatch.setenv("HYPRL_HOME", f"{tmp_path}/native")
    native = answers("")
    ((kind, message),) = twin["warnings"]  # type: ignore[misc]
    assert kind == "RuntimeWarning"
    assert "the Python engine takes the place of the native one" in message
    assert native["warnings"] == []
    assert twin["engines"] == ["python"] * 4
    assert native["engines"] == ["native"] * 4
    assert len(set(twin["versions"])) == 1  # type: ignore[call-overload]
    assert twin["sharpe"] == pytest.approx(native["sharpe"], rel=1e-10)
    assert twin["failed"] == native["failed"] == [False, False, True]
    assert twin["count"] == native["count"] == 3  # the single run is the batch's first
    for same in ("hashes", "single", "entries"):
        assert twin[same] == native[same], same
    assert len(twin["entries"]) > 0  # type: ignore[arg-type]


def test_what_can_not_count_is_no_sink() -> None:
    with pytest.raises(ConfigError, match="sink is 5; expected one with backtest and batch"):
        prepare_supercalc_dataset(hl.load_bars("TEST"), dual_sma(), sink=5)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"sink is <class.*such as .*LedgerSink\(\)"):
        prepare_supercalc_dataset(hl.load_bars("TEST"), dual_sma(), sink=LedgerSink)  # type: ignore[arg-type]


@pytest.mark.parametrize("dataset", [None, 5, BARS])
@pytest.mark.parametrize(
    "call",
    [build_signal_series, run_backtest_native, run_native_search_batch],
    ids=lambda f: f.__name__,
)
def test_what_is_no_dataset_is_refused(call: Any, dataset: Any) -> None:
    with pytest.raises(InputError, match=r"dataset is .*expected what prepare_supercalc_dataset"):
        call(dataset, {})
