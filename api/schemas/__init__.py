"""What goes over the wire."""

from api.schemas.backtest import Bound, Bounds, Period, SummaryReply, SummaryRequest
from api.schemas.common import CreditsUsed, PresetSummary
from api.schemas.health import Alive, Ready
from api.schemas.predict import (
    BarRow,
    PredictReply,
    PredictRequest,
    Probabilities,
    Thresholds,
)
from api.schemas.presets import PresetDetail, PresetPage
from api.schemas.problem import ProblemDetails, ProblemField
from api.schemas.usage import CreditsStanding, HistoryItem, Limits, UsageReply

__all__ = [
    "Alive",
    "BarRow",
    "Bound",
    "Bounds",
    "CreditsStanding",
    "CreditsUsed",
    "HistoryItem",
    "Limits",
    "Period",
    "PredictReply",
    "PredictRequest",
    "PresetDetail",
    "PresetPage",
    "PresetSummary",
    "Probabilities",
    "ProblemDetails",
    "ProblemField",
    "Ready",
    "SummaryReply",
    "SummaryRequest",
    "Thresholds",
    "UsageReply",
]
