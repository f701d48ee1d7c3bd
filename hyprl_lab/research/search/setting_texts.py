"""The settings of a batch as JSON texts: a text with gaps, filled with each setting's numbers.

A search may give every trial settings of its own. To make the objects `Risk` and `Execution` for
each, and to write each as JSON, takes longer than a trial does; all but the searched numbers is
the same in all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.hashing import canonical_json
from hyprl_lab.research.space import is_setting, setting_corners, settings_at
from hyprl_lab.research.space.settings import whole_setting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.types import FloatArray, IntArray, JsonValue

__all__ = ["SettingTexts", "setting_texts"]


@dataclass(frozen=True, slots=True, eq=False)
class SettingTexts:
    """Points of a space, taken apart into what the strategy and what the settings take.

    Parameters
    ----------
    params
        float64, shape (points, parameters of the strategy), columns sorted by name.
    pairs
        The distinct settings, in ascending order of their values: risk and execution, each as
        RFC 8785 JSON of its `to_json()`.
    index
        uint32, a point each: which of the pairs it has.
    """

    params: FloatArray
    pairs: list[tuple[str, str]]
    index: NDArray[np.uint32]


def setting_texts(
    names: Sequence[str], values: FloatArray, risk: Risk, execution: Execution
) -> SettingTexts:
    """Take points apart: as `split_settings`, with texts in the place of objects.

    Parameters
    ----------
    names
        Of the columns, sorted.
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
    >>> from hyprl_lab.engine.config import Execution, FixedFraction
    >>> points = np.array([[10.0, 0.5], [20.0, 1.0], [30.0, 0.5]])
    >>> found = setting_texts(["fast", "risk.fraction"], points, FixedFraction(1), Execution())
    >>> found.index, found.pairs[1][0]
    (array([0, 1, 0], dtype=uint32), '{"fraction":1,"model":"fixed_fraction"}')
    """
    places = [place for place, name in enumerate(names) if is_setting(name)]
    if not places:
        pair = _json(risk.to_json()), _json(execution.to_json())
        return SettingTexts(
            np.ascontiguousarray(values), [pair], np.zeros(len(values), dtype=np.uint32)
        )
    others = [place for place in range(len(names)) if place not in places]
    params = np.ascontiguousarray(values[:, others])
    first, index = _distinct(values[:, places])
    columns = dict(zip([names[place] for place in places], values[first][:, places].T, strict=True))
    if not len(first):
        return SettingTexts(params, [], index.astype(np.uint32))
    _check(columns, risk, execution)
    one = settings_at(_row(columns, 0), risk, execution)
    texts = [
        _filled(owner, settings.to_json(), columns, len(first))
        for owner, settings in zip(("risk", "execution"), one, strict=True)
    ]
    return SettingTexts(params, list(zip(*texts, strict=True)), index.astype(np.uint32))


def _distinct(rows: FloatArray) -> tuple[IntArray, IntArray]:
    """Return where each distinct row is found first, rows ascending, and which each row is."""
    index = np.zeros(len(rows), dtype=np.int64)
    first = index[:1]
    for column in rows.T:
        values, place = np.unique(column, return_inverse=True)
        _, first, index = np.unique(
            index * len(values) + place, return_index=True, return_inverse=True
        )
    return first, index


def _row(columns: Mapping[str, FloatArray], row: int) -> dict[str, float]:
    return {name: float(column[row]) for name, column in columns.items()}


def _check(columns: Mapping[str, FloatArray], risk: Risk, execution: Execution) -> None:
    """Refuse settings that can't be, by the corners of the box that they span.

    See `setting_corners`. What must be whole is looked at one by one.
    """
    rows = len(next(iter(columns.values())))
    suspects: Iterable[Mapping[str, float]]
    if rows <= 2 ** len(columns):
        suspects = (_row(columns, row) for row in range(rows))
    else:
        parts = [
            np.flatnonzero(column != np.floor(column))[:1]
            for name, column in columns.items()
            if whole_setting(name, risk, execution)
        ]
        ends = {name: (float(each.min()), float(each.max())) for name, each in columns.items()}
        suspects = chain(
            (_row(columns, int(row)) for row in chain.from_iterable(parts)),
            setting_corners(ends),
        )
    for values in suspects:
        settings_at(values, risk, execution)


def _filled(
    owner: str, settings: Mapping[str, JsonValue], columns: Mapping[str, FloatArray], rows: int
) -> list[str]:
    """Return the RFC 8785 text of settings, a row each: only the searched numbers differ.

    Keys are ASCII, so their own order is that of RFC 8785.
    """
    parts, numbers = [], []
    for key in sorted(settings):
        column = columns.get(f"{owner}.{key}")
        if column is None:
            text = _json(settings[key]).replace("%", "%%")
        else:
            given = column.astype(np.int64) if isinstance(settings[key], int) else column
            numbers.append([_number(value) for value in given.tolist()])
            text = "%s"
        parts.append(f'"{key}":{text}')
    template = "{" + ",".join(parts) + "}"
    if not numbers:
        return [template % ()] * rows
    return [template % found for found in zip(*numbers, strict=True)]


def _number(value: float) -> str:
    """Return a number as RFC 8785 writes it.

    Python and ECMAScript both write the shortest decimal that reads back as the same float64;
    where Python writes no exponent they differ only in `.0`, and in the sign of minus zero.
    """
    text = repr(value + 0)
    return _json(value) if "e" in text else text.removesuffix(".0")


def _json(value: JsonValue) -> str:
    return canonical_json(value).decode()
