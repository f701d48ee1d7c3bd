"""The secret that keys are hashed with, and its rotation."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hyprl_lab.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from api.settings import Settings

__all__ = ["Pepper", "Peppers", "load_peppers"]


@dataclass(frozen=True, slots=True)
class Pepper:
    """One secret and its public id (the start of a hash of it)."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Eight hex digits that name the pepper a stored hash was made with."""
        return hashlib.sha256(b"hyprl pepper id\0" + self.secret).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Peppers:
    """The pepper new keys are hashed with, and older ones that still verify."""

    current: Pepper
    previous: tuple[Pepper, ...] = ()

    def find(self, pepper_id: str) -> Pepper | None:
        """Return the pepper of that id, `None` where it is no longer known."""
        return next((p for p in (self.current, *self.previous) if p.id == pepper_id), None)


def load_peppers(settings: Settings) -> Peppers:
    """Return the peppers of the settings, or of the file `keys/api_pepper` (made if missing).

    The file is made once with mode 0600; of two processes that start together one makes it and
    both read it.

    Raises
    ------
    ConfigError
        The file can be read by others, or is too short to be a pepper.
    """
    previous = tuple(Pepper(s.get_secret_value().encode()) for s in settings.key_pepper_previous)
    if settings.key_pepper is not None:
        return Peppers(Pepper(settings.key_pepper.get_secret_value().encode()), previous)
    return Peppers(Pepper(_read_or_create(settings.folder / "keys" / "api_pepper")), previous)


def _read_or_create(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails where another process was first; its pepper is the one
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    if path.stat().st_mode & 0o077:
        raise ConfigError(f"{path} can be read by others; run chmod 600 on it")
    secret = path.read_bytes().strip()
    if len(secret) < 32:
        raise ConfigError(
            f"{path} holds {len(secret)} bytes, a pepper has at least 32; restore the file, "
            "or remove it and issue new keys"
        )
    return secret
