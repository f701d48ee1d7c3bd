"""`/v2/backtest/summary`."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field, model_validator

from api.schemas.common import CreditsUsed, Moment, PresetName, PresetSummary, Reply, RequestBody

__all__ = ["Bound", "Bounds", "Period", "SummaryReply", "SummaryRequest"]


class SummaryRequest(RequestBody):
    """A preset over a period of a named dataset; the config is the preset's, locked."""

    preset: PresetName
    dataset: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="A dataset's name, never a path; by default the preset's own.",
    )
    start: Moment | None = Field(default=None, description="First bar, inclusive.")
    end: Moment | None = Field(default=None, description="Exclusive.")
    engine: Literal["native", "python"] = "native"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("start must be before end")
        return self


class Period(Reply):
    """The bars that were simulated, by their opens."""

    start: datetime
    end: datetime = Field(description="The open of the last bar, inclusive.")
    bars: int


class Bound(Reply):
    """A safe bound for anything public, and how this result stands to it."""

    limit: float
    value: float | None
    within: bool | None


class Bounds(Reply):
    """`risk_pct` is the share of equity a trade is sized to lose; drawdown the worst intrabar."""

    risk_pct: Bound
    max_drawdown: Bound


class SummaryReply(Reply):
    """What the preset would have done; a null metric has its reason in `reasons`."""

    preset: PresetSummary
    dataset: str
    engine: Literal["native", "python"]
    period: Period
    profit_factor: float | None
    sharpe: float | None
    max_drawdown: float | None = Field(description="Close to close, a positive fraction.")
    max_drawdown_intrabar: float | None
    pnl_per_10k: float | None
    total_return: float | None
    trades: int
    risk_of_ruin: float | None
    robustness: float | None
    reasons: dict[str, str]
    bounds: Bounds
    run_hash: str
    credits: CreditsUsed
