"""Arguments of Optuna's samplers, checked before a search: Optuna looks at few of them itself."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space.points import MOST_POINTS
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import JsonValue

__all__ = ["MOST_TRIALS", "checked_arguments", "checked_part"]

MOST_TRIALS: Final = 100_000
"""A sampler looks at all trials before each point, so its time grows with their square."""

_COUNTS: Final = {
    "n_startup_trials": (0, MOST_POINTS),
    "n_ei_candidates": (1, 10_000),
    "population_size": (2, MOST_TRIALS),
}
_SWITCHES: Final = ("multivariate", "group", "constant_liar")
_WIDTHS: Final = ("alpha", "epsilon", "sigma_xi", "sigma_eta")
_WIDEST: Final = 100.0
"""How far a crossover goes beyond the parents: Optuna tries until a child is in the space."""

_GREATEST: Final = 1e300

_MAY_BE_NONE: Final = ("multivariate", "mutation_prob", "eta", "epsilon", "sigma_eta")
"""Where `None` leaves the choice to Optuna."""


def checked_arguments(sampler: str, arguments: Mapping[str, object]) -> dict[str, JsonValue]:
    """Return the numbers and switches of a sampler as JSON holds them.

    Parameters
    ----------
    sampler
        The name of its class.
    arguments
        What it is made with; counts, switches, and probabilities.

    Raises
    ------
    SpaceError
        One is out of range, or of another type.

    Examples
    --------
    >>> checked_arguments("TPESampler", {"n_ei_candidates": np.int64(24), "group": False})
    {'n_ei_candidates': 24, 'group': False}
    """
    found: dict[str, JsonValue] = {}
    for name, value in arguments.items():
        if name in _COUNTS:
            found[name] = _count(sampler, name, value)
        elif name in _SWITCHES:
            found[name] = _switch(sampler, name, value)
        else:
            found[name] = _number(sampler, name, value)
    return found


def checked_part(part: str, arguments: Mapping[str, object]) -> dict[str, JsonValue]:
    """Return the numbers of a crossover or a mutation: none is below 0.

    Parameters
    ----------
    part
        The name of its class.
    arguments
        What it is made with.

    Raises
    ------
    SpaceError
        One is no such number.

    Examples
    --------
    >>> checked_part("SBXCrossover", {"eta": None, "uniform_crossover_prob": 0.5})
    {'eta': None, 'uniform_crossover_prob': 0.5}
    """
    return {name: _number(part, name, value) for name, value in arguments.items()}


def _count(owner: str, name: str, value: Any) -> int:
    least, most = _COUNTS[name]
    if _is(value, Integral) and least <= value <= most:
        return int(value)
    raise _refused(owner, name, value, f"a whole number from {least} to {most:,}")


def _switch(owner: str, name: str, value: object) -> bool | None:
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if value is None and name in _MAY_BE_NONE:
        return None
    raise _refused(owner, name, value, "True or False")


def _number(owner: str, name: str, value: Any) -> float | None:
    """Return a probability or a width, by its name, or a number from 0."""
    if value is None and name in _MAY_BE_NONE:
        return None
    most = 1.0 if name.endswith("_prob") else _WIDEST if name in _WIDTHS else _GREATEST
    if _is(value, Real) and 0.0 <= value <= most:
        return value if isinstance(value, int) else float(value)
    expected = "a finite number from 0" if most == _GREATEST else f"a number from 0 to {most:g}"
    raise _refused(owner, name, value, expected)


def _is(value: object, kind: type) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _refused(owner: str, name: str, value: object, expected: str) -> SpaceError:
    return SpaceError(
        f"sampler: {owner} has {name}={shown(value)}; expected {expected}, or leave {name} out "
        "for Optuna's own"
    )
