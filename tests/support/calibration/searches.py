"""The three kinds of search that the gate is tried on: 500 parameter sets over 20 years."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import hyprl_lab as hl
from calibration.markets import drifting_bars

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.data import Bars
    from hyprl_lab.research.study import Study

__all__ = ["DRIFTS", "TRIALS", "YEARS", "Case", "cases", "fresh_warehouse", "run_search", "trend"]

YEARS: Final = 20
TRIALS: Final = 500

LENGTH: Final = 30.0
"""Mean days for which a hidden drift keeps its side: about 140 stretches in the searched years."""

DRIFTS: Final = {0.0: 0.0, 0.5: 0.161, 1.0: 0.2155, 1.5: 0.2625, 2.0: 0.304}
"""Drift by the annual Sharpe ratio, net of costs, that the best parameters truly have with it.

Found with `true_sharpe`, which `docs/calibration.md` shows with its standard error.
"""

COSTS: Final = hl.Execution(fee_bps=10, slippage_bps=5)
"""Of a planted edge: what is earned is earned after them."""

CHEAP: Final = hl.Execution(fee_bps=0.5)
"""Of noise: costs that would let it lose are not what the gate is to be tried by."""

RISK: Final = hl.RiskPct(0.01)


def trend() -> hl.Strategy:
    """Return: long or short at each cross of two averages, with a stop far away.

    The stop is there because a share of equity at risk needs one; the market's own moves between
    two crosses seldom come near it.
    """
    fast = hl.ta.sma(hl.close, hl.param("fast", 1, 100))
    slow = hl.ta.sma(hl.close, hl.param("slow", 2, 300))
    return hl.Strategy(
        "trend",
        long_entry=fast.crosses_above(slow),
        short_entry=fast.crosses_below(slow),
        stop_loss=hl.stop.atr(20, hl.param("stop", 1.0, 20.0)),
    )


SPACE: Final[dict[str, Any]] = {"fast": range(1, 11), "slow": range(12, 212, 4), "stop": [8.0]}
"""500 different pairs of windows, from quick to slow: a planted drift favours some of them."""

PLATEAU: Final[dict[str, Any]] = {"fast": range(1, 11), "slow": range(12, 62), "stop": [8.0]}
"""500 different pairs of windows, all of which find a planted drift about equally well."""

ALIKE: Final[dict[str, Any]] = {
    "fast": [5, 6],
    "slow": [30, 31],
    "stop": hl.floats(8.0, 8.124, count=125),
}
"""Four pairs of neighbouring windows, each with 125 stops that are all but the same."""

_SPACES: Final = {"noise": SPACE, "near-duplicates": ALIKE, "planted": SPACE, "plateau": PLATEAU}
_PLANTED: Final = ("planted", "plateau")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One search.

    Parameters
    ----------
    kind
        `noise`: a random walk, 500 different parameter sets. `near-duplicates`: a random walk,
        500 sets that trade almost alike. `planted`: a hidden drift, the sets of `noise`.
        `plateau`: the markets of `planted`, 500 sets that all find the drift.
    index
        Counts the searches of a kind; decides the market and every other random number.
    sharpe
        The true annual Sharpe ratio of a planted edge, a key of `DRIFTS`; 0 for the others.
    """

    kind: str
    index: int
    sharpe: float = 0.0

    @property
    def name(self) -> str:
        """Of the case, without spaces."""
        level = f"-{self.sharpe:g}" if self.kind in _PLANTED else ""
        return f"{self.kind}{level}/{self.index}"

    def bars(self) -> Bars:
        """Return the market."""
        stream = {"noise": 0, "near-duplicates": 1}.get(self.kind, 2)
        seed = (2026, stream, round(100 * self.sharpe), self.index)
        return drifting_bars(seed, years=YEARS, drift=DRIFTS[self.sharpe], length=LENGTH)


def cases(kind: str, count: int, *, sharpe: float = 0.0) -> list[Case]:
    """Return the first cases of a kind."""
    return [Case(kind=kind, index=index, sharpe=sharpe) for index in range(count)]


@contextmanager
def fresh_warehouse() -> Iterator[hl.Warehouse]:
    """Give a ledger that counts nothing yet, and is removed afterwards."""
    with tempfile.TemporaryDirectory() as home:
        warehouse = hl.Warehouse(home)
        try:
            yield warehouse
        finally:
            warehouse.close()


def run_search(case: Case, warehouse: hl.Warehouse) -> Study:
    """Search a case's market, the last fifth of it held out."""
    return hl.supersearch(
        case.bars(),
        trend(),
        _SPACES[case.kind],
        risk=RISK,
        execution=COSTS if case.kind in _PLANTED else CHEAP,
        holdout=0.2,
        seed=case.index,
        threads=1,
        progress=False,
        warehouse=warehouse,
    )
