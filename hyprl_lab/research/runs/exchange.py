"""Two runs taken apart into groups of settings, and put together with groups of either."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.data.bars import Bars
from hyprl_lab.engine.config import Execution
from hyprl_lab.engine.signals import SIGNALS
from hyprl_lab.errors import InputError
from hyprl_lab.research.strategies.compiled import of_a_class

if TYPE_CHECKING:
    from hyprl_lab.engine.period import Period
    from hyprl_lab.engine.result import Result
    from hyprl_lab.research.runs.again import RunInputs
    from hyprl_lab.strategy.strategy import Strategy

__all__ = ["COSTS", "GROUPS", "Exchange"]

GROUPS: Final = ("data", "parameter", "cost", "fill_rule", "engine")
"""What a difference is attributed to, in this order."""

COSTS: Final = (
    *("fee_bps", "fee_per_trade", "slippage_bps", "spread_pct"),
    *("participation_rate", "unfilled", "borrow_cost_bps"),
)
"""The settings of `docs/execution.md`, section 8; all others of an execution are fill rules."""


@dataclass(frozen=True, eq=False)
class Exchange:
    """Runs A and B, and what comes of settings of both.

    `data` is bars, period and periods per year; `parameter` strategy, parameters, risk, cash and
    seed; `cost` what is in `COSTS`; `fill_rule` every other setting of the execution; `engine`
    which one computes. Signals of a strategy class are columns of the bars: they go with the
    strategy, or with the data where both runs have the same class over other bars.

    Parameters
    ----------
    a, b
        What both were computed from.
    """

    a: RunInputs
    b: RunInputs

    @cached_property
    def differing(self) -> dict[str, list[str]]:
        """The settings that differ, by their group, in the order of `GROUPS`."""
        sides = [self._settings(side) for side in (self.a, self.b)]
        found = {
            group: [
                name for name, value in sides[0][group].items() if value != sides[1][group][name]
            ]
            for group in GROUPS
        }
        return {group: names for group, names in found.items() if names}

    def run(self, of_b: frozenset[str]) -> Result:
        """Compute a run whose groups are B's where they are named, and A's elsewhere.

        Raises
        ------
        InputError
            These settings don't go together.
        """
        return self._mixed(of_b).run()

    def _mixed(self, of_b: frozenset[str]) -> RunInputs:
        side = {group: self.b if group in of_b else self.a for group in GROUPS}
        data, parameter = side["data"], side["parameter"]
        settings: dict[str, Any] = side["fill_rule"].execution.to_json()
        settings |= {name: side["cost"].execution.to_json()[name] for name in COSTS}
        with_data = self._same_class or not self._same_base
        strategy = data if self._same_class else parameter
        bars = data.bars if with_data else parameter.bars
        _check_signals(strategy.strategy, bars, data.period)
        return replace(
            parameter,
            bars=bars,
            period=data.period,
            periods_per_year=data.periods_per_year,
            strategy=strategy.strategy,
            params=strategy.params,
            execution=Execution.from_json(settings),
            engine=side["engine"].engine,
        )

    def _settings(self, side: RunInputs) -> dict[str, dict[str, Any]]:
        execution = side.execution.to_json()
        strategy = {"strategy": side.strategy.hash, "params": dict(side.params)}
        data: dict[str, Any] = {
            "bars": _identity(side.bars if self._same_class else _base(side.bars))
        }
        data |= {"period": side.period, "periods_per_year": side.periods_per_year}
        return {
            "data": data,
            "parameter": {
                **({} if self._same_class else strategy),
                "risk": side.risk.to_json(),
                "cash": side.cash,
                "seed": side.seed,
            },
            "cost": {name: execution[name] for name in COSTS},
            "fill_rule": {name: execution[name] for name in execution if name not in COSTS},
            "engine": {"engine": side.engine},
        }

    @cached_property
    def _same_base(self) -> bool:
        """Whether the bars are the same but for signals of strategy classes."""
        return _identity(_base(self.a.bars)) == _identity(_base(self.b.bars))

    @cached_property
    def _same_class(self) -> bool:
        """Whether one strategy class, with the same parameters, has seen other bars."""
        if not (of_a_class(self.a.strategy) and of_a_class(self.b.strategy)):
            return False
        seen_the_same = self._same_base and self.a.period == self.b.period
        return not seen_the_same and _class(self.a) == _class(self.b)


def _check_signals(strategy: Strategy, bars: Bars, period: Period) -> None:
    """Refuse a period that goes on where a class's signals end: it would be mute from there on.

    Raises
    ------
    InputError
        It does.
    """
    told = [step.detail for step in bars.lineage if step.operation == "signals"]
    if not (told and of_a_class(strategy)):
        return
    stop, window = int(str(told[-1].get("stop", len(bars)))), period.window(bars)
    if stop < window.stop:
        raise InputError(
            f"the signals of {strategy.name} were made for the first {stop:,} bars; the period "
            f"reaches to the {window.stop:,}th: save a run of the class over the whole period"
        )


def _identity(bars: Bars) -> tuple[str, str, str, str]:
    return (bars.fingerprint, bars.symbol, bars.timeframe, bars.calendar)


def _base(bars: Bars) -> Bars:
    """Return bars without the signals of strategy classes."""
    kept = {name: column for name, column in bars.columns.items() if not SIGNALS.fullmatch(name)}
    if len(kept) == len(bars.columns):
        return bars
    return Bars(bars.symbol, bars.timeframe, bars.calendar, bars.ts, kept, bars.calendar_inferred)


def _class(side: RunInputs) -> tuple[str, object]:
    """Return a class's name with its parameters, and the hash of its source where it is known."""
    told = [step.detail for step in side.bars.lineage if step.operation == "signals"]
    return side.strategy.name, told[-1].get("source") if told else None
