"""Whatever counts is handed the work, and what it returns is the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import hyprl_lab as hl
from hyprl_lab.engine import run
from hyprl_lab.engine.supercalc import (
    prepare_supercalc_dataset,
    run_backtest_native,
    run_native_search_batch,
)
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from hyprl_lab.engine import Result
    from hyprl_lab.engine.supercalc import BatchWork

BARS = hl.load_bars("TEST")


class Notebook:
    """Counts on paper."""

    def __init__(self) -> None:
        self.noted: list[Any] = []

    def backtest(self, dataset: Any, params: Any, risk: Any, execution: Any) -> Result:
        self.noted.append(dict(params))
        return run(dataset.bars, dataset.strategy, params=params, risk=risk, execution=execution)

    def batch(self, work: BatchWork) -> tuple[str, list[Any]]:
        self.noted.append(work.values.tolist())
        return "page 1", [work.evaluate(0, 1), work.evaluate(1, len(work))]


def test_a_sink_is_asked_and_parts_are_put_together() -> None:
    notebook = Notebook()
    dataset = prepare_supercalc_dataset(BARS, dual_sma(), sink=notebook)
    columns = {"slow": [20, 30, 40], "fast": [5, 6, 7]}
    batch = run_native_search_batch(dataset, columns)
    single = run_backtest_native(dataset, {"fast": 6, "slow": 30})
    assert notebook.noted == [[[5.0, 20.0], [6.0, 30.0], [7.0, 40.0]], {"fast": 6, "slow": 30}]
    assert (batch.study_id, batch.recorded, len(batch)) == ("page 1", True, 3)
    assert batch.metrics["sharpe"][1] == single.metrics.sharpe
    assert hl.warehouse.sql("select count(*) as n from trials")["n"].tolist() == [0]


def test_without_a_sink_nothing_is_counted() -> None:
    dataset = prepare_supercalc_dataset(BARS, dual_sma(), record=False)
    batch = run_native_search_batch(dataset, {"fast": [5], "slow": [20]})
    single = run_backtest_native(dataset, {"fast": 5, "slow": 20})
    assert (batch.study_id, batch.recorded, single.recorded) == (None, False, False)
    with pytest.raises(hl.errors.LabError):
        single.save()
