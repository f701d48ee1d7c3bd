"""How many of some searches were promoted, and which checks refused the others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from scipy.stats import binom, binomtest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from calibration.judged import Judged

__all__ = ["Counted", "counted", "most_allowed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The verdicts of one kind of search.

    Parameters
    ----------
    kind, sharpe
        Of the cases.
    searches, promoted
        How many.
    low, high
        The 95 % interval of Clopper and Pearson (1934) for the share that is promoted.
    refused
        How many searches each check refused; where the gate stops at the first, each has one.
    found_sharpe
        Median over the searches of the chosen parameters' annual Sharpe ratio.
    seconds
        Median.
    """

    kind: str
    sharpe: float
    searches: int
    promoted: int
    low: float
    high: float
    refused: Mapping[str, int]
    found_sharpe: float
    seconds: float

    @property
    def share(self) -> float:
        """Promoted ones among all."""
        return self.promoted / self.searches


def counted(found: Sequence[Judged]) -> Counted:
    """Count verdicts of one kind of search."""
    kinds = {(one.case.kind, one.case.sharpe) for one in found}
    [(kind, sharpe)] = kinds
    promoted = sum(one.promoted for one in found)
    interval = binomtest(promoted, len(found)).proportion_ci(0.95, method="exact")
    refused = Counter(name for one in found for name in one.failed)
    return Counted(
        kind=kind,
        sharpe=sharpe,
        searches=len(found),
        promoted=promoted,
        low=float(interval.low),
        high=float(interval.high),
        refused=dict(refused.most_common()),
        found_sharpe=float(median(one.sharpe for one in found if one.sharpe is not None)),
        seconds=float(median(one.seconds for one in found)),
    )


def most_allowed(searches: int, share: float, *, alarm: float = 0.01) -> int:
    """Return the largest count that a true `share` exceeds with a probability of `alarm` or less.

    With a true share of 5 %, more than 3 of 10 searches are promoted in one set of 10 in 1,000:
    a test that allows 3 is silent while the share is kept, and speaks where noise gets through.
    """
    return int(binom.isf(alarm, searches, share))


def told(found: Counted) -> dict[str, Any]:
    """Return plain JSON values."""
    return {name: getattr(found, name) for name in Counted.__slots__}
