"""What happens around every request: its id, its size, common headers, counts, one log line."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request

from api.context import answered, begin, common_headers, request_id
from api.problems import ProblemError, shutting_down, to_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.metrics import Metrics

__all__ = ["EveryRequest"]

logger = logging.getLogger("hyprl.api")


class EveryRequest:
    """Pure ASGI, the outermost of ours.

    Parameters
    ----------
    app
        What it wraps.
    max_body_bytes
        A request that declares more is refused with 413 before it is read. What is streamed
        without a declared length is counted where it is read (`api.body`).
    metrics
        Where requests are counted.
    """

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, metrics: Metrics) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begin(scope)
        started = time.perf_counter()
        status = 500
        begun = cut_off = False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status = message["status"]
                begun = True
                if not cut_off:
                    answered(scope)
                headers = MutableHeaders(scope=message)
                for name, value in common_headers(scope).items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            if (refusal := self._refusal(scope)) is not None:
                await to_response(Request(scope), refusal)(scope, receive, send_with_headers)
            else:
                await self.app(scope, receive, send_with_headers)
        except ProblemError as refusal:  # of a middleware; those of routes are answered inside
            await to_response(Request(scope), refusal)(scope, receive, send_with_headers)
        except asyncio.CancelledError:
            if begun:
                raise
            # Only the server's shutdown cancels a request; it ends here, with an answer.
            cut_off = True
            for name in ("X-Credits-Remaining", "RateLimit"):
                scope["state"]["headers"].pop(name, None)
            await to_response(Request(scope), shutting_down())(scope, receive, send_with_headers)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "unmatched")
            self.metrics.observe(scope["method"], route, status, seconds)
            logger.info(
                "%s %s %d %.1f ms request_id=%s",
                scope["method"],
                route,
                status,
                seconds * 1000,
                request_id(scope),
            )

    def _refusal(self, scope: Scope) -> ProblemError | None:
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > self.max_body_bytes:
            return too_large(self.max_body_bytes)
        return None


def too_large(max_body_bytes: int) -> ProblemError:
    """Return the 413."""
    return ProblemError(
        413,
        "content_too_large",
        f"The body may have at most {max_body_bytes} bytes.",
        headers={"Connection": "close"},
    )
