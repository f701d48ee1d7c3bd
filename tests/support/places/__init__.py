"""A small file system of its own, which can be filled and made read-only."""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

__all__ = ["PAGE", "CantMountError", "SmallDisk"]

PAGE = 4096
"""What a tmpfs gives at least."""


class CantMountError(Exception):
    """Mounting is not permitted here."""


class SmallDisk:
    """A tmpfs.

    Parameters
    ----------
    place
        An empty folder that it is mounted on.
    size
        Its bytes.
    """

    def __init__(self, place: Path, size: int) -> None:
        self.place = place
        self._ballast = place / "ballast"
        _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place))

    def fill(self) -> None:
        """Use up every page."""
        with self._ballast.open("ab") as file:
            for piece in (1 << 20, PAGE):
                try:
                    while True:
                        os.write(file.fileno(), b"\0" * piece)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def give(self, pages: int) -> None:
        """Free some pages of a full disk, or all that it was filled with."""
        size = self._ballast.stat().st_size
        os.truncate(self._ballast, max(0, size - pages * PAGE) // PAGE * PAGE)

    def clear(self) -> None:
        """Free all that it was filled with."""
        self._ballast.unlink(missing_ok=True)

    def read_only(self, flag: bool) -> None:
        """Let nobody change anything, or let them again; no file may be open for writing."""
        _mount("-o", f"remount,{'ro' if flag else 'rw'}", str(self.place))

    def close(self) -> None:
        """Unmount it, whatever is open there."""
        subprocess.run(["umount", "--lazy", str(self.place)], check=True)


def _mount(*arguments: str) -> None:
    try:
        done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise CantMountError("there is no `mount` here") from error
    if done.returncode:
        raise CantMountError(done.stderr.strip())
