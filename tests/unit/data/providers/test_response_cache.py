"""Kept answers stand for a while, and damaged ones count as missing."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.data.providers import response_cache
from hyprl_lab.data.providers.response_cache import ResponseCache

if TYPE_CHECKING:
    from pathlib import Path

QUESTION = "GET http://x/y?z=1"


def test_an_answer_stands_until_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr(response_cache.time, "time", lambda: now)
    cache = ResponseCache(tmp_path / "a" / "b", ttl_seconds=60.0)
    assert cache.get(QUESTION) is None
    put = cache.put(QUESTION, b"line\nline\x00")
    assert cache.get(QUESTION) == put
    assert (put.body, put.fetched_at) == (b"line\nline\x00", now)
    assert put.sha256 == hashlib.sha256(b"line\nline\x00").hexdigest()
    assert cache.get("GET other") is None
    for later, stands in ((59.9, True), (60.0, False), (-1.0, False)):  # clocks are set back
        monkeypatch.setattr(response_cache.time, "time", lambda now=now + later: now)
        assert (cache.get(QUESTION) is not None) is stands
    assert len(list((tmp_path / "a" / "b").iterdir())) == 1


def test_without_a_folder_nothing_is_kept() -> None:
    cache = ResponseCache(None, 60.0)
    assert cache.put(QUESTION, b"x").body == b"x"
    assert cache.get(QUESTION) is None


@pytest.mark.parametrize("damage", ["", "{", "[]\n", '{"fetched_at": 1}\nx', "cut", "other"])
def test_a_damaged_answer_is_missing(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    cache = ResponseCache(tmp_path, 60.0)
    cache.put(QUESTION, b"body")
    (place,) = tmp_path.iterdir()
    whole = place.read_bytes()
    texts = {"cut": whole[:-1], "other": whole.replace(b"z=1", b"z=2")}
    place.write_bytes(texts.get(damage, damage.encode()))
    with caplog.at_level(logging.WARNING):
        assert cache.get(QUESTION) is None
    cache.put(QUESTION, b"again")
    found = cache.get(QUESTION)
    assert found is not None
    assert found.body == b"again"


@pytest.mark.parametrize(
    "head",
    [
        '{"fetched_at": 1' + "0" * 400 + "}",
        '{"fetched_at": 1' + "0" * 5_000 + "}",
        "[" * 50_000,
        "\x00",
    ],
    ids=["beyond float", "beyond digits", "deep", "nul"],
)
def test_a_head_that_can_not_be_read_is_missing(
    tmp_path: Path, head: str, caplog: pytest.LogCaptureFixture
) -> None:
    cache = ResponseCache(tmp_path, 1e18)
    cache.put(QUESTION, b"body")
    (place,) = tmp_path.iterdir()
    place.write_bytes(f"{head}\nbody".encode())
    with caplog.at_level(logging.WARNING):
        assert cache.get(QUESTION) is None


def test_a_time_before_the_epoch_is_no_time(tmp_path: Path) -> None:
    cache = ResponseCache(tmp_path, 1e18)
    cache.put(QUESTION, b"body")
    (place,) = tmp_path.iterdir()
    head, _, body = place.read_bytes().partition(b"\n")
    facts = json.loads(head) | {"fetched_at": -1e17}
    place.write_bytes(json.dumps(facts).encode() + b"\n" + body)
    assert cache.get(QUESTION) is None


@pytest.mark.parametrize("what", ["device", "pipe", "long", "folder"])
def test_what_has_no_end_is_missing(
    tmp_path: Path, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    cache = ResponseCache(tmp_path, 60.0, most_bytes=1_000)
    cache.put(QUESTION, b"body")
    (place,) = tmp_path.iterdir()
    if what == "long":
        with place.open("r+b") as stream:
            stream.truncate(1 << 20)
    else:
        place.unlink()
        if what == "device":
            place.symlink_to("/dev/zero")
        elif what == "pipe":
            os.mkfifo(place)
        else:
            place.mkdir()
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        assert cache.get(QUESTION) is None
    assert time.monotonic() - began < 1.0
    assert "can't be read" in caplog.text


def test_a_path_that_is_none_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = ResponseCache(tmp_path / "a\0b", 60.0)
    with caplog.at_level(logging.WARNING):
        assert cache.get(QUESTION) is None
        assert cache.put(QUESTION, b"x").body == b"x"
    assert "can't be kept" in caplog.text


def test_a_folder_that_cannot_be_written_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = ResponseCache(tmp_path / "file", 60.0)
    with caplog.at_level(logging.WARNING):
        assert cache.put(QUESTION, b"x").body == b"x"
    assert "can't be kept" in caplog.text
