from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from run_records import record

from hyprl_lab.store.runs import checkpoint
from hyprl_lab.store.runs.proof import read_state
from hyprl_lab.store.runs.proof.state import canonical, files_of, parsed, same, sha256_of

if TYPE_CHECKING:
    from hyprl_lab.store import Warehouse

pytestmark = pytest.mark.sqlite_only


def test_a_first_link_between_the_two_readings_is_no_contradiction(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process begins the chain after the checkpoint was looked for, and not found."""
    real = checkpoint.read
    calls = []

    def read_then_write(home: object) -> object:
        found = real(home)  # type: ignore[arg-type]
        calls.append(found)
        if len(calls) == 1:
            with monkeypatch.context() as patch:
                patch.setattr(checkpoint, "read", real)
                warehouse.save_run(record())
        return found

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "read", read_then_write)
        state = read_state(warehouse._claims)
    assert calls[0] is None
    assert isinstance(state.signed, checkpoint.Checkpoint)
    assert (state.signed.seq, len(state.chain)) == (1, 1)


def test_what_is_wrong_with_a_checkpoint_is_kept(warehouse: Warehouse) -> None:
    warehouse.save_run(record())
    (warehouse.home / "checkpoint.json").write_text("x")
    assert "is no JSON" in str(read_state(warehouse._claims).signed)


def test_equal_values_of_one_type() -> None:
    assert same("a", "a")
    assert not same(1, 1.0)
    assert not same(0, None)


def test_whatever_a_column_holds_is_read() -> None:
    assert sha256_of("a") == hashlib.sha256(b"a").hexdigest()
    assert [sha256_of(value) for value in (b"a", 1, None)] == [None] * 3
    assert [parsed(value) for value in ("{", "[]", "[" * 99_999, 1, None, '{"a":1}')] == [
        *({}, {}, {}, {}, {}, {"a": 1}),
    ]
    assert files_of('{"files":[1,{"file":"a"},null]}') == [{"file": "a"}]
    assert [files_of(value) for value in ('{"files":1}', "{}", "x", None)] == [[]] * 4
    assert canonical({"b": 1, "a": 2}) == '{"a":2,"b":1}'
    assert [canonical(value) for value in (float("nan"), 2**60, b"x", "\ud800")] == [None] * 4
