"""`hyprl doctor`: what it looks at, and what it says to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hyprl_lab.cli.doctor import CHROMIUM, checks
from hyprl_lab.cli.exits import DONE, REFUSED

if TYPE_CHECKING:
    from postgres import Databases


def test_the_doctor_finds_nothing(hyprl: Any) -> None:
    code, answer = hyprl("doctor")
    faults = [item for item in answer["checks"] if item["required"] and not item["passed"]]
    assert not faults
    assert (code, answer["passed"]) == (DONE, True)
    names = {item["name"] for item in answer["checks"]}
    assert {"python", "packages", "home", "warehouse", "sqlite", "engines agree"} <= names
    found = {item["name"]: item["found"] for item in answer["checks"]}["control database"]
    assert re.fullmatch(r"SQLite 3\.[\d.]+, (write-ahead log|rollback journal), /.*\.sqlite", found)


def test_the_doctor_looks_at_postgresql(
    hyprl: Any, databases: Databases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = databases.new()
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HYPRL_DATABASE_URL", databases.server.loopback(name))
    found = {check.name: check for check in checks()}["control database"]
    assert found.passed
    assert re.match(r"PostgreSQL \d+[^,]*, fsync off: a power cut can lose", found.found)
    assert found.found.endswith(f", postgresql://127.0.0.1:{databases.server.port}/{name}")
    monkeypatch.setenv("HYPRL_DATABASE_URL", databases.server.loopback(name, password="h1dden"))
    code, answer = hyprl("doctor")
    assert code == REFUSED
    found = {item["name"]: item for item in answer["checks"]}["control database"]
    assert "password authentication failed" in found["found"]
    assert "h1dden" not in str(answer)
    assert "HYPRL_DATABASE_URL" in found["mend"]
    databases.drop(name)


def test_the_doctor_sees_a_home_that_cannot_be_written(
    hyprl: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    monkeypatch.setenv("HYPRL_HOME", str(in_the_way / "home"))
    code, answer = hyprl("doctor")
    assert code == REFUSED
    checks = {item["name"]: item for item in answer["checks"]}
    assert not checks["home"]["passed"]
    assert checks["home"]["mend"]
    assert checks["engines agree"]["passed"]


def test_what_is_missing_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {check.name: check for check in checks()}["chromium"]
    assert not found.passed
    assert not found.required
    assert "make browser" in found.mend


@pytest.mark.parametrize("name", CHROMIUM)
def test_chromium_goes_by_several_names(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / name
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {check.name: check for check in checks()}["chromium"]
    assert (found.passed, found.found) == (True, str(program))


def test_a_package_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyprl_lab.cli.doctor.NEEDED", ("numpy", "no-such-package"))
    found = {check.name: check for check in checks()}["packages"]
    assert (found.passed, found.found) == (False, "missing: no-such-package")
