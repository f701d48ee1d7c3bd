"""Strategy classes that several tests use."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _own_files() -> Iterator[None]:
    """Files that a test writes are its owner's alone to change, whatever the umask was."""
    before = os.umask(0o022)
    yield
    os.umask(before)


class Cross:
    """Long while the fast mean of closes is above the slow one."""

    name = "cross"

    def get_params_config(self) -> dict[str, Any]:
        return {
            "fast": {"type": "int", "default": 5, "min": 2, "max": 20, "description": "bars"},
            "slow": {"type": "int", "default": 20, "min": 10, "max": 60},
        }

    def generate_signals(self, bars: Any, fast: int, slow: int) -> Any:
        close = bars.to_pandas()["close"]
        above = close.rolling(fast).mean() > close.rolling(slow).mean()
        known = close.rolling(max(fast, slow)).mean().notna()
        return {
            "long_entry": above
            & ~above.shift(1, fill_value=False)
            & known.shift(1, fill_value=False),
            "long_exit": ~above & known,
        }


@pytest.fixture
def cross() -> type:
    """A class that holds."""
    return Cross


FILE = '''"""Strategies for tests."""


class {name}:
    """Long above a level."""

    def get_params_config(self):
        return {{"level": {{"type": "float", "default": 100.0, "min": 1.0, "max": 1e6}}}}

    def generate_signals(self, bars, level):
        return {{"entry": bars.close > level, "exit": bars.close <= level}}
'''


@pytest.fixture
def source() -> Any:
    """The text of a file with one class of a name."""
    return lambda name: FILE.format(name=name)
