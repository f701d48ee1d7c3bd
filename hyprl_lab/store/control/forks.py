"""What a forked child does with the connections it inherits: let go of them, unused.

A child that keeps its parent's socket open keeps the parent's session alive on the server when the
parent is killed, with every lock it holds. So the child puts the null device in the socket's place,
which says nothing to the server, and never closes the connection properly.
"""

from __future__ import annotations

import os
import weakref
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import psycopg

__all__ = ["leave_to_parent"]

_mine: Final[weakref.WeakSet[psycopg.Connection[Any]]] = weakref.WeakSet()
_inherited: Final[list[psycopg.Connection[Any]]] = []
"""Kept, so that their destructors do not complain of what is not theirs."""


def leave_to_parent(connection: psycopg.Connection[Any]) -> None:
    """Make a forked child of this process drop its copy of a connection's socket.

    Parameters
    ----------
    connection
        Just opened by this process.
    """
    _register()
    _mine.add(connection)


@lru_cache(maxsize=1)
def _register() -> None:
    os.register_at_fork(after_in_child=_drop)


def _drop() -> None:
    inherited = [connection for connection in _mine if not connection.closed]
    _inherited.extend(inherited)
    _mine.clear()
    if not inherited:
        return
    null = os.open(os.devnull, os.O_RDWR)
    for connection in inherited:
        os.dup2(null, connection.fileno(), inheritable=False)
    os.close(null)
