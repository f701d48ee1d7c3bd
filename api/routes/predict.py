"""A promoted preset's action after the last closed bar."""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request

from api.body import document
from api.deps import (
    CurrentAccount,
    CurrentCatalogue,
    CurrentMeter,
    CurrentSettings,
    PredictBody,
)
from api.routes.shapes import credits_used, preset_summary
from api.schemas import PredictReply, PredictRequest, Probabilities, Thresholds
from api.serving import bars_of, posted_bars, predict_preset

__all__ = ["router"]

router = APIRouter(prefix="/v2", tags=["predict"])

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_THRESHOLDS = "the preset decides by its strategy's signals, not by a probability"


@router.post("/predict", openapi_extra=document(PredictRequest))
def predict(
    *,
    request: Request,
    account: CurrentAccount,
    body: PredictBody,
    meter: CurrentMeter,
    catalogue: CurrentCatalogue,
    settings: CurrentSettings,
) -> PredictReply:
    """Return LONG, SHORT or FLAT, decided at the close of the last closed bar."""
    preset = catalogue.servable(body.preset)
    if body.bars is None:
        _, bars = bars_of(preset, body.symbol, field="symbol")
    else:
        bars = posted_bars(body.bars, preset, max_bars=settings.max_bars)
    with meter.charge(
        request.scope, account, route="/v2/predict", cost=settings.cost_predict
    ) as receipt:
        prediction = predict_preset(preset, bars)
    frequency = prediction.frequency
    reasons = {"thresholds": _NO_THRESHOLDS}
    if prediction.reason is not None:
        reasons |= {"probabilities": prediction.reason, "probabilities_n": prediction.reason}
    return PredictReply(
        preset=preset_summary(preset, catalogue),
        symbol=bars.symbol,
        timeframe=bars.timeframe,
        as_of=_EPOCH + timedelta(microseconds=prediction.as_of_us),
        bars=prediction.bars,
        action=prediction.action,
        position=prediction.position,
        probabilities=Probabilities(up=frequency.up, down=frequency.down) if frequency else None,
        probabilities_n=frequency.n if frequency else None,
        thresholds=Thresholds(long=None, short=None),
        reasons=reasons,
        evidence=dict(preset.evidence),
        credits=credits_used(receipt),
    )
