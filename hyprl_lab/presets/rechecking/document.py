"""Whether a preset's file is, to the byte, what a trusted key signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyprl_lab.errors import LabError
from hyprl_lab.hashing import digest
from hyprl_lab.presets.document import MAX_CHARACTERS, dump, parse
from hyprl_lab.presets.folder import one_line
from hyprl_lab.presets.preset import signed_bytes
from hyprl_lab.presets.rechecking.line import Line, at, compared
from hyprl_lab.presets.shape import check_shape, check_verdict
from hyprl_lab.store.plain_file import read_plain_file
from hyprl_lab.store.signing import verify_signature

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["document_lines", "is_shaped"]


def document_lines(path: Path, home: Path) -> tuple[list[Line], dict[str, Any] | None]:
    """Check a file by itself: its bytes, its parts, their digests, the signature.

    Returns
    -------
    tuple
        Lines, and what the file holds; `None` where it is no document at all.
    """
    try:
        text = read_plain_file(path, max_bytes=MAX_CHARACTERS).decode("utf-8")
        document: dict[str, Any] = parse(text, source=path.name)
    except (LabError, UnicodeDecodeError) as error:
        return [_failed("file", error, "a preset's document")], None
    try:
        same = dump(document) == text
    except (LabError, ValueError):
        same = False
    lines = [
        Line(
            part="file",
            found=f"{path.name}, {'as' if same else 'not as'} promotion writes it",
            expected="no byte more or less than what was signed",
            ok=same,
        ),
        _tried("parts", lambda: check_shape(document, path.name), "every part, of its kind"),
    ]
    lines += [_digest_line(document, part) for part in ("config", "evidence")]
    key_id, signature = at(document, "key_id"), at(document, "signature")
    lines.append(
        _tried(
            "signature",
            lambda: verify_signature(
                home,
                key_id=str(key_id),
                signature=str(signature),
                message=signed_bytes(document),
            ),
            "one of this document by a key that is trusted here",
            found=f"that of key {key_id}",
        )
    )
    if is_shaped(document, path.name):
        lines.append(
            _tried("verdict", lambda: check_verdict(document), "passed, and it follows of its rows")
        )
    return lines, document


def is_shaped(document: dict[str, Any], file_name: str) -> bool:
    """Whether a document has every part, so that what is in them can be asked."""
    try:
        check_shape(document, file_name)
    except LabError:
        return False
    return True


def _digest_line(document: dict[str, Any], part: str) -> Line:
    try:
        found = digest(at(document, part))
    except LabError as error:
        return _failed(f"digest of {part}", error, "a SHA-256")
    return compared(f"digest of {part}", found, at(document, "digests", part))


def _tried(part: str, check: Callable[[], None], expected: str, found: str = "so") -> Line:
    try:
        check()
    except (LabError, AttributeError, TypeError, KeyError) as error:
        return _failed(part, error, expected)
    return Line(part=part, found=found, expected=expected, ok=True)


def _failed(part: str, error: Exception, expected: str) -> Line:
    return Line(part=part, found=one_line(error), expected=expected, ok=False)
