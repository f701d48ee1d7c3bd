"""What can be asked of a study or a run, cheap questions first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.research.validation.checks import (
    bootstrap,
    cpcv,
    deflated,
    haircut,
    length,
    monte_carlo,
    neighbourhood,
    pbo,
    permutation,
    regimes,
    robustness,
    ruin,
    sharpe,
    spa,
    stress,
    walk_forward,
    walk_forward_permutation,
)

if TYPE_CHECKING:
    from hyprl_lab.research.validation.check import Check

__all__ = ["CHECKS", "check_named", "check_of_row"]

CHECKS: Final[dict[str, Check]] = {
    check.name: check
    for check in (
        sharpe.CHECK,
        haircut.CHECK,
        deflated.CHECK,
        length.TRACK_RECORD,
        length.BACKTEST,
        bootstrap.CHECK,
        ruin.CHECK,
        monte_carlo.CHECK,
        regimes.CHECK,
        pbo.CHECK,
        stress.CHECK,
        neighbourhood.CHECK,
        spa.CHECK,
        walk_forward.CHECK,
        cpcv.CHECK,
        robustness.CHECK,
        permutation.CHECK,
        walk_forward_permutation.CHECK,
    )
}
"""By name."""

_OF_ROW: Final = {row: check for check in CHECKS.values() for row in check.rows}


def check_named(name: str) -> Check:
    """Return a check by its name.

    Raises
    ------
    KeyError
        There is none.

    Examples
    --------
    >>> check_named("psr").rows
    ('probabilistic_sharpe_ratio',)
    """
    return CHECKS[name]


def check_of_row(row: str) -> Check | None:
    """Return the check that gives a row, `None` where none does.

    Examples
    --------
    >>> check_of_row("deflated_sharpe_ratio").name
    'dsr'
    """
    return _OF_ROW.get(row)
