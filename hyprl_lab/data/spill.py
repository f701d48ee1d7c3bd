"""Long columns beside the memory: kept in it while small, in files without a name beyond.

The files are unlinked before they are written, so nothing is left behind whatever ends the process.
"""

from __future__ import annotations

import errno
import mmap
import tempfile
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

import numpy as np

from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["SPILL_BYTES", "Growing", "drop_pages", "is_spilled"]

SPILL_BYTES: Final = 64 << 20
"""So many bytes of bars, all columns together, are held in memory; what is longer is mapped."""

Number = TypeVar("Number", np.float64, np.int64)


class Growing(Generic[Number]):
    """A column that grows piece by piece and ends as one read-only array.

    Parameters
    ----------
    dtype
        `np.float64` or `np.int64`.
    limit_bytes
        Beyond so many bytes the column goes to a file.
    folder
        Where such a file is made; by default the system's folder for temporary files.

    Examples
    --------
    >>> column = Growing(np.float64, limit_bytes=16)
    >>> for piece in ([1.0, 2.0], [3.0]):
    ...     column.append(np.array(piece))
    >>> array = column.finish()
    >>> array.tolist(), is_spilled(array), array.flags.writeable
    ([1.0, 2.0, 3.0], True, False)
    """

    def __init__(
        self,
        dtype: type[Number],
        *,
        limit_bytes: int = SPILL_BYTES,
        folder: str | Path | None = None,
    ) -> None:
        self.rows = 0
        self._dtype: np.dtype[Number] = np.dtype(dtype)
        self._limit = limit_bytes
        self._folder = folder
        self._pieces: list[NDArray[Number]] = []
        self._file: IO[bytes] | None = None

    @property
    def spilled(self) -> bool:
        """Whether the column is in a file by now."""
        return self._file is not None

    def append(self, values: NDArray[Number]) -> None:
        """Add rows at the end; they are copied.

        Raises
        ------
        BarsError
            The temporary file can't be written.
        """
        piece = np.array(values, dtype=self._dtype, order="C")
        self.rows += piece.size
        if self._file is not None:
            self._write([piece])
            return
        self._pieces.append(piece)
        if self.rows * self._dtype.itemsize > self._limit:
            self._write(self._pieces)
            self._pieces = []

    def finish(self) -> NDArray[Number]:
        """Return all rows; nothing can be appended after.

        Raises
        ------
        BarsError
            The temporary file can't be written to its end, or mapped.
        """
        if self._file is None:
            array = np.concatenate([np.empty(0, self._dtype), *self._pieces])
            array.setflags(write=False)
        else:
            try:
                with self._file as file:
                    file.flush()
                    mapped = np.memmap(file, self._dtype, mode="r", shape=(self.rows,))
            except OSError as error:
                raise self._refused(error) from error
            array = np.asarray(mapped)
        self._pieces = []
        return array

    def _write(self, pieces: list[NDArray[Number]]) -> None:
        try:
            if self._file is None:
                self._file = cast("IO[bytes]", tempfile.TemporaryFile(dir=self._folder))  # noqa: SIM115 - closed by finish
            for piece in pieces:
                self._file.write(piece.data)
        except OSError as error:
            if self._file is not None:
                with suppress(OSError):  # what is still to be written has no room either
                    self._file.close()
            raise self._refused(error) from error

    def _refused(self, error: OSError) -> BarsError:
        if error.errno in (errno.EMFILE, errno.ENFILE):  # each long column holds a file open
            return BarsError(
                f"bars: found more long columns than this process may hold files open "
                f"({error.strerror}); raise that limit (ulimit -n), or take fewer columns"
            )
        return BarsError(
            f"bars: found no room for {self.rows * self._dtype.itemsize:,} bytes of a column "
            f"in {self._folder or tempfile.gettempdir()} ({error.strerror}); free some space "
            "there, or set TMPDIR to a folder that has it"
        )


def is_spilled(array: NDArray[Any]) -> bool:
    """Whether an array's rows are in a file rather than in memory."""
    return _mapping(array) is not None


def drop_pages(array: NDArray[Any]) -> None:
    """Let go of the memory that reading a spilled array took; its rows are read again when needed.

    Arrays in memory stay as they are. Call it after a pass over a long column, so that memory stays
    bounded however long the column is.
    """
    mapping = _mapping(array)
    if mapping is not None and hasattr(mapping, "madvise"):
        mapping.madvise(mmap.MADV_DONTNEED)


def _mapping(array: NDArray[Any]) -> mmap.mmap | None:
    """Return the read-only mapping that an array is a view of, `None` where it is of none."""
    base: object = array
    while base is not None:
        if isinstance(base, np.memmap):
            if base.mode != "r":  # rows of a mapping that can be written may not be in its file
                return None
            return cast("mmap.mmap", base.base)
        base = getattr(base, "base", None)
    return None
