"""What a run's strategy read and said at each bar, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.research.features import matrix
from hyprl_lab.strategy.document import OUTPUTS
from hyprl_lab.strategy.features import Features

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from hyprl_lab.engine.result import Result
    from hyprl_lab.strategy.expression import Expr
    from hyprl_lab.strategy.strategy import Strategy

__all__ = ["run_features"]

_GIVEN: Final = frozenset({"column", "constant", "parameter"})


def run_features(result: Result) -> pa.Table:
    """Return the conditions of a run's strategy and the numbers they are made of, a row a bar.

    A condition has the name of its output (`long_entry`, …); a number that a condition compares,
    other than a column, a constant or a parameter, that of its operation and its place among
    those (`sma_1`, `sma_2`), in the order of the graph. Values are those of `hl.features.matrix`:
    null where missing.

    Examples
    --------
    >>> import hyprl_lab as hl
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> result = hl.backtest(hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20})
    >>> run_features(result).column_names
    ['ts', 'long_entry', 'long_exit', 'sma_1', 'sma_2']
    """
    expressions = _expressions(result.strategy)
    used = set(Features(expressions).graph.parameters)
    params = {name: value for name, value in result.params.items() if name in used}
    return matrix(result.bars, expressions, params=params, engine=result.engine)


def _expressions(strategy: Strategy) -> dict[str, Expr]:
    outputs = {
        name: found for name in OUTPUTS if (found := getattr(strategy, name, None)) is not None
    }
    numbers = [number for found in outputs.values() for number in _compared(found)]
    named = {f"read_{place}": number for place, number in enumerate(numbers)}
    roots = Features({**outputs, **named}).graph.roots
    found = dict(outputs)
    seen: set[int] = set()
    counts: dict[str, int] = {}
    for place, number in enumerate(numbers):
        node = roots[f"read_{place}"]  # equal expressions are one node
        if node not in seen:
            seen.add(node)
            counts[number.op] = counts.get(number.op, 0) + 1
            found[f"{number.op}_{counts[number.op]}"] = number
    return found


def _compared(condition: Expr) -> Iterator[Expr]:
    """Yield the numbers that a condition's booleans are made of, from left to right."""
    waiting = [condition]
    seen: set[int] = set()
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        if found.kind == "boolean":
            waiting.extend(reversed(found.args))
        elif found.op not in _GIVEN:
            yield found
