from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hyprl_lab.hashing import digest
from hyprl_lab.store.runs.proof import check_environments

if TYPE_CHECKING:
    from collections.abc import Callable

    from tampering import Hand

    from hyprl_lab.store.runs.proof import State

pytestmark = pytest.mark.sqlite_only


def test_environments_are_what_their_hash_says(hand: Hand, state: Callable[[], State]) -> None:
    assert list(check_environments(state())) == []
    row = hand.rows["environments"][0]
    hand.update("environments", row, body='{"python":"2.7"}')
    (finding,) = check_environments(state())
    assert (finding.kind, finding.subject) == ("environment", row["hash"])


def test_a_missing_environment_is_named_by_its_runs(hand: Hand, state: Callable[[], State]) -> None:
    gone = digest({"python": "3.11.1"})
    (row,) = (row for row in hand.rows["environments"] if row["hash"] == gone)
    hand.run(hand.deleting("environments", row))
    found = list(check_environments(state()))
    assert [finding.subject for finding in found] == [digest(number) for number in (1, 3, 5, 7)]
    assert found[0].message == f"its environment {gone} is missing"
    assert list(check_environments(state(), digest(2))) == []
