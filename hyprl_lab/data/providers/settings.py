"""What providers may be set to; a setting that can't be used is named before anything is asked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from hyprl_lab.errors import ConfigError

__all__ = ["checked_address", "checked_folder", "checked_key", "checked_number"]

_KEY: Final = re.compile(r"[!-~]{1,1000}")


def checked_number(
    name: str, value: Any, *, least: float, most: float = float("inf"), whole: bool = False
) -> None:
    """Refuse what is no number from `least` to `most`.

    Raises
    ------
    ConfigError
        It is none.

    Examples
    --------
    >>> checked_number("attempts", 1.5, least=1, whole=True)
    Traceback (most recent call last):
    hyprl_lab.errors.ConfigError: attempts: found 1.5; expected a whole number, 1 or more
    """
    kinds = int if whole else (int, float)
    number = isinstance(value, kinds) and not isinstance(value, bool)
    if not number or not least <= value <= most:
        bound = f"{least:g} or more" if most == float("inf") else f"from {least:g} to {most:,g}"
        kind = "whole number" if whole else "number"
        raise ConfigError(f"{name}: found {_short(value)}; expected a {kind}, {bound}")


def checked_folder(name: str, value: Any) -> Path:
    """Return a folder's path, `~` being the home folder.

    Raises
    ------
    ConfigError
        It is no path.
    """
    if not isinstance(value, str | Path) or "\0" in str(value):
        raise ConfigError(f"{name}: found {_short(value)}; expected the path of a folder")
    try:
        return Path(value).expanduser()
    except RuntimeError as error:
        raise ConfigError(f"{name}: found {_short(value)}; expected a user that exists") from error


def checked_address(name: str, value: Any) -> str:
    """Return the address of an interface.

    A user's name and password are refused, and not shown: an address is part of messages and of
    what is kept.

    Raises
    ------
    ConfigError
        It is no http or https address, or says more than host, port and path.

    Examples
    --------
    >>> checked_address("base_url", "http://localhost:8000/api")
    'http://localhost:8000/api'
    """
    if not isinstance(value, str):
        raise ConfigError(f"{name}: found {_short(value)}; expected text: http://… or https://…")
    if "@" in value:
        raise ConfigError(
            f"{name}: found an address with an @, which a user's name and password stand before; "
            "expected host, port and path alone. A key goes into key=…"
        )
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(f"{name}: found {_short(value)} ({error}); expected https://…") from error
    clean = value.isprintable() and " " not in value and not parts.query and not parts.fragment
    if parts.scheme not in {"http", "https"} or not host or not clean:
        raise ConfigError(
            f"{name}: found {_short(value)}; expected http:// or https://, a host, and perhaps a "
            "port and a path"
        )
    if any(not 0 < len(label) < 64 for label in host.rstrip(".").split(".")):
        raise ConfigError(
            f"{name}: found {_short(value)}; expected a host whose parts have 1 to 63 letters"
        )
    return value


def checked_key(name: str, value: Any) -> str:
    """Return a key, which goes into a header; no message shows it.

    Raises
    ------
    ConfigError
        A header can't carry it.
    """
    if not isinstance(value, str) or _KEY.fullmatch(value) is None:
        raise ConfigError(
            f"{name}: found what no header can carry (of type {type(value).__name__}; it is not "
            "shown); expected 1 to 1,000 letters, digits and signs of ASCII, without a space"
        )
    return value


def _short(value: Any) -> str:
    """Return a value for a message; a number's digits beyond counting are not written out."""
    if isinstance(value, int) and abs(value) >= 1 << 64:
        return f"a number of {value.bit_length():,} bits"
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]}…"
