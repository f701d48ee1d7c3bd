"""Calls a minute, counted by `limits` in memory (one process) or in Redis (more)."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

if TYPE_CHECKING:
    from api.settings import Settings

__all__ = ["MinuteLimiter", "MinuteStanding"]

WINDOW_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class MinuteStanding:
    """Calls a minute: the limit, what is left, and seconds until one more is free."""

    limit: int
    remaining: int
    reset_seconds: int


class MinuteLimiter:
    """A moving window of a minute for each token.

    Examples
    --------
    >>> from api.settings import Settings
    >>> limiter = MinuteLimiter(Settings())
    >>> [limiter.hit("token", 2) for _ in range(3)]
    [True, True, False]
    >>> limiter.standing("token", 2).remaining
    0
    """

    def __init__(self, settings: Settings) -> None:
        url = settings.redis_url.get_secret_value() if settings.redis_url else "memory://"
        self._limiter = MovingWindowRateLimiter(storage_from_string(url))

    def hit(self, token_id: str, max_rpm: int) -> bool:
        """Count one call; `False`, and nothing counted, where it is one too many."""
        return self._limiter.hit(RateLimitItemPerMinute(max_rpm), token_id)

    def standing(self, token_id: str, max_rpm: int) -> MinuteStanding:
        """Return how the token stands in its window."""
        stats = self._limiter.get_window_stats(RateLimitItemPerMinute(max_rpm), token_id)
        wait = math.ceil(max(stats.reset_time - time.time(), 0))
        return MinuteStanding(max_rpm, max(stats.remaining, 0), min(wait, WINDOW_SECONDS))
