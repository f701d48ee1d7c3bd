"""Adjustments by a factor file: what dividends and splits make of older prices."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.checks import PRICES
from hyprl_lab.data.sessions import session_labels, wall_clock
from hyprl_lab.data.timeframe import Timeframe
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.data.bars import Bars
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["Factors", "read_factors", "scaled_columns"]

_HEADS: Final = ("date", "price_factor", "split_factor")
_COLUMNS: Final = (3, 4)
_LARGEST: Final = 16 << 20


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
        Name and SHA-256 of the file, for the lineage.

    Raises
    ------
    BarsError
        Days don't increase, or a factor is not a finite number above 0.
    """

    days: IntArray
    price: FloatArray
    split: FloatArray
    source: str = "given"

    def __post_init__(self) -> None:
        for name, values in (("price_factor", self.price), ("split_factor", self.split)):
            bad = ~((values > 0.0) & (values < np.inf))
            if values.shape != self.days.shape or bool(bad.any()):
                row = int(np.argmax(bad)) if values.shape == self.days.shape else 0
                raise BarsError(
                    f"factors: found row {row}, {name} {values[row] if values.size else 'none'}; "
                    "expected a finite factor above 0 for each date"
                )
        back = np.diff(self.days) <= 0
        if self.days.size == 0 or bool(back.any()):
            row = int(np.argmax(back)) + 1 if self.days.size else 0
            raise BarsError(f"factors: found row {row} not after the one before; sort by date")

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
    file = Path(path).expanduser()
    try:
        if file.stat().st_size > _LARGEST:
            raise BarsError(
                f"{file.name}: found {file.stat().st_size} bytes; expected at most 16 MiB"
            )
        content = file.read_bytes()
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BarsError(f"{file}: found no factor file that can be read ({error})") from error
    lines = list(enumerate(csv.reader(io.StringIO(text)), 1))
    rows = [(line, [cell.strip() for cell in cells]) for line, cells in lines if cells]
    if not rows:
        raise BarsError(
            f"{file.name}: found an empty file; expected date,price_factor,split_factor"
        )
    names = [name.lower().replace(" ", "_") for name in rows[0][1]]
    if _HEADS[0] in names:
        missing = [name for name in _HEADS if name not in names]
        if missing:
            raise BarsError(f"{file.name}: line 1: found {names}, without {missing}")
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
    known = factors if isinstance(factors, Factors) else read_factors(factors)
    local = wall_clock(bars.ts, Timeframe.parse(bars.timeframe), bars.calendar)
    price, split = known.at(session_labels(local, bars.calendar))
    scaled = {name: bars.columns[name] * (price * split) for name in PRICES}
    if "volume" in bars.columns:
        scaled["volume"] = bars.volume / split
    return {**bars.columns, **scaled}, known.source


def _row(file: str, line: int, cells: list[str], order: list[int]) -> tuple[int, float, float]:
    if len(cells) <= max(order) or (order == [0, 1, 2] and len(cells) not in _COLUMNS):
        raise BarsError(
            f"{file}: line {line}: found {len(cells)} fields; expected date,price_factor,"
            "split_factor and maybe a reference price"
        )
    date, price, split = (cells[at] for at in order)
    digits = f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 and date.isdigit() else date
    try:
        day = int(np.datetime64(digits, "D").astype(np.int64))
        return day, float(price), float(split)
    except ValueError as error:
        raise BarsError(
            f"{file}: line {line}: found {','.join(cells)[:80]!r} ({error}); expected a date as "
            "YYYYMMDD or YYYY-MM-DD and two numbers"
        ) from error
