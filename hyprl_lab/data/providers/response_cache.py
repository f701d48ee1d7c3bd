"""Answers of a server, kept in a folder for a while."""

from __future__ import annotations

import hashlib
import json
import logging
import stat
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Response", "ResponseCache"]

_MOST_HEAD: Final = 1 << 16
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered.

    Parameters
    ----------
    body
        Its bytes.
    fetched_at
        When, in seconds since the epoch, UTC.
    """

    body: bytes
    fetched_at: float

    @property
    def sha256(self) -> str:
        """Of the body, in hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()


class ResponseCache:
    """A folder of answers, a file each, by what was asked.

    A file that is damaged, too long or no file at all (a link to a device) counts as missing, and
    the question is asked again; one that can't be written is logged as a warning, for the answer is
    good without it.

    Parameters
    ----------
    folder
        Made when first needed; `None` keeps nothing.
    ttl_seconds
        How long an answer stands.
    most_bytes
        Of an answer.
    """

    def __init__(
        self, folder: Path | None, ttl_seconds: float, *, most_bytes: int = 16 << 20
    ) -> None:
        self._folder = folder
        self._ttl = ttl_seconds
        self._most_bytes = most_bytes

    def get(self, question: str) -> Response | None:
        """Return the answer that stands, `None` where there is none."""
        if self._folder is None:
            return None
        try:
            head, _, body = self._read(self._place(question)).partition(b"\n")
            facts: Any = json.loads(head)
            found = Response(body, float(facts["fetched_at"]))
            whole = (facts["question"], facts["sha256"]) == (question, found.sha256)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            _log.warning("a kept answer can't be read, so it is asked for again: %s", error)
            return None
        fresh = found.fetched_at >= 0 and 0 <= time.time() - found.fetched_at < self._ttl
        return found if whole and fresh else None

    def put(self, question: str, body: bytes) -> Response:
        """Keep an answer, and return it with its time."""
        answer = Response(body, time.time())
        if self._folder is not None:
            facts = {
                "question": question,
                "fetched_at": answer.fetched_at,
                "sha256": answer.sha256,
            }
            place = self._place(question)
            aside = place.with_name(f"{place.name}.{uuid.uuid4().hex}")
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                aside.write_bytes(json.dumps(facts).encode() + b"\n" + body)
                aside.replace(place)
            except (OSError, ValueError) as error:  # the latter for a path with NUL
                with suppress(OSError, ValueError):
                    aside.unlink()
                _log.warning("an answer can't be kept in %s: %s", self._folder, error)
        return answer

    def _read(self, place: Path) -> bytes:
        if not stat.S_ISREG(place.stat().st_mode):  # a pipe or a device may have no end
            raise ValueError("it is no file")
        most = self._most_bytes + _MOST_HEAD
        with place.open("rb") as stream:
            content = stream.read(most + 1)
        if len(content) > most:
            raise ValueError(f"it has more than {most:,} bytes")
        return content

    def _place(self, question: str) -> Path:
        assert self._folder is not None  # noqa: S101 - both callers look first
        return self._folder / f"{hashlib.sha256(question.encode()).hexdigest()[:40]}.answer"
