"""Import rules that a linter of Python modules can't see: the native module is not one."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


def test_only_kernels_imports_the_native_module(root: Path) -> None:
    users = {
        path.relative_to(root).as_posix()
        for folder in ("hyprl_lab", "api")
        for path in (root / folder).rglob("*.py")
        if any("_native" in name.split(".") for name in imported(path))
    }
    assert users == {"hyprl_lab/kernels.py"}


def test_the_twin_runs_without_the_native_module() -> None:
    """With the extension made unimportable, the Python engine still answers."""
    code = """
import sys
sys.modules["hyprl_lab._native"] = None
import hyprl_lab as hl
trend = hl.Strategy("trend", long_entry=hl.close > hl.ta.sma(hl.close, 20))
result = hl.backtest(hl.load_bars("TEST"), trend, engine="python", record=False)
assert result.engine == "python" and result.metrics.trades == 1
try:
    hl.backtest(hl.load_bars("TEST"), trend, record=False)
except hl.errors.EngineUnavailableError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'pass engine="python"' in done.stdout
