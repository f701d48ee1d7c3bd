"""Users, their tokens, and what the tokens have used."""

from __future__ import annotations

from api.accounts.database import Database
from api.accounts.migrate import migrate

__all__ = ["Database", "migrate"]
