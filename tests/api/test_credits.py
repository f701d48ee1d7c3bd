from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from api import Settings
from api.accounts import Database, migrate, tokens
from api.accounts.tables import api_tokens, metadata
from api.credits import Credits, Receipt, Refusal
from api.problems import ProblemError


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    opened = Database(settings.accounts_url)
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def token(settings: Settings, database: Database) -> str:
    record, _ = tokens.create(settings, name="test", credits_daily_limit=10, max_rpd=4)
    return record.id


def rows(database: Database) -> list[tuple[str, int, int | None]]:
    with database.read() as connection:
        found = connection.execute(text("SELECT route, credits, refund_of FROM usage_log"))
        return [tuple(row) for row in found]


def age(database: Database, days: int) -> None:
    with database.write() as connection:
        day = datetime.now(UTC).date() - timedelta(days=days)
        connection.execute(update(api_tokens).values(last_reset_at=day))


def test_a_debit_and_its_row_are_one(database: Database, token: str) -> None:
    receipt = Credits(database).debit(token, route="/r", cost=4, request_id="id-1")
    assert isinstance(receipt, Receipt)
    assert receipt.standing.credits_used == 4
    assert receipt.standing.credits_remaining == 6
    assert receipt.standing.requests_used == 1
    assert receipt.standing.day == datetime.now(UTC).date()
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    assert receipt.standing.resets_at == midnight + timedelta(days=1)
    assert rows(database) == [("/r", 4, None)]


def test_a_refusal_writes_nothing_and_says_what_refused(database: Database, token: str) -> None:
    credits_ = Credits(database)
    assert isinstance(credits_.debit(token, route="/r", cost=10, request_id="a"), Receipt)
    refusal = credits_.debit(token, route="/r", cost=1, request_id="b")
    assert isinstance(refusal, Refusal)
    assert refusal.limit == "credits"
    assert refusal.standing.credits_used == 10
    assert refusal.standing.requests_used == 1
    assert rows(database) == [("/r", 10, None)]


def test_requests_of_the_day_are_limited_too(database: Database, token: str) -> None:
    credits_ = Credits(database)
    for number in range(4):
        assert isinstance(
            credits_.debit(token, route="/r", cost=0, request_id=str(number)), Receipt
        )
    refusal = credits_.debit(token, route="/r", cost=0, request_id="x")
    assert isinstance(refusal, Refusal)
    assert refusal.limit == "requests"


def test_an_inactive_token_pays_nothing(database: Database, token: str, settings: Settings) -> None:
    tokens.revoke(settings, token)
    refusal = Credits(database).debit(token, route="/r", cost=1, request_id="x")
    assert isinstance(refusal, Refusal)
    assert refusal.limit == "inactive"


def test_counters_start_again_on_the_next_utc_day(database: Database, token: str) -> None:
    credits_ = Credits(database)
    credits_.debit(token, route="/r", cost=10, request_id="a")
    age(database, 1)
    receipt = credits_.debit(token, route="/r", cost=3, request_id="b")
    assert isinstance(receipt, Receipt)
    assert receipt.standing.credits_used == 3
    assert receipt.standing.requests_used == 1
    assert receipt.standing.day == datetime.now(UTC).date()


def test_a_clock_that_steps_back_gives_no_second_allowance(database: Database, token: str) -> None:
    credits_ = Credits(database)
    credits_.debit(token, route="/r", cost=10, request_id="a")
    age(database, -1)  # the row says tomorrow
    refusal = credits_.debit(token, route="/r", cost=1, request_id="b")
    assert isinstance(refusal, Refusal)
    assert refusal.standing.day == datetime.now(UTC).date() + timedelta(days=1)


def test_a_refund_is_a_row_of_its_own_and_happens_once(database: Database, token: str) -> None:
    credits_ = Credits(database)
    receipt = credits_.debit(token, route="/r", cost=4, request_id="a")
    assert isinstance(receipt, Receipt)
    assert credits_.refund(receipt).credits_used == 0
    assert credits_.refund(receipt).credits_used == 0
    assert rows(database) == [("/r", 4, None), ("/r", -4, receipt.usage_id)]


def test_a_refund_after_midnight_leaves_the_new_day_alone(database: Database, token: str) -> None:
    credits_ = Credits(database)
    late = credits_.debit(token, route="/r", cost=4, request_id="a")
    assert isinstance(late, Receipt)
    age(database, -1)  # the counters are those of the next day
    assert credits_.refund(late).credits_used == 4
    assert rows(database) == [("/r", 4, None), ("/r", -4, late.usage_id)]


def test_what_is_open_at_the_end_is_refunded_at_once_and_nothing_is_granted_after(
    settings: Settings, database: Database
) -> None:
    one, _ = tokens.create(settings, name="one", credits_daily_limit=50)
    two, _ = tokens.create(settings, name="two", credits_daily_limit=50)
    credits_ = Credits(database)
    receipts = []
    for number, (owner, cost) in enumerate([(one, 3), (one, 4), (two, 5), (one, 6), (two, 7)]):
        receipt = credits_.debit(owner.id, route="/r", cost=cost, request_id=str(number))
        assert isinstance(receipt, Receipt)
        receipts.append(receipt)
    credits_.settle(receipts[1])
    credits_.refund(receipts[2])
    statements: list[str] = []
    event.listen(
        database.engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )
    credits_.close()
    assert len(statements) == 3  # with BEGIN, however many are open
    credits_.close()
    with database.read() as connection:
        found = connection.execute(
            text("SELECT id, credits_daily_used, requests_daily_used FROM api_tokens")
        )
        assert {row[0]: tuple(row[1:]) for row in found} == {one.id: (4, 1), two.id: (0, 0)}
    assert sorted(r[1] for r in rows(database) if r[2] is not None) == [-7, -6, -5, -3]
    with pytest.raises(ProblemError) as caught:
        credits_.debit(one.id, route="/r", cost=1, request_id="late")
    assert (caught.value.status, caught.value.code) == (503, "shutting_down")


@pytest.mark.sqlite_only  # PostgreSQL's column holds days alone
@pytest.mark.parametrize("day", ["garbage", "", "9999-12-31", "2026-99-99", "9"])
def test_a_day_that_is_none_counts_as_a_day_gone_by(
    settings: Settings, database: Database, token: str, day: str
) -> None:
    credits_ = Credits(database)
    credits_.debit(token, route="/r", cost=10, request_id="a")
    with database.write() as connection:
        connection.execute(text("UPDATE api_tokens SET last_reset_at = :day"), {"day": day})
    receipt = credits_.debit(token, route="/r", cost=3, request_id="b")
    assert isinstance(receipt, Receipt)
    assert receipt.standing.credits_used == 3
    assert receipt.standing.day == datetime.now(UTC).date()
    assert [record.id for record in tokens.list_(settings)] == [token]


def test_threads_and_connections_never_overspend(settings: Settings, token: str) -> None:
    databases = [Database(settings.accounts_url) for _ in range(2)]
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(
            pool.map(
                lambda n: Credits(databases[n % 2]).debit(
                    token, route="/r", cost=3, request_id=str(n)
                ),
                range(40),
            )
        )
    granted = [o for o in outcomes if isinstance(o, Receipt)]
    assert len(granted) == 3  # 3 credits each of 10
    assert sorted(o.standing.credits_used for o in granted) == [3, 6, 9]
    for database in databases:
        database.close()


def test_a_locked_database_fails_closed(
    settings: Settings,
    make_key: Callable[..., str],
    make_preset: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from api import create_app
    from api.accounts import database as module

    monkeypatch.setattr(module, "BUSY_TIMEOUT_MS", 200)
    make_preset()
    key = make_key()
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        blocker = Database(settings.accounts_url)
        with blocker.write():
            answer = client.post(
                "/v2/predict", json={"preset": "cross"}, headers={"X-API-Key": key}
            )
            with (
                pytest.raises(OperationalError, match=r"locked|lock timeout"),
                Database(settings.accounts_url).write(),
            ):
                pass
        blocker.close()
        assert answer.status_code == 503
        assert answer.json()["code"] == "accounts_unavailable"
        assert "retry-after" in answer.headers
        usage = client.get("/v2/usage", headers={"X-API-Key": key}).json()
    assert usage["credits"]["used"] == 0
    assert usage["history"] == []


def test_the_newest_migration_is_the_tables(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def ours(_name: object, kind: str, parents: dict[str, str | None]) -> bool:
        return kind != "table" or _name in metadata.tables  # the warehouse may have its own there

    with database.read() as connection:
        options = {"compare_server_default": True, "include_name": ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    migrate(database)


def test_many_that_start_at_once_migrate_once(settings: Settings) -> None:
    databases = [Database(settings.accounts_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, databases))
    for database in databases:
        database.ping()
        database.close()


@pytest.mark.sqlite_only
def test_commits_are_durable(database: Database) -> None:
    with database.read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 30_000,
        "foreign_keys": 1,
    }


def test_a_shutdown_refunds_what_was_paid_and_not_answered(
    settings: Settings, make_key: Callable[..., str]
) -> None:
    from api.auth import authenticate
    from api.context import answered, begin
    from api.metrics import Metrics
    from api.state import Lab

    key = make_key(credits_daily_limit=10)
    lab = Lab.open(settings, metrics=Metrics())
    account = authenticate(key, database=lab.database, peppers=lab.peppers)
    scope: dict[str, Any] = {"type": "http", "headers": []}
    begin(scope)
    cut_off = lab.meter.charge(scope, account, route="/r", cost=3)
    cut_off.__enter__()
    for cost, done in ((2, True), (1, False)):
        other: dict[str, Any] = {"type": "http", "headers": []}
        begin(other)
        with lab.meter.charge(other, account, route="/r", cost=cost):
            pass
        if done:
            answered(other)  # the other's work is done, and nobody was told
    lab.close()
    database = Database(settings.accounts_url)
    assert [credits_ for _, credits_, _ in rows(database)] == [3, 2, 1, -3, -1]
    standing = authenticate(key, database=database, peppers=lab.peppers).standing
    assert standing.credits_used == 2
    database.close()
