from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text, update
from starlette.testclient import TestClient

from api import Settings, create_app
from api.accounts import Database
from api.accounts.tables import api_tokens, usage_log
from hyprl_lab.data import load_bars


@pytest.fixture
def headers(make_key: Callable[..., str]) -> dict[str, str]:
    return {"X-API-Key": make_key(credits_daily_limit=20)}


@pytest.fixture
def post(
    client: TestClient, headers: dict[str, str], make_preset: Callable[..., Any]
) -> Callable[..., Any]:
    make_preset("cross")

    def send(path: str, **body: Any) -> Any:
        return client.post(path, json={"preset": "cross", **body}, headers=headers)

    return send


def rows_of(count: int) -> list[dict[str, Any]]:
    bars = load_bars("TEST").take(0, count)
    return [
        {
            "ts": datetime.fromtimestamp(int(ts) / 1e6, UTC).isoformat(),
            **{name: float(bars.columns[name][row]) for name in ("open", "high", "low", "close")},
        }
        for row, ts in enumerate(bars.ts)
    ]


def test_a_prediction_says_what_it_read_and_cost(post: Callable[..., Any]) -> None:
    answer = post("/v2/predict")
    body = answer.json()
    bars = load_bars("TEST")
    assert answer.status_code == 200, answer.text
    assert body["symbol"] == "TEST"
    assert body["bars"] == len(bars) == 500
    last = datetime.fromtimestamp(int(bars.ts[-1]) / 1e6, UTC)
    assert datetime.fromisoformat(body["as_of"]) == last
    assert body["action"] in {"LONG", "SHORT"}  # always in the market after the first cross
    assert body["credits"]["cost"] == 1
    assert body["credits"]["remaining"] == 19
    assert answer.headers["x-credits-cost"] == "1"
    assert answer.headers["x-credits-remaining"] == "19"
    assert body["thresholds"] == {"long": None, "short": None}
    assert "thresholds" in body["reasons"]
    assert body["evidence"] == body["preset"]["evidence"]


def test_the_action_is_where_the_averages_stand(post: Callable[..., Any]) -> None:
    close = load_bars("TEST").close
    for count in (60, 120, 233, 400):
        body = post("/v2/predict", bars=rows_of(count)).json()
        fast, slow = close[count - 5 : count].mean(), close[count - 20 : count].mean()
        # the stop of 5 % may have closed the position since the cross
        assert body["action"] in {"LONG" if fast > slow else "SHORT", "FLAT"}


def test_probabilities_are_frequencies_of_the_part_not_seen(post: Callable[..., Any]) -> None:
    from hyprl_lab.engine import Execution, RiskPct
    from hyprl_lab.models import signal_states
    from hyprl_lab.strategy import Strategy, close, param, stop, ta

    body = post("/v2/predict").json()
    bars = load_bars("TEST")
    fast, slow = ta.sma(close, param("fast", 2, 50)), ta.sma(close, param("slow", 3, 100))
    states = signal_states(
        bars,
        Strategy(
            "cross",
            long_entry=fast.crosses_above(slow),
            short_entry=fast.crosses_below(slow),
            stop_loss=stop.percent(0.05),
        ),
        params={"fast": 5, "slow": 20},
        risk=RiskPct(0.02),
        execution=Execution(fee_bps=1.0),
        cash=10_000.0,
        engine="python",
    ).state
    ups = downs = 0
    for t in range(400, 499):
        if states[t] == states[499] and bars.close[t + 1] != bars.close[t]:
            ups += bars.close[t + 1] > bars.close[t]
            downs += bars.close[t + 1] < bars.close[t]
    assert ups + downs > 0
    assert body["probabilities_n"] == ups + downs
    assert body["probabilities"]["up"] == (ups + 1) / (ups + downs + 2)
    assert sum(body["probabilities"].values()) == 1.0


@pytest.mark.parametrize(
    ("options", "body", "reason"),
    [
        ({"oos_row": None}, {}, "none is out of sample"),
        ({}, {"symbol": "sp500"}, "chosen on TEST 1d, and these bars are SP500 1d"),
        ({"dataset": None}, {"bars": 60}, "do not begin with those of TEST 1d"),
    ],
)
def test_no_frequencies_is_null_with_a_reason(
    client: TestClient,
    headers: dict[str, str],
    make_preset: Callable[..., Any],
    options: dict[str, Any],
    body: dict[str, Any],
    reason: str,
) -> None:
    make_preset("blind", **options)
    if "bars" in body:
        body = {"bars": rows_of(body["bars"])}
    answer = client.post("/v2/predict", json={"preset": "blind", **body}, headers=headers)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["probabilities"] is None
    assert body["probabilities_n"] is None
    assert reason in body["reasons"]["probabilities"]
    assert body["action"] in {"LONG", "SHORT", "FLAT"}


def test_posted_bars_count_nothing_newer_than_themselves(post: Callable[..., Any]) -> None:
    body = post("/v2/predict", bars=rows_of(401)).json()  # out of sample starts at row 400
    assert body["probabilities"] is None
    assert "before" in body["reasons"]["probabilities"]
    assert 0 < post("/v2/predict", bars=rows_of(450)).json()["probabilities_n"] <= 49


def test_posted_bars_that_say_another_price_are_another_market(post: Callable[..., Any]) -> None:
    rows = rows_of(500)
    whole = post("/v2/predict").json()
    same = post("/v2/predict", bars=rows).json()
    assert same["probabilities"] == whole["probabilities"]  # volume is not compared
    rows[123]["close"] = (rows[123]["low"] + rows[123]["high"]) / 2
    other = post("/v2/predict", bars=rows).json()
    assert other["probabilities"] is None
    assert "do not begin with those of TEST 1d" in other["reasons"]["probabilities"]


def test_a_bar_that_is_still_open_is_left_out(post: Callable[..., Any]) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    close = load_bars("TEST").close
    rows = [
        {
            "ts": (today - timedelta(days=60 - n)).isoformat(),
            **dict.fromkeys(("open", "high", "low", "close"), float(close[n])),
        }
        for n in range(61)
    ]
    body = post("/v2/predict", bars=rows).json()
    assert body["bars"] == 60
    assert datetime.fromisoformat(body["as_of"]) == today - timedelta(days=1)
    rows[-1]["ts"] = (today + timedelta(days=2)).isoformat()
    answer = post("/v2/predict", bars=rows)
    assert answer.status_code == 422
    assert "future" in answer.json()["detail"]


def test_bad_bars_and_unknown_data_cost_nothing(
    post: Callable[..., Any], client: TestClient, headers: dict[str, str]
) -> None:
    crossed = rows_of(60)
    price = str(crossed[7]["low"])
    crossed[7]["high"] = crossed[7]["low"] / 2
    for body, code in (
        ({"bars": crossed}, "invalid_bars"),
        ({"bars": rows_of(10)}, "invalid_bars"),
        ({"bars": rows_of(60)[::-1]}, "invalid_bars"),
        ({"symbol": "/etc/passwd"}, "invalid_request"),
        ({"symbol": "https://example.org/bars.csv"}, "invalid_request"),
    ):
        answer = post("/v2/predict", **body)
        assert answer.status_code == 422, answer.text
        assert answer.json()["code"] == code
        assert price not in answer.text
        assert answer.headers["x-credits-cost"] == "0"
        assert answer.headers["x-credits-remaining"] == "20"
    usage = client.get("/v2/usage", headers=headers).json()
    assert usage["credits"] == {**usage["credits"], "used": 0, "remaining": 20}


def test_too_many_bars_are_refused(
    settings: Settings, headers: dict[str, str], make_preset: Callable[..., Any]
) -> None:
    make_preset("cross")
    small = settings.model_copy(update={"max_bars": 50})
    with TestClient(create_app(small), raise_server_exceptions=False) as client:
        answer = client.post(
            "/v2/predict", json={"preset": "cross", "bars": rows_of(51)}, headers=headers
        )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/bars"


def test_both_engines_give_one_summary(post: Callable[..., Any]) -> None:
    period = {"start": "2020-06-01T00:00:00Z", "end": "2021-06-01T00:00:00Z"}
    native = post("/v2/backtest/summary", engine="native", **period)
    python = post("/v2/backtest/summary", engine="python", dataset="test", **period)
    assert native.status_code == python.status_code == 200, native.text + python.text
    one, two = native.json(), python.json()
    assert (one["engine"], two["engine"]) == ("native", "python")
    assert one["run_hash"] == two["run_hash"]
    assert one["trades"] == two["trades"] > 5
    for name in ("profit_factor", "sharpe", "max_drawdown", "pnl_per_10k", "total_return"):
        assert one[name] == pytest.approx(two[name], rel=1e-10)
    ts = load_bars("TEST").ts.astype("datetime64[us]")
    inside = (ts >= np.datetime64("2020-06-01")) & (ts < np.datetime64("2021-06-01"))
    assert one["period"]["bars"] == int(inside.sum())
    assert one["period"]["start"] == "2020-06-01T00:00:00Z"
    assert one["pnl_per_10k"] == pytest.approx(10_000 * one["total_return"])
    for name in ("risk_of_ruin", "robustness"):
        assert one[name] is None
        assert one["reasons"][name]
    assert one["bounds"]["risk_pct"] == {"limit": 0.02, "value": 0.02, "within": True}
    assert one["bounds"]["max_drawdown"]["value"] == one["max_drawdown_intrabar"]
    from hyprl_lab import warehouse

    stored = warehouse.default().list_runs()
    assert [(run.run_hash, run.engine) for run in stored] == [
        (one["run_hash"], "native"),
        (one["run_hash"], "python"),
    ]
    assert native.headers["x-credits-cost"] == "5"
    assert python.headers["x-credits-remaining"] == "10"


def test_undefined_metrics_are_null_with_a_reason(post: Callable[..., Any]) -> None:
    period = {"start": "2020-03-02T00:00:00Z", "end": "2020-03-04T00:00:00Z"}
    body = post("/v2/backtest/summary", **period).json()
    assert body["period"]["bars"] == 2
    assert body["trades"] == 0
    for name in ("profit_factor", "sharpe"):
        assert body[name] is None
        assert body["reasons"][name]
    assert body["max_drawdown"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {"dataset": "../accounts.db"},
        {"dataset": "/etc/passwd"},
        {"engine": "rust"},
        {"start": "2020-01-02T00:00:00"},
        {"start": "2021-01-01T00:00:00Z", "end": "2020-01-01T00:00:00Z"},
        {"start": "2031-01-01T00:00:00Z"},
        {"risk_pct": 0.5},
        {"params": {"fast": 2}},
    ],
)
def test_what_a_summary_refuses_costs_nothing(
    post: Callable[..., Any], body: dict[str, Any]
) -> None:
    answer = post("/v2/backtest/summary", **body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["x-credits-remaining"] == "20"


def test_a_failure_on_our_side_is_refunded(
    post: Callable[..., Any],
    client: TestClient,
    headers: dict[str, str],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from api.routes import backtest as route

    def broken(*_args: object, **_options: object) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(route, "backtest_preset", broken)
    answer = post("/v2/backtest/summary")
    assert answer.status_code == 500
    assert answer.headers["x-credits-cost"] == "0"
    assert answer.headers["x-credits-remaining"] == "20"
    usage = client.get("/v2/usage", headers=headers).json()
    assert usage["credits"]["used"] == 0
    assert usage["limits"]["requests_today"] == 0
    assert usage["history"] == [
        {
            "day": usage["day"],
            "route": "/v2/backtest/summary",
            "calls": 1,
            "refunds": 1,
            "credits": 0,
        }
    ]
    database = Database(settings.accounts_url)
    with database.read() as connection:
        found = connection.execute(text("SELECT credits FROM usage_log ORDER BY id")).scalars()
        assert list(found) == [5, -5]
    database.close()


def test_credits_run_out_with_429_and_say_when_they_return(
    client: TestClient, make_key: Callable[..., str], make_preset: Callable[..., Any]
) -> None:
    make_preset("cross")
    headers = {"X-API-Key": make_key(credits_daily_limit=6)}
    body = {"preset": "cross"}
    assert client.post("/v2/backtest/summary", json=body, headers=headers).status_code == 200
    refused = client.post("/v2/backtest/summary", json=body, headers=headers)
    assert refused.status_code == 429
    assert refused.json()["code"] == "credits_exhausted"
    assert refused.headers["x-credits-remaining"] == "1"
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(1)
    assert int(refused.headers["x-credits-reset"]) == int(midnight.timestamp())
    wait = int(refused.headers["retry-after"])
    assert abs(wait - (midnight - datetime.now(UTC)).total_seconds()) < 5
    assert client.post("/v2/predict", json=body, headers=headers).status_code == 200
    usage = client.get("/v2/usage", headers=headers)
    assert usage.json()["credits"]["used"] == 6
    assert usage.headers["x-credits-remaining"] == "0"
    assert [(h["route"], h["credits"]) for h in usage.json()["history"]] == [
        ("/v2/backtest/summary", 5),
        ("/v2/predict", 1),
    ]


def test_a_new_utc_day_brings_new_credits_and_keeps_the_history(
    client: TestClient,
    settings: Settings,
    make_key: Callable[..., str],
    make_preset: Callable[..., Any],
) -> None:
    make_preset("cross")
    headers = {"X-API-Key": make_key(credits_daily_limit=1)}
    body = {"preset": "cross"}
    assert client.post("/v2/predict", json=body, headers=headers).status_code == 200
    assert client.post("/v2/predict", json=body, headers=headers).status_code == 429
    database = Database(settings.accounts_url)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    with database.write() as connection:
        connection.execute(update(api_tokens).values(last_reset_at=yesterday))
        connection.execute(update(usage_log).values(day=yesterday))
    database.close()
    fresh = client.get("/v2/usage", headers=headers)
    assert fresh.json()["credits"]["remaining"] == 1
    assert fresh.headers["x-credits-remaining"] == "1"
    assert client.post("/v2/predict", json=body, headers=headers).status_code == 200
    history = client.get("/v2/usage", headers=headers).json()["history"]
    assert [(h["calls"], h["credits"]) for h in history] == [(1, 1), (1, 1)]
    assert history[0]["day"] > history[1]["day"]


def test_calls_a_minute_are_limited_and_a_refusal_is_not_charged(
    client: TestClient, make_key: Callable[..., str], make_preset: Callable[..., Any]
) -> None:
    make_preset("cross")
    headers = {"X-API-Key": make_key(max_rpm=3)}
    answers = [
        client.post("/v2/predict", json={"preset": "cross"}, headers=headers) for _ in range(5)
    ]
    assert [a.status_code for a in answers] == [200, 200, 200, 429, 429]
    assert answers[3].json()["code"] == "rate_limited"
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    assert answers[0].headers["ratelimit-policy"] == '"minute";q=3;w=60, "credits";q=50;w=86400'
    assert answers[1].headers["ratelimit"].startswith('"minute";r=1;t=')
    assert '"credits";r=48;t=' in answers[1].headers["ratelimit"]
    assert answers[4].headers["x-credits-remaining"] == "47"
    assert client.get("/v2/usage", headers=headers).status_code == 429


def test_refused_calls_count_a_minute_once_and_cost_nothing(
    client: TestClient, make_key: Callable[..., str], make_preset: Callable[..., Any]
) -> None:
    make_preset("cross")
    headers = {"X-API-Key": make_key(max_rpm=5), "Content-Type": "application/json"}
    answers = [
        client.post("/v2/predict", json={"preset": "none"}, headers=headers),
        client.post("/v2/predict", content=b"{", headers=headers),
        client.post("/v2/predict", json={"preset": "cross"}, headers=headers),
        client.get("/v2/presets?limit=0", headers=headers),
        client.get("/v2/presets/none", headers=headers),
        client.post("/v2/predict", content=b"{", headers=headers),
        client.get("/v2/usage", headers=headers),
    ]
    assert [a.status_code for a in answers] == [404, 422, 200, 422, 404, 429, 429]
    assert [a.headers["ratelimit"].partition(";t=")[0] for a in answers] == [
        f'"minute";r={left}' for left in (4, 3, 2, 1, 0, 0, 0)
    ]
    assert [a.headers["x-credits-cost"] for a in answers] == ["0", "0", "1", "0", "0", "0", "0"]
    assert answers[-1].headers["x-credits-remaining"] == "49"


def test_metered_calls_a_day_are_limited(
    client: TestClient, make_key: Callable[..., str], make_preset: Callable[..., Any]
) -> None:
    make_preset("cross")
    headers = {"X-API-Key": make_key(max_rpd=1)}
    body = {"preset": "cross"}
    assert client.post("/v2/predict", json=body, headers=headers).status_code == 200
    refused = client.post("/v2/predict", json=body, headers=headers)
    assert refused.status_code == 429
    assert refused.json()["code"] == "daily_requests_exhausted"
    assert refused.headers["x-credits-remaining"] == "49"


def test_operations_routes_need_no_key(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok", "version": "2.0"}
    ready = client.get("/ready").json()
    assert ready["status"] == "ready"
    assert ready["checks"]["store"] == "ok"
    counters = client.get("/metrics")
    assert 'route="/health",status="200"} 1.0' in counters.text


def test_not_ready_without_the_accounts(client: TestClient, settings: Settings) -> None:
    database = Database(settings.accounts_url)
    with database.write() as connection:
        connection.execute(text("ALTER TABLE api_tokens RENAME TO gone"))
    database.close()
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["code"] == "not_ready"
    assert "store" in answer.json()["detail"]
