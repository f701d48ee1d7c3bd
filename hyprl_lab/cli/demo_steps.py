"""The steps of `hyprl demo`, each one call of the library as a user would make it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.cli.local_server import running_api
from hyprl_lab.cli.progress import search_board
from hyprl_lab.cli.settings import api_settings
from hyprl_lab.cli.summary import stored_runs
from hyprl_lab.errors import LabError, PromotionError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hyprl_lab.data import Bars
    from hyprl_lab.engine import Result
    from hyprl_lab.presets import Verdict
    from hyprl_lab.research import Study, Validation
    from hyprl_lab.strategy import Strategy

__all__ = [
    "PRESET",
    "PROFILE",
    "best_run",
    "gate",
    "predicted",
    "saved_backtest",
    "search",
    "strategy_with_stop",
    "validated",
]

PRESET: Final = "demo_dual_sma"
PROFILE: Final = "demo"
STOP: Final = 0.05
RISK: Final = 0.02
FEE_BPS: Final = 5.0
SPACE: Final = {"fast": range(2, 100), "slow": range(3, 101)}
WHERE: Final = "fast < slow"
CONSTRAINTS: Final = ("max_drawdown_intrabar <= 0.3", "trades >= 30")
CREDITS: Final = 50


def strategy_with_stop() -> Strategy:
    """Return two averages, long only, and a stop, so that sizing can risk 2 % on a trade."""
    from hyprl_lab.strategy import Strategy, builtin, stop

    cross = builtin.get("dual_sma")
    return Strategy(
        "dual_sma_with_stop",
        long_entry=cross.long_entry,
        long_exit=cross.long_exit,
        stop_loss=stop.percent(STOP),
    )


def saved_backtest(
    bars: Bars, strategy: Strategy, params: Mapping[str, float]
) -> tuple[Result, bool]:
    """Return a stored run, and whether it was there before."""
    import hyprl_lab as hl

    result = hl.backtest(
        bars,
        strategy,
        params=dict(params),
        risk=hl.RiskPct(RISK),
        execution=hl.Execution(fee_bps=FEE_BPS),
    )
    reused = stored_runs(result.run_hash) > 0
    result.save()
    return result, reused


def search(bars: Bars, strategy: Strategy) -> Study:
    """Try the 4,851 pairs of windows from 2 to 100; the last fifth of the bars stays closed."""
    import hyprl_lab as hl

    with search_board("search") as update:
        study: Study = hl.supersearch(
            bars,
            strategy,
            space=SPACE,
            where=WHERE,
            objective="sharpe",
            constraints=list(CONSTRAINTS),
            holdout=0.2,
            risk=hl.RiskPct(RISK),
            execution=hl.Execution(fee_bps=FEE_BPS),
            progress=update,
        )
    return study


def validated(study: Study) -> Validation:
    """Ask whether the best of them is more than luck."""
    import hyprl_lab as hl

    found: Validation = hl.validate(study, progress=True)
    return found


def gate(study: Study, validation: Validation) -> tuple[Verdict, Verdict]:
    """Ask the demo gate, which signs a preset, and the strict one, to show what it says.

    Raises
    ------
    PromotionError
        Even the demo gate refuses.
    """
    import hyprl_lab as hl

    verdict = hl.promote(
        study, name=PRESET, profile=PROFILE, validation=validation, visibility="public"
    )
    if not verdict.passed:
        reasons = "; ".join(verdict.reasons)
        raise PromotionError(f"the {PROFILE} gate refused {PRESET}: {reasons}")
    strict = hl.promote(study, name=f"{PRESET}_strict", profile="strict", validation=validation)
    return verdict, strict


def predicted(home: Path) -> dict[str, Any]:
    """Ask a server of our own for one prediction, with a new key, and return what it cost."""
    import httpx2

    from api.accounts import tokens

    record, key = tokens.create(api_settings(), name="demo", credits_daily_limit=CREDITS)
    with (
        running_api(home, min_gate=PROFILE) as url,
        httpx2.Client(
            base_url=url, headers={"X-API-Key": key}, trust_env=False, timeout=60.0
        ) as client,
    ):
        before = client.get("/v2/usage").raise_for_status().json()["credits"]
        answer = client.post("/v2/predict", json={"preset": PRESET})
        after = client.get("/v2/usage").raise_for_status().json()["credits"]
    if answer.status_code != httpx2.codes.OK:
        raise LabError(f"{url}/v2/predict answered {answer.status_code}: {answer.text}")
    tokens.revoke(api_settings(), record.id)
    return {
        "status": answer.status_code,
        "url": f"{url}/v2/predict",
        "key_id": record.id,
        "credits_cost": int(answer.headers.get("X-Credits-Cost", 0)),
        "credits_remaining": int(answer.headers.get("X-Credits-Remaining", 0)),
        "credits_used_before": before["used"],
        "credits_used_after": after["used"],
        **answer.json(),
    }


def best_run(study: Study) -> Result:
    """Return the stored run of the best trial, on the searched bars: the holdout stays closed.

    Raises
    ------
    PromotionError
        No trial met the constraints.
    """
    if study.best is None:
        raise PromotionError("no trial met the constraints; there is nothing to report")
    result, _ = saved_backtest(study.search_bars, study.strategy, study.best.params)
    return result
