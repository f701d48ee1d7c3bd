"""A check: a named computation, and the rows that it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hyprl_lab.research.validation.asking import Asking
    from hyprl_lab.research.validation.validation import ValidationRow

__all__ = ["Check"]


def _nothing(_asking: Asking) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question of a validation.

    Parameters
    ----------
    name
        As `validate` takes it.
    rows
        Names of the rows that it becomes, whatever was found.
    read
        Makes the rows of what was computed; of `None` it says why there is no value.
    compute
        Makes the evidence, an object with `to_dict()`; `None` where the subject has none of it.
        Nothing by default: what follows from the returns and the ledger alone.
    """

    name: str
    rows: tuple[str, ...]
    read: Callable[[Asking, Any], Sequence[ValidationRow]]
    compute: Callable[[Asking], Any] = _nothing

    @property
    def is_free(self) -> bool:
        """Whether it follows from the returns and the ledger alone."""
        return self.compute is _nothing
