"""What a check is given: the subject, the settings, the ledger, and what other checks found."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from hyprl_lab.hashing import digest
from hyprl_lab.research.stats import return_moments
from hyprl_lab.research.validation.settings import Settings
from hyprl_lab.research.validation.validation import LedgerFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hyprl_lab.research.stats import ReturnMoments
    from hyprl_lab.research.validation.subject import Subject
    from hyprl_lab.research.validation.validation import ValidationRow
    from hyprl_lab.types import CancelToken, JsonValue, ProgressCallback

__all__ = ["Asking"]

_Made = TypeVar("_Made", bound="Any")


@dataclass(kw_only=True, eq=False)
class Asking:
    """One validation while it is made. Each evidence is computed once, when it is first asked for.

    Parameters
    ----------
    subject
        What is judged.
    settings
        How much is computed.
    threads
        Of searches that are repeated; all cores where `None`.
    progress
        As `hl.validate` takes it.
    cancel
        Stops what takes long.
    """

    subject: Subject
    settings: Settings = field(default_factory=Settings)
    threads: int | None = None
    progress: bool | ProgressCallback = False
    cancel: CancelToken | None = None
    _found: dict[str, Any] = field(default_factory=dict, init=False)
    _ledger: LedgerFacts | None = field(default=None, init=False)

    @cached_property
    def moments(self) -> ReturnMoments | None:
        """Of the judged returns; `None` where they do not vary or there are none."""
        returns = self.subject.returns
        return None if returns is None else return_moments(returns)

    @property
    def ledger(self) -> LedgerFacts:
        """What the ledger said when it was last read."""
        return self.read_ledger() if self._ledger is None else self._ledger

    def read_ledger(self) -> LedgerFacts:
        """Read the ledger anew: what was evaluated since counts."""
        subject = self.subject
        self._ledger = LedgerFacts.of(
            subject.warehouse, subject.lineage_root, fingerprint=subject.judged_fingerprint
        )
        return self._ledger

    def evidence(self, name: str) -> Any:  # each check has a type of its own
        """Return what a check found, `None` where the subject has none of it.

        Parameters
        ----------
        name
            Of the check.
        """
        if name not in self._found:
            from hyprl_lab.research.validation.checks import check_named

            self._found[name] = check_named(name).compute(self)
        return self._found[name]

    def rows(self, name: str) -> Sequence[ValidationRow]:
        """Return a check's rows, by the ledger as it was last read."""
        from hyprl_lab.research.validation.checks import check_named

        return check_named(name).read(self, self.evidence(name))

    def remembered(
        self,
        kind: str,
        inputs: Mapping[str, JsonValue],
        load: Callable[[dict[str, Any]], _Made],
        compute: Callable[[], _Made],
    ) -> _Made:
        """Return what the warehouse keeps for these inputs, or compute it and keep it there.

        Parameters
        ----------
        kind
            Of evidence.
        inputs
            Everything that it depends on, the version of the method among it.
        load
            Makes it of what its `to_dict()` gave.
        compute
            Makes it.
        """
        warehouse, key = self.subject.warehouse, digest(dict(inputs))
        kept = warehouse.cached(kind, key)
        if isinstance(kept, dict):
            return load(kept)
        made = compute()
        warehouse.remember(kind, key, made.to_dict())
        return made
