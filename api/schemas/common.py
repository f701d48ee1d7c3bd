"""Pieces that more than one schema is made of."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

__all__ = ["CreditsUsed", "PresetName", "PresetSummary", "Reply", "RequestBody"]

PresetName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", strict=True)
]


class RequestBody(BaseModel):
    """What a caller sends; an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Reply(BaseModel):
    """What the API answers; majors only ever gain fields."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class CreditsUsed(Reply):
    """What the call cost and what is left; equal to the X-Credits headers."""

    cost: int
    limit: int
    remaining: int
    resets_at: datetime


class PresetSummary(Reply):
    """A promoted, public preset."""

    name: str
    version: int
    symbol: str
    timeframe: str
    strategy: str = Field(description="The strategy's name.")
    visibility: Literal["public"]
    gate_profile: str = Field(description="The profile of the gate it passed.")
    servable: bool = Field(
        description="False where its gate profile is weaker than this server asks for; "
        "predict and backtest/summary then refuse it with 403 gate_too_weak."
    )
    evidence: dict[str, Any] = Field(description="What the gate saw: checks, values, thresholds.")
