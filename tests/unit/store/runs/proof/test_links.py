from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import pytest

from hyprl_lab.store.runs.chain import chain_hash
from hyprl_lab.store.runs.proof import check_links

if TYPE_CHECKING:
    from collections.abc import Callable

    from tampering import Hand

    from hyprl_lab.store.runs.proof import State

pytestmark = pytest.mark.sqlite_only


def found(state: Callable[[], State]) -> list[str]:
    return [str(finding) for finding in check_links(state())]


def test_a_chain_that_is_what_was_signed(state: Callable[[], State]) -> None:
    assert found(state) == []


CHANGES: Final[list[tuple[dict[str, object], str]]] = [
    ({"seq": 77}, "expected link "),
    ({"body": "{}"}, "its body has SHA-256 44136fa3"),
    ({"body_hash": "ab" * 32}, f"{'ab' * 32} was recorded"),
    ({"body_hash": "AB" * 32}, "a hash of it is not 64 hexadecimal digits"),
    ({"chain_prev": "ab" * 32}, f"it follows {'ab' * 32}; the link before it is"),
    ({"chain_hash": "ab" * 32}, f"its hash is {'ab' * 32}; its content makes it"),
    ({"kind": "study"}, "its kind is 'study'; its body is that of "),
    ({"subject": "nobody"}, "'nobody'; its body says"),
    ({"created_at": 5}, "its time is 5; its body says"),
]


def test_a_changed_link(hand: Hand, state: Callable[[], State]) -> None:
    for link in (hand.rows["chain"][3], hand.rows["chain"][-1]):
        for change, message in CHANGES:
            if link["kind"] != change.get("kind"):
                hand.update("chain", link, **change)
                assert any(message in each for each in found(state))
                hand.restore()


def test_a_missing_link_leaves_a_gap(hand: Hand, state: Callable[[], State]) -> None:
    hand.run(hand.deleting("chain", hand.rows["chain"][3]))
    messages = found(state)
    assert len(messages) == 3  # the gap, what the next one follows, and the number that was signed
    assert messages[0].startswith("checkpoint checkpoint.json: the checkpoint covers")
    assert all(each.startswith("chain link 4: ") for each in messages[1:])


def test_links_beyond_the_checkpoint_are_what_a_kill_leaves(
    hand: Hand, state: Callable[[], State]
) -> None:
    last = hand.rows["chain"][-1]
    body = b'{"created_at":1,"id":"v","kind":"verdict"}'
    body_hash = hashlib.sha256(body).hexdigest()
    row = {
        "seq": last["seq"] + 1,
        "kind": "verdict",
        "subject": "v",
        "body": body.decode(),
        "body_hash": body_hash,
        "chain_prev": last["chain_hash"],
        "chain_hash": chain_hash(last["chain_hash"], body_hash),
        "created_at": 1,
    }
    hand.run(hand.inserting("chain", row))
    assert found(state) == []


def test_a_claim_that_is_made_twice(hand: Hand, state: Callable[[], State]) -> None:
    first, last = hand.rows["chain"][2], hand.rows["chain"][-1]
    linked = chain_hash(last["chain_hash"], first["body_hash"])
    again = {"seq": last["seq"] + 1, "chain_prev": last["chain_hash"], "chain_hash": linked}
    hand.run(hand.inserting("chain", {**first, **again}))
    (message,) = found(state)
    assert message == f"chain link {last['seq'] + 1}: it claims what link 2 claims"


def test_another_end_than_was_signed(hand: Hand, state: Callable[[], State]) -> None:
    hand.checkpoint.unlink()
    (message,) = found(state)
    assert "the signed checkpoint is gone" in message
