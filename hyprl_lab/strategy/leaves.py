"""What an expression starts from: columns, constants and parameters."""

from __future__ import annotations

from hyprl_lab.strategy.expression import Expr
from hyprl_lab.strategy.parameter import Parameter, finite_number

__all__ = ["col", "column", "constant", "param"]


def column(name: str) -> Expr:
    """Return a column of the bars: open, high, low, close, volume or any feature.

    Parameters
    ----------
    name
        The column's name. NaN in a feature column is a missing value.

    Raises
    ------
    StrategyError
        The name is empty or no printable text.

    Examples
    --------
    >>> column("sentiment") > 0.5
    (sentiment > 0.5)
    """
    return Expr("column", name=name)


col = column


def constant(value: object) -> Expr:
    """Return a constant.

    Parameters
    ----------
    value
        A finite number; not a boolean, NaN or an infinity.

    Raises
    ------
    StrategyError
        `value` is anything else.

    Examples
    --------
    >>> constant(30)
    30
    """
    return Expr("constant", value=finite_number(value, "constant"))


def param(
    name: str,
    low: float | None = None,
    high: float | None = None,
    *,
    integer: bool | None = None,
) -> Expr:
    """Return a parameter: a named number that is given when the strategy is run.

    Parameters
    ----------
    name
        An ASCII identifier.
    low, high
        The range, both ends included: the default search range, and a bound on what
        may be given. Both or neither; without them any finite number is accepted.
    integer
        Whether only whole numbers are accepted; by default where both ends are `int`s,
        and wherever a parameter without a range is used as a window.

    Raises
    ------
    StrategyError
        The name is no identifier, or the range is half given, empty or not finite.

    Examples
    --------
    >>> from hyprl_lab.strategy import close, ta
    >>> ta.sma(close, param("fast", 5, 50))
    sma(close, fast)
    """
    declared = Parameter(name, low, high, integer)
    return Expr("parameter", name=declared.name, parameter=declared)
