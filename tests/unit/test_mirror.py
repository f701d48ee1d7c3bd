"""Each module with code of its own has a test file at the same path, or stands here with why."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = ROOT / "hyprl_lab"

EXEMPT: Final[dict[str, str]] = {
    "cli/demo.py": "prints what demo_steps does; tests/unit/cli/test_demo.py runs it whole",
}
"""Modules whose tests stand elsewhere, and where."""

OWED: Final[dict[str, str]] = {
    "models/market.py": "so far through tests/unit/models/test_predict.py",
    "presets/preset.py": "so far through tests/unit/presets/test_shelf.py",
    "research/stats/checks.py": "so far through tests/unit/research/stats/test_sharpe.py",
    "research/stats/moments.py": "so far through tests/unit/research/stats/test_sharpe.py",
    "research/validation/subject.py": "through tests/unit/research/validation/test_validator.py",
    "research/validation/validation.py": "through tests/unit/research/validation/test_validator.py",
    "store/opened.py": "so far through tests/unit/store/test_warehouse.py",
    "store/run_book.py": "so far through tests/unit/store/runs/test_run_store.py",
    "store/trial_book.py": "so far through tests/unit/store/trials/test_ledger.py",
}
"""Modules that want a test file, and what calls them in tests so far; strike out what is paid."""


def code_of_its_own(path: Path) -> bool:
    """Whether a module defines something that runs: more than imports, names and protocols."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in tree.body)


MODULES: Final = sorted(
    path.relative_to(PACKAGE).as_posix()
    for path in PACKAGE.rglob("*.py")
    if path.name != "__init__.py" and code_of_its_own(path)
)


def mirror(module: str) -> Path:
    place = Path(module)
    return ROOT / "tests" / "unit" / place.parent / f"test_{place.name}"


def has_tests(path: Path) -> bool:
    if not path.is_file():
        return False
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(
        isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in tree.body
    )


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_its_test_file(module: str) -> None:
    if module in EXEMPT or module in OWED:
        return
    assert has_tests(mirror(module)), (
        f"{mirror(module).relative_to(ROOT)} is missing or has no test"
    )


def test_who_is_let_off_is_there_and_says_why() -> None:
    for module, why in {**EXEMPT, **OWED}.items():
        assert module in MODULES, f"{module} is no module any more; strike it out"
        (place,) = re.findall(r"tests/unit/[\w/]+\.py", why)
        assert has_tests(ROOT / place), f"{module} is said to be tested in {place}"
    assert not set(EXEMPT) & set(OWED)


def test_no_test_file_mirrors_a_module_that_is_gone() -> None:
    doors = {"test_door", "test_init"}  # of packages
    whole = {
        "test_docs": "what is written down",
        "test_imports": "who imports whom",
        "test_mirror": "this",
    }
    unit = ROOT / "tests" / "unit"
    for path in sorted(unit.rglob("test_*.py")):
        name = path.relative_to(unit).with_suffix("").as_posix()
        if path.stem in doors or name in whole:
            continue
        module = PACKAGE / path.relative_to(unit).parent / path.name.removeprefix("test_")
        assert module.is_file(), f"{name} mirrors no module"
