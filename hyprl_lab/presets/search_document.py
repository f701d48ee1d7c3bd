"""The YAML of a search preset, read to the letter: what is written is locked, all else is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.engine.config import Execution, risk_from_json
from hyprl_lab.errors import ConfigError
from hyprl_lab.presets.bound import Bound
from hyprl_lab.presets.document import exact_keys
from hyprl_lab.presets.search_locks import LOCKABLE, locks_of
from hyprl_lab.presets.shape import NAME
from hyprl_lab.research.study import Ranking
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.strategy import Strategy
    from hyprl_lab.types import JsonValue

__all__ = ["fields_of"]

_REQUIRED: Final = ("name", "version", "description")
_OPTIONAL: Final = (*LOCKABLE, "strategy", "constraints", "defaults", "bounds")


def fields_of(data: Mapping[str, JsonValue], source: str) -> dict[str, Any]:
    """Return the fields of a `SearchPreset` that a document holds.

    Raises
    ------
    InputError
        A key is missing or unknown, or a value is not of its kind, or could be of no search.
    """
    exact_keys(data, _REQUIRED, source=source, optional=_OPTIONAL)
    version = data["version"]
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ConfigError(f"{source}: version is {version!r}; expected a whole number from 1")
    strategy = _strategy(data.get("strategy"))
    locked = {name: data[name] for name in LOCKABLE if name in data}
    constraints = _texts(data.get("constraints", []), "constraints", source)
    Ranking.of(_objective(locked, source), constraints)
    defaults = _defaults(data.get("defaults", {}), source)
    bounds = data.get("bounds", [])
    if not isinstance(bounds, list):
        raise ConfigError(f"{source}: bounds is {bounds!r}; expected a list")
    return {
        "name": _name(data["name"], source),
        "version": version,
        "description": _text(data["description"], "description", source),
        "strategy": data.get("strategy"),
        "locked": locks_of(locked, strategy),
        "constraints": tuple(constraints),
        "defaults": defaults,
        "bounds": tuple(Bound.from_json(bound, source) for bound in bounds),
    }


def _strategy(name: JsonValue) -> Strategy | None:
    if name is None:
        return None
    from hyprl_lab.strategy import builtin

    if name not in builtin.names():
        raise ConfigError(
            f"strategy is {shown(name)}; expected a built-in one of {builtin.names()}"
        )
    return builtin.get(str(name))


def _name(value: JsonValue, source: str) -> str:
    name = _text(value, "name", source)
    if not NAME.fullmatch(name):
        raise ConfigError(f"{source}: name is {shown(name)}; expected 1 to 64 of a-z, 0-9, _ and -")
    return name


def _objective(locked: Mapping[str, Any], source: str) -> str | list[str]:
    found = locked.get("objective", "sharpe")
    if isinstance(found, list):
        return _texts(found, "objective", source)
    return _text(found, "objective", source)


def _defaults(data: JsonValue, source: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ConfigError(f"{source}: defaults is {data!r}; expected risk and execution")
    exact_keys(data, (), source=f"{source} defaults", optional=("risk", "execution"))
    found: dict[str, Any] = {}
    if "risk" in data:
        found["risk"] = risk_from_json(data["risk"])  # type: ignore[arg-type]  # read there
    if "execution" in data:
        found["execution"] = Execution.from_json(data["execution"])  # type: ignore[arg-type]  # too
    return found


def _text(value: JsonValue, key: str, source: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{source}: {key} is {shown(value)}; expected text")
    return value.strip()


def _texts(value: JsonValue, key: str, source: str) -> list[str]:
    if not isinstance(value, list):
        raise ConfigError(f"{source}: {key} is {shown(value)}; expected a list of texts")
    return [_text(item, key, source) for item in value]
