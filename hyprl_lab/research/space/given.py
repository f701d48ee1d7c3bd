"""What callers give as a space, checked against the strategy and the settings it is for."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from hyprl_lab.engine.config import DEFAULTS, Execution, Risk
from hyprl_lab.errors import SpaceError, StrategyError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.research.conditions import Condition
from hyprl_lab.research.space.conditional import Conditional, conditionals, default_of
from hyprl_lab.research.space.kinds import Choice, Floats, Ints
from hyprl_lab.research.space.numbers import listed_array
from hyprl_lab.research.space.settings import is_setting, whole_setting
from hyprl_lab.strategy.given import checked_strategy
from hyprl_lab.strategy.wording import listed, shown

if TYPE_CHECKING:
    from hyprl_lab.research.space.axes import Axis
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import FloatArray, IntArray, JsonValue

__all__ = ["Space", "SpaceLike", "read_space"]

SpaceLike: TypeAlias = "Mapping[str, Axis | range | Sequence[float] | FloatArray | IntArray]"


@dataclass(frozen=True, eq=False)
class Space:
    """The axes of a search, and which of their points belong to it.

    Parameters
    ----------
    axes
        By name, in the order given: parameters of the strategy, and settings as `risk.fraction`.
    where
        Which points belong to it; all where `None`.
    conditional
        The parameters that count under a condition, each after those its condition reads.
    strategy, risk, execution
        What the names belong to.
    """

    axes: Mapping[str, Axis]
    where: Condition | None
    conditional: tuple[Conditional, ...]
    strategy: Strategy
    risk: Risk
    execution: Execution

    @property
    def names(self) -> list[str]:
        """The names in sorted order."""
        return sorted(self.axes)

    @property
    def points(self) -> int | None:
        """The number of points before `where` and `when`; `None` where there is no end of them."""
        count = 1
        for axis in self.axes.values():
            if axis.size is None:
                return None
            count *= axis.size
        return count

    @property
    def ends(self) -> dict[str, tuple[float, float]]:
        """The least and the largest value each name may take, whatever `where` drops."""
        otherwise = {part.name: part.otherwise for part in self.conditional}
        return {
            name: (
                min(self.axes[name].ends[0], otherwise.get(name, math.inf)),
                max(self.axes[name].ends[1], otherwise.get(name, -math.inf)),
            )
            for name in self.names
        }

    def check_bounds(self, bounds: Mapping[str, tuple[float, float]]) -> None:
        """Refuse values that the strategy does not take; for settings see `check_together`.

        Raises
        ------
        SpaceError
            Naming the parameter, the value and its range.
        """
        for name, ends in bounds.items():
            for value in ends:
                if not is_setting(name):
                    _check_parameter(self.strategy, name, value)

    def to_json(self) -> dict[str, JsonValue]:
        """Return axes, in their order, and the condition."""
        return {
            "axes": [[name, axis.to_json()] for name, axis in self.axes.items()],
            "where": None if self.where is None else self.where.text,
        }


def read_space(
    strategy: Strategy,
    space: SpaceLike | None,
    where: str | None = None,
    *,
    risk: Risk = DEFAULTS.risk,
    execution: Execution = DEFAULTS.execution,
) -> Space:
    """Check names and axes of a space, and return it with the parameters that are left out.

    Parameters
    ----------
    strategy
        Whose parameters are searched.
    space
        For each name an axis (`hl.floats`, `hl.ints`, `hl.choice`), a `range`, a list or an array
        of numbers. Names are parameters of the strategy, which take their own whole-numbered
        range where they are left out (`hl.param("fast", 5, 50)`), and numbers of the settings, as
        `risk.fraction` and `execution.fee_bps`, which keep what they are.
    where
        A condition over all of these names, such as `"fast < slow"`.
    risk, execution
        The settings of the search.

    Raises
    ------
    SpaceError
        A name is unknown, unused or has no values; values repeat, are not finite, or not whole
        where they must be; a condition is none; lots leave the risk model that is varied unused.
    StrategyError
        What is given is no graph; a strategy class can't be searched.

    Examples
    --------
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> found = read_space(dual_sma(), {"slow": [20, 50], "execution.fee_bps": [0, 5]})
    >>> found.names, found.points
    (['execution.fee_bps', 'fast', 'slow'], 396)
    """
    known = checked_strategy(strategy).parameters
    given = _by_name(space)
    _check_names(strategy, given)
    axes: dict[str, Axis] = {}
    for name in [*given, *(name for name in known if name not in given)]:
        if is_setting(name):
            whole = "a whole number" if whole_setting(name, risk, execution) else ""
        elif name in strategy.graph.windows:
            whole = "a window"
        else:
            whole = "a whole number" if known[name].integer else ""
        values = given[name] if name in given else _own_range(strategy, name)
        axes[name] = _axis(f"space of {name!r}", values)
        if whole:
            _check_whole(f"space of {name!r}", axes[name], whole)
    if not axes:
        raise SpaceError(f"{strategy.name!r} has no parameters; run hl.backtest on it instead")
    _check_used(axes, execution)
    condition = None if where is None else _where(where, sorted(axes))
    return Space(axes, condition, conditionals(axes), strategy, risk, execution)


def _where(text: str, names: list[str]) -> Condition:
    try:
        return Condition(text, names)
    except SpaceError as error:
        read = set(re.findall(r"\w+", text)) if isinstance(text, str) else set()
        metrics = sorted(read & set(TRIAL_METRICS) - set(names))
        if not metrics:
            raise
        raise SpaceError(
            f"{error}; what is asked of a metric belongs into constraints=[...]"
        ) from error


def _by_name(space: object) -> dict[str, object]:
    if space is None:
        return {}
    if not isinstance(space, Mapping):
        raise SpaceError(
            f"space is {shown(space)}; expected values by each parameter's name, as in "
            "{'fast': range(5, 50), 'slow': [50, 100, 200]}"
        )
    return dict(space)


def _check_names(strategy: Strategy, given: Mapping[str, object]) -> None:
    known = strategy.parameters
    unknown = [name for name in given if name not in known and not is_setting(name)]
    if unknown:
        close = difflib.get_close_matches(str(unknown[0]), known, n=1)
        meant = f"did you mean {close[0]!r}? " if close else ""
        raise SpaceError(
            f"space names {listed(unknown)}, which {strategy.name!r} does not use; {meant}"
            f"its parameters are {list(known)}; settings are written 'risk.fraction', "
            "'execution.fee_bps'"
        )


def _check_used(axes: Mapping[str, Axis], execution: Execution) -> None:
    """Refuse to vary a risk model that has nothing to say."""
    varied = [name for name in axes if name.startswith("risk.") and axes[name].size != 1]
    if varied and ("execution.lots" in axes or execution.lots is not None):
        raise SpaceError(
            f"space varies {listed(varied)}, and execution.lots says how much is traded whatever "
            "the risk model says, so nothing would differ; leave one of the two out"
        )


def _own_range(strategy: Strategy, name: str) -> object:
    parameter = strategy.parameters[name]
    if parameter.integer and parameter.low is not None and parameter.high is not None:
        return range(int(parameter.low), int(parameter.high) + 1)
    raise SpaceError(
        f"space says nothing of {name!r}, and it has no whole-numbered range of its own; "
        f"add {name!r}: [values] to the space, or {name!r}: hl.floats(low, high, count=10)"
    )


def _axis(what: str, values: object) -> Axis:
    if isinstance(values, Floats | Ints | Choice):
        return values
    if isinstance(values, range) and len(values) > 0 and values.step > 0:
        return Ints(low=values[0], high=values[-1], step=values.step)
    return Choice(numbers=listed_array(what, values))  # type: ignore[arg-type]  # read there


def _check_whole(what: str, axis: Axis, word: str) -> None:
    """Refuse an axis that has, or may give, other numbers than whole ones."""
    mend = "expected whole numbers"
    if word == "a window":
        mend += " from 1"
    if axis.size is None:
        raise SpaceError(
            f"{what} is {word}, and {axis} gives any number between; {mend}, as of "
            f"hl.ints({math.ceil(axis.low)}, {math.floor(axis.high)})"
        )
    found = np.array([default_of(axis)]) if isinstance(axis, Ints) else axis.values
    found = np.append(found, [axis.low, default_of(axis)])
    broken = found[(found != np.floor(found)) | ((found < 1) & (word == "a window"))]
    if len(broken):
        raise SpaceError(f"{what} is {word}, and holds {broken[0]:g}; {mend}")


def _check_parameter(strategy: Strategy, name: str, value: float) -> None:
    try:
        strategy.parameters[name].checked(value)
        for use in strategy.graph.scalars:
            if use.name == name:
                use.check(value)
    except StrategyError as error:
        raise SpaceError(f"space of {name!r}: {error}") from error
