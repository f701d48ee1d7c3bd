"""One HTTP answer, whole: within a time, up to a length, asked for again where that may help."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import ConfigError, ProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2

__all__ = ["Patience", "fetch"]

_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same question may get another."""

_SHOWN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for a server, how often to ask, and how much to take.

    Parameters
    ----------
    timeout_seconds
        For one answer, from the question to its last byte.
    attempts
        How often to ask at most.
    wait_seconds
        Before the second attempt; it doubles from one to the next, with as much again at random.
    longest_wait_seconds
        Between two attempts. A server that asks for more (`Retry-After`) is not asked again.
    most_bytes
        Of one answer.

    Raises
    ------
    ConfigError
        A number is not above zero.
    """

    timeout_seconds: float = 20.0
    attempts: int = 4
    wait_seconds: float = 1.0
    longest_wait_seconds: float = 60.0
    most_bytes: int = 16 << 20

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if not 0 < value < float("inf"):
                raise ConfigError(f"{name}: found {value}; expected a finite number above zero")


class _TryLater(Exception):  # noqa: N818 - no failure yet
    """The server is busy or did not answer; it may another time."""

    def __init__(self, what: str, after_seconds: float | None = None) -> None:
        super().__init__(what)
        self.after_seconds = after_seconds


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
    import stamina

    try:
        with httpx2.Client(
            timeout=patience.timeout_seconds,
            headers={"Accept-Encoding": "identity", **(headers or {})},
        ) as client:
            for attempt in stamina.retry_context(
                on=lambda error: _wait(error, patience),
                attempts=patience.attempts,
                timeout=None,
                wait_initial=patience.wait_seconds,
                wait_max=patience.longest_wait_seconds,
                wait_jitter=patience.wait_seconds,
            ):
                with attempt:
                    return _once(client, url, params, patience)
    except _TryLater as error:
        after = error.after_seconds
        if after is not None and after > patience.longest_wait_seconds:
            raise ProviderError(
                f"{url}: {error}, and asks to wait {after:,.0f} seconds; expected at most "
                f"{patience.longest_wait_seconds:g}. Try again later"
            ) from error
        raise ProviderError(
            f"{url}: {error}; expected an answer within {patience.attempts} attempts. Check the "
            "network, or try again later"
        ) from error
    except httpx2.InvalidURL as error:
        raise ProviderError(f"{url}: found no address that can be asked ({error})") from error
    raise AssertionError  # pragma: no cover - the last attempt returns or raises


def _wait(error: Exception, patience: Patience) -> bool | float:
    """Return whether to try again, or after how many seconds."""
    if not isinstance(error, _TryLater):
        return False
    if error.after_seconds is None:
        return True
    return error.after_seconds if error.after_seconds <= patience.longest_wait_seconds else False


def _once(client: httpx2.Client, url: str, params: Mapping[str, str], patience: Patience) -> bytes:
    import httpx2

    deadline = time.monotonic() + patience.timeout_seconds
    try:
        with client.stream("GET", url, params=dict(params)) as response:
            if response.status_code in _AGAIN:
                raise _TryLater(
                    f"found HTTP {response.status_code}",
                    _retry_after(response.headers.get("Retry-After")),
                )
            body = _body(response, url, deadline, patience)
    except httpx2.TimeoutException as error:
        raise _TryLater(f"found no answer in {patience.timeout_seconds:g} seconds") from error
    except httpx2.TransportError as error:
        raise _TryLater(
            f"found a connection that fails ({error or type(error).__name__})"
        ) from error
    if response.status_code != 200:
        text = body[:_SHOWN].decode("utf-8", errors="replace").strip()
        raise ProviderError(f"{url}: found HTTP {response.status_code} ({text}); expected 200")
    return body


def _body(response: httpx2.Response, url: str, deadline: float, patience: Patience) -> bytes:
    announced = response.headers.get("Content-Length", "")
    pieces: list[bytes] = []
    size = int(announced) if announced.isdecimal() and len(announced) < 20 else 0
    taken = 0
    too_long = size > patience.most_bytes
    if not too_long:
        for piece in response.iter_bytes():
            if time.monotonic() > deadline:
                raise _TryLater(
                    f"found {taken:,} bytes and no end in {patience.timeout_seconds:g} seconds"
                )
            pieces.append(piece)
            taken += len(piece)
            too_long = taken > patience.most_bytes
            if too_long:
                break
    if too_long:
        raise ProviderError(
            f"{url}: found an answer of {max(size, taken):,} bytes or more; expected at most "
            f"{patience.most_bytes:,}"
        )
    return b"".join(pieces)


def _retry_after(value: str | None) -> float | None:
    """Return the seconds that a `Retry-After` header asks for (RFC 9110, 10.2.3)."""
    from email.utils import parsedate_to_datetime

    if value is None:
        return None
    text = value.strip()
    if text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
