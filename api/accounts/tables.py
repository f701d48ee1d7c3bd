"""The tables of the accounts database, as the newest migration leaves them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    func,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler

__all__ = [
    "api_tokens",
    "discord_links",
    "is_day",
    "metadata",
    "usage_log",
    "users",
    "utc_today",
]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("created_at", DateTime, nullable=False, server_default=func.current_timestamp()),
    UniqueConstraint("name"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("tier", String(40), nullable=False),
    Column("scopes", String(400), nullable=False),
    Column("key_hash", String(64), nullable=False),
    Column("pepper_id", String(8), nullable=False),
    Column("credits_daily_limit", Integer, nullable=False),
    Column("credits_daily_used", Integer, nullable=False, server_default="0"),
    Column("requests_daily_used", Integer, nullable=False, server_default="0"),
    Column("max_rpm", Integer, nullable=False),
    Column("max_rpd", Integer, nullable=False),
    Column("last_reset_at", Date, nullable=False),
    Column("active", Boolean(create_constraint=False), nullable=False),
    Column("created_at", DateTime, nullable=False, server_default=func.current_timestamp()),
    Column("revoked_at", DateTime),
    UniqueConstraint("key_hash"),
    CheckConstraint("credits_daily_used >= 0", name="credits_used"),
    CheckConstraint("requests_daily_used >= 0", name="requests_used"),
    CheckConstraint("credits_daily_limit >= 0", name="credits_limit"),
    Index(None, "user_id"),
)

usage_log = Table(
    "usage_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token_id", String(12), ForeignKey("api_tokens.id"), nullable=False),
    Column("at", DateTime, nullable=False, server_default=func.current_timestamp()),
    Column("day", Date, nullable=False),
    Column("route", String(100), nullable=False),
    Column("credits", Integer, nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("refund_of", Integer, ForeignKey("usage_log.id")),
    UniqueConstraint("refund_of"),
    Index(None, "token_id", "day"),
)

discord_links = Table(
    "discord_links",
    metadata,
    Column("discord_user_id", String(20), primary_key=True),
    Column("token_id", String(12), ForeignKey("api_tokens.id"), nullable=False),
    Column("created_at", DateTime, nullable=False, server_default=func.current_timestamp()),
)


class utc_today(FunctionElement[date]):  # noqa: N801 - a SQL function is spelled like one
    """The UTC date, computed by the database inside the statement."""

    type = Date()
    inherit_cache = True
    name = "utc_today"


@compiles(utc_today, "sqlite")
def _sqlite_today(_element: utc_today, _compiler: SQLCompiler, **_options: Any) -> str:
    return "date('now')"


@compiles(utc_today, "postgresql")
def _postgresql_today(_element: utc_today, _compiler: SQLCompiler, **_options: Any) -> str:
    return "(now() AT TIME ZONE 'UTC')::date"


class is_day(FunctionElement[bool]):  # noqa: N801 - a SQL function is spelled like one
    """Whether a column really holds a day; SQLite keeps any text in a date column."""

    type = Boolean()
    inherit_cache = True
    name = "is_day"


@compiles(is_day, "sqlite")
def _sqlite_is_day(element: is_day, compiler: SQLCompiler, **options: Any) -> str:
    value = compiler.process(element.clauses, **options)
    return f"({value} IS date({value}) AND {value} < '9999-01-01')"


@compiles(is_day, "postgresql")
def _postgresql_is_day(element: is_day, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)} < DATE '9999-01-01')"
