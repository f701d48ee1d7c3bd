"""Put the app together."""

from __future__ import annotations

from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from pydantic.json_schema import models_json_schema
from starlette.concurrency import run_in_threadpool

from api.accounts import migrate
from api.context import API_VERSION
from api.metrics import Metrics
from api.middleware import EveryRequest
from api.problems import MEDIA_TYPE, ProblemError, install
from api.routes import ROUTERS
from api.schemas import PredictRequest, ProblemDetails, SummaryRequest
from api.settings import Settings
from api.state import Lab

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.datastructures import Headers
    from starlette.responses import Response


__all__ = ["create_app"]

_EXPOSED = [
    "X-Request-ID",
    "API-Version",
    "X-Credits-Cost",
    "X-Credits-Remaining",
    "X-Credits-Reset",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
]


class _App(FastAPI):
    """FastAPI whose OpenAPI document knows the bodies that `api.body` reads, and the problems."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            document = super().openapi()
            _complete(document)
        return self.openapi_schema or {}


class _Cors(CORSMiddleware):
    """Starlette's, but a refused preflight is a problem too."""

    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code == HTTPStatus.OK:
            return response
        raise ProblemError(
            400,
            "cors_refused",
            "This origin, method or header is not allowed across origins; whoever runs the server "
            "lists origins in HYPRL_CORS_ORIGINS.",
            headers={"Vary": "Origin"},
        )


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return an app; nothing is opened before it starts.

    Parameters
    ----------
    settings
        By default those of the environment.

    Examples
    --------
    >>> create_app(Settings()).title
    'HyprL Lab'
    """
    settings = settings or Settings()
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        lab = Lab.open(settings, metrics=metrics)
        try:
            await run_in_threadpool(migrate, lab.database)
            app.state.lab = lab
            yield
        finally:
            lab.close()

    app = _App(
        title="HyprL Lab",
        version=API_VERSION,
        summary="Promoted presets, metered.",
        description="Errors are RFC 9457 problem+json. Days are UTC. `X-Credits-Reset` is Unix "
        "time in seconds.",
        lifespan=lifespan,
        redirect_slashes=False,
        redoc_url=None,
        docs_url=None,
    )
    app.state.settings = settings
    install(app)
    for router in ROUTERS:
        app.include_router(router)
    if settings.cors_origins:
        app.add_middleware(
            _Cors,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["X-API-Key", "Content-Type", "X-Request-ID"],
            expose_headers=_EXPOSED,
        )
    app.add_middleware(EveryRequest, max_body_bytes=settings.max_body_bytes, metrics=metrics)
    return app


def _complete(document: dict[str, Any]) -> None:
    """Add the schemas of strict bodies, and say that every failure is a problem."""
    _, schemas = models_json_schema(
        [(m, "validation") for m in (PredictRequest, SummaryRequest, ProblemDetails)],
        ref_template="#/components/schemas/{model}",
    )
    components = document.setdefault("components", {}).setdefault("schemas", {})
    components.update(schemas["$defs"])
    for name in ("HTTPValidationError", "ValidationError"):
        components.pop(name, None)
    failure = {
        "description": "Any failure.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    }
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = failure
