"""How likely a great loss is within a year, if the future is like the past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.research.stats.bootstrap import BLOCK_RULE
from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.checks.bootstrap import TOO_FEW, digest_of
from hyprl_lab.research.validation.ruin_paths import (
    LEAST,
    POINTS,
    VERSION,
    RuinPaths,
    horizon_of,
    ruin_paths,
)
from hyprl_lab.research.validation.validation import ValidationRow

if TYPE_CHECKING:
    from hyprl_lab.research.validation.asking import Asking

__all__ = ["CHECK"]

_ROWS: Final = ("risk_of_ruin", "risk_of_ruin_upper", "risk_of_ruin_initial")


def _compute(asking: Asking) -> RuinPaths | None:
    returns, settings = asking.subject.returns, asking.settings
    if returns is None or len(returns) < LEAST or asking.moments is None:
        return None
    horizon = horizon_of(asking.subject.bars)
    return asking.remembered(
        "ruin",
        {
            "version": VERSION,
            "block_rule": BLOCK_RULE,
            "points": POINTS,
            "returns": digest_of(returns),
            "horizon": horizon,
            "resamples": settings.ruin_resamples,
            "seed": settings.seed,
        },
        RuinPaths.from_dict,
        lambda: ruin_paths(
            returns, horizon=horizon, resamples=settings.ruin_resamples, seed=settings.seed
        ),
    )


def _read(asking: Asking, found: RuinPaths | None) -> list[ValidationRow]:
    if found is None:
        why = asking.subject.reason or TOO_FEW
        return [ValidationRow.undefined(name, why) for name in _ROWS]
    risk = found.risk
    years = f"{risk.resamples:,} resampled years"
    return [
        ValidationRow(
            name=_ROWS[0],
            value=risk.probability,
            reading=f"A fall of {risk.drawdown:.0%} from the highest point was reached in "
            f"{risk.hits:,} of {years} ({risk.horizon:,} returns each): {risk.probability:.2%}.",
        ),
        ValidationRow(
            name=_ROWS[1],
            value=risk.interval.high,
            reading="As many paths as were drawn say with 95% confidence that the chance of such a "
            f"fall lies between {risk.interval.low:.2%} and {risk.interval.high:.2%}.",
        ),
        ValidationRow(
            name=_ROWS[2],
            value=risk.capital_probability,
            reading=f"{risk.capital_loss:.0%} of the capital at the start was lost in "
            f"{risk.capital_hits:,} of {years}: {risk.capital_probability:.2%}.",
        ),
    ]


CHECK: Final = Check(name="ruin", rows=_ROWS, read=_read, compute=_compute)
"""The risk of ruin on resampled years, with Wilson's interval (1927)."""
