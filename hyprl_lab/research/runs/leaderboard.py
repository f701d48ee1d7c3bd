"""The best runs by a metric, with how many trials stand behind each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import InputError
from hyprl_lab.metrics import UNITS
from hyprl_lab.research.runs.find import as_frame, opened, rows
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    import pandas as pd

    from hyprl_lab.engine.period import Moment
    from hyprl_lab.store import Warehouse
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import EngineName

__all__ = ["leaderboard"]

_LESS_IS_BETTER: Final = frozenset(
    {
        "annualised_volatility",
        "fees_paid",
        "max_drawdown",
        "max_drawdown_bars",
        "max_drawdown_intrabar",
    }
)
_SHOWN: Final = ("sharpe", "total_return", "cagr", "max_drawdown", "profit_factor", "win_rate")


def leaderboard(
    by: str = "sharpe",
    n: int = 20,
    *,
    symbol: str | None = None,
    timeframe: str | None = None,
    strategy: str | Strategy | None = None,
    engine: EngineName | None = None,
    since: Moment | None = None,
    where: str | None = None,
    ascending: bool | None = None,
    warehouse: Warehouse | None = None,
) -> pd.DataFrame:
    """Return the best completed runs by a metric, from rank 1 on; an undefined value comes last.

    A run that both engines computed stands once. Beside each run stands `lineage_trials`, N: how
    many distinct trials the ledger knows on its bars' lineage, over all searches and single
    backtests. The best of many is high by luck alone; `hl.validate` says how much of it.

    Columns: `run_hash`, the metric, `lineage_trials`, `strategy_name`, `symbol`, `timeframe`,
    `trades`, the metrics most asked for, `created_at`.

    Parameters
    ----------
    by
        A metric: one of `hyprl_lab.metrics.UNITS`.
    n
        At most so many.
    symbol, timeframe, strategy, engine, since, where
        Only these, as in `hl.runs.find`.
    ascending
        Whether the lowest comes first; `None` does so for drawdowns, volatility and fees.
    warehouse
        That of `HYPRL_HOME` where `None`.

    Raises
    ------
    InputError
        There is no such metric, n is not a number of rows, or as in `hl.runs.find`.

    Examples
    --------
    >>> import hyprl_lab as hl
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> for fast in (5, 10):
    ...     made = hl.backtest(hl.load_bars("TEST"), dual_sma(), params={"fast": fast, "slow": 20})
    ...     _ = made.save()
    >>> table = leaderboard("total_return", symbol="TEST")
    >>> bool(table["total_return"].is_monotonic_decreasing), bool(table["lineage_trials"][1] >= 2)
    (True, True)
    """
    if by not in UNITS:
        raise InputError(f"by is {shown(by)}; expected a metric: {', '.join(UNITS)}")
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise InputError(f"n is {shown(n)}; expected a whole number of at least 1")
    store = opened(warehouse)
    lowest_first = by in _LESS_IS_BETTER if ascending is None else ascending
    found = rows(
        store,
        symbol=symbol,
        timeframe=timeframe,
        strategy=strategy,
        engine=engine,
        since=since,
        where=where,
        order=f"{by} {'ASC' if lowest_first else 'DESC'} NULLS LAST, run_hash",
        limit=n,
        newest=True,
    )
    frame = as_frame(found)
    trials = {root: store.trial_count(root) for root in frame["lineage_root"].unique()}
    frame["lineage_trials"] = frame["lineage_root"].map(trials).astype("int64")
    about = ["strategy_name", "symbol", "timeframe", "trades"]
    others = [name for name in _SHOWN if name != by]
    about = [name for name in about if name != by]
    frame = frame[["run_hash", by, "lineage_trials", *about, *others, "created_at"]]
    frame.index = frame.index.rename("rank") + 1
    return frame
