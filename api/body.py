"""Read a JSON body under the bounds of the settings, as a dependency."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.middleware import too_large
from api.problems import FieldError, ProblemError, invalid, pointer
from api.strict_json import loads

if TYPE_CHECKING:
    from api.settings import Settings

__all__ = ["document", "json_body"]

SMALL_BYTES: Final = 65_536
"""Larger bodies are parsed in a worker thread, so that one caller doesn't hold up the others."""
MAX_ERRORS: Final = 100
_UNKNOWN: Final = "extra_forbidden"

Model = TypeVar("Model", bound=BaseModel)


def json_body(model: type[Model]) -> Callable[[Request], Awaitable[Model]]:
    """Return a dependency that reads the body strictly and validates it.

    FastAPI's own parsing takes duplicate keys, answers NaN with 500, and runs before the key is
    checked; so routes with a body name this after their account.
    """

    async def read(request: Request) -> Model:
        settings: Settings = request.app.state.settings
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise ProblemError(
                415, "unsupported_media_type", "The body must be sent as application/json."
            )
        raw = bytearray()
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > settings.max_body_bytes:
                raise too_large(settings.max_body_bytes)
        if len(raw) <= SMALL_BYTES:
            return _validated(model, bytes(raw), settings.max_json_depth)
        return await run_in_threadpool(_validated, model, bytes(raw), settings.max_json_depth)

    return read


def document(model: type[BaseModel]) -> dict[str, Any]:
    """Return the `openapi_extra` of a route whose body `json_body(model)` reads."""
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
            },
        }
    }


def _validated(model: type[Model], raw: bytes, max_depth: int) -> Model:
    try:
        return model.model_validate(loads(raw, max_depth=max_depth))
    except ValidationError as error:
        raise invalid(
            *(
                FieldError(pointer(e["loc"], unknown=e["type"] == _UNKNOWN), e["type"], e["msg"])
                for e in error.errors(include_input=False, include_url=False)[:MAX_ERRORS]
            )
        ) from None
