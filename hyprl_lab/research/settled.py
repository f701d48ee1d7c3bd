"""A point of a space, taken apart: the strategy's parameters, and the settings it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.research.space import is_setting, split_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.engine.config import Execution, Risk

__all__ = ["Settled", "settled"]


@dataclass(frozen=True, slots=True)
class Settled:
    """What one backtest needs of a point.

    Parameters
    ----------
    params
        The strategy's parameters.
    risk, execution
        As the point has them.
    """

    params: dict[str, float]
    risk: Risk
    execution: Execution


def settled(params: Mapping[str, float], risk: Risk, execution: Execution) -> Settled:
    """Take a point apart.

    Parameters
    ----------
    params
        A value by name; `risk.` and `execution.` names are settings.
    risk, execution
        What those names change.

    Raises
    ------
    SpaceError
        A setting is out of its range, or there is none of that name.

    Examples
    --------
    >>> from hyprl_lab.engine.config import Execution
    >>> from hyprl_lab.engine.risk import FixedFraction
    >>> point = settled({"fast": 5, "risk.fraction": 0.5}, FixedFraction(1.0), Execution())
    >>> point.params, point.risk
    ({'fast': 5.0}, FixedFraction(fraction=0.5))
    """
    names = sorted(params)
    values = np.array([[params[name] for name in names]], dtype=np.float64)
    found = split_settings(names, values, risk, execution)
    own = [name for name in names if not is_setting(name)]
    pair = found.pairs[0]
    return Settled(dict(zip(own, found.params[0].tolist(), strict=True)), *pair)
