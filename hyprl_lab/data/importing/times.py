"""A column of times into microseconds or counts: what is written, before zones and units."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.data.importing.digits import groups_of_shape, letters_of, whole_number
from hyprl_lab.data.importing.epoch import UNITS
from hyprl_lab.data.importing.hints import unpadded_format, why_no_time
from hyprl_lab.data.importing.moments import YEARS, civil_moments, counts_of
from hyprl_lab.data.importing.shapes import Family, Shape, family_of, shape_of
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hyprl_lab.types import BoolArray, IntArray

__all__ = ["DATES", "TimeReader", "check_dates"]

DATES: Final = ("iso", "day_first", "month_first", "year_first", *UNITS)
"""What `dates=` may say, besides a strptime format."""

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock has no zone
_OFFSETS_KEPT: Final = 100


def check_dates(dates: str | None) -> str | None:
    """Return how dates are said to be written, or refuse what is no such word or format.

    Raises
    ------
    BarsError
        Listing the words.

    Examples
    --------
    >>> check_dates("%d %b %Y")
    '%d %b %Y'
    """
    if dates is None or dates in DATES:
        return dates
    if not isinstance(dates, str) or "%" not in dates:
        raise BarsError(
            f"dates: found {dates!r}; expected one of {list(DATES)}, or a strptime format such as "
            "'%d %b %Y %H:%M'"
        )
    if "%Z" in dates:
        raise BarsError(
            f"dates: found the format {dates!r} with %Z, names of zones, which do not say one "
            "offset; expected %z, offsets such as +0530. Or leave the names out of the cells and "
            "state the zone: tz="
        )
    if "%I" in dates and "%p" not in dates:
        raise BarsError(
            f"dates: found the format {dates!r} with %I and no %p; expected %H, or both"
        )
    if not any(year in dates.replace("%%", "") for year in ("%Y", "%y", "%G", "%c", "%x")):
        raise BarsError(f"dates: found the format {dates!r} without a year; expected %Y or %y")
    try:
        datetime.strptime("", dates)  # noqa: DTZ007 - only whether the format is one
    except re.error as error:
        raise BarsError(f"dates: found {dates!r}, no strptime format ({error})") from error
    except ValueError as error:
        if "does not match" not in str(error):
            raise BarsError(f"dates: found {dates!r}, no strptime format ({error})") from error
    return dates


@dataclass(slots=True, kw_only=True)
class TimeReader:
    """Reads a column of times block by block, and learns from it what was not said.

    Parameters
    ----------
    column
        The column's name, for messages.
    dates
        One of `DATES`, a strptime format, or `None` to prove it.
    family
        How most of the file's first times are written.

    Attributes
    ----------
    order
        `day_first` or `month_first` once known; rows of blocks before that were read as
        `day_first`, their day and month both 12 or less.
    zoned
        Whether times carry a zone; `None` before the first.
    offsets
        The offsets from UTC that were seen, in minutes.
    unpadded
        The format to state, where clocks of digits alone lack leading zeros.
    against
        The first row that proves each order of day and month, where one was stated.
    compact
        The first row whose clock has so many digits and nothing between them.
    keeps_offsets, block_offsets
        Whether day and month may change places in times with offsets, and then the offsets of the
        last block, in microseconds.
    """

    column: str
    dates: str | None
    family: Family
    order: str | None = None
    zoned: bool | None = None
    offsets: set[int] = field(default_factory=set)
    proved_by: tuple[int, str] | None = None
    zoned_by: tuple[int, str] | None = None
    first_open: tuple[int, str, int, int] | None = None
    unpadded: str | None = None
    against: dict[str, tuple[int, str]] = field(default_factory=dict)
    compact: dict[int, tuple[int, str]] = field(default_factory=dict)
    keeps_offsets: bool = False
    block_offsets: IntArray | None = None

    def __post_init__(self) -> None:
        if self.dates in ("day_first", "month_first"):
            self.order = self.dates
        if self.dates in ("iso", "year_first"):
            self.family = "year_first"
        elif self.dates in ("day_first", "month_first"):
            self.family = "day_month"
        elif self.dates in UNITS:
            self.family = "epoch"

    @classmethod
    def of_sample(cls, column: str, dates: str | None, sample: list[str]) -> TimeReader:
        """Return a reader for times like most of these; without any, for ISO 8601.

        Raises
        ------
        BarsError
            None of them is a time.
        """
        check_dates(dates)
        told = [family_of(text.strip()) for text in sample]
        families = [one for one in told if one is not None]
        unpadded = None if dates is not None else unpadded_format(sample)
        if sample and not families and dates is None:
            raise BarsError(
                f"row 0, column {column}: found {sample[0][:40]!r}; expected a time: "
                "ISO 8601, day, month and a year of four digits, or a count since 1970. State "
                f"another way: dates={unpadded or '%d %b %y'!r}"
            )
        family: Family = max(families, key=families.count) if families else "year_first"
        shapes = [shape_of(re.sub("[0-9]", "0", text.strip())[:60]) for text in sample]
        zoned = any(shape is not None and shape.zone is not None for shape in shapes)
        reader = cls(column=column, dates=dates, family=family, unpadded=unpadded)
        reader.keeps_offsets = zoned and reader.needs_order
        return reader

    @property
    def is_epoch(self) -> bool:
        """Whether times are counts since 1970, their unit not applied yet."""
        return self.family == "epoch" and "%" not in (self.dates or "")

    @property
    def written(self) -> str:
        """How times are written, in one word."""
        return self.family

    @property
    def needs_order(self) -> bool:
        """Whether day and month could still stand in either order."""
        return self.family == "day_month" and self.order is None and self.dates is None

    def why(self, text: str) -> tuple[str, str | None]:
        """Return what a text should have been that is no time, and how to mend the column."""
        return why_no_time(text, self.unpadded)

    def contradiction(self) -> str | None:
        """Return in words what proves the other order than was stated, where no row proves it."""
        other = {"day_first": "month_first", "month_first": "day_first"}.get(self.dates or "")
        if other is None or set(self.against) != {other}:
            return None
        row, text = self.against[other]
        first = "day" if other == "day_first" else "month"
        return (
            f"Row {row}, {text!r}, has the {first} first, and no row proves the order that was "
            f"stated: dates={other!r}"
        )

    def read(self, cells: Any, rows: IntArray) -> tuple[IntArray, BoolArray]:
        """Return a block's times, and which cells are none.

        Parameters
        ----------
        cells
            A pyarrow array of text.
        rows
            Their row numbers, for messages.

        Returns
        -------
        times, unreadable
            Microseconds, UTC where times carry a zone and as written where not; or the counts.

        Raises
        ------
        BarsError
            Some times carry a zone and others not, or rows prove both orders of day and month.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        texts = pc.ascii_trim_whitespace(pc.fill_null(pc.cast(cells, pa.string()), ""))
        times = np.zeros(len(texts), dtype=np.int64)
        unreadable = np.ones(len(texts), dtype=np.bool_)
        zoned = np.zeros(len(texts), dtype=np.bool_)
        if self.keeps_offsets:
            self.block_offsets = np.zeros(len(texts), dtype=np.int64)
        if self.dates is not None and "%" in self.dates:
            self._by_format(texts.to_pylist(), times, unreadable, zoned)
        else:
            letters, long = letters_of(texts)
            found = []
            for text, members in groups_of_shape(letters):
                shape, held = self._shape(text), members[~long[members]]
                if shape is not None and held.size:
                    found.append((shape, held))
            if self.family == "day_month":
                self._prove_order(letters, found, rows, texts)
            self._one_kind_of_clock(found, rows, texts)
            for shape, members in found:
                self._fill(letters[members], shape, members, times, unreadable)
                zoned[members] = shape.zone is not None
        self._one_kind_of_zone(zoned, ~unreadable, rows, texts)
        return times, unreadable

    def _shape(self, text: str) -> Shape | None:
        shape = shape_of(text, epoch=self.dates in UNITS)
        if (
            shape is None
            or shape.family != self.family
            or (self.dates == "iso" and not shape.is_iso)
        ):
            return None
        return shape

    def _fill(
        self,
        letters: NDArray[np.uint8],
        shape: Shape,
        members: IntArray,
        times: IntArray,
        unreadable: BoolArray,
    ) -> None:
        if shape.family == "epoch":
            counts, right = counts_of(letters, shape, seconds=self.dates == "epoch_s")
        else:
            counts, right = self._moments(letters, shape, members)
        times[members] = counts
        unreadable[members] = ~right

    def _moments(
        self, letters: NDArray[np.uint8], shape: Shape, members: IntArray
    ) -> tuple[IntArray, BoolArray]:
        month_first = shape.family == "year_first" or self.order == "month_first"
        moments, right, offset = civil_moments(letters, shape, month_first=month_first)
        if offset is not None:
            if self.block_offsets is not None:
                self.block_offsets[members] = offset * 60_000_000
            if len(self.offsets) < _OFFSETS_KEPT:
                self.offsets.update(np.unique(offset[right]).tolist())
        return moments, right

    def _prove_order(
        self,
        letters: NDArray[np.uint8],
        found: list[tuple[Shape, IntArray]],
        rows: IntArray,
        texts: Any,
    ) -> None:
        """Learn the order from the first field over 12; two rows must not prove two orders."""
        if len(self.against) == 2:
            return
        if self.first_open is None or self.first_open[2] == self.first_open[3]:
            self._find_open(letters, found, rows, texts)
        for shape, members in found:
            one = whole_number(letters[members], *shape.parts["a"])
            two = whole_number(letters[members], *shape.parts["b"])
            for order, day, month in (("day_first", one, two), ("month_first", two, one)):
                if self.dates is None and self.order == order:
                    continue
                likely = members[(day > 12) & (day <= 31) & (month >= 1) & (month <= 12)]
                # What is no time, as 13/02/2024 99:99, proves nothing.
                right = civil_moments(letters[likely], shape, month_first=order == "month_first")[1]
                if not bool(right.any()):
                    continue
                place = int(likely[int(np.argmax(right))])
                row, text = int(rows[place]), str(texts[place].as_py())
                if self.dates is not None:
                    self.against.setdefault(order, (row, text))
                elif self.order is None:
                    self.order, self.proved_by = order, (row, text)
                elif self.order != order:
                    raise self._contradiction(row, text)

    def _find_open(
        self,
        letters: NDArray[np.uint8],
        found: list[tuple[Shape, IntArray]],
        rows: IntArray,
        texts: Any,
    ) -> None:
        """Keep the first time that reads as two days, or else the first."""
        for differ in (True, False):
            open_rows = []
            for shape, members in found:
                one, two = (whole_number(letters[members], *shape.parts[name]) for name in "ab")
                right = civil_moments(letters[members], shape, month_first=False)[1]
                places = np.flatnonzero(right & ((one != two) | (not differ)))[:1]
                open_rows += [(int(members[at]), int(one[at]), int(two[at])) for at in places]
            if open_rows and (differ or self.first_open is None):
                place, first, second = min(open_rows)
                self.first_open = (int(rows[place]), str(texts[place].as_py()), first, second)
                return

    def _one_kind_of_clock(
        self, found: list[tuple[Shape, IntArray]], rows: IntArray, texts: Any
    ) -> None:
        """Refuse clocks of four and of six digits: one of both lacks leading zeros."""
        for shape, members in found:
            if "hour" in shape.parts and shape.parts["hour"][1] == shape.parts["minute"][0]:
                place = int(members[0])
                digits = 6 if "second" in shape.parts else 4
                self.compact.setdefault(digits, (int(rows[place]), str(texts[place].as_py())))
        if len(self.compact) == 2:
            (one, first), (two, second) = sorted(self.compact.values())
            raise BarsError(
                f"row {two}, column {self.column}: found {second!r}, unlike row {one}, {first!r}; "
                "expected clocks of four digits or of six. Where leading zeros are missing, state "
                "the format, which puts them back: dates='%Y%m%d %H%M%S'"
            )

    def open_order(self) -> BarsError:
        """Return the error for a file in which no row proves the order of day and month."""
        row, text, first, second = self.first_open or (0, "", 0, 0)
        return BarsError(
            f"row {row}, column {self.column}: found {text!r}, which is day {first} of month "
            f"{second} or day {second} of month {first}; expected a row somewhere whose day is "
            "over 12. State it: dates='day_first' or dates='month_first'"
        )

    def _contradiction(self, row: int, text: str) -> BarsError:
        before, written = self.proved_by or (0, "")
        found = {before: written, row: text}
        (one, first), (two, second) = sorted(found.items())
        return BarsError(
            f"row {two}, column {self.column}: found {second!r}, which contradicts row {one}, "
            f"{first!r}: one has the day first, the other the month; expected one order. State "
            "it, and rows of the other order are told as unreadable: dates='day_first' or "
            "dates='month_first'"
        )

    def _by_format(
        self, texts: list[str], times: IntArray, unreadable: BoolArray, zoned: BoolArray
    ) -> None:
        digits = _clock_digits(self.dates or "")
        for place, written in enumerate(texts):
            text = _padded(written, digits)
            try:
                moment = datetime.strptime(text, self.dates or "")  # noqa: DTZ007 - settled later
            except ValueError:
                continue
            if not YEARS[0] <= moment.year <= YEARS[1]:
                continue
            if moment.tzinfo is not None:
                zoned[place] = True
                offset = moment.utcoffset() or timedelta(0)
                self.offsets.add(offset // timedelta(minutes=1))
                moment = moment.astimezone(UTC).replace(tzinfo=None)
            times[place] = (moment - _EPOCH) // timedelta(microseconds=1)
            unreadable[place] = False

    def _one_kind_of_zone(
        self, zoned: BoolArray, readable: BoolArray, rows: IntArray, texts: Any
    ) -> None:
        places = np.flatnonzero(readable)
        if places.size == 0:
            return
        if self.zoned is None:
            self.zoned = bool(zoned[places[0]])
            self.zoned_by = (int(rows[places[0]]), str(texts[int(places[0])].as_py()))
        other = places[zoned[places] != self.zoned]
        if other.size and self.zoned_by is not None:
            row, text = self.zoned_by
            raise BarsError(
                f"row {int(rows[other[0]])}, column {self.column}: found "
                f"{texts[int(other[0])].as_py()!r}, a time {'without' if self.zoned else 'with'} "
                f"an offset, unlike row {row}, {text!r}; expected an offset in every row or in "
                "none. Write all times alike"
            )


def _clock_digits(dates: str) -> int:
    """Return of how many digits alone the clock at the end of a format is, 0 where it is not."""
    last = dates.rsplit(maxsplit=1)[-1] if " " in dates else ""
    return {"%H%M": 4, "%H%M%S": 6}.get(last, 0)


def _padded(text: str, digits: int) -> str:
    """Return a text with the leading zeros of its clock, which `strptime` does not miss.

    Without them it would read 130 as 13:00.
    """
    before, _, clock = text.rpartition(" ")
    if digits and before and clock.isdecimal() and len(clock) < digits:
        return f"{before} {clock.zfill(digits)}"
    return text
