from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def verdict_row(name: str, value: Any, operator: str, threshold: Any) -> dict[str, Any]:
    return {
        "name": name,
        "metric": name,
        "value": value,
        "operator": operator,
        "threshold": threshold,
        "passed": True,
        "required": True,
        "evidence": "ledger 0123",
        "reason": None,
    }


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, for what it hands on and for what asks the environment."""
    place = tmp_path / "home"
    place.mkdir()
    monkeypatch.setenv("HYPRL_HOME", str(place))
    return place


@pytest.fixture
def parts() -> dict[str, Any]:
    """What a promotion hands to the shelf."""
    return {
        "name": "cross",
        "visibility": "private",
        "profile": "demo",
        "config": {
            "symbol": "SP500",
            "timeframe": "1d",
            "calendar": "XNYS",
            "dataset": "sp500",
            "strategy": {"version": 1, "name": "é"},
            "params": {"fast": 10.0, "slow": 1e-05},
            "risk": {"model": "risk_pct", "risk_pct": 0.02},
            "execution": {"fill": "next_open", "fee_bps": 1.0},
            "cash": 10000.0,
            "seed": 0,
            "periods_per_year": 252.0,
        },
        "evidence": {
            "verdict": {
                "name": "cross",
                "profile": "demo",
                "visibility": "private",
                "passed": True,
                "checks": [
                    verdict_row("recorded", True, "==", True),
                    verdict_row("ledger_complete", True, "==", True),
                    verdict_row("trades", 31, ">=", 30),
                ],
            },
            "validation": {"rows": []},
            "run": {"run_hash": "ab" * 32},
            "study_id": None,
            "oos_start": 1_400_000_000_000_000,
            "oos_from": "holdout",
        },
    }
