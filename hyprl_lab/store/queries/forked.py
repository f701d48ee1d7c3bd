"""What a fork brings of its parent's databases: neither closed nor let go of in the child."""

from __future__ import annotations

import ctypes

__all__ = ["leave_to_parent"]


def leave_to_parent(*inherited: object) -> None:
    """Keep what a fork brought until this process has ended, past the interpreter's last moments.

    A DuckDB database ends by waiting for its threads, which did not come along: whoever closes or
    frees it in a child is killed by it. A child that ends by `sys.exit` hears of it from DuckDB's
    binding, on standard error ("nanobind: leaked").

    Examples
    --------
    >>> leave_to_parent(object())
    """
    for each in inherited:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(each))
