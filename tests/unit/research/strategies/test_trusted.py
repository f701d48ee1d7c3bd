import os

import pytest

from hyprl_lab.errors import ConfigError
from hyprl_lab.research.strategies import trusted
from hyprl_lab.research.strategies.trusted import checked_folder, read_trusted


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "strategies"
    place.mkdir()
    (place / "mine.py").write_bytes(b"x = 1")
    return place


def test_what_is_ones_own_is_read(folder):
    assert checked_folder(folder) == folder.resolve()
    assert read_trusted(folder / "mine.py", folder) == b"x = 1"
    (folder / "inside.py").symlink_to(folder / "mine.py")
    assert read_trusted(folder / "inside.py", folder) == b"x = 1"


def test_links_out_and_what_is_no_file(folder, tmp_path):
    (tmp_path / "outside.py").write_text("x = 2")
    (folder / "link.py").symlink_to(tmp_path / "outside.py")
    assert "a link to a file outside" in read_trusted(folder / "link.py", folder)
    (folder / "gone.py").symlink_to(folder / "nowhere.py")
    assert "can't be read" in read_trusted(folder / "gone.py", folder)
    (folder / "round.py").symlink_to(folder / "round.py")
    assert "can't be read" in read_trusted(folder / "round.py", folder)
    (folder / "folder.py").mkdir()
    assert read_trusted(folder / "folder.py", folder).startswith(("is no", "can't be read"))
    os.mkfifo(folder / "pipe.py")
    assert "no regular file" in read_trusted(folder / "pipe.py", folder)


def test_a_file_that_becomes_a_link_is_not_followed(folder, tmp_path, monkeypatch):
    path = folder / "mine.py"
    (tmp_path / "outside.py").write_text("x = 2")
    opening = os.open

    def swapped(real, flags):
        path.unlink()
        path.symlink_to(tmp_path / "outside.py")
        return opening(real, flags)

    monkeypatch.setattr(trusted.os, "open", swapped)
    assert "can't be read" in read_trusted(path, folder)


@pytest.mark.parametrize(("mode", "who"), [(0o646, "everyone"), (0o664, "its group")])
def test_what_others_may_change_is_refused(folder, mode, who):
    (folder / "mine.py").chmod(mode)
    assert read_trusted(folder / "mine.py", folder).startswith(f"{who} may write to it")
    folder.chmod(mode | 0o111)
    with pytest.raises(ConfigError, match=f"{who} may write to it.*chmod go-w"):
        checked_folder(folder)


def test_what_belongs_to_somebody_else_is_refused(folder, monkeypatch):
    if os.getuid() == 0:
        os.chown(folder, 65534, -1)
        os.chown(folder / "mine.py", 65534, -1)
    else:
        monkeypatch.setattr(trusted.os, "getuid", lambda: os.geteuid() + 1)
    assert "belongs to somebody else" in read_trusted(folder / "mine.py", folder)
    with pytest.raises(ConfigError, match="belongs to somebody else"):
        checked_folder(folder)


def test_a_folder_that_everyone_may_rename_is_refused(folder, tmp_path):
    tmp_path.chmod(0o777)
    with pytest.raises(ConfigError, match=r"lies in .* which everyone may write to"):
        checked_folder(folder)
    tmp_path.chmod(0o1777)
    assert checked_folder(folder) == folder.resolve()


def test_a_folder_has_to_be_one(folder, tmp_path):
    with pytest.raises(ConfigError, match="can't be opened"):
        checked_folder(tmp_path / "none")
    with pytest.raises(ConfigError, match="is no folder"):
        checked_folder(folder / "mine.py")
    (tmp_path / "link").symlink_to(folder)
    assert checked_folder(tmp_path / "link") == folder.resolve()
