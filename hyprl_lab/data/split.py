"""Parts of bars in order of time: to train on, to test on, to hold out."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from hyprl_lab.data.display import table
from hyprl_lab.data.timeframe import Timeframe
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.data.bars import Bars

__all__ = ["Split", "Window", "split", "windows"]


class Split(NamedTuple):
    """Three parts that follow each other; a part of no bars is `None`."""

    train: Bars
    test: Bars | None
    holdout: Bars | None

    def __repr__(self) -> str:
        lines = [
            f"  {name:7}  {'none' if part is None else _told(part)}"
            for name, part in self._asdict().items()
        ]
        return "\n".join([f"Split of {_name(self.train)}", *lines])

    def _repr_html_(self) -> str:
        return _html("Split", self._asdict())


class Window(NamedTuple):
    """A stretch to train on, and the one right after it to test on."""

    train: Bars
    test: Bars

    def __repr__(self) -> str:
        return f"Window(train: {_told(self.train)}; test: {_told(self.test)})"

    def _repr_html_(self) -> str:
        return _html("Window", self._asdict())


def split(bars: Bars, *, test: float, holdout: float) -> Split:
    """Cut bars into three parts.

    The holdout is the last round(n·holdout) bars, as a search reserves it; before it come
    round(n·test) bars to test on, and what is left trains. Halves round to even.

    Parameters
    ----------
    bars
        What to cut.
    test, holdout
        Fractions, each 0 or more, their sum below 1.

    Raises
    ------
    BarsError
        A fraction is out of range, or a part that was asked for would be empty.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> parts = split(load_bars("TEST"), test=0.25, holdout=0.0)
    >>> len(parts.train), len(parts.test), parts.holdout
    (375, 125, None)
    """
    for name, share in (("test", test), ("holdout", holdout)):
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0.0 <= share < 1.0:
            raise BarsError(f"split: found {name} {share!r}; expected a share from 0 to below 1")
    count = len(bars)
    last = count - round(count * holdout)
    middle = last - round(count * test)
    sizes = {"train": middle, "test": last - middle, "holdout": count - last}
    wanted = {"train": True, "test": test > 0, "holdout": holdout > 0}
    empty = [name for name, size in sizes.items() if wanted[name] and size < 1]
    if empty:
        raise BarsError(
            f"split: found test {test} and holdout {holdout} of {count} bars, which leave no bar "
            f"for {' and '.join(empty)}; expected at least one in each part that is asked for"
        )
    return Split(
        bars.take(0, middle),
        bars.take(middle, last) if last > middle else None,
        bars.take(last, count) if count > last else None,
    )


def windows(bars: Bars, *, train: int, test: int, step: int | None = None) -> list[Window]:
    """Return windows that walk forward over bars, the oldest first.

    Bars at the end that don't fill a test are in none.

    Parameters
    ----------
    bars
        What to walk over.
    train, test
        Bars of each stretch, at least 1.
    step
        Bars from one window to the next; `test` by default.

    Raises
    ------
    BarsError
        A length is no whole number of at least 1, or not one window fits.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> bars = load_bars("TEST")
    >>> [w.train.ts[0] == bars.ts[at] for w, at in zip(
    ...     windows(bars, train=200, test=100, step=150), (0, 150), strict=True)]
    [np.True_, np.True_]
    """
    step = test if step is None else step
    for name, length in (("train", train), ("test", test), ("step", step)):
        if isinstance(length, bool) or not isinstance(length, int) or length < 1:
            raise BarsError(f"windows: found {name} {length!r}; expected whole bars of at least 1")
    found = [
        Window(bars.take(start, start + train), bars.take(start + train, start + train + test))
        for start in range(0, len(bars) - train - test + 1, step)
    ]
    if not found:
        raise BarsError(
            f"windows: found {len(bars)} bars; expected at least train {train} + test {test}"
        )
    return found


def _told(bars: Bars) -> str:
    noun = "bar" if len(bars) == 1 else "bars"
    first, last = _ends(bars)
    return f"{len(bars):,} {noun}, {first} to {last}"


def _ends(bars: Bars) -> tuple[str, str]:
    """Return when the first and the last bar open, by the minute where bars are that short."""
    form = "%Y-%m-%d %H:%M" if Timeframe.parse(bars.timeframe).is_intraday else "%Y-%m-%d"
    return bars.start.strftime(form), bars.end.strftime(form)


def _name(bars: Bars) -> str:
    return f"{bars.symbol} {bars.timeframe}"


def _html(what: str, parts: dict[str, Bars | None]) -> str:
    rows = [
        [name, *(("0", "", "") if part is None else (f"{len(part):,}", *_ends(part)))]
        for name, part in parts.items()
    ]
    named = _name(next(part for part in parts.values() if part is not None))
    return (
        '<div class="hyprl-split" style="font-size:13px;line-height:1.45">'
        f"<strong>{what} of {escape(named)}</strong>"
        f"{table(['part', 'bars', 'first (UTC)', 'last (UTC)'], rows, left=1)}</div>"
    )
