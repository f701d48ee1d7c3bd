"""Answers are whole, in time and not too long, or the failure says what was found."""

from __future__ import annotations

import gzip
import logging
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from hyprl_lab.data.providers.fetching import Patience, _pause, _retry_after, _TryLater, fetch
from hyprl_lab.errors import ConfigError, ProviderError


def ask(server: Any, patience: Patience, **params: str) -> bytes:
    return fetch(f"{server.url}/x", params=params, headers={"X-Key": "k"}, patience=patience)


def test_a_body_comes_as_it_is(server: Any, reply: Any, patience: Patience) -> None:
    server.answers = [reply(b"\x00abc")]
    assert ask(server, patience, days="1", of="a b") == b"\x00abc"
    assert server.asked == ["/x?days=1&of=a+b"]
    assert server.headers[0]["X-Key"] == "k"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(
    server: Any, reply: Any, patience: Patience, status: int
) -> None:
    server.answers = [reply("busy", status), reply("busy", status), reply("here")]
    assert ask(server, patience) == b"here"
    assert len(server.asked) == 3


def test_a_server_that_stays_broken_is_given_up(
    server: Any, reply: Any, patience: Patience
) -> None:
    server.answers = [reply("broken", 500)]
    with pytest.raises(ProviderError, match=r"found HTTP 500; expected an answer within 3 att"):
        ask(server, patience)
    assert len(server.asked) == 3


def test_the_server_says_when(server: Any, reply: Any, patience: Patience) -> None:
    server.answers = [reply("busy", 429, Retry_After="1"), reply("here")]
    began = time.monotonic()
    assert ask(server, patience) == b"here"
    assert 1.0 <= time.monotonic() - began < 3.0
    server.answers = [reply("busy", 429, Retry_After="3600")]
    began = time.monotonic()
    with pytest.raises(ProviderError, match=r"asks to wait 3,600 seconds; expected at most 2"):
        ask(server, patience)
    assert time.monotonic() - began < 1.0
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *((None, None), ("7", 7.0), (" 0 ", 0.0), ("soon", None), ("-3", None), ("1e9", None)),
        *(("9999999999", 9_999_999_999.0), ("9" * 400, float("inf"))),
        ("Wed, 21 Oct 2099 07:28:00 +9999999999999", float("inf")),
        ("Wed, 99 Oct 2099 99:28:00 GMT", float("inf")),
        ("Wed, 21 Oct 99999999 07:28:00 GMT", float("inf")),
    ],
)
def test_what_retry_after_says(value: str | None, seconds: float | None) -> None:
    assert _retry_after(value) == seconds


def test_retry_after_may_be_a_date() -> None:
    later = datetime.now(UTC) + timedelta(seconds=90)
    assert _retry_after(format_datetime(later, usegmt=True)) == pytest.approx(90.0, abs=5.0)
    assert _retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("99999999999", r"asks to wait 99,999,999,999 seconds; expected at most 2 seconds"),
        ("9" * 400, "asks to wait '99999"),
        ("Wed, 21 Oct 2099 07:28:00 +9999999999999", r"asks to wait 'Wed, 21 Oct 2099"),
        ("Wed, 99 Oct 2099 99:28:00 GMT", "asks to wait 'Wed, 99 Oct"),
    ],
)
def test_a_wait_beyond_reckoning_is_not_waited_nor_passed_over(
    server: Any, reply: Any, patience: Patience, value: str, said: str
) -> None:
    server.answers = [reply("busy", 429, Retry_After=value)]
    with pytest.raises(ProviderError, match=said):
        ask(server, patience)
    assert len(server.asked) == 1


def test_waits_double_up_to_the_longest() -> None:
    patience = Patience(wait_seconds=1.0, longest_wait_seconds=10.0, attempts=5_000)
    for number, (least, most) in {1: (1, 2), 2: (2, 3), 3: (4, 5), 4: (8, 9), 5: (10, 10)}.items():
        assert least <= _pause(_TryLater("found HTTP 500"), "u", number, patience) <= most
    assert _pause(_TryLater("found HTTP 500"), "u", 4_999, patience) == 10.0
    assert _pause(_TryLater("found HTTP 429", "3"), "u", 1, patience) == 3.0


def test_retries_are_logged_and_not_printed(
    server: Any,
    reply: Any,
    patience: Patience,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.answers = [reply("busy", 503), reply("here")]
    with caplog.at_level(logging.INFO, logger="hyprl_lab"):
        assert ask(server, patience) == b"here"
    assert capfd.readouterr() == ("", "")
    assert "found HTTP 503; asked again in 0.0 seconds" in caplog.text


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 418])
def test_other_answers_are_final(server: Any, reply: Any, patience: Patience, status: int) -> None:
    server.answers = [reply("no such coin", status, Location="/elsewhere")]
    with pytest.raises(ProviderError, match=rf"HTTP {status} \(no such coin\); expected 200"):
        ask(server, patience)
    assert len(server.asked) == 1


def test_a_slow_server_is_given_up(server: Any, patience: Patience) -> None:
    def silent(handler: Any) -> None:
        time.sleep(0.5)

    server.answers = [silent]
    with pytest.raises(ProviderError, match=r"found no answer in 0\.1 seconds"):
        ask(server, replace(patience, timeout_seconds=0.1, attempts=2))
    assert len(server.asked) == 2


def test_a_server_that_drips_is_given_up(server: Any, patience: Patience) -> None:
    def dripping(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(20):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)
        handler.close_connection = True

    server.answers = [dripping]
    began = time.monotonic()
    with pytest.raises(ProviderError, match=r"bytes and no end in 0\.2 seconds"):
        ask(server, replace(patience, timeout_seconds=0.2, attempts=1))
    assert time.monotonic() - began < 0.9


BEGUN = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("beginning", "drop", "said"),
    [
        pytest.param(BEGUN + b"X: ", b"a", "no answer", id="headers"),
        pytest.param(
            BEGUN + b"Transfer-Encoding: chunked\r\n\r\n1;", b"a", "no answer", id="chunks"
        ),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99, "no answer", id="interim"),
        pytest.param(BEGUN + b"\r\nabc", b"d", r"\d+ bytes and no end", id="body"),
    ],
)
def test_the_deadline_holds_whatever_drips(
    raw: Any, patience: Patience, beginning: bytes, drop: bytes, said: str
) -> None:
    url = raw(beginning, drop)
    began = time.monotonic()
    with pytest.raises(ProviderError, match=rf"found {said} in 0\.3 seconds"):
        fetch(url, params={}, patience=replace(patience, timeout_seconds=0.3, attempts=1))
    assert time.monotonic() - began < 1.5  # the drops go on for 3 s


def test_the_deadline_holds_while_tls_begins(raw: Any, patience: Patience) -> None:
    url = raw(b"\x16\x03\x03\x40\x00", b"\x02").replace("http:", "https:")
    began = time.monotonic()
    with pytest.raises(ProviderError, match=r"found no answer in 0\.3 seconds"):
        fetch(url, params={}, patience=replace(patience, timeout_seconds=0.3, attempts=1))
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_an_encoding_that_is_not_kept_to(
    server: Any, reply: Any, patience: Patience, encoding: str
) -> None:
    server.answers = [reply(b"no such encoding", Content_Encoding=encoding)]
    with pytest.raises(ProviderError, match="not in the encoding it says"):
        ask(server, patience)
    assert len(server.asked) == 1


def test_what_unpacks_to_too_much_is_refused(server: Any, reply: Any, patience: Patience) -> None:
    server.answers = [reply(gzip.compress(b"0" * (8 << 20)), Content_Encoding="gzip")]
    with pytest.raises(ProviderError, match="bytes or more; expected at most 9,999"):
        ask(server, patience)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://" + "a" * 300 + ".invalid/x", "k"),
        ("http://\ud800/x", "k"),
        ("", "secr\u00e9t"),
        ("", "secret\n7"),
    ],
)
def test_what_can_not_be_sent(server: Any, patience: Patience, url: str, key: str) -> None:
    with pytest.raises(ProviderError, match="can't be sent") as refused:
        fetch(url or server.url, params={}, headers={"X-Key": key}, patience=patience)
    assert server.asked == []
    assert "secr" not in str(refused.value)


def test_an_answer_that_breaks_off_is_asked_for_again(
    server: Any, reply: Any, patience: Patience
) -> None:
    server.answers = [reply("ab", length=10), reply("whole")]
    assert ask(server, patience) == b"whole"
    server.answers = [reply("ab", length=10)]
    with pytest.raises(ProviderError, match="found a connection that fails"):
        ask(server, patience)


def test_too_much_is_refused(server: Any, reply: Any, patience: Patience) -> None:
    server.answers = [reply("x" * 10_000)]
    with pytest.raises(ProviderError, match=r"10,000 bytes or more; expected at most 9,999"):
        ask(server, patience)

    def endless(handler: Any) -> None:  # says no length
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        for _ in range(1_000):
            handler.wfile.write(b"x" * 1_000)
        handler.close_connection = True

    server.answers = [endless]
    with pytest.raises(ProviderError, match=r"bytes or more; expected at most 9,999"):
        ask(server, patience)
    assert len(server.asked) == 2


def test_nobody_listens(server: Any, patience: Patience) -> None:
    with pytest.raises(ProviderError, match="a connection that fails"):
        fetch("http://127.0.0.1:9/x", params={}, patience=replace(patience, attempts=1))
    with pytest.raises(ProviderError, match="127"):
        fetch("http://127.0.0.1:99999/x", params={}, patience=replace(patience, attempts=1))


@pytest.mark.parametrize("setting", ["timeout_seconds", "attempts", "most_bytes"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_patience_is_above_zero(setting: str, value: float) -> None:
    with pytest.raises(ConfigError, match=rf"{setting}: found {value}"):
        Patience(**{setting: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "settings",
    [
        *({"attempts": 1.5}, {"attempts": True}, {"attempts": "3"}, {"most_bytes": 9.5}),
        *({"timeout_seconds": "x"}, {"timeout_seconds": 1e300}, {"wait_seconds": 10**400}),
    ],
)
def test_patience_is_of_numbers_that_can_be_used(settings: dict[str, Any]) -> None:
    (name,) = settings
    with pytest.raises(ConfigError, match=rf"{name}: found .*; expected a "):
        Patience(**settings)
