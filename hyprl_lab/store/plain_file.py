"""Read a file that somebody else may have put there: never a pipe, a link or gigabytes."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from hyprl_lab.errors import IntegrityError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_plain_file"]


def read_plain_file(path: Path, *, max_bytes: int) -> bytes:
    """Return the bytes of a regular file without ever waiting for a writer.

    Parameters
    ----------
    path
        Its last part may not be a symbolic link.
    max_bytes
        The longest content that is read.

    Raises
    ------
    IntegrityError
        It can't be opened or read, is a link, folder, pipe or device, or is longer.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a"
    ...     _ = path.write_bytes(b"abc")
    ...     read_plain_file(path, max_bytes=3)
    b'abc'
    """
    try:
        # NONBLOCK: opening a pipe that nobody writes to would wait for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise IntegrityError(f"{path.name} is not a regular file; remove it")
            with os.fdopen(handle, "rb", closefd=False) as file:
                content = file.read(max_bytes + 1)
        finally:
            os.close(handle)
    except OSError as error:
        raise IntegrityError(
            f"{path.name} can't be read ({error.strerror}); expected a regular file, not a link"
        ) from error
    if len(content) > max_bytes:
        raise IntegrityError(f"{path.name} is longer than {max_bytes:,} bytes")
    return content
