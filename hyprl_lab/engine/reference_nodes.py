"""The readable reading of nodes: each after its arguments, over all bars.

A node that stands under `on` is read a second time, over the bars of the longer timeframe: that
is a `Reading` of its own, which knows nothing of the one that asked.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, cast

from hyprl_lab.engine.reference_conditions import (
    COMPARISONS,
    both,
    compare,
    crosses,
    either,
    held_for,
    opposite,
)
from hyprl_lab.engine.reference_longer import Buckets
from hyprl_lab.engine.reference_numbers import (
    ARITHMETIC,
    choose,
    combine,
    finite_or_missing,
    smaller_or_larger,
)
from hyprl_lab.engine.reference_operations import OPERATIONS, Condition, Number, Window
from hyprl_lab.engine.reference_probability import Logistic
from hyprl_lab.errors import BarsError, StrategyError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hyprl_lab.engine.reference_operations import Operation, Scalar
    from hyprl_lab.engine.simulation import SimulationInputs
    from hyprl_lab.engine.watch import Watch
    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["Reading"]

CONDITIONS: Final = ("and", "or", "not", "crosses_above", "crosses_below", "held_for")
CLOCK: Final = ("minute_of_day", "weekday", "bar_of_session")


class Reading:
    """The values of the nodes that matter, in topological order.

    Parameters
    ----------
    inputs
        The columns, the parameters' values, the clock and the longer bars.
    nodes
        The graph's `nodes`.
    buckets
        The longer bars that the nodes are read over; `None` for the bars at hand.
    watch
        Asked before each node whether to stop.

    Attributes
    ----------
    numbers
        By node, a number a bar: NaN where missing.
    truths
        By node, a truth value a bar: `None` where missing.
    fixed
        The value of constants and parameters: what a window or a time stop may be.
    """

    def __init__(
        self,
        inputs: SimulationInputs,
        nodes: list[dict[str, JsonValue]],
        buckets: Buckets | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.inputs = inputs
        self.nodes = nodes
        self.buckets = buckets
        self.watch = watch
        self.bars = len(inputs.ts) if buckets is None else len(buckets.rows)
        self.numbers: dict[int, list[float]] = {}
        self.truths: dict[int, list[bool | None]] = {}
        self.fixed: dict[int, float] = {}
        self.longer: dict[str, Reading] = {}

    def run(self, roots: Iterable[int]) -> None:
        """Evaluate everything the roots depend on; other nodes are not read at all."""
        needed = set(roots)
        outside = sorted(index for index in needed if not 0 <= index < len(self.nodes))
        if outside:
            raise StrategyError(
                f"the graph names node {outside[0]}; it has nodes 0 to {len(self.nodes) - 1}"
            )
        for index in range(len(self.nodes) - 1, -1, -1):
            if index in needed and self._op(index) != "on":  # its argument is read elsewhere
                needed.update(self._arguments(index))
        for index in sorted(needed):
            if index not in self.numbers and index not in self.truths:
                if self.watch is not None:
                    self.watch.check(0, len(self.inputs.ts))
                self._evaluate(index)

    def numbers_at(self, index: int, user: str) -> list[float]:
        """Return the values of a number node that `user` reads."""
        if index not in self.numbers:
            raise StrategyError(f"{user} needs a number; node {index} is {self.name(index)}")
        return self.numbers[index]

    def truths_at(self, index: int, user: str) -> list[bool | None]:
        """Return the values of a condition that `user` reads."""
        if index not in self.truths:
            raise StrategyError(f"{user} needs a condition; node {index} is {self.name(index)}")
        return self.truths[index]

    def name(self, index: int) -> str:
        """Return what messages call a node."""
        return f"node {index} ({self._op(index)})"

    # One node

    def _evaluate(self, index: int) -> None:
        op = self._op(index)
        if op in {"constant", "parameter"}:
            self._hold(index, op)
        elif op == "on":
            self._on(index)
        elif op == "shift":
            self._shift(index)
        elif op in COMPARISONS or op in CONDITIONS:
            self.truths[index] = self._condition(index, op)
        else:
            self.numbers[index] = self._number(index, op)

    def _number(self, index: int, op: str) -> list[float]:
        if op == "column":
            self._take(index, 0)
            return self._column(str(self.nodes[index].get("name")), index)
        if op in CLOCK:
            self._take(index, 0)
            return self._clock(op, index)
        if op in {"negate", "absolute"}:
            (values,) = self._numbers(index, 1)
            return [-a if op == "negate" else abs(a) for a in values]
        if op in ARITHMETIC:
            left, right = self._numbers(index, 2)
            return combine(left, right, ARITHMETIC[op])
        if op in {"minimum", "maximum"}:
            left, right = self._numbers(index, 2)
            return smaller_or_larger(left, right, larger=op == "maximum")
        if op == "where":
            at, one, other = self._take(index, 3)
            chosen, otherwise = (self.numbers_at(a, self.name(index)) for a in (one, other))
            return choose(self.truths_at(at, self.name(index)), chosen, otherwise)
        if op == "probability":
            return self._probability(index)
        if op in OPERATIONS:
            return finite_or_missing(self._operation(index, OPERATIONS[op]))
        raise StrategyError(f"node {index} has the unknown op {op!r}")

    def _operation(self, index: int, operation: Operation) -> list[float]:
        name = self.name(index)
        at = self._take(index, len(operation.slots))
        read: list[object] = [self._column(column, index) for column in operation.columns]
        for argument, slot in zip(at, operation.slots, strict=True):
            if isinstance(slot, Number):
                read.append(self.numbers_at(argument, name))
            elif isinstance(slot, Condition):
                read.append(self.truths_at(argument, name))
            elif isinstance(slot, Window):
                read.append(self._window(index, argument, slot.name))
            else:
                read.append(self._scalar(index, argument, slot))
        return operation.work(*read)

    def _condition(self, index: int, op: str) -> list[bool | None]:
        if op in COMPARISONS:
            left, right = self._numbers(index, 2)
            return compare(left, right, COMPARISONS[op])
        if op in {"crosses_above", "crosses_below"}:
            left, right = self._numbers(index, 2)
            return crosses(left, right, above=op == "crosses_above")
        if op == "held_for":
            at, window = self._take(index, 2)
            return held_for(self.truths_at(at, self.name(index)), self._window(index, window))
        if op == "not":
            (at,) = self._take(index, 1)
            return opposite(self.truths_at(at, self.name(index)))
        one, other = (self.truths_at(at, self.name(index)) for at in self._take(index, 2))
        return both(one, other) if op == "and" else either(one, other)

    def _hold(self, index: int, op: str) -> None:
        self._take(index, 0)
        if op == "constant":
            given = self.nodes[index].get("value")
            if isinstance(given, bool) or not isinstance(given, int | float):
                raise StrategyError(f"{self.name(index)} is {given!r}; expected a number")
            value = float(given)
        else:
            name = str(self.nodes[index].get("name"))
            params = self.inputs.params
            if name not in params:
                raise StrategyError(
                    f"{self.name(index)}: parameter {name!r} has no value; "
                    f"given are {sorted(params)}"
                )
            value = float(params[name])
        if not math.isfinite(value):
            raise StrategyError(f"{self.name(index)} is {value}; expected a finite number")
        self.fixed[index] = value
        self.numbers[index] = [value] * self.bars

    def _shift(self, index: int) -> None:
        (source,) = self._take(index, 1)
        back = self.nodes[index].get("bars")
        if isinstance(back, bool) or not isinstance(back, int) or back < 0:
            raise StrategyError(f"{self.name(index)} by {back!r}; expected whole bars >= 0")
        keep = max(self.bars - back, 0)
        gap = self.bars - keep
        if source in self.truths:
            missing: list[bool | None] = [None] * gap
            self.truths[index] = missing + self.truths[source][:keep]
        else:
            self.numbers[index] = [math.nan] * gap + self.numbers[source][:keep]

    def _on(self, index: int) -> None:
        if self.buckets is not None:
            raise StrategyError(f"{self.name(index)} can't stand inside another on")
        (source,) = self._take(index, 1)
        timeframe = str(self.nodes[index].get("timeframe"))
        if timeframe not in self.longer:
            if timeframe not in self.inputs.longer:
                raise BarsError(
                    f"{self.name(index)} reads {timeframe!r} bars; "
                    f"given are {sorted(self.inputs.longer)}"
                )
            buckets = Buckets.read(timeframe, self.inputs.longer[timeframe], self.bars)
            self.longer[timeframe] = Reading(self.inputs, self.nodes, buckets, self.watch)
        reading = self.longer[timeframe]
        reading.run([source])
        buckets = cast("Buckets", reading.buckets)
        if source in reading.truths:
            self.truths[index] = buckets.handed_down(reading.truths[source], None)
        else:
            self.numbers[index] = buckets.handed_down(reading.numbers[source], math.nan)

    def _probability(self, index: int) -> list[float]:
        if self.buckets is not None:
            raise StrategyError(f"{self.name(index)} can't stand inside on")
        features = self._numbers(index, None)
        model = Logistic.read(self.nodes[index].get("model"), len(features), self.name(index))
        return model.probabilities(features, self.inputs.ts.tolist())

    # What nodes read

    def _column(self, name: str, index: int) -> list[float]:
        columns = self.inputs.columns
        if name not in columns:
            raise BarsError(
                f"{self.name(index)} reads column {name!r}; the bars have {sorted(columns)}"
            )
        values = self._series(columns[name], f"column {name!r}")
        return values if self.buckets is None else self.buckets.merged(name, values)

    def _clock(self, op: str, index: int) -> list[float]:
        if self.buckets is not None:
            raise StrategyError(f"{self.name(index)} can't stand inside on")
        clock = self.inputs.clock
        if op not in clock:
            raise BarsError(f"{self.name(index)} reads the clock; given of it are {sorted(clock)}")
        return self._series(clock[op], op)

    def _series(self, values: FloatArray, name: str) -> list[float]:
        bars = len(self.inputs.ts)
        if len(values) != bars:
            raise BarsError(f"{name} has {len(values)} values; there are {bars} bars")
        series: list[float] = values.tolist()
        return series

    def _window(self, index: int, at: int, slot: str = "window") -> int:
        window = self._fixed(index, at, slot)
        if window != math.floor(window) or not 1.0 <= window <= self.bars:
            raise StrategyError(
                f"{self.name(index)}: {slot} {window:g}; expected a whole number from 1 to the "
                f"{self.bars} bars there are"
            )
        return int(window)

    def _scalar(self, index: int, at: int, slot: Scalar) -> float:
        value = self._fixed(index, at, slot.name)
        if not slot.allowed(value):
            raise StrategyError(
                f"{self.name(index)}: {slot.name} {value:g}; expected {slot.expected}"
            )
        return value

    def _fixed(self, index: int, at: int, slot: str) -> float:
        if at not in self.fixed:
            raise StrategyError(
                f"{self.name(index)}: its {slot} is {self.name(at)}; "
                "expected a constant or a parameter"
            )
        return self.fixed[at]

    def _numbers(self, index: int, count: int | None) -> list[list[float]]:
        arguments = self._arguments(index) if count is None else self._take(index, count)
        return [self.numbers_at(at, self.name(index)) for at in arguments]

    def _take(self, index: int, count: int) -> list[int]:
        arguments = self._arguments(index)
        if len(arguments) != count:
            raise StrategyError(
                f"{self.name(index)} has {len(arguments)} arguments; it takes {count}"
            )
        return arguments

    def _arguments(self, index: int) -> list[int]:
        arguments = cast("list[int]", self.nodes[index].get("args", []))
        for argument in arguments:
            if not 0 <= argument < index:
                raise StrategyError(
                    f"{self.name(index)} uses node {argument}; arguments must come before it"
                )
        return list(arguments)

    def _op(self, index: int) -> str:
        return str(self.nodes[index].get("op"))
