"""Immutable Parquet files, each committed by a row of the control database."""

from __future__ import annotations

from hyprl_lab.store.parts.folder import HashedStream, LocalFolder, PartsFolder
from hyprl_lab.store.parts.leases import Lease, LeaseHeldError
from hyprl_lab.store.parts.part_store import LivePart, PartStore, WrittenPart
from hyprl_lab.store.parts.pins import Pins

__all__ = [
    "HashedStream",
    "Lease",
    "LeaseHeldError",
    "LivePart",
    "LocalFolder",
    "PartStore",
    "PartsFolder",
    "Pins",
    "WrittenPart",
]
