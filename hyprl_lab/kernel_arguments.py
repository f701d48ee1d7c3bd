"""Single arguments of the native engine, checked: kinds, shapes, addresses that it can read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np

from hyprl_lab.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hyprl_lab.types import FloatArray

__all__ = [
    "MOST_THREADS",
    "READABLE",
    "TrialSettings",
    "columns_of",
    "finite_of",
    "flag_of",
    "form",
    "index_of",
    "indices_of",
    "names_of",
    "numbers_of",
    "prefix_of",
    "rows_of",
    "said",
    "text_of",
    "threads_of",
    "trial_settings_of",
    "watch_of",
]

MOST_THREADS: Final = 1024
"""The most worker threads that a search is given."""

READABLE: Final[tuple[Literal["C"], Literal["A"]]] = ("C", "A")
"""Contiguous and aligned, for `np.require`: what stands at odd addresses is copied."""

_MOST_INDEX: Final = 2**63 - 1
_PREFIX_BYTES: Final = 32
_SHOWN: Final = 40
_SHOWN_BITS: Final = 128

TrialSettings: TypeAlias = "tuple[Sequence[tuple[str, str]], NDArray[np.uint32]]"
"""Risk and execution of some accounts as JSON texts, and which of them each trial has."""


def columns_of(columns: Mapping[str, FloatArray]) -> list[tuple[str, FloatArray]]:
    """Return float64 columns of one length, contiguous and at even addresses.

    Raises
    ------
    InputError
        They are no mapping, a name is no text, a column holds what is no number, or their shapes
        differ.

    Examples
    --------
    >>> columns_of({"close": [1, 2]})
    [('close', array([1., 2.]))]
    """
    if not isinstance(columns, Mapping):
        raise InputError(f"columns is {form(columns)}; expected arrays by name, as bars.columns")
    checked = [
        (text_of("column name", name), _real_array(f"column {said(name)}", values))
        for name, values in columns.items()
    ]
    shapes = {values.shape for _, values in checked}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        raise InputError(f"columns have shapes {sorted(shapes)}, expected one length for all")
    return checked


def numbers_of(name: str, values: object, axes: Sequence[str]) -> FloatArray:
    """Return float64 numbers of as many dimensions as `axes` has names.

    Raises
    ------
    InputError
        They are no numbers, or have other dimensions.

    Examples
    --------
    >>> numbers_of("values", [[5, 20]], ("trials", "parameters"))
    array([[ 5., 20.]])
    """
    found = _real_array(name, values)
    if found.ndim != len(axes):
        raise InputError(
            f"{name} has {found.ndim} dimensions, expected {len(axes)}: ({', '.join(axes)})"
        )
    return found


def threads_of(threads: object) -> int:
    """Return a number of worker threads from 1 to `MOST_THREADS`.

    Raises
    ------
    InputError
        It is none.

    Examples
    --------
    >>> threads_of(2)
    2
    """
    found = _whole(threads)
    if found is None or not 1 <= found <= MOST_THREADS:
        raise InputError(
            f"threads is {said(threads)}, expected a whole number from 1 to {MOST_THREADS:,}"
        )
    return found


def trial_settings_of(
    settings: TrialSettings, trials: int
) -> tuple[list[tuple[str, str]], NDArray[np.uint32]]:
    """Return the accounts of a search, and which of them each trial has.

    Raises
    ------
    InputError
        They are no pair, an account is no pair of texts, or the index is not uint32, one a trial.
    """
    if not isinstance(settings, tuple | list) or len(settings) != 2:
        raise InputError(
            f"settings is {form(settings)}, expected a pair: accounts, and which of them each "
            "trial has"
        )
    pairs, index = settings
    accounts = [
        (text_of("risk", risk, ConfigError), text_of("execution", execution, ConfigError))
        for risk, execution in rows_of("settings", pairs, ("risk", "execution"))
    ]
    fits = isinstance(index, np.ndarray) and index.shape == (trials,) and index.dtype == np.uint32
    if not fits:
        raise InputError(
            f"settings name {form(index)}, expected uint32 of shape ({trials},): one for each trial"
        )
    return accounts, np.require(index, requirements=READABLE)


def indices_of(nodes: object) -> list[int]:
    """Return indices of a graph's nodes.

    Raises
    ------
    InputError
        One is no whole number from 0, or they are no sequence.

    Examples
    --------
    >>> indices_of([0, 3])
    [0, 3]
    """
    if isinstance(nodes, str | bytes) or not isinstance(nodes, Sequence | np.ndarray):
        raise InputError(f"nodes is {form(nodes)}, expected a list of indices of the graph's nodes")
    return [
        index_of("nodes hold", node, "indices of the graph's nodes, from 0 on") for node in nodes
    ]


def prefix_of(prefix: object) -> bytes:
    """Return the SHA-256 that trials share.

    Raises
    ------
    InputError
        It is not 32 bytes.
    """
    if not isinstance(prefix, bytes) or len(prefix) != _PREFIX_BYTES:
        found = f"{len(prefix)} bytes" if isinstance(prefix, bytes) else form(prefix)
        raise InputError(f"prefix is {found}, expected the {_PREFIX_BYTES} bytes of a SHA-256")
    return prefix


def names_of(names: object, columns: int) -> list[str]:
    """Return parameter names, one a column of values.

    Raises
    ------
    InputError
        One is no text or stands there twice, or there are more or fewer than columns.

    Examples
    --------
    >>> names_of(["slow", "fast"], 2)
    ['slow', 'fast']
    """
    if not isinstance(names, list | tuple):
        raise InputError(f"names is {form(names)}, expected a list of parameter names")
    found = [text_of("name", name) for name in names]
    if len(found) != columns or len(set(found)) != columns:
        raise InputError(
            f"names are {len(set(found))} different ones for {columns} columns of values; expected "
            "one for each"
        )
    return found


def watch_of(watch: Callable[[int, int], bool] | None) -> Callable[[int, int], bool] | None:
    """Return what is told of progress.

    Raises
    ------
    InputError
        It is neither a function nor `None`.
    """
    if watch is not None and not callable(watch):
        raise InputError(
            f"watch is {form(watch)}, expected a function of what is done and of all, or None"
        )
    return watch


def flag_of(name: str, value: object) -> bool:
    """Return a flag.

    Raises
    ------
    InputError
        It is neither `True` nor `False`.
    """
    if not isinstance(value, bool):
        raise InputError(f"{name} is {said(value)}, expected True or False")
    return value


def text_of(name: str, value: object, error: type[InputError] = InputError) -> str:
    """Return a text that can be written as UTF-8.

    Raises
    ------
    InputError
        Or the error that was named: it is no text, or holds half of a surrogate pair.
    """
    if not isinstance(value, str):
        raise error(f"{name} is {form(value)}, expected text")
    try:
        value.encode()
    except UnicodeEncodeError as bad:
        raise error(
            f"{name} holds {value[bad.start]!a} at character {bad.start}, half of a surrogate "
            "pair; expected text that UTF-8 can write"
        ) from bad
    return value


def _real_array(name: str, values: object) -> FloatArray:
    try:
        found = np.asarray(values)
    except (ValueError, TypeError, OverflowError) as error:  # lists of different lengths
        raise InputError(f"{name} is {form(values)}, expected an array of real numbers") from error
    if found.dtype.kind not in "iuf":
        held = form(values) if found.ndim == 0 else str(found.dtype)
        raise InputError(f"{name} is {held}, expected an array of real numbers")
    return np.require(found, np.float64, READABLE)


def rows_of(name: str, given: Any, parts: Sequence[str]) -> Sequence[Any]:
    """Return rows of as many values as `parts` has names.

    Raises
    ------
    InputError
        It is no list, or a row is no tuple of that many.

    Examples
    --------
    >>> rows_of("clock", [("weekday", [0.0])], ("name", "values"))
    [('weekday', [0.0])]
    """
    wanted = f"a list of ({', '.join(parts)})"
    if not isinstance(given, list | tuple):
        raise InputError(f"{name} is {form(given)}, expected {wanted}")
    for row in given:
        if not isinstance(row, list | tuple) or len(row) != len(parts):
            raise InputError(f"{name} holds {form(row)}, expected {wanted}")
    return given


def finite_of(name: str, value: object, *, zero: bool = False) -> float:
    """Return a finite number above 0, or from 0 where `zero` is allowed.

    Raises
    ------
    ConfigError
        It is none.

    Examples
    --------
    >>> finite_of("cash", 5)
    5.0
    """
    found = math.nan
    if not isinstance(value, bool) and isinstance(value, Real):
        try:
            found = float(value)
        except OverflowError:
            found = math.inf
    if not math.isfinite(found) or found < 0.0 or (found == 0.0 and not zero):
        bound = "from 0" if zero else "above 0"
        raise ConfigError(f"{name} is {said(value)}, expected a finite number {bound}")
    return found


def index_of(what: str, value: object, expected: str) -> int:
    """Return a whole number from 0 that fits 64 bits.

    Raises
    ------
    InputError
        It is none; `what` and `expected` are the words of the message.

    Examples
    --------
    >>> index_of("start is", 3, "a bar index")
    3
    """
    found = _whole(value)
    if found is None or not 0 <= found <= _MOST_INDEX:
        raise InputError(f"{what} {said(value)}, expected {expected}")
    return found


def _whole(value: object) -> int | None:
    """Return a whole number, `None` where it is something else; booleans are no numbers here."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        return None
    return int(value)


def said(value: object) -> str:
    """Return a value as short text, whatever it is; its kind where that would be long.

    Examples
    --------
    >>> said(1.5), said("2"), said([1, 2])
    ('1.5', "'2'", 'a list')
    """
    if isinstance(value, str):
        return f"{value[:_SHOWN]!a}"
    whole = isinstance(value, int) and value.bit_length() <= _SHOWN_BITS
    short = value is None or whole or isinstance(value, float | np.number)
    return repr(value) if short else form(value)


def form(value: object) -> str:
    """Return what kind of thing a value is, of an array its type and shape.

    Examples
    --------
    >>> form([1, 2]), form(5), form(np.zeros(3))
    ('a list', 'an int', 'float64 of shape (3,)')
    """
    if isinstance(value, np.ndarray):
        return f"{value.dtype} of shape {value.shape}"
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"
