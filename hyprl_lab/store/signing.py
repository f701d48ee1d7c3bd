"""The Ed25519 key that signs presets here, and the public keys that are trusted here.

The private key lies in `HYPRL_HOME/keys` (readable by its owner only), public keys in
`HYPRL_HOME/trusted`, one file each, named by key id: the first 16 hex digits of the SHA-256 of
the 32 key bytes.
"""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import ConfigError, IntegrityError
from hyprl_lab.store.plain_file import read_plain_file

if TYPE_CHECKING:
    from pathlib import Path

    from nacl.signing import SigningKey

__all__ = ["key_id_of", "sign", "signing_key", "verify_signature"]

_KEY_FILE: Final = "promotion.ed25519"
_KEY_BYTES: Final = 32
_MAX_KEY_FILE: Final = 1024


def key_id_of(public: bytes) -> str:
    """Return the name of a public key.

    Examples
    --------
    >>> key_id_of(bytes(32))
    '66687aadf862bd77'
    """
    return hashlib.sha256(public).hexdigest()[:16]


def signing_key(home: Path) -> SigningKey:
    """Return this home's key; the first call makes it and trusts its public half.

    Raises
    ------
    ConfigError
        The key file can be read by others, or holds something else.
    """
    from nacl.signing import SigningKey

    path = home / "keys" / _KEY_FILE
    if not path.exists():
        return _made(home, path)
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


def sign(home: Path, message: bytes) -> tuple[str, str]:
    """Return (key id, signature in hex) of a message under this home's key."""
    key = signing_key(home)
    return key_id_of(bytes(key.verify_key)), key.sign(message).signature.hex()


def verify_signature(home: Path, *, key_id: str, signature: str, message: bytes) -> None:
    """Check a signature against the trusted key of that id.

    Raises
    ------
    IntegrityError
        The key is not trusted here, its file is no regular file or not that key, or the signature
        is of other bytes.
    """
    from nacl.exceptions import BadSignatureError
    from nacl.signing import VerifyKey

    folder = home / "trusted"
    trusted = sorted(path.stem for path in folder.glob("*.pub")) if folder.is_dir() else []
    if key_id not in trusted:
        raise IntegrityError(
            f"key {key_id!r} is not trusted here (trusted: {trusted}); "
            f"put its public key in {folder}"
        )
    public = _bytes_of(read_plain_file(folder / f"{key_id}.pub", max_bytes=_MAX_KEY_FILE))
    if public is None or key_id_of(public) != key_id:
        raise IntegrityError(f"{folder / f'{key_id}.pub'} does not hold the key of that id")
    try:
        raw = bytes.fromhex(signature)
    except ValueError as error:
        raise IntegrityError(f"signature {signature[:20]!r} is not hex") from error
    if len(raw) != 64:
        raise IntegrityError(f"signature has {len(raw)} bytes; Ed25519 has 64")
    try:
        VerifyKey(public).verify(message, raw)
    except BadSignatureError as error:
        raise IntegrityError(f"the signature by key {key_id} is of other content") from error


def _made(home: Path, path: Path) -> SigningKey:
    from nacl.signing import SigningKey

    key = SigningKey.generate()
    public = bytes(key.verify_key)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    trusted = home / "trusted"
    trusted.mkdir(parents=True, exist_ok=True)
    # Trusted first: a crash in between leaves a public key without use, never an untrusted signer.
    (trusted / f"{key_id_of(public)}.pub").write_text(public.hex() + "\n", "ascii")
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(bytes(key).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def _bytes_of(content: bytes) -> bytes | None:
    digits = content.strip()
    if len(digits) != 2 * _KEY_BYTES or not all(c in b"0123456789abcdef" for c in digits):
        return None
    return bytes.fromhex(digits.decode("ascii"))
