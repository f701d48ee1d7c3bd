"""From the `X-API-Key` header to an account, or to the one 401."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from api.accounts.tables import api_tokens
from api.auth.keys import hash_key, parse_key_id
from api.credits import STANDING, Standing, standing_of
from api.problems import unauthorised

if TYPE_CHECKING:
    from api.accounts.database import Database
    from api.auth.pepper import Peppers

__all__ = ["Account", "authenticate"]

_TOKEN = select(
    api_tokens.c.id,
    api_tokens.c.user_id,
    api_tokens.c.tier,
    api_tokens.c.scopes,
    api_tokens.c.key_hash,
    api_tokens.c.pepper_id,
    api_tokens.c.max_rpm,
    *STANDING,
)


@dataclass(frozen=True, slots=True)
class Account:
    """Who calls: the token's public id, its owner, tier, scopes, calls a minute and standing."""

    token_id: str
    user_id: int
    tier: str
    scopes: frozenset[str]
    max_rpm: int
    standing: Standing


def authenticate(key: str | None, *, database: Database, peppers: Peppers) -> Account:
    """Return the account a key belongs to.

    A well-formed key costs the same work whether or not it is known: one look-up, one HMAC and
    one `compare_digest`.

    Raises
    ------
    ProblemError
        401, the same for a missing, malformed, unknown, wrong or inactive key.
    """
    key_id = parse_key_id(key) if key is not None else None
    if key is None or key_id is None:
        raise unauthorised()
    with database.read() as connection:
        row = connection.execute(_TOKEN.where(api_tokens.c.id == key_id)).one_or_none()
    pepper = peppers.find(row.pepper_id) if row is not None else None
    computed = hash_key(key, pepper or peppers.current)
    expected = row.key_hash if row is not None else "0" * len(computed)
    matches = hmac.compare_digest(computed, expected)
    if row is None or pepper is None or not matches or not row.active:
        raise unauthorised()
    return Account(
        token_id=row.id,
        user_id=row.user_id,
        tier=row.tier,
        scopes=frozenset(row.scopes.split()),
        max_rpm=row.max_rpm,
        standing=standing_of(row),
    )
