from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from hyprl_lab.cli.local_server import running_api
from hyprl_lab.errors import LabError


def test_a_server_is_ready_inside_and_gone_after(home: Path) -> None:
    with (
        running_api(home, min_gate="demo") as url,
        httpx2.Client(base_url=url, trust_env=False) as client,
    ):
        assert url.startswith("http://127.0.0.1:")
        assert client.get("/health").status_code == 200
        assert client.get("/v2/presets").status_code in {200, 401}
    with pytest.raises(httpx2.TransportError):
        httpx2.get(f"{url}/health", trust_env=False)


def test_a_server_that_cannot_start_says_why(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPRL_CORS_ORIGINS", "*")
    with (
        pytest.raises(LabError, match="exact origin"),
        running_api(home, min_gate="demo"),
    ):
        pass
