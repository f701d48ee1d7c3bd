"""The folder that presets lie in: which files are there, and how one is put there."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store import disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["found_files", "home_of", "locked", "one_line", "place_of", "put"]

_FILE: Final = re.compile(r"([a-z0-9_-]{1,64})\.v([1-9][0-9]{0,8})\.yaml")
_STAGED: Final = ".tmp"
_CHARACTERS: Final = 400


def place_of(home: Path) -> Path:
    """Return the folder of a home's presets."""
    return home / "presets"


def home_of(home: Path | None) -> Path:
    """Return a home, by default that of `hl.warehouse.home()`."""
    if home is not None:
        return home
    from hyprl_lab.store import home as current

    return current()


def found_files(home: Path) -> dict[str, dict[int, Path]]:
    """Return the files of presets by name and version, whatever they hold.

    Raises
    ------
    WarehouseError
        The folder can't be read.
    """
    folder = place_of(home)
    try:
        paths = list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise WarehouseError(f"{folder} can't be read ({error.strerror}); mend its mode") from error
    found: dict[str, dict[int, Path]] = {}
    for path in paths:
        match = _FILE.fullmatch(path.name)
        if match:
            found.setdefault(match[1], {})[int(match[2])] = path
    return found


@contextmanager
def locked(home: Path) -> Iterator[Path]:
    """Hold the one lock of whoever changes the folder, and give the folder.

    What dead processes had begun to write is unlinked: nobody else writes meanwhile.

    Raises
    ------
    WarehouseError
        The folder can't be written.
    """
    from filelock import FileLock

    folder = place_of(home)
    try:
        disk.make_folder(folder)
        held = FileLock(folder / ".lock").acquire()
    except OSError as error:
        raise WarehouseError(
            f"{folder} can't be written ({error.strerror}); nothing was changed: mend its mode"
        ) from error
    with held:
        for path in folder.glob(f".*{_STAGED}"):
            disk.unlink(path)
        yield folder


def put(path: Path, content: bytes) -> None:
    """Write all of a file or none of it, and keep it through a power cut; the lock is held.

    Raises
    ------
    WarehouseError
        It can't be written; what was there is as it was.
    """
    staged = path.with_name(f".{path.name}.{os.getpid()}{_STAGED}")
    try:
        disk.write(staged, content)
        disk.place(staged, path)
    except OSError as error:
        raise WarehouseError(
            f"{path} can't be written ({error.strerror}); what was there is as it was: free some "
            "space, or mend the folder's mode, and try again"
        ) from error


def one_line(error: Exception) -> str:
    """Return what an error says, whatever of a file it quotes, as one short line."""
    text = " ".join(str(error).split())
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:_CHARACTERS]
