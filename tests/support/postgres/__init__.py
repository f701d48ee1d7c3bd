"""A PostgreSQL server for tests: started from the system's binaries, thrown away afterwards."""

from __future__ import annotations

from postgres.chosen import Chosen
from postgres.databases import Databases
from postgres.server import Server, folder_of_binaries, started

__all__ = ["Chosen", "Databases", "Server", "folder_of_binaries", "started"]
