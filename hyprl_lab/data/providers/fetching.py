"""One HTTP answer, whole: within a time, up to a length, asked for again where that may help."""

from __future__ import annotations

import logging
import math
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from hyprl_lab.data.providers.exchange import Exchange, Overdue
from hyprl_lab.data.providers.settings import checked_number
from hyprl_lab.errors import ProviderError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    import httpx2

__all__ = ["Patience", "fetch"]

_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same question may get another."""

_SHOWN: Final = 200
_LONGEST: Final = 86_400.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for a server, how often to ask, and how much to take.

    Parameters
    ----------
    timeout_seconds
        For one answer, from the question to its last byte, however slowly it comes.
    attempts
        How often to ask at most, a whole number.
    wait_seconds
        Before the second attempt; it doubles from one to the next, with as much again at random.
    longest_wait_seconds
        Between two attempts. A server that asks for more (`Retry-After`) is not asked again.
    most_bytes
        Of one answer, a whole number.

    Raises
    ------
    ConfigError
        A number is not above zero, or a time is beyond a day.
    """

    timeout_seconds: float = 20.0
    attempts: int = 4
    wait_seconds: float = 1.0
    longest_wait_seconds: float = 60.0
    most_bytes: int = 16 << 20

    def __post_init__(self) -> None:
        for name in ("timeout_seconds", "wait_seconds", "longest_wait_seconds"):
            checked_number(name, getattr(self, name), least=0.001, most=_LONGEST)
        for name in ("attempts", "most_bytes"):
            checked_number(name, getattr(self, name), least=1, whole=True)


class _TryLater(Exception):  # noqa: N818 - no failure yet
    """The server is busy or did not answer; it may another time.

    Parameters
    ----------
    what
        Was found.
    after
        How the server put the wait that it asks for; `None` where it asks for none.
    """

    def __init__(self, what: str, after: str | None = None) -> None:
        super().__init__(what)
        self.after = after
        self.after_seconds = _retry_after(after)


def fetch(
    url: str,
    *,
    params: Mapping[str, str],
    headers: Mapping[str, str] | None = None,
    patience: Patience,
) -> bytes:
    """Return the body of a 200 answer.

    Busy and broken servers (408, 425, 429, 5xx), answers that break off and connections that fail
    are tried again, `Retry-After` being honoured. Redirects are not followed.

    Parameters
    ----------
    url
        With http or https.
    params
        Of its query.
    headers
        Such as a key; never part of a message.
    patience
        Times, attempts and lengths.

    Raises
    ------
    ProviderError
        The attempts are used up, the answer is another one, or it is too long.
    """
    import httpx2

    context = httpx2.create_ssl_context()
    sent = {"Accept-Encoding": "identity", **(headers or {})}
    for number in range(1, patience.attempts + 1):
        try:
            return _once(url, params, sent, patience, context)
        except _TryLater as error:
            pause = _pause(error, url, number, patience)
            _log.info("%s: %s; asked again in %.1f seconds", url, error, pause)
        time.sleep(pause)
    raise AssertionError  # pragma: no cover - the last attempt returns or raises


def _pause(error: _TryLater, url: str, number: int, patience: Patience) -> float:
    """Return the seconds until the next attempt.

    Raises
    ------
    ProviderError
        The server asks for more than is granted, or this was the last attempt.
    """
    after = error.after_seconds
    if after is not None and after > patience.longest_wait_seconds:
        wait = f"{after:,.0f} seconds" if math.isfinite(after) else f"{str(error.after)[:60]!r}"
        raise ProviderError(
            f"{url}: {error}, and asks to wait {wait}; expected at most "
            f"{patience.longest_wait_seconds:g} seconds. Try again later"
        ) from error
    if number == patience.attempts:
        raise ProviderError(
            f"{url}: {error}; expected an answer within {patience.attempts} attempts. Check the "
            "network, or try again later"
        ) from error
    if after is not None:
        return after
    doubled = patience.wait_seconds * 2.0 ** min(number - 1, 60)
    jitter = random.uniform(0.0, patience.wait_seconds)  # noqa: S311 - no secret
    return min(doubled + jitter, patience.longest_wait_seconds)


def _once(
    url: str,
    params: Mapping[str, str],
    headers: Mapping[str, str],
    patience: Patience,
    context: ssl.SSLContext,
) -> bytes:
    import httpx2

    exchange = Exchange()
    seconds = patience.timeout_seconds

    def ask() -> tuple[int, bytes]:
        with (
            httpx2.Client(timeout=seconds, headers=dict(headers), verify=context) as client,
            client.stream(
                "GET", url, params=dict(params), extensions={"trace": exchange.trace}
            ) as response,
        ):
            if response.status_code in _AGAIN:
                raise _TryLater(
                    f"found HTTP {response.status_code}", response.headers.get("Retry-After")
                )
            return response.status_code, _body(response, url, exchange, patience.most_bytes)

    try:
        status, body = exchange.run(ask, seconds)
    except (Overdue, httpx2.TimeoutException) as error:
        what = f"{exchange.taken:,} bytes and no end" if exchange.taken else "no answer"
        raise _TryLater(f"found {what} in {seconds:g} seconds") from error
    except httpx2.DecodingError as error:
        raise ProviderError(
            f"{url}: found an answer that is not in the encoding it says ({error}); expected one "
            "without, as was asked for. Try again later"
        ) from error
    except (httpx2.InvalidURL, httpx2.LocalProtocolError, UnicodeError) as error:
        # No word of the error: it may hold a header.
        raise ProviderError(
            f"{url[:_SHOWN]}: found an address or a header that can't be sent "
            f"({type(error).__name__}); expected those of HTTP. Check the address and the key"
        ) from None
    except httpx2.TransportError as error:
        raise _TryLater(
            f"found a connection that fails ({error or type(error).__name__})"
        ) from error
    if status != 200:
        text = body[:_SHOWN].decode("utf-8", errors="replace").strip()
        raise ProviderError(f"{url}: found HTTP {status} ({text}); expected 200")
    return body


def _body(response: httpx2.Response, url: str, exchange: Exchange, most_bytes: int) -> bytes:
    announced = response.headers.get("Content-Length", "")
    pieces: list[bytes] = []
    size = int(announced) if announced.isdecimal() and len(announced) < 20 else 0
    too_long = size > most_bytes
    if not too_long:
        for piece in response.iter_bytes():
            pieces.append(piece)
            exchange.taken += len(piece)
            too_long = exchange.taken > most_bytes
            if too_long:
                break
    if too_long:
        raise ProviderError(
            f"{url}: found an answer of {max(size, exchange.taken):,} bytes or more; expected at "
            f"most {most_bytes:,}"
        )
    return b"".join(pieces)


def _retry_after(value: str | None) -> float | None:
    """Return the seconds that a `Retry-After` header asks for (RFC 9110, 10.2.3).

    A date that is none (the 99th of October, the year 99999) asks for ever: it is a wait, and not
    one that could be kept. What is neither a number nor like a date is no wait.
    """
    from email.utils import parsedate_to_datetime, parsedate_tz

    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdecimal():
        return float(text)  # of more digits than a float has: for ever
    if parsedate_tz(text) is None:
        return None
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):
        return math.inf
