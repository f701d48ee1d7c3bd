"""How often each rule of `docs/execution.md` fired, read off orders, trades and settings."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.data.sessions import session_numbers
from hyprl_lab.engine.simulation import INTENTS, KINDS, REASONS, STATUSES, WHYS

if TYPE_CHECKING:
    from engine_cases.cases import Case
    from hyprl_lab.engine.reference_graph import Plan
    from hyprl_lab.engine.simulation import OrderColumns, Simulation
    from hyprl_lab.types import BoolArray

OUTPUTS: Final = ("long_entry", "long_exit", "short_entry", "short_exit")

RULES: Final[dict[int, tuple[str, ...]]] = {
    1: ("filled at the next open", "filled at the same close"),
    2: ("closed by a signal", "reversed", "both entries at once", "entry and exit at once"),
    3: (
        "stop gapped over",
        "stop filled inside the bar",
        "target or limit at the open",
        "target or limit traded through",
    ),
    4: ("entry limit filled", "entry stop filled", "not reached"),
    5: ("stop-loss", "take-profit", "level missing", "level breached", "stop or target first"),
    6: ("trailing stop", "time stop"),
    7: ("exit and entry on one bar", "entered again after an intrabar exit"),
    8: (
        "fee",
        "slippage",
        "spread",
        "partial fill",
        "no volume",
        "rest of an entry carried",
        "exit in several fills",
        "rest dropped",
        "borrow",
        "funding",
    ),
    9: (
        "all_in",
        "fixed_fraction",
        "fixed_units",
        "risk_pct",
        "volatility_target",
        "kelly_fraction",
        "no quantity",
        "borrowed to buy",
        "rounded to lots",
    ),
    10: ("multiplier", "lots", "lot size", "option delta"),
    11: (
        "session",
        "session by a stated cutoff",
        "session at the next one's first bar",
        "daily target",
        "daily loss",
        "blocked",
    ),
    12: ("ruined",),
    13: ("forced", "open"),
}
"""What is counted for each rule."""


class Counts:
    """Counters over all cases that were simulated."""

    def __init__(self) -> None:
        self.cases: Counter[str] = Counter()
        self.fired: Counter[tuple[int, str]] = Counter()
        self.operations: Counter[str] = Counter()
        self.under_on: Counter[str] = Counter()

    def __call__(self, rule: int, name: str, times: int | np.integer | bool | np.bool_) -> None:
        assert name in RULES[rule], name
        self.fired[rule, name] += int(times)

    def observe(self, label: str, case: Case, plan: Plan, found: Simulation) -> None:
        """Count what happened in one simulation of a plan."""
        self.cases[label] += 1
        self.operations.update({node["op"] for node in case.graph["nodes"]})
        self.under_on.update(_under_on(case.graph["nodes"]))
        orders, execution = found.orders, case.execution
        filled = orders.status != STATUSES.index("cancelled")
        entry = orders.intent == INTENTS.index("entry")
        self._prices(case, orders, filled, entry)
        self._sequence(orders, filled, entry)
        signals = [getattr(plan, name)[case.start : -1] for name in OUTPUTS]
        buy, sell_out, sell, buy_back = np.array(signals, dtype=bool)
        self(2, "both entries at once", (buy & sell).sum())
        self(2, "entry and exit at once", ((buy & sell_out) | (sell & buy_back)).sum())
        why = {name: int((orders.why == code).sum()) for code, name in enumerate(WHYS)}
        self(4, "not reached", why["not_reached"])
        self(5, "level missing", why["level_missing"])
        self(5, "level breached", why["level_breached"])
        self(8, "no volume", why["no_volume"])
        self(9, "no quantity", why["no_quantity"])
        self(11, "blocked", why["blocked"])
        for rule, name, reason in (
            (5, "stop-loss", "stop_loss"),
            (5, "take-profit", "take_profit"),
            (6, "trailing stop", "trailing_stop"),
            (6, "time stop", "time_stop"),
            (11, "session", "session"),
            (11, "daily target", "daily_target"),
            (11, "daily loss", "daily_loss"),
            (12, "ruined", "ruined"),
            (13, "forced", "forced"),
            (13, "open", "open"),
        ):
            self(rule, name, (found.trades.reason == REASONS.index(reason)).sum())
        self._sessions(case, found)
        partial = orders.status == STATUSES.index("partial")
        self(8, "rest dropped", partial.sum() * (execution.unfilled == "cancel"))
        entries = int((filled & entry).sum())
        self(9, case.risk.model, entries)
        self(10, "multiplier", entries * (execution.multiplier != 1.0))
        self(10, "lots", entries * (execution.lots is not None))
        self(10, "lot size", entries * (execution.lot_size is not None))
        self(10, "option delta", entries * (execution.option_delta != 1.0))
        self(9, "rounded to lots", entries * (execution.whole_units or bool(execution.lot_size)))
        money = (orders.asked * orders.price * execution.multiplier * execution.option_delta)[
            filled & entry
        ]
        before = np.maximum(orders.bar[filled & entry] - case.start - 1, 0)
        self(9, "borrowed to buy", (money > 1.05 * found.equity[before]).sum())
        self(8, "fee", (orders.fee > 0.0).sum())
        self(8, "partial fill", (orders.status == STATUSES.index("partial")).sum())
        short = found.trades.side < 0
        paid = found.trades.financing != 0.0
        self(8, "borrow", (short & paid).sum() * (execution.borrow_cost_bps > 0.0))
        self(8, "funding", paid.sum() * ("funding_rate" in case.market.columns))

    def _sessions(self, case: Case, found: Simulation) -> None:
        if not case.market.intraday:
            return
        session = session_numbers(case.market.ts, case.market.calendar)
        trades = found.trades
        first = np.concatenate([[True], session[1:] != session[:-1]])[trades.exit_bar]
        ended = trades.reason == REASONS.index("session")
        stated = case.execution.session_cutoff is not None
        self(11, "session by a stated cutoff", ended.sum() * stated)
        self(11, "session at the next one's first bar", (ended & first).sum())

    def _prices(
        self, case: Case, orders: OrderColumns, filled: BoolArray, entry: BoolArray
    ) -> None:
        execution = case.execution
        market_kind = orders.kind == KINDS.index("market")
        limit, stop = orders.kind == KINDS.index("limit"), orders.kind == KINDS.index("stop")
        slip = execution.slippage_bps / 10_000.0 + execution.spread_pct / 2.0
        slipped = market_kind | stop
        price = np.where(slipped, orders.price / (1.0 + orders.side * slip), orders.price)
        at_open = np.isclose(price, case.market.columns["open"][orders.bar], 1e-9, 0.0)
        after = orders.bar - orders.signal_bar
        signalled = filled & market_kind & (orders.signal_bar >= 0)
        self(1, "filled at the next open", (signalled & (after == 1)).sum())
        self(1, "filled at the same close", (signalled & (after == 0)).sum())
        self(3, "stop gapped over", (filled & stop & at_open).sum())
        self(3, "stop filled inside the bar", (filled & stop & ~at_open).sum())
        self(3, "target or limit at the open", (filled & limit & at_open).sum())
        self(3, "target or limit traded through", (filled & limit & ~at_open).sum())
        self(4, "entry limit filled", (filled & entry & limit).sum())
        self(4, "entry stop filled", (filled & entry & stop).sum())
        self(8, "slippage", (filled & slipped).sum() * (execution.slippage_bps > 0.0))
        self(8, "spread", (filled & slipped).sum() * (execution.spread_pct > 0.0))
        self(8, "rest of an entry carried", (filled & entry & (orders.signal_bar < 0)).sum())

    def _sequence(self, orders: OrderColumns, filled: BoolArray, entry: BoolArray) -> None:
        """What depends on which order came before which."""
        signal = REASONS.index("signal")
        self(2, "closed by a signal", (filled & ~entry & (orders.reason == signal)).sum())
        exits = 0
        last: tuple[int, int, bool, bool] | None = None
        for i in np.flatnonzero(filled).tolist():
            bar, side = int(orders.bar[i]), int(orders.side[i])
            if entry[i]:
                exits = 0
                if last is not None and last[0] == bar:
                    self(7, "exit and entry on one bar", 1)
                    self(7, "entered again after an intrabar exit", last[3])
                    self(2, "reversed", last[2] and last[1] == side)
                last = None
            else:
                exits += 1
                self(8, "exit in several fills", exits == 2)
                by_level = orders.kind[i] != KINDS.index("market")
                last = (bar, side, orders.reason[i] == signal, bool(by_level))

    def lines(self) -> list[str]:
        """The counters as text, a rule a line."""
        found = [f"{sum(self.cases.values()):,} cases: {dict(self.cases)}"]
        for rule, names in RULES.items():
            parts = ", ".join(f"{name} {self.fired[rule, name]:,}" for name in names)
            total = sum(self.fired[rule, name] for name in names)
            found.append(f"rule {rule:>2}: {total:>8,}  {parts}")
        for label, counted in (
            ("cases with each node", self.operations),
            ("cases with each node under on", self.under_on),
        ):
            found.append(
                f"{label}: " + ", ".join(f"{op} {counted[op]:,}" for op in sorted(counted))
            )
        return found


def _under_on(nodes: list[dict[str, Any]]) -> set[str]:
    """The operations that are read over longer bars."""
    under: set[int] = set()
    for index in reversed(range(len(nodes))):
        if nodes[index]["op"] == "on" or index in under:
            under.update(nodes[index].get("args", []))
    return {nodes[index]["op"] for index in under}
