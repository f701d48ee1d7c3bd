"""Waiting for a shard that somebody else evaluates."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hyprl_lab.store import ShardHeldError

__all__ = ["ShardWait"]

_log = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 0.1
"""Between looks at the shard."""

_SAID_AFTER_SECONDS: Final = (5.0, 60.0)
"""When it is said for whom a search waits, and how often from then on."""


@dataclass(slots=True)
class ShardWait:
    """The wait for one shard; a warning says who holds it, after some seconds and each minute."""

    _began: float = field(init=False)
    _said_next: float = field(default=_SAID_AFTER_SECONDS[0], init=False)

    def __post_init__(self) -> None:
        self._began = time.monotonic()

    def pause(self, held: ShardHeldError) -> None:
        """Wait a moment.

        Parameters
        ----------
        held
            What the ledger said of the shard.

        Raises
        ------
        ShardHeldHereError
            It is held by the very thread that would wait.
        """
        from hyprl_lab.store import ShardHeldHereError

        if isinstance(held, ShardHeldHereError):
            raise held
        waited = time.monotonic() - self._began
        if waited >= self._said_next:
            _log.warning("a search has waited for %.0f seconds: %s", waited, held)
            self._said_next = waited + _SAID_AFTER_SECONDS[1]
        time.sleep(_LOOK_SECONDS)
