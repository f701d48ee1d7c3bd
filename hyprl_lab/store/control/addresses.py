"""Where the control database is: a file of the home, or what the environment names."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from hyprl_lab.errors import ConfigError

if TYPE_CHECKING:
    from sqlalchemy import URL

__all__ = ["Address", "Backend", "chosen"]

Backend = Literal["sqlite", "postgresql"]

_VARIABLES: Final = ("HYPRL_CONTROL_URL", "HYPRL_DATABASE_URL")
"""Where the address is looked for: the warehouse's own, then that of everything."""

_POSTGRESQL: Final = ("postgresql", "postgresql+psycopg", "postgres")

_EXPECTED: Final = (
    "expected something like sqlite:////folder/control.sqlite or "
    "postgresql://user:password@host/database"
)


@dataclass(frozen=True, slots=True)
class Address:
    """One database, and what errors call it.

    Parameters
    ----------
    backend
        Which kind of database.
    name
        The SQLite file's path, or `postgresql://host/database`: never a user or a password.
    path
        The SQLite file; `None` for PostgreSQL.
    url
        SQLAlchemy's address, with the password; no `repr` shows it.
    """

    backend: Backend
    name: str
    path: Path | None
    url: URL = field(repr=False)


def chosen(own: Path) -> Address:
    """Return the address that the environment names, else that of the home's own file.

    Parameters
    ----------
    own
        The SQLite file that is used where neither `HYPRL_CONTROL_URL` nor `HYPRL_DATABASE_URL`
        is set.

    Raises
    ------
    ConfigError
        The variable holds no address, or that of a database that can't be used. The message does
        not repeat the address, which may hold a password.

    Examples
    --------
    >>> import os
    >>> from pathlib import Path
    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, HYPRL_CONTROL_URL="postgresql://me:secret@db.example/lab"):
    ...     chosen(Path("control.sqlite")).name
    'postgresql://db.example/lab'
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    named = {name: os.environ.get(name, "").strip() for name in _VARIABLES}
    variable = next((name for name, given in named.items() if given), None)
    if variable is None:
        return _sqlite(own)
    try:
        url = make_url(named[variable])
    except (ArgumentError, ValueError):  # a port that is no number is a ValueError
        raise ConfigError(f"{variable} is not a database address; {_EXPECTED}") from None
    if url.drivername in _POSTGRESQL:
        return _postgresql(variable, url)
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ConfigError(
                f"{variable} names an SQLite database without a file; expected something like "
                "sqlite:////folder/control.sqlite"
            )
        return _sqlite(Path(url.database).resolve())
    raise ConfigError(
        f"{variable} names a {url.drivername} database, which the warehouse can't use; {_EXPECTED}"
    )


def _sqlite(path: Path) -> Address:
    from sqlalchemy import URL

    return Address("sqlite", str(path), path, URL.create("sqlite+pysqlite", database=str(path)))


def _postgresql(variable: str, url: URL) -> Address:
    if not url.database:
        raise ConfigError(
            f"{variable} names a PostgreSQL server and no database of it; expected something like "
            "postgresql://user:password@host/database"
        )
    if any("@" in (part or "") for part in (url.host, url.database)):
        raise ConfigError(
            f"{variable} holds more than one @, so where its password ends can't be told; write "
            "each @ of a user or password as %40"
        )
    hosts = url.host or url.query.get("host", "")
    host = hosts if isinstance(hosts, str) else ",".join(hosts)
    host = host.rpartition("@")[2]
    port = f":{url.port}" if url.port else ""
    name = f"postgresql://{host}{port}/{url.database}"
    return Address("postgresql", name, None, url.set(drivername="postgresql+psycopg"))
