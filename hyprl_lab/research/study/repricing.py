"""A study's completed trials under their old and under new costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.engine.config import FixedUnits
from hyprl_lab.research.study.costs import LEDGER_METRICS, Costs, Ledgered, unbound
from hyprl_lab.research.study.frames import block_ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hyprl_lab.research.study.study import Study
    from hyprl_lab.types import BoolArray, FloatArray, IntArray

__all__ = ["Repriced", "repriced"]

_BLOCKS: Final = ("sum1", "sum2", "sum3", "sum4", "turnover")
_YEAR_US: Final = 365.25 * 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repriced:
    """Completed trials under two sets of costs.

    Parameters
    ----------
    index
        Their numbers in the study.
    before, after
        Metrics by name: what the ledger has, and the same under the new costs; those that can't
        be estimated are the same arrays.
    exact
        Whether a trial's money is exact.
    same
        Whether a trial ran under the new costs already: all its metrics are exact then.
    reasons
        Why no other trial's can be, if none can.
    """

    index: IntArray
    before: Mapping[str, FloatArray]
    after: Mapping[str, FloatArray]
    exact: BoolArray
    same: BoolArray
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Piece:
    """A range of trials, as `Repriced` has all of them."""

    index: IntArray
    before: dict[str, FloatArray]
    after: dict[str, FloatArray]
    exact: BoolArray
    same: BoolArray


def repriced(study: Study, costs: Mapping[str, float]) -> Repriced:
    """Return a study's completed trials under new costs.

    Parameters
    ----------
    study
        Run with `ledger="full"`.
    costs
        New values of `fee_bps`, `fee_per_trade`, `slippage_bps`; others stay as they were.

    Raises
    ------
    InputError
        The study has no block moments.
    """
    names = sorted({*LEDGER_METRICS, *study.ranking.metrics})
    reasons = tuple(_doubts(study, slips="slippage_bps" in costs))
    pieces = [
        _piece(study, costs, names, places, blocks, provable=not reasons)
        for places, blocks in block_ranges(study, _BLOCKS)
    ]
    return Repriced(
        index=np.concatenate([piece.index for piece in pieces]),
        before={name: np.concatenate([piece.before[name] for piece in pieces]) for name in names},
        after={name: np.concatenate([piece.after[name] for piece in pieces]) for name in names},
        exact=np.concatenate([piece.exact for piece in pieces]),
        same=np.concatenate([piece.same for piece in pieces]),
        reasons=reasons,
    )


def _piece(
    study: Study,
    costs: Mapping[str, float],
    names: list[str],
    places: slice,
    blocks: Mapping[str, FloatArray],
    *,
    provable: bool,
) -> _Piece:
    bars, store = study.search_bars, study.warehouse
    found = store.trial_columns(
        study.study_id,
        ["trial_index", "completed", *names],
        first=places.start,
        stop=places.stop,
    )
    kept: BoolArray = found["completed"]
    before = {name: found[name][kept].astype(np.float64) for name in names}
    settings = _Settings(study, places, kept)
    old = Costs(
        fee=settings.of("execution.fee_bps") / 10_000.0,
        fee_per_trade=settings.of("execution.fee_per_trade"),
        slippage=settings.of("execution.slippage_bps") / 10_000.0
        + settings.of("execution.spread_pct") / 2.0,
    )
    new = Costs(
        fee=_set(old.fee, costs.get("fee_bps"), 10_000.0),
        fee_per_trade=_set(old.fee_per_trade, costs.get("fee_per_trade"), 1.0),
        slippage=old.slippage
        if "slippage_bps" not in costs
        else costs["slippage_bps"] / 10_000.0 + settings.of("execution.spread_pct") / 2.0,
    )
    trials = Ledgered(
        metrics=before,
        blocks={name: values[kept] for name, values in blocks.items()},
        costs=old,
        cash=study.cash,
        years=int(bars.ts[-1] - bars.ts[0]) / _YEAR_US,
        periods_per_year=bars.periods_per_year,
        returns=len(bars.headline) - 1,
    )
    units = settings.units()
    same = (
        (new.fee == old.fee)
        & (new.fee_per_trade == old.fee_per_trade)
        & (new.slippage == old.slippage)
    )
    after = before | {
        name: np.where(same, before[name], values)
        for name, values in trials.repriced(new, fixed=units is not None).items()
        if name in before
    }
    exact = np.zeros(len(same), dtype=np.bool_)
    if units is not None and provable:
        exact = unbound(
            trials,
            new,
            units=units,
            leverage=settings.of("execution.leverage"),
            point_value=settings.of("execution.multiplier") * settings.of("execution.option_delta"),
            highest=float(bars.high.max()),
        )
        if "slippage_bps" in costs:  # what is open is marked, and has no sale to tell buys by
            exact &= before["open_trades"] == 0
    return _Piece(
        index=found["trial_index"][kept],
        before=before,
        after=after,
        exact=exact | same,
        same=same,
    )


class _Settings:
    """Settings of trials: an axis of the study, or the same for all."""

    def __init__(self, study: Study, places: slice, kept: BoolArray) -> None:
        self._study, self._places, self._kept = study, places, kept

    def of(self, name: str) -> FloatArray:
        """Return a number a trial."""
        study, owner = self._study, name.partition(".")
        if name in study.points.names:
            found = study.warehouse.trial_params(
                study.study_id, [name], first=self._places.start, stop=self._places.stop
            )
            return found[name][self._kept]
        value = getattr(study.risk if owner[0] == "risk" else study.execution, owner[2])
        return np.full(int(self._kept.sum()), float(value))

    def units(self) -> FloatArray | None:
        """Return the fixed quantity of each trial's entries; `None` where it is not fixed."""
        study, names = self._study, self._study.points.names
        if study.execution.lots is not None or "execution.lots" in names:
            lot_given = study.execution.lot_size is not None or "execution.lot_size" in names
            lots = self.of("execution.lots")
            return lots * self.of("execution.lot_size") if lot_given else lots
        return self.of("risk.units") if isinstance(study.risk, FixedUnits) else None


def _set(old: FloatArray, value: float | None, unit: float) -> FloatArray:
    return old if value is None else np.full(len(old), value / unit)


def _doubts(study: Study, *, slips: bool) -> Iterable[str]:
    """Yield why the fills of no trial can be proved to be the same."""
    execution, strategy, names = study.execution, study.strategy, study.points.names
    sized = isinstance(study.risk, FixedUnits) or execution.lots is not None
    if not sized and "execution.lots" not in names:
        yield f"{type(study.risk).__name__} sizes by equity, which costs change"
    if execution.daily_target is not None or execution.daily_loss_limit is not None:
        yield "a daily limit looks at equity, which costs change"
    if execution.participation_rate is not None or "execution.participation_rate" in names:
        yield "with a participation rate an order is filled in an unknown number of parts"
    if not slips:
        return
    levels = (strategy.stop_loss, strategy.take_profit, strategy.trailing_stop)
    if any(level is not None for level in (*levels, strategy.entry_limit)):
        yield "slippage moves stops and targets, and limits are filled without it"
    if (
        execution.borrow_cost_bps > 0
        or "execution.borrow_cost_bps" in names
        or "funding_rate" in study.search_bars.columns
    ):
        yield "financing hides which part of the notional was bought"
