"""What a backup says of itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hyprl_lab.errors import IntegrityError, NotFoundError, WarehouseError
from hyprl_lab.hashing import canonical_json, digest
from hyprl_lab.store.backup.content import FILE, BackupContent, BackupFile, read_content

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.sqlite_only


def content(*places: str) -> BackupContent:
    return BackupContent(
        ledger_id="ab" * 16,
        schema_version=3,
        created_at=1_700_000_000_000_000,
        links=2,
        head="cd" * 32,
        files=tuple(BackupFile(place, 10 + i, "0" * 64) for i, place in enumerate(places)),
    )


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    made = content("control.sqlite", "parts/0a.parquet", "artifacts/ff.2/trades.parquet")
    (tmp_path / FILE).write_bytes(made.to_bytes())
    assert read_content(tmp_path) == made
    assert made.size == 10 + 11 + 12


def test_every_changed_byte_is_found(tmp_path: Path) -> None:
    whole = content("control.sqlite", "trusted/0123456789abcdef.pub").to_bytes()
    path = tmp_path / FILE
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(WarehouseError):
            read_content(tmp_path)
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(IntegrityError, match="damaged"):
            read_content(tmp_path)


@pytest.mark.parametrize("garbage", [b"[]", b"null", b"\xff", b"{" * 5000, b"{}"])
def test_what_is_no_content(tmp_path: Path, garbage: bytes) -> None:
    (tmp_path / FILE).write_bytes(garbage)
    with pytest.raises(IntegrityError, match="damaged"):
        read_content(tmp_path)


def test_a_folder_without_one_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no backup"):
        read_content(tmp_path)


@pytest.mark.parametrize(
    "place",
    [
        *("../outside", "/etc/passwd", "artifacts/../../x", "artifacts/../x", "parts/a/b.parquet"),
        *("artifacts/a/../../b", "artifacts/./x", "keys/promotion.ed25519", "trusted/x.pub"),
        *("artifacts/aa/b\\..\\c", "", "artifacts/aa/", "warehouse/control.sqlite"),
    ],
)
def test_no_file_leads_out(tmp_path: Path, place: str) -> None:
    (tmp_path / FILE).write_bytes(content(place).to_bytes())
    with pytest.raises(IntegrityError, match="no backup has a file"):
        read_content(tmp_path)


def test_one_of_a_newer_lab(tmp_path: Path) -> None:
    body: dict[str, Any] = json.loads(content().to_bytes())
    del body["digest"]
    body["schema"] = 2
    (tmp_path / FILE).write_bytes(canonical_json({**body, "digest": digest(body)}))
    with pytest.raises(WarehouseError, match="upgrade"):
        read_content(tmp_path)
