"""What is named, what is locked and what the wheel asks for are one list."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKS = ["requirements", "requirements-dev", "requirements-oracle", "tests/bench/requirements"]
FORBIDDEN = {"backtesting", "vectorbt", "vectorbt-rust", "pypbo", "streamlit", "ray", "quantstats"}


def named(path: Path) -> dict[str, Requirement]:
    lines = [line.partition("#")[0].strip() for line in path.read_text().splitlines()]
    wanted = [Requirement(line) for line in lines if line and not line.startswith("-")]
    return {canonicalize_name(requirement.name): requirement for requirement in wanted}


PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ \\;]+)", re.MULTILINE)


def locked(path: Path) -> dict[str, str]:
    found = PINNED.findall(path.read_text())
    return {canonicalize_name(name): version for name, version in found}


@pytest.fixture
def wheel(root: Path) -> dict[str, Requirement]:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = [Requirement(line) for line in project["dependencies"]]
    return {canonicalize_name(requirement.name): requirement for requirement in wanted}


def test_the_wheel_asks_for_what_requirements_in_names(
    root: Path, wheel: dict[str, Requirement]
) -> None:
    named_here = named(root / "requirements.in")
    assert sorted(wheel) == sorted(named_here)
    assert list(wheel) == sorted(wheel)
    for name, requirement in wheel.items():
        assert requirement.marker == named_here[name].marker, name


def test_the_locked_versions_satisfy_the_wheel(root: Path, wheel: dict[str, Requirement]) -> None:
    versions = locked(root / "requirements.txt")
    for name, requirement in wheel.items():
        assert requirement.specifier, f"{name} has no least version"
        assert requirement.specifier.contains(versions[name]), (name, versions[name])


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_a_hash_for_each_package_and_no_host(root: Path, name: str) -> None:
    text = (root / f"{name}.txt").read_text()
    versions = locked(root / f"{name}.txt")
    assert set(named(root / f"{name}.in")) <= set(versions)
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(versions)
    for block in blocks:
        assert "--hash=sha256:" in block, block.splitlines()[0]
    assert "://" not in text
    assert "--index" not in text


def test_the_development_lock_agrees_with_the_users(root: Path) -> None:
    development = locked(root / "requirements-dev.txt")
    users = locked(root / "requirements.txt")
    assert {name: development[name] for name in users} == users


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_no_package_with_a_licence_that_binds_users(root: Path, name: str) -> None:
    assert not FORBIDDEN & set(locked(root / f"{name}.txt"))


IMPORTED_AS = {"pynacl": "nacl", "pyyaml": "yaml"}
UNIMPORTED = {
    "ipykernel": "the kernel that papermill and Voila start",
    "jupyterlab": "`hyprl lab` runs it",
    "pytz": "DuckDB imports it to return TIMESTAMPTZ, and does not ask for it",
    "tzdata": "zoneinfo reads it where the system has no time zones",
    "voila": "`hyprl dashboard` runs it",
}


def test_what_the_wheel_asks_for_is_used(root: Path, wheel: dict[str, Requirement]) -> None:
    imported = set()
    for folder in ("hyprl_lab", "api"):
        for path in (root / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    imported.add(node.module.partition(".")[0])
    names = {name: IMPORTED_AS.get(name, name.replace("-", "_")) for name in wheel}
    assert {name for name, module in names.items() if module not in imported} == set(UNIMPORTED)
