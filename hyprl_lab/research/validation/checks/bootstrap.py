"""What other histories, resampled from the judged returns, would have shown."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.research.stats.bootstrap import (
    BLOCK_RULE,
    CONFIDENCE,
    VERSION,
    Bootstrap,
    stationary_bootstrap,
)
from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.validation import ValidationRow

if TYPE_CHECKING:
    from hyprl_lab.research.validation.asking import Asking
    from hyprl_lab.types import FloatArray

__all__ = ["CHECK", "TOO_FEW", "digest_of"]

_LEAST: Final = 8
"""Fewer returns have no block length."""

TOO_FEW: Final = f"fewer than {_LEAST} headline returns, or they do not vary"
"""Why there is no bootstrap."""

_ROWS: Final = (
    "bootstrap_sharpe_low",
    "bootstrap_sharpe_high",
    "bootstrap_drawdown_95",
    "bootstrap_p_value",
)


def digest_of(returns: FloatArray) -> str:
    """Return the SHA-256 of some returns, little-endian float64."""
    return hashlib.sha256(np.ascontiguousarray(returns, dtype="<f8").tobytes()).hexdigest()


def _compute(asking: Asking) -> Bootstrap | None:
    returns, settings = asking.subject.returns, asking.settings
    if returns is None or len(returns) < _LEAST or asking.moments is None:
        return None
    per_year = asking.subject.periods_per_year
    return asking.remembered(
        "bootstrap",
        {
            "version": VERSION,
            "block_rule": BLOCK_RULE,
            "confidence": CONFIDENCE,
            "returns": digest_of(returns),
            "periods_per_year": per_year,
            "resamples": settings.resamples,
            "seed": settings.seed,
        },
        Bootstrap.from_dict,
        lambda: stationary_bootstrap(
            returns,
            periods_per_year=per_year,
            resamples=settings.resamples,
            confidence=CONFIDENCE,
            seed=settings.seed,
        ),
    )


def _read(asking: Asking, found: Bootstrap | None) -> list[ValidationRow]:
    if found is None:
        why = asking.subject.reason or TOO_FEW
        return [ValidationRow.undefined(name, why) for name in _ROWS]
    if found.sharpe is None:
        why = "some resampled path does not vary"
        rows = [ValidationRow.undefined(name, why) for name in _ROWS[:2]]
    else:
        low, high = found.sharpe
        said = f"With {found.confidence:.0%} confidence the annual Sharpe ratio lies "
        rows = [
            ValidationRow(name=_ROWS[0], value=low, reading=f"{said}above {low:.2f} (lower end)."),
            ValidationRow(
                name=_ROWS[1], value=high, reading=f"{said}below {high:.2f} (upper end)."
            ),
        ]
    return [
        *rows,
        ValidationRow(
            name=_ROWS[2],
            value=found.max_drawdown_95,
            reading=f"One resampled history in 20 fell by {found.max_drawdown_95:.1%} or more.",
        ),
        ValidationRow(
            name=_ROWS[3],
            value=found.p_value,
            reading=f"Returns without any edge would average as much in {found.p_value:.1%} of "
            f"{found.resamples:,} resampled histories (one strategy, no search counted).",
        ),
    ]


CHECK: Final = Check(name="bootstrap", rows=_ROWS, read=_read, compute=_compute)
"""The stationary bootstrap (Politis and Romano 1994)."""
