"""Adjustments by factors: what dividends and splits make of older prices."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from hyprl_lab.data.checks import PRICES
from hyprl_lab.data.sessions import session_labels, wall_clock
from hyprl_lab.data.timeframe import Timeframe
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.data.bars import Bars
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["Factors", "factor_row", "read_factors", "scaled_columns"]

_HEADS: Final = ("date", "price_factor", "split_factor")
_COLUMNS: Final = (3, 4)
_LARGEST: Final = 16 << 20
_COMPACT: Final = re.compile(r"[0-9]{8}")
_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_EPOCH: Final = date(1970, 1, 1)
_EXPECTED: Final = (
    "expected the path of a factor file, or rows as in hl.Factors.from_rows([('2005-02-28', 1.0, "
    "0.5)]): a date, and what prices up to it are multiplied by for dividends and for splits"
)


@dataclass(frozen=True, eq=False)
class Factors:
    """Factors by date; each holds for its own date and for those back to the row before.

    Parameters
    ----------
    days
        int64 days since the epoch, increasing: sessions' dates.
    price
        What prices up to that day are multiplied by for dividends, above 0.
    split
        What prices are multiplied by for splits, and volume divided by, above 0.
    source
        Name and SHA-256 of the file, or the rows themselves, for the lineage.

    Raises
    ------
    BarsError
        There is no row, days don't increase, or a factor is not a finite number above 0.

    Examples
    --------
    >>> halves = Factors.from_rows([("2005-02-28", 1.0, 0.5)])  # 2:1, first traded on 1 March
    >>> halves.split.tolist()
    [0.5]
    """

    days: IntArray
    price: FloatArray
    split: FloatArray
    source: str = "given"

    def __post_init__(self) -> None:
        if self.days.size == 0:
            raise BarsError("factors: found no row; expected at least one")
        for name, values in (("price_factor", self.price), ("split_factor", self.split)):
            bad = ~((values > 0.0) & (values < np.inf))
            if values.shape != self.days.shape or bool(bad.any()):
                row = int(np.argmax(bad)) if values.shape == self.days.shape else 0
                raise BarsError(
                    f"factors: found row {row}, {name} {values[row] if values.size else 'none'}; "
                    "expected a finite factor above 0 for each date"
                )
        back = np.diff(self.days) <= 0
        if bool(back.any()):
            row = int(np.argmax(back)) + 1
            raise BarsError(f"factors: found row {row} not after the one before; sort by date")

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[str | date, float, float]]) -> Factors:
        """Return factors of rows in memory: those that a factor file would have.

        Parameters
        ----------
        rows
            Date, price factor, split factor of each, by increasing date. A date is ISO 8601 text
            or a `date`, and the last session on the old scale: its factors hold for it and for
            the dates before, back to the row before. Factors are not multiplied up: a date before
            two splits of 2:1 has the split factor 0.25.

        Raises
        ------
        BarsError
            A row is no date and two numbers, or `Factors` refuses them; the message names it.

        Examples
        --------
        >>> Factors.from_rows([("2005-02-28", 1.0, 0.5)]).source
        'rows 2005-02-28,1,0.5'
        """
        if not isinstance(rows, Iterable) or isinstance(rows, str | bytes | Mapping):
            raise BarsError(f"factors: found {type(rows).__name__}; {_EXPECTED}")
        parsed = [_given(number, row) for number, row in enumerate(rows)]
        days, price, split = (
            (list(values) for values in zip(*parsed, strict=True)) if parsed else ([],) * 3
        )
        told = "; ".join(factor_row(day, one, other) for day, one, other in parsed)
        return cls(
            np.array(days, dtype=np.int64),
            np.array(price, float),
            np.array(split, float),
            f"rows {told}",
        )

    def at(self, days: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the factors of price and split for sessions, 1 after the last row.

        Examples
        --------
        >>> factors = Factors(np.array([10, 20]), np.array([0.5, 0.8]), np.array([1.0, 1.0]))
        >>> factors.at(np.array([9, 10, 11, 21]))[0].tolist()
        [0.5, 0.5, 0.8, 1.0]
        """
        row = np.searchsorted(self.days, days)
        price, split = (np.append(values, 1.0)[row] for values in (self.price, self.split))
        return price, split


def read_factors(path: str | Path) -> Factors:
    r"""Read a factor file: `date,price_factor,split_factor` and maybe a reference price.

    LEAN's form has no header and dates like 19980102; with a header, columns are found by name
    and dates may be ISO 8601 too. A row's factors hold for its date and for all dates back to the
    row before; after the last row nothing is scaled. (QuantConnect, "Factor files".)

    Parameters
    ----------
    path
        A CSV file of at most 16 MiB.

    Raises
    ------
    BarsError
        The file can't be read, or a line is no such row; the message names the line.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "spy.csv"
    >>> _ = file.write_text("19980102,0.65,1,1\n20501231,1,1,0\n")
    >>> read_factors(file).price.tolist()
    [0.65, 1.0]
    """
    file, content = _content(path)
    try:
        lines = list(enumerate(csv.reader(io.StringIO(content.decode("utf-8-sig"), None)), 1))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BarsError(f"{file.name}: found no text in CSV ({error}); {_EXPECTED}") from error
    rows = [(line, [cell.strip() for cell in cells]) for line, cells in lines if cells]
    if not rows:
        raise BarsError(
            f"{file.name}: found an empty file; expected date,price_factor,split_factor"
        )
    names = [name.lower().replace(" ", "_") for name in rows[0][1]]
    if _HEADS[0] in names:
        missing = [name for name in _HEADS if name not in names]
        if missing:
            raise BarsError(f"{file.name}: line 1: found {names[:20]}, without {missing}")
        twice = [name for name in _HEADS if names.count(name) > 1]
        if twice:
            raise BarsError(f"{file.name}: line 1: found {twice} twice; expected each name once")
        order = [names.index(name) for name in _HEADS]
        rows = rows[1:]
    else:
        order = [0, 1, 2]
    parsed = [_row(file.name, line, cells, order) for line, cells in rows]
    days, price, split = (
        (list(values) for values in zip(*parsed, strict=True)) if parsed else ([],) * 3
    )
    source = f"{file.name} sha256:{hashlib.sha256(content).hexdigest()}"
    try:
        return Factors(
            np.array(days, dtype=np.int64), np.array(price, float), np.array(split, float), source
        )
    except BarsError as error:
        raise BarsError(f"{file.name}: {error}") from error


def _content(path: str | Path) -> tuple[Path, bytes]:
    """Return a regular file of at most 16 MiB, read once."""
    try:
        file = Path(path).expanduser()
        if not file.is_file():
            raise BarsError(f"{file}: found no factor file that can be read; {_EXPECTED}")
        with file.open("rb") as opened:
            content = opened.read(_LARGEST + 1)
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, BarsError):
            raise
        raise BarsError(
            f"{str(path)[:80]!r}: found no factor file that can be read ({error})"
        ) from error
    if len(content) > _LARGEST:
        raise BarsError(
            f"{file.name}: found more than 16 MiB; expected a factor file, with few rows"
        )
    return file, content


def factor_row(day: int, price: float, split: float) -> str:
    """Return one row as a factor file has it, factors to the last digit.

    Examples
    --------
    >>> factor_row(12_842, 1.0, 1 / 3)
    '2005-02-28,1,0.3333333333333333'
    """
    factors = (repr(float(value)).removesuffix(".0") for value in (price, split))
    return ",".join([str(np.datetime64(day, "D")), *factors])


def scaled_columns(bars: Bars, factors: Factors | str | Path) -> tuple[dict[str, FloatArray], str]:
    """Return the columns of bars on the scale of factors, and where the factors came from.

    A bar's factors are those of its session's date.

    Raises
    ------
    BarsError
        `factors` is neither `Factors` nor the path of a factor file.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> halves = Factors(np.array([20_000]), np.array([1.0]), np.array([0.5]))
    >>> columns, _ = scaled_columns(load_bars("TEST"), halves)
    >>> bool((columns["volume"] == 2 * load_bars("TEST").volume).all())
    True
    """
    if not isinstance(factors, Factors | str | Path):
        raise BarsError(f"factors: found {type(factors).__name__}; {_EXPECTED}")
    known = factors if isinstance(factors, Factors) else read_factors(factors)
    local = wall_clock(bars.ts, Timeframe.parse(bars.timeframe), bars.calendar)
    price, split = known.at(session_labels(local, bars.calendar))
    scaled = {name: bars.columns[name] * (price * split) for name in PRICES}
    if "volume" in bars.columns:
        scaled["volume"] = bars.volume / split
    return {**bars.columns, **scaled}, known.source


def _given(number: int, row: object) -> tuple[int, float, float]:
    """Return one row of `Factors.from_rows` with its date as days since the epoch."""
    try:
        when, price, split = cast("tuple[str | date, float, float]", row)
        if isinstance(when, str) and not _ISO.fullmatch(when):
            raise ValueError("no date as YYYY-MM-DD")  # noqa: TRY301 - told below, as any other
        day = date.fromisoformat(when) if isinstance(when, str) else when
        return (date(day.year, day.month, day.day) - _EPOCH).days, float(price), float(split)
    except (AttributeError, TypeError, ValueError) as error:
        raise BarsError(
            f"factors: found row {number}, {row!r:.80} ({error}); {_EXPECTED}"
        ) from error


def _row(file: str, line: int, cells: list[str], order: list[int]) -> tuple[int, float, float]:
    if len(cells) <= max(order) or (order == [0, 1, 2] and len(cells) not in _COLUMNS):
        raise BarsError(
            f"{file}: line {line}: found {len(cells)} fields; expected date,price_factor,"
            "split_factor and maybe a reference price"
        )
    when, price, split = (cells[at] for at in order)
    iso = f"{when[:4]}-{when[4:6]}-{when[6:]}" if _COMPACT.fullmatch(when) else when
    try:
        if not (_ISO.fullmatch(iso) and _NUMBER.fullmatch(price) and _NUMBER.fullmatch(split)):
            raise ValueError  # noqa: TRY301 - told below, as a date that is none
        return (date.fromisoformat(iso) - _EPOCH).days, float(price), float(split)
    except ValueError as error:
        raise BarsError(
            f"{file}: line {line}: found {','.join(cells)[:80]!r}; expected a date as YYYYMMDD or "
            "YYYY-MM-DD and two numbers"
        ) from error
