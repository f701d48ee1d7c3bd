"""Bring the accounts database to the newest schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.accounts.database import Database

__all__ = ["migrate"]


def migrate(database: Database) -> None:
    """Run the migrations that are missing, in one transaction, one process at a time."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with database.starting(), database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
