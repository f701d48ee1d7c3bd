"""The bytes of a file: what it is, read once from its start, hashed and counted on the way."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Literal, TypeAlias, cast

from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

__all__ = ["Format", "Source"]

Format: TypeAlias = Literal["csv", "csv.gz", "parquet"]

READ_BYTES: Final = 4 << 20
_PARQUET: Final = b"PAR1"
_GZIP: Final = b"\x1f\x8b"
_OTHERS: Final = (
    (b"PK\x03\x04", "a zip archive or a spreadsheet", "Unpack it, or export it as CSV"),
    (b"PK\x05\x06", "an empty zip archive", "Unpack another"),
    (b"BZh", "a bzip2 archive", "Unpack it first"),
    (b"\xfd7zXZ\x00", "an xz archive", "Unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstandard archive", "Unpack it first"),
    (b"\x04\x22\x4d\x18", "an lz4 archive", "Unpack it first"),
    (b"7z\xbc\xaf", "a 7-zip archive", "Unpack it first"),
    (b"Rar!", "a rar archive", "Unpack it first"),
    (b"ARROW1", "an Arrow file", "Write it as Parquet"),
    (b"\x89HDF", "an HDF5 file", "Write it as Parquet"),
    (b"SQLite format 3", "an SQLite database", "Write the table as Parquet"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet", "Export it as CSV"),
    (b"\xff\xfe", "UTF-16 text", "Save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text", "Save it as UTF-8"),
)
_TAR_AT: Final = 257
_WANTED: Final = "expected a CSV or Parquet file"


class Source:
    r"""A file that is read once, in order; its hash is of the bytes on the disk.

    Parameters
    ----------
    path
        The file.
    tell
        Called with the bytes of the file that were read so far, and with all it has.

    Raises
    ------
    BarsError
        There is no such file, it can't be read, it is empty, or it is of another kind.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "acme.csv"
    >>> _ = file.write_text("date,close\n")
    >>> with Source(file) as source:
    ...     source.name, source.format, source.read(4), source.size
    ('acme.csv', 'csv', b'date', 11)
    """

    def __init__(self, path: str | Path, tell: Callable[[int, int], None] | None = None) -> None:
        self.path = _place(path)
        self.name = self.path.name
        self._tell = tell
        self._digest = hashlib.sha256()
        try:
            self._file = self.path.open("rb")
            stat = os.fstat(self._file.fileno())
        except OSError as error:
            raise BarsError(
                f"{self.path}: found a file that can't be read ({error.strerror}); {_WANTED}"
            ) from error
        self.size = stat.st_size
        self._changed = stat.st_mtime_ns
        self._done = 0
        try:
            self.format: Format = self._sniffed()
        except BarsError:
            self._file.close()
            raise
        self._unpacked: gzip.GzipFile | None = None
        if self.format == "csv.gz":
            through = cast("IO[bytes]", _Hashed(self))
            self._unpacked = gzip.GzipFile(mode="rb", fileobj=through)

    def read(self, count: int = READ_BYTES) -> bytes:
        """Return up to `count` bytes of content (unpacked), none at the end.

        Raises
        ------
        BarsError
            The file can't be read, or is a gzip archive that is cut off or damaged.
        """
        if self._unpacked is None:
            return self.raw(count)
        try:
            return self._unpacked.read(count)
        except EOFError as error:
            raise BarsError(
                "found a gzip archive that is cut off; expected a whole one. Fetch it again"
            ) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise BarsError(
                f"found a damaged gzip archive ({error}); expected a whole one. Fetch it again"
            ) from error

    def raw(self, count: int) -> bytes:
        """Return up to `count` bytes as they are on the disk."""
        try:
            content = self._file.read(count)
        except OSError as error:
            raise BarsError(f"found a file that can't be read ({error.strerror})") from error
        self._digest.update(content)
        self._done += len(content)
        if self._tell is not None:
            self._tell(min(self._done, self.size), self.size)
        return content

    def sha256(self) -> str:
        """Return the SHA-256 of the whole file; what was not read yet is read for it.

        Raises
        ------
        BarsError
            The file changed while it was read.
        """
        if self.format == "parquet" and self._done == 0:
            self._file.seek(0)
        while self.raw(READ_BYTES):
            pass
        stat = os.fstat(self._file.fileno())
        if (self._done, stat.st_size, stat.st_mtime_ns) != (self.size, self.size, self._changed):
            raise BarsError(
                "found a file that changed while it was read; expected one that is complete. "
                "Import it again when nothing writes to it"
            )
        return self._digest.hexdigest()

    @property
    def handle(self) -> IO[bytes]:
        """The open file, for what reads it here and there; `sha256` begins at its start again."""
        return self._file

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close, whatever happened."""
        self.close()

    def _sniffed(self) -> Format:
        try:
            head = self._file.read(_TAR_AT + 8)
            self._file.seek(0)
        except OSError as error:
            raise BarsError(
                f"{self.path}: found a file that can't be read ({error.strerror})"
            ) from error
        if self.size == 0 or (self.size <= len(head) and not head.strip()):
            raise BarsError(f"{self.path}: found an empty file; {_WANTED}")
        if head.startswith(_PARQUET):
            return "parquet"
        if head.startswith(_GZIP):
            return "csv.gz"
        for magic, kind, mend in _OTHERS:
            if head.startswith(magic):
                raise BarsError(f"{self.path}: found {kind}; expected CSV or Parquet. {mend}")
        if head[_TAR_AT : _TAR_AT + 5] == b"ustar":
            raise BarsError(
                f"{self.path}: found a tar archive; expected CSV or Parquet. Unpack it first"
            )
        return "csv"


class _Hashed:
    """What `GzipFile` reads the archive through."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def read(self, count: int = READ_BYTES) -> bytes:
        return self._source.raw(count)


def _place(path: str | Path) -> Path:
    try:
        file = Path(path).expanduser()
        folder, there = file.is_dir(), file.is_file()
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        raise BarsError(
            f"{str(path)[:80]!r}: found no usable path ({error.__class__.__name__}); "
            "expected that of a CSV or Parquet file"
        ) from error
    if not file.name.isprintable():
        raise BarsError(
            f"{file.name!r}: found a file name that is not text; {_WANTED} whose name is"
        )
    if folder:
        raise BarsError(f"{file}: found a folder; {_WANTED}")
    if not there:
        raise BarsError(f"{file}: found no such file; {_WANTED}")
    return file
