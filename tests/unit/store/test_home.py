from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store import find_home, home

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HYPRL_HOME", raising=False)


def test_the_variable_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".hyprl").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "elsewhere"))
    assert find_home() == tmp_path / "elsewhere"


def test_the_nearest_folder_upward_is_found(tmp_path: Path) -> None:
    (tmp_path / ".hyprl").mkdir()
    (tmp_path / "a" / ".hyprl").mkdir(parents=True)
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    assert find_home(deep) == tmp_path / "a" / ".hyprl"
    assert find_home(tmp_path) == tmp_path / ".hyprl"


@pytest.mark.parametrize("mark", [".git", "pyproject.toml"])
def test_a_new_one_goes_to_the_projects_root(tmp_path: Path, mark: str) -> None:
    (tmp_path / mark).mkdir()
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert find_home(deep) == tmp_path / ".hyprl"
    assert not (tmp_path / ".hyprl").exists()


def test_an_existing_home_beats_a_nearer_project(tmp_path: Path) -> None:
    (tmp_path / ".hyprl").mkdir()
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    assert find_home(project) == tmp_path / ".hyprl"


def test_home_is_made_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "deep" / "lab"))
    made = home()
    assert made == tmp_path / "deep" / "lab"
    assert made.stat().st_mode & 0o777 == 0o700
    assert home() == made


def test_a_home_that_is_a_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "file" / "lab"))
    with pytest.raises(WarehouseError, match=r"file/lab can't be made .* set HYPRL_HOME"):
        home()
