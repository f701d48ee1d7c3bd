"""Daily credits: one conditional UPDATE, with the row of the usage log in the same transaction.

The day is the UTC date of the database's clock, computed inside the statement. A debit comes
before the work; where the work then fails, a compensating row takes it back. A refusal writes
nothing. If the clock steps back over midnight the counters are kept, not emptied.

A debit is open until its call is answered. A shutdown refunds the open ones together, by a fixed
number of statements: with busy threads around, each statement waits long for the interpreter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, and_, case, exists, func, insert, select, update

from api.accounts.tables import api_tokens, is_day, usage_log, utc_today
from api.problems import shutting_down

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

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
_SAME_DAY = and_(is_day(api_tokens.c.last_reset_at), api_tokens.c.last_reset_at >= _TODAY)
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
        self._open: dict[int, Receipt] = {}
        self._closed = False

    def debit(self, token_id: str, *, route: str, cost: int, request_id: str) -> Receipt | Refusal:
        """Take `cost` credits and one request of the day, or nothing.

        Raises
        ------
        ProblemError
            503 with `shutting_down`, after `close`.
        """
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
            if self._closed:
                raise shutting_down()
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
            receipt = Receipt(usage_id, token_id, route, cost, request_id, standing_of(row))
            # Inside the transaction, so that `close`, which waits for it, misses no debit.
            self._open[usage_id] = receipt
        return receipt

    def settle(self, receipt: Receipt) -> None:
        """Keep a debit for good: its call is answered."""
        self._open.pop(receipt.usage_id, None)

    def refund(self, receipt: Receipt) -> Standing:
        """Take a debit back with a compensating row, once; a repeat changes nothing."""
        with self._database.write() as connection:
            _take_back(connection, [receipt.usage_id])
            row = connection.execute(
                select(*STANDING).where(api_tokens.c.id == receipt.token_id)
            ).one()
        self.settle(receipt)
        return standing_of(row)

    def close(self) -> None:
        """Grant nothing more, and refund every open debit, in one transaction."""
        self._closed = True
        with self._database.write() as connection:
            pending = list(self._open)
            if pending:
                _take_back(connection, pending)
        for usage_id in pending:
            self._open.pop(usage_id, None)


def standing_of(row: Row[*tuple[Any, ...]]) -> Standing:
    """Return the standing that a row of `STANDING` shows."""
    return Standing(
        day=row.day,
        credits_limit=row.credits_daily_limit,
        credits_used=row.credits_used,
        requests_limit=row.max_rpd,
        requests_used=row.requests_used,
    )


def _take_back(connection: Connection, usage_ids: Sequence[int]) -> None:
    """Refund debits that are not refunded yet; the counters of another day are left alone."""
    refund = usage_log.alias("refund")
    due = and_(usage_log.c.id.in_(usage_ids), ~exists().where(refund.c.refund_of == usage_log.c.id))
    of_today = and_(
        due,
        usage_log.c.token_id == api_tokens.c.id,
        usage_log.c.day == api_tokens.c.last_reset_at,
    )
    credits_ = select(func.coalesce(func.sum(usage_log.c.credits), 0)).where(of_today)
    requests = select(func.count()).select_from(usage_log).where(of_today)
    connection.execute(
        update(api_tokens)
        .where(api_tokens.c.id.in_(select(usage_log.c.token_id).where(due)))
        .values(
            credits_daily_used=api_tokens.c.credits_daily_used - credits_.scalar_subquery(),
            requests_daily_used=api_tokens.c.requests_daily_used - requests.scalar_subquery(),
        )
    )
    columns = ["token_id", "day", "route", "credits", "request_id", "refund_of"]
    rows = select(
        usage_log.c.token_id,
        usage_log.c.day,
        usage_log.c.route,
        -usage_log.c.credits,
        usage_log.c.request_id,
        usage_log.c.id,
    ).where(due)
    connection.execute(insert(usage_log).from_select(columns, rows))


def _what_refused(row: Row[*tuple[Any, ...]], cost: int) -> str:
    if not row.active:
        return "inactive"
    if row.credits_used + cost > row.credits_daily_limit:
        return "credits"
    return "requests"
