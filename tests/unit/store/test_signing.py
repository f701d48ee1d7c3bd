from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from hyprl_lab.errors import ConfigError, IntegrityError
from hyprl_lab.store.signing import kept_public, key_id_of, sign, signing_key, verify_signature


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


def test_each_purpose_has_a_key_of_its_own(home: Path) -> None:
    promotion, checkpoint = sign(home, b"one"), sign(home, b"one", "checkpoint")
    assert promotion[0] != checkpoint[0]
    assert sorted(path.name for path in (home / "keys").iterdir()) == [
        *("checkpoint.ed25519", "promotion.ed25519"),
    ]
    for purpose, other, (key_id, signature) in (
        ("promotion", "checkpoint", promotion),
        ("checkpoint", "promotion", checkpoint),
    ):
        given: Any = {"key_id": key_id, "signature": signature, "message": b"one"}
        verify_signature(home, **given, purpose=purpose)
        with pytest.raises(IntegrityError, match=f"for a {purpose} and not for a {other}"):
            verify_signature(home, **given, purpose=other)


def test_only_one_key_may_have_signed(home: Path) -> None:
    key_id, signature = sign(home, b"one", "checkpoint")
    own = kept_public(home, "checkpoint")
    assert own is not None
    given: Any = {"key_id": key_id, "signature": signature, "message": b"one"}
    verify_signature(home, **given, purpose="checkpoint", only=own)
    with pytest.raises(IntegrityError, match="expected this home's own"):
        verify_signature(home, **given, purpose="checkpoint", only=bytes(32))
    assert kept_public(home, "promotion") is None
    (home / "keys" / "checkpoint.ed25519").write_text("short")
    with pytest.raises(IntegrityError, match="32 bytes"):
        kept_public(home, "checkpoint")


def test_processes_that_make_the_first_call_together_get_one_key(home: Path) -> None:
    pids = []
    for _ in range(8):
        pid = os.fork()
        if not pid:
            status = 1
            try:
                key_id, _ = sign(home, b"one")
                made = bytes(signing_key(home).verify_key)
                status = 0 if key_id_of(made) == key_id else 2
            finally:
                os._exit(status)
        pids.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [0] * 8
    assert [path.name for path in (home / "keys").iterdir()] == ["promotion.ed25519"]
    key_id, signature = sign(home, b"two")
    verify_signature(home, key_id=key_id, signature=signature, message=b"two")


def test_a_signature_is_written_in_one_way_only(home: Path) -> None:
    key_id, signature = sign(home, b"one")
    for other in (signature.upper(), f" {signature}", f"{signature[:64]} {signature[64:]}"):
        with pytest.raises(IntegrityError, match="in lower case"):
            verify_signature(home, key_id=key_id, signature=other, message=b"one")


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
