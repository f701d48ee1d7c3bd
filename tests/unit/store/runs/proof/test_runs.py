from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hyprl_lab.hashing import digest
from hyprl_lab.store.runs.proof import check_runs
from hyprl_lab.store.runs.proof.runs import claimed_runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from tampering import Hand

    from hyprl_lab.store.runs.proof import State

pytestmark = pytest.mark.sqlite_only


def found(state: Callable[[], State], run_hash: str | None = None) -> list[str]:
    return [f"{each.kind}: {each.message}" for each in check_runs(state(), run_hash)]


def test_rows_that_are_what_was_claimed(state: Callable[[], State]) -> None:
    assert found(state) == []
    assert [claim.seq for claim in claimed_runs(state()).values()] == list(range(10))
    folders = [claim.folder for claim in claimed_runs(state()).values()]
    assert folders[7:9] == [digest(7), f"{digest(7)}.2"]


COLUMNS = (
    *("seq", "run_hash", "engine", "engine_version", "state", "folder", "symbol", "timeframe"),
    *("fingerprint", "lineage_root", "strategy_hash", "strategy_name", "config", "manifest"),
    *("manifest_hash", "chain_prev", "chain_hash", "created_at", "code_version"),
    *("environment_hash", "seed"),
)


def test_every_changed_column_is_found(hand: Hand, state: Callable[[], State]) -> None:
    row = hand.rows["runs"][4]
    for column in COLUMNS:
        value = row[column] + 1_000 if isinstance(row[column], int) else "failed"
        hand.update("runs", row, **{column: value})
        messages = [each for each in found(state) if each.startswith("run: ")]
        if column == "chain_hash":
            assert messages[0] == (
                "run: no link of the chain claims its row: it was changed, or put there"
            )
            assert "its row is missing or was changed" in messages[1]
        else:
            (message,) = messages
            assert message.startswith(f"run: column {column} is ")
        hand.restore()


def test_no_column_is_left_out(hand: Hand) -> None:
    assert {*COLUMNS, "metrics"} == hand.rows["runs"][0].keys()  # metrics: see test_files.py


def test_a_missing_row(hand: Hand, state: Callable[[], State]) -> None:
    row = hand.rows["runs"][4]
    hand.run(hand.deleting("runs", row))
    messages = found(state)
    assert len(messages) == 2
    assert "its row is missing or was changed" in messages[0]
    assert messages[1] == "state: it is said to be completed, and is not stored"
    assert found(state, digest(3)) == []
    assert len(found(state, row["run_hash"])) == 2


def test_a_changed_state(hand: Hand, state: Callable[[], State]) -> None:
    row = hand.rows["run_states"][4]
    for column in ("config", "symbol", "timeframe", "fingerprint", "strategy_name"):
        hand.update("run_states", row, **{column: "other"})
        (message,) = found(state)
        assert message.startswith(f"state: column {column} of its")
        hand.restore()
    hand.update("run_states", row, state="failed")
    assert found(state) == ["state: it is stored, and its state is not completed"]
