"""The kinds of axes: numbers of a range, whole numbers of a range, numbers in a list."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space.numbers import listed_array, real, short_numbers, whole
from hyprl_lab.research.space.points import MOST_POINTS
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["Choice", "Floats", "Ints"]

_NEAR: Final = 1e-9
"""Share of a step by which the last value may miss `high` and still be it: 0.1 is no binary
fraction."""

_FINEST_RATIO: Final = 1e-12
"""Of neighbours in a geometric series, less 1: what powers in float64 keep apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Conditional:
    """What axes share: when they count, and what holds otherwise."""

    when: str | None = None
    otherwise: float | None = None

    def _check_condition(self, what: str) -> None:
        if self.when is not None and (not isinstance(self.when, str) or not self.when.strip()):
            raise SpaceError(
                f"{what}: when is {shown(self.when)}; expected a condition such as 'use_stop > 0'"
            )
        if self.otherwise is not None:
            if self.when is None:
                raise SpaceError(
                    f"{what}: otherwise={shown(self.otherwise)} without when; say when the "
                    "parameter counts, as in when='use_stop > 0', or leave otherwise out"
                )
            object.__setattr__(self, "otherwise", real(f"{what}, otherwise", self.otherwise))

    def _condition_json(self) -> dict[str, JsonValue]:
        found: dict[str, JsonValue] = {}
        if self.when is not None:
            found["when"] = self.when
        if self.otherwise is not None:
            found["otherwise"] = self.otherwise
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Floats(_Conditional):
    """Numbers of a range; `hl.floats` makes one and says what each field is."""

    low: float
    high: float
    step: float | None = None
    count: int | None = None
    log: bool = False

    def __post_init__(self) -> None:
        what = "floats"
        for name in ("low", "high"):
            object.__setattr__(self, name, real(f"{what}, {name}", getattr(self, name)))
        if self.step is not None:
            object.__setattr__(self, "step", real(f"{what}, step", self.step))
        _check_ends(what, self.low, self.high, log=self.log, above=0.0)
        _check_cut(what, self.step, self.count, log=self.log)
        _check_step(what, self.step, self.low, self.high)
        self._check_fineness(what)
        if self.step is not None and self.size is not None and self.size > MOST_POINTS:
            raise SpaceError(
                f"{what}: step={self.step:g} cuts {self.low:g} to {self.high:g} into "
                f"{self.size:,} values, at most {MOST_POINTS:,}; take a larger step, or leave it "
                "out and sample"
            )
        self._check_condition(what)

    @property
    def size(self) -> int | None:
        """The number of values; `None` where there is no end of them."""
        if self.low == self.high:
            return 1
        if self.step is not None:
            return math.floor((self.high - self.low) / self.step + _NEAR) + 1
        return self.count

    @property
    def values(self) -> FloatArray:
        """The values in ascending order, float64.

        Raises
        ------
        SpaceError
            There is neither a step nor a count, so there is no end of them.
        """
        size = self.size
        if size is None:
            raise SpaceError(
                f"{self} has no end of values; a grid takes step= or count=, or draw from it: "
                "sampler='random', max_trials=1000"
            )
        if size == 1:
            return np.array([self.low])
        if self.step is not None:
            return self._stepped(self.step, np.arange(size, dtype=np.float64))
        if self.log:
            return _geometric(self.low, self.high, size)
        found = _tidy(_even(self.low, self.high, size))
        found[-1] = self.high
        return found

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the largest value; steps need not reach `high`."""
        if self.step is None or self.size in (None, 1):
            return self.low, self.low if self.size == 1 else self.high
        places = np.array([0.0, 1.0, self.size - 1.0])
        return self.low, float(self._stepped(self.step, places)[-1])

    def _stepped(self, step: float, places: FloatArray) -> FloatArray:
        """Return the values at some places, ascending, of which the first two are 0 and 1."""
        found = _tidy(self.low + step * places)
        if abs(self.high - found[-1]) <= _NEAR * step:
            found[-1] = self.high
        return found

    def _check_fineness(self, what: str) -> None:
        """Refuse neighbours that are one number in float64."""
        gap, size, least = self.step, self.count, max(abs(self.low), abs(self.high))
        if self.low == self.high or (gap is None and size is None):
            return
        finest = 4.0 * float(np.spacing(least))
        if gap is None:
            gap = (self.high - self.low) / (size - 1)  # type: ignore[operator]  # one of the two
            if self.log:
                gap = self.low * math.expm1(math.log(self.high / self.low) / (size - 1))  # type: ignore[operator]
                finest = _FINEST_RATIO * self.low
        if gap < finest:
            raise SpaceError(
                f"{what}: neighbours between {self.low:g} and {self.high:g} would be {gap:.3g} "
                f"apart, and float64 needs {finest:.3g} to tell them; take a larger step or a "
                "smaller count, or leave both out and sample"
            )

    def at(self, u: FloatArray) -> FloatArray:
        """Return values for numbers 0 ≤ u < 1: uniform, or uniform in the logarithm with `log`.

        With a step or a count each of the values is as likely as the others.
        """
        if self.size is not None:
            return _picked(self.values, u)
        if self.log:
            low, high = math.log(self.low), math.log(self.high)
            return np.clip(np.exp(low + u * (high - low)), self.low, self.high)
        return np.clip(self.low + u * (self.high - self.low), self.low, self.high)

    def to_json(self) -> JsonValue:
        """Return the fields that are not their default."""
        found: dict[str, JsonValue] = {"kind": "floats", "low": self.low, "high": self.high}
        if self.step is not None:
            found["step"] = self.step
        if self.count is not None:
            found["count"] = self.count
        if self.log:
            found["log"] = True
        return found | self._condition_json()

    def __str__(self) -> str:
        return f"hl.floats({self.low:g}, {self.high:g}{', log=True' if self.log else ''})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ints(_Conditional):
    """Whole numbers of a range; `hl.ints` makes one and says what each field is."""

    low: int
    high: int
    step: int = 1
    count: int | None = None
    log: bool = False

    def __post_init__(self) -> None:
        what = "ints"
        for name in ("low", "high", "step"):
            object.__setattr__(self, name, whole(f"{what}, {name}", getattr(self, name)))
        _check_ends(what, self.low, self.high, log=self.log, above=1.0)
        _check_cut(what, None if self.step == 1 else self.step, self.count, log=self.log)
        _check_step(what, self.step, self.low, self.high)
        self._check_condition(what)

    @property
    def size(self) -> int:
        """The number of values."""
        if self.count is not None:
            return len(self.values)
        return (self.high - self.low) // self.step + 1

    @property
    def values(self) -> FloatArray:
        """The values in ascending order, float64, all whole."""
        if self.count is None:
            return self.low + float(self.step) * np.arange(self.size, dtype=np.float64)
        spread = _geometric if self.log else _even
        return np.unique(np.rint(spread(self.low, self.high, self.count))) + 0.0  # no minus zero

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the largest value; steps need not reach `high`."""
        return float(self.low), float(self.high - (self.high - self.low) % self.step)

    def at(self, u: FloatArray) -> FloatArray:
        """Return values for numbers 0 ≤ u < 1.

        Each value is as likely as the others; with `log` and no count k has the weight
        log(1 + 1/k), as digits of natural numbers have (Benford 1938).
        """
        if self.count is not None:
            return _picked(self.values, u)
        if self.log:
            low, high = math.log(self.low), math.log(self.high + 1)
            return np.clip(np.floor(np.exp(low + u * (high - low))), self.low, self.high)
        places = np.minimum(np.floor(u * self.size), self.size - 1)
        return self.low + float(self.step) * places

    def to_json(self) -> JsonValue:
        """Return a range where it is one, else the fields that are not their default."""
        if self.count is None and not self.log and self.when is None:
            stop = self.low + self.step * self.size
            return {"start": self.low, "stop": stop, "step": self.step}
        found: dict[str, JsonValue] = {"kind": "ints", "low": self.low, "high": self.high}
        if self.step != 1:
            found["step"] = self.step
        if self.count is not None:
            found["count"] = self.count
        if self.log:
            found["log"] = True
        return found | self._condition_json()

    def __str__(self) -> str:
        return f"hl.ints({self.low}, {self.high}{', log=True' if self.log else ''})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(_Conditional):
    """Some numbers in an order; `hl.choice` makes one and says what each field is."""

    numbers: tuple[float, ...]
    _values: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values = listed_array("choice", self.numbers)
        values.flags.writeable = False
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "numbers", tuple(values.tolist()))
        self._check_condition("choice")

    @property
    def size(self) -> int:
        """The number of values."""
        return len(self.numbers)

    @property
    def values(self) -> FloatArray:
        """The values in the order given, float64, read-only."""
        return self._values

    @property
    def low(self) -> float:
        """The least value."""
        return float(self._values.min())

    @property
    def high(self) -> float:
        """The largest value."""
        return float(self._values.max())

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the largest value."""
        return self.low, self.high

    def at(self, u: FloatArray) -> FloatArray:
        """Return values for numbers 0 ≤ u < 1, each as likely as the others."""
        return _picked(self.values, u)

    def to_json(self) -> JsonValue:
        """Return the values, and when they count; whole-numbered steps are written as a range."""
        numbers = short_numbers(self.values)
        if isinstance(numbers, list) and self.when is None:
            return numbers
        return {"kind": "choice", "values": numbers} | self._condition_json()

    def __str__(self) -> str:
        return f"hl.choice of {self.size} values"


def _check_ends(what: str, low: float, high: float, *, log: bool, above: float) -> None:
    if low > high:
        raise SpaceError(f"{what}: low {low:g} is above high {high:g}; swap them")
    if not isinstance(log, bool):
        raise SpaceError(f"{what}: log is {shown(log)}; expected True or False")
    least = "low >= 1" if above else "low > 0"
    if log and (low < above or low <= 0):
        raise SpaceError(
            f"{what}: log=True with low={low:g}; a logarithm needs {least}: raise low, or leave "
            "log out"
        )


def _check_cut(what: str, step: float | None, count: int | None, *, log: bool) -> None:
    if step is not None and step <= 0:
        raise SpaceError(f"{what}: step is {step:g}; expected a number above 0")
    if step is not None and count is not None:
        raise SpaceError(f"{what}: step={step:g} and count={shown(count)}; give one of the two")
    if step is not None and log:
        raise SpaceError(
            f"{what}: step={step:g} with log=True, where neighbours have a ratio and no distance; "
            "give count= in place of step="
        )
    if count is not None:
        wanted = isinstance(count, int) and not isinstance(count, bool)
        if not wanted or not 2 <= count <= MOST_POINTS:
            raise SpaceError(
                f"{what}: count is {shown(count)}; expected a whole number from 2 to "
                f"{MOST_POINTS:,}"
            )


def _check_step(what: str, step: float | None, low: float, high: float) -> None:
    if step is not None and low < high < low + step:
        raise SpaceError(
            f"{what}: step={step:g} is wider than {low:g} to {high:g}; take a smaller step, or "
            f"the one value [{low:g}]"
        )


def _even(low: float, high: float, count: int) -> FloatArray:
    found: FloatArray = np.linspace(low, high, count)
    return found


def _geometric(low: float, high: float, count: int) -> FloatArray:
    found: FloatArray = np.geomspace(low, high, count, dtype=np.float64)
    return found


def _tidy(values: FloatArray) -> FloatArray:
    """Return even steps as they are written: 0.3 where 0.1 + 2 * 0.1 is 0.30000000000000004."""
    digits = 14 - math.floor(math.log10(max(abs(values[0]), abs(values[-1]))))
    exact = 0 <= digits <= 22  # powers of ten that a float64 holds
    if not exact or values[1] - values[0] < 10.0 ** (3 - digits):
        return values
    return np.concatenate([values[:1], np.round(values[1:], digits) + 0.0])  # no minus zero


def _picked(values: FloatArray, u: FloatArray) -> FloatArray:
    places = np.minimum((u * len(values)).astype(np.int64), len(values) - 1)
    return values[places]
