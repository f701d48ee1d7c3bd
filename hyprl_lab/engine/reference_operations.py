"""The readable table of operations over many bars: what each reads, and what works it out.

Operations on the values of one bar, and conditions, are in `reference_nodes`, `reference_numbers`
and `reference_conditions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hyprl_lab.engine.reference_averages import (
    adaptive_average,
    average_difference,
    exponential_average,
    exponential_weights,
    simple_average,
    triangular_average,
    weighted_average,
)
from hyprl_lab.engine.reference_channel import (
    since_extreme,
    supertrend_direction,
    supertrend_line,
)
from hyprl_lab.engine.reference_conditions import bars_since
from hyprl_lab.engine.reference_directional import (
    average_directional_index,
    average_true_range,
    directional_index,
    minus_indicator,
    parabolic,
    plus_indicator,
)
from hyprl_lab.engine.reference_momentum import (
    channel_index,
    momentum_oscillator,
    relative_strength,
)
from hyprl_lab.engine.reference_regression import beta, correlation, line_end, line_slope
from hyprl_lab.engine.reference_rolling import (
    deviation,
    lag,
    quantile,
    rank,
    rolling_extreme,
    rolling_sum,
    variance,
)
from hyprl_lab.engine.reference_volume import balance_volume, cumulative_sum, sum_since

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OPERATIONS", "Condition", "Number", "Operation", "Scalar", "Window"]


@dataclass(frozen=True, slots=True)
class Number:
    """An argument that is a number a bar."""


@dataclass(frozen=True, slots=True)
class Condition:
    """An argument that is a condition."""


@dataclass(frozen=True, slots=True)
class Window:
    """An argument that is a whole number of bars: a constant or a parameter."""

    name: str = "window"


@dataclass(frozen=True, slots=True)
class Scalar:
    """An argument that is one number for all bars: a constant or a parameter.

    Parameters
    ----------
    name
        What messages call it.
    allowed
        Whether a value is one it can take.
    expected
        What is allowed, in words.
    """

    name: str
    allowed: Callable[[float], bool]
    expected: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation over many bars.

    Parameters
    ----------
    slots
        What its arguments are.
    work
        Given the columns, then the arguments, its values.
    columns
        The columns it reads itself.
    """

    slots: tuple[Number | Condition | Window | Scalar, ...]
    work: Callable[..., list[float]]
    columns: tuple[str, ...] = ()


_X: Final = Number()
_N: Final = Window()
_BAR: Final = ("high", "low", "close")

OPERATIONS: Final[dict[str, Operation]] = {
    # averages
    "sma": Operation((_X, _N), simple_average),
    "ema": Operation((_X, _N), exponential_average),
    "ewm": Operation((_X, _N), exponential_weights),
    "wma": Operation((_X, _N), weighted_average),
    "trima": Operation((_X, _N), triangular_average),
    "kama": Operation((_X, _N), adaptive_average),
    "macd": Operation((_X, Window("fast window"), Window("slow window")), average_difference),
    # momentum
    "rsi": Operation((_X, _N), relative_strength),
    "cmo": Operation((_X, _N), momentum_oscillator),
    "cci": Operation((_X, _N), channel_index),
    # rolling
    "sum": Operation((_X, _N), rolling_sum),
    "variance": Operation((_X, _N), variance),
    "stdev": Operation((_X, _N), deviation),
    "highest": Operation((_X, _N), lambda x, window: rolling_extreme(x, window, max)),
    "lowest": Operation((_X, _N), lambda x, window: rolling_extreme(x, window, min)),
    "quantile": Operation(
        (_X, _N, Scalar("q", lambda q: 0.0 <= q <= 1.0, "a number from 0 to 1")), quantile
    ),
    "rank": Operation((_X, _N), rank),
    "lag": Operation((_X, _N), lag),
    # regression
    "linearreg": Operation((_X, _N), line_end),
    "linearreg_slope": Operation((_X, _N), line_slope),
    "correl": Operation((_X, _X, _N), correlation),
    "beta": Operation((_X, _X, _N), beta),
    # volume and other totals
    "obv": Operation((_X, _X), balance_volume),
    "cumulative_sum": Operation((_X,), cumulative_sum),
    "sum_since": Operation((Condition(), _X), sum_since),
    "bars_since": Operation((Condition(),), bars_since),
    # directional movement, of the bar itself
    "atr": Operation((_N,), average_true_range, _BAR),
    "plus_di": Operation((_N,), plus_indicator, _BAR),
    "minus_di": Operation((_N,), minus_indicator, _BAR),
    "dx": Operation((_N,), directional_index, _BAR),
    "adx": Operation((_N,), average_directional_index, _BAR),
    "sar": Operation(
        (
            Scalar("acceleration", lambda step: step > 0.0, "a number above 0"),
            Scalar("maximum", lambda most: most > 0.0, "a number above 0"),
        ),
        parabolic,
        ("high", "low"),
    ),
    # channels
    "since_highest": Operation((_X, _N), lambda x, window: since_extreme(x, window, max)),
    "since_lowest": Operation((_X, _N), lambda x, window: since_extreme(x, window, min)),
    "supertrend_line": Operation((_X, _X, _X), supertrend_line),
    "supertrend_direction": Operation((_X, _X, _X), supertrend_direction),
}
"""By op, what it reads and what works it out."""
