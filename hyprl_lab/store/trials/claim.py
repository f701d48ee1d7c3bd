"""What a finished study claims: every column of its row, and a digest of all its trials."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.store.trials.digests import study_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hyprl_lab.types import JsonValue

__all__ = ["claim_of", "digest_of"]

_PLAIN: Final = (
    *("study_id", "symbol", "timeframe", "fingerprint", "lineage_root", "strategy_hash"),
    *("strategy_name", "total", "code_version", "environment_hash", "digest"),
)
_WINDOW: Final = ("first_ts", "last_ts")
"""Claimed of studies that are not older than these columns."""

_TEXTS: Final = ("spec", "strategy", "summary")
"""Long texts are claimed by their hash."""


def claim_of(row: Mapping[str, Any]) -> dict[str, JsonValue]:
    """Return the body of the link that a completed study's row stands for."""
    body: dict[str, JsonValue] = {"schema": 1, "kind": "study", "study_kind": row["kind"]}
    body |= {name: row[name] for name in _PLAIN}
    body |= {f"{name}_sha256": hashlib.sha256(row[name].encode()).hexdigest() for name in _TEXTS}
    body |= {name: row[name] for name in _WINDOW if row.get(name) is not None}
    body["param_names"] = json.loads(row["param_names"])
    body["opened_at"] = row["created_at"]
    body["created_at"] = row["completed_at"]
    return body


def digest_of(study_id: str, shards: Iterable[Mapping[str, Any]]) -> str:
    """Return the digest of a study from the rows of its live shards, in ascending order."""
    return study_digest(
        study_id,
        (
            (
                row["shard"],
                row["first_index"],
                row["rows"],
                row["trials_digest"],
                row["blocks_digest"],
            )
            for row in shards
        ),
    )
