import sys

import pytest

from hyprl_lab.errors import ConfigError
from hyprl_lab.research.strategies.loading import Failure, checked_folder, load, source_files


def write(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_files_in_order_of_name_without_the_private_ones(tmp_path):
    for name in ("b.py", "a.py", "_help.py", "__init__.py", "notes.txt"):
        write(tmp_path, name, "")
    assert [path.name for path in source_files(tmp_path)] == ["a.py", "b.py"]


def test_a_file_becomes_a_private_module(tmp_path, source):
    found = load(write(tmp_path, "mine.py", source("Mine")), tmp_path)
    assert list(found) == ["Mine"]
    module = found["Mine"].__module__
    assert module.startswith("_hyprl_strategies_")
    assert "mine" not in sys.modules
    assert not (tmp_path / "__pycache__").exists()


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("x = 1\nif:\n", 2, "SyntaxError"),
        ("\n\nimport nothing_of_this_name\n", 3, "ModuleNotFoundError"),
        ("def f():\n    raise ValueError('no')\n\nf()\n", 2, "ValueError: no"),
        ("raise SystemExit(3)\n", 1, "SystemExit: 3"),
        ("x = 1\n", None, "holds no class"),
        ("from typing import Protocol\nclass _Hidden:\n    pass\n", None, "holds no class"),
        ("x = '\\udcff'\n\x00", None, "SyntaxError|ValueError"),
    ],
)
def test_a_file_that_fails_is_told_by_line(tmp_path, text, line, reason):
    known = set(sys.modules)
    found = load(write(tmp_path, "bad.py", text), tmp_path)
    assert isinstance(found, Failure)
    assert found.file == "bad.py"
    if line is not None:
        assert found.line == line
        assert str(found).startswith(f"bad.py, line {line}: ")
    assert any(part in found.reason for part in reason.split("|"))
    assert not {name for name in set(sys.modules) - known if name.startswith("_hyprl")}


def test_a_malformed_class_fails_its_file_by_its_line(tmp_path, source):
    text = "\n" + source("Mine").replace('"default": 100.0', '"default": -5.0')
    found = load(write(tmp_path, "mine.py", text), tmp_path)
    assert isinstance(found, Failure)
    assert found.line == 5
    assert "default is -5.0" in found.reason


def test_two_classes_of_one_name(tmp_path, source):
    text = source("One") + "    name = 'same'\n" + source("Two") + "    name = 'same'\n"
    found = load(write(tmp_path, "mine.py", text), tmp_path)
    assert isinstance(found, Failure)
    assert "two classes are named 'same'" in found.reason


def test_imported_classes_are_not_the_files_own(tmp_path):
    text = "from tempfile import TemporaryDirectory as Mine\n"
    assert isinstance(load(write(tmp_path, "mine.py", text), tmp_path), Failure)


def test_links_out_and_files_that_anyone_may_change(tmp_path, source):
    folder = tmp_path / "strategies"
    folder.mkdir()
    outside = write(tmp_path, "outside.py", source("Mine"))
    (folder / "link.py").symlink_to(outside)
    found = load(folder / "link.py", folder)
    assert isinstance(found, Failure)
    assert "a link to a file outside" in found.reason
    (folder / "gone.py").symlink_to(folder / "nowhere.py")
    assert "can't be read" in load(folder / "gone.py", folder).reason
    (folder / "folder.py").mkdir()
    assert "no regular file" in load(folder / "folder.py", folder).reason
    open_to_all = write(folder, "all.py", source("Mine"))
    open_to_all.chmod(0o646)
    assert "everyone may write to it" in load(open_to_all, folder).reason
    (folder / "inside.py").symlink_to(write(folder, "real.py", source("Mine")))
    assert list(load(folder / "inside.py", folder)) == ["Mine"]


def test_a_folder_has_to_be_ones_own(tmp_path):
    with pytest.raises(ConfigError, match="can't be opened"):
        checked_folder(tmp_path / "none")
    with pytest.raises(ConfigError, match="is no folder"):
        checked_folder(write(tmp_path, "a.py", ""))
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.raises(ConfigError, match="everyone may write"):
        checked_folder(shared)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    assert checked_folder(link) == tmp_path.resolve()
