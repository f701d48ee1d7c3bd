"""The twin's account: cash, at most one position, and the fills that move them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from hyprl_lab.engine.reference_levels import Bar, levels_at
from hyprl_lab.engine.reference_orders import EntryOrder, Kind, Order, Why
from hyprl_lab.engine.reference_position import Position
from hyprl_lab.engine.reference_sizing import Sizer, whole_lots
from hyprl_lab.engine.reference_statistics import Activity, Fill
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.engine.reference_graph import Plan
    from hyprl_lab.engine.reference_levels import Moment
    from hyprl_lab.engine.simulation import SimulationInputs
    from hyprl_lab.types import Reason

__all__ = ["Account"]

YEAR_SECONDS = 31_104_000.0  # 360 days, as money markets count them


class Account(Activity):
    """What a strategy's orders do to money, one fill at a time.

    Raises
    ------
    BarsError
        `participation_rate` is set and there is no `volume` column.
    """

    def __init__(self, inputs: SimulationInputs, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        self.execution = inputs.execution
        prices = (inputs.columns[name].tolist() for name in ("open", "high", "low", "close"))
        self.bars = [Bar(*row) for row in zip(*prices, strict=True)]
        self.ts = [int(stamp) for stamp in inputs.ts]
        funding = inputs.columns.get("funding_rate")
        self.funding_rate = None if funding is None else funding.tolist()
        self.volume: list[float] | None = None
        if self.execution.participation_rate is not None:
            if "volume" not in inputs.columns:
                raise BarsError(
                    "participation_rate needs a volume column; "
                    f"the bars have {sorted(inputs.columns)}"
                )
            self.volume = inputs.columns["volume"].tolist()
        self.sizer = Sizer(inputs)
        self.scale = self.sizer.scale
        self.fee_rate = self.sizer.fee_rate
        self.slippage = self.execution.slippage_bps / 10_000.0 + self.execution.spread_pct / 2.0
        self.cash = float(inputs.cash)
        self.position: Position | None = None
        self.orders: list[Order] = []
        self.returns: list[float] = []  # of closed trades
        self.budget = math.inf  # units that may still be filled on this bar
        self.low_points: list[float] = []  # equity at the low moments of this bar
        self.closed = False  # whether a position was closed on this bar

    def begin_bar(self, t: int) -> None:
        """Forget the bar before; take up this one's volume."""
        self.low_points, self.closed = [], False
        rate = self.execution.participation_rate
        if rate is not None and self.volume is not None:
            volume = self.volume[t]
            budget = 0.0 if math.isnan(volume) else rate * volume
            self.budget = whole_lots(budget, self.sizer.lot)

    def equity_at(self, price: float) -> float:
        """Cash and what the position is worth at a market price."""
        held = self.position
        return self.cash if held is None else self.cash + held.exposure * price

    def mark_low(self, t: int) -> None:
        """Note equity at the extreme of bar t that hurts the position."""
        if self.position is not None:
            self.low_points.append(self.equity_at(self.bars[t].worst(self.position.side)))

    def finance(self, t: int) -> None:
        """Charge borrow, then funding, for the time from bar t - 1 to bar t (rule 8)."""
        held = self.position
        if held is None:
            return
        before = self.bars[t - 1].close
        if held.side < 0:
            seconds = (self.ts[t] - self.ts[t - 1]) / 1e6
            rate = self.execution.borrow_cost_bps / 10_000.0
            borrow = (abs(held.exposure) * before) * rate * seconds / YEAR_SECONDS
            self.cash -= borrow
            held.financing += borrow
        if self.funding_rate is not None and not math.isnan(self.funding_rate[t]):
            funding = (held.exposure * before) * self.funding_rate[t]
            self.cash -= funding
            held.financing += funding

    # Entries

    def enter(self, t: int, order: EntryOrder, market: float, moment: Moment) -> None:
        """Open a position, unless a level, the size or the volume forbids it."""
        fill = self._fill_price(market, order.side, order.kind)
        levels = levels_at(self.plan, order.signal_bar, fill, order.side)
        if levels is None:
            self.cancel(t, order, "level_missing")
            return
        if levels.breached(market):
            self.cancel(t, order, "level_breached")
            return
        stop = levels.effective()
        asked = self.sizer.quantity(
            self.equity_at(market),
            fill,
            stop=None if stop is None else stop[0],
            signal_bar=order.signal_bar,
            returns=self.returns,
        )
        if asked <= 0.0:
            self.cancel(t, order, "no_quantity")
            return
        quantity = min(asked, self.budget)
        if quantity <= 0.0:
            self.cancel(t, order, "no_volume", asked)
            return
        held = Position(
            side=order.side,
            entry_bar=t,
            moment=moment,
            scale=self.scale,
            levels=levels,
            guarded_from=t,
            stop_price=math.nan if stop is None else stop[0],
        )
        if order.kind == "market" and self.execution.unfilled == "carry":
            held.rest = asked - quantity
        self.position = held
        self._buy_in(
            market,
            Order(
                bar=t,
                signal_bar=order.signal_bar,
                side=order.side,
                intent="entry",
                kind=order.kind,
                asked=asked,
                quantity=quantity,
                price=fill,
            ),
        )

    def add_rest(self, t: int, market: float) -> None:
        """Try the carried rest of an entry again, as a market order at the open (rule 8)."""
        held = self.position
        if held is None or held.rest <= 0.0:
            return
        fill = self._fill_price(market, held.side, "market")
        room = self.sizer.room(self.equity_at(market), fill, held.quantity)
        asked = min(held.rest, room)
        quantity = min(asked, self.budget)
        if quantity > 1e-12 * held.quantity:  # less is rounding noise
            held.rest -= quantity
            self._buy_in(
                market,
                Order(
                    bar=t,
                    signal_bar=-1,
                    side=held.side,
                    intent="entry",
                    kind="market",
                    asked=asked,
                    quantity=quantity,
                    price=fill,
                ),
            )

    def cancel(self, t: int, order: EntryOrder, why: Why, asked: float = 0.0) -> None:
        """List an entry that was signalled and not made."""
        self.orders.append(
            Order(
                bar=t,
                signal_bar=order.signal_bar,
                side=order.side,
                intent="entry",
                kind=order.kind,
                why=why,
                asked=asked,
            )
        )

    def _buy_in(self, market: float, order: Order) -> None:
        """Add an entry fill to the position."""
        held = self.position
        if held is not None:
            fee = self._pay(order.bar, order.side, order.quantity, order.price)
            held.add(order.quantity, order.price, fee)
            held.see(market)
            self.orders.append(replace(order, fee=fee))

    # Exits

    def exit(
        self,
        t: int,
        market: float,
        reason: Reason,
        *,
        kind: Kind = "market",
        signal_bar: int = -1,
        limited: bool = True,
    ) -> None:
        """Close the position, or as much of it as the volume allows.

        What is left is carried to the next open, or, with `unfilled="cancel"`, stays as it is.
        """
        held = self.position
        if held is None:
            return
        held.rest = 0.0
        fill = self._fill_price(market, -held.side, kind)
        asked = held.quantity
        quantity = min(asked, self.budget) if limited else asked
        if quantity > 0.0:
            fee = self._pay(t, -held.side, quantity, fill)
            held.reduce(quantity, fill, fee)
            held.see(market)
            self.low_points.append(self.equity_at(market))
            self.orders.append(
                Order(
                    bar=t,
                    signal_bar=signal_bar,
                    side=-held.side,
                    intent="exit",
                    kind=kind,
                    reason=reason,
                    asked=asked,
                    quantity=quantity,
                    price=fill,
                    fee=fee,
                )
            )
        if held.quantity <= 0.0:
            self._record(held, t, reason)
        elif self.execution.unfilled == "carry":
            held.leaving = reason
        else:
            held.guarded_from = t + 1

    def close_unfilled(self, t: int, price: float, reason: Reason) -> None:
        """End the position at a price without a fill: ruined, or left open at the end."""
        held = self.position
        if held is not None:
            held.reduce(held.quantity, price, 0.0)
            held.see(price)
            self._record(held, t, reason)

    def _record(self, held: Position, t: int, reason: Reason) -> None:
        trade = held.trade(t, reason)
        self.trades.append(trade)
        self.returns.append(trade.trade_return)
        self.position, self.closed = None, True

    # Money

    def _fill_price(self, market: float, side: int, kind: Kind) -> float:
        """Limit orders fill at the market price; others pay slippage."""
        if kind == "limit":
            return market
        return market * (1.0 + self.slippage) if side > 0 else market * (1.0 - self.slippage)

    def _pay(self, t: int, side: int, quantity: float, fill: float) -> float:
        """Move the cash of a fill, and return its fee."""
        notional = (quantity * self.scale) * fill
        fee = notional * self.fee_rate + self.execution.fee_per_trade
        self.cash = (self.cash - notional if side > 0 else self.cash + notional) - fee
        self.fees_paid += fee
        self.budget -= quantity
        self.fills.append(Fill(t, abs(notional)))
        return fee
