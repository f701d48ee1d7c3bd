"""What every test and every doctest gets: a home of its own, so none touches the ledger at hand."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def pytest_configure() -> None:
    """Hear Ctrl-C, and let children hear it, where a shell in the background had it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty `HYPRL_HOME`, the test's own."""
    folder = tmp_path / "home"
    monkeypatch.setenv("HYPRL_HOME", str(folder))
    monkeypatch.delenv("HYPRL_MIN_GATE", raising=False)
    return folder
