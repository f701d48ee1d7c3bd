"""How much memory the process holds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

__all__ = ["resident_memory"]

_STATM: Final = Path("/proc/self/statm")


def resident_memory() -> int | None:
    """Return the bytes of memory that the process holds now.

    Returns
    -------
    int or None
        The resident set as Linux counts it; `None` on systems that have no `/proc`.

    Examples
    --------
    >>> held = resident_memory()
    >>> held is None or held > 1_000_000
    True
    """
    try:
        pages = int(_STATM.read_text(encoding="ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
