"""Verdicts of the gate, and evaluations that are too costly to repeat."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from hyprl_lab.errors import NotFoundError
from hyprl_lab.hashing import canonical_json, digest
from hyprl_lab.store.control.writer import now_us

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.store.control.database import Control
    from hyprl_lab.store.runs.claims import Claims
    from hyprl_lab.types import JsonValue

__all__ = ["cached", "claim_of", "columns_of", "remember", "save_verdict", "verdict"]


def save_verdict(claims: Claims, body: Mapping[str, JsonValue]) -> str:
    """Store a verdict and claim it in the chain; see `Warehouse.save_verdict`."""
    verdict_id = digest(dict(body))
    with claims.control.write() as transaction:
        if transaction.row("evidence.verdict", id=verdict_id) is None:
            row = {
                "id": verdict_id,
                **columns_of(body),
                "body": canonical_json(dict(body)).decode(),
                "created_at": now_us(),
            }
            transaction.execute("evidence.save_verdict", **row)
            claims.append(transaction, "verdict", verdict_id, claim_of(row))
    claims.sign()
    return verdict_id


def columns_of(body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return what columns of table `verdicts` repeat of a verdict.

    Examples
    --------
    >>> columns_of({"name": "cross", "passed": True})["passed"]
    1
    """
    passed = body.get("passed")
    known = {name: body.get(name) for name in ("name", "profile", "run_hash", "study_id")}
    return {**known, "passed": None if passed is None else int(bool(passed))}


def claim_of(row: Mapping[str, Any]) -> dict[str, JsonValue]:
    """Return what the chain says of a row of table `verdicts`; its id is its body's digest."""
    return {"kind": "verdict", "id": row["id"], "created_at": row["created_at"]}


def verdict(control: Control, verdict_id: str) -> dict[str, JsonValue]:
    """Return a stored verdict; see `Warehouse.verdict`."""
    with control.read() as transaction:
        row = transaction.row("evidence.verdict", id=verdict_id)
    if row is None:
        raise NotFoundError(f"no verdict {verdict_id!r} in {control.name}")
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
