"""Unversioned routes for whoever runs the server."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from api.context import API_VERSION
from api.deps import CurrentLab
from api.problems import ProblemError
from api.schemas import Alive, Ready

__all__ = ["router"]

router = APIRouter(tags=["operations"])


@router.get("/health")
@router.head("/health", include_in_schema=False)
def health() -> Alive:
    """Say that the process answers."""
    return Alive(status="ok", version=API_VERSION)


@router.get("/ready")
@router.head("/ready", include_in_schema=False)
def ready(lab: CurrentLab) -> Ready:
    """Say whether the store and the signer can be used; 503 where not."""
    checks = lab.checks()
    failed = sorted(name for name, state in checks.items() if state.startswith("failed"))
    if failed:
        raise ProblemError(
            503,
            "not_ready",
            f"not usable: {', '.join(failed)}; the log has the reason",
            headers={"Retry-After": "5"},
        )
    return Ready(status="ready", checks=checks)


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(lab: CurrentLab) -> PlainTextResponse:
    """Counters in Prometheus' text format."""
    return PlainTextResponse(
        lab.metrics.text(), media_type="text/plain; version=1.0.0; charset=utf-8"
    )
