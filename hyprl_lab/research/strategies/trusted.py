"""Files that are run: read only where nobody but their owner could have written them."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from hyprl_lab.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["checked_folder", "read_trusted"]


def checked_folder(folder: Path) -> Path:
    """Return a folder of strategy files, resolved.

    Raises
    ------
    ConfigError
        It is no folder, somebody else owns it or may write to it, or everyone may rename it: its
        files would run as you.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> checked_folder(Path(tempfile.mkdtemp())).is_dir()
    True
    """
    try:
        place = folder.expanduser().resolve(strict=True)
        found = place.stat()
        above = [(parent, parent.stat().st_mode) for parent in place.parents]
    except OSError as error:
        raise ConfigError(
            f"the folder of strategies {folder} can't be opened ({error.strerror}); make it, or "
            "name another one"
        ) from error
    if not stat.S_ISDIR(found.st_mode):
        raise ConfigError(f"{folder} is no folder; name the folder that holds the strategy files")
    refused = _refusal(found, folder)
    if refused is not None:
        raise ConfigError(f"the folder of strategies {folder}: {refused}")
    for parent, mode in above:
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise ConfigError(
                f"the folder of strategies {folder} lies in {parent}, which everyone may write to, "
                f"so it may be another one at any time; chmod o-w {parent}, or move it"
            )
    return place


def read_trusted(path: Path, folder: Path) -> bytes | str:
    """Return what a file holds, or why it is not to be run.

    It is opened once, without following a link, and looked at and read by that descriptor, so
    what is checked is what is read.

    Parameters
    ----------
    path
        The file; a link to another file of the folder will do.
    folder
        Where it has to lie: what `checked_folder` returned.
    """
    try:
        real = path.resolve(strict=True)
        if real.parent != folder:
            return f"is a link to a file outside {folder}; copy it into the folder"
        opened = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(opened, "rb") as file:  # noqa: PTH123  # a descriptor has no path
            found = os.fstat(opened)
            if not stat.S_ISREG(found.st_mode):
                return "is no regular file"
            return _refusal(found, path) or file.read()
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        return f"can't be read ({getattr(error, 'strerror', None) or error})"


def _refusal(found: os.stat_result, path: Path) -> str | None:
    if found.st_uid not in (0, os.getuid()):
        return (
            "it belongs to somebody else, and its content runs as you; read it, and make a copy of "
            "your own"
        )
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        who = "everyone" if found.st_mode & stat.S_IWOTH else "its group"
        return (
            f"{who} may write to it, and its content runs as you; take that right away: "
            f"chmod go-w {path.name}"
        )
    return None
