"""`/v2/predict`."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from api.schemas.common import CreditsUsed, Moment, PresetName, PresetSummary, Reply, RequestBody

__all__ = ["BarRow", "PredictReply", "PredictRequest", "Probabilities", "Thresholds"]


class BarRow(RequestBody):
    """One bar; `ts` is its open."""

    ts: Moment
    open: float = Field(gt=0, strict=True)
    high: float = Field(gt=0, strict=True)
    low: float = Field(gt=0, strict=True)
    close: float = Field(gt=0, strict=True)
    volume: float = Field(default=0.0, ge=0, strict=True)


class PredictRequest(RequestBody):
    """A preset, and the bars to read: a symbol's, or posted ones.

    With neither, the bars are those of the symbol the preset was promoted on. Posted bars are of
    the preset's timeframe, oldest first; a last bar that is not closed yet is left out.
    """

    preset: PresetName
    symbol: str | None = Field(default=None, min_length=1, max_length=64)
    bars: list[BarRow] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.symbol is not None and self.bars is not None:
            raise ValueError("give symbol or bars, not both")
        return self


class Probabilities(Reply):
    """Smoothed out-of-sample frequencies of the next bar's direction; they sum to 1."""

    up: float = Field(ge=0, le=1)
    down: float = Field(ge=0, le=1)


class Thresholds(Reply):
    """The probability above which a model's preset enters; null where signals decide."""

    long: float | None
    short: float | None


class PredictReply(Reply):
    """The action decided at the close of the bar that opened at `as_of`."""

    preset: PresetSummary
    symbol: str
    timeframe: str
    as_of: datetime = Field(description="The open of the last closed bar, UTC; none newer is read.")
    bars: int = Field(description="Bars read.")
    action: Literal["LONG", "SHORT", "FLAT"] = Field(
        description="The position to hold after the next open."
    )
    position: Literal["LONG", "SHORT", "FLAT"] = Field(
        description="The position held at the close of as_of."
    )
    probabilities: Probabilities | None
    probabilities_n: int | None = Field(
        description="Out-of-sample bars with this signal state that the frequencies count."
    )
    thresholds: Thresholds
    reasons: dict[str, str] = Field(description="For each null, why.")
    evidence: dict[str, Any]
    credits: CreditsUsed
