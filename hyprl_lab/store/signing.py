"""The Ed25519 keys that sign presets and checkpoints here, and the public keys trusted here.

A private key lies in `HYPRL_HOME/keys` (readable by its owner only), one file for each purpose;
public keys in `HYPRL_HOME/trusted`, one file each, named by key id: the first 16 hex digits of the
SHA-256 of the 32 key bytes. A public key's file also says what the key is for: one that is marked
`checkpoint` is trusted for checkpoints alone, any other for presets alone. While a private key is
not kept yet, `new` follows; so a home that lost its private key still knows that it has signed.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from hyprl_lab.errors import ConfigError, IntegrityError
from hyprl_lab.store import disk, staging
from hyprl_lab.store.plain_file import read_plain_file

if TYPE_CHECKING:
    from pathlib import Path

    from nacl.signing import SigningKey

__all__ = [
    "Purpose",
    "has_signed",
    "is_key_id",
    "keep_key",
    "kept_public",
    "key_id_of",
    "new_key",
    "public_key",
    "sign",
    "signing_key",
    "trust",
    "verify_signature",
]

Purpose: TypeAlias = Literal["promotion", "checkpoint"]
"""What a key signs: presets that passed their gate, or how far the chain of claims goes."""

_KEY_BYTES: Final = 32
_SIGNATURE: Final = re.compile(r"[0-9a-f]{128}")
"""One way only to write a signature, so that no byte of what is signed can change unseen."""

_KEY_ID: Final = re.compile(r"[0-9a-f]{16}")
_MAX_KEY_FILE: Final = 1024


def key_id_of(public: bytes) -> str:
    """Return the name of a public key.

    Examples
    --------
    >>> key_id_of(bytes(32))
    '66687aadf862bd77'
    """
    return hashlib.sha256(public).hexdigest()[:16]


def is_key_id(text: object) -> bool:
    """Whether something is the name of a key.

    Examples
    --------
    >>> is_key_id("66687aadf862bd77"), is_key_id("66687aad")
    (True, False)
    """
    return isinstance(text, str) and _KEY_ID.fullmatch(text) is not None


def signing_key(home: Path, purpose: Purpose = "promotion") -> SigningKey:
    """Return this home's key for a purpose; the first call makes it and trusts its public half.

    Any number of processes may make that first call at once: they return one key.

    Raises
    ------
    ConfigError
        The key file can be read by others, or holds something else.
    """
    from nacl.signing import SigningKey

    path = _place(home, purpose)
    if not path.exists():
        keep_key(home, new_key(home, purpose), purpose)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise ConfigError(
            f"{path} has mode {mode:o}; expected 600: chmod 600 it, or make a new one"
        )
    try:
        seed = _bytes_of(read_plain_file(path, max_bytes=_MAX_KEY_FILE))
    except IntegrityError as error:
        raise ConfigError(str(error)) from error
    if seed is None:
        raise ConfigError(f"{path} does not hold {_KEY_BYTES} bytes in hex; restore or remove it")
    return SigningKey(seed)


def sign(home: Path, message: bytes, purpose: Purpose = "promotion") -> tuple[str, str]:
    """Return (key id, signature in hex) of a message under this home's key for a purpose."""
    key = signing_key(home, purpose)
    return key_id_of(bytes(key.verify_key)), key.sign(message).signature.hex()


def has_signed(home: Path, purpose: Purpose) -> bool:
    """Whether a key of that purpose was kept here: it is there, or its trusted public half is.

    Raises
    ------
    IntegrityError
        A file of a trusted key can't be read.
    """
    if os.path.lexists(_place(home, purpose)):
        return True
    return any(
        read_plain_file(path, max_bytes=_MAX_KEY_FILE).split()[1:] == [purpose.encode("ascii")]
        for path in sorted((home / "trusted").glob("*.pub"))
    )


def kept_public(home: Path, purpose: Purpose) -> bytes | None:
    """Return the public half of the key that is kept here for a purpose, `None` where none is.

    Raises
    ------
    IntegrityError
        The key's file can't be read, or holds something else.
    """
    from nacl.signing import SigningKey

    path = _place(home, purpose)
    if not os.path.lexists(path):
        return None
    seed = _bytes_of(read_plain_file(path, max_bytes=_MAX_KEY_FILE))
    if seed is None:
        raise IntegrityError(f"{path} does not hold {_KEY_BYTES} bytes in hex; restore it")
    return bytes(SigningKey(seed).verify_key)


def public_key(home: Path, key_id: str, purpose: Purpose) -> bytes:
    """Return the public key of an id that is trusted here for a purpose.

    Raises
    ------
    IntegrityError
        It is not, is trusted for another purpose, or its file is no regular file or not that key.
    """
    folder = home / "trusted"
    trusted = sorted(path.stem for path in folder.glob("*.pub")) if folder.is_dir() else []
    if key_id not in trusted:
        raise IntegrityError(
            f"key {key_id!r} is not trusted here (trusted: {trusted}); "
            f"put its public key in {folder}"
        )
    content = read_plain_file(folder / f"{key_id}.pub", max_bytes=_MAX_KEY_FILE).split()
    public = _bytes_of(b"".join(content[:1]))  # what it is for may follow
    if public is None or key_id_of(public) != key_id:
        raise IntegrityError(f"{folder / f'{key_id}.pub'} does not hold the key of that id")
    found = "checkpoint" if content[1:2] == [b"checkpoint"] else "promotion"
    if found != purpose:
        raise IntegrityError(
            f"key {key_id} is trusted here for a {found} and not for a {purpose}: each purpose "
            "has a key of its own"
        )
    return public


def trust(home: Path, public: bytes, mark: str) -> None:
    """Write a public key among those that are trusted, whole or not at all.

    Parameters
    ----------
    mark
        What it is for, and `new` after that while its private half is not kept.
    """
    trusted = home / "trusted"
    noted = trusted / staging.name(".key")
    disk.make_folder(trusted)
    disk.write(noted, f"{public.hex()} {mark}\n".encode("ascii"))
    disk.place(noted, trusted / f"{key_id_of(public)}.pub")


def new_key(home: Path, purpose: Purpose) -> SigningKey:
    """Return a key that was just made; its public half is trusted, the private one not kept yet.

    A crash before `keep_key` leaves a public key without use, never an untrusted signer.
    """
    from nacl.signing import SigningKey

    key = SigningKey.generate()
    trust(home, bytes(key.verify_key), f"{purpose} new")
    return key


def keep_key(home: Path, key: SigningKey, purpose: Purpose) -> None:
    """Keep a new key, unless another process was first, and note what it is for."""
    trust(home, bytes(key.verify_key), purpose)
    path = _place(home, purpose)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_name(f".{uuid.uuid4().hex}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(f"{bytes(key).hex()}\n".encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # the link is all or nothing, and never replaces a key
            os.link(aside, path)
        disk.sync_folder(path.parent)
    finally:
        aside.unlink()


def verify_signature(
    home: Path,
    *,
    key_id: str,
    signature: str,
    message: bytes,
    purpose: Purpose = "promotion",
    only: bytes | None = None,
) -> None:
    """Check a signature against the key of that id that is trusted for a purpose.

    Parameters
    ----------
    only
        The one public key that may have signed; where `None`, any that is trusted.

    Raises
    ------
    IntegrityError
        The key is not trusted here for that, its file is no regular file or not that key, or the
        signature is of other bytes.
    """
    from nacl.exceptions import BadSignatureError
    from nacl.signing import VerifyKey

    if only is not None and key_id_of(only) != key_id:
        raise IntegrityError(
            f"key {key_id!r} is not trusted here for a {purpose}; expected this home's own, "
            f"{key_id_of(only)}, whose private half is in {home / 'keys'}"
        )
    public = public_key(home, key_id, purpose) if only is None else only
    if not _SIGNATURE.fullmatch(signature):
        raise IntegrityError(
            f"signature {signature[:20]!r} is {len(signature)} letters; expected 128 hexadecimal "
            "digits, in lower case"
        )
    try:
        VerifyKey(public).verify(message, bytes.fromhex(signature))
    except BadSignatureError as error:
        raise IntegrityError(f"the signature by key {key_id} is of other content") from error


def _place(home: Path, purpose: Purpose) -> Path:
    return home / "keys" / f"{purpose}.ed25519"


def _bytes_of(content: bytes) -> bytes | None:
    digits = content.strip()
    if len(digits) != 2 * _KEY_BYTES or not all(c in b"0123456789abcdef" for c in digits):
        return None
    return bytes.fromhex(digits.decode("ascii"))
