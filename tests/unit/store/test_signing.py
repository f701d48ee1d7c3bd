from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hyprl_lab.errors import ConfigError, IntegrityError
from hyprl_lab.store.signing import sign, signing_key, verify_signature


def test_the_key_is_made_once_and_is_the_owners_alone(home: Path) -> None:
    first, second = signing_key(home), signing_key(home)
    assert bytes(first) == bytes(second)
    assert stat.S_IMODE((home / "keys" / "promotion.ed25519").stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "keys").stat().st_mode) == 0o700
    assert bytes(first).hex() not in (next((home / "trusted").iterdir())).read_text()


def test_a_signature_holds_for_its_message_only(home: Path) -> None:
    key_id, signature = sign(home, b"one")
    verify_signature(home, key_id=key_id, signature=signature, message=b"one")
    with pytest.raises(IntegrityError, match="other content"):
        verify_signature(home, key_id=key_id, signature=signature, message=b"two")


@pytest.mark.parametrize("signature", ["", "zz", "ab" * 63, "ab" * 65])
def test_what_is_no_signature_is_refused(home: Path, signature: str) -> None:
    key_id, _ = sign(home, b"one")
    with pytest.raises(IntegrityError):
        verify_signature(home, key_id=key_id, signature=signature, message=b"one")


def test_a_key_that_is_not_trusted_is_refused(home: Path, tmp_path: Path) -> None:
    key_id, signature = sign(home, b"one")
    with pytest.raises(IntegrityError, match="not trusted"):
        verify_signature(tmp_path, key_id=key_id, signature=signature, message=b"one")


def test_a_trusted_file_under_anothers_id_is_refused(home: Path, tmp_path: Path) -> None:
    key_id, signature = sign(home, b"one")
    other = tmp_path / "other"
    sign(other, b"one")
    (home / "trusted" / f"{key_id}.pub").write_text(next((other / "trusted").iterdir()).read_text())
    with pytest.raises(IntegrityError, match="does not hold the key"):
        verify_signature(home, key_id=key_id, signature=signature, message=b"one")


def test_a_key_others_can_read_is_refused(home: Path) -> None:
    sign(home, b"one")
    (home / "keys" / "promotion.ed25519").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        sign(home, b"two")


def test_a_broken_key_file_is_refused(home: Path) -> None:
    sign(home, b"one")
    (home / "keys" / "promotion.ed25519").write_text("short")
    with pytest.raises(ConfigError, match="32 bytes"):
        sign(home, b"two")
