"""Where everything a user makes is kept: `HYPRL_HOME`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from hyprl_lab.errors import WarehouseError

__all__ = ["find_home", "home"]

FOLDER: Final = ".hyprl"
_PROJECT_MARKS: Final = (".git", "pyproject.toml")


def home() -> Path:
    """Return the lab's home folder, made with mode 0700 where there is none yet.

    Raises
    ------
    WarehouseError
        The folder can't be made.

    Examples
    --------
    >>> import os, tempfile
    >>> os.environ["HYPRL_HOME"] = tempfile.mkdtemp()
    >>> home() == Path(os.environ.pop("HYPRL_HOME")).resolve()
    True
    """
    return make_home(find_home())


def find_home(start: Path | None = None) -> Path:
    """Return where the home folder is, or would be made; nothing is created.

    In order: the environment variable `HYPRL_HOME`; a folder `.hyprl` in `start` or one of its
    parents, as git finds its own; a new `.hyprl` at the project's root, which is the nearest
    parent that holds `.git` or `pyproject.toml`; a new `.hyprl` in `start`.

    Parameters
    ----------
    start
        Where to look from; the working folder by default.
    """
    given = os.environ.get("HYPRL_HOME", "").strip()
    if given:
        return Path(given).expanduser().resolve()
    place = (start or Path.cwd()).resolve()
    upward = (place, *place.parents)
    for folder in upward:
        if (folder / FOLDER).is_dir():
            return folder / FOLDER
    for folder in upward:
        if any((folder / mark).exists() for mark in _PROJECT_MARKS):
            return folder / FOLDER
    return place / FOLDER


def make_home(folder: Path) -> Path:
    """Make `folder`, readable by its owner alone, unless it is there, and return it.

    Raises
    ------
    WarehouseError
        The folder can't be made.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise WarehouseError(
            f"the home folder {folder} can't be made ({error.strerror}); "
            "set HYPRL_HOME to a folder that can be written"
        ) from error
    return folder
