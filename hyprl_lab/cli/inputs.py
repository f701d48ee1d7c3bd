"""What people type, turned into what the library takes: bars, strategies, parameters, spaces."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import ConfigError, InputError, SpaceError, StrategyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hyprl_lab.data import Bars
    from hyprl_lab.engine.config import Risk
    from hyprl_lab.strategy import Strategy
    from hyprl_lab.types import JsonValue

__all__ = ["bars_from", "parameters_from", "read_json", "risk_from", "space_from", "strategy_from"]

_MOST_VALUES: Final = 10_000_000


def bars_from(
    source: str,
    *,
    symbol: str | None = None,
    timeframe: str | None = None,
    tz: str | None = None,
    start: str | None = None,
    end: str | None = None,
) -> Bars:
    """Return the bars a name or a file stands for.

    Parameters
    ----------
    source
        A data set that ships (`sp500`), or the path of a CSV or Parquet file.
    symbol, timeframe, tz
        Say what a file does not; `tz` is the zone of naive timestamps.
    start, end
        Timestamps in UTC that cut the bars, the end exclusive.
    """
    from hyprl_lab.data import load_bars, read_bars

    if Path(source).suffix.lower() in {".csv", ".parquet"}:
        bars = read_bars(Path(source), symbol=symbol, timeframe=timeframe, tz=tz)
    else:
        bars = load_bars(source)
    return bars if start is None and end is None else bars.slice(start, end)


def strategy_from(source: str) -> Strategy:
    """Return a built-in strategy by name, or the one whose JSON form a file holds."""
    from hyprl_lab.strategy import Strategy, builtin

    if Path(source).suffix.lower() == ".json":
        data = read_json(source)
        if not isinstance(data, dict):
            raise StrategyError(f"{source} holds {type(data).__name__}; expected a JSON object")
        return Strategy.from_json(data)
    return builtin.get(source)


def risk_from(source: str) -> Risk:
    """Return a risk model: `all_in`, `risk_pct=0.01`, or a JSON file of its parameters.

    Examples
    --------
    >>> risk_from("fixed_fraction=0.5")
    FixedFraction(fraction=0.5)
    """
    from hyprl_lab.engine.config import risk_from_json

    if Path(source).suffix.lower() == ".json":
        data = read_json(source)
        if not isinstance(data, dict):
            raise ConfigError(f"{source} holds {type(data).__name__}; expected a JSON object")
        return risk_from_json(data)
    model, equals, value = source.partition("=")
    settings: dict[str, JsonValue] = {"model": model.strip()}
    if equals:
        name = {"fixed_fraction": "fraction"}.get(model.strip(), model.strip())
        settings[name] = number(source, value)
    return risk_from_json(settings)


def parameters_from(assignments: Iterable[str]) -> dict[str, int | float]:
    """Return parameters written as `name=value`.

    Raises
    ------
    StrategyError
        An assignment is malformed, or a name is given twice.

    Examples
    --------
    >>> parameters_from(["fast=10", "k=2.5"])
    {'fast': 10, 'k': 2.5}
    """
    found: dict[str, int | float] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals or not name.strip():
            raise StrategyError(f"--param {assignment!r}: expected name=value, as in fast=10")
        if name.strip() in found:
            raise StrategyError(f"--param {name.strip()!r} is given twice; give it once")
        found[name.strip()] = number(f"--param {assignment}", value)
    return found


def space_from(assignments: Iterable[str]) -> dict[str, Sequence[int | float]]:
    """Return a search space written as `name=low:high[:step]` (both ends in) or `name=a,b,c`.

    Raises
    ------
    SpaceError
        A range is malformed, empty, or a fractional one has no step.

    Examples
    --------
    >>> space_from(["fast=2:5", "slow=20:60:20", "k=1:2:0.5", "n=3,7"])
    {'fast': range(2, 6), 'slow': range(20, 61, 20), 'k': [1.0, 1.5, 2.0], 'n': [3, 7]}
    """
    space: dict[str, Sequence[int | float]] = {}
    for assignment in assignments:
        name, equals, values = assignment.partition("=")
        if not equals or not name.strip():
            raise SpaceError(f"--space {assignment!r}: expected name=low:high, as in fast=2:100")
        if name.strip() in space:
            raise SpaceError(f"--space {name.strip()!r} is given twice; give it once")
        space[name.strip()] = _values(assignment, values)
    if not space:
        raise SpaceError("no --space given; give one for each parameter, as in --space fast=2:100")
    return space


def _values(assignment: str, values: str) -> Sequence[int | float]:
    parts = values.split(":")
    if len(parts) == 1:
        return [number(f"--space {assignment}", value) for value in values.split(",")]
    if len(parts) > 3:
        raise SpaceError(f"--space {assignment!r}: expected low:high or low:high:step")
    low, high, *steps = (number(f"--space {assignment}", part) for part in parts)
    whole = all(isinstance(value, int) for value in (low, high, *steps))
    if not whole and not steps:
        raise SpaceError(f"--space {assignment!r}: a fractional range needs a step: low:high:step")
    step = steps[0] if steps else 1
    if step <= 0 or high < low:
        raise SpaceError(f"--space {assignment!r}: expected low <= high and a step above 0")
    if isinstance(low, int) and isinstance(high, int) and isinstance(step, int):
        return range(low, high + 1, step)
    if (high - low) / step > _MOST_VALUES:
        raise SpaceError(
            f"--space {assignment!r}: {(high - low) / step:.3g} values; at most {_MOST_VALUES:,} "
            "can be searched as a grid: take a wider step"
        )
    count = math.floor((high - low) / step * (1 + 1e-12)) + 1
    return [low + index * step for index in range(count)]


def number(where: str, value: str) -> int | float:
    """Return a finite number, whole where it is written so.

    Raises
    ------
    InputError
        The text is no finite number.
    """
    try:
        return int(value)
    except ValueError:
        pass
    try:
        found = float(value)
    except ValueError:
        raise InputError(f"{where}: {value!r} is no number") from None
    if not math.isfinite(found):
        raise InputError(f"{where}: {value!r} is not finite")
    return found


def read_json(path: str | Path) -> JsonValue:
    """Return what a JSON file holds.

    Raises
    ------
    InputError
        The file can't be read, or does not hold JSON; the message names the place.
    """
    try:
        held: JsonValue = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror}; check the path") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text; expected JSON") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: {error.msg}; expected JSON") from None
    return held
