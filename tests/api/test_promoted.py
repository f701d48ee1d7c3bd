from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from starlette.testclient import TestClient

import hyprl_lab as hl


def test_what_a_search_found_and_the_gate_passed_is_served(
    client: TestClient, make_key: Callable[..., str], tmp_path: Path
) -> None:
    bars = hl.load_bars("TEST")
    fast, slow = hl.param("fast", 2, 20), hl.param("slow", 5, 50)
    one, two = hl.ta.sma(hl.close, fast), hl.ta.sma(hl.close, slow)
    strategy = hl.Strategy(
        "cross",
        long_entry=one.crosses_above(two),
        short_entry=one.crosses_below(two),
        stop_loss=hl.stop.percent(0.03),
    )
    study = hl.supersearch(
        bars,
        strategy,
        space={"fast": [2, 3], "slow": [6, 8]},
        objective="sharpe",
        constraints=["trades >= 30"],
        holdout=0.2,
        risk=hl.RiskPct(0.01),
    )
    verdict = hl.promote(study, name="found", profile="demo", visibility="public")
    assert verdict.passed, verdict.reasons
    headers = {"X-API-Key": make_key()}
    listed = client.get("/v2/presets", headers=headers).json()["items"]
    assert [p["name"] for p in listed] == ["found"]
    answer = client.post("/v2/predict", json={"preset": "found"}, headers=headers)
    body = answer.json()
    assert answer.status_code == 200, answer.text
    assert body["probabilities_n"] > 0
    assert sum(body["probabilities"].values()) == 1.0
    assert body["evidence"]["oos_from"] == "holdout"
    summary = client.post("/v2/backtest/summary", json={"preset": "found"}, headers=headers)
    assert summary.status_code == 200, summary.text
    assert summary.json()["trades"] >= 30
    stored = hl.warehouse.default().get_run(summary.json()["run_hash"])
    assert stored.metrics["trades"] == summary.json()["trades"]
    again = client.post("/v2/backtest/summary", json={"preset": "found"}, headers=headers)
    assert again.json()["run_hash"] == stored.run_hash
    assert len(hl.warehouse.default().list_runs()) == 1
