"""What the same trades, and the same returns, might have come to with other luck."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.research.stats.bootstrap import BLOCK_RULE
from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.checks.bootstrap import TOO_FEW, digest_of
from hyprl_lab.research.validation.outcomes import (
    LEAST,
    POINTS,
    VERSION,
    Outcomes,
    outcomes,
    trade_returns,
)
from hyprl_lab.research.validation.validation import ValidationRow

if TYPE_CHECKING:
    from hyprl_lab.research.validation.asking import Asking
    from hyprl_lab.research.validation.outcomes import Paths

__all__ = ["CHECK"]

_ROWS: Final = (
    "monte_carlo_trades_drawdown_95",
    "monte_carlo_trades_return_5",
    "monte_carlo_returns_drawdown_95",
    "monte_carlo_returns_return_5",
)

_TOO_FEW_TRADES: Final = f"fewer than {LEAST} trades"


def _compute(asking: Asking) -> Outcomes | None:
    subject, settings = asking.subject, asking.settings
    result, returns = subject.result, subject.returns
    if result is None or returns is None:
        return None
    trades, vary = trade_returns(result), asking.moments is not None
    return asking.remembered(
        "monte_carlo",
        {
            "version": VERSION,
            "block_rule": BLOCK_RULE,
            "points": POINTS,
            "trades": digest_of(trades),
            "returns": digest_of(returns),
            "resamples": settings.resamples,
            "seed": settings.seed,
        },
        Outcomes.from_dict,
        lambda: outcomes(
            trades, returns, vary=vary, resamples=settings.resamples, seed=settings.seed
        ),
    )


def _read(asking: Asking, found: Outcomes | None) -> list[ValidationRow]:
    if found is None:
        why = asking.subject.reason or TOO_FEW
        return [ValidationRow.undefined(name, why) for name in _ROWS]
    return [
        *_rows(_ROWS[:2], found.trades, "trades, drawn anew", _TOO_FEW_TRADES, found.shuffled),
        *_rows(_ROWS[2:], found.returns, "returns, drawn anew in blocks", TOO_FEW, None),
    ]


def _rows(
    names: tuple[str, ...], paths: Paths | None, what: str, why: str, shuffled: Paths | None
) -> list[ValidationRow]:
    if paths is None:
        return [ValidationRow.undefined(name, why) for name in names]
    fall = f"The same {paths.n:,} {what}, fall by {paths.drawdown_95:.1%} or more in one case of 20"
    if shuffled is not None:
        fall += f" ({shuffled.drawdown_95:.1%} where only their order changes)"
    return [
        ValidationRow(name=names[0], value=paths.drawdown_95, reading=f"{fall}."),
        ValidationRow(
            name=names[1],
            value=paths.return_5,
            reading=f"The same {paths.n:,} {what}, return {paths.return_5:+.1%} or less in one "
            f"case of 20; the record returned {paths.total_return:+.1%}.",
        ),
    ]


CHECK: Final = Check(name="monte_carlo", rows=_ROWS, read=_read, compute=_compute)
"""Monte Carlo over trades and over returns."""
