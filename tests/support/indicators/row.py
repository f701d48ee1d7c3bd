"""One line of an indicator, and how other people's code works it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from hyprl_lab.strategy import Expr
    from hyprl_lab.types import FloatArray
    from indicators.sets import RealBars

Numbers = tuple[float, ...]

WINDOWS: Final[tuple[Numbers, ...]] = ((2,), (5,), (14,), (50,), (200,))

AGREES: Final = 1e-9
"""Times max(1, |value|): how far an indicator may be from its reference, everywhere."""

CANCELLED: Final = 2e-8
"""The same where digits cancel: x less its mean over two bars, which is 1 or -1 deviation, and the
difference between two averages of a line of 10^12, which TA-Lib's build rounds once (fused) where
its source rounds twice."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A public function of `hl.ta`, or one of its lines.

    Parameters
    ----------
    name
        As in `macd.signal`; in brackets what is not a number, as in `apo[ema]`.
    make
        The expression for given numbers, each of which may be a parameter.
    wanted
        The same, bar by bar, by TA-Lib or by a loop of `indicators.loops`.
    warm_up
        Bars before the first value.
    compared
        The first bar on which there is a value to compare with, where it is not the first of ours.
    numbers
        What is tried: the arguments of each trial.
    names
        The arguments' names; those in `scalars` are no windows.
    by
        Where `wanted` comes from.
    """

    name: str
    make: Callable[..., Expr]
    wanted: Callable[..., FloatArray]
    warm_up: Callable[..., float]
    compared: Callable[..., float] | None = None
    numbers: tuple[Numbers, ...] = WINDOWS
    names: tuple[str, ...] = ("window",)
    scalars: frozenset[str] = frozenset()
    by: str = "TA-Lib"
    needs_volume: bool = False
    may_be_missing: bool = False
    tolerance: Callable[..., float] = lambda *_: AGREES

    @property
    def function(self) -> str:
        """The function of `hl.ta`."""
        return self.name.split(".")[0].split("[")[0]

    def expression(self, numbers: Sequence[Any]) -> Expr:
        return self.make(*numbers)

    def reference(self, bars: RealBars, numbers: Numbers) -> FloatArray:
        return self.wanted(bars, *(self._given(numbers)))

    def starts(self, numbers: Numbers) -> tuple[int, int]:
        """The first bar with a value, and the first with one to compare with."""
        given = self._given(numbers)
        first = int(self.warm_up(*given))
        return first, first if self.compared is None else int(self.compared(*given))

    def windows(self, numbers: Numbers) -> tuple[int, ...]:
        """Those of the numbers that count bars."""
        pairs = zip(self.names, numbers, strict=True)
        return tuple(int(number) for name, number in pairs if name not in self.scalars)

    def _given(self, numbers: Numbers) -> list[float]:
        pairs = zip(self.names, numbers, strict=True)
        return [number if name in self.scalars else int(number) for name, number in pairs]
