"""Limits, debits and the headers that tell of them, around one piece of metered work."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from api.context import add_headers, request_id, when_answered
from api.credits import Receipt, Refusal, Standing
from api.problems import ProblemError, unauthorised
from api.rate_limits import WINDOW_SECONDS, MinuteStanding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Scope

    from api.auth import Account
    from api.credits import Credits
    from api.metrics import Metrics
    from api.rate_limits import MinuteLimiter

__all__ = ["Meter"]

DAY_SECONDS: Final = 86_400
AT_ONCE: Final = 4
"""Metered calls that are worked on at the same time; more would only share one interpreter."""


class Meter:
    """Calls a minute count every call of a key; what is refused costs no credits."""

    def __init__(self, *, credits_: Credits, minutes: MinuteLimiter, metrics: Metrics) -> None:
        self._credits = credits_
        self._minutes = minutes
        self._metrics = metrics
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def admit(self, scope: Scope, account: Account) -> None:
        """Count a call against the calls a minute, before anything else is done for it.

        Raises
        ------
        ProblemError
            429 with `rate_limited`.
        """
        if not self._minutes.hit(account.token_id, account.max_rpm):
            raise self._too_fast(scope, account, account.standing)
        self._tell(scope, account, account.standing, cost=0)

    @contextmanager
    def charge(self, scope: Scope, account: Account, *, route: str, cost: int) -> Iterator[Receipt]:
        """Wait for a turn, debit, and let the block work; take it back if the block raises.

        Raises
        ------
        ProblemError
            429 with `credits_exhausted` or `daily_requests_exhausted`; 503 with
            `shutting_down`.
        """
        with self._turns:
            receipt = self._debit(scope, account, route=route, cost=cost)
            try:
                yield receipt
            except BaseException:  # whatever stopped the work, the caller got nothing for it
                standing = self._credits.refund(receipt)
                self._metrics.credited("refunded", route, cost)
                self._tell(scope, account, standing, cost=0)
                raise

    def close(self) -> None:
        """Refund what was paid for calls that a shutdown cut off; grant nothing more."""
        self._credits.close()

    def _debit(self, scope: Scope, account: Account, *, route: str, cost: int) -> Receipt:
        outcome = self._credits.debit(
            account.token_id, route=route, cost=cost, request_id=request_id(scope)
        )
        if isinstance(outcome, Refusal):
            raise self._refused(scope, account, outcome, cost)
        when_answered(scope, lambda: self._credits.settle(outcome))
        self._metrics.credited("debited", route, cost)
        self._tell(scope, account, outcome.standing, cost=cost)
        return outcome

    def _too_fast(self, scope: Scope, account: Account, standing: Standing) -> ProblemError:
        minute = self._tell(scope, account, standing, cost=0)
        return ProblemError(
            429,
            "rate_limited",
            f"This key may call {account.max_rpm} times a minute; wait as Retry-After says.",
            headers={"Retry-After": str(max(minute.reset_seconds, 1))},
        )

    def _refused(self, scope: Scope, account: Account, refusal: Refusal, cost: int) -> ProblemError:
        standing = refusal.standing
        self._tell(scope, account, standing, cost=0)
        retry = {"Retry-After": str(_seconds_until(standing.resets_at))}
        if refusal.limit == "inactive":
            return unauthorised()
        if refusal.limit == "credits":
            return ProblemError(
                429,
                "credits_exhausted",
                f"This call costs {cost} and {standing.credits_remaining} of "
                f"{standing.credits_limit} credits are left; they reset at "
                f"{standing.resets_at.isoformat()}.",
                headers=retry,
            )
        return ProblemError(
            429,
            "daily_requests_exhausted",
            f"This key may make {standing.requests_limit} metered calls a day; the count resets "
            f"at {standing.resets_at.isoformat()}.",
            headers=retry,
        )

    def _tell(
        self, scope: Scope, account: Account, standing: Standing, *, cost: int
    ) -> MinuteStanding:
        minute = self._minutes.standing(account.token_id, account.max_rpm)
        left = _seconds_until(standing.resets_at)
        add_headers(
            scope,
            {
                "X-Credits-Cost": str(cost),
                "X-Credits-Remaining": str(standing.credits_remaining),
                "X-Credits-Reset": str(int(standing.resets_at.timestamp())),
                "RateLimit-Policy": f'"minute";q={minute.limit};w={WINDOW_SECONDS}, '
                f'"credits";q={standing.credits_limit};w={DAY_SECONDS}',
                "RateLimit": f'"minute";r={minute.remaining};t={minute.reset_seconds}, '
                f'"credits";r={standing.credits_remaining};t={left}',
            },
        )
        return minute


def _seconds_until(moment: datetime) -> int:
    return max(int((moment - datetime.now(UTC)).total_seconds()), 1)
