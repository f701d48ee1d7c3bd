"""What can be asked of a study or a run, cheap questions first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.research.validation.checks import (
    bootstrap,
    deflated,
    length,
    sharpe,
    walk_forward,
)

if TYPE_CHECKING:
    from hyprl_lab.research.validation.check import Check

__all__ = ["CHECKS", "check_named", "check_of_row"]

CHECKS: Final[dict[str, Check]] = {
    check.name: check
    for check in (
        sharpe.CHECK,
        deflated.CHECK,
        length.TRACK_RECORD,
        length.BACKTEST,
        bootstrap.CHECK,
        walk_forward.CHECK,
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
