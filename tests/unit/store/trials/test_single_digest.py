from __future__ import annotations

import hashlib
import json
import struct
from typing import TYPE_CHECKING, Any

import pytest

from hyprl_lab.errors import IntegrityError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import TrialRow, Warehouse
from hyprl_lab.store.runs import checkpoint
from hyprl_lab.store.trials import single_digest
from hyprl_lab.store.trials.small import write_rows

if TYPE_CHECKING:
    from hyprl_lab.store.trials.single_digest import Singles


def row(number: int, **change: Any) -> TrialRow:
    metrics = dict.fromkeys(TRIAL_METRICS, number / 7) | {"calmar": float("nan"), "sharpe": -0.0}
    given: dict[str, Any] = {
        "strategy_hash": "h",
        "risk": {},
        "execution": {},
        "lineage_root": "r",
        "params": {"slow": 20, "fast": number + 0.5},
        "metrics": metrics,
        "behaviour_hash": 2**64 - 1,
        "id": f"id-{number}",
    }
    return TrialRow(**given | change)


def state(warehouse: Warehouse) -> Singles | None:
    with warehouse.control.read() as transaction:
        return single_digest.read(transaction, warehouse._claims.genesis)


def run(warehouse: Warehouse, statement: str) -> None:
    with warehouse.control.engine.connect() as connection, connection.begin():
        assert connection.exec_driver_sql(statement).rowcount


def test_the_digest_is_what_the_docstring_says(warehouse: Warehouse) -> None:
    made = [row(0), row(1, state="failed"), row(2)]
    expected = hashlib.sha256(warehouse.ledger_id.encode()).digest()
    for index, each in zip((0, 1, 3), made, strict=True):
        numbers = [float("nan") if n == "calmar" else each.metrics[n] for n in TRIAL_METRICS]
        body = {
            "id": each.id,
            "trial_key": each.key.hex(),
            "lineage_root": "r",
            "strategy_hash": "h",
            "state": each.state,
            "param_names": ["fast", "slow"],
            "param_values": struct.pack("<2d", each.params["fast"], 20.0).hex(),
            "metrics": struct.pack(f"<{len(numbers)}d", *numbers).hex(),
            "behaviour_hash": str(2**64 - 1),
            "first_ts": None,
            "last_ts": None,
            "fingerprint": None,
            "purpose": "run",
        }
        content = hashlib.sha256(canonical_json(body)).digest()
        expected = hashlib.sha256(expected + struct.pack(">q", index) + content).digest()
    write_rows(warehouse.control, made[:2])
    write_rows(warehouse.control, [made[0], made[2], made[2]])  # repeats take an index and no place
    found = state(warehouse)
    assert found == single_digest.Singles(0, 3, expected.hex())
    write_rows(warehouse.control, made)
    assert state(warehouse) == found


def test_a_home_without_a_digest_begins_with_its_next_row(warehouse: Warehouse) -> None:
    assert state(warehouse) is None
    write_rows(warehouse.control, [row(0), row(1)])
    run(warehouse, f"DELETE FROM meta WHERE key = '{single_digest.KEY}'")
    assert state(warehouse) is None
    write_rows(warehouse.control, [row(2), row(0)])
    found = state(warehouse)
    assert found is not None
    assert (found.first_index, found.rows) == (2, 1)
    assert warehouse.verify().ok
    warehouse.save_verdict({"passed": False})
    warehouse.compact()
    assert warehouse.verify().ok


def signed(warehouse: Warehouse) -> tuple[int, str]:
    found = checkpoint.read(warehouse.home)
    assert found is not None
    return found.single_trials, found.single_trials_digest


def test_every_signing_covers_what_was_recorded_by_then(warehouse: Warehouse) -> None:
    write_rows(warehouse.control, [row(0), row(1)])
    warehouse.flush()
    assert not (warehouse.home / "checkpoint.json").exists()
    warehouse.save_verdict({"passed": False})
    first = state(warehouse)
    assert first is not None
    assert signed(warehouse) == (2, first.digest)
    write_rows(warehouse.control, [row(2)])
    assert signed(warehouse) == (2, first.digest)
    warehouse.compact()  # without a new link
    second = state(warehouse)
    assert second is not None
    assert signed(warehouse) == (3, second.digest)


def test_a_compaction_signs_where_nothing_was_claimed(warehouse: Warehouse) -> None:
    warehouse.compact()
    assert not (warehouse.home / "checkpoint.json").exists()
    write_rows(warehouse.control, [row(0)])
    assert warehouse.compact().small_rows == 1
    assert signed(warehouse)[0] == 1
    assert warehouse.verify().ok


@pytest.mark.parametrize(
    "statement",
    [
        f"DELETE FROM meta WHERE key = '{single_digest.KEY}'",
        f"UPDATE meta SET value = '{{}}' WHERE key = '{single_digest.KEY}'",
        """UPDATE meta SET value = replace(value, '"rows":3', '"rows":2')""",
    ],
)
def test_nothing_is_claimed_where_fewer_are_left_than_were_signed(
    warehouse: Warehouse, statement: str
) -> None:
    write_rows(warehouse.control, [row(0), row(1), row(2)])
    warehouse.save_verdict({"passed": False})
    run(warehouse, statement)
    before = warehouse.head()
    with pytest.raises(IntegrityError, match="single"):
        warehouse.save_verdict({"passed": True})
    assert warehouse.head() == before
    assert "single" in {finding.kind for finding in warehouse.verify().findings}
    warehouse.sign_checkpoint()
    warehouse.save_verdict({"passed": True})
    assert warehouse.verify().ok


def test_a_rewritten_history_is_not_signed_for_one_row_more(warehouse: Warehouse) -> None:
    """All rows relabelled, the digest made anew, and a row on top: the next signing refuses."""
    write_rows(warehouse.control, [row(0), row(1)])
    warehouse.save_verdict({"passed": False})
    run(warehouse, "UPDATE small_trials SET lineage_root = 'x'")
    write_rows(warehouse.control, [row(2)])
    genesis = warehouse._claims.genesis
    digest = bytes.fromhex(genesis)
    with warehouse.control.write() as transaction:
        for page in single_digest.pages(transaction, 0):
            for each in page:
                content = single_digest.content_of(each)
                digest = single_digest.follow(digest, each["trial_index"], content)
        single_digest.put(transaction, single_digest.Singles(0, 3, digest.hex()))
    assert not warehouse.verify().ok
    with pytest.raises(IntegrityError, match="since the last checkpoint"):
        warehouse.save_verdict({"passed": True})
    assert signed(warehouse)[0] == 2


def test_what_no_recording_writes_is_refused() -> None:
    good = row(0).to_row()
    single_digest.content_of(good)
    for change in (
        *({"metrics": "{}"}, {"metrics": "["}, {"param_values": '["x"]'}, {"param_values": "5"}),
        {"param_values": json.dumps([10**400])},
    ):
        with pytest.raises(IntegrityError, match="is damaged"):
            single_digest.content_of(good | change)
