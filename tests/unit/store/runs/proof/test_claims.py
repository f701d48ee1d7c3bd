from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hyprl_lab.hashing import digest
from hyprl_lab.store.runs.proof import check_artifacts, check_removals, check_verdicts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tampering import Hand

    from hyprl_lab.store.runs.proof import State

pytestmark = pytest.mark.sqlite_only


def test_nothing_is_wrong(state: Callable[[], State]) -> None:
    healthy = state()
    for check in (check_artifacts, check_removals, check_verdicts):
        assert list(check(healthy)) == []
    assert (len(healthy.artifacts), len(healthy.verdicts)) == (5, 4)
    assert {row["unlinked_at"] is None for row in healthy.removals} == {True, False}


def test_a_changed_row_of_an_added_file(hand: Hand, state: Callable[[], State]) -> None:
    row = hand.rows["run_artifacts"][1]
    for column in row:
        value = row[column] + 1 if isinstance(row[column], int) else "other"
        hand.update("run_artifacts", row, **{column: value})
        unclaimed, missing = list(check_artifacts(state()))
        assert unclaimed.message.startswith("no link claims the row of ")
        assert missing.message == "'report.html' was added; its row is missing or was changed"
        assert missing.subject == digest(3)
        assert len(list(check_artifacts(state(), digest(3)))) == (1 if column == "run_seq" else 2)
        assert list(check_artifacts(state(), digest(5))) == []
        hand.restore()


def test_a_changed_row_of_a_file_given_up(hand: Hand, state: Callable[[], State]) -> None:
    for row in (hand.rows["removals"][0], hand.rows["removals"][-1]):
        for column in row:
            value = "other" if column == "file" else (row[column] or 0) + 40
            hand.update("removals", row, **{column: value})
            messages = [finding.message for finding in check_removals(state())]
            if column in ("run_seq", "file"):
                assert messages[0].startswith("no link claims that ")
                assert messages[1].endswith("was given up; its row is missing or was changed")
            else:
                (message,) = messages
                assert message.startswith(f"{column} of {row['file']!r} is {value}; ")
            hand.restore()


def test_an_unlinked_file_that_is_said_to_wait(hand: Hand, state: Callable[[], State]) -> None:
    hand.update("removals", hand.rows["removals"][0], unlinked_at=None)
    (finding,) = check_removals(state())
    assert finding.message.startswith("unlinked_at of ")
    assert list(check_removals(state(), digest(8))) == []


def test_a_changed_verdict(hand: Hand, state: Callable[[], State]) -> None:
    row = hand.rows["verdicts"][2]
    for column in row:
        number = column in ("passed", "created_at")
        hand.update("verdicts", row, **{column: 1 - (row[column] or 0) if number else "other"})
        messages = [finding.message for finding in check_verdicts(state())]
        if column in ("id", "created_at"):
            assert "no link claims its row: it was changed, or put there" in messages
            assert "it was stored; its row is missing or was changed" in messages
        elif column == "body":
            assert "its body has SHA-256" in messages[0]
        else:
            (message,) = messages
            assert message.startswith(f"column {column} is ")
        hand.restore()
