"""RFC 9457 problem details, as documented in OpenAPI."""

from pydantic import Field

from api.schemas.common import Reply

__all__ = ["ProblemDetails", "ProblemField"]


class ProblemField(Reply):
    """One part of the request that is wrong; the input is not echoed."""

    pointer: str = Field(description="RFC 6901 pointer into the body.")
    code: str
    message: str


class ProblemDetails(Reply):
    """Every failure, sent as application/problem+json."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    errors: list[ProblemField] | None = None
