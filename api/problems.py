"""Every failure as RFC 9457 problem+json, and the one place where errors become statuses."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from api.context import common_headers, request_id
from hyprl_lab.errors import (
    BarsError,
    CancelledError,
    ClusterError,
    ConfigError,
    EngineUnavailableError,
    InputError,
    IntegrityError,
    LabError,
    NotFoundError,
    PromotionError,
    StrategyError,
    WarehouseError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI, Request

__all__ = [
    "MEDIA_TYPE",
    "FieldError",
    "ProblemError",
    "install",
    "invalid",
    "pointer",
    "shutting_down",
    "status_of",
    "to_response",
    "unauthorised",
]

MEDIA_TYPE: Final = "application/problem+json"
MAX_INSTANCE: Final = 200
MAX_SEGMENT: Final = 64

logger = logging.getLogger("hyprl.api")


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with a request; `pointer` is an RFC 6901 JSON pointer into the body."""

    pointer: str
    code: str
    message: str


class ProblemError(LabError):
    """A refusal whose status and code are known where it is raised.

    Parameters
    ----------
    status
        The HTTP status.
    code
        A stable word for programs.
    detail
        A sentence for people: what was found, what was expected, how to mend it.
    headers
        More headers for the answer.
    errors
        The parts of the request that are wrong, without the input.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[FieldError] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.errors = tuple(errors)


STATUS_OF_ERROR: Final[tuple[tuple[type[LabError], int, str], ...]] = (
    (NotFoundError, 404, "not_found"),
    (BarsError, 422, "invalid_bars"),
    (StrategyError, 422, "invalid_strategy"),
    (ConfigError, 422, "invalid_config"),
    (InputError, 422, "invalid_input"),
    (PromotionError, 403, "not_promoted"),
    (EngineUnavailableError, 503, "engine_unavailable"),
    (ClusterError, 503, "cluster_lost"),
    (CancelledError, 503, "cancelled"),
    (IntegrityError, 500, "integrity"),
    (WarehouseError, 503, "store_unavailable"),
    (LabError, 500, "internal"),
)
"""From the narrowest to the widest; the first that fits decides."""


def status_of(error: LabError) -> tuple[int, str]:
    """Return the status and the code of an error of the lab.

    Examples
    --------
    >>> status_of(BarsError("row 3: high < low"))
    (422, 'invalid_bars')
    """
    if isinstance(error, ProblemError):
        return error.status, error.code
    return next((s, code) for kind, s, code in STATUS_OF_ERROR if isinstance(error, kind))


def unauthorised() -> ProblemError:
    """Return the one 401, which says nothing of what is wrong with the key."""
    return ProblemError(
        401,
        "unauthorised",
        "A valid API key is needed in the header X-API-Key.",
        headers={"WWW-Authenticate": "ApiKey"},
    )


def invalid(*errors: FieldError, code: str = "invalid_request") -> ProblemError:
    """Return a 422 that names the parts of the request that are wrong."""
    return ProblemError(422, code, "; ".join(e.message for e in errors[:3]), errors=errors)


def shutting_down() -> ProblemError:
    """Return the 503 of a call that a shutdown cut off; what it paid is refunded."""
    return ProblemError(
        503,
        "shutting_down",
        "The server is stopping, so this call was not done and costs nothing; try again.",
        headers={"Retry-After": "5", "Connection": "close", "X-Credits-Cost": "0"},
    )


def pointer(location: Sequence[object], *, unknown: bool = False) -> str:
    """Return an RFC 6901 pointer that repeats no name which the caller made up.

    Parameters
    ----------
    location
        Names and indices, from the outside in.
    unknown
        Whether the last name is the caller's own; `?` stands for it.

    Examples
    --------
    >>> pointer(("bars", 0, "open"))
    '/bars/0/open'
    >>> pointer(("bars", 0, "secret"), unknown=True)
    '/bars/0/?'
    """
    names = [str(part)[:MAX_SEGMENT] for part in location]
    if unknown:
        names[-1:] = ["?"]
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)


def to_response(request: Request, problem: ProblemError) -> JSONResponse:
    """Return the problem as an answer, with the headers every answer has."""
    body: dict[str, Any] = {
        "type": f"urn:hyprl:problem:{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.url.path[:MAX_INSTANCE],
        "code": problem.code,
        "request_id": request_id(request.scope),
    }
    if problem.errors:
        body["errors"] = [
            {"pointer": e.pointer, "code": e.code, "message": e.message} for e in problem.errors
        ]
    return JSONResponse(
        body,
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={**common_headers(request.scope), **problem.headers},
    )


def install(app: FastAPI) -> None:
    """Make every failure of the app a problem."""
    app.add_exception_handler(LabError, _lab_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(OperationalError, _accounts_unavailable)
    app.add_exception_handler(PoolTimeoutError, _accounts_unavailable)
    app.add_exception_handler(Exception, _unexpected)


async def _lab_error(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, ProblemError):
        return to_response(request, error)
    if not isinstance(error, LabError):  # pragma: no cover - the registration above
        raise error
    status, code = status_of(error)
    if status >= 500:
        logger.error("%s: %s", type(error).__name__, error, exc_info=error)
    detail = str(error) if status < 500 else "The lab could not do this; the log has the reason."
    headers = {"Retry-After": "5"} if status == 503 else None
    return to_response(request, ProblemError(status, code, detail, headers=headers))


async def _validation_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):  # pragma: no cover
        raise error
    found = [FieldError(pointer(e["loc"]), e["type"], e["msg"]) for e in error.errors()]
    return to_response(request, invalid(*found))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):  # pragma: no cover
        raise error
    phrase = HTTPStatus(error.status_code).phrase
    detail = {
        404: "There is nothing at this path; /openapi.json lists what there is.",
        405: "This path does not take this method; the Allow header lists those it takes.",
    }.get(error.status_code, phrase)
    return to_response(
        request,
        ProblemError(
            error.status_code,
            phrase.lower().replace(" ", "_").replace("-", "_"),
            detail,
            headers=error.headers,
        ),
    )


async def _accounts_unavailable(request: Request, error: Exception) -> JSONResponse:
    logger.error("the accounts database did not answer", exc_info=error)
    return to_response(
        request,
        ProblemError(
            503,
            "accounts_unavailable",
            "The accounts can't be read now, so nothing was done; try again.",
            headers={"Retry-After": "5"},
        ),
    )


async def _unexpected(request: Request, _error: Exception) -> JSONResponse:
    return to_response(
        request,
        ProblemError(500, "internal", "Something broke on our side; the log has the reason."),
    )
