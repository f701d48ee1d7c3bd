"""One state of the database, with the checkpoint that was read before it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from hyprl_lab.errors import IntegrityError, LabError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.store.runs import checkpoint

if TYPE_CHECKING:
    from hyprl_lab.store.runs.checkpoint import Checkpoint
    from hyprl_lab.store.runs.claims import Claims

__all__ = ["Row", "State", "canonical", "files_of", "parsed", "read_state", "same", "sha256_of"]

Row: TypeAlias = dict[str, Any]
"""Of a table, by column. Whatever could be written into a column may be found there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is compared.

    Parameters
    ----------
    claims
        Whose it is.
    signed
        The checkpoint, what is wrong with it, or `None` where there is none.
    chain, runs, artifacts, removals, verdicts, environments, completed
        All rows of the tables; `completed` those of `run_states` in that state.
    """

    claims: Claims
    signed: Checkpoint | str | None
    chain: list[Row]
    runs: list[Row]
    artifacts: list[Row]
    removals: list[Row]
    verdicts: list[Row]
    environments: list[Row]
    completed: list[Row]

    def links(self, kind: str) -> list[Row]:
        """Return the links of a kind, in order."""
        return [link for link in self.chain if link["kind"] == kind]


def read_state(claims: Claims) -> State:
    """Return one state of the database, and a checkpoint that was true before it.

    The chain only grows, so what was signed before is in it. A chain is begun with a checkpoint, so
    where the first link came in between, both are read again.
    """
    state = _read(claims)
    return _read(claims) if state.signed is None and state.chain else state


def _read(claims: Claims) -> State:
    signed: Checkpoint | str | None
    try:
        signed = checkpoint.read(claims.home)
    except IntegrityError as error:
        signed = str(error)
    with claims.control.read() as transaction:
        return State(
            claims=claims,
            signed=signed,
            chain=transaction.rows("chain.all"),
            runs=transaction.rows("runs.all"),
            artifacts=transaction.rows("runs.all_artifacts"),
            removals=transaction.rows("runs.removals"),
            verdicts=transaction.rows("evidence.verdicts"),
            environments=transaction.rows("runs.environments"),
            completed=transaction.rows("runs.completed"),
        )


def same(found: Any, expected: Any) -> bool:
    """Whether two values are equal and of one type: 1, 1.0 and true differ.

    Examples
    --------
    >>> same(1, 1), same(1, True), same(None, None)
    (True, False, True)
    """
    return type(found) is type(expected) and bool(found == expected)


def sha256_of(text: Any) -> str | None:
    """Return the SHA-256 of a text, `None` for what is none."""
    return hashlib.sha256(text.encode()).hexdigest() if isinstance(text, str) else None


def parsed(text: Any) -> Row:
    """Return the JSON object in a text; an empty one where there is none."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def files_of(manifest: Any) -> list[Row]:
    """Return what a manifest's text says of files, nothing where it says nothing of the kind."""
    files = parsed(manifest).get("files")
    return [entry for entry in files if isinstance(entry, dict)] if isinstance(files, list) else []


def canonical(value: Any) -> str | None:
    """Return a value's RFC 8785 JSON, `None` where it has none."""
    try:
        return canonical_json(value).decode()
    except (LabError, TypeError, UnicodeError, RecursionError):
        return None
