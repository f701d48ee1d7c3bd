"""The one study that a caller hands in."""

from __future__ import annotations

from typing import Any

from hyprl_lab.errors import InputError
from hyprl_lab.research.study.group import StudyGroup
from hyprl_lab.research.study.study import Study
from hyprl_lab.strategy.wording import shown

__all__ = ["one_study"]


def one_study(given: Any, *, expected: str = "what hl.supersearch returned") -> Study:
    """Return what was handed in, if it is one study.

    Parameters
    ----------
    given
        Whatever it is.
    expected
        What a caller may hand in, for the error.

    Raises
    ------
    InputError
        It is no study, or a group of them.
    """
    if isinstance(given, StudyGroup):
        raise InputError(
            f"found a group of {len(given)} studies; expected one of them, such as "
            f"group[{given.names[0]!r}]"
        )
    if not isinstance(given, Study):
        raise InputError(f"found {shown(given)}; expected {expected}")
    return given
