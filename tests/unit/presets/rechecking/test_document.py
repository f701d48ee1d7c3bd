from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from hyprl_lab.errors import IntegrityError
from hyprl_lab.hashing import digest
from hyprl_lab.presets.document import dump
from hyprl_lab.presets.preset import signed_bytes
from hyprl_lab.presets.rechecking.document import document_lines, is_shaped
from hyprl_lab.store.signing import verify_signature


def failed(path: Path, home: Path) -> list[str]:
    lines, _ = document_lines(path, home)
    return [line.part for line in lines if line.ok is False]


def test_a_file_as_it_was_written(shelf: Path, file: Path) -> None:
    lines, document = document_lines(file, shelf)
    assert all(line.ok for line in lines)
    assert document is not None
    assert is_shaped(document, file.name)
    assert not is_shaped(document, "other.v1.yaml")


def test_every_field_is_covered(
    shelf: Path, file: Path, document: dict[str, Any], leaves: Any, mutate: Any
) -> None:
    """One value changed anywhere: each under the signature, and some of them as a whole file."""
    paths = leaves(document)
    assert len(paths) > 150
    for number, path in enumerate(paths):
        changed = deepcopy(document)
        mutate(changed, path)
        with pytest.raises(IntegrityError, match=r"signature|not trusted"):
            verify_signature(
                shelf,
                key_id=changed["key_id"],
                signature=changed["signature"],
                message=signed_bytes(changed),
            )
        if path[0] in {"config", "evidence"}:
            assert digest(changed[path[0]]) != document["digests"][path[0]]
        if number % 12 == 0:
            file.write_text(dump(changed), encoding="utf-8")
            assert failed(file, shelf), path


def test_every_byte_is_covered(shelf: Path, file: Path) -> None:
    """Also where YAML would read the same: spaces, quotes, comments, ends of lines."""
    whole = file.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 60)):
        for byte in (b" ", b"x"):
            if whole[at : at + 1] != byte:
                file.write_bytes(whole[:at] + byte + whole[at + 1 :])
                assert failed(file, shelf), (at, whole[at : at + 1], byte)
    for content in (whole + b"\n", whole + b"# fine\n", whole[:-1], b"--- \n" + whole):
        file.write_bytes(content)
        assert failed(file, shelf)


@pytest.mark.parametrize("content", [b"", b"\xff", b"- 1\n", b"a: &x 1\n", b"a: 1\n" * 60_000])
def test_what_is_no_document(shelf: Path, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    lines, document = document_lines(file, shelf)
    assert ([line.part for line in lines], document) == (["file"], None)


@pytest.mark.parametrize("part", ["config", "evidence", "digests", "signature", "key_id", "name"])
def test_a_missing_part_or_one_of_another_kind(
    shelf: Path, file: Path, document: dict[str, Any], part: str
) -> None:
    for value in (None, [], 7):
        file.write_text(dump({**document, part: value}), encoding="utf-8")
        assert "parts" in failed(file, shelf)
    file.write_text(
        dump({key: each for key, each in document.items() if key != part}), encoding="utf-8"
    )
    assert "parts" in failed(file, shelf)


def test_a_key_that_is_not_trusted_any_more(shelf: Path, file: Path) -> None:
    _, document = document_lines(file, shelf)
    assert document is not None
    public = shelf / "trusted" / f"{document['key_id']}.pub"
    aside = public.rename(public.with_suffix(".aside"))
    try:
        assert failed(file, shelf) == ["signature"]
    finally:
        aside.rename(public)
