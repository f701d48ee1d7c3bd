"""What a provider of bars is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from hyprl_lab.data.timeframe import Timeframe
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from datetime import date, datetime

    import numpy as np

    from hyprl_lab.data.bars import Bars

__all__ = ["Moment", "Provider", "part_of", "unknown_dataset"]

Moment: TypeAlias = "str | date | datetime | np.datetime64 | int | None"
"""As `Bars.slice` takes it: without a zone it is UTC."""


class Provider(Protocol):
    """A source of bars: what it has, and bars of one of them.

    Any class with these three members is one; `hyprl_lab.data.providers.register` names it.
    """

    @property
    def name(self) -> str:
        """What it is registered under."""
        ...

    def datasets(self) -> list[str]:
        """Return the names that `bars` takes, sorted."""
        ...

    def bars(
        self,
        dataset: str,
        *,
        timeframe: str | None = None,
        start: Moment = None,
        end: Moment = None,
    ) -> Bars:
        """Return bars whose lineage says where they are from.

        Parameters
        ----------
        dataset
            One of `datasets()`.
        timeframe
            `None` where the data set has one of its own.
        start, end
            The bars that open at or after `start` and before `end`.

        Raises
        ------
        BarsError
            There is no such data set, timeframe or stretch of time, or what came is no bars.
        ProviderError
            The source does not answer, or with something else.
        """
        ...


def part_of(bars: Bars, *, timeframe: str | None, start: Moment, end: Moment) -> Bars:
    """Return the stretch of bars that was asked for; see `Provider.bars`.

    Raises
    ------
    BarsError
        The bars are of another timeframe, or none lie between.
    """
    if timeframe is not None and str(Timeframe.parse(timeframe)) != bars.timeframe:
        raise BarsError(
            f"timeframe: found {timeframe!r}; expected {bars.timeframe!r}, which {bars.symbol} "
            f"comes in. For a longer one: bars.resample({timeframe!r})"
        )
    return bars if start is None and end is None else bars.slice(start, end)


def unknown_dataset(provider: str, dataset: object, known: list[str]) -> BarsError:
    """Return the error for a data set that a provider has not."""
    return BarsError(f"{provider}: found {dataset!r:.100}; expected one of {known}")
