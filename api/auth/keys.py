"""The form of an API key: `hl_live_<id>_<random>_<check>`.

The id (12 base62 characters) is public and finds the row; the random part (43 base62 characters,
256 bits) is the secret; the check is the CRC-32 of all before it, so a mistyped key is refused
without a look at the database. Only the HMAC-SHA256 of the whole key under a pepper is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from api.auth.pepper import Pepper

__all__ = ["generate_key", "hash_key", "parse_key_id"]

PREFIX: Final = "hl_live"
ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_LENGTH: Final = 12
RANDOM_LENGTH: Final = 43  # 62**43 > 2**256
CHECK_LENGTH: Final = 6  # 62**6 > 2**32
MAX_KEY_LENGTH: Final = 200

_KEY = re.compile(
    rf"{PREFIX}_([0-9A-Za-z]{{{ID_LENGTH}}})_[0-9A-Za-z]{{{RANDOM_LENGTH},}}"
    rf"_([0-9A-Za-z]{{{CHECK_LENGTH}}})"
)


def generate_key() -> tuple[str, str]:
    """Return a new key's public id and the key itself.

    Examples
    --------
    >>> key_id, key = generate_key()
    >>> parse_key_id(key) == key_id
    True
    """
    key_id = _random(ID_LENGTH)
    body = f"{PREFIX}_{key_id}_{_random(RANDOM_LENGTH)}"
    return key_id, f"{body}_{_check(body)}"


def parse_key_id(key: str) -> str | None:
    """Return the public id of a well-formed key, `None` for any other text.

    Examples
    --------
    >>> parse_key_id("hl_live_nonsense") is None
    True
    """
    if len(key) > MAX_KEY_LENGTH:
        return None
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    body, _, check = key.rpartition("_")
    if not hmac.compare_digest(check, _check(body)):
        return None
    return match.group(1)


def hash_key(key: str, pepper: Pepper) -> str:
    """Return the HMAC-SHA256 of a key under a pepper, in hex."""
    return hmac.new(pepper.secret, key.encode(), hashlib.sha256).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _check(body: str) -> str:
    value = zlib.crc32(body.encode("ascii"))
    digits = []
    for _ in range(CHECK_LENGTH):
        value, digit = divmod(value, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
