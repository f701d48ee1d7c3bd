"""Why two runs came to different money: cases whose answer is known beforehand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.research.recording import run_record
from hyprl_lab.research.runs.exchange import GROUPS
from hyprl_lab.strategy.builtin import dual_sma

PARAMS = {"fast": 5, "slow": 20}


def pnl(result: hl.Result) -> float:
    return float(result.equity.iloc[-1]) - result.cash


def only(found: hl.runs.Difference, group: str) -> None:
    """Check that everything is in one group, and that it is something."""
    assert found.total != 0.0
    assert dict(found.parts) == dict.fromkeys(GROUPS, 0.0) | {group: found.total}
    assert list(found.settings) == [group]


def test_fees_alone_are_cost_to_the_cent(save: Any, warehouse: hl.Warehouse) -> None:
    # fixed units: a fee changes no quantity, so its money is known without the engine
    risk = hl.FixedUnits(10)
    free = save(risk=risk)
    paid = save(risk=risk, execution=hl.Execution(fee_bps=12, fee_per_trade=1.5))
    trades = free.trades
    turned = (trades["quantity"] * (trades["entry_price"] + trades["exit_price"])).sum()
    expected = -(turned * 12 / 10_000 + 1.5 * 2 * len(trades))
    found = hl.runs.explain_diff(free.run_hash, paid.run_hash, warehouse=warehouse)
    only(found, "cost")
    assert found.settings["cost"] == ["fee_bps", "fee_per_trade"]
    assert found.total == pytest.approx(expected, abs=0.005)
    assert found.residue == 0.0


@pytest.mark.parametrize(
    ("group", "options"),
    [
        ("parameter", {"params": {"fast": 8, "slow": 20}}),
        ("parameter", {"risk": hl.FixedFraction(0.5)}),
        ("parameter", {"cash": 5_000.0}),
        ("cost", {"execution": hl.Execution(slippage_bps=5, spread_pct=0.001)}),
        ("cost", {"execution": hl.Execution(participation_rate=1e-9)}),
        ("fill_rule", {"execution": hl.Execution(fill="same_close")}),
        ("fill_rule", {"execution": hl.Execution(leverage=2.0, whole_units=True)}),
        ("data", {"period": ("2020-06-01", None)}),
        ("data", {"bars": hl.load_bars("TEST").take(0, 300)}),
    ],
)
def test_one_thing_that_differs_has_it_all(
    save: Any, warehouse: hl.Warehouse, group: str, options: dict[str, Any]
) -> None:
    a, b = save(), save(**options)
    found = hl.runs.explain_diff(a.run_hash, b.run_hash, warehouse=warehouse)
    only(found, group)
    assert found.total == pytest.approx(pnl(b) - pnl(a), abs=1e-9)
    assert (found.pnl_a, found.pnl_b) == pytest.approx((pnl(a), pnl(b)))


def test_the_two_engines_agree(save: Any, warehouse: hl.Warehouse) -> None:
    a, b = save(engine="native"), save(engine="python")
    assert a.run_hash == b.run_hash
    runs = [hl.runs.get(a.run_hash, engine=name, warehouse=warehouse) for name in
            ("native", "python")]  # fmt: skip
    found = hl.runs.explain_diff(*runs, warehouse=warehouse)
    assert list(found.settings) == ["engine"]
    assert found.total == sum(found.parts.values())
    assert abs(found.total) < 1e-6
    assert set(found.trades["found"]) == {"both"}


def test_a_run_and_itself(save: Any, warehouse: hl.Warehouse) -> None:
    run_hash = save().run_hash
    found = hl.runs.explain_diff(run_hash, run_hash, warehouse=warehouse)
    assert (found.total, sum(found.parts.values()), dict(found.settings)) == (0.0, 0.0, {})
    assert set(found.trades["difference"]) == {0.0}


def test_two_groups_are_shared_as_by_hand(save: Any, warehouse: hl.Warehouse) -> None:
    cost, rule = {"fee_bps": 20.0}, {"fill": "same_close"}
    money = {
        name: pnl(save(execution=hl.Execution(**settings)))
        for name, settings in {"": {}, "c": cost, "f": rule, "cf": {**cost, **rule}}.items()
    }
    a, b = save(), save(execution=hl.Execution(**cost, **rule))
    found = hl.runs.explain_diff(a.run_hash, b.run_hash, warehouse=warehouse)
    cost_part = (money["c"] - money[""] + money["cf"] - money["f"]) / 2
    rule_part = (money["f"] - money[""] + money["cf"] - money["c"]) / 2
    assert found.parts["cost"] == pytest.approx(cost_part, abs=1e-8)
    assert found.parts["fill_rule"] == pytest.approx(rule_part, abs=1e-8)
    assert abs(cost_part) > 1
    assert abs(rule_part) > 1


def test_everything_at_once_adds_up_and_turns_round(save: Any, warehouse: hl.Warehouse) -> None:
    a = save(execution=hl.Execution(fee_bps=3))
    b = save(
        bars=hl.load_bars("TEST").take(0, 420),
        params={"fast": 9, "slow": 31},
        engine="python",
        execution=hl.Execution(slippage_bps=4, fill="same_close"),
        cash=12_345.67,
    )
    there = hl.runs.explain_diff(a.run_hash, b.run_hash, warehouse=warehouse)
    back = hl.runs.explain_diff(b.run_hash, a.run_hash, warehouse=warehouse)
    assert list(there.settings) == list(GROUPS)
    assert sum(there.parts.values()) == there.total == -back.total
    assert sum(reversed(list(there.parts.values()))) == there.total
    assert {name: -part for name, part in back.parts.items()} == dict(there.parts)
    assert there.total == pytest.approx(pnl(b) - pnl(a), abs=1e-9)
    assert there.impossible == {}
    assert json.loads(json.dumps(there.to_dict()))["parts"] == dict(there.parts)


def test_trades_stand_side_by_side(save: Any, warehouse: hl.Warehouse) -> None:
    a, b = save(), save(execution=hl.Execution(fee_bps=10))
    table = hl.runs.explain_diff(a.run_hash, b.run_hash, warehouse=warehouse).trades
    assert set(table["found"]) == {"both"}
    assert table["pnl_a"].tolist() == a.trades["pnl"].tolist()
    assert table["pnl_b"].tolist() == b.trades["pnl"].tolist()
    assert table["difference"].sum() == pytest.approx(pnl(b) - pnl(a), abs=1e-6)


class Cross:
    """Long while a short mean is above a long one."""

    def get_params_config(self) -> dict[str, object]:
        return {"short": {"type": "int", "default": 5, "min": 2, "max": 20}}

    def generate_signals(self, bars: hl.Bars, short: int) -> dict[str, object]:
        mean = np.convolve(bars.close, np.ones(short) / short)[: len(bars)]
        mean[:short] = np.nan
        return {"entry": bars.close > mean, "exit": bars.close < mean}


def test_a_class_with_other_parameters_is_a_parameter(save: Any, warehouse: hl.Warehouse) -> None:
    a = save(strategy=Cross, params={"short": 5})
    b = save(strategy=Cross, params={"short": 9})
    assert a.bars.fingerprint != b.bars.fingerprint  # the signals are columns of the bars
    only(hl.runs.explain_diff(a.run_hash, b.run_hash, warehouse=warehouse), "parameter")


def test_a_class_over_more_bars_is_data(save: Any, warehouse: hl.Warehouse) -> None:
    a = save(strategy=Cross, params={"short": 5}, bars=hl.load_bars("TEST").take(0, 450))
    b = save(strategy=Cross, params={"short": 5})
    assert a.strategy.hash != b.strategy.hash
    only(hl.runs.explain_diff(a.run_hash, b.run_hash, warehouse=warehouse), "data")


def with_column(name: str, seed: int) -> hl.Bars:
    bars = hl.load_bars("TEST")
    values = np.random.default_rng(seed).normal(size=len(bars))
    columns = {**bars.columns, name: values}
    return hl.Bars(bars.symbol, bars.timeframe, bars.calendar, bars.ts, columns)


def reading(name: str) -> hl.Strategy:
    return hl.Strategy(f"reads {name}", long_entry=hl.col(name) > 0, long_exit=hl.col(name) < 0)


def test_only_orders_that_can_be_run_count(save: Any, warehouse: hl.Warehouse) -> None:
    bars = with_column("x", 1)
    a, b = save(), save(bars=bars, strategy=reading("x"))
    between = pnl(save(bars=bars))  # the old strategy can run on the new bars, not the reverse
    found = hl.runs.explain_diff(a.run_hash, b.run_hash, warehouse=warehouse)
    assert found.parts["data"] == pytest.approx(between - pnl(a), abs=1e-8)
    assert found.parts["parameter"] == pytest.approx(pnl(b) - between, abs=1e-8)
    assert "reads 'x'" in found.impossible["parameter"]


def test_no_order_that_can_be_run(save: Any, warehouse: hl.Warehouse) -> None:
    a = save(bars=with_column("x", 1), strategy=reading("x"))
    b = save(bars=with_column("y", 2), strategy=reading("y"))
    with pytest.raises(hl.errors.InputError, match=r"data of B with the rest of A: .*'x'"):
        hl.runs.explain_diff(a.run_hash, b.run_hash, warehouse=warehouse)


def test_what_another_engine_version_stored_is_the_engine(warehouse: hl.Warehouse) -> None:
    made = hl.backtest(hl.load_bars("TEST"), dual_sma(), params=PARAMS, warehouse=warehouse)
    made.save()
    record = run_record(made, warehouse)
    old = {**record.metrics, "final_equity": (record.metrics["final_equity"] or 0.0) + 1.25}
    warehouse.save_run(replace(record, engine_version="0.0.9", metrics=old))
    before = hl.runs.get(made.run_hash, engine_version="0.0.9", warehouse=warehouse)
    now = hl.runs.get(made.run_hash, engine_version=made.engine_version, warehouse=warehouse)
    found = hl.runs.explain_diff(before, now, warehouse=warehouse)
    assert (found.total, found.parts["engine"], found.residue) == (-1.25, -1.25, -1.25)
    assert dict(found.settings) == {}


def test_it_can_be_read(save: Any, warehouse: hl.Warehouse) -> None:
    a, b = save(), save(execution=hl.Execution(fee_bps=10))
    found = hl.runs.explain_diff(a.run_hash[:8], b.run_hash[:8], warehouse=warehouse)
    assert f"{found.total:+,.2f}" in str(found)
    assert "fee_bps" in str(found)
    assert "<td style='text-align:left'>fee_bps</td>" in found._repr_html_()


def test_a_class_is_not_mute_beyond_the_period_it_was_run_over(warehouse: hl.Warehouse) -> None:
    """Its signals are known to the end of its own run; the other order of exchange is used."""
    bars = hl.load_bars("TEST")
    half = (None, int(bars.ts[250]))

    def run(short: int, period: Any) -> hl.Result:
        return hl.backtest(bars, Cross, params={"short": short}, period=period, warehouse=warehouse)

    a, b = run(5, half), run(20, None)
    a.save(), b.save()
    found = hl.runs.explain_diff(a.run_hash, b.run_hash, warehouse=warehouse)
    assert list(found.impossible) == ["data"]
    assert "made for the first 250 bars" in found.impossible["data"]
    only_parameter = pnl(run(20, half)) - pnl(a)  # as if it had been saved so
    assert found.parts["parameter"] == pytest.approx(only_parameter, abs=0.005)
    assert found.parts["data"] == pytest.approx(pnl(b) - pnl(a) - only_parameter, abs=0.005)
