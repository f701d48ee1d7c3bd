"""One moment, however it is written, as microseconds since the epoch."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np

from hyprl_lab.errors import BarsError

__all__ = ["microseconds"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: str | date | datetime | np.datetime64 | int) -> int:
    """Return a moment as int microseconds since the epoch, UTC.

    Parameters
    ----------
    moment
        ISO 8601 text, a date (its midnight), a datetime, a NumPy datetime, or microseconds. One
        that carries no zone is UTC.

    Raises
    ------
    BarsError
        The text is no ISO 8601 moment, or the value is NaT or of another type.

    Examples
    --------
    >>> microseconds("1970-01-02"), microseconds("1970-01-01T01:00:00+01:00")
    (86400000000, 0)
    """
    if isinstance(moment, np.datetime64):
        if np.isnat(moment):
            raise BarsError("moment: found NaT; expected a time")
        return int(moment.astype("datetime64[us]").astype(np.int64))
    if isinstance(moment, int | np.integer) and not isinstance(moment, bool):
        return int(moment)
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError as error:
            raise BarsError(
                f"moment: found {moment!r}; expected ISO 8601, such as '2024-01-31' or "
                "'2024-01-31T15:30:00+00:00'"
            ) from error
    if isinstance(moment, datetime):
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return (aware - _EPOCH) // timedelta(microseconds=1)
    if isinstance(moment, date):
        return (moment - _EPOCH.date()) // timedelta(microseconds=1)
    raise BarsError(
        f"moment: found {type(moment).__name__}; expected ISO 8601 text, a date or a datetime"
    )
