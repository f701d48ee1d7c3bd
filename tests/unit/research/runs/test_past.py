"""What happened to a run, and whether it is what was stored."""

from __future__ import annotations

from typing import Any

import pytest

import hyprl_lab as hl
from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.research.runs.past import events, verify
from hyprl_lab.strategy.builtin import dual_sma


def test_events_from_any_number(warehouse: hl.Warehouse) -> None:
    run = hl.runs.submit(
        hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20}, warehouse=warehouse
    )
    every = events(run.run_hash[:8], warehouse=warehouse)
    assert [event.seq for event in every.events] == list(range(1, every.last + 1))
    assert every.events[0].kind == "queued"
    assert every.events[-1].kind == "completed"
    later = events(run.run_hash, 2, limit=2, warehouse=warehouse)
    assert later.events == every.events[2:4]
    with pytest.raises(NotFoundError, match="of any state"):
        events("ffff0000", warehouse=warehouse)
    with pytest.raises(NotFoundError, match="by engine native"):
        events(run.run_hash, engine="python", warehouse=warehouse)
    with pytest.raises(InputError):
        events(run.run_hash, -1, warehouse=warehouse)


def test_a_changed_byte_is_found(save: Any, warehouse: hl.Warehouse) -> None:
    first, second = save(), save(cash=5.0)
    assert verify(warehouse=warehouse).ok
    path = warehouse.get_run(first.run_hash).folder / "trades.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    found = verify(first.run_hash[:8], warehouse=warehouse)
    assert not found.ok
    assert "trades.parquet" in found.findings[0].message
    assert not verify(warehouse=warehouse).ok
    assert verify(second.run_hash, warehouse=warehouse).ok
    with pytest.raises(NotFoundError):
        verify("ffff0000", warehouse=warehouse)


def test_a_run_whose_row_is_gone_is_verified_all_the_same(
    save: Any, warehouse: hl.Warehouse
) -> None:
    from sqlalchemy import text

    run_hash = save().run_hash
    with warehouse.control.engine.begin() as connection:
        for table in ("run_events", "run_states", "runs"):
            connection.execute(text(f"DELETE FROM {table}"))
    findings = hl.runs.verify(run_hash[:9], warehouse=warehouse).findings
    assert [(found.kind, found.subject) for found in findings] == [("run", run_hash)]


def test_next_after_skips_no_event(save: Any, warehouse: hl.Warehouse) -> None:
    run_hash = save().run_hash
    every = hl.runs.events(run_hash, warehouse=warehouse)
    seen, after = [], 0
    while (part := hl.runs.events(run_hash, after, limit=2, warehouse=warehouse)).events:
        seen += part.events
        after = part.next_after
    assert tuple(seen) == every.events
    assert (part.next_after, len(seen)) == (every.last, every.last)


def test_the_key_that_must_have_signed(save: Any, warehouse: hl.Warehouse) -> None:
    run_hash = save().run_hash
    noted = verify(warehouse=warehouse).key_id
    assert noted is not None
    assert verify(run_hash, key_id=noted, warehouse=warehouse).ok
    assert warehouse.verify(key_id=noted).ok
    for found in (
        verify(key_id="0" * 16, warehouse=warehouse),
        warehouse.verify(key_id="0" * 16),
    ):
        assert [(one.kind, one.message) for one in found.findings] == [
            ("checkpoint", f"key {noted} signed it; expected key {'0' * 16}")
        ]
    with pytest.raises(InputError, match="16 of 0-9 and a-f"):
        verify(key_id=noted[:8], warehouse=warehouse)


def test_a_run_that_failed_has_nothing_to_verify_and_its_message_says_so(
    warehouse: hl.Warehouse,
) -> None:
    def fail(_: object) -> None:
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        hl.runs.submit(
            hl.load_bars("TEST"),
            dual_sma(),
            params={"fast": 5, "slow": 20},
            progress=fail,
            warehouse=warehouse,
        )
    run_hash = warehouse.sql("select run_hash from runs")["run_hash"][0]
    with pytest.raises(NotFoundError, match=r"nothing is stored to verify: run .* is failed"):
        verify(run_hash, warehouse=warehouse)


def test_events_of_an_engine_that_never_ran_it_name_the_one_that_did(
    save: Any, warehouse: hl.Warehouse
) -> None:
    run_hash = save(engine="native").run_hash
    with pytest.raises(NotFoundError, match=r"is there by engine native .*; not by python"):
        events(run_hash, engine="python", warehouse=warehouse)
