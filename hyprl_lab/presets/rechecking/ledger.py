"""Whether the ledger is the one that a verdict asked, and has only grown since."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import LabError, NotFoundError
from hyprl_lab.presets.folder import one_line
from hyprl_lab.presets.rechecking.line import Line, at, compared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hyprl_lab.presets.history import History
    from hyprl_lab.store import Warehouse

__all__ = ["decision_lines", "ledger_lines"]

_OF_ALL: Final = ("checkpoint", "chain", "verdict", "database", "study")
"""What a finding is about that no single run explains."""


def ledger_lines(
    document: Mapping[str, Any], warehouse: Warehouse, *, key_id: str | None = None
) -> Iterator[Line]:
    """Check the ledger's id, its chain, where the chain stood, and the number of trials.

    Parameters
    ----------
    document
        Of a preset, every part of its kind.
    warehouse
        Whose ledger it should be.
    key_id
        Of the key that must have signed the checkpoint, as noted elsewhere.
    """
    verdict = document["evidence"]["verdict"]
    yield compared("ledger", warehouse.ledger_id, verdict.get("ledger_id"))
    run_hash = str(document["evidence"]["run"]["run_hash"])
    try:
        found = warehouse.verify_runs(run_hash, key_id=key_id)
        findings = found.findings
    except NotFoundError:  # it was never stored; what is of other runs is not about this
        found = warehouse.verify_runs(key_id=key_id)
        findings = tuple(finding for finding in found.findings if finding.kind in _OF_ALL)
    for finding in findings:
        yield Line(
            part=f"{finding.kind} {finding.subject[:16]}",
            found=finding.message,
            expected="what was claimed and signed",
            ok=False,
        )
    if not findings:
        signer = f"signed by {found.key_id}"
        yield Line(
            part="chain", found=f"{found.links:,} links, {signer}", expected="as claimed", ok=True
        )
    yield _head_line(verdict, warehouse)
    yield _trials_line(verdict, warehouse)


def decision_lines(history: History, warehouse: Warehouse) -> Iterator[Line]:
    """Check that every decision that the chain claims stands in the name's history."""
    rows = warehouse.sql(
        "select body from verdicts where name = $name and passed is null order by created_at",
        {"name": history.name},
    )
    there = {json.dumps(asdict(each), sort_keys=True) for each in history.decisions}
    claimed = 0
    for text in rows["body"]:
        body = json.loads(text)
        decision = at(body, "decision")
        if not isinstance(decision, dict):
            continue
        claimed += 1
        if json.dumps(decision, sort_keys=True) not in there:
            yield Line(
                part="history",
                found=f"{len(history.decisions)} decisions, and not one that was taken",
                expected=(
                    f"number {decision.get('number')}, to {decision.get('action')} "
                    f"version {decision.get('version')} at {decision.get('at')}"
                ),
                ok=False,
            )
    if history.decisions or claimed:
        yield Line(
            part="history claimed",
            found=f"{len(history.decisions)} decisions",
            expected=f"the {claimed} that the chain claims",
            ok=len(history.decisions) >= claimed,
        )


def _head_line(verdict: Mapping[str, Any], warehouse: Warehouse) -> Line:
    links, stated = (
        at(dict(verdict), "ledger_head", "links"),
        at(dict(verdict), "ledger_head", "chain_hash"),
    )
    part = "ledger head"
    if not isinstance(links, int) or isinstance(links, bool) or links < 0:
        return Line(part=part, found=str(links), expected="a number of links", ok=False)
    if links == 0:
        genesis = hashlib.sha256(warehouse.ledger_id.encode()).hexdigest()
        return compared(part, genesis, stated)
    rows = warehouse.sql("select chain_hash from chain where seq = $seq", {"seq": links - 1})
    if rows.empty:
        length, _ = warehouse.head()
        found = f"a chain of {length:,} links"
        return Line(part=part, found=found, expected=f"at least {links:,}", ok=False)
    return compared(part, str(rows["chain_hash"][0]), stated)


def _trials_line(verdict: Mapping[str, Any], warehouse: Warehouse) -> Line:
    then, root = verdict.get("trials"), str(verdict.get("lineage_root"))
    try:
        now = warehouse.trial_count(root)
    except LabError as error:  # trials that were counted are missing
        expected = f"at least the {then} of the verdict"
        return Line(part="trials", found=one_line(error), expected=expected, ok=False)
    known = isinstance(then, int) and not isinstance(then, bool)
    return Line(
        part="trials",
        found=f"{now:,} of lineage {root[:12]}",
        expected=f"at least the {then} of the verdict",
        ok=known and now >= int(then or 0),
    )
