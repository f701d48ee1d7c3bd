"""An app on a home of its own, keys, and presets that are really signed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from starlette.testclient import TestClient

from api import Settings, create_app
from api.accounts import tokens

if TYPE_CHECKING:
    from postgres import Chosen

MakeKey = Callable[..., str]
MakePreset = Callable[..., Any]


@pytest.fixture(autouse=True)
def _own_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, control_database: Chosen | None
) -> None:
    given = None if control_database is None else control_database.url
    for name in list(os.environ):
        if name.startswith("HYPRL_") or name == "WEB_CONCURRENCY":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path))
    if given is not None:
        monkeypatch.setenv("HYPRL_DATABASE_URL", given)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, min_gate="demo")


@pytest.fixture
def make_key(settings: Settings) -> MakeKey:
    def make(**options: Any) -> str:
        _, key = tokens.create(settings, **{"name": "test", "max_rpm": 10_000, **options})
        return key

    return make


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def make_preset(tmp_path: Path) -> MakePreset:
    """Sign a preset as promotion does; `promote` itself is tested with the presets."""

    def make(
        name: str = "cross",
        *,
        visibility: str = "public",
        profile: str = "demo",
        risk: dict[str, Any] | None = None,
        execution: dict[str, Any] | None = None,
        drawdown: float = 0.1,
        oos_row: int | None = 400,
        dataset: str | None = "TEST",
    ) -> Any:
        from hyprl_lab.data import load_bars
        from hyprl_lab.engine import Execution, RiskPct
        from hyprl_lab.presets.shelf import add
        from hyprl_lab.strategy import Strategy, close, param, stop, ta

        bars = load_bars("TEST")
        fast, slow = ta.sma(close, param("fast", 2, 50)), ta.sma(close, param("slow", 3, 100))
        strategy = Strategy(
            "cross",
            long_entry=fast.crosses_above(slow),
            short_entry=fast.crosses_below(slow),
            stop_loss=stop.percent(0.05),
        )
        rows = [
            _row("recorded", "recorded", True, "==", True),
            _row("ledger_complete", "ledger_complete", True, "==", True),
            _row("drawdown", "max_drawdown_intrabar", drawdown, "<=", 1.0),
        ]
        verdict = {
            "name": name,
            "profile": profile,
            "visibility": visibility,
            "passed": True,
            "checks": rows,
        }
        return add(
            tmp_path,
            name=name,
            visibility=visibility,
            profile=profile,
            config={
                "symbol": bars.symbol,
                "timeframe": bars.timeframe,
                "calendar": bars.calendar,
                "dataset": dataset,
                "strategy": strategy.to_json(),
                "params": {"fast": 5.0, "slow": 20.0},
                "risk": risk if risk is not None else RiskPct(0.02).to_json(),
                "execution": {**Execution(fee_bps=1.0).to_json(), **(execution or {})},
                "cash": 10_000.0,
                "seed": 0,
                "periods_per_year": float(bars.periods_per_year),
            },
            evidence={
                "verdict": verdict,
                "validation": {},
                "run": {
                    "run_hash": "0" * 64,
                    "fingerprint": bars.slice(end=bars.ts[oos_row or -1]).fingerprint,
                },
                "study_id": None,
                "oos_start": None if oos_row is None else int(bars.ts[oos_row]),
                "oos_from": None if oos_row is None else "holdout",
            },
        )

    return make


def _row(name: str, metric: str, value: Any, operator: str, threshold: Any) -> dict[str, Any]:
    return {
        "name": name,
        "metric": metric,
        "value": value,
        "operator": operator,
        "threshold": threshold,
        "passed": True,
        "required": True,
        "evidence": "test",
        "reason": None,
    }


@dataclass
class Server:
    """A uvicorn process on loopback."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def stop(self) -> float:
        """Send SIGTERM and return the seconds until it was gone."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)
        return time.monotonic() - started


def _address() -> dict[str, str]:
    url = os.environ.get("HYPRL_DATABASE_URL")
    return {} if url is None else {"HYPRL_DATABASE_URL": url}


@pytest.fixture
def start_server(tmp_path: Path, root: Path) -> Iterator[Callable[..., Server]]:
    with _servers(tmp_path, root) as start:
        yield start


@contextmanager
def _servers(home: Path, root: Path) -> Iterator[Callable[..., Server]]:
    running: list[Server] = []

    def start(**environment: str) -> Server:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        log = home / f"server-{port}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "api.main"],
                cwd=root,
                env={
                    "PATH": os.environ["PATH"],
                    "PYTHONPATH": str(root),
                    "HYPRL_HOME": str(home),
                    "HYPRL_PORT": str(port),
                    "HYPRL_MIN_GATE": "demo",
                    **_address(),
                    **environment,
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        server = Server(process, f"http://127.0.0.1:{port}", log)
        running.append(server)
        deadline = time.monotonic() + 60
        with httpx2.Client(trust_env=False) as http:
            while time.monotonic() < deadline:
                assert process.poll() is None, log.read_text()
                try:
                    if http.get(server.url + "/health", timeout=2).status_code == 200:
                        return server
                except httpx2.TransportError:
                    time.sleep(0.05)
        raise AssertionError(f"no answer within a minute:\n{log.read_text()}")

    try:
        yield start
    finally:
        for server in running:
            if server.process.poll() is None:
                server.process.kill()
                server.process.wait(timeout=10)
