"""Commands, run as `main` runs them, on a home of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from hyprl_lab.cli import run

Hyprl: TypeAlias = Callable[..., tuple[int, dict[str, Any]]]

PAIR = ["--param", "fast=10", "--param", "slow=30"]
GRID = ["--space", "fast=5:20:5", "--space", "slow=10:40:10", "--where", "fast < slow"]


@pytest.fixture
def hyprl(capsys: pytest.CaptureFixture[str]) -> Hyprl:
    """Run a command with --json and return its exit code and its one object."""

    def call(*arguments: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = run([*arguments, "--json"])
        out, _ = capsys.readouterr()
        assert out.count("\n") == 1, out
        assert "NaN" not in out
        assert "Infinity" not in out
        return code, json.loads(out)

    return call


@pytest.fixture(scope="session")
def pair() -> list[str]:
    """Windows for `dual_sma`."""
    return PAIR


@pytest.fixture(scope="session")
def grid() -> list[str]:
    """A space of 4 + 3 + 3 + 2 = 12 pairs of windows."""
    return GRID
