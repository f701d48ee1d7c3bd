"""Why a text is no time, in words, and what to say about the whole column instead."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

__all__ = ["compact_date", "unpadded_format", "why_no_time"]

_DATES: Final = (
    (r"[0-9]{8}", "%Y%m%d"),
    (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", "%Y-%m-%d"),
    (r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}", "%Y/%m/%d"),
    (r"[0-9]{4}[.][0-9]{1,2}[.][0-9]{1,2}", "%Y.%m.%d"),
)
_FINER: Final = re.compile(r".*[.,][0-9]{6}[0-9]*[1-9][0-9]*(?:[^0-9].*)?")


def unpadded_format(texts: list[str]) -> str | None:
    """Return the format of dates with a clock whose leading zeros are missing, if they are.

    Examples
    --------
    >>> unpadded_format(["20240102 930", "20240102 1000"])
    '%Y%m%d %H%M'
    >>> unpadded_format(["2024-01-02 93000"]), unpadded_format(["2024-01-02 0930"])
    ('%Y-%m-%d %H%M%S', None)
    """
    for pattern, form in _DATES:
        found = [re.fullmatch(pattern + " +([0-9]{1,6})", text.strip()) for text in texts]
        lengths = {len(match[1]) for match in found if match is not None}
        if lengths - {4, 6}:
            return f"{form} %H%M%S" if max(lengths) > 4 else f"{form} %H%M"
    return None


def compact_date(count: int) -> str | None:
    """Return the format of a number whose digits are a date and a clock, if they are.

    Examples
    --------
    >>> compact_date(202401160930), compact_date(1704153600000)
    ('%Y%m%d%H%M', None)
    """
    text = str(count)
    form = {12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}.get(len(text))
    if form is None or not "1900" <= text[:4] <= "2100":
        return None
    try:
        datetime.strptime(text, form)  # noqa: DTZ007 - only whether it is a date
    except ValueError:
        return None
    return form


def why_no_time(text: str, unpadded: str | None) -> tuple[str, str | None]:
    """Return what a text should have been, and how to mend all of its kind if there is a way.

    Parameters
    ----------
    text
        What is no time.
    unpadded
        The format of the column, where leading zeros are missing in it.

    Examples
    --------
    >>> why_no_time("2024-01-02 09:30:00.000000500", None)[0]
    'whole microseconds, for finer ones are not kept'
    """
    if _FINER.fullmatch(text.strip()):
        mend = "Round the times to microseconds at the source"
        return "whole microseconds, for finer ones are not kept", mend
    if unpadded is not None and unpadded_format([text]) is not None:
        return "a clock with its leading zeros", f"State it: dates={unpadded!r}"
    return "a day and a time that exist, written like most of the others", None
