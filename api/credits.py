"""Daily credits: one conditional UPDATE, with the row of the usage log in the same transaction.

The day is the UTC date of the database's clock, computed inside the statement. A debit comes
before the work; where the work then fails, a compensating row takes it back. A refusal writes
nothing. If the clock steps back over midnight the counters are kept, not emptied.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, and_, case, insert, select, update

from api.accounts.tables import api_tokens, usage_log, utc_today

if TYPE_CHECKING:
    from api.accounts.database import Database

__all__ = ["STANDING", "Credits", "Receipt", "Refusal", "Standing", "standing_of"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a token stands on `day` (UTC)."""

    day: date
    credits_limit: int
    credits_used: int
    requests_limit: int
    requests_used: int

    @property
    def credits_remaining(self) -> int:
        """Credits left until the day ends; 0 where the limit was lowered below the use."""
        return max(self.credits_limit - self.credits_used, 0)

    @property
    def resets_at(self) -> datetime:
        """The next UTC midnight, when the counters start again."""
        return datetime.combine(self.day + timedelta(days=1), time(), UTC)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A debit that was made; it is what a refund takes back."""

    usage_id: int
    token_id: str
    route: str
    cost: int
    request_id: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Refusal:
    """A debit that was not made: `credits`, `requests` or `inactive` stood in the way."""

    limit: str
    standing: Standing


_TODAY = utc_today()
_SAME_DAY = api_tokens.c.last_reset_at >= _TODAY
_CREDITS = case((_SAME_DAY, api_tokens.c.credits_daily_used), else_=0)
_REQUESTS = case((_SAME_DAY, api_tokens.c.requests_daily_used), else_=0)
_DAY = case((_SAME_DAY, api_tokens.c.last_reset_at), else_=_TODAY)
STANDING = (
    _DAY.label("day"),
    api_tokens.c.credits_daily_limit,
    _CREDITS.label("credits_used"),
    api_tokens.c.max_rpd,
    _REQUESTS.label("requests_used"),
    api_tokens.c.active,
)
"""The columns that `standing_of` reads, as they count now: a new day starts at 0."""


class Credits:
    """Debits, refunds and standings on an accounts database.

    Raises
    ------
    sqlalchemy.exc.OperationalError
        From every method, where the database does not answer; the caller then does no work.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def debit(self, token_id: str, *, route: str, cost: int, request_id: str) -> Receipt | Refusal:
        """Take `cost` credits and one request of the day, or nothing."""
        statement = (
            update(api_tokens)
            .where(
                and_(
                    api_tokens.c.id == token_id,
                    api_tokens.c.active,
                    _CREDITS + cost <= api_tokens.c.credits_daily_limit,
                    api_tokens.c.max_rpd >= _REQUESTS + 1,
                )
            )
            .values(
                credits_daily_used=_CREDITS + cost,
                requests_daily_used=_REQUESTS + 1,
                last_reset_at=_DAY,
            )
            .returning(
                api_tokens.c.last_reset_at.label("day"),
                api_tokens.c.credits_daily_limit,
                api_tokens.c.credits_daily_used.label("credits_used"),
                api_tokens.c.max_rpd,
                api_tokens.c.requests_daily_used.label("requests_used"),
            )
        )
        with self._database.write() as connection:
            row = connection.execute(statement).one_or_none()
            if row is None:
                found = connection.execute(
                    select(*STANDING).where(api_tokens.c.id == token_id)
                ).one()
                return Refusal(_what_refused(found, cost), standing_of(found))
            usage_id: int = connection.execute(
                insert(usage_log)
                .values(
                    token_id=token_id,
                    day=row.day,
                    route=route,
                    credits=cost,
                    request_id=request_id,
                )
                .returning(usage_log.c.id)
            ).scalar_one()
        return Receipt(usage_id, token_id, route, cost, request_id, standing_of(row))

    def refund(self, receipt: Receipt) -> Standing:
        """Take a debit back with a compensating row, once; a repeat changes nothing."""
        with self._database.write() as connection:
            done = connection.execute(
                select(usage_log.c.id).where(usage_log.c.refund_of == receipt.usage_id)
            ).one_or_none()
            if done is None:
                connection.execute(
                    insert(usage_log).values(
                        token_id=receipt.token_id,
                        day=receipt.standing.day,
                        route=receipt.route,
                        credits=-receipt.cost,
                        request_id=receipt.request_id,
                        refund_of=receipt.usage_id,
                    )
                )
                connection.execute(
                    update(api_tokens)
                    .where(
                        api_tokens.c.id == receipt.token_id,
                        api_tokens.c.last_reset_at == receipt.standing.day,
                    )
                    .values(
                        credits_daily_used=api_tokens.c.credits_daily_used - receipt.cost,
                        requests_daily_used=api_tokens.c.requests_daily_used - 1,
                    )
                )
            row = connection.execute(
                select(*STANDING).where(api_tokens.c.id == receipt.token_id)
            ).one()
        return standing_of(row)


def standing_of(row: Row[*tuple[Any, ...]]) -> Standing:
    """Return the standing that a row of `STANDING` shows."""
    return Standing(
        day=row.day,
        credits_limit=row.credits_daily_limit,
        credits_used=row.credits_used,
        requests_limit=row.max_rpd,
        requests_used=row.requests_used,
    )


def _what_refused(row: Row[*tuple[Any, ...]], cost: int) -> str:
    if not row.active:
        return "inactive"
    if row.credits_used + cost > row.credits_daily_limit:
        return "credits"
    return "requests"
