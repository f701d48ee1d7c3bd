"""Verdicts of the gate, and evaluations that are too costly to repeat."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from hyprl_lab.errors import NotFoundError
from hyprl_lab.hashing import canonical_json, digest
from hyprl_lab.store.control.writer import now_us

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.store.control.database import Control
    from hyprl_lab.types import JsonValue

__all__ = ["cached", "remember", "save_verdict", "verdict"]


def save_verdict(control: Control, body: Mapping[str, JsonValue]) -> str:
    """Store a verdict; see `Warehouse.save_verdict`."""
    verdict_id = digest(dict(body))
    known = {name: body.get(name) for name in ("name", "profile", "run_hash", "study_id")}
    passed = body.get("passed")
    with control.write() as transaction:
        transaction.execute(
            "evidence.save_verdict",
            id=verdict_id,
            **known,
            passed=None if passed is None else int(bool(passed)),
            body=canonical_json(dict(body)).decode(),
            now=now_us(),
        )
    return verdict_id


def verdict(control: Control, verdict_id: str) -> dict[str, JsonValue]:
    """Return a stored verdict; see `Warehouse.verdict`."""
    with control.read() as transaction:
        row = transaction.row("evidence.verdict", id=verdict_id)
    if row is None:
        raise NotFoundError(f"no verdict {verdict_id!r} in {control.path}")
    return cast("dict[str, JsonValue]", json.loads(row["body"]))


def cached(control: Control, kind: str, key: str) -> JsonValue:
    """Return what was remembered; see `Warehouse.cached`."""
    with control.read() as transaction:
        row = transaction.row("evidence.cached", kind=kind, key=key)
    return None if row is None else cast("JsonValue", json.loads(row["value"]))


def remember(control: Control, kind: str, key: str, value: JsonValue) -> None:
    """Keep a value under its hash; see `Warehouse.remember`."""
    text = canonical_json(value).decode()
    with control.write() as transaction:
        transaction.execute("evidence.remember", kind=kind, key=key, value=text, now=now_us())
