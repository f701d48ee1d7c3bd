"""Whether the links follow each other, and end where the checkpoint says they do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.store.runs.chain import chain_hash
from hyprl_lab.store.runs.checkpoint import contradiction
from hyprl_lab.store.runs.findings import Finding
from hyprl_lab.store.runs.proof.state import parsed, same, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.store.runs.proof.state import Row, State

__all__ = ["check_links"]

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_SUBJECTS: Final = {
    "run": "run_hash",
    "artifact": "run_hash",
    "removal": "subject",
    "verdict": "id",
    "study": "study_id",
}
"""Where a body says what it is about, by the link's kind."""


def check_links(state: State) -> Iterator[Finding]:
    """Find links that are missing, moved or changed, and a chain that is not the one signed."""
    yield from _check_checkpoint(state)
    place, previous = 0, state.claims.genesis
    seen: dict[Any, Any] = {}
    for link in state.chain:
        first = seen.setdefault(link["body"], link["seq"])
        if first != link["seq"]:
            yield Finding("chain", f"link {link['seq']}", f"it claims what link {first} claims")
        for message in _problems(link, place, previous):
            yield Finding("chain", f"link {link['seq']}", message)
        previous = link["chain_hash"]
        place = link["seq"] + 1 if isinstance(link["seq"], int) else place + 1


def _check_checkpoint(state: State) -> Iterator[Finding]:
    signed = state.signed
    if isinstance(signed, str):
        yield Finding("checkpoint", "checkpoint.json", signed)
        return
    end: Any = state.claims.genesis
    if signed is not None and signed.seq:
        ends = {link["seq"]: link["chain_hash"] for link in state.chain}
        end = ends.get(signed.seq - 1)
    wrong = contradiction(
        signed, ledger_id=state.claims.ledger_id, length=len(state.chain), end=end
    )
    if wrong:
        yield Finding("checkpoint", "checkpoint.json", f"{wrong}: links were cut off or rewritten")


def _problems(link: Row, place: int, previous: Any) -> Iterator[str]:
    if not same(link["seq"], place):
        yield f"expected link {place} here; one is missing or was moved"
    if link["chain_prev"] != previous:
        yield f"it follows {link['chain_prev']}; the link before it is {previous}"
    if not same(link["body_hash"], sha256_of(link["body"])):
        yield f"its body has SHA-256 {sha256_of(link['body'])}; {link['body_hash']} was recorded"
    if not all(_is_hash(link[name]) for name in ("chain_prev", "body_hash", "chain_hash")):
        yield "a hash of it is not 64 hexadecimal digits"
    elif link["chain_hash"] != (found := chain_hash(link["chain_prev"], link["body_hash"])):
        yield f"its hash is {link['chain_hash']}; its content makes it {found}"
    body = parsed(link["body"])
    kind = "study" if "study_id" in body else body.get("kind", "run")
    if not same(link["kind"], kind):
        yield f"its kind is {link['kind']!r}; its body is that of {kind!r}"
    subject = body.get(_SUBJECTS.get(link["kind"], ""))
    if not same(link["subject"], subject):
        yield f"it is about {link['kind']} {link['subject']!r}; its body says {subject!r}"
    is_old = link["kind"] == "run" and body.get("schema") == 1  # such a manifest has no time
    if not is_old and not same(link["created_at"], body.get("created_at")):
        yield f"its time is {link['created_at']}; its body says {body.get('created_at')}"


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None
