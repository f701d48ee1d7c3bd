"""The entries of a record: names and contents change in a file system of inodes, and rows commit.

An inode is a number; folder 0 is the home. A name belongs to the folder that holds it.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Acknowledged", "Commit", "Content", "Entry", "Link", "Rename", "Sync", "Unlink"]

Slot = tuple[int, str]
"""A folder's inode and a name in it."""


@dataclass(frozen=True)
class Link:
    """A new file or folder got a name."""

    slot: Slot
    inode: int
    is_folder: bool


@dataclass(frozen=True)
class Rename:
    """A file or folder got another name, and what had it lost it."""

    source: Slot
    target: Slot
    inode: int


@dataclass(frozen=True)
class Unlink:
    """A name went."""

    slot: Slot


@dataclass(frozen=True)
class Content:
    """A file was written from its start, and synced."""

    inode: int
    content: bytes


@dataclass(frozen=True)
class Sync:
    """A folder was synced."""

    folder: int


@dataclass(frozen=True)
class Commit:
    """The control database after a commit, which is durable by itself."""

    database: bytes


@dataclass(frozen=True)
class Acknowledged:
    """A step of the work returned."""

    step: int


Entry = Link | Rename | Unlink | Content | Sync | Commit | Acknowledged
