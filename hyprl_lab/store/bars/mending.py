"""A committed part whose file is gone, written again by who has its content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.parts.part_store import file_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.store.parts.folder import HashedStream
    from hyprl_lab.store.parts.part_store import PartStore

__all__ = ["is_missing", "rewrite"]


def is_missing(parts: PartStore, part_id: str) -> bool:
    """Whether a part has no file."""
    try:
        parts.folder.stamp(file_name(part_id))
    except FileNotFoundError:
        return True
    except OSError:  # something is there; who reads it says what is wrong with it
        return False
    return False


def rewrite(
    parts: PartStore,
    part_id: str,
    committed: tuple[int, str],
    write: Callable[[HashedStream], None],
) -> None:
    """Write the missing file of a live part again.

    Parameters
    ----------
    parts
        Of the warehouse.
    part_id
        Of the part.
    committed
        Length in bytes and SHA-256 of the file that was committed.
    write
        Writes the whole file to the stream it is given.

    Raises
    ------
    IntegrityError
        Other bytes came out than were committed; nothing is left behind.
    WarehouseError
        The disk is full or the folder can't be written; nothing is left behind.
    """
    written = parts.write_streamed(part_id, write)
    if (written.size, written.sha256) != committed:
        parts.folder.remove([file_name(part_id)])
        raise IntegrityError(
            f"{parts.address(part_id)} was committed and is missing, and this version of the lab "
            "writes its content in other bytes; bring it back from a backup"
        )
