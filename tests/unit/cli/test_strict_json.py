"""JSON of people's own: what is ambiguous or endless is refused, in one message."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.cli.strict_json import MAX_BYTES, MAX_DEPTH, parse, read_json
from hyprl_lab.errors import ConfigError, InputError

if TYPE_CHECKING:
    from pathlib import Path

DEEP = "[" * 100_000 + "]" * 100_000


def test_plain_json_is_what_pythons_parser_says() -> None:
    text = '{"a": [1, -2.5, true, null, "[[{\\"\\u00e9"], "b": {"a": 1}}'
    assert parse(text, "here") == json.loads(text)
    assert parse("[" * MAX_DEPTH + "]" * MAX_DEPTH, "here") is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "here, line 1: .*expected JSON"),
        ("", "expected JSON"),
        ('{"fee_bps": 1, "fee_bps": 2}', "'fee_bps' stands twice"),
        ('[{"a": {"b": 1, "b": 1}}]', "'b' stands twice"),
        (DEEP, "nested deeper than 32 levels"),
        ('{"a":' * 100_000, "nested deeper than 32 levels"),
        (f'{{"lots": {"9" * 5_000}}}', "5,000 characters; expected at most 18"),
        ("[NaN]", "NaN is no JSON number"),
        ("[-Infinity]", "-Infinity is no JSON number"),
        ("[1e999]", "too large for a float64"),
        (f"[{'9' * 5_000}.0]", "too large for a float64"),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        parse(text, "here", ConfigError)
    assert len(str(caught.value)) < 200


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"a": "é"}', encoding="utf-8")
    assert read_json(path) == {"a": "é"}
    link = tmp_path / "link.json"
    link.symlink_to(path)
    assert read_json(str(link)) == {"a": "é"}


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "pipe.json"
    os.mkfifo(path)
    with pytest.raises(InputError, match="not a regular file"):
        read_json(path)


def test_files_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    with pytest.raises(InputError, match="check the path"):
        read_json(path)
    with pytest.raises(InputError, match="regular file"):
        read_json(tmp_path)
    with pytest.raises(InputError, match="it is no path"):
        read_json("a\0b.json")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        read_json(path)
    path.write_text('{"a": 1, "a": 2}')
    with pytest.raises(InputError, match=r"x\.json: the key 'a' stands twice"):
        read_json(path)


def test_a_file_is_not_read_beyond_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(InputError, match="longer than 16,777,216 bytes"):
        read_json(path)
