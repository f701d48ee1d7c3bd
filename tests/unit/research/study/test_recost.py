"""Other costs from the ledger, against searches that are run under them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from hyprl_lab.engine.config import AllIn, Execution, FixedUnits
from hyprl_lab.errors import ConfigError, InputError
from hyprl_lab.research import supersearch
from hyprl_lab.research.study.ranking import Ranking
from hyprl_lab.research.study.recost import _order, costed
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.data import Bars
    from hyprl_lab.research.study import Study
    from hyprl_lab.store import Warehouse

    Run = Callable[..., Study]

SPACE = {"fast": range(5, 30, 5), "slow": range(20, 100, 20)}
OLD = Execution(fee_bps=2, fee_per_trade=1)
CENT = 0.005


@pytest.fixture(scope="module")
def run(stock: Bars, warehouse: Warehouse) -> Run:
    def searched(execution: Execution = OLD, **changed: Any) -> Study:
        options: dict[str, Any] = {
            "where": "fast < slow",
            "risk": FixedUnits(2),
            "objective": "total_return",
            "execution": execution,
            "warehouse": warehouse,
        }
        return supersearch(stock, dual_sma(), changed.pop("space", SPACE), **options | changed)

    return searched


@pytest.mark.parametrize(
    "new",
    [
        {"fee_bps": 25.0},
        {"fee_bps": 0.0},
        {"fee_per_trade": 6.0},
        {"slippage_bps": 10.0},
        {"fee_bps": 9.0, "fee_per_trade": 0.0, "slippage_bps": 3.0},
    ],
)
def test_fixed_units_are_exact_to_the_cent(run: Run, new: dict[str, float]) -> None:
    found = run().recost(**new, top=3)
    again = run(costed(OLD, new))
    trials = again.trials()
    assert found.exact
    assert found.reasons == found.unchanged == ()
    assert found.estimates["exact"].all()
    money = found.estimates.sort_index()["final_equity"]
    np.testing.assert_allclose(money, trials["final_equity"], rtol=0, atol=CENT)
    np.testing.assert_allclose(money, trials["final_equity"], rtol=1e-12)
    assert found.estimates.index.tolist() == again.top(again.total).index.tolist()
    np.testing.assert_allclose(found.table["objective"], again.top(3)["objective"], rtol=1e-12)
    np.testing.assert_allclose(found.table["estimate"], found.table["objective"], rtol=1e-9)
    assert ", exact, 3 simulated again, best" in repr(found)


def test_slippage_and_spread_that_were_there_before(run: Run) -> None:
    old = dataclasses.replace(OLD, slippage_bps=8.0, spread_pct=0.001)
    found = run(old).recost(slippage_bps=1.0, top=0)
    again = run(dataclasses.replace(old, slippage_bps=1.0)).trials()
    assert found.exact
    assert found.table.empty
    np.testing.assert_allclose(
        found.estimates.sort_index()["final_equity"], again["final_equity"], rtol=1e-12
    )


def test_lots_are_fixed_units(run: Run) -> None:
    old = dataclasses.replace(OLD, lots=1, lot_size=2.0)
    found = run(old, risk=AllIn()).recost(fee_bps=30.0, top=0)
    again = run(dataclasses.replace(old, fee_bps=30.0), risk=AllIn()).trials()
    assert found.exact
    np.testing.assert_allclose(
        found.estimates.sort_index()["final_equity"], again["final_equity"], rtol=1e-12
    )


def test_open_positions_are_exact_for_fees_alone(run: Run) -> None:
    old = dataclasses.replace(OLD, at_end="mark")
    study = run(old, objective="edge_bps")
    assert study.trials()["open_trades"].sum() > 0
    found = study.recost(fee_bps=30.0, fee_per_trade=4.0, top=0)
    again = run(dataclasses.replace(old, fee_bps=30.0, fee_per_trade=4.0), objective="edge_bps")
    assert found.exact
    np.testing.assert_allclose(
        found.estimates.sort_index()["objective"], again.trials()["edge_bps"], rtol=1e-9
    )
    slipped = study.recost(slippage_bps=5.0, top=0)
    assert not slipped.exact
    closed = study.trials()["open_trades"] == 0
    assert (slipped.estimates.sort_index()["exact"] == closed).all()


def test_settings_that_were_searched_are_each_trials_own(run: Run) -> None:
    space = SPACE | {"execution.fee_bps": [0.0, 12.0], "risk.units": [1.0, 2.0]}
    found = run(space=space).recost(fee_per_trade=5.0, top=2)
    again = run(dataclasses.replace(OLD, fee_per_trade=5.0), space=space)
    assert found.exact
    np.testing.assert_allclose(
        found.estimates.sort_index()["objective"], again.trials()["total_return"], rtol=1e-9
    )
    np.testing.assert_allclose(found.table["objective"], again.top(2)["objective"], rtol=1e-9)
    level = run(space=space).recost(fee_bps=3.0, top=0).estimates.sort_index()
    trials = run(space=space).trials().assign(new=level["objective"])
    spread = trials.groupby(["fast", "slow", "risk.units"])["new"].agg(["min", "max"])
    np.testing.assert_allclose(spread["max"], spread["min"], rtol=1e-9)  # one fee for all now


def test_leverage_that_may_bind_is_not_called_exact(run: Run) -> None:
    found = run(risk=FixedUnits(100)).recost(fee_bps=25.0, top=0)
    assert not found.exact
    assert not found.estimates["exact"].any()
    assert "18 of 18 trials fell so deep or traded so much" in found.reasons[0]


def test_all_in_is_approximate_and_the_best_are_simulated(run: Run) -> None:
    """Tolerances: a fifth of what the costs take, on every trial."""
    study = run(risk=AllIn(), objective="sharpe")
    before = study.warehouse.trial_count(study.lineage_root)
    found = study.recost(fee_bps=20.0, slippage_bps=10.0, top=4)
    assert study.warehouse.trial_count(study.lineage_root) == before + 4
    assert not found.exact
    assert found.reasons == (
        "AllIn sizes by equity, which costs change",
        "sharpe: no sum over fills, so only estimated",
    )
    again = run(
        dataclasses.replace(OLD, fee_bps=20.0, slippage_bps=10.0), risk=AllIn(), objective="sharpe"
    )
    old, new = study.trials(), again.trials()
    estimates = found.estimates.sort_index()
    np.testing.assert_array_equal(estimates["before"], old["sharpe"])
    taken = old["sharpe"] - new["sharpe"]
    assert (taken > 0).all()
    assert ((estimates["objective"] - new["sharpe"]).abs() < 0.2 * taken).all()
    lost = old["final_equity"] - new["final_equity"]
    assert ((estimates["final_equity"] - new["final_equity"]).abs() < 0.2 * lost).all()
    assert found.table["objective"].is_monotonic_decreasing
    for number in found.table.index.tolist():
        row = found.table.loc[number]
        assert row["objective"] == new["sharpe"][number]
        assert row["max_drawdown"] == new["max_drawdown"][number]
    page = found._repr_html_()
    assert "approximate: AllIn sizes by equity" in page
    assert "sqn" not in page


def test_constraints_that_the_ledger_can_not_estimate_are_named(run: Run) -> None:
    study = run(constraints=["profit_factor > 0.5", "max_drawdown < 0.9"])
    found = study.recost(fee_bps=5.0, top=0)
    assert found.unchanged == ("max_drawdown", "profit_factor")
    assert not found.exact
    assert "as under the old costs: max_drawdown, profit_factor" in found._repr_html_()


def test_levels_and_daily_limits_and_parts_are_doubts(run: Run, stock: Bars) -> None:
    parts = run(dataclasses.replace(OLD, participation_rate=0.5))
    assert "participation rate" in parts.recost(fee_bps=5.0, top=0).reasons[0]
    study = run()
    stopped = dataclasses.replace(
        study, strategy=dataclasses.replace(study.strategy, stop_loss=_stop())
    )
    assert stopped.recost(fee_bps=5.0, top=0).exact
    assert "slippage moves stops" in stopped.recost(slippage_bps=5.0, top=0).reasons[0]
    borrowed = dataclasses.replace(study, execution=Execution(borrow_cost_bps=10.0))
    assert "financing hides" in borrowed.recost(slippage_bps=5.0, top=0).reasons[0]


def _stop() -> Any:
    from hyprl_lab.strategy import stop

    return stop.percent(0.05)


def test_pruned_trials_are_not_repriced(written: Callable[..., Study]) -> None:
    study = written(
        {"fast": [5, 6], "slow": [20]}, {}, name="pruned", states=["pruned", "completed"]
    )
    assert study.recost(fee_bps=1.0, top=0).estimates.index.tolist() == [1]


def test_bad_input_is_said_before_anything_runs(study: Study) -> None:
    with pytest.raises(InputError, match="given no cost"):
        study.recost()
    with pytest.raises(ConfigError, match="fee_bps=-1"):
        study.recost(fee_bps=-1.0)
    for top in (-1, 2.0, True):
        with pytest.raises(InputError, match="whole number from 0"):
            study.recost(fee_bps=1.0, top=top)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="keeps no block moments"):
        dataclasses.replace(study, ledger="summary").recost(fee_bps=1.0)


def test_costs_leave_the_other_settings_alone() -> None:
    old = Execution(fee_bps=1, at_end="mark", leverage=2)
    assert costed(old, {"slippage_bps": 3.0}) == dataclasses.replace(old, slippage_bps=3.0)


def test_the_costs_that_were_there_are_exact_whatever_sizes(study: Study) -> None:
    again = study.recost(fee_bps=study.execution.fee_bps, top=0)
    assert again.exact
    assert (again.reasons, again.unchanged) == ((), ())
    assert again.estimates["exact"].all()
    np.testing.assert_array_equal(again.estimates["objective"], again.estimates["before"])


def test_a_cost_that_was_searched_is_overridden_and_said(run: Run) -> None:
    searched = run(space={"fast": [5, 10], "slow": [40], "execution.fee_bps": [0, 5, 50]})
    found = searched.recost(fee_bps=10)
    assert found.table["execution.fee_bps"].tolist() == [10.0, 10.0]
    assert sorted(found.table["fast"]) == [5.0, 10.0]


def test_several_objectives_stand_by_front_as_far_as_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fronts {0, 4}, {1}, {3}; where one front is enough, 3 is before 1 by its first objective."""
    monkeypatch.setattr("hyprl_lab.research.study.recost._BY_FRONT", 1)
    ranking = Ranking.of(["sharpe", "cagr"])
    scores = np.array([[3.0, 1.0, np.nan, 2.0, 9.0], [9.0, 8.0, np.nan, -1.0, 0.0]])
    assert _order(ranking, scores, 2).tolist() == [4, 0, 3, 1, 2]
    assert _order(ranking, scores, 3).tolist()[:2] == [4, 0]
    assert _order(ranking, scores[:1], 0).tolist() == [4, 0, 3, 1, 2]
