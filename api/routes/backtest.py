"""What a promoted preset would have done over a period."""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request

from api.body import document
from api.catalogue import MAX_DRAWDOWN, MAX_RISK_PCT, risk_pct_of
from api.deps import (
    CurrentAccount,
    CurrentCatalogue,
    CurrentMeter,
    CurrentSettings,
    CurrentWarehouse,
    SummaryBody,
)
from api.routes.shapes import credits_used, preset_summary
from api.schemas import Bound, Bounds, Period, SummaryReply, SummaryRequest
from api.serving import backtest_preset, bars_of

__all__ = ["router"]

router = APIRouter(prefix="/v2/backtest", tags=["backtest"])

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_METRICS = (
    "profit_factor",
    "sharpe",
    "max_drawdown",
    "max_drawdown_intrabar",
    "pnl_per_10k",
    "total_return",
)
_NOT_BUILT = {
    "risk_of_ruin": "risk of ruin is not computed by this version",
    "robustness": "the robustness score is not computed by this version",
}


@router.post("/summary", openapi_extra=document(SummaryRequest))
def summary(
    *,
    request: Request,
    account: CurrentAccount,
    body: SummaryBody,
    meter: CurrentMeter,
    catalogue: CurrentCatalogue,
    settings: CurrentSettings,
    warehouse: CurrentWarehouse,
) -> SummaryReply:
    """Backtest the preset's locked config over a period of a named dataset."""
    preset = catalogue.servable(body.preset)
    dataset, bars = bars_of(preset, body.dataset, field="dataset")
    with meter.charge(
        request.scope,
        account,
        route="/v2/backtest/summary",
        cost=settings.cost_backtest_summary,
    ) as receipt:
        result = backtest_preset(
            preset,
            bars,
            start=body.start,
            end=body.end,
            engine=body.engine,
            warehouse=warehouse,
        )
    metrics = result.metrics
    drawdown = metrics.max_drawdown_intrabar
    risk_pct = risk_pct_of(preset.config)
    values = {name: getattr(metrics, name) for name in _METRICS}
    return SummaryReply(
        preset=preset_summary(preset, catalogue),
        dataset=dataset,
        engine=body.engine,
        period=Period(
            start=_EPOCH + timedelta(microseconds=int(bars.ts[result.window.start])),
            end=_EPOCH + timedelta(microseconds=int(bars.ts[result.window.stop - 1])),
            bars=result.window.stop - result.window.start,
        ),
        **values,
        trades=metrics.trades,
        risk_of_ruin=None,
        robustness=None,
        reasons={
            **{name: metrics.reasons[name] for name in _METRICS if values[name] is None},
            **_NOT_BUILT,
        },
        bounds=Bounds(
            risk_pct=_bound(MAX_RISK_PCT, risk_pct), max_drawdown=_bound(MAX_DRAWDOWN, drawdown)
        ),
        run_hash=result.run_hash,
        credits=credits_used(receipt),
    )


def _bound(limit: float, value: float | None) -> Bound:
    return Bound(limit=limit, value=value, within=None if value is None else value <= limit)
