"""Whatever is changed behind the lab's back is found, and nothing else is.

An intruder can write to every file and row, and has no private key. Three things can't be seen, and
are not tried: a home from which the keys, the trusted keys and the checkpoint are gone, which looks
like one that never signed; an older checkpoint put back together with the chain, rows and files of
its time (which is that older ledger; a later checkpoint that was copied elsewhere shows it); a link
added at the end along with the row that it claims (which is what saving a run does, up to the
checkpoint that follows).
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest
from run_records import record
from sqlalchemy.exc import IntegrityError
from tampering import MUTATIONS, Hand, build

from hyprl_lab.hashing import digest
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import TrialRow, Warehouse

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hand:
    warehouse = Warehouse(tmp_path / "home")
    build(warehouse, monkeypatch, tmp_path)
    assert warehouse.verify_runs().findings == ()
    return Hand(warehouse, tmp_path / "kept")


def mutate(hand: Hand, seeds: range) -> Counter[tuple[str, str]]:
    """Make a change for each seed; return how often which was found by which finding."""
    done: Counter[tuple[str, str]] = Counter()
    missed = []
    for seed in seeds:
        rng = Random(seed)
        (change,) = rng.choices(*zip(*MUTATIONS, strict=True))
        made = None
        while made is None:
            try:
                made = change(rng, hand)
            except IntegrityError:  # a constraint of the database forbids it: try another
                hand.restore()
        warehouse = Warehouse(hand.home)  # opened anew: that, too, must not make good what is bad
        findings = warehouse.verify_runs().findings
        warehouse.close()
        if made.kind not in {finding.kind for finding in findings}:
            missed.append((seed, change.__name__, made, [str(each) for each in findings]))
        done[change.__name__, made.kind] += 1
        hand.restore()
    assert not missed, "\n".join(str(each) for each in missed)
    assert Warehouse(hand.home).verify_runs().findings == ()
    return done


def test_random_mutations_are_all_found(hand: Hand) -> None:
    done = mutate(hand, range(200))
    assert sum(done.values()) == 200
    assert {name for name, _ in done} == {change.__name__ for change, _ in MUTATIONS}


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_a_thousand_random_mutations_are_all_found(hand: Hand) -> None:
    done = mutate(hand, range(1_000, 2_000))
    assert sum(done.values()) == 1_000
    print(*(f"{count:5} {name}: {kind}" for (name, kind), count in sorted(done.items())), sep="\n")


SINGLES = {
    "delete": ["DELETE FROM small_trials WHERE id = '{id}'"],
    "relabel": ["UPDATE small_trials SET lineage_root = 'x' WHERE id = '{id}'"],
    "fail": ["UPDATE small_trials SET state = 'failed', looks = 0 WHERE id = '{id}'"],
    "kill the part": ["UPDATE parts SET state = 'dead' WHERE table_name = 'backtests'"],
    "take the part and its rows": [
        "DELETE FROM small_trials WHERE part_id IS NOT NULL",
        "UPDATE parts SET table_name = 'x' WHERE table_name = 'backtests'",
    ],
    "a view": [
        "ALTER TABLE small_trials RENAME TO aside",
        "CREATE VIEW small_trials AS SELECT * FROM aside WHERE 1 = 0",
    ],
    "everything": [
        "UPDATE parts SET state = 'dead' WHERE table_name = 'backtests'",
        "DELETE FROM small_trials",
        "DELETE FROM meta WHERE key = 'single_trials_digest'",
    ],
}
"""What an intruder does to make the count of trials smaller, who knows the id of a backtest."""


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize("what", sorted(SINGLES))
def test_single_backtests_do_not_become_fewer_unseen(
    tmp_path: Path, what: str, moved: bool
) -> None:
    warehouse = Warehouse(tmp_path / "home")
    rng = Random(what)
    rows = [
        TrialRow(
            strategy_hash="h",
            risk={},
            execution={},
            lineage_root="r",
            params={"n": float(number)},
            metrics=dict.fromkeys(TRIAL_METRICS, rng.random()),
            behaviour_hash=number,
        )
        for number in range(20)
    ]
    for number, row in enumerate(rows):
        warehouse.record_trial(row)
        if number == 9:  # some rows are in a part, and some wait
            warehouse.compact()
    warehouse.save_run(record(digest("run")))
    if moved:
        warehouse.compact()
    assert warehouse.verify().findings == ()
    chosen = rng.choice(rows).id
    with warehouse.control.engine.connect() as connection, connection.begin():
        if warehouse.control.backend == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        for statement in SINGLES[what]:
            connection.exec_driver_sql(statement.format(id=chosen))
    warehouse.close()
    again = Warehouse(tmp_path / "home")
    kinds = {finding.kind for finding in again.verify().findings}
    assert kinds & {"single", "database"}, kinds
    again.close()


def write_without_end(home: Path, scratch: Path) -> None:
    """Save runs, add reports, judge, give files up and sweep, until killed or left alone."""
    os.environ["HYPRL_KEEP_RUNS"] = "5"
    parent = os.getppid()
    warehouse = Warehouse(home)
    report = scratch / "report.html"
    number = 0
    while os.getppid() == parent:
        number += 1
        name = digest(["busy", os.getpid(), number])
        warehouse.save_run(record(name))
        report.write_text(f"report {number}")
        warehouse.add_artifact(name, "report.html", report)
        warehouse.save_verdict({"run_hash": name, "passed": number % 50 == 0})
        if number % 7 == 0:
            warehouse._runs.retain()
        if number % 5 == 0:
            warehouse._runs.clear()
        time.sleep(0.02)


def verify_beside_a_writer(home: Path, scratch: Path, times: int) -> tuple[int, int]:
    """Verify again and again; return how many links there were at first and at last."""
    warehouse = Warehouse(home)
    warehouse.save_run(record(digest("first")))
    pid = os.fork()
    if not pid:
        try:
            write_without_end(home, scratch)
        finally:
            os._exit(1)
    try:
        deadline = time.monotonic() + 30.0
        while warehouse.head()[0] < 5 and time.monotonic() < deadline:
            time.sleep(0.01)
        counts = []
        for _ in range(times):
            found = warehouse.verify_runs()
            assert found.findings == ()
            counts.append(found.links)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    # killed wherever it was: still nothing to find, and writing goes on
    after = Warehouse(home)
    assert after.verify_runs().findings == ()
    after.save_run(record(digest("last")))
    after._runs.clear()
    assert after.verify_runs().findings == ()
    return counts[0], counts[-1]


def test_no_false_alarm_while_another_process_writes(tmp_path: Path) -> None:
    first, last = verify_beside_a_writer(tmp_path / "home", tmp_path, 60)
    assert last > first >= 5


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_a_thousand_healthy_verifications(tmp_path: Path) -> None:
    first, last = verify_beside_a_writer(tmp_path / "home", tmp_path, 1_000)
    print(f"links {first} -> {last}")
    assert last > first >= 5
