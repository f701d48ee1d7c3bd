"""Spaces read back from what a study's specification says of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space.axes import Axis, choice, floats, ints
from hyprl_lab.strategy.wording import listed, shown

if TYPE_CHECKING:
    from hyprl_lab.types import JsonValue

__all__ = ["space_from_json"]

_RANGE: Final = {"start", "stop", "step"}


def space_from_json(
    document: Mapping[str, JsonValue],
) -> tuple[dict[str, Axis | range | list[float]], str | None]:
    """Return space and condition as a search takes them, from what `Points.to_json` wrote.

    Parameters
    ----------
    document
        With `axes` and `where`; other keys are the sampler's.

    Raises
    ------
    SpaceError
        It is no such document.

    Examples
    --------
    >>> space_from_json({"axes": [["fast", {"start": 2, "stop": 5, "step": 1}]], "where": None})
    ({'fast': range(2, 5)}, None)
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("axes"), list):
        raise SpaceError(
            f"space document is {shown(document)}; expected "
            '{"axes": [[name, values], ...], "where": text or null}'
        )
    space: dict[str, Axis | range | list[float]] = {}
    for row in document["axes"]:  # type: ignore[union-attr]  # a list, as said above
        if not isinstance(row, list) or len(row) != 2 or not isinstance(row[0], str):
            raise SpaceError(
                f"space document has {shown(row)} among its axes; expected [name, values]"
            )
        space[row[0]] = _axis(row[0], row[1])
    where = document.get("where")
    if where is not None and not isinstance(where, str):
        raise SpaceError(f"space document: where is {shown(where)}; expected text or null")
    return space, where


def _axis(name: str, written: JsonValue) -> Axis | range | list[float]:
    if isinstance(written, list):
        return written  # type: ignore[return-value]  # checked where it is given to a search
    fields: dict[str, Any] = dict(written) if isinstance(written, dict) else {}
    if set(fields) == _RANGE:
        return _range(name, fields)
    kind = fields.pop("kind", None)
    try:
        match kind:
            case "floats":
                return floats(**fields)
            case "ints":
                return ints(**fields)
            case "choice":
                values = fields.pop("values", [])
                return choice(
                    _range(name, values) if isinstance(values, dict) else values, **fields
                )
    except TypeError as error:  # a field too many, or one too few
        raise SpaceError(
            f"space document: {name!r} is {kind} with fields {listed(sorted(fields))}: {error}"
        ) from error
    raise SpaceError(
        f"space document: {name!r} is {shown(written)}; expected a list, a range "
        '{"start", "stop", "step"}, or {"kind": "floats" | "ints" | "choice", ...}'
    )


def _range(name: str, fields: Mapping[str, Any]) -> range:
    start, stop, step = (fields.get(key) for key in ("start", "stop", "step"))
    if not (isinstance(start, int) and isinstance(stop, int) and isinstance(step, int) and step):
        raise SpaceError(
            f"space document: {name!r} is the range {dict(fields)}; expected whole numbers start, "
            "stop and step, which is not 0"
        )
    return range(start, stop, step)
