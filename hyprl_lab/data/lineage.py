"""Where bars came from, and what was done to them since."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast, overload

from hyprl_lab.data.display import CELL
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hyprl_lab.types import JsonValue

__all__ = ["Lineage", "Step"]

_SHOWN: Final = 72
"""Letters of a value that are shown; a longer list is shown by how many items it has."""
_HASH: Final = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done.

    Parameters
    ----------
    operation
        A verb: `import`, `repair`, `resample`, `adjust`, `slice`, …
    detail
        What a reader needs to do it again, as JSON values: names and hashes, never a path.
    """

    operation: str
    detail: Mapping[str, JsonValue]

    def __post_init__(self) -> None:
        object.__setattr__(self, "detail", MappingProxyType(dict(self.detail)))

    def __reduce__(self) -> tuple[type[Step], tuple[str, dict[str, JsonValue]]]:
        return (Step, (self.operation, dict(self.detail)))

    def __str__(self) -> str:
        told = ", ".join(f"{name}={_short(value)}" for name, value in self.detail.items())
        return f"{self.operation}({told})"


@dataclass(frozen=True, slots=True)
class Lineage:
    """The steps from a source to these bars, oldest first; no step where nothing is known.

    Lineage is not content: bars with the same numbers and other histories are equal.

    Examples
    --------
    >>> lineage = Lineage().then("import", source="spy.csv").then("resample", timeframe="1d")
    >>> [step.operation for step in lineage]
    ['import', 'resample']
    >>> lineage[0].detail["source"]
    'spy.csv'
    """

    steps: tuple[Step, ...] = ()

    def then(self, operation: str, **detail: JsonValue) -> Lineage:
        """Return this lineage with one more step."""
        return Lineage((*self.steps, Step(operation, detail)))

    def to_json(self) -> list[JsonValue]:
        """Return the steps as JSON values.

        Examples
        --------
        >>> Lineage().then("load", name="TEST").to_json()
        [{'operation': 'load', 'name': 'TEST'}]
        """
        return [{"operation": step.operation, **step.detail} for step in self.steps]

    @classmethod
    def from_json(cls, steps: Sequence[JsonValue]) -> Lineage:
        """Return the lineage that `to_json` wrote.

        Raises
        ------
        BarsError
            A step is no object with an `operation`.

        Examples
        --------
        >>> Lineage.from_json([{"operation": "load", "name": "TEST"}]).steps[0].operation
        'load'
        """
        lineage = cls()
        for step in steps:
            if not isinstance(step, dict) or not isinstance(step.get("operation"), str):
                raise BarsError(f"lineage: found the step {step!r}; expected one with an operation")
            rest = {name: value for name, value in step.items() if name != "operation"}
            lineage = lineage.then(cast("str", step["operation"]), **rest)
        return lineage

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    @overload
    def __getitem__(self, place: int) -> Step: ...

    @overload
    def __getitem__(self, place: slice) -> Lineage: ...

    def __getitem__(self, place: int | slice) -> Step | Lineage:
        return Lineage(self.steps[place]) if isinstance(place, slice) else self.steps[place]

    def __repr__(self) -> str:
        return "\n".join(["Lineage", *(f"  {step}" for step in self.steps or ("nothing known",))])

    def _repr_html_(self) -> str:
        rows = "".join(
            '<tr style="background:none;border-top:1px solid rgba(128,128,128,.35)">'
            f'<td style="{CELL};text-align:right">{place}</td>'
            f'<td style="{CELL};text-align:left;font-weight:600">{escape(step.operation)}</td>'
            f'<td style="{CELL};text-align:left;max-width:60em;overflow-wrap:anywhere">'
            f"{''.join(map(_cell, step.detail.items()))}</td></tr>"
            for place, step in enumerate(self.steps)
        )
        told = (
            '<table style="border-collapse:collapse;margin-top:6px;font-size:13px">'
            f"<tbody>{rows}</tbody></table>"
            if rows
            else "<br>nothing known"
        )
        return (
            '<div class="hyprl-lineage" style="font-size:13px;line-height:1.45">'
            f"<strong>Lineage</strong>{told}</div>"
        )


def _cell(detail: tuple[str, JsonValue]) -> str:
    name, value = detail
    shown = _HASH.sub(r"\1…", value) if isinstance(value, str) else value
    told = "none" if value is None else _short(shown)
    return (
        '<span style="display:inline-block;margin-right:14px">'
        f'<span style="opacity:.65">{escape(name)}</span> {escape(told)}</span>'
    )


def _short(value: JsonValue) -> str:
    if isinstance(value, list):
        return f"{len(value):,} items" if len(str(value)) > _SHOWN else str(value)
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
