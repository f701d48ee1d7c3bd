"""Files that ship: read by name, and nothing outside is reachable."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyprl_lab import resources
from hyprl_lab.errors import NotFoundError


@pytest.mark.parametrize(("package", "suffix"), [("warehouse", ".sql"), ("presets", ".yaml")])
def test_every_file_of_the_checkout_is_named_and_read(
    root: Path, package: str, suffix: str
) -> None:
    files = {p.relative_to(root / package).as_posix(): p for p in (root / package).rglob("*")}
    wanted = {name: path for name, path in files.items() if path.suffix == suffix}
    assert wanted
    found = resources.names(package)
    assert found == sorted(wanted)
    for name, path in wanted.items():
        assert resources.read_text(package, name) == path.read_text(encoding="utf-8")


def test_names_below_a_folder() -> None:
    gates = resources.names("presets", "gates/")
    assert {"gates/strict.yaml", "gates/research.yaml", "gates/demo.yaml"} <= set(gates)
    assert resources.names("presets", "no_such/") == []


@pytest.mark.parametrize(
    ("package", "name"),
    [
        ("presets", "gates/none.yaml"),
        ("presets", "../pyproject.toml"),
        ("presets", "gates"),
        ("hyprl_lab", "errors.py"),
    ],
)
def test_what_does_not_ship_is_refused(package: str, name: str) -> None:
    with pytest.raises(NotFoundError, match="there are"):
        resources.read_text(package, name)


def test_a_path_of_a_notebook(root: Path) -> None:
    place = resources.notebook_path("reports/run_report.ipynb")
    assert place == root / "notebooks" / "reports" / "run_report.ipynb"
    assert resources.notebook_path("reports").is_dir()
    for name in ("reports/none.ipynb", "../README.md"):
        with pytest.raises(NotFoundError, match=r"run_report\.ipynb"):
            resources.notebook_path(name)
