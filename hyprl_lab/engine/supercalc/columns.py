"""Columns of parameter values, checked as a single backtest's parameters are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.parameter import by_name
from hyprl_lab.strategy.wording import listed, shown

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import FloatArray

__all__ = ["rows_of"]


def rows_of(strategy: Strategy, columns: Mapping[str, ArrayLike]) -> tuple[list[str], FloatArray]:
    """Return parameter names, sorted, and a row of values a parameter set.

    Parameters
    ----------
    strategy
        Whose parameters they are.
    columns
        An array of values for each, all of one length.

    Returns
    -------
    tuple
        Names, and float64 of shape (sets, parameters), C-contiguous, -0 as 0.

    Raises
    ------
    StrategyError
        A parameter is missing or unknown, columns differ in length or are empty, a value is not
        finite, not whole where it must be, or out of its range.

    Examples
    --------
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> names, values = rows_of(dual_sma(), {"slow": [20, 30], "fast": [5, 10]})
    >>> names, values.tolist()
    (['fast', 'slow'], [[5.0, 20.0], [10.0, 30.0]])
    """
    known = strategy.parameters
    if not known:
        raise StrategyError(
            f"{strategy.name!r} has no parameters, so there is one set; call run_backtest_native"
        )
    if not hasattr(columns, "keys"):
        raise StrategyError(
            f"param_columns is {shown(columns)}; expected a list of values by each parameter's "
            f"name, as in {{{next(iter(known))!r}: [10, 20], ...}}"
        )
    given = by_name(columns, known)
    missing = [name for name in known if name not in given]
    unknown = [name for name in given if name not in known]
    if missing or unknown:
        raise StrategyError(
            f"columns of {strategy.name!r}: missing {listed(missing)}, unknown {listed(unknown)}; "
            f"expected exactly {listed(list(known))}"
        )
    names = sorted(known)
    found = {name: _numbers(name, given[name]) for name in names}
    lengths = {name: len(values) for name, values in found.items()}
    if len(set(lengths.values())) > 1 or not lengths[names[0]]:
        raise StrategyError(
            f"columns have lengths {lengths}; expected one length from 1: the n-th values of all "
            "make the n-th parameter set"
        )
    for name, values in found.items():
        _check(strategy, name, values)
    return names, np.ascontiguousarray(np.column_stack([found[name] for name in names]))


def _numbers(name: str, column: Any) -> FloatArray:
    found = _array(name, column)
    if found.ndim != 1:
        raise StrategyError(
            f"column {name!r} has {found.ndim} dimensions; expected numbers in one: a list, a "
            "range or an array"
        )
    values = found.astype(np.float64) + 0.0
    odd = np.flatnonzero(~np.isfinite(values))
    if odd.size:
        raise StrategyError(
            f"column {name!r} holds {values[odd[0]]} at row {odd[0]}; expected finite numbers"
        )
    return values


def _array(name: str, column: Any) -> NDArray[Any]:
    """Read a column; value by value where NumPy might make a number of what is none."""
    if isinstance(column, str | bytes | Mapping) or not isinstance(column, Iterable):
        raise StrategyError(f"column {name!r} is {shown(column)}; expected a list of numbers")
    if isinstance(column, range):
        return np.asarray(column)
    if not isinstance(column, list | tuple):
        if not hasattr(column, "__array__"):  # a set has no order, a generator is used up
            kind = type(column).__name__
            raise StrategyError(f"column {name!r} is a {kind}; expected a list: write list(...)")
        found = np.asarray(column)
        if found.dtype.kind in "iuf" or found.ndim != 1:
            return found
        column = found.tolist() if found.dtype.kind in "bO" else found
    return np.array([_one(name, row, value) for row, value in enumerate(column)], np.float64)


def _one(name: str, row: int, value: Any) -> float:
    if isinstance(value, bool | np.bool_):
        mend = "; expected numbers: write 1 for True and 0 for False"
    elif isinstance(value, str):
        mend = "; expected numbers: write it without quotes"
    elif not isinstance(value, Real):
        mend = f", which is a {type(value).__name__}; expected numbers"
    else:
        try:
            return float(value)
        except OverflowError:
            mend = "; expected numbers that a float64 holds"
    raise StrategyError(f"column {name!r} holds {shown(value)} at row {row}{mend}")


def _check(strategy: Strategy, name: str, values: FloatArray) -> None:
    """Check the values that could be refused: the ends of the range, and one that is not whole."""
    parameter, window = strategy.parameters[name], name in strategy.graph.windows
    suspects = [values.min(), values.max(), *values[values != np.floor(values)][:1]]
    for value in (float(suspect) for suspect in suspects):
        parameter.checked(value, window=window)
        for use in strategy.graph.scalars:
            if use.name == name:
                use.check(value)
