"""What `make` says, with stand-ins for the tools it calls."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

TOOLS = ("ruff", "mypy", "stubtest", "lint-imports", "nbstripout", "cargo")


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder of programs of those names that find nothing to say."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        tool(folder, name, "exit 0")
    return folder


def tool(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def lint(root: Path, tools: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "--old-file=build", "lint", f"BIN={tools}", f"CARGO={tools / 'cargo'}"],
        cwd=root,
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def last(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in done.stdout.splitlines() if not line.startswith("make:")]
    return lines[-1]


def test_lint_with_every_tool_is_clean(root: Path, tools: Path) -> None:
    done = lint(root, tools)
    assert done.returncode == 0, done.stdout
    assert last(done) == "lint: all clean"
    assert "MISSING" not in done.stdout


def test_lint_goes_on_and_the_last_line_names_what_was_not_run(root: Path, tools: Path) -> None:
    (tools / "stubtest").unlink()
    tool(tools, "cargo", '[ "$1" != clippy ]')
    done = lint(root, tools)
    assert done.returncode == 0
    assert "== rustfmt" in done.stdout
    assert last(done).startswith("lint: NOT RUN: stubtest, clippy pedantic;")
    assert "all clean" not in done.stdout
    assert done.stdout.count("lint: MISSING:") == 2


def test_lint_without_cargo(root: Path, tools: Path) -> None:
    (tools / "cargo").unlink()
    done = lint(root, tools)
    assert done.returncode == 0
    assert last(done).startswith("lint: NOT RUN: clippy pedantic, rustfmt;")


def test_lint_runs_them_all_and_then_fails(root: Path, tools: Path) -> None:
    tool(tools, "mypy", "exit 1")
    (tools / "nbstripout").unlink()
    done = lint(root, tools)
    assert done.returncode != 0
    assert "== rustfmt" in done.stdout
    assert last(done) == "lint: FAILED: mypy strict; NOT RUN: nbstripout"


def test_the_list_of_targets_is_the_default(root: Path) -> None:
    done = subprocess.run(["make"], cwd=root, capture_output=True, text=True, check=True)
    for target in ("setup", "build", "lint", "test", "test-deep", "bench", "demo", "clean"):
        assert f"make {target} " in done.stdout


def test_make_looks_for_chromium_under_the_doctors_names(root: Path) -> None:
    from hyprl_lab.cli.doctor import CHROMIUM

    done = subprocess.run(
        ["make", "--dry-run", "browser"], cwd=root, capture_output=True, text=True, check=True
    )
    assert f"for name in {' '.join(CHROMIUM)}; do" in done.stdout
