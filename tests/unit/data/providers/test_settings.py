"""Settings that can't be used are named, and secrets in them are not shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hyprl_lab.data.providers.settings import (
    checked_address,
    checked_folder,
    checked_key,
    checked_number,
)
from hyprl_lab.errors import ConfigError


@pytest.mark.parametrize("value", [1, 2.5, 10])
def test_numbers_within(value: float) -> None:
    checked_number("n", value, least=1, most=10)


@pytest.mark.parametrize("value", [0, 11, True, "3", None, float("nan"), float("inf"), [1]])
def test_numbers_without(value: Any) -> None:
    with pytest.raises(ConfigError, match=r"n: found .*; expected a number, from 1 to 10"):
        checked_number("n", value, least=1, most=10)


def test_a_number_is_never_written_out_at_length() -> None:
    with pytest.raises(ConfigError, match=r"found a number of 66,439 bits"):
        checked_number("n", 10**20_000, least=1, most=10)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:80", "https://h.example/api/v3/", "HTTP://x", "http://[::1]:8/a"],
)
def test_addresses(address: str) -> None:
    assert checked_address("base_url", address) == address


@pytest.mark.parametrize(
    "address",
    [
        *("", "nowhere", "ftp://x", "file:///etc/passwd", "http://", "http://[::1"),
        *("http://127.0.0.1:99999", "http://h:80:80", "http://a b", "http://h/\n", "http://h?k=1"),
        *("http://\ud800", "http://" + "a" * 300 + ".invalid", "http://a..b", 5, None, b"http://x"),
    ],
)
def test_what_is_no_address(address: Any) -> None:
    with pytest.raises(ConfigError, match=r"base_url: found .*; expected"):
        checked_address("base_url", address)


def test_a_password_in_an_address_is_refused_and_not_shown() -> None:
    for address in ("http://user:secret7@h:1/x", "nonsense//secret7@h"):
        with pytest.raises(ConfigError, match="host, port and path alone") as refused:
            checked_address("base_url", address)
        assert "secret7" not in str(refused.value)


@pytest.mark.parametrize(
    "key", ["", "secr\u00e9t", "secret\n7", "secret 7", "s" * 1_001, 5, b"secret"]
)
def test_what_no_header_carries(key: Any) -> None:
    with pytest.raises(ConfigError, match=r"key: found what no header can carry") as refused:
        checked_key("key", key)
    assert "secr" not in str(refused.value)
    assert checked_key("key", "CG-a1_!~") == "CG-a1_!~"


def test_folders(tmp_path: Path) -> None:
    assert checked_folder("folder", str(tmp_path)) == tmp_path
    assert checked_folder("folder", Path("~/x")) == Path.home() / "x"
    for value in (None, 5, "a\0b", "~no_such_user_7/x"):
        with pytest.raises(ConfigError, match=r"folder: found .*; expected"):
            checked_folder("folder", value)
