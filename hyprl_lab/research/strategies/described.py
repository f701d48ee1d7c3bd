"""What is known of a strategy of the registry, and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal, TypeAlias

from hyprl_lab.research.strategies.classes import instance_of
from hyprl_lab.research.strategies.guarded import guarded

if TYPE_CHECKING:
    from hyprl_lab.strategy.builtin import BuiltIn
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import JsonValue

__all__ = ["Info", "Kind", "class_info", "class_schema", "graph_info", "graph_schema"]

Kind: TypeAlias = Literal["graph", "class"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """A strategy of the registry.

    Parameters
    ----------
    name
        Under which `hl.strategies.get` finds it.
    kind
        `"graph"` (data; runs everywhere) or `"class"` (code; runs in notebooks, the registry and
        on the command line).
    title, idea, rules, weakness
        In words; of a class its description and nothing else, unless it says more.
    schema
        JSON Schema of its parameters.
    source
        Who described it, and when; of a class its file.
    """

    name: str
    kind: Kind
    title: str
    idea: str
    rules: str
    weakness: str
    schema: Mapping[str, JsonValue]
    source: str

    def __repr__(self) -> str:
        """One fact a line; those that are empty are left out."""
        lines = [f"{self.name} ({self.kind}): {self.title}"]
        lines += [f"  {fact}: {text}" for fact, text in self._facts() if text]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th style="text-align:left;vertical-align:top">{fact}</th>'
            f'<td style="text-align:left">{escape(text)}</td></tr>'
            for fact, text in self._facts()
            if text
        )
        head = f"<b>{escape(self.name)}</b> ({self.kind}): {escape(self.title)}"
        return f"<p>{head}</p><table>{rows}</table>"

    def _facts(self) -> list[tuple[str, str]]:
        properties = self.schema.get("properties")
        named = properties if isinstance(properties, Mapping) else {}
        return [
            ("idea", self.idea),
            ("rules", self.rules),
            ("weakness", self.weakness),
            ("parameters", ", ".join(_parameter(*item) for item in named.items())),
            ("source", self.source),
        ]


def graph_info(row: BuiltIn) -> Info:
    """Return what is known of a built-in strategy."""
    return Info(
        name=row.name,
        kind="graph",
        title=row.title,
        idea=row.idea,
        rules=row.rules,
        weakness=row.weakness,
        schema=graph_schema(row.build(), row.params),
        source=row.source,
    )


def class_info(name: str, found: object, source: str) -> Info:
    """Return what is known of a strategy class.

    Raises
    ------
    StrategyError
        It can't be made, its config is malformed, or its code fails where it is asked for texts.
    """
    instance = instance_of(found)

    def said(fact: str) -> str:
        with guarded(instance.name):
            text = getattr(instance.made, fact, "")
            return text if isinstance(text, str) else ""

    return Info(
        name=name,
        kind="class",
        title=instance.description,
        idea=said("idea"),
        rules=said("rules"),
        weakness=said("weakness"),
        schema=class_schema(found),
        source=source,
    )


def graph_schema(strategy: Strategy, defaults: Mapping[str, float]) -> dict[str, JsonValue]:
    """Return the JSON Schema of a graph's parameters; all are required.

    Parameters
    ----------
    strategy
        The graph.
    defaults
        Usual values, where there are some.
    """
    properties: dict[str, JsonValue] = {}
    for name, parameter in strategy.parameters.items():
        one: dict[str, JsonValue] = {"type": "integer" if parameter.integer else "number"}
        if parameter.low is not None and parameter.high is not None:
            one |= {"minimum": parameter.low, "maximum": parameter.high}
        if name in defaults:
            one["default"] = defaults[name]
        properties[name] = one
    return _object(properties, list(properties))


def class_schema(found: object) -> dict[str, JsonValue]:
    """Return the JSON Schema of a class's parameters; none is required, for all have defaults.

    Raises
    ------
    StrategyError
        The class can't be made, or its config is malformed.
    """
    options = instance_of(found).options
    return _object({name: option.schema() for name, option in options.items()}, [])


def _object(properties: dict[str, JsonValue], required: list[str]) -> dict[str, JsonValue]:
    names: list[JsonValue] = list(required)
    return {
        "type": "object",
        "properties": properties,
        "required": names,
        "additionalProperties": False,
    }


def _parameter(name: str, said: object) -> str:
    if not isinstance(said, Mapping):
        return name
    ends = [f"{said[end]:g}" for end in ("minimum", "maximum") if end in said]
    usual = f", usually {said['default']}" if "default" in said else ""
    return f"{name} ({' to '.join(ends) or said.get('type')}{usual})"
