"""Search spaces as people type them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.cli.inputs import number
from hyprl_lab.cli.strict_json import parse, read_json
from hyprl_lab.errors import SpaceError
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hyprl_lab.types import JsonValue

__all__ = ["space_from"]

_MOST_VALUES: Final = 10_000_000


def space_from(assignments: Iterable[str]) -> dict[str, Any]:
    """Return a search space, each part written in one of these ways.

    - `name=low:high[:step]`, both ends in; fractional ends without a step are all between them,
      which a sampler draws from.
    - `name=low:high:log` and `name=low:high:count:log`: even in the logarithm.
    - `name=a,b,c`: these values.
    - JSON, as text or in a file: an object with the values of each name, as a list,
      `{"start", "stop", "step"}`, or `{"kind": "floats", "low", "high", "when", …}`.

    Raises
    ------
    SpaceError
        A part is malformed, empty, or gives a name a second time.

    Examples
    --------
    >>> space_from(["fast=2:5", "slow=20:60:20", "n=3,7"])
    {'fast': range(2, 6), 'slow': range(20, 61, 20), 'n': [3, 7]}
    >>> space_from(["k=1:2:0.5"])["k"].values.tolist()
    [1.0, 1.5, 2.0]
    >>> space_from(["k=1:100:3:log"])["k"].values.tolist()
    [1.0, 10.0, 100.0]
    """
    space: dict[str, Any] = {}
    for assignment in assignments:
        for name, values in _parts(assignment).items():
            if name in space:
                raise SpaceError(f"--space {shown(name)} is given twice; give it once")
            space[name] = values
    return space


def _parts(assignment: str) -> dict[str, Any]:
    if assignment.lstrip().startswith("{"):
        return _json(parse(assignment, "--space", SpaceError))
    if "=" not in assignment and Path(assignment).suffix.lower() == ".json":
        return _json(read_json(assignment))
    name, equals, values = assignment.partition("=")
    if not equals or not name.strip():
        raise SpaceError(f"--space {shown(assignment)}: expected name=low:high, as in fast=2:100")
    return {name.strip(): _values(f"--space {shown(assignment)}", values)}


def _json(data: JsonValue) -> dict[str, Any]:
    from hyprl_lab.research.space import space_from_json

    if not isinstance(data, dict):
        raise SpaceError(
            f'--space: found {type(data).__name__}; expected an object, as in {{"fast": [5, 10]}}'
        )
    space, _ = space_from_json({"axes": [[name, held] for name, held in data.items()]})
    return dict(space)


def _values(option: str, values: str) -> Any:
    from hyprl_lab.research.space import floats, ints

    parts = values.split(":")
    if len(parts) == 1:
        return [number(option, value) for value in values.split(",")]
    log = parts[-1].strip() == "log"
    low, high, *cut = (number(option, part) for part in (parts[:-1] if log else parts))
    if len(cut) > 1:
        raise SpaceError(f"{option}: expected low:high, low:high:step or low:high:count:log")
    whole = all(isinstance(value, int) for value in (low, high))
    if log:
        count: Any = cut[0] if cut else None  # a fraction of a count is refused there
        if whole:
            return ints(int(low), int(high), count=count, log=True)
        return floats(low, high, count=count, log=True)
    if not whole and not cut:
        return floats(low, high)
    step = cut[0] if cut else 1
    if step <= 0 or high < low:
        raise SpaceError(f"{option}: expected low <= high and a step above 0")
    if (high - low) / step > _MOST_VALUES:
        raise SpaceError(
            f"{option}: {(high - low) / step:.3g} values; at most {_MOST_VALUES:,} can be searched "
            "one by one: take a wider step"
        )
    if whole and isinstance(step, int):
        return range(int(low), int(high) + 1, step)
    return floats(low, high, step=step)
