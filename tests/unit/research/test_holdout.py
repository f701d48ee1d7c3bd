from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.engine.backtest import run
from hyprl_lab.errors import InputError, StrategyError, WarehouseError
from hyprl_lab.research import holdout as module
from hyprl_lab.research.holdout import HoldoutLooks, looks_at, open_holdout
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.research.study import Study
    from hyprl_lab.store import Warehouse

POINT = {"fast": 5, "slow": 20}


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    opened = hl.Warehouse(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def bars() -> Bars:
    return hl.load_bars("TEST")


def searched(bars: Bars, warehouse: Warehouse, holdout: float = 0.2, **change: Any) -> Study:
    given = {"space": {"fast": hl.ints(4, 8), "slow": hl.ints(20, 25)}, **change}
    study: Study = hl.supersearch(bars, dual_sma(), warehouse=warehouse, holdout=holdout, **given)
    return study


def start_of(study: Study) -> int:
    assert study.holdout_start is not None
    return study.holdout_start


def looks(study: Study, strategy_hash: str | None = None) -> HoldoutLooks:
    return looks_at(
        study.warehouse,
        study.lineage_root,
        start_of(study),
        strategy_hash=strategy_hash or study.strategy.hash,
    )


def counts(found: HoldoutLooks) -> tuple[int, ...]:
    return (
        *(found.runs, found.openings, found.searches),
        *(found.all_runs, found.all_openings, found.all_searches),
    )


def change(warehouse: Warehouse, statement: str) -> None:
    with warehouse.control.engine.connect() as connection, connection.begin():
        assert connection.exec_driver_sql(statement).rowcount


def test_only_windows_that_reach_it_are_looks(warehouse: Warehouse, bars: Bars) -> None:
    study = searched(bars, warehouse)
    start = start_of(study)
    assert counts(looks(study)) == (0,) * 6
    before = int(bars.ts[np.searchsorted(bars.ts, start) - 1])
    for period in ((None, start), (None, before), (int(bars.ts[50]), start)):
        hl.backtest(bars, dual_sma(), params=POINT, period=period, warehouse=warehouse)
    hl.backtest(study.search_bars, dual_sma(), params=POINT, warehouse=warehouse)
    assert counts(looks(study)) == (0,) * 6
    hl.backtest(bars, dual_sma(), params=POINT, period=(None, start + 1), warehouse=warehouse)
    assert looks(study).runs == 1
    hl.backtest(bars, dual_sma(), params=POINT, period=(start, None), warehouse=warehouse)
    hl.backtest(bars, dual_sma(), params=POINT, warehouse=warehouse)
    hl.backtest(bars, dual_sma(), params=POINT, warehouse=warehouse)
    found = looks(study)
    assert counts(found) == (4, 0, 0, 4, 0, 0)
    assert [look.looks for look in found.run_rows] == [1, 1, 2]
    assert all(look.known for look in found.run_rows)
    assert found.run_rows[-1].first_at <= found.run_rows[-1].last_at
    rows = warehouse.sql("select * from backtests order by trial_index")
    ids = [int(look.id) for look in found.run_rows]
    seen = rows.set_index("trial_index").loc[ids]
    assert all(last.value // 1000 >= start for last in seen["last_ts"])
    assert set(seen["purpose"]) == {"run"}
    assert set(seen["fingerprint"]) == {bars.fingerprint}


def test_looks_of_other_strategies_are_in_the_totals(warehouse: Warehouse, bars: Bars) -> None:
    study = searched(bars, warehouse)
    other = hl.Strategy("other", long_entry=hl.close > 0)
    hl.backtest(bars, other, warehouse=warehouse)
    assert counts(looks(study)) == (0, 0, 0, 1, 0, 0)
    assert counts(looks(study, other.hash)) == (1, 0, 0, 1, 0, 0)
    renamed = hl.Strategy("renamed", long_entry=hl.close > 0)
    assert renamed.hash == other.hash


def test_a_failed_run_showed_nothing(warehouse: Warehouse, bars: Bars) -> None:
    study = searched(bars, warehouse)
    wide = {"fast": 5, "slow": 200}
    with pytest.raises(StrategyError):
        hl.backtest(
            bars.slice(None, int(bars.ts[100])), dual_sma(), params=wide, warehouse=warehouse
        )
    row = warehouse.sql("select state, last_ts, first_ts from backtests").iloc[0]
    assert row["state"] == "failed"
    assert row["last_ts"].value // 1000 == bars.ts[99]
    assert looks(study).runs == 0


def test_a_search_beyond_the_boundary_is_a_look(warehouse: Warehouse, bars: Bars) -> None:
    study = searched(bars, warehouse)
    searched(bars, warehouse, holdout=0.3)
    assert counts(looks(study)) == (0,) * 6
    whole = searched(bars, warehouse, holdout=0.0)
    later = searched(bars, warehouse, holdout=0.1)
    found = looks(study)
    assert counts(found) == (0, 0, 2, 0, 0, 2)
    assert {look.id for look in found.search_rows} == {whole.study_id, later.study_id}
    assert warehouse.verify().ok


def test_a_study_that_announced_nothing_is_no_look(warehouse: Warehouse, bars: Bars) -> None:
    study = searched(bars, warehouse)
    given = {"bars": bars, "lineage_root": study.lineage_root, "strategy": dual_sma(), "total": 4}
    warehouse.open_study("later", spec={}, **given)  # type: ignore[arg-type]
    assert looks(study).searches == 0
    reservation = warehouse.reserve_shard("later", 0, 4)
    assert looks(study).searches == 1  # its results may have been seen
    warehouse.abandon_shard(reservation)
    assert looks(study).searches == 1


def test_low_level_calls_count(warehouse: Warehouse, bars: Bars) -> None:
    from hyprl_lab.engine import supercalc
    from hyprl_lab.research.supercalc import LedgerSink

    study = searched(bars, warehouse)
    dataset = supercalc.prepare_supercalc_dataset(bars, dual_sma(), sink=LedgerSink(warehouse))
    supercalc.run_backtest_native(dataset, POINT)
    assert counts(looks(study))[:3] == (1, 0, 0)
    columns = {"fast": np.array([5.0, 6.0]), "slow": np.array([20.0, 21.0])}
    supercalc.run_native_search_batch(dataset, columns)
    assert counts(looks(study))[:3] == (1, 0, 1)


def test_a_submitted_run_counts(warehouse: Warehouse, bars: Bars) -> None:
    study = searched(bars, warehouse)
    for _ in range(2):  # the second is found, and shows what the first did
        hl.runs.submit(bars, dual_sma(), params=POINT, warehouse=warehouse)
    assert looks(study).runs == 1


def test_rows_older_than_the_record_count(warehouse: Warehouse, bars: Bars) -> None:
    study = searched(bars, warehouse)
    hl.backtest(bars.slice(None, int(bars.ts[100])), dual_sma(), params=POINT, warehouse=warehouse)
    whole = searched(bars, warehouse, holdout=0.0)
    earlier = searched(bars, warehouse, holdout=0.4)
    assert counts(looks(study))[:3] == (0, 0, 1)
    change(warehouse, "UPDATE small_trials SET first_ts = NULL, last_ts = NULL, purpose = NULL")
    change(warehouse, "UPDATE studies SET first_ts = NULL, last_ts = NULL")
    found = looks(study)
    assert counts(found)[:3] == (1, 0, 1)
    assert [look.known for look in (*found.run_rows, *found.search_rows)] == [False, False]
    assert found.search_rows[0].id == whole.study_id != earlier.study_id


def test_merged_roots_are_one_lineage(warehouse: Warehouse, bars: Bars) -> None:
    study = searched(bars.slice(None, int(bars.ts[300])), warehouse)
    late = bars.slice(int(bars.ts[400]), None)
    hl.backtest(late, dual_sma(), params=POINT, warehouse=warehouse)
    assert looks(study).runs == 0
    warehouse.lineage_root(bars)
    assert looks(study).runs == 1
    assert looks_at(
        warehouse, warehouse.lineage_root(late), start_of(study), strategy_hash=study.strategy.hash
    ).runs == 1  # fmt: skip


def test_moving_rows_changes_nothing(warehouse: Warehouse, bars: Bars) -> None:
    study = searched(bars, warehouse)
    for _ in range(2):
        hl.backtest(bars, dual_sma(), params=POINT, warehouse=warehouse)
    open_holdout(study)
    before = looks(study)
    assert warehouse.compact().small_rows == 2
    assert looks(study) == before
    assert counts(before)[:3] == (2, 1, 0)
    assert warehouse.verify().ok


def test_the_account_survives_json(warehouse: Warehouse, bars: Bars) -> None:
    study = searched(bars, warehouse)
    hl.backtest(bars, dual_sma(), params=POINT, warehouse=warehouse)
    found = looks(study)
    assert HoldoutLooks.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_opening_runs_the_choice_on_the_holdout(warehouse: Warehouse, bars: Bars) -> None:
    study = searched(bars, warehouse)
    assert study.best is not None
    opened = open_holdout(study)
    expected = run(bars, dual_sma(), params=study.best.params, period=(study.holdout_start, None))
    assert opened.result.run_hash == expected.run_hash
    assert opened.result.metrics == expected.metrics
    assert opened.result.ts[0] == opened.start == study.holdout_start
    assert opened.result.recorded
    assert (opened.looks, opened.again) == (1, False)
    assert counts(looks(study)) == (0, 1, 0, 0, 1, 0)


def test_opening_again_is_another_look_at_the_same_row(warehouse: Warehouse, bars: Bars) -> None:
    study = searched(bars, warehouse)
    assert [open_holdout(study).looks for _ in range(3)] == [1, 2, 3]
    (row,) = looks(study).opening_rows
    assert row.looks == 3
    other = open_holdout(study, params={"fast": 8, "slow": 25})
    assert (other.looks, other.again) == (1, False)
    assert counts(looks(study))[:3] == (0, 4, 0)


def test_a_run_of_the_same_is_a_row_of_its_own(warehouse: Warehouse, bars: Bars) -> None:
    study = searched(bars, warehouse)
    assert study.best is not None
    start = study.holdout_start
    before = warehouse.trial_count(study.lineage_root)
    hl.backtest(
        bars, dual_sma(), params=study.best.params, period=(start, None), warehouse=warehouse
    )
    assert open_holdout(study).looks == 1
    assert counts(looks(study))[:3] == (1, 1, 0)
    assert warehouse.trial_count(study.lineage_root) == before  # the same trial, for N


def test_settings_of_the_point_are_settled(warehouse: Warehouse, bars: Bars) -> None:
    space = {"fast": hl.ints(4, 6), "slow": [20], "execution.fee_bps": [1.0, 2.0]}
    study = searched(bars, warehouse, space=space)
    opened = open_holdout(study, params={"fast": 5, "slow": 20, "execution.fee_bps": 2.0})
    assert opened.result.execution.fee_bps == 2.0
    changed = hl.Execution(slippage_bps=3)
    opened = open_holdout(study, execution=changed, risk=hl.FixedFraction(0.5))
    assert opened.result.execution.slippage_bps == 3
    assert opened.result.risk == hl.FixedFraction(0.5)


def test_the_look_is_committed_before_anybody_sees_it(
    warehouse: Warehouse, bars: Bars, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = searched(bars, warehouse)

    def refused(*_: object, **__: object) -> int:
        raise WarehouseError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(type(warehouse), "commit_trial", refused)
        with pytest.raises(WarehouseError, match="the disk is full"):
            open_holdout(study)
    assert looks(study).openings == 0
    open_holdout(study)
    assert warehouse.waiting == 0
    other = hl.Warehouse(warehouse.home)
    assert other.sql("select purpose from backtests", arrow=True)[0].to_pylist() == ["gate"]
    other.close()


def test_what_held_nothing_out_can_not_be_opened(warehouse: Warehouse, bars: Bars) -> None:
    with pytest.raises(InputError, match="held nothing out"):
        open_holdout(searched(bars, warehouse, holdout=0.0))
    none = searched(bars, warehouse, constraints=("trades >= 100000",))
    with pytest.raises(InputError, match="met the constraints, so nothing was chosen"):
        open_holdout(none)
    assert open_holdout(none, params=POINT).looks == 1


def test_the_door_is_complete() -> None:
    assert set(module.__all__) == {
        *("HoldoutLooks", "HoldoutOpening", "Look", "looks_at", "open_holdout"),
    }
