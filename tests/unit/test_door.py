"""A package's `__init__` is its door: what it lets through is listed, in order and documented."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(
    ".".join(path.parent.relative_to(ROOT).parts)
    for top in ("hyprl_lab", "api")
    for path in (ROOT / top).rglob("__init__.py")
    if "migrations" not in path.parts
)


def listing_order(name: str) -> tuple[int, list[tuple[int, int | str]]]:
    """Constants, then classes, then the rest; numbers inside names by value (ruff's RUF022)."""
    kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
    parts = [part for part in re.split(r"(\d+)", name) if part]
    return kind, [(0, int(part)) if part.isdigit() else (1, part) for part in parts]


@pytest.mark.parametrize("name", PACKAGES)
def test_a_door_lists_what_exists_in_order(name: str) -> None:
    package = importlib.import_module(name)
    assert inspect.getdoc(package), f"{name} has no docstring"
    listed = list(package.__all__)
    assert listed == sorted(listed, key=listing_order)
    assert len(listed) == len(set(listed))
    missing = [item for item in listed if not hasattr(package, item)]
    assert not missing


@pytest.mark.parametrize("name", PACKAGES)
def test_a_door_lists_all_that_it_lets_through(name: str) -> None:
    package = importlib.import_module(name)
    source = Path(inspect.getfile(package)).read_text()
    imported = {
        alias.asname or alias.name
        for node in ast.parse(source).body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(name)
        for alias in node.names
    }
    let_through = {
        item
        for item in imported
        if not item.startswith("_") and not inspect.ismodule(getattr(package, item))
    }
    assert let_through <= set(package.__all__)


@pytest.mark.parametrize("name", PACKAGES)
def test_what_is_public_is_documented(name: str) -> None:
    package = importlib.import_module(name)
    bare = [
        item
        for item in package.__all__
        if (inspect.isclass(value := getattr(package, item)) or inspect.isroutine(value))
        and not inspect.getdoc(value)
    ]
    assert not bare


def test_importing_the_library_imports_nothing_heavier_than_numpy() -> None:
    probe = (
        "import sys, hyprl_lab; "
        "heavy = {'pandas', 'pyarrow', 'duckdb', 'sqlalchemy', 'scipy', 'arch', 'plotly', 'yaml', "
        "'papermill', 'pydantic', 'fastapi', 'IPython', 'ipywidgets', 'exchange_calendars', "
        "'rich', 'typer', 'nacl', 'rfc8785', 'tqdm'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_names_are_found_by_completion_before_they_are_used() -> None:
    import hyprl_lab

    assert set(hyprl_lab.__all__) <= set(dir(hyprl_lab))


@pytest.mark.parametrize(
    "name",
    [
        *("load_bars", "read_bars", "Bars", "param", "open", "high", "low", "close", "volume"),
        *("ta", "Strategy", "stop", "AllIn", "FixedFraction", "RiskPct", "Execution", "backtest"),
        *("supersearch", "validate", "promote", "report", "warehouse", "defaults"),
    ],
)
def test_the_names_that_stay(name: str) -> None:
    import hyprl_lab

    assert name in hyprl_lab.__all__
    assert getattr(hyprl_lab, name) is not None
