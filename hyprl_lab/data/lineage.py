"""Where bars came from, and what was done to them since."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hyprl_lab.types import JsonValue

__all__ = ["Lineage", "Step"]

_SHOWN: Final = 72
"""Letters of a value that are shown; a longer list is shown by its length."""


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

    def __repr__(self) -> str:
        return "\n".join(["Lineage", *(f"  {step}" for step in self.steps)])


def _short(value: JsonValue) -> str:
    if isinstance(value, list):
        return f"[{len(value)}]" if len(str(value)) > _SHOWN else str(value)
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
