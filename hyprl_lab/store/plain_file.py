"""Read a file that somebody else may have put there: never a pipe, a link or gigabytes."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from hyprl_lab.errors import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path

__all__ = ["open_plain_file", "opened_plain_file", "read_plain_file"]


def open_plain_file(path: Path) -> BufferedReader:
    """Open a regular file to read it, without ever waiting for a writer.

    Raises
    ------
    OSError
        It can't be opened, or is a link, folder, pipe or device.

    Examples
    --------
    >>> from pathlib import Path
    >>> open_plain_file(Path("/dev/null"))
    Traceback (most recent call last):
        ...
    OSError: [Errno 22] is not a regular file: '/dev/null'
    """
    # NONBLOCK: opening a pipe that nobody writes to would wait for ever.
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "is not a regular file", str(path))
    return os.fdopen(handle, "rb")


@contextmanager
def opened_plain_file(path: Path, *, size: int) -> Iterator[IO[bytes]]:
    """Open a regular file that has a certain length.

    Raises
    ------
    OSError
        It can't be opened or read, or is a link, folder, pipe or device.
    IntegrityError
        It is shorter or longer.
    """
    with open_plain_file(path) as file:
        found = os.fstat(file.fileno()).st_size
        if found != size:
            raise IntegrityError(f"{path} has {found:,} bytes, expected {size:,}")
        yield file


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
        with open_plain_file(path) as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise IntegrityError(
            f"{path.name} can't be read ({error.strerror}); expected a regular file, not a link"
        ) from error
    if len(content) > max_bytes:
        raise IntegrityError(f"{path.name} is longer than {max_bytes:,} bytes")
    return content
