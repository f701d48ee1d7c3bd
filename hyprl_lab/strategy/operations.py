"""The closed list of operations a graph may hold, one row each.

The meaning of every row is written down in `docs/strategy-graph.md`; the two engines
implement it. This table is what building, reading, hashing and explaining share.
"""

from __future__ import annotations

import math
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ARITHMETIC",
    "BAR_COLUMNS",
    "COMMUTATIVE",
    "OPERATIONS",
    "OWN_BARS_ONLY",
    "READS_BARS",
    "SESSION",
    "Attribute",
    "Domain",
    "Kind",
    "Lookback",
    "Operation",
    "Slot",
]

Kind: TypeAlias = Literal["number", "boolean"]
Slot: TypeAlias = Literal["number", "boolean", "any", "window", "scalar"]
Attribute: TypeAlias = Literal["name", "value", "bars", "timeframe", "model"]


class Lookback(Enum):
    """How many bars before t an operation itself reads, beyond its arguments.

    Of several windows the longest one counts.
    """

    NONE = "0"
    ONE = "1"
    BARS = "bars"
    WINDOW = "window"
    WINDOW_LESS_ONE = "window - 1"
    TWO_WINDOWS_LESS_ONE = "2 * window - 1"


class Domain(NamedTuple):
    """The numbers that a `scalar` slot takes.

    Parameters
    ----------
    text
        In words, after "expected a number".
    low, high
        Both ends included.
    """

    text: str
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Return whether a number is one of them.

        Examples
        --------
        >>> domain = OPERATIONS["quantile"].domain
        >>> domain.holds(0.5), domain.holds(2)
        (True, False)
        """
        return self.low <= value <= self.high


_FRACTION: Final = Domain("from 0 to 1", 0.0, 1.0)
_ABOVE_ZERO: Final = Domain("above 0", math.nextafter(0.0, 1.0), math.inf)


class Operation(NamedTuple):
    """One row of the table.

    Parameters
    ----------
    name
        The `op` of the JSON form.
    slots
        What each argument must be. `window` is a constant or a parameter, whole and at
        least 1, `scalar` one that lies in the row's domain; `any` is a number or a boolean.
    result
        The kind of the value; `None` means that of the first argument.
    lookback
        Bars of history the operation adds to the warm-up of its arguments.
    attribute
        The one key besides `op` and `args` that the node carries, if any.
    symbol
        How formulas print it between (or before) its arguments, if it has a symbol.
    repeats
        Whether its one slot may be filled any number of times, at least once.
    domain
        What its `scalar` slots take, if it has any.
    """

    name: str
    slots: tuple[Slot, ...]
    result: Kind | None
    lookback: Lookback = Lookback.NONE
    attribute: Attribute | None = None
    symbol: str | None = None
    repeats: bool = False
    domain: Domain | None = None

    def slots_for(self, count: int) -> tuple[Slot, ...]:
        """Return a slot for each of `count` arguments, if there may be that many.

        Otherwise the slots are those of the table, and their number differs from `count`.

        Examples
        --------
        >>> OPERATIONS["probability"].slots_for(3)
        ('number', 'number', 'number')
        >>> OPERATIONS["sma"].slots_for(3)
        ('number', 'window')
        """
        return self.slots * max(count, 1) if self.repeats else self.slots

    def places(self, slot: Slot) -> tuple[int, ...]:
        """Return which of the arguments stand in slots of one kind.

        Examples
        --------
        >>> OPERATIONS["macd"].places("window"), OPERATIONS["quantile"].places("scalar")
        ((1, 2), (2,))
        """
        return tuple(place for place, found in enumerate(self.slots) if found == slot)


_TWO_NUMBERS: Final[tuple[Slot, ...]] = ("number", "number")
_TWO_BOOLEANS: Final[tuple[Slot, ...]] = ("boolean", "boolean")
_SERIES: Final[tuple[Slot, ...]] = ("number", "window")
_PAIR: Final[tuple[Slot, ...]] = ("number", "number", "window")
_BARS: Final[tuple[Slot, ...]] = ("window",)

_ROWS: Final = (
    Operation("column", (), "number", attribute="name"),
    Operation("constant", (), "number", attribute="value"),
    Operation("parameter", (), "number", attribute="name"),
    Operation("add", _TWO_NUMBERS, "number", symbol="+"),
    Operation("subtract", _TWO_NUMBERS, "number", symbol="-"),
    Operation("multiply", _TWO_NUMBERS, "number", symbol="*"),
    Operation("divide", _TWO_NUMBERS, "number", symbol="/"),
    Operation("negate", ("number",), "number", symbol="-"),
    Operation("less", _TWO_NUMBERS, "boolean", symbol="<"),
    Operation("less_equal", _TWO_NUMBERS, "boolean", symbol="<="),
    Operation("greater", _TWO_NUMBERS, "boolean", symbol=">"),
    Operation("greater_equal", _TWO_NUMBERS, "boolean", symbol=">="),
    Operation("equal", _TWO_NUMBERS, "boolean", symbol="=="),
    Operation("not_equal", _TWO_NUMBERS, "boolean", symbol="!="),
    Operation("and", _TWO_BOOLEANS, "boolean", symbol="&"),
    Operation("or", _TWO_BOOLEANS, "boolean", symbol="|"),
    Operation("not", ("boolean",), "boolean", symbol="~"),
    Operation("shift", ("any",), None, Lookback.BARS, attribute="bars"),
    Operation("crosses_above", _TWO_NUMBERS, "boolean", Lookback.ONE),
    Operation("crosses_below", _TWO_NUMBERS, "boolean", Lookback.ONE),
    Operation("sma", _SERIES, "number", Lookback.WINDOW_LESS_ONE),
    Operation("ema", _SERIES, "number", Lookback.WINDOW_LESS_ONE),
    Operation("rsi", _SERIES, "number", Lookback.WINDOW),
    Operation("atr", ("window",), "number", Lookback.WINDOW),
    Operation("highest", _SERIES, "number", Lookback.WINDOW_LESS_ONE),
    Operation("lowest", _SERIES, "number", Lookback.WINDOW_LESS_ONE),
    Operation("sum", _SERIES, "number", Lookback.WINDOW_LESS_ONE),
    Operation("stdev", _SERIES, "number", Lookback.WINDOW_LESS_ONE),
    Operation("minimum", _TWO_NUMBERS, "number"),
    Operation("maximum", _TWO_NUMBERS, "number"),
    Operation("absolute", ("number",), "number"),
    Operation("where", ("boolean", "number", "number"), "number"),
    Operation("bars_since", ("boolean",), "number"),
    Operation("held_for", ("boolean", "window"), "boolean", Lookback.WINDOW_LESS_ONE),
    Operation("minute_of_day", (), "number"),
    Operation("weekday", (), "number"),
    Operation("bar_of_session", (), "number"),
    Operation("on", ("any",), None, attribute="timeframe"),
    Operation("probability", ("number",), "number", attribute="model", repeats=True),
    Operation("wma", _SERIES, "number", Lookback.WINDOW_LESS_ONE),
    Operation("trima", _SERIES, "number", Lookback.WINDOW_LESS_ONE),
    Operation("kama", _SERIES, "number", Lookback.WINDOW),
    Operation("macd", ("number", "window", "window"), "number", Lookback.WINDOW_LESS_ONE),
    Operation("ewm", _SERIES, "number", Lookback.WINDOW_LESS_ONE),
    Operation("lag", _SERIES, "number", Lookback.WINDOW),
    Operation("cci", _SERIES, "number", Lookback.WINDOW_LESS_ONE),
    Operation("cmo", _SERIES, "number", Lookback.WINDOW),
    Operation("plus_di", _BARS, "number", Lookback.WINDOW),
    Operation("minus_di", _BARS, "number", Lookback.WINDOW),
    Operation("dx", _BARS, "number", Lookback.WINDOW),
    Operation("adx", _BARS, "number", Lookback.TWO_WINDOWS_LESS_ONE),
    Operation("sar", ("scalar", "scalar"), "number", Lookback.ONE, domain=_ABOVE_ZERO),
    Operation("supertrend_line", ("number", "number", "number"), "number"),
    Operation("supertrend_direction", ("number", "number", "number"), "number"),
    Operation("since_highest", _SERIES, "number", Lookback.WINDOW),
    Operation("since_lowest", _SERIES, "number", Lookback.WINDOW),
    Operation("variance", _SERIES, "number", Lookback.WINDOW_LESS_ONE),
    Operation(
        "quantile",
        ("number", "window", "scalar"),
        "number",
        Lookback.WINDOW_LESS_ONE,
        domain=_FRACTION,
    ),
    Operation("rank", _SERIES, "number", Lookback.WINDOW_LESS_ONE),
    Operation("linearreg", _SERIES, "number", Lookback.WINDOW_LESS_ONE),
    Operation("linearreg_slope", _SERIES, "number", Lookback.WINDOW_LESS_ONE),
    Operation("correl", _PAIR, "number", Lookback.WINDOW_LESS_ONE),
    Operation("beta", _PAIR, "number", Lookback.WINDOW),
    Operation("obv", _TWO_NUMBERS, "number"),
    Operation("cumulative_sum", ("number",), "number"),
    Operation("sum_since", ("boolean", "number"), "number"),
)

OPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType({row.name: row for row in _ROWS})

ARITHMETIC: Final = frozenset(
    {"add", "subtract", "multiply", "divide", "negate", "minimum", "maximum", "absolute"}
)
"""What is worked out at once where every argument is a constant."""

COMMUTATIVE: Final = frozenset(
    {"add", "multiply", "and", "or", "equal", "not_equal", "minimum", "maximum"}
)

SESSION: Final = frozenset({"minute_of_day", "weekday", "bar_of_session"})
"""What is read off the stamps and the calendar."""

_RANGE: Final = ("high", "low", "close")

BAR_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {**dict.fromkeys(("atr", "plus_di", "minus_di", "dx", "adx"), _RANGE), "sar": ("high", "low")}
)
"""The columns that an operation reads without having them as arguments."""

READS_BARS: Final = SESSION | BAR_COLUMNS.keys() | {"column"}
"""What reads the bar at t itself, not only through its arguments."""

OWN_BARS_ONLY: Final = SESSION | {"on", "probability"}
"""What can't be asked of the bars of a longer timeframe."""
