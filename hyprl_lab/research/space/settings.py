"""Settings of risk and execution as axes of a space: `risk.fraction`, `execution.fee_bps`."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.engine.agreement import check_agreement
from hyprl_lab.engine.config import Execution, Risk
from hyprl_lab.errors import ConfigError, SpaceError
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import FloatArray

__all__ = [
    "Settings",
    "check_settings",
    "distinct_rows",
    "is_setting",
    "setting_corners",
    "setting_names",
    "settings_at",
    "split_settings",
    "whole_setting",
]

_EXECUTION: Final = (
    "borrow_cost_bps",
    "fee_bps",
    "fee_per_trade",
    "leverage",
    "lot_size",
    "lots",
    "multiplier",
    "option_delta",
    "participation_rate",
    "slippage_bps",
    "spread_pct",
    "tick_size",
)
"""The settings of `Execution` that are numbers."""

_WHOLE: Final = frozenset({"execution.lots", "risk.window"})


@dataclass(frozen=True, slots=True, eq=False)
class Settings:
    """Points of a space, taken apart into what the strategy and what the settings take.

    Parameters
    ----------
    params
        float64, shape (points, parameters of the strategy), columns sorted by name.
    pairs
        The distinct settings, in ascending order of their values.
    index
        uint32, a point each: which of the pairs it has.
    """

    params: FloatArray
    pairs: list[tuple[Risk, Execution]]
    index: NDArray[np.uint32]


def is_setting(name: object) -> bool:
    """Return whether a name of a space is written as a setting.

    Examples
    --------
    >>> is_setting("risk.fraction"), is_setting("fast")
    (True, False)
    """
    return isinstance(name, str) and name.startswith(("risk.", "execution."))


def setting_names(risk: Risk, execution: Execution) -> list[str]:
    """Return the settings that a space may vary, sorted.

    Raises
    ------
    ConfigError
        One of the two is something else.

    Examples
    --------
    >>> from hyprl_lab.engine.config import FixedFraction
    >>> setting_names(FixedFraction(0.5), Execution())[-2:]
    ['execution.tick_size', 'risk.fraction']
    """
    if not isinstance(risk, Risk):
        raise ConfigError(
            f"risk is {shown(risk)}; expected one of hl.AllIn(), hl.FixedFraction, hl.FixedUnits, "
            "hl.RiskPct, hl.VolatilityTarget, hl.KellyFraction"
        )
    if not isinstance(execution, Execution):
        raise ConfigError(f"execution is {shown(execution)}; expected hl.Execution(...)")
    return [f"execution.{name}" for name in _EXECUTION] + sorted(
        f"risk.{item.name}" for item in fields(risk)
    )


def whole_setting(name: str, risk: Risk, execution: Execution) -> bool:
    """Return whether a setting takes whole numbers alone.

    Raises
    ------
    SpaceError
        There is no such setting, or it is no number; the message lists what there is.
    """
    _check_known([name], risk, execution)
    return name in _WHOLE or (name == "execution.lot_size" and execution.whole_units)


def setting_corners(bounds: Mapping[str, tuple[float, float]]) -> Iterator[dict[str, float]]:
    """Yield the values of the settings at every corner of the box that some bounds span.

    What a setting refuses, alone or with another, it refuses from some value on: settings that
    are fine at every corner are fine between them.

    Examples
    --------
    >>> list(setting_corners({"fast": (2, 5), "execution.fee_bps": (0, 10)}))
    [{'execution.fee_bps': 0}, {'execution.fee_bps': 10}]
    """
    names = [name for name in sorted(bounds) if is_setting(name)]
    for corner in product(*(dict.fromkeys(bounds[name]) for name in names)):
        yield dict(zip(names, corner, strict=True))


def settings_at(
    values: Mapping[str, float], risk: Risk, execution: Execution
) -> tuple[Risk, Execution]:
    """Return risk and execution with some of their numbers set.

    Parameters
    ----------
    values
        By the name of the setting, as `execution.fee_bps`.
    risk, execution
        All other settings.

    Raises
    ------
    SpaceError
        There is no such setting, or a value is out of range, alone or with another.

    Examples
    --------
    >>> from hyprl_lab.engine.config import FixedFraction
    >>> settings_at({"risk.fraction": 0.2}, FixedFraction(0.5), Execution())[0]
    FixedFraction(fraction=0.2)
    """
    _check_known(values, risk, execution)
    return _pair(values, risk, execution)


def check_settings(
    values: Mapping[str, float], strategy: Strategy, risk: Risk, execution: Execution
) -> None:
    """Refuse values of settings that can't be, alone or together, whatever the bars.

    Raises
    ------
    SpaceError
        Naming the values, and what is wrong with them.

    Examples
    --------
    >>> from hyprl_lab.engine.config import AllIn
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> check_settings({"execution.fee_bps": 5.0}, dual_sma(), AllIn(), Execution())
    """
    found, cost = settings_at(values, risk, execution)
    try:
        # bars enough, and with a volume: what the real ones lack is said where they are given
        check_agreement(strategy, found, cost, columns=("volume",), bars=2**62)
    except ConfigError as error:
        raise SpaceError(f"{_where(values)}: {error}") from error


def split_settings(
    names: Sequence[str], values: FloatArray, risk: Risk, execution: Execution
) -> Settings:
    """Take points apart into parameters of the strategy and settings.

    Parameters
    ----------
    names
        Of the columns.
    values
        float64, shape (points, names).
    risk, execution
        The settings where no column says otherwise.

    Raises
    ------
    SpaceError
        A column is no setting, or a point has settings that can't be.

    Examples
    --------
    >>> from hyprl_lab.engine.config import AllIn
    >>> found = split_settings(["execution.fee_bps", "fast"],
    ...     np.array([[5.0, 10.0], [0.0, 10.0], [5.0, 20.0]]), AllIn(), Execution())
    >>> found.params.ravel().tolist(), [pair[1].fee_bps for pair in found.pairs], found.index
    ([10.0, 10.0, 20.0], [0.0, 5.0], array([1, 0, 1], dtype=uint32))
    """
    places = [place for place, name in enumerate(names) if is_setting(name)]
    if not places:
        index = np.zeros(len(values), dtype=np.uint32)
        return Settings(np.ascontiguousarray(values), [(risk, execution)], index)
    others = [place for place in range(len(names)) if place not in places]
    wanted = [names[place] for place in places]
    _check_known(wanted, risk, execution)
    distinct, which = distinct_rows(values[:, places])
    pairs = [
        _pair(dict(zip(wanted, row, strict=True)), risk, execution) for row in distinct.tolist()
    ]
    params = np.ascontiguousarray(values[:, others])
    return Settings(params, pairs, which.astype(np.uint32))


def distinct_rows(rows: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """Return the distinct rows in ascending order, and which of them each row is.

    Column by column it takes a tenth of the time that `np.unique` takes for whole rows.

    Examples
    --------
    >>> found, which = distinct_rows(np.array([[2.0, 1.0], [1.0, 3.0], [2.0, 1.0]]))
    >>> found.tolist(), which.tolist()
    ([[1.0, 3.0], [2.0, 1.0]], [1, 0, 1])
    """
    index = np.zeros(len(rows), dtype=np.intp)
    first = index[:1]
    for column in rows.T:
        _, place = np.unique(column, return_inverse=True)
        found = index * (place.max(initial=0) + 1) + place
        _, first, index = np.unique(found, return_index=True, return_inverse=True)
    return rows[first], index


def _pair(values: Mapping[str, float], risk: Risk, execution: Execution) -> tuple[Risk, Execution]:
    of: dict[str, dict[str, Any]] = {"risk": {}, "execution": {}}
    for name, value in values.items():
        owner, _, field = name.partition(".")
        of[owner][field] = value
    try:
        return replace(risk, **of["risk"]), replace(execution, **of["execution"])
    except ConfigError as error:
        raise SpaceError(f"{_where(values)}: {error}") from error


def _check_known(names: Iterable[str], risk: Risk, execution: Execution) -> None:
    there = setting_names(risk, execution)
    for name in names:
        if name not in there:
            raise SpaceError(_unknown(name, there, risk))


def _where(values: Mapping[str, float]) -> str:
    return f"space at {', '.join(f'{name}={value:g}' for name, value in values.items())}"


def _unknown(name: str, there: list[str], risk: Risk) -> str:
    owner, _, field = name.partition(".")
    if owner == "execution" and field in {item.name for item in fields(Execution)}:
        return (
            f"space names {name!r}, which is no number; give it once, as in "
            f"hl.Execution({field}=...); numbers are {there}"
        )
    close = difflib.get_close_matches(name, there, n=1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    if owner == "risk" and not fields(risk):
        return (
            f"space names {name!r}, and {type(risk).__name__} has no settings; give the search a "
            f"risk that has, such as risk=hl.FixedFraction(0.5); there are {there}"
        )
    return (
        f"space names {name!r}, which neither {type(risk).__name__} nor Execution has; "
        f"{meant}there are {there}"
    )
