"""Gate profiles: which checks a preset must pass, read from YAML that ships with the lab."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from hyprl_lab.errors import ConfigError, InputError
from hyprl_lab.presets.document import exact_keys, parse
from hyprl_lab.presets.measures import COMPUTED, MAY_BE_INCONCLUSIVE
from hyprl_lab.resources import read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hyprl_lab.types import JsonValue

__all__ = ["PROFILE_ORDER", "GateCheck", "GateProfile", "Operator", "compare", "holds", "load_gate"]

PROFILE_ORDER: Final = ("demo", "research", "strict")
"""From the weakest to the strictest."""

MANDATORY: Final = ("recorded", "ledger_complete")
"""Without these a profile would let an uncounted result through; loading refuses it."""

Operator: TypeAlias = Literal["<=", "<", ">=", ">", "=="]
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
}
Threshold: TypeAlias = float | int | bool | str


def compare(value: JsonValue, sign: str, threshold: Threshold) -> bool:
    """Return whether a value passes; a missing one does not, and kinds must match.

    Examples
    --------
    >>> compare(0.96, ">=", 0.95), compare(None, ">=", 0.95), compare(True, "==", True)
    (True, False, True)
    """
    if isinstance(threshold, bool) or isinstance(value, bool):
        return value is threshold and sign == "=="
    if isinstance(threshold, str):
        return value == threshold and sign == "=="
    return isinstance(value, int | float) and _COMPARE[sign](value, threshold)


def holds(row: Mapping[str, Any]) -> bool:
    """Return whether a row of a verdict holds: its value passes, or is said to be inconclusive.

    Without a value, or without a reason, nothing is inconclusive.

    Examples
    --------
    >>> row = {"metric": "sharpe", "value": 1.0, "operator": ">", "threshold": 2.0}
    >>> holds(row), holds({**row, "inconclusive": "words, and it is no such metric"})
    (False, False)
    """
    doubted = bool(row.get("inconclusive")) and row["metric"] in MAY_BE_INCONCLUSIVE
    known = row["value"] is not None
    return (doubted and known) or compare(row["value"], row["operator"], row["threshold"])


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCheck:
    """One line of a profile.

    Parameters
    ----------
    name
        Unique in the profile.
    metric
        What is measured; one of `measures.COMPUTED`.
    operator
        `<=`, `<`, `>=`, `>`, or `==`.
    threshold
        A number, `True`/`False` or a word.
    required
        Without it a failure is only a warning.
    """

    name: str
    metric: str
    operator: Operator
    threshold: Threshold
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class GateProfile:
    """A named list of checks.

    Parameters
    ----------
    name
        One of `PROFILE_ORDER`.
    description
        What passing it does and does not mean.
    checks
        In the order of the file, cheap ones first.
    """

    name: str
    description: str
    checks: tuple[GateCheck, ...]

    @classmethod
    def from_yaml(cls, text: str, *, source: str) -> GateProfile:
        """Read a profile.

        Raises
        ------
        ConfigError
            A key, metric, operator or threshold is unknown or of the wrong kind, a name stands
            twice, or one of `MANDATORY` is missing.
        """
        try:
            data = parse(text, source=source)
            exact_keys(data, ("name", "description", "checks"), source=source)
            checks = _checks(data["checks"], source)
        except ConfigError:
            raise
        except InputError as error:
            raise ConfigError(str(error)) from error
        names = [check.name for check in checks]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ConfigError(f"{source}: checks {repeated} stand twice")
        absent = [
            metric
            for metric in MANDATORY
            if not any(c.metric == metric and c.required and c.threshold is True for c in checks)
        ]
        if absent:
            raise ConfigError(f"{source}: every profile must require {absent} == true")
        return cls(
            name=_text(data["name"], "name", source),
            description=_text(data["description"], "description", source),
            checks=checks,
        )


def load_gate(name: str) -> GateProfile:
    """Return a profile that ships with the lab.

    Raises
    ------
    ConfigError
        No such profile, or its file is malformed.

    Examples
    --------
    >>> load_gate("strict").checks[0].name
    'recorded'
    """
    if name not in PROFILE_ORDER:
        raise ConfigError(f"gate profile is {name!r}; choose one of {list(PROFILE_ORDER)}")
    source = f"gates/{name}.yaml"
    profile = GateProfile.from_yaml(read_text("presets", source), source=source)
    if profile.name != name:
        raise ConfigError(f"{source} calls itself {profile.name!r}; expected {name!r}")
    return profile


def _checks(entries: JsonValue, source: str) -> tuple[GateCheck, ...]:
    if not isinstance(entries, list) or not entries:
        raise ConfigError(f"{source}: checks is {entries!r}; expected a list of checks")
    return tuple(_check(entry, source) for entry in entries)


def _check(entry: JsonValue, source: str) -> GateCheck:
    if not isinstance(entry, dict):
        raise ConfigError(f"{source}: a check is {entry!r}; expected a mapping")
    place = f"{source} check {entry.get('name')!r}"
    exact_keys(
        entry, ("name", "metric", "operator", "threshold"), source=place, optional=("required",)
    )
    metric, sign = _text(entry["metric"], "metric", place), entry["operator"]
    threshold, required = entry["threshold"], entry.get("required", True)
    if metric not in COMPUTED:
        raise ConfigError(f"{place}: metric {metric!r} is unknown; see hyprl_lab/presets/measures")
    if sign not in get_args(Operator):
        raise ConfigError(f"{place}: operator {sign!r}; choose one of {list(get_args(Operator))}")
    if not isinstance(threshold, int | float | str):
        raise ConfigError(f"{place}: threshold {threshold!r}; expected a number, word or boolean")
    if isinstance(threshold, bool | str) and sign != "==":
        raise ConfigError(f"{place}: {threshold!r} can only be compared by ==, not {sign}")
    if not isinstance(required, bool):
        raise ConfigError(f"{place}: required is {required!r}; expected true or false")
    return GateCheck(
        name=_text(entry["name"], "name", place),
        metric=metric,
        operator=sign,  # type: ignore[arg-type]  # one of get_args(Operator), checked above
        threshold=threshold,
        required=required,
    )


def _text(value: JsonValue, key: str, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{place}: {key} is {value!r}; expected text")
    return value.strip()
