"""The five columns every series of bars has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.strategy.leaves import column

if TYPE_CHECKING:
    from hyprl_lab.strategy.expression import Expr

__all__ = ["close", "high", "low", "open", "volume"]

open: Final[Expr] = column("open")  # noqa: A001  # the field's name for it
high: Final[Expr] = column("high")
low: Final[Expr] = column("low")
close: Final[Expr] = column("close")
volume: Final[Expr] = column("volume")
