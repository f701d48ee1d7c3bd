"""Random risk models and execution settings, over every setting there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyprl_lab.engine.config import (
    AllIn,
    Execution,
    FixedFraction,
    FixedUnits,
    KellyFraction,
    Money,
    Percent,
    RiskPct,
    VolatilityTarget,
)

if TYPE_CHECKING:
    from engine_cases.chooser import Chooser
    from engine_cases.markets import Market
    from hyprl_lab.engine.config import Risk


def execution(
    choose: Chooser, market: Market, graph: dict[str, Any], theme: str = "any"
) -> Execution:
    """Settings that fit the bars and the strategy; those of a wild theme borrow a lot."""
    wild, eager = theme == "wild", theme == "eager"
    orders = graph.get("entry_limit") is not None or graph.get("entry_stop") is not None
    found: dict[str, Any] = {
        "fee_bps": choose.of((0.0, 10.0, 0.0, 200.0)),
        "fee_per_trade": choose.of((0.0, 0.0, 1.0, 50.0)),
        "slippage_bps": choose.of((0.0, 5.0, 300.0)),
        "spread_pct": choose.of((0.0, 0.0, 0.001, 0.02)),
        "borrow_cost_bps": choose.of((0.0, 50.0, 3_000.0)),
        "fill": "same_close" if not orders and (eager or choose.chance(30)) else "next_open",
        "intrabar": choose.of(("stop_first", "target_first", "nearest_first")),
        "tick_size": choose.of((0.0, 0.0, 0.5, 2.0)),
        "reenter_same_bar": eager or choose.chance(60),
        "multiplier": choose.of((1.0, 1.0, 1.0, 0.1, 5.0)),
        "option_delta": choose.of((1.0, 1.0, 1.0, 0.5, 0.3)),
        "leverage": choose.of((60.0, 10.0) if wild else (1.0, 1.0, 2.0, 10.0, 60.0, 0.5)),
        "at_end": choose.of(("close", "mark")),
        **_quantities(choose),
    }
    if "volume" in market.columns and choose.chance(45):
        found["participation_rate"] = choose.of((0.1, 1.0, 0.3, 0.02))
        found["unfilled"] = choose.of(("carry", "carry", "cancel"))
    if market.intraday:
        found |= _sessions(choose, market)
    return Execution(**found)


def _quantities(choose: Chooser) -> dict[str, Any]:
    found: dict[str, Any] = {}
    which = choose.whole(0, 9)
    if which >= 7:
        found["whole_units"] = True
    elif which >= 4:
        found["lot_size"] = choose.of((1.0, 0.1, 5.0, 0.03))
    if which >= 4 and choose.chance(25):
        found["lots"] = choose.of((1, 3, 20))
    return found


def _sessions(choose: Chooser, market: Market) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if choose.chance(70):
        late = "15:00" if market.calendar == "XNYS" else "21:45"
        found["intraday"] = True
        found["session_cutoff"] = choose.of((None, None, "12:30", late))
    for name in ("daily_target", "daily_loss_limit"):
        if choose.chance(50):
            money = Money(choose.of((50.0, 5.0, 500.0)))
            found[name] = choose.of((Percent(0.002), Percent(0.02), Percent(0.05), money))
    return found


def risk(choose: Chooser, graph: dict[str, Any], leverage: float, *, wild: bool = False) -> Risk:
    """A risk model that the strategy and the leverage allow; a `wild` one stakes many times all."""
    if wild:
        return FixedFraction(choose.of((leverage, 3.0)))
    options: list[Risk] = [
        AllIn(),
        FixedFraction(min(choose.of((0.5, 0.1, 1.0, 3.0)), leverage)),
        FixedUnits(choose.of((10.0, 1.0, 0.5, 150.0))),
        VolatilityTarget(choose.of((0.3, 0.05, 2.0)), choose.of((3, 2, 8))),
        KellyFraction(choose.of((0.5, 1.0)), choose.of((2, 1, 4)), choose.of((0.2, 1.0))),
    ]
    if graph["stop_loss"] is not None or graph.get("trailing_stop") is not None:
        options += [RiskPct(choose.of((0.02, 0.005, 0.3)))] * 2
    return choose.of(options)
