"""The readable reading of a strategy graph: plain loops, bar by bar.

The meaning of each node is in `docs/strategy-graph.md`. The order of additions and divisions is
part of it: running sums start at the first bar, as TA-Lib (0.6, `ta_SMA.c`, `ta_EMA.c`,
`ta_RSI.c`, `ta_ATR.c`) has them. Indicators: Wilder (1978), "New Concepts in Technical Trading
Systems", for RSI and ATR.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from hyprl_lab.engine.reference_indicators import (
    average_true_range,
    exponential_average,
    relative_strength,
    rolling_extreme,
    simple_average,
)
from hyprl_lab.errors import BarsError, StrategyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["Level", "Plan", "evaluate"]

Numbers: TypeAlias = list[float]
"""One float a bar, NaN where missing."""
Truths: TypeAlias = list[bool | None]
"""One truth value a bar, `None` where missing (Kleene logic)."""

SIGNALS: Final = ("long_entry", "long_exit", "short_entry", "short_exit")
LEVEL_KINDS: Final = ("percent", "distance")

_ARITHMETIC: Final[dict[str, Callable[[float, float], float]]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b if b != 0.0 else math.nan,
}
_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
    "equal": lambda a, b: a == b,
    "not_equal": lambda a, b: a != b,
}


@dataclass(frozen=True, slots=True)
class Level:
    """A stop or a target: how far from the fill, bar by bar."""

    kind: str
    amount: Numbers


@dataclass(frozen=True, slots=True)
class Plan:
    """What a strategy wants at the close of each bar; a missing signal is `False`."""

    long_entry: list[bool]
    long_exit: list[bool]
    short_entry: list[bool]
    short_exit: list[bool]
    stop_loss: Level | None
    take_profit: Level | None


def evaluate(
    graph: Mapping[str, JsonValue],
    columns: Mapping[str, FloatArray],
    params: Mapping[str, float],
) -> Plan:
    """Read a strategy graph over bars.

    Parameters
    ----------
    graph
        The form of `Strategy.to_json()`.
    columns
        Price and feature columns, all of one length.
    params
        A value for each parameter that a used node names.

    Raises
    ------
    StrategyError
        The graph is malformed, a parameter is unbound, or a window is not a whole number from 1
        to the number of bars; the message names the node.
    BarsError
        A column that the graph names is not there.
    """
    if graph.get("version") != 1:
        raise StrategyError(f"graph version is {graph.get('version')!r}; this engine reads 1")
    nodes = cast("list[dict[str, JsonValue]]", graph["nodes"])
    outputs = cast("dict[str, int | None]", graph["outputs"])
    if outputs.get("long_entry") is None and outputs.get("short_entry") is None:
        raise StrategyError("the graph has no entry; give it a long_entry or a short_entry")
    levels = {name: _level(graph, name) for name in ("stop_loss", "take_profit")}
    roots = [outputs.get(name) for name in SIGNALS] + [at for _, at in levels.values()]
    reading = _Reading(nodes, columns, params)
    reading.run([at for at in roots if at is not None])

    def signal(name: str) -> list[bool]:
        at = outputs.get(name)
        if at is None:
            return [False] * reading.bars
        return [value is True for value in reading.truths_at(at, f"output {name}")]

    def level(name: str) -> Level | None:
        kind, at = levels[name]
        return None if at is None else Level(kind, reading.numbers_at(at, name))

    return Plan(
        long_entry=signal("long_entry"),
        long_exit=signal("long_exit"),
        short_entry=signal("short_entry"),
        short_exit=signal("short_exit"),
        stop_loss=level("stop_loss"),
        take_profit=level("take_profit"),
    )


def _level(graph: Mapping[str, JsonValue], name: str) -> tuple[str, int | None]:
    data = cast("dict[str, JsonValue] | None", graph.get(name))
    if data is None:
        return "", None
    kind, at = data.get("kind"), data.get("node")
    if kind not in LEVEL_KINDS or not isinstance(at, int):
        raise StrategyError(
            f"{name} is {data!r}; expected kind {' or '.join(LEVEL_KINDS)} and a node index"
        )
    return str(kind), at


class _Reading:
    """The values of the nodes that matter, in topological order."""

    def __init__(
        self,
        nodes: list[dict[str, JsonValue]],
        columns: Mapping[str, FloatArray],
        params: Mapping[str, float],
    ) -> None:
        self.nodes = nodes
        self.columns = columns
        self.params = params
        self.bars = len(next(iter(columns.values())))
        self.numbers: dict[int, Numbers] = {}
        self.truths: dict[int, Truths] = {}
        self.fixed: dict[int, float] = {}  # constants and parameters: what a window may be
        self.at = 0

    def run(self, roots: list[int]) -> None:
        """Evaluate everything the roots depend on; other nodes are not read at all."""
        needed = set(roots)
        for index in range(len(self.nodes) - 1, -1, -1):
            if index in needed:
                needed.update(self._arguments(index))
        outside = sorted(index for index in needed if not 0 <= index < len(self.nodes))
        if outside:
            raise StrategyError(f"the graph names node {outside[0]}; it has {len(self.nodes)}")
        for self.at in sorted(needed):
            self._evaluate()

    def numbers_at(self, index: int, user: str) -> Numbers:
        """Return the values of a number node."""
        if index not in self.numbers:
            raise StrategyError(f"{user} needs a number; node {index} is {self._name(index)}")
        return self.numbers[index]

    def truths_at(self, index: int, user: str) -> Truths:
        """Return the values of a boolean node."""
        if index not in self.truths:
            raise StrategyError(f"{user} needs a condition; node {index} is {self._name(index)}")
        return self.truths[index]

    # One node

    def _evaluate(self) -> None:
        node, op = self.nodes[self.at], self.nodes[self.at].get("op")
        if op == "column":
            self.numbers[self.at] = self._column(str(node["name"]))
        elif op == "constant":
            self._hold(float(cast("float", node["value"])))
        elif op == "parameter":
            self._hold(self._parameter(str(node["name"])))
        elif op == "shift":
            self._shift()
        elif op in _ARITHMETIC or op == "negate":
            self._arithmetic(str(op))
        elif op in _COMPARISONS:
            self._comparison(_COMPARISONS[str(op)])
        elif op in {"and", "or", "not"}:
            self._logic(str(op))
        elif op in {"crosses_above", "crosses_below"}:
            self._cross(above=op == "crosses_above")
        elif op in {"sma", "ema", "rsi", "atr", "highest", "lowest"}:
            self._indicator(str(op))
        else:
            raise StrategyError(f"node {self.at} has the unknown op {op!r}")

    def _column(self, name: str) -> Numbers:
        if name not in self.columns:
            raise BarsError(
                f"{self._name(self.at)} reads column {name!r}; the bars have {sorted(self.columns)}"
            )
        values: Numbers = self.columns[name].tolist()
        return values

    def _parameter(self, name: str) -> float:
        if name not in self.params:
            raise StrategyError(
                f"{self._name(self.at)}: parameter {name!r} has no value; "
                f"given are {sorted(self.params)}"
            )
        return float(self.params[name])

    def _hold(self, value: float) -> None:
        if not math.isfinite(value):
            raise StrategyError(f"{self._name(self.at)} is {value}; expected a finite number")
        self.fixed[self.at] = value
        self.numbers[self.at] = [value] * self.bars

    def _shift(self) -> None:
        (source,) = self._take(1)
        back = self.nodes[self.at].get("bars")
        if isinstance(back, bool) or not isinstance(back, int) or back < 0:
            raise StrategyError(f"{self._name(self.at)} by {back!r}; expected whole bars >= 0")
        keep = max(self.bars - back, 0)
        gap = self.bars - keep
        if source in self.truths:
            missing: Truths = [None] * gap
            self.truths[self.at] = missing + self.truths[source][:keep]
        else:
            self.numbers[self.at] = [math.nan] * gap + self.numbers[source][:keep]

    def _arithmetic(self, op: str) -> None:
        if op == "negate":
            (left,) = self._number_arguments(1)
            values = [-a for a in left]
        else:
            left, right = self._number_arguments(2)
            work = _ARITHMETIC[op]
            values = [_finite(work(a, b)) for a, b in zip(left, right, strict=True)]
        self.numbers[self.at] = values

    def _comparison(self, holds: Callable[[float, float], bool]) -> None:
        left, right = self._number_arguments(2)
        self.truths[self.at] = [
            None if math.isnan(a) or math.isnan(b) else holds(a, b)
            for a, b in zip(left, right, strict=True)
        ]

    def _logic(self, op: str) -> None:
        series = [
            self.truths_at(index, self._name(self.at))
            for index in self._take(1 if op == "not" else 2)
        ]
        if op == "not":
            self.truths[self.at] = [None if a is None else not a for a in series[0]]
            return
        decisive = op == "or"  # true decides an `or`, false an `and`, whatever the other is
        self.truths[self.at] = [
            decisive if decisive in {a, b} else None if None in {a, b} else not decisive
            for a, b in zip(*series, strict=True)
        ]

    def _cross(self, *, above: bool) -> None:
        left, right = self._number_arguments(2)
        crossed: Truths = [None]
        for t in range(1, self.bars):
            a0, b0, a1, b1 = left[t - 1], right[t - 1], left[t], right[t]
            if any(math.isnan(value) for value in (a0, b0, a1, b1)):
                crossed.append(None)
            else:
                crossed.append(a0 <= b0 and a1 > b1 if above else a0 >= b0 and a1 < b1)
        self.truths[self.at] = crossed

    def _indicator(self, op: str) -> None:
        if op == "atr":
            window = self._window(self._take(1)[0])
            high, low, close = (self._column(name) for name in ("high", "low", "close"))
            self.numbers[self.at] = average_true_range(high, low, close, window)
            return
        source, at = self._take(2)
        values, window = self.numbers_at(source, self._name(self.at)), self._window(at)
        if op in {"highest", "lowest"}:
            self.numbers[self.at] = rolling_extreme(values, window, max if op == "highest" else min)
        else:
            average = {
                "sma": simple_average,
                "ema": exponential_average,
                "rsi": relative_strength,
            }[op]
            self.numbers[self.at] = average(values, window)

    # Arguments

    def _window(self, index: int) -> int:
        name = self._name(self.at)
        if index not in self.fixed:
            raise StrategyError(
                f"{name}: its window is {self._name(index)}; expected a constant or a parameter"
            )
        window = self.fixed[index]
        if window != math.floor(window) or not 1.0 <= window <= self.bars:
            raise StrategyError(
                f"{name}: window {window:g}; expected a whole number from 1 to the "
                f"{self.bars} bars there are"
            )
        return int(window)

    def _number_arguments(self, count: int) -> list[Numbers]:
        return [self.numbers_at(index, self._name(self.at)) for index in self._take(count)]

    def _take(self, count: int) -> list[int]:
        arguments = self._arguments(self.at)
        if len(arguments) != count:
            raise StrategyError(
                f"{self._name(self.at)} has {len(arguments)} arguments; it takes {count}"
            )
        return arguments

    def _arguments(self, index: int) -> list[int]:
        arguments = cast("list[int]", self.nodes[index].get("args", []))
        for argument in arguments:
            if not 0 <= argument < index:
                raise StrategyError(
                    f"{self._name(index)} uses node {argument}; arguments must come before it"
                )
        return list(arguments)

    def _name(self, index: int) -> str:
        return f"node {index} ({self.nodes[index].get('op')})"


def _finite(value: float) -> float:
    return value if math.isfinite(value) else math.nan
