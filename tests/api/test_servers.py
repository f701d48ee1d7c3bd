from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from api import Settings
from api.accounts import Database

KEYS = {"type", "title", "status", "detail", "instance", "code", "request_id"}


async def _storm(urls: list[str], key: str, calls: int) -> list[httpx2.Response]:
    limits = httpx2.Limits(max_connections=calls)
    async with httpx2.AsyncClient(trust_env=False, timeout=120, limits=limits) as http:
        return await asyncio.gather(
            *(
                http.post(
                    f"{urls[n % len(urls)]}/v2/predict",
                    json={"preset": "cross"},
                    headers={"X-API-Key": key},
                )
                for n in range(calls)
            )
        )


@pytest.mark.timeout(240)
def test_two_processes_grant_exactly_what_there_is(
    start_server: Callable[..., Any],
    make_key: Callable[..., str],
    make_preset: Callable[..., Any],
) -> None:
    make_preset("cross")
    key = make_key(credits_daily_limit=50)
    servers = [start_server(), start_server()]
    answers = asyncio.run(_storm([s.url for s in servers], key, 200))
    assert Counter(a.status_code for a in answers) == {200: 50, 429: 150}
    granted = [a for a in answers if a.status_code == 200]
    remaining = sorted(int(a.headers["x-credits-remaining"]) for a in granted)
    assert remaining == list(range(50))
    assert all(
        a.json()["credits"]["remaining"] == int(a.headers["x-credits-remaining"]) for a in granted
    )
    for refused in (a for a in answers if a.status_code == 429):
        assert refused.headers["content-type"] == "application/problem+json"
        assert set(refused.json()) == KEYS
        assert refused.json()["code"] == "credits_exhausted"
        assert refused.headers["x-credits-remaining"] == "0"
        assert int(refused.headers["retry-after"]) > 0
    for server in servers:
        with httpx2.Client(trust_env=False) as http:
            usage = http.get(server.url + "/v2/usage", headers={"X-API-Key": key})
        body = usage.json()
        assert body["credits"]["used"] == 50
        assert body["credits"]["remaining"] == int(usage.headers["x-credits-remaining"]) == 0
        assert body["limits"]["requests_today"] == 50
        assert [(h["calls"], h["credits"], h["refunds"]) for h in body["history"]] == [(50, 50, 0)]
    for server in servers:
        assert server.stop() < 5
        assert key.split("_")[3] not in server.log.read_text()


def test_sigterm_ends_the_process_within_five_seconds_even_in_the_middle_of_work(
    start_server: Callable[..., Any],
    make_key: Callable[..., str],
    make_preset: Callable[..., Any],
    settings: Settings,
) -> None:
    make_preset("cross")
    key = make_key()
    server = start_server()
    blocker = Database(settings.accounts_url)

    async def stuck() -> float:
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
            call = asyncio.create_task(
                http.post(
                    server.url + "/v2/predict",
                    json={"preset": "cross"},
                    headers={"X-API-Key": key},
                )
            )
            await asyncio.sleep(1)
            assert not call.done()
            seconds = await asyncio.to_thread(server.stop)
            await asyncio.gather(call, return_exceptions=True)
            return seconds

    with blocker.write():  # the debit waits for this lock, as work that takes long would
        assert asyncio.run(stuck()) < 5
    blocker.close()


def test_calls_cut_off_get_503_and_their_credits_back(
    start_server: Callable[..., Any],
    make_key: Callable[..., str],
    make_preset: Callable[..., Any],
    settings: Settings,
) -> None:
    """Forty calls deep in Python, bodies that never end, and idle connections."""
    make_preset("cross")
    key = make_key(credits_daily_limit=1_000)
    server = start_server()
    port = int(server.url.rpartition(":")[2])
    head = f"POST /v2/predict HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\n".encode()

    async def storm() -> tuple[float, list[Any], list[bytes]]:
        loose = [await asyncio.open_connection("127.0.0.1", port) for _ in range(10)]
        for _, writer in loose[:5]:
            body = b"Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{"
            writer.write(head + body)
        limits = httpx2.Limits(max_connections=40)
        async with httpx2.AsyncClient(trust_env=False, timeout=60, limits=limits) as http:
            calls = [
                asyncio.create_task(
                    http.post(
                        f"{server.url}/v2/backtest/summary",
                        json={"preset": "cross", "engine": "python", "dataset": "sp500"},
                        headers={"X-API-Key": key},
                    )
                )
                for _ in range(40)
            ]
            await asyncio.sleep(1.2)
            seconds = await asyncio.to_thread(server.stop)
            answers = await asyncio.gather(*calls, return_exceptions=True)
        slow = [await reader.read() for reader, _ in loose[:5]]
        for _, writer in loose:
            writer.close()
        return seconds, answers, slow

    seconds, answers, slow = asyncio.run(storm())
    assert seconds < 5, server.log.read_text()
    granted = 0
    for answer in answers:
        assert isinstance(answer, httpx2.Response), server.log.read_text()
        if answer.status_code == 200:
            granted += 5
            continue
        assert answer.status_code == 503, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json()) == KEYS
        assert answer.json()["code"] == "shutting_down"
        assert answer.headers["retry-after"] == "5"
        assert answer.headers["x-credits-cost"] == "0"
    for raw in slow:
        assert raw.startswith(b"HTTP/1.1 503 ")
        assert b"application/problem+json" in raw
    database = Database(settings.accounts_url)
    with database.read() as connection:
        net = connection.execute(text("SELECT sum(credits) FROM usage_log")).scalar()
        used = connection.execute(text("SELECT credits_daily_used FROM api_tokens")).scalar()
    database.close()
    assert net == used == granted


def test_more_workers_than_memories_refuse_to_start(root: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    for name in ("HYPRL_WORKERS", "WEB_CONCURRENCY"):
        done = subprocess.run(
            [sys.executable, "-m", "api.main"],
            cwd=root,
            env={"PYTHONPATH": str(root), "HYPRL_HOME": str(tmp_path), name: "2"},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode != 0
        assert b"HYPRL_REDIS_URL" in done.stderr


def test_an_address_the_warehouse_cannot_use_is_said_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from starlette.testclient import TestClient

    from api import create_app
    from hyprl_lab.errors import ConfigError

    shared = f"sqlite:///{tmp_path}/all.sqlite"
    monkeypatch.setenv("HYPRL_DATABASE_URL", shared)
    for home in ("one", "one", "two"):
        app = create_app(Settings(home=tmp_path / home))
        if home == "two":
            with pytest.raises(ConfigError, match="of another home"), TestClient(app):
                pass
        else:
            with TestClient(app) as client:
                assert client.get("/ready").status_code == 200
    monkeypatch.setenv("HYPRL_CONTROL_URL", "mysql://localhost/lab")
    with (
        pytest.raises(ConfigError, match="a mysql database, which the warehouse can't use"),
        TestClient(create_app(Settings(home=tmp_path / "three"))),
    ):
        pass
