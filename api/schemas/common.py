"""Pieces that more than one schema is made of."""

import re
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

__all__ = ["CreditsUsed", "Moment", "PresetName", "PresetSummary", "Reply", "RequestBody"]

PresetName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", strict=True)
]


_ISO_8601: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+-]\d{2}:?\d{2})", re.ASCII
)


def _iso_8601(value: object) -> object:
    if not isinstance(value, str) or not _ISO_8601.fullmatch(value):
        raise PydanticCustomError(
            "datetime_text", "expected ISO 8601 text with a zone, such as 2020-01-02T00:00:00Z"
        )
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_iso_8601)]
"""A moment as text with its zone; a bare number would not say what it counts."""


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
