from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api import Settings, create_app


@pytest.fixture
def headers(make_key: Callable[..., str]) -> dict[str, str]:
    return {"X-API-Key": make_key()}


def test_only_public_presets_are_listed_page_by_page(
    client: TestClient, headers: dict[str, str], make_preset: Callable[..., Any]
) -> None:
    for name in ("c", "a", "b"):
        make_preset(name)
    make_preset("hidden", visibility="private")
    first = client.get("/v2/presets?limit=2", headers=headers)
    assert [p["name"] for p in first.json()["items"]] == ["a", "b"]
    assert first.headers["x-credits-cost"] == "0"
    cursor = first.json()["next_cursor"]
    second = client.get(f"/v2/presets?limit=2&cursor={cursor}", headers=headers).json()
    assert [p["name"] for p in second["items"]] == ["c"]
    assert second["next_cursor"] is None
    item = second["items"][0]
    assert item["gate_profile"] == "demo"
    assert item["servable"] is True
    assert item["symbol"] == "TEST"
    assert item["evidence"]["verdict"]["profile"] == "demo"
    detail = client.get("/v2/presets/a", headers=headers).json()
    assert detail["config"]["params"] == {"fast": 5, "slow": 20}


def test_a_private_preset_is_as_good_as_none(
    client: TestClient, headers: dict[str, str], make_preset: Callable[..., Any]
) -> None:
    make_preset("hidden", visibility="private")
    answers = [
        client.get("/v2/presets/hidden", headers=headers),
        client.get("/v2/presets/nothing", headers=headers),
        client.post("/v2/predict", json={"preset": "hidden"}, headers=headers),
        client.post("/v2/backtest/summary", json={"preset": "hidden"}, headers=headers),
    ]
    bodies = [a.json() for a in answers]
    assert {a.status_code for a in answers} == {404}
    assert len({(b["code"], b["detail"]) for b in bodies}) == 1
    usage = client.get("/v2/usage", headers=headers).json()
    assert usage["credits"]["used"] == 0


def test_a_weaker_gate_than_asked_is_shown_and_refused(
    settings: Settings, headers: dict[str, str], make_preset: Callable[..., Any]
) -> None:
    make_preset("weak")
    make_preset("fair", profile="research")
    make_preset("good", profile="strict")
    for floor, served in (
        ("strict", {"good"}),
        ("research", {"good", "fair"}),
        ("demo", {"good", "fair", "weak"}),
    ):
        app = create_app(settings.model_copy(update={"min_gate": floor}))
        with TestClient(app, raise_server_exceptions=False) as client:
            listed = client.get("/v2/presets", headers=headers).json()["items"]
            assert {p["name"] for p in listed if p["servable"]} == served
            for name in ("weak", "fair", "good"):
                for path in ("/v2/predict", "/v2/backtest/summary"):
                    answer = client.post(path, json={"preset": name}, headers=headers)
                    if name in served:
                        assert answer.status_code == 200, answer.text
                    else:
                        assert answer.status_code == 403
                        assert answer.json()["code"] == "gate_too_weak"
    assert Settings().min_gate == "strict"


@pytest.mark.parametrize(
    "options",
    [
        {"risk": {"model": "risk_pct", "risk_pct": 0.03}},
        {"risk": {"model": "all_in"}},  # can lose all it puts in, as the gate has it
        {"risk": {"model": "fixed_fraction", "fraction": 0.021}},
        {"execution": {"lots": 1}},  # whatever its RiskPct(0.02) says
        {"drawdown": 0.31},
    ],
)
def test_unsafe_presets_are_refused(
    client: TestClient,
    headers: dict[str, str],
    make_preset: Callable[..., Any],
    options: dict[str, Any],
) -> None:
    make_preset("wild", **options)
    answer = client.post("/v2/predict", json={"preset": "wild"}, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["code"] == "bounds_exceeded"


def test_a_preset_whose_bytes_changed_is_not_served(
    client: TestClient, headers: dict[str, str], make_preset: Callable[..., Any], tmp_path: Path
) -> None:
    preset = make_preset("cross")
    path = Path(preset.path)
    path.write_text(path.read_text().replace("cash: 10000.0", "cash: 20000.0"))
    assert client.get("/v2/presets", headers=headers).json()["items"] == []


def test_a_preset_of_an_untrusted_key_is_not_served(
    client: TestClient, headers: dict[str, str], make_preset: Callable[..., Any], tmp_path: Path
) -> None:
    make_preset("cross")
    for key in (tmp_path / "trusted").glob("*.pub"):
        key.unlink()
    assert client.get("/v2/presets/cross", headers=headers).status_code == 404


def test_the_served_bounds_are_the_gates() -> None:
    from api.catalogue import MAX_DRAWDOWN, MAX_RISK_PCT
    from hyprl_lab.presets.promotion import PUBLIC_BOUNDS

    found = {check.metric: check.threshold for check in PUBLIC_BOUNDS}
    assert found == {"risk_pct": MAX_RISK_PCT, "max_drawdown_intrabar": MAX_DRAWDOWN}
