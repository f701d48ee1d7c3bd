"""Keys: their form, how they are hashed, and who they belong to."""

from __future__ import annotations

from api.auth.authenticate import Account, authenticate
from api.auth.keys import generate_key, hash_key, parse_key_id
from api.auth.pepper import Pepper, Peppers, load_peppers

__all__ = [
    "Account",
    "Pepper",
    "Peppers",
    "authenticate",
    "generate_key",
    "hash_key",
    "load_peppers",
    "parse_key_id",
]
