"""Runs found again, and a condition that can't be more than one."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pandas as pd
import pytest

import hyprl_lab as hl
from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.research.runs.find import find, get
from hyprl_lab.store.runs.run_state import Submitted
from hyprl_lab.strategy.builtin import dual_sma


def test_a_run_is_found_by_the_start_of_its_hash(save: Any, warehouse: hl.Warehouse) -> None:
    made = save()
    for start in (made.run_hash, made.run_hash[:4], made.run_hash[:9].upper()):
        assert get(start, warehouse=warehouse).run_hash == made.run_hash
    for start in ("abc", 7, None):
        with pytest.raises(InputError, match="too short; give at least 4 characters"):
            get(start, warehouse=warehouse)  # type: ignore[arg-type]
    with pytest.raises(NotFoundError, match="no completed run_hash starts with 'ffff0000'"):
        get("ffff0000", warehouse=warehouse)


def test_of_several_engines_the_newest_or_the_one_asked_for(
    save: Any, warehouse: hl.Warehouse
) -> None:
    run_hash = save(engine="python").run_hash
    save(engine="native")
    assert get(run_hash, warehouse=warehouse).engine == "native"
    assert get(run_hash, engine="python", warehouse=warehouse).engine == "python"
    with pytest.raises(NotFoundError, match=r"by engine python 9\.9\.9"):
        get(run_hash, engine="python", engine_version="9.9.9", warehouse=warehouse)


def test_a_start_that_several_have(
    save: Any, warehouse: hl.Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = [save(params={"fast": fast, "slow": 40}).run_hash for fast in range(2, 20)]
    starts = [each[:1] for each in hashes]
    twice = next(start for start in starts if starts.count(start) > 1)
    monkeypatch.setattr(import_module("hyprl_lab.research.runs.find"), "_LEAST", 1)
    with pytest.raises(InputError, match=f"several run_hashes start with '{twice}'"):
        get(twice, warehouse=warehouse)


def test_what_became_of_a_run_that_failed_is_said(warehouse: hl.Warehouse) -> None:
    run = Submitted(
        run_hash="ab" * 32, engine="native", engine_version="1", config={}, symbol="SPY",
        timeframe="1d", fingerprint="f", strategy_hash="h", strategy_name="n",
    )  # fmt: skip
    states = warehouse.run_states
    key = states.submit(run).key
    with pytest.raises(NotFoundError, match="run abababababab is queued; see"):
        get("abab", warehouse=warehouse)
    attempt = states.start(key)
    assert attempt is not None
    states.fail(attempt, "no bar in the period")
    with pytest.raises(NotFoundError, match=r"is failed \(no bar in the period\); see"):
        get("abab", warehouse=warehouse)
    failed = find(state="failed", warehouse=warehouse)
    assert failed["run_hash"].tolist() == ["ab" * 32]
    assert failed["sharpe"].isna().all()
    assert len(find(state=None, warehouse=warehouse)) == 1
    assert len(find(warehouse=warehouse)) == 0


def test_the_newest_come_first(save: Any, warehouse: hl.Warehouse) -> None:
    made = [save(params={"fast": fast, "slow": 40}) for fast in (5, 6, 7)]
    table = find(warehouse=warehouse)
    assert table["run_hash"].tolist() == [result.run_hash for result in reversed(made)]
    assert table["sharpe"].tolist() == [result.metrics.sharpe for result in reversed(made)]
    assert table["trades"].tolist() == [result.metrics.trades for result in reversed(made)]
    assert set(table["state"]) == {"completed"}
    assert find(limit=2, warehouse=warehouse)["run_hash"].tolist() == [
        made[2].run_hash,
        made[1].run_hash,
    ]
    since = table["created_at"][1].to_pydatetime()
    assert len(find(since=since, warehouse=warehouse)) == 2
    assert len(find(since="2999-01-01", warehouse=warehouse)) == 0


def test_every_filter_is_one(save: Any, warehouse: hl.Warehouse) -> None:
    cross = save()
    other = save(strategy=hl.Strategy("always", long_entry=hl.close > 0), engine="python")

    def found(**wanted: Any) -> set[str]:
        return set(find(**wanted, warehouse=warehouse)["run_hash"])

    both = {cross.run_hash, other.run_hash}
    assert found() == found(symbol="TEST") == found(timeframe="1d") == both
    assert found(symbol="SPY") == found(timeframe="1h") == found(state="failed") == set()
    assert found(engine="python") == found(strategy="always") == {other.run_hash}
    assert found(strategy=dual_sma()) == found(strategy=cross.strategy.hash[:8]) == {cross.run_hash}
    assert found(strategy=cross.strategy.hash[:7]) == set()
    assert found(where="strategy_name = 'always'", state=None) == {other.run_hash}
    assert found(where="trades >= 2 and sharpe is not null") == {cross.run_hash}
    assert found(where="sharpe > 99 -- and so on") == set()
    assert found(where="trades between 0 and 1 or false", symbol="SPY") == set()


def test_a_condition_can_not_widen_the_filters(save: Any, warehouse: hl.Warehouse) -> None:
    save()
    for where in ("true) or (true", "false) or (1 = 1"):
        assert len(find(symbol="SPY", where=where, warehouse=warehouse)) == 0


def test_a_condition_is_a_boolean_over_what_is_there(save: Any, warehouse: hl.Warehouse) -> None:
    save()
    with pytest.raises(InputError, match="gives double; expected a boolean"):
        find(where="sharpe", warehouse=warehouse)
    with pytest.raises(InputError, match="expected a boolean"):
        find(where="--", warehouse=warehouse)
    with pytest.raises(InputError, match="sharp"):
        find(where="sharp > 1", warehouse=warehouse)
    with pytest.raises(InputError, match="expected a condition"):
        find(where=3, warehouse=warehouse)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"state": "done"}, "state is 'done'; expected one of"),
        ({"limit": 0}, "limit is 0"),
        ({"limit": True}, "limit is True"),
        ({"limit": "1; drop"}, "limit is '1; drop'"),
        ({"since": "yesterday"}, "yesterday"),
    ],
)
def test_options_are_checked(warehouse: hl.Warehouse, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        find(**options, warehouse=warehouse)


def test_an_empty_warehouse_has_an_empty_table(warehouse: hl.Warehouse) -> None:
    table = find(warehouse=warehouse)
    assert isinstance(table, pd.DataFrame)
    assert len(table) == 0
    assert {"run_hash", "sharpe", "state"} <= set(table.columns)
