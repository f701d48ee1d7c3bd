"""What every test and every doctest gets: a home of its own, so none touches the ledger at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty `HYPRL_HOME`, the test's own."""
    folder = tmp_path / "home"
    monkeypatch.setenv("HYPRL_HOME", str(folder))
    monkeypatch.delenv("HYPRL_MIN_GATE", raising=False)
    return folder
