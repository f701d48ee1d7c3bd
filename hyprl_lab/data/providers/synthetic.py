"""Made-up bars: the set `TEST`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.lineage import Lineage
from hyprl_lab.data.providers.provider import part_of, unknown_dataset
from hyprl_lab.data.synthetic import synthetic_arrays

if TYPE_CHECKING:
    from hyprl_lab.data.providers.provider import Moment

__all__ = ["Synthetic"]

_TEST: Final = "TEST"


class Synthetic:
    """500 made-up weekdays from 1 January 2020, calendar 24/5; see `hyprl_lab.data.synthetic`.

    Examples
    --------
    >>> len(Synthetic().bars("TEST", start="2020-02-01", end="2020-03-01"))
    20
    """

    name = "synthetic"

    def datasets(self) -> list[str]:
        """Return `["TEST"]`."""
        return [_TEST]

    def bars(
        self,
        dataset: str,
        *,
        timeframe: str | None = None,
        start: Moment = None,
        end: Moment = None,
    ) -> Bars:
        """Return the bars of `TEST`; see `Provider.bars`."""
        if dataset != _TEST:
            raise unknown_dataset(self.name, dataset, self.datasets())
        ts, columns = synthetic_arrays()
        lineage = Lineage().then("load", provider=self.name, dataset=dataset)
        bars = Bars(_TEST, "1d", "24/5", ts, columns, lineage=lineage)
        return part_of(bars, timeframe=timeframe, start=start, end=end)
