"""What trials would have made under other costs, from what the ledger keeps of them.

Notation: cash C, final equity E, fees paid F, notional of all fills N = B + S (bought and
sold), n fills; f fee of the notional, c fee of a fill, s slippage with half the
spread; the new costs are f', c', s'. By `docs/execution.md`, a fill of x units at market price p
has the notional x·M·p·(1 ± s) and the fee f·notional + c.

**Fixed quantities.** Where no quantity and no market price of a fill changes:

- n = 2·trades + open trades: a trade is one fill in and one out, an open one is not out yet.
- Without slippage in play N' = N, so F' = F + (f' - f)·N + (c' - c)·n, and E' = E - (F' - F): a
  fee is taken from cash, and nothing else depends on it.
- With it, a trial that is flat at the end and has paid no financing has E = C + S - B - F, so
  B = (N - (E - C + F))/2 and S = N - B are known. Then B' = B·(1 + s')/(1 + s),
  S' = S·(1 - s')/(1 - s), F' = F + f'·(B' + S') - f·N + (c' - c)·n, E' = C + S' - B' - F'.

Both are exact but for rounding, and with them what follows from E, F and N: total return, CAGR,
money per 10,000, edge. When they hold is proved trial by trial (`unbound`).

**Quantities in proportion to equity.** The relative cost of a fill is about (f + s)·notional over
equity, so block b loses the log-growth δ = (Δf + Δs)·w + Δc·n_b/Ē', with w = N_b/Ē its turnover in
equities, n_b its share of the fills by w, and Ē, Ē' mean equity before and after. Equity is
followed through the blocks by Σ log(1 + r) = Σr - Σr²/2 + Σr³/3 - Σr⁴/4, to fourth order in r.

**Ratios** follow approximately: each block's Σr falls by its costs over its mean equity; deviation,
downside deviation and drawdown are taken as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import BoolArray, FloatArray

__all__ = [
    "EXACT_METRICS",
    "LEDGER_METRICS",
    "RECOSTED_METRICS",
    "Bill",
    "Costs",
    "Ledgered",
    "unbound",
]

_ROUNDING: Final = 1e-9
_SINGLE: Final = 1e-5
"""Sums of 17 numbers of 7 digits agree better than this."""

EXACT_METRICS: Final = frozenset({
    "total_return", "cagr", "pnl_per_10k", "final_equity", "fees_paid", "edge_bps", "trades",
    "open_trades", "exposure",
})  # fmt: skip
"""Metrics that are exact where a trial's fills are proved the same."""

RECOSTED_METRICS: Final = EXACT_METRICS | {
    "sharpe_per_period", "sharpe", "annualised_volatility", "sortino", "calmar",
}  # fmt: skip
"""Metrics that follow the new costs; the others are as they were."""

LEDGER_METRICS: Final = (
    "total_return", "cagr", "sharpe_per_period", "sortino", "max_drawdown",
    "max_drawdown_intrabar", "trades", "open_trades", "edge_bps", "final_equity", "fees_paid",
)  # fmt: skip
"""What is read of each trial besides its blocks."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Costs:
    """Costs, one value a trial.

    Parameters
    ----------
    fee
        Fraction of the notional.
    fee_per_trade
        Money a fill.
    slippage
        Fraction of the price, half the spread included.
    """

    fee: FloatArray
    fee_per_trade: FloatArray
    slippage: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bill:
    """What new costs add to trials of fixed quantities, money, one value a trial.

    Parameters
    ----------
    fees, fees_per_trade, slippage
        What is paid more; negative where it is less.
    notional
        N' - N: slippage makes buys larger and sells smaller.
    """

    fees: FloatArray
    fees_per_trade: FloatArray
    slippage: FloatArray
    notional: FloatArray

    @property
    def total(self) -> FloatArray:
        """All that is paid more: E - E'."""
        return self.fees + self.fees_per_trade + self.slippage


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ledgered:
    """Trials as the ledger has them.

    Parameters
    ----------
    metrics
        `LEDGER_METRICS` by name, an array each.
    blocks
        sum1 … sum4 and turnover, shape (trials, 17).
    costs
        That they ran under.
    cash, years, periods_per_year
        Of the study.
    returns
        Headline returns of a trial.
    """

    metrics: Mapping[str, FloatArray]
    blocks: Mapping[str, FloatArray]
    costs: Costs
    cash: float
    years: float
    periods_per_year: float
    returns: int

    @property
    def notional(self) -> FloatArray:
        """N, Σ of the notional of fills.

        Turnover is kept as float32, of 7 digits. So N is read off the fees where there are any,
        N = (F - c·n)/f, or off the edge, N = 10,000·(E - C)/edge: what a trial's equity gained is
        the sum of its trades' profits. Either is taken where it agrees with the turnover.
        """
        metrics, costs = self.metrics, self.costs
        rough: FloatArray = self.blocks["turnover"].sum(axis=1)
        gained = metrics["final_equity"] - self.cash
        with np.errstate(all="ignore"):  # no fee, no edge: then the other, or what is kept
            by_fees = (metrics["fees_paid"] - costs.fee_per_trade * self.fills) / costs.fee
            by_edge = 10_000.0 * gained / metrics["edge_bps"]
            found = np.where(np.abs(by_edge / rough - 1.0) < _SINGLE, by_edge, rough)
            return np.where(np.abs(by_fees / rough - 1.0) < _SINGLE, by_fees, found)

    @property
    def fills(self) -> FloatArray:
        """n, the number of fills where each is whole."""
        return 2.0 * self.metrics["trades"] + self.metrics["open_trades"]

    def bill(self, new: Costs) -> Bill:
        """Return what the new costs change with fixed quantities."""
        old, size = self.costs, self.notional
        bought = (size - (self.metrics["final_equity"] - self.cash + self.metrics["fees_paid"])) / 2
        up = bought * (new.slippage - old.slippage) / (1.0 + old.slippage)
        down = (size - bought) * (new.slippage - old.slippage) / (1.0 - old.slippage)
        return Bill(
            fees=(new.fee - old.fee) * size + new.fee * (up - down),
            fees_per_trade=(new.fee_per_trade - old.fee_per_trade) * self.fills,
            slippage=up + down,
            notional=up - down,
        )

    def repriced(self, new: Costs, *, fixed: bool) -> dict[str, FloatArray]:
        """Return `RECOSTED_METRICS` under the new costs; NaN where undefined.

        Parameters
        ----------
        new
            The new costs.
        fixed
            Whether quantities are fixed; in proportion to equity otherwise.
        """
        with np.errstate(all="ignore"):  # a trial without fills has no turnover to divide by
            before = self._equity()
            path = self._fixed(new, before) if fixed else self._proportional(new, before)
            return self._metrics(path)

    def _equity(self) -> FloatArray:
        """Return Ē, equity in the middle of each block, shape (trials, 17)."""
        sums = self.blocks
        growth = sums["sum1"] - sums["sum2"] / 2 + sums["sum3"] / 3 - sums["sum4"] / 4
        return self.cash * np.exp(np.cumsum(growth, axis=1) - growth / 2)

    def _fixed(self, new: Costs, before: FloatArray) -> _Path:
        bill, turnover = self.bill(new), self.blocks["turnover"]
        lost = np.nan_to_num(turnover / self.notional[:, None]) * bill.total[:, None]
        after = before - (np.cumsum(lost, axis=1) - lost / 2)
        return _Path(
            final=self.metrics["final_equity"] - bill.total,
            fees=self.metrics["fees_paid"] + bill.fees + bill.fees_per_trade,
            notional=self.notional + bill.notional,
            scale=before / after,
            lost=lost / after,
        )

    def _proportional(self, new: Costs, before: FloatArray) -> _Path:
        old, turns = self.costs, self.blocks["turnover"] / before
        rate = (new.fee - old.fee) + (new.slippage - old.slippage)
        fills = np.nan_to_num(turns / turns.sum(axis=1)[:, None]) * self.fills[:, None]
        extra = new.fee_per_trade - old.fee_per_trade
        lost = np.zeros_like(before)
        factor = np.ones_like(before)
        so_far = np.ones(len(before))
        for block in range(before.shape[1]):
            flat = extra * fills[:, block] / (before[:, block] * so_far)
            lost[:, block] = rate * turns[:, block] + flat
            factor[:, block] = so_far * np.exp(-lost[:, block] / 2)
            so_far = so_far * np.exp(-lost[:, block])
        notional = (turns * before * factor).sum(axis=1)
        return _Path(
            final=self.metrics["final_equity"] * so_far,
            fees=new.fee * notional + new.fee_per_trade * self.fills,
            notional=notional,
            scale=np.ones_like(before),
            lost=lost,
        )

    def _metrics(self, path: _Path) -> dict[str, FloatArray]:
        old, count = self.metrics, float(self.returns)
        final = np.maximum(path.final, 0.0)
        gain = final / self.cash - 1.0
        cagr = (final / self.cash) ** (1.0 / self.years) - 1.0 if self.years > 0 else gain * np.nan
        pnl = old["edge_bps"] * self.notional / 10_000.0 + path.final - old["final_equity"]
        scaled = self.blocks["sum1"] * path.scale
        mean = (scaled - path.lost).sum(axis=1) / count
        squares = (self.blocks["sum2"] * np.square(path.scale)).sum(axis=1)
        variance = (squares - np.square(scaled.sum(axis=1)) / count) / (count - 1.0)
        deviation = np.where(np.isnan(old["sharpe_per_period"]), np.nan, np.sqrt(variance))
        annual = np.sqrt(self.periods_per_year)
        downside = self.blocks["sum1"].sum(axis=1) / count / old["sortino"]
        found = {
            "total_return": gain,
            "cagr": cagr,
            "pnl_per_10k": 10_000.0 * gain,
            "final_equity": final,
            "fees_paid": path.fees,
            "edge_bps": 10_000.0 * pnl / path.notional,
            "sharpe_per_period": mean / deviation,
            "sharpe": mean / deviation * annual,
            "annualised_volatility": deviation * annual,
            "sortino": mean / downside,
            "calmar": cagr / np.where(old["max_drawdown"] > 0, old["max_drawdown"], np.nan),
        }
        return {
            name: np.where(np.isfinite(values), values, np.nan) for name, values in found.items()
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Path:
    """What new costs do to a trial: at its end, and to the returns of each block."""

    final: FloatArray
    fees: FloatArray
    notional: FloatArray
    scale: FloatArray
    lost: FloatArray


def unbound(
    trials: Ledgered,
    new: Costs,
    *,
    units: FloatArray,
    leverage: FloatArray,
    point_value: FloatArray,
    highest: float,
) -> BoolArray:
    """Return which trials of fixed quantities were surely never cut by leverage, nor would be.

    An entry of u units at price P is cut where u·M·P·(1 + f) + c is above leverage times equity.
    No fill is above the highest price of the bars, slippage aside. Equity was never below
    C·(1 - the largest fall inside a bar), for the peak it fell from was C at least; under the new
    costs it is lower by no more than what they add. So a trial that passes with the highest price
    and the lowest equity was never cut. Then it was not ruined either, and nothing of its fills
    depends on costs. One that does not pass may still be the same; it counts as not proved.

    Parameters
    ----------
    trials, new
        Trials, and their new costs.
    units, leverage, point_value
        One value a trial: quantity of an entry, leverage, M.
    highest
        The highest high of the bars.
    """
    old, bill = trials.costs, trials.bill(new)
    added = sum(np.maximum(part, 0.0) for part in (bill.fees, bill.fees_per_trade, bill.slippage))
    lowest = trials.cash * (1.0 - trials.metrics["max_drawdown_intrabar"]) - added
    price = highest * (1.0 + np.maximum(old.slippage, new.slippage))
    dearest = units * point_value * price * (1.0 + np.maximum(old.fee, new.fee))
    dearest = dearest + np.maximum(old.fee_per_trade, new.fee_per_trade)
    found: BoolArray = dearest <= leverage * lowest * (1.0 - _ROUNDING)
    return found
