"""The trades of two runs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["aligned_trades"]

_KEY: Final = ["entry_ts", "side", "_place"]
_SHOWN: Final = ("exit_ts", "quantity", "entry_price", "exit_price", "fees", "pnl")


def aligned_trades(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Return trades of A and B, one row where both entered on one bar and side, by time.

    Columns: `side`, `entry_ts`, `found` (`both`, `A`, `B`), `exit_ts`, `quantity`, `entry_price`,
    `exit_price`, `fees` and `pnl` of each, as `pnl_a` and `pnl_b` (missing where it has no such
    trade), and `difference` in P&L, B - A, money; a missing trade counts 0.

    Parameters
    ----------
    a, b
        As `Result.trades`.

    Examples
    --------
    >>> import hyprl_lab as hl
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> made = hl.backtest(hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20})
    >>> aligned_trades(made.trades, made.trades)["found"].unique().tolist()
    ['both']
    """
    frames = [_numbered(frame) for frame in (a, b)]
    table = frames[0].merge(
        frames[1], how="outer", on=_KEY, suffixes=("_a", "_b"), indicator="found"
    )
    names = {"left_only": "A", "right_only": "B", "both": "both"}
    table["found"] = table["found"].astype(str).map(names)
    table["difference"] = table["pnl_b"].fillna(0.0) - table["pnl_a"].fillna(0.0)
    sides = [f"{name}_{which}" for name in _SHOWN for which in ("a", "b")]
    ordered = table.sort_values(_KEY, ignore_index=True)
    return ordered[["side", "entry_ts", "found", *sides, "difference"]]


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with the place of each trade among those that entered with it."""
    found = frame[["side", "entry_ts", *_SHOWN]].copy()
    found["side"] = found["side"].astype(str)
    found["_place"] = found.groupby(["entry_ts", "side"]).cumcount()
    return found
