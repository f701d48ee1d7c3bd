"""Bars that need no download: what `load_bars` knows by name."""

from __future__ import annotations

import csv
import gzip
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.names import snake_case
from hyprl_lab.data.synthetic import synthetic_arrays
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["dataset_names", "load_bars"]

_FROM_ARCH: Final = {"sp500": "SP500", "nasdaq": "NASDAQ"}
_SYNTHETIC: Final = "TEST"


def dataset_names() -> list[str]:
    """Return the names `load_bars` knows, sorted.

    Examples
    --------
    >>> dataset_names()
    ['TEST', 'nasdaq', 'sp500']
    """
    return sorted([_SYNTHETIC, *_FROM_ARCH])


@cache
def load_bars(name: str) -> Bars:
    """Return a named set of bars; the same object each time, for bars never change.

    - `"sp500"`, `"nasdaq"`: the S&P 500 and the NASDAQ Composite, daily, 4 January 1999 to 31
      December 2018, calendar XNYS, with the feature `adj_close`. They ship with the `arch` package
      (NCSA licence), which is not imported for it.
    - `"TEST"`: 500 made-up weekdays from 1 January 2020, calendar 24/5; see
      `hyprl_lab.data.synthetic`.

    Parameters
    ----------
    name
        One of `dataset_names()`.

    Raises
    ------
    BarsError
        There is no such set, or the `arch` package isn't installed.

    Examples
    --------
    >>> bars = load_bars("sp500")
    >>> len(bars), bars.symbol, float(bars.close[0])
    (5031, 'SP500', 1228.099976)
    """
    if name == _SYNTHETIC:
        ts, columns = synthetic_arrays()
        return Bars(_SYNTHETIC, "1d", "24/5", ts, columns)
    if name in _FROM_ARCH:
        ts, columns = _parse(_arch_file(name))
        return Bars(_FROM_ARCH[name], "1d", "XNYS", ts, columns)
    raise BarsError(
        f"load_bars: found {name!r}; expected one of {dataset_names()}. "
        "For files of your own: read_bars(path)"
    )


def _arch_file(name: str) -> Path:
    """Return the file inside the `arch` package without importing it, which takes seconds."""
    spec = find_spec("arch")
    if spec is None or spec.origin is None:
        raise BarsError(f"load_bars: found no arch package, which holds {name!r}. Install arch")
    return Path(spec.origin).parent / "data" / name / f"{name}.csv.gz"


def _parse(file: Path) -> tuple[IntArray, dict[str, FloatArray]]:
    """Read `Date` (month/day/year) and number columns; each decimal to the nearest float64."""
    try:
        with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
            head, *rows = csv.reader(lines)
    except FileNotFoundError as error:
        raise BarsError(
            f"load_bars: found no {file.name} in the arch package; expected arch 8.0.0"
        ) from error
    months, days, years = zip(*(row[0].split("/") for row in rows), strict=True)
    dates = [
        f"{year}-{int(month):02d}-{int(day):02d}"
        for year, month, day in zip(years, months, days, strict=True)
    ]
    values = np.array([row[1:] for row in rows]).astype(np.float64)
    columns = {snake_case(title): values[:, cell] for cell, title in enumerate(head[1:])}
    return np.array(dates, dtype="datetime64[us]").astype(np.int64), columns
