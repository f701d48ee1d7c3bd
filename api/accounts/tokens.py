"""Issue, list and revoke keys; what `hyprl token` calls."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from api.accounts.database import Database
from api.accounts.migrate import migrate
from api.accounts.tables import api_tokens, users, utc_today
from api.auth.keys import generate_key, hash_key
from api.auth.pepper import load_peppers
from hyprl_lab.errors import ConfigError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from api.settings import Settings

__all__ = ["SCOPES", "TokenRecord", "create", "list_", "revoke"]

SCOPES: Final = ("read", "write:signals", "service")
_NAME = re.compile(r"[\w .@:+-]{1,200}")


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """What is known of a key; the key itself is shown once and not kept."""

    id: str
    name: str
    user: str
    tier: str
    scopes: tuple[str, ...]
    credits_daily_limit: int
    max_rpm: int
    max_rpd: int
    active: bool
    created_at: datetime
    revoked_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        """Return the record with ISO-8601 times."""
        record = asdict(self)
        record["scopes"] = list(self.scopes)
        for name in ("created_at", "revoked_at"):
            record[name] = record[name].isoformat() if record[name] else None
        return record


def create(
    settings: Settings,
    *,
    name: str,
    tier: str = "free",
    user: str = "owner",
    credits_daily_limit: int | None = None,
    max_rpm: int | None = None,
    max_rpd: int | None = None,
    scopes: Iterable[str] = ("read",),
) -> tuple[TokenRecord, str]:
    """Issue a key.

    Parameters
    ----------
    settings
        Where the accounts live, and the quotas by tier.
    name
        A label for people.
    tier
        A key of `settings.quotas`; it fills in the limits that are not given.
    user
        Whose key it is; made if new. Runs and jobs belong to the user.
    credits_daily_limit, max_rpm, max_rpd
        Credits a UTC day, calls a minute, metered calls a UTC day.
    scopes
        Some of `SCOPES`.

    Returns
    -------
    tuple of TokenRecord and str
        The record, and the raw key, which can't be shown again.

    Raises
    ------
    ConfigError
        The tier, a scope, a name or a limit is not one.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from api.settings import Settings
    >>> settings = Settings(home=Path(tempfile.mkdtemp()))
    >>> record, key = create(settings, name="desk", credits_daily_limit=10)
    >>> record.credits_daily_limit, key.startswith(f"hl_live_{record.id}_")
    (10, True)
    """
    quota = settings.quota(tier)
    granted = tuple(dict.fromkeys(scopes))
    for scope in granted:
        if scope not in SCOPES:
            raise ConfigError(f"no scope {scope!r}; there are {list(SCOPES)}")
    for label, value in (("name", name), ("user", user)):
        if not _NAME.fullmatch(value):
            raise ConfigError(
                f"{label} {value!r} is not 1 to 200 letters, digits, spaces or _ . @ : + -"
            )
    limits = {
        "credits_daily_limit": _limit("credits_daily_limit", credits_daily_limit, 0)
        if credits_daily_limit is not None
        else quota.credits_daily,
        "max_rpm": _limit("max_rpm", max_rpm, 1) if max_rpm is not None else quota.max_rpm,
        "max_rpd": _limit("max_rpd", max_rpd, 1) if max_rpd is not None else quota.max_rpd,
    }
    pepper = load_peppers(settings).current
    token_id, key = generate_key()
    with _opened(settings) as database, database.write() as connection:
        connection.execute(
            insert(api_tokens).values(
                id=token_id,
                user_id=_user_id(connection, user),
                name=name,
                tier=tier,
                scopes=" ".join(granted),
                key_hash=hash_key(key, pepper),
                pepper_id=pepper.id,
                last_reset_at=utc_today(),
                active=True,
                **limits,
            )
        )
        record = _record(_find(connection, token_id))
    return record, key


def list_(settings: Settings) -> list[TokenRecord]:
    """Return every token, the oldest first."""
    with _opened(settings) as database, database.read() as connection:
        return [_record(row) for row in connection.execute(_tokens())]


def revoke(settings: Settings, token_id: str) -> TokenRecord:
    """Make a key useless from the next call on; a repeat changes nothing.

    Raises
    ------
    NotFoundError
        No token has that id.
    """
    with _opened(settings) as database, database.write() as connection:
        connection.execute(
            update(api_tokens)
            .where(api_tokens.c.id == token_id, api_tokens.c.active)
            .values(active=False, revoked_at=datetime.now(UTC).replace(tzinfo=None))
        )
        return _record(_find(connection, token_id))


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database = Database(settings.accounts_url)
    try:
        migrate(database)
        yield database
    finally:
        database.close()


def _tokens() -> Any:
    return (
        select(
            *(column for column in api_tokens.c if column.name != "last_reset_at"),
            users.c.name.label("user"),
        )
        .join(users)
        .order_by(api_tokens.c.created_at, api_tokens.c.id)
    )


def _find(connection: Connection, token_id: str) -> Row[Any]:
    row = connection.execute(_tokens().where(api_tokens.c.id == token_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"no token {token_id!r}; `hyprl token list` shows the ids")
    found: Row[Any] = row
    return found


def _user_id(connection: Connection, name: str) -> int:
    found = connection.execute(select(users.c.id).where(users.c.name == name)).scalar_one_or_none()
    if found is not None:
        return int(found)
    statement = insert(users).values(name=name).returning(users.c.id)
    return int(connection.execute(statement).scalar_one())


def _limit(name: str, value: int, least: int) -> int:
    if not least <= value <= 2_000_000_000:
        raise ConfigError(f"{name} is {value}; it must be from {least} to 2,000,000,000")
    return value


def _record(row: Row[Any]) -> TokenRecord:
    return TokenRecord(
        id=row.id,
        name=row.name,
        user=row.user,
        tier=row.tier,
        scopes=tuple(row.scopes.split()),
        credits_daily_limit=row.credits_daily_limit,
        max_rpm=row.max_rpm,
        max_rpd=row.max_rpd,
        active=bool(row.active),
        created_at=row.created_at.replace(tzinfo=UTC),
        revoked_at=row.revoked_at.replace(tzinfo=UTC) if row.revoked_at else None,
    )
