"""YAML that is trusted with nothing: plain data, no repeated keys, no aliases, no great size."""

from __future__ import annotations

import math
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import InputError
from hyprl_lab.strategy.wording import listed, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import yaml

    from hyprl_lab.types import JsonValue

__all__ = ["MAX_CHARACTERS", "dump", "exact_keys", "parse"]

MAX_CHARACTERS: Final = 262_144
MAX_DEPTH: Final = 32
MAX_VALUES: Final = 50_000
"""About a second of parsing; a strategy fills the characters with fewer."""

_TAG: Final = "tag:yaml.org,2002:"
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,15})")
"""Decimal, of at most 16 digits: what a JSON number holds exactly has no more."""
_FLOAT: Final = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?")
_FLOAT_CHARACTERS: Final = 64
_TRUE: Final = ("true", "yes", "on")


def parse(text: str, *, source: str) -> dict[str, JsonValue]:
    r"""Return the mapping that a YAML text holds.

    Parameters
    ----------
    text
        YAML 1.1 of plain scalars, lists and mappings with text keys.
    source
        What to call it in an error.

    Raises
    ------
    InputError
        No text, not YAML, not a mapping, too long or too deep, a repeated key, a key that is not
        text, an anchor, alias, tag, directive or date, or a number that is not decimal and finite.

    Examples
    --------
    >>> parse("a: 1\nb: [x, 2.5]", source="example")
    {'a': 1, 'b': ['x', 2.5]}
    """
    import yaml

    if not isinstance(text, str):
        raise InputError(f"{source} is {shown(text)}; expected YAML text")
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"{source} has {len(text):,} characters; at most {MAX_CHARACTERS:,}")
    try:
        data = _built(_loader_class()(text), source)
    except yaml.YAMLError as error:
        raise InputError(f"{source} is not plain YAML: {_said(error)}") from error
    except InputError:
        raise
    except (ValueError, OverflowError) as error:  # of PyYAML: "\U00110000" is no character
        raise InputError(f"{source} is not plain YAML: {error}") from error
    if not isinstance(data, dict):
        found = "nothing" if data is None else f"a {type(data).__name__}"
        raise InputError(f"{source} holds {found}; expected a mapping")
    return data


def dump(data: Mapping[str, JsonValue]) -> str:
    r"""Return YAML that `parse` reads back as the same data, keys in the order given.

    Examples
    --------
    >>> dump({"name": "cross", "version": 1})
    'name: cross\nversion: 1\n'
    """
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
            return True

    return yaml.dump(dict(data), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100)


def exact_keys(
    data: Mapping[str, JsonValue],
    required: Iterable[str],
    *,
    source: str,
    optional: Iterable[str] = (),
) -> None:
    """Check that a mapping has these keys and no others.

    Raises
    ------
    InputError
        A key is missing or unknown; the message names it.
    """
    needed, allowed = set(required), set(required) | set(optional)
    missing, unknown = sorted(needed - set(data)), sorted(set(data) - allowed)
    if missing or unknown:
        said = [f"misses {listed(missing)}"] if missing else []
        said += [f"has unknown {listed(unknown)}"] if unknown else []
        raise InputError(f"{source} {' and '.join(said)}; expected {sorted(allowed)}")


@cache
def _loader_class() -> type[yaml.SafeLoader]:
    """Return a loader that stops where plain data does, before it spends time on the rest."""
    import yaml
    from yaml.scanner import ScannerError

    class Loader(yaml.SafeLoader):
        def refuse(self, what: str) -> None:
            raise ScannerError(None, None, what, self.get_mark())

        def fetch_directive(self) -> None:
            self.refuse("a directive; leave it out")

        def fetch_tag(self) -> None:
            self.refuse("a tag; write the plain value")

        def fetch_anchor(self) -> None:
            self.refuse("an anchor; write the value out where it is used")

        def fetch_alias(self) -> None:
            self.refuse("an alias; write the value out")

        def fetch_flow_collection_start(self, TokenClass: object) -> None:  # noqa: N803 - PyYAML's signature
            self.check_depth()
            super().fetch_flow_collection_start(TokenClass)

        def add_indent(self, column: int) -> bool:
            self.check_depth()
            return super().add_indent(column)

        def check_depth(self) -> None:
            if self.flow_level + len(self.indents) > MAX_DEPTH:
                self.refuse(f"more than {MAX_DEPTH} levels")

    return Loader


def _built(loader: Any, source: str) -> JsonValue:
    """Build the one document, level by level on a stack of its own.

    `Any`: the stubs leave the loader's methods and its events' fields untyped.
    """
    import yaml

    top: list[JsonValue] = []
    open_: list[list[JsonValue] | dict[str, JsonValue]] = [top]
    keys: list[str | None] = [None]
    values = 0
    while loader.check_event():
        event = loader.get_event()
        place = f"{source} line {event.start_mark.line + 1}"
        if isinstance(event, yaml.CollectionEndEvent):
            open_.pop()
            keys.pop()
        if isinstance(event, yaml.DocumentStartEvent) and top:
            raise InputError(f"{source} holds more than one document")
        if not isinstance(event, yaml.NodeEvent):
            continue
        values += 1
        if values > MAX_VALUES:
            raise InputError(f"{place}: more than {MAX_VALUES:,} values")
        value = _value(event, loader, place)
        parent, key = open_[-1], keys[-1]
        if isinstance(parent, list):
            parent.append(value)
        elif key is None:
            keys[-1] = _key(value, parent, place)
            continue
        else:
            parent[key] = value
            keys[-1] = None
        if isinstance(value, list | dict):
            if len(open_) > MAX_DEPTH:
                raise InputError(f"{place}: more than {MAX_DEPTH} levels")
            open_.append(value)
            keys.append(None)
    return top[0] if top else None


def _value(event: Any, loader: Any, place: str) -> JsonValue:
    import yaml

    if isinstance(event, yaml.MappingStartEvent):
        return {}
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    text = str(event.value)
    kind = loader.resolve(yaml.ScalarNode, text, event.implicit).removeprefix(_TAG)
    if kind == "str":
        return text
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in _TRUE
    if kind == "int" and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "float" and len(text) <= _FLOAT_CHARACTERS and _FLOAT.fullmatch(text):
        number = float(text)
        if math.isfinite(number):
            return number
    what = "date" if kind == "timestamp" else kind
    raise InputError(
        f"{place}: {text[:40]!r} is no plain value ({what}); quote it if it is text, "
        "or write a finite decimal number of at most 16 digits"
    )


def _key(value: JsonValue, parent: Mapping[str, JsonValue], place: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"{place}: key {value!r} is not text; quote it")
    if value in parent:
        raise InputError(f"{place}: key {value[:80]!r} stands twice")
    return value


def _said(error: yaml.YAMLError) -> str:
    """Return the error on one line, without the text around it."""
    import yaml

    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return " ".join(str(error).split())
