from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import IntegrityError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.store import disk
from hyprl_lab.store.runs import checkpoint
from hyprl_lab.store.signing import sign, verify_signature

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "ab" * 32


def test_a_checkpoint_is_signed_canonical_json(tmp_path: Path) -> None:
    written = checkpoint.write(tmp_path, ledger_id="ledger", seq=3, head=HEAD)
    assert checkpoint.read(tmp_path) == written
    assert (written.ledger_id, written.seq, written.head) == ("ledger", 3, HEAD)
    content = (tmp_path / "checkpoint.json").read_bytes()
    body = json.loads(content)
    assert content == canonical_json(body)
    assert set(body) == {
        *("ledger_id", "seq", "head", "created_at", "key_id", "signature"),
        *("single_trials", "single_trials_digest"),
    }
    signature = body.pop("signature")
    message = canonical_json(body)
    verify_signature(
        tmp_path,
        key_id=body["key_id"],
        signature=signature,
        message=message,
        purpose="checkpoint",
    )
    assert list((tmp_path / "warehouse" / "tmp").iterdir()) == []
    assert (tmp_path / "keys" / "checkpoint.ed25519").exists()
    assert not (tmp_path / "keys" / "promotion.ed25519").exists()


def test_there_is_none_at_first(tmp_path: Path) -> None:
    assert checkpoint.read(tmp_path) is None


def test_every_changed_byte_is_refused(tmp_path: Path) -> None:
    checkpoint.write(tmp_path, ledger_id="ledger", seq=3, head=HEAD)
    path = tmp_path / "checkpoint.json"
    content = path.read_bytes()
    for place in range(len(content)):
        for bit in (1, 32):
            changed = bytearray(content)
            changed[place] ^= bit
            path.write_bytes(changed)
            with pytest.raises(IntegrityError):
                checkpoint.read(tmp_path)


@pytest.mark.parametrize("length", [0, 1, 40, -1])
def test_a_cut_one_is_refused(tmp_path: Path, length: int) -> None:
    checkpoint.write(tmp_path, ledger_id="ledger", seq=3, head=HEAD)
    path = tmp_path / "checkpoint.json"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(IntegrityError, match="changed or cut short"):
        checkpoint.read(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[" * 2000, "is no JSON"),
        (b"[]", "is no JSON|other fields"),
        (b"{}", "other fields"),
        (b"x" * 5000, "longer than"),
    ],
)
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "checkpoint.json").write_bytes(content)
    with pytest.raises(IntegrityError, match=message):
        checkpoint.read(tmp_path)


def test_another_form_of_the_same_is_refused(tmp_path: Path) -> None:
    checkpoint.write(tmp_path, ledger_id="ledger", seq=3, head=HEAD)
    path = tmp_path / "checkpoint.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()), indent=1))
    with pytest.raises(IntegrityError, match="not in the form that is signed"):
        checkpoint.read(tmp_path)


def test_a_link_to_one_is_refused(tmp_path: Path) -> None:
    checkpoint.write(tmp_path, ledger_id="ledger", seq=3, head=HEAD)
    path = tmp_path / "checkpoint.json"
    path.rename(tmp_path / "kept.json")
    path.symlink_to("kept.json")
    with pytest.raises(IntegrityError, match="regular file"):
        checkpoint.read(tmp_path)


def test_a_strangers_signature_is_refused(tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    checkpoint.write(tmp_path, ledger_id="ledger", seq=3, head=HEAD)
    checkpoint.write(stranger, ledger_id="ledger", seq=2, head=HEAD)
    (stranger / "checkpoint.json").rename(tmp_path / "checkpoint.json")
    with pytest.raises(IntegrityError, match="not trusted"):
        checkpoint.read(tmp_path)


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    """Signed by the right key, and no checkpoint all the same."""
    key_id, _ = sign(tmp_path, b"", "checkpoint")
    for seq in (1.5, True, "3", 2**60):
        body = {"ledger_id": "x", "seq": seq, "head": HEAD, "created_at": 1, "key_id": key_id}
        text = json.dumps(body).encode()
        _, signature = sign(tmp_path, text, "checkpoint")
        path = tmp_path / "checkpoint.json"
        path.write_text(json.dumps({**body, "signature": signature}))
        with pytest.raises(IntegrityError, match="other fields"):
            checkpoint.read(tmp_path)


def test_what_a_chain_is_compared_by(tmp_path: Path) -> None:
    def wrong(ledger_id: str, length: int, end: str | None) -> str | None:
        return checkpoint.contradiction(signed, ledger_id=ledger_id, length=length, end=end)

    signed = checkpoint.write(tmp_path, ledger_id="ledger", seq=3, head=HEAD)
    assert wrong("ledger", 3, HEAD) is None
    assert wrong("ledger", 4, HEAD) is None  # links beyond it: a kill before it was signed
    assert "this is ledger 'other'" in str(wrong("other", 3, HEAD))
    assert "covers 3 links; the chain has 2" in str(wrong("ledger", 2, None))
    assert f"{HEAD} was signed" in str(wrong("ledger", 3, "cd" * 32))
    none = checkpoint.contradiction(None, ledger_id="ledger", length=0, end=None)
    gone = checkpoint.contradiction(None, ledger_id="ledger", length=1, end=None)
    assert (none, "is gone" in str(gone)) == (None, True)


def test_one_that_is_gone_is_missed_by_its_key(tmp_path: Path) -> None:
    """The private key, or what its trusted public half says it is for, tells that there was one."""
    checkpoint.write(tmp_path, ledger_id="ledger", seq=3, head=HEAD)
    (tmp_path / "checkpoint.json").unlink()
    with pytest.raises(IntegrityError, match="is gone"):
        checkpoint.read(tmp_path)
    (tmp_path / "keys" / "checkpoint.ed25519").unlink()
    with pytest.raises(IntegrityError, match="is gone"):
        checkpoint.read(tmp_path)


def test_a_kill_before_the_first_one_leaves_a_home_that_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is kept after the checkpoint is in place, never before."""

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    plain = disk.write
    with monkeypatch.context() as patch:
        patch.setattr(
            disk,
            "write",
            lambda path, content: (full if path.parent.name == "tmp" else plain)(path, content),
        )
        with pytest.raises(OSError, match="No space"):
            checkpoint.write(tmp_path, ledger_id="ledger", seq=0, head=HEAD)
    assert list((tmp_path / "trusted").iterdir())
    assert checkpoint.read(tmp_path) is None
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "keep_key", lambda *given: None)
        first = checkpoint.write(tmp_path, ledger_id="ledger", seq=0, head=HEAD)
    assert checkpoint.read(tmp_path) == first
    second = checkpoint.write(tmp_path, ledger_id="ledger", seq=1, head=HEAD)
    assert checkpoint.read(tmp_path) == second
    assert (tmp_path / "keys" / "checkpoint.ed25519").exists()
    third = checkpoint.write(tmp_path, ledger_id="ledger", seq=2, head=HEAD)
    assert third.key_id == second.key_id


def test_another_purposes_key_misses_no_checkpoint(tmp_path: Path) -> None:
    sign(tmp_path, b"", "promotion")
    assert checkpoint.read(tmp_path) is None


def test_no_other_trusted_key_signs_where_the_home_has_its_own(tmp_path: Path) -> None:
    """Whoever can write `trusted` and not `keys` makes no checkpoint."""
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    checkpoint.write(tmp_path, ledger_id="ledger", seq=3, head=HEAD)
    made = checkpoint.write(stranger, ledger_id="ledger", seq=2, head=HEAD)
    (stranger / "checkpoint.json").rename(tmp_path / "checkpoint.json")
    (stranger / "trusted" / f"{made.key_id}.pub").rename(tmp_path / f"trusted/{made.key_id}.pub")
    with pytest.raises(IntegrityError, match="expected this home's own"):
        checkpoint.read(tmp_path)
    (tmp_path / "keys" / "checkpoint.ed25519").unlink()
    assert checkpoint.read(tmp_path) == made  # then its marked public key is all there is
    key = tmp_path / "trusted" / f"{made.key_id}.pub"
    key.write_text(key.read_text().split()[0])
    with pytest.raises(IntegrityError, match="for a promotion and not for a checkpoint"):
        checkpoint.read(tmp_path)


def test_an_export_verifies_without_the_private_key(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "copy"
    assert checkpoint.export(home, folder) is None
    written = checkpoint.write(home, ledger_id="ledger", seq=3, head=HEAD)
    sign(home, b"", "promotion")
    folder.mkdir()
    assert checkpoint.export(home, folder) == written == checkpoint.read(folder)
    assert [path.name for path in (folder / "trusted").iterdir()] == [f"{written.key_id}.pub"]
    later = checkpoint.write(folder, ledger_id="ledger", seq=4, head=HEAD)
    assert later.key_id != written.key_id  # restored: a key of its own from the first save on
    assert checkpoint.read(folder) == later
