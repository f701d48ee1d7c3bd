"""Copies of a whole warehouse: made from one state while others write, and put back elsewhere."""

from __future__ import annotations

from hyprl_lab.store.backup.content import BackupContent, BackupFile
from hyprl_lab.store.backup.making import backup
from hyprl_lab.store.backup.restoring import restore

__all__ = [
    "BackupContent",
    "BackupFile",
    "backup",
    "restore",
]
