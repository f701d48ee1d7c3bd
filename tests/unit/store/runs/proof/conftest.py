"""A ledger with claims of every kind, and somebody who changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tampering import Hand, build

from hyprl_lab.store.runs.proof import read_state

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hyprl_lab.store import Warehouse
    from hyprl_lab.store.runs.proof import State


@pytest.fixture
def hand(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hand:
    build(warehouse, monkeypatch, tmp_path)
    return Hand(warehouse, tmp_path / "kept")


@pytest.fixture
def state(warehouse: Warehouse, hand: Hand) -> Callable[[], State]:
    """Reads the state there is when it is called."""
    return lambda: read_state(warehouse._claims)
