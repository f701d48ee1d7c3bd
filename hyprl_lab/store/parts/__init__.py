"""Immutable Parquet files, each committed by a row of the control database."""

from __future__ import annotations

from hyprl_lab.store.parts.folder import Folder, HashedStream
from hyprl_lab.store.parts.part_store import LivePart, PartStore, WrittenPart

__all__ = [
    "Folder",
    "HashedStream",
    "LivePart",
    "PartStore",
    "WrittenPart",
]
