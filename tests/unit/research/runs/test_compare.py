"""Runs side by side."""

from __future__ import annotations

from typing import Any

import pytest

import hyprl_lab as hl
from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.research.runs.compare import compare


def test_what_differs_and_nothing_else(save: Any, warehouse: hl.Warehouse) -> None:
    a = save()
    b = save(params={"fast": 9, "slow": 20}, execution=hl.Execution(fee_bps=4))
    c = save(risk=hl.FixedFraction(0.5))
    table = compare([a.run_hash, b.run_hash[:8], c.run_hash], warehouse=warehouse)
    assert list(table.columns) == [each.run_hash[:12] for each in (a, b, c)]
    assert table.loc[("params", "fast")].tolist() == [5, 9, 5]
    assert table.loc[("execution", "fee_bps")].tolist() == [0, 4, 0]
    assert table.loc[("risk", "fraction")].tolist() == [None, None, 0.5]
    assert table.loc[("metrics", "sharpe")].tolist() == [each.metrics.sharpe for each in (a, b, c)]
    assert ("run", "symbol") not in table.index
    assert ("params", "slow") not in table.index


def test_everything_where_it_is_wanted(save: Any, warehouse: hl.Warehouse) -> None:
    a, b = save(), save(cash=5.0)
    table = compare([a.run_hash, b.run_hash], everything=True, warehouse=warehouse)
    assert table.loc[("run", "symbol")].tolist() == ["TEST", "TEST"]
    assert table.loc[("run", "cash")].tolist() == [10_000, 5]


def test_one_hash_by_two_engines(save: Any, warehouse: hl.Warehouse) -> None:
    run_hash = save(engine="native").run_hash
    save(engine="python")
    runs = [hl.runs.get(run_hash, engine=name, warehouse=warehouse) for name in
            ("native", "python")]  # fmt: skip
    table = compare(runs, warehouse=warehouse)
    assert [label.split()[1] for label in table.columns] == ["native", "python"]
    assert table.loc[("run", "engine")].tolist() == ["native", "python"]


def test_what_can_not_be_compared(save: Any, warehouse: hl.Warehouse) -> None:
    run_hash = save().run_hash
    for runs in ([], [run_hash], run_hash):
        with pytest.raises(InputError, match="expected two runs or more"):
            compare(runs, warehouse=warehouse)
    with pytest.raises(InputError, match="is named twice"):
        compare([run_hash, run_hash[:6]], warehouse=warehouse)
    with pytest.raises(NotFoundError):
        compare([run_hash, "ffff0000"], warehouse=warehouse)
