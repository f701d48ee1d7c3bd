"""`hyprl demo`: the main job on real bars, from import to a prediction served over HTTP."""

import time
from collections.abc import Mapping
from typing import Any

from hyprl_lab.cli import demo_steps
from hyprl_lab.cli.options import AsJson
from hyprl_lab.cli.output import emit, facts, note
from hyprl_lab.cli.studies import study_summary
from hyprl_lab.cli.summary import (
    bars_summary,
    preset_summary,
    result_summary,
    verdict_outcome,
    verdict_summary,
    warehouse_counts,
)

__all__ = ["demo"]


def demo(as_json: AsJson = False) -> None:
    """Do the main job once, on the S&P 500 from 1999 to 2018.

    Run again it finds the same run and evaluates no new trial.
    """
    started = time.perf_counter()

    import hyprl_lab as hl
    from hyprl_lab.store import home

    before = warehouse_counts()
    bars = hl.load_bars("sp500")
    note(f"1 import     {len(bars):,} daily bars of {bars.symbol}")

    strategy = demo_steps.strategy_with_stop()
    first, reused = demo_steps.saved_backtest(bars, strategy, {"fast": 20, "slow": 100})
    told = "found again" if reused else "stored"
    note(f"2 backtest   run {first.run_hash[:12]}, {first.metrics.trades} trades, {told}")

    study = demo_steps.search(bars, strategy)
    note(f"3 search     {study.total:,} trials, {study.evaluated:,} new, {study.seconds:.2f} s")

    validation = demo_steps.validated(study)
    note(f"4 validate   against {validation.ledger.trials:,} trials in the ledger")

    verdict, strict = demo_steps.gate(study, validation)
    note(f"5 gate       {verdict_outcome(verdict)}; {verdict_outcome(strict)}")

    best = demo_steps.best_run(study)
    made = hl.report(best, validation=validation, verdict=verdict)
    note(f"6 report     {made.html}")

    prediction = demo_steps.predicted(home())
    note(f"7 serve      {prediction['status']} from {prediction['url']}: {prediction['action']}")

    after = warehouse_counts()
    payload = {
        "bars": bars_summary(bars),
        "backtest": {**result_summary(first), "reused": reused},
        "study": study_summary(study, 5),
        "validation": validation.to_dict(),
        "report": {"html": made.html, "notebook": made.notebook, "run_hash": best.run_hash},
        "verdict": {**verdict_summary(verdict), "strict_passed": strict.passed},
        "preset": preset_summary(verdict),
        "prediction": prediction,
        "warehouse": {"home": home(), "before": before, "after": after},
        "seconds": time.perf_counter() - started,
    }
    emit(payload, as_json=as_json, view=lambda: [facts(_made(payload), title="What was made")])


def _made(payload: Mapping[str, Any]) -> dict[str, object]:
    """Return what people are told at the end: what there is now, and where."""
    backtest, study, preset = payload["backtest"], payload["study"], payload["preset"]
    prediction, before, after = (
        payload["prediction"],
        payload["warehouse"]["before"],
        payload["warehouse"]["after"],
    )
    metrics = backtest["metrics"]
    return {
        "home": payload["warehouse"]["home"],
        "run": f"{backtest['run_hash']} ({'found again' if backtest['reused'] else 'new'})",
        "its total return": metrics["total_return"],
        "its Sharpe ratio": metrics["sharpe"],
        "its largest drawdown": metrics["max_drawdown"],
        "study": study["study_id"],
        "trials": f"{study['trials']:,}, of which new {study['evaluated']:,}",
        "search seconds": study["seconds"],
        "best": study["best"]["params"],
        "trials in the ledger": f"{before['trials']:,} before, {after['trials']:,} after "
        f"(distinct; {after['evaluations']:,} rows with the walk-forward's repeats)",
        "runs in the warehouse": f"{before['runs']:,} before, {after['runs']:,} after",
        "report": payload["report"]["html"],
        "notebook": payload["report"]["notebook"],
        "preset": f"{preset['path']} (profile {preset['profile']}: it shows the way, no edge)",
        "strict gate": "passed" if payload["verdict"]["strict_passed"] else "refused",
        "prediction": f"{prediction['action']} as of {prediction['as_of']}",
        "credits": f"{prediction['credits_cost']} spent, {prediction['credits_remaining']} left",
        "seconds": payload["seconds"],
    }
