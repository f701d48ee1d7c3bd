"""Bars that need no download: what `load_bars` knows by name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from hyprl_lab.data.providers.arch import Arch
from hyprl_lab.data.providers.synthetic import Synthetic
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.data.bars import Bars
    from hyprl_lab.data.providers.provider import Provider

__all__ = ["dataset_names", "load_bars"]

_SHIPPED: Final[tuple[Provider, ...]] = (Arch(), Synthetic())


def dataset_names() -> list[str]:
    """Return the names `load_bars` knows, sorted.

    Examples
    --------
    >>> dataset_names()
    ['TEST', 'nasdaq', 'sp500']
    """
    return sorted(name for provider in _SHIPPED for name in provider.datasets())


@cache
def load_bars(name: str) -> Bars:
    """Return a named set of bars; the same object each time, for bars never change.

    - `"sp500"`, `"nasdaq"`: the S&P 500 and the NASDAQ Composite, daily, 4 January 1999 to 31
      December 2018, calendar XNYS, with the feature `adj_close`. They ship with the `arch` package
      (NCSA licence), which is not imported for it.
    - `"TEST"`: 500 made-up weekdays from 1 January 2020, calendar 24/5; see
      `hyprl_lab.data.synthetic`.

    Bars that were imported come back by `hl.warehouse.get_bars`; other sources of bars are
    `hyprl_lab.data.providers`.

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
    for provider in _SHIPPED:
        if name in provider.datasets():
            return provider.bars(name)
    raise BarsError(
        f"load_bars: found {name!r}; expected one of {dataset_names()}. Bars that were imported: "
        f"hl.warehouse.get_bars({name!r}). Files of your own: hl.import_bars(path, symbol=…), or "
        "hl.read_bars(path)"
    )
