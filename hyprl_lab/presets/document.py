"""YAML that is trusted with nothing: plain data, no repeated keys, no aliases, no great size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import yaml

    from hyprl_lab.types import JsonValue

__all__ = ["dump", "exact_keys", "parse"]

MAX_CHARACTERS: Final = 1_000_000


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
        Not YAML, not a mapping, too long, a repeated key, an alias, a tag or a date.

    Examples
    --------
    >>> parse("a: 1\nb: [x, 2.5]", source="example")
    {'a': 1, 'b': ['x', 2.5]}
    """
    import yaml

    if len(text) > MAX_CHARACTERS:
        raise InputError(f"{source} has {len(text):,} characters; at most {MAX_CHARACTERS:,}")
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise InputError(f"{source}: alias {event.anchor!r}; write the value out")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        _refuse_repeats(node, source)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"{source} is not plain YAML: {error}") from error
    if not isinstance(data, dict):
        raise InputError(f"{source} holds {type(data).__name__}; expected a mapping")
    _plain(data, source)
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
        raise InputError(
            f"{source} misses {missing} and has unknown {unknown}; expected {sorted(allowed)}"
        )


def _refuse_repeats(node: object, source: str) -> None:
    import yaml

    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise InputError(f"{source} line {_line(key)}: key {key.value!r} stands twice")
            seen.add(key.value)
            _refuse_repeats(value, source)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeats(item, source)


def _line(node: yaml.Node) -> int:
    return 0 if node.start_mark is None else node.start_mark.line + 1


def _plain(value: object, source: str) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise InputError(f"{source}: key {key!r} is not text; quote it")
            _plain(item, source)
    elif isinstance(value, list):
        for item in value:
            _plain(item, source)
    elif not isinstance(value, str | int | float | None):
        raise InputError(f"{source}: {value!r} is {type(value).__name__}; quote it as text")
