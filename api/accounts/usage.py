"""What a token has used, by day and route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import case, func, select

from api.accounts.tables import usage_log

if TYPE_CHECKING:
    from datetime import date

    from api.accounts.database import Database

__all__ = ["HISTORY_ROWS", "DailyUsage", "history"]

HISTORY_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class DailyUsage:
    """Calls, refunded calls and net credits of one route on one UTC day."""

    day: date
    route: str
    calls: int
    refunds: int
    credits: int


def history(database: Database, token_id: str) -> list[DailyUsage]:
    """Return the newest `HISTORY_ROWS` days and routes of a token, the newest first."""
    refund = usage_log.c.refund_of.is_not(None)
    statement = (
        select(
            usage_log.c.day,
            usage_log.c.route,
            func.sum(case((refund, 0), else_=1)).label("calls"),
            func.sum(case((refund, 1), else_=0)).label("refunds"),
            func.sum(usage_log.c.credits).label("credits"),
        )
        .where(usage_log.c.token_id == token_id)
        .group_by(usage_log.c.day, usage_log.c.route)
        .order_by(usage_log.c.day.desc(), usage_log.c.route)
        .limit(HISTORY_ROWS)
    )
    with database.read() as connection:
        return [
            DailyUsage(row.day, row.route, row.calls, row.refunds, row.credits)
            for row in connection.execute(statement)
        ]
