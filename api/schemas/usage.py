"""`/v2/usage`."""

from datetime import date, datetime

from api.schemas.common import Reply

__all__ = ["CreditsStanding", "HistoryItem", "Limits", "UsageReply"]


class CreditsStanding(Reply):
    """Credits of the UTC day."""

    limit: int
    used: int
    remaining: int
    resets_at: datetime


class Limits(Reply):
    """Calls: a minute (all), and a UTC day (metered ones)."""

    max_rpm: int
    max_rpd: int
    requests_today: int


class HistoryItem(Reply):
    """One route on one UTC day; `credits` is net of refunds."""

    day: date
    route: str
    calls: int
    refunds: int
    credits: int


class UsageReply(Reply):
    """What the key has used, newest first; it agrees with the headers."""

    token_id: str
    tier: str
    day: date
    credits: CreditsStanding
    limits: Limits
    history: list[HistoryItem]
