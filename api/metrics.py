"""Counters for Prometheus, one registry an app."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

__all__ = ["Metrics"]


class Metrics:
    """What the server has done since its start.

    Examples
    --------
    >>> metrics = Metrics()
    >>> metrics.observe("GET", "/health", 200, 0.001)
    >>> 'hyprl_requests_total{method="GET",route="/health",status="200"} 1.0' in metrics.text()
    True
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "hyprl_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "hyprl_request_seconds", "Time to an answer.", ["route"], registry=self._registry
        )
        self._credits = Counter(
            "hyprl_credits",
            "Credits debited, less refunds as `refunded`.",
            ["kind", "route"],
            registry=self._registry,
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is the template of the path, never the path itself."""
        known = method if method in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"} else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def credited(self, kind: str, route: str, credits_: int) -> None:
        """Count credits, `kind` is `debited` or `refunded`."""
        self._credits.labels(kind, route).inc(credits_)

    def text(self) -> str:
        """Return the counters in Prometheus' text format."""
        return generate_latest(self._registry).decode()
