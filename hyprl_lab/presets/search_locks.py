"""What a search preset locks: read, and checked as far as that goes without bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import ConfigError, SpaceError
from hyprl_lab.presets.document import exact_keys
from hyprl_lab.research.conditions import Condition, names_in
from hyprl_lab.research.search import Halving
from hyprl_lab.research.search.adaptive_sampler import NAMES
from hyprl_lab.research.space import SAMPLERS, choice, is_setting, read_space, space_from_json
from hyprl_lab.research.space.sampled import checked_max_trials
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.strategy import Strategy
    from hyprl_lab.types import JsonValue

__all__ = ["LOCKABLE", "locks_of", "same_lock", "same_space"]

LOCKABLE: Final = ("space", "where", "objective", "holdout", "sampler", "max_trials", "halving")
"""Settings of a search that a preset may fix; the strategy and constraints besides."""

_SAMPLERS: Final = ("grid", *SAMPLERS, *NAMES)


def locks_of(written: Mapping[str, JsonValue], strategy: Strategy | None) -> dict[str, Any]:
    """Return locked settings as `hl.supersearch` takes them.

    Parameters
    ----------
    written
        Values by name, some of `LOCKABLE`; the objective is read elsewhere.
    strategy
        The preset's own; `None` where the caller gives one.

    Raises
    ------
    InputError
        A value could be of no search.

    Examples
    --------
    >>> locks_of({"holdout": 0.2, "halving": {"factor": 3, "rungs": 2}}, None)
    {'holdout': 0.2, 'halving': Halving(factor=3, rungs=2)}
    """
    found: dict[str, Any] = dict(written)
    if "space" in found:
        found["space"] = _space(found["space"])
    if "where" in found:
        _check_where(found["where"], strategy)
    if "holdout" in found:
        _check_holdout(found["holdout"])
    _check_sampler(found)
    if found.get("halving") is not None:
        found["halving"] = _halving(found["halving"])
    varies_risk = any(name.startswith("risk.") for name in found.get("space", ()))
    if strategy is not None and "space" in found and not varies_risk:  # of a model not known yet
        read_space(strategy, found["space"], found.get("where"))
    return found


def same_lock(given: Any, locked: Any) -> bool:
    """Say whether a caller repeats what is locked, which is not refused.

    Examples
    --------
    >>> same_lock(0.2, 0.2), same_lock(["sharpe"], "sharpe"), same_lock(0, None)
    (True, True, False)
    """
    if _is_number(given) and _is_number(locked):
        return bool(given == locked)
    one, other = _texts(given), _texts(locked)
    if one is not None and other is not None:
        return one == other
    return type(given) is type(locked) and bool(given == locked)


def same_space(given: Any, locked: Any, strategy: Strategy) -> bool:
    """Say whether a caller's space is the one that is locked, axis by axis.

    Examples
    --------
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> same_space({"fast": [5]}, {"fast": [5]}, dual_sma())
    True
    """
    try:
        return read_space(strategy, given).axes == read_space(strategy, locked).axes
    except SpaceError:
        return False


def _space(written: Any) -> dict[str, Any]:
    if not isinstance(written, dict):
        raise ConfigError(f"space is {shown(written)}; expected values by parameter")
    axes: list[JsonValue] = [[name, values] for name, values in written.items()]
    space, _ = space_from_json({"axes": axes, "where": None})
    for name, values in space.items():
        if isinstance(values, list):
            try:
                choice(values)
            except SpaceError as error:
                raise ConfigError(f"space of {name!r}: {error}") from error
    return space


def _check_where(written: Any, strategy: Strategy | None) -> None:
    if not isinstance(written, str) or not written.strip():
        raise ConfigError(f"where is {shown(written)}; expected text")
    names = names_in(written)
    if strategy is not None:
        names = {*strategy.parameters, *filter(is_setting, names)}
    Condition(written, names)


def _check_holdout(written: Any) -> None:
    if not _is_number(written) or not 0.0 <= written < 1.0:
        raise ConfigError(
            f"holdout is {shown(written)}; expected a share from 0 to below 1, such as 0.2"
        )


def _check_sampler(locked: Mapping[str, Any]) -> None:
    sampler = locked.get("sampler", "grid")
    if sampler not in _SAMPLERS:
        raise ConfigError(f"sampler is {shown(sampler)}; choose one of {list(_SAMPLERS)}")
    if "max_trials" in locked and (locked["max_trials"] is not None or sampler != "grid"):
        checked_max_trials(locked["max_trials"], sampler)


def _halving(written: Any) -> Halving:
    if not isinstance(written, dict):
        raise ConfigError(f"halving is {shown(written)}; expected factor and rungs")
    exact_keys(written, ("factor", "rungs"), source="halving")
    return Halving.from_json(written)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _texts(value: Any) -> tuple[str, ...] | None:
    """Return one text or several as a tuple, `None` where it is something else."""
    several = (value,) if isinstance(value, str) else value
    if isinstance(several, list | tuple) and all(isinstance(text, str) for text in several):
        return tuple(several)
    return None
