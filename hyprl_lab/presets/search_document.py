"""The YAML of a search preset, read to the letter: what is written is locked, all else is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.engine.config import Execution, risk_from_json
from hyprl_lab.errors import ConfigError
from hyprl_lab.presets.bound import Bound
from hyprl_lab.presets.document import exact_keys
from hyprl_lab.research.search import Halving
from hyprl_lab.research.space import space_from_json
from hyprl_lab.research.study import Ranking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import JsonValue

__all__ = ["fields_of"]

_LOCKABLE: Final = ("space", "where", "objective", "holdout", "sampler", "max_trials", "halving")
"""Settings of a search that a preset may fix; the strategy and constraints besides."""

_REQUIRED: Final = ("name", "version", "description")
_OPTIONAL: Final = (*_LOCKABLE, "strategy", "constraints", "defaults", "bounds")


def fields_of(data: Mapping[str, JsonValue], source: str) -> dict[str, Any]:
    """Return the fields of a `SearchPreset` that a document holds.

    Raises
    ------
    InputError
        A key is missing or unknown, or a value is not of its kind.
    """
    exact_keys(data, _REQUIRED, source=source, optional=_OPTIONAL)
    version = data["version"]
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ConfigError(f"{source}: version is {version!r}; expected a whole number from 1")
    strategy = data.get("strategy")
    if strategy is not None:
        from hyprl_lab.strategy import builtin

        if strategy not in builtin.names():
            raise ConfigError(
                f"{source}: strategy is {strategy!r}; expected a built-in one of {builtin.names()}"
            )
    locked = {name: data[name] for name in _LOCKABLE if name in data}
    constraints = _texts(data.get("constraints", []), "constraints", source)
    Ranking.of(_objective(locked, source), constraints)
    defaults = _defaults(data.get("defaults", {}), source)
    bounds = data.get("bounds", [])
    if not isinstance(bounds, list):
        raise ConfigError(f"{source}: bounds is {bounds!r}; expected a list")
    return {
        "name": _text(data["name"], "name", source),
        "version": version,
        "description": _text(data["description"], "description", source),
        "strategy": strategy,
        "locked": _ready(locked, source),
        "constraints": tuple(constraints),
        "defaults": defaults,
        "bounds": tuple(Bound.from_json(bound, source) for bound in bounds),
    }


def _ready(locked: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return locked settings as `hl.supersearch` takes them, which checks the values."""
    found = dict(locked)
    if "space" in found:
        space = found["space"]
        if not isinstance(space, dict):
            raise ConfigError(f"{source}: space is {space!r}; expected values by parameter")
        axes: list[JsonValue] = [[name, values] for name, values in space.items()]
        found["space"], _ = space_from_json({"axes": axes, "where": None})
    if "where" in found:
        _text(found["where"], "where", source)
    if found.get("halving") is not None:
        halving = found["halving"]
        if not isinstance(halving, dict):
            raise ConfigError(f"{source}: halving is {halving!r}; expected factor and rungs")
        exact_keys(halving, ("factor", "rungs"), source=f"{source} halving")
        found["halving"] = Halving.from_json(halving)
    return found


def _objective(locked: Mapping[str, Any], source: str) -> str | list[str]:
    found = locked.get("objective", "sharpe")
    return _texts(found, "objective", source) if isinstance(found, list) else str(found)


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
        raise ConfigError(f"{source}: {key} is {value!r}; expected text")
    return value.strip()


def _texts(value: JsonValue, key: str, source: str) -> list[str]:
    if not isinstance(value, list):
        raise ConfigError(f"{source}: {key} is {value!r}; expected a list of texts")
    return [_text(item, key, source) for item in value]
