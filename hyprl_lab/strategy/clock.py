"""Where in its session a bar stands: numbers read off the stamps and the calendar."""

from __future__ import annotations

from typing import Final

from hyprl_lab.strategy.expression import Expr

__all__ = ["bar_of_session", "minute_of_day", "weekday"]

minute_of_day: Final[Expr] = Expr("minute_of_day")
"""Minutes from midnight to the bar's open, local time of the calendar."""

weekday: Final[Expr] = Expr("weekday")
"""The weekday of the bar's session, Monday 0 to Sunday 6."""

bar_of_session: Final[Expr] = Expr("bar_of_session")
"""Bars since the session's first one, which is 0."""
