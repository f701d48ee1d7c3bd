"""Credits and limits of the calling key."""

from dataclasses import asdict

from fastapi import APIRouter

from api.accounts.usage import history
from api.deps import CurrentAccount, CurrentLab
from api.schemas import CreditsStanding, HistoryItem, Limits, UsageReply

__all__ = ["router"]

router = APIRouter(prefix="/v2", tags=["usage"])


@router.get("/usage")
def usage(account: CurrentAccount, lab: CurrentLab) -> UsageReply:
    """Return what the key has used; this call costs nothing."""
    standing = account.standing
    return UsageReply(
        token_id=account.token_id,
        tier=account.tier,
        day=standing.day,
        credits=CreditsStanding(
            limit=standing.credits_limit,
            used=standing.credits_used,
            remaining=standing.credits_remaining,
            resets_at=standing.resets_at,
        ),
        limits=Limits(
            max_rpm=account.max_rpm,
            max_rpd=standing.requests_limit,
            requests_today=standing.requests_used,
        ),
        history=[HistoryItem(**asdict(item)) for item in history(lab.database, account.token_id)],
    )
