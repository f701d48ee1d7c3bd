"""What is known of one request while it is served: its id and the headers its answer gets."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any, Final

from starlette.datastructures import Headers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import Scope

__all__ = [
    "API_VERSION",
    "add_headers",
    "answered",
    "begin",
    "common_headers",
    "forbid_store",
    "request_id",
    "when_answered",
]

API_VERSION: Final = "2.0"
_ACCEPTABLE_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")


def begin(scope: Scope) -> None:
    """Give a request its id (the caller's `X-Request-ID` where it is one) and its headers."""
    given = Headers(scope=scope).get("x-request-id", "")
    state: dict[str, Any] = scope.setdefault("state", {})
    state["request_id"] = given if _ACCEPTABLE_ID.fullmatch(given) else secrets.token_hex(16)
    state["headers"] = {}
    state["when_answered"] = []


def request_id(scope: Scope) -> str:
    """Return the id of the request."""
    return str(scope["state"]["request_id"])


def add_headers(scope: Scope, headers: Mapping[str, str]) -> None:
    """Add headers to the answer, whatever the answer turns out to be."""
    scope["state"]["headers"].update(headers)


def when_answered(scope: Scope, call: Callable[[], None]) -> None:
    """Call something once the answer begins; never, where a shutdown cuts the request off."""
    scope["state"]["when_answered"].append(call)


def answered(scope: Scope) -> None:
    """Do what was to be done when the answer begins."""
    for call in scope["state"]["when_answered"]:
        call()


def forbid_store(scope: Scope) -> None:
    """Say that the answer depends on a key, so nobody may store it."""
    add_headers(scope, {"Cache-Control": "no-store"})


def common_headers(scope: Scope) -> dict[str, str]:
    """Return the headers of every answer, with those added so far."""
    return {
        "X-Request-ID": request_id(scope),
        "API-Version": API_VERSION,
        "X-Content-Type-Options": "nosniff",
        **scope["state"]["headers"],
    }
