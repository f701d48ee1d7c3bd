"""`unadjusted_split`: jumps over a night that are splits of a share, left in its prices.

A split n:m divides the price by n/m between a close and the next open, and nothing else changes:
not the money that changes hands, nor what comes after. So a jump is a split where

1. open over the close before is near a ratio that splits have: what is left besides is no far move,
   so at most ten usual moves over such nights, and between 1 % and 5 %;
2. the jump is a far move: more than ten usual ones;
3. it stays: the medians of the five closes from then on and of the five before differ by two to
   four thirds of it;
4. trading is not more than four times as heavy as its median over the twenty days before, by money
   or by units, whichever says less. A crash on news near a ratio is told apart by this alone, so
   without volume the detail says that nothing could tell.

The usual move is that of `hyprl_lab.data.quality.outliers`, over the 64 nights on each side. The
thresholds are set by reasoning, not fitted. Ratios below 5:4, stock dividends and spin-offs among
them, can't be told from news by prices and are not looked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.factors import factor_row
from hyprl_lab.data.quality.outliers import FAR, NORMAL, moves
from hyprl_lab.data.quality.subject import rows_where
from hyprl_lab.data.sessions import session_labels, wall_clock

if TYPE_CHECKING:
    from hyprl_lab.data.findings import Finding
    from hyprl_lab.data.quality.subject import Subject
    from hyprl_lab.types import BoolArray, FloatArray, IntArray

__all__ = ["RATIOS", "Split", "find_splits", "unadjusted_split"]

_WHOLE: Final = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 100)
RATIOS: Final = (
    *((n, 1) for n in _WHOLE),
    *((1, n) for n in _WHOLE),
    *((3, 2), (4, 3), (5, 2), (5, 3), (5, 4), (7, 2)),
)
"""New shares for old ones, as splits are announced; the last six have no reverse."""
_NEAREST: Final = 0.01
_FARTHEST: Final = 0.05
_STAYS: Final = (2 / 3, 4 / 3)
_CLOSES: Final = 5
_DAYS: Final = 20
_HEAVY: Final = 4.0
_NEIGHBOURS: Final = 64
_LEAST: Final = 5
_STATED: Final = ("split_coefficient", "split_factor", "stock_splits", "splits", "split")
_NAMED: Final = 10
_SIDES: Final = ("new", "old")
_LOGS: Final = np.log([n / m for n, m in RATIOS])


@dataclass(frozen=True, slots=True)
class Split:
    """One split that prices show.

    Parameters
    ----------
    row
        The first bar at the new price.
    new, old
        New shares for old ones: 2 and 1 halve the price.
    """

    row: int
    new: int
    old: int

    def __str__(self) -> str:
        return f"{self.new}:{self.old}"


def unadjusted_split(subject: Subject, splits: list[Split]) -> list[Finding]:
    """Return the splits as a finding of severity `warning`, with dates, ratios and factor rows.

    A feature named `split_coefficient` (or `split_factor`, `stock_splits`, `splits`, `split`) is
    quoted as evidence, and is no part of the rule.

    Parameters
    ----------
    subject
        The bars.
    splits
        What `find_splits` found.
    """
    if not splits:
        return []
    rows = np.array([split.row for split in splits], dtype=np.int64)
    dates = subject.ts[rows].astype("datetime64[us]").astype("datetime64[D]")
    named = ", ".join(
        f"{date} {split}" for date, split in zip(dates, splits[:_NAMED], strict=False)
    )
    more = f", … ({rows.size:,} in all)" if rows.size > _NAMED else ""
    detail = f"the price jumps like a split: {named}{more}"
    stated = next((name for name in _STATED if name in subject.bars.columns), None)
    if stated is not None:
        values = ", ".join(f"{subject.bars.columns[stated][row]:.6g}" for row in rows[:_NAMED])
        detail += f"; column {stated} says {values} there"
    if subject.volume is None or not np.any(subject.volume[rows] > 0.0):
        detail += "; without volume a fall on news can't be told from it"
    mend = ". Adjust the prices before: by an adjusted close, bars.adjusted(), or by factors, "
    mend += "bars.adjusted(factors=…)" + _factor_rows(subject, splits)
    return [subject.finding("unadjusted_split", "warning", rows, detail + mend)]


def _factor_rows(subject: Subject, splits: list[Split]) -> str:
    """Return in words the rows that undo the splits, where dates can tell old bars from new ones.

    A row holds for its own date and back, so it is of the session before a split; and it holds for
    all that came later, so it has the product of their ratios.
    """
    bars, now = subject.bars, np.array([split.row for split in splits], dtype=np.int64)
    around = np.stack([now - 1, now], axis=1).ravel()
    local = wall_clock(bars.ts[around], subject.timeframe, bars.calendar)
    before, after = session_labels(local, bars.calendar).reshape(-1, 2).T
    if len(splits) > _NAMED or bool(np.any(before >= after)):
        return ""
    told = []
    for place, day in enumerate(before.tolist()):
        new, old = (prod(getattr(later, side) for later in splits[place:]) for side in _SIDES)
        told.append(factor_row(day, 1.0, old / new))
    rows = "row" if len(told) == 1 else "rows"
    return f" with the {rows} date,price_factor,split_factor: {'; '.join(told)}"


def find_splits(subject: Subject) -> list[Split]:
    """Return the jumps that meet the four conditions.

    Parameters
    ----------
    subject
        The bars. Of bars shorter than a day those that open four hours or more after the one
        before follow a night.
    """
    bars = subject.bars
    least = float(np.exp(_LOGS[_LOGS > 0].min() - _FARTHEST))

    def jumps(part: slice) -> BoolArray:
        before, now = bars.close[part], bars.open[part.start + 1 : part.stop + 1]
        return (now > before * least) | (now * least < before)

    candidates = rows_where(len(bars) - 1, jumps) + 1
    nights = subject.nights if subject.timeframe.is_intraday else np.arange(1, len(bars))
    candidates = candidates[np.isin(candidates, nights)]
    found = []
    for row in candidates.tolist():
        ratio = _ratio(subject, row, nights)
        if ratio is not None:
            found.append(Split(row, *ratio))
    return found


def _ratio(subject: Subject, row: int, nights: IntArray) -> tuple[int, int] | None:
    """Return the ratio of a split at a row, `None` where it is none."""
    bars = subject.bars
    place = int(np.searchsorted(nights, row))
    around = nights[max(place - _NEIGHBOURS, 0) : place + _NEIGHBOURS + 1]
    if around.size <= _LEAST:
        return None
    usual = NORMAL * float(np.median(moves(bars.open[around], bars.close[around - 1])))
    fall = float(np.log(bars.close[row - 1]) - np.log(bars.open[row]))
    nearest = int(np.argmin(np.abs(_LOGS - fall)))
    near = min(max(FAR * usual, _NEAREST), _FARTHEST)
    if abs(_LOGS[nearest] - fall) > near or abs(fall) <= FAR * usual:
        return None
    ends = np.append(nights[place + 1 : place + _CLOSES], len(bars)) - 1
    after = bars.close[ends[:_CLOSES]]
    before = bars.close[nights[max(place - _CLOSES + 1, 0) : place + 1] - 1]
    stays = float(np.median(np.log(before)) - np.median(np.log(after))) / float(_LOGS[nearest])
    if not _STAYS[0] <= stays <= _STAYS[1] or _is_heavy(subject, place, nights):
        return None
    return RATIOS[nearest]


def _is_heavy(subject: Subject, place: int, nights: IntArray) -> bool:
    """Return whether trading after a night is far heavier than before it, by money and by units."""
    volume = subject.volume
    if volume is None:
        return False
    first = max(place - _DAYS, 0)
    edges = np.append(nights[first : place + 2], len(volume))[: place + 2 - first]
    units = np.array([volume[a:b].sum() for a, b in pairwise(edges)])
    money = units * subject.bars.close[edges[1:] - 1]
    return all(_times_usual(values) > _HEAVY for values in (units, money))


def _times_usual(values: FloatArray) -> float:
    usual = float(np.median(values[:-1])) if values.size > _LEAST else 0.0
    return float(values[-1]) / usual if usual > 0.0 else 0.0
