"""Whoever changes the warehouse is killed at random: what was acknowledged stays, whole and once.

Four writers fill studies, single trials, runs and verdicts of one home, a compactor merges parts, a
sweeper clears away, retention gives up files; all six are killed with SIGKILL at random moments and
started again. Two readers, one of them slow, check every state they see, and never fail.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest
from crew import ROWS, SHARDS, Foreman, Worker

from hyprl_lab.store import Warehouse

if TYPE_CHECKING:
    from pathlib import Path

VICTIMS = {f"writer{i}": "write" for i in range(4)} | {"compactor": "compact", "sweeper": "sweep"}
READERS = {"reader": "read", "pager": "page"}
LIVES = {"write": (0.1, 2.5), "compact": (0.2, 8.0), "sweep": (0.05, 2.0)}
"""Seconds until a worker is killed, at least and at most."""

SAID = {"shard", "trial", "run", "verdict", "compacted", "swept", "read", "paged"}

STOP_SECONDS = 60.0
"""How long a reader may take to end its last look on a busy machine."""


@pytest.mark.parametrize(
    ("seconds", "least"), [(5.0, 10), pytest.param(30.0, 50, marks=pytest.mark.slow)]
)
def test_nothing_acknowledged_is_lost(seconds: float, least: int, tmp_path: Path) -> None:
    home = tmp_path / "home"
    seed = time.time_ns()
    print(f"seed {seed}")
    warehouse = Warehouse(home)
    warehouse.sql("select * from trials")
    with Foreman(home, tmp_path, HYPRL_KEEP_RUNS="10") as foreman:
        crew = _work(foreman, random.Random(seed), seconds)
        readers = [crew[name] for name in READERS]
        kills = crew.kills
        (home / "stop").touch()
        for reader in readers:
            _wait(reader)
        (home / "stop").unlink()
        workers = list(crew.values())
        assert "".join(worker.errors() for worker in workers) == ""
        assert kills >= least
        said = [line for worker in workers for line in worker.lines()]
        figures = _acknowledged_is_there(warehouse, said) | {"kills": kills}
        figures |= {word: sum(line[0] == word for line in said) for word in sorted(SAID)}
        print(", ".join(f"{name} {figure}" for name, figure in figures.items()))
        assert min(figures.values()) > 0
        last = foreman.hire("finish", "last")
        _wait(last)
        assert last.errors() == ""
        assert last.lines()[-1] == ["done"]
    studies = _every_study_is_whole(warehouse)
    _verified(warehouse)
    while warehouse.compact().inputs:
        pass
    assert _every_study_is_whole(warehouse) == studies
    _acknowledged_is_there(warehouse, said)
    _verified(warehouse)
    _nothing_is_left_over(warehouse)


class _Crew(dict[str, Worker]):
    """Workers by name, and how many were killed."""

    kills = 0


def _work(foreman: Foreman, dice: random.Random, seconds: float) -> _Crew:
    """Let them work, and kill them at random; the readers alone live through it."""
    crew = _Crew({name: foreman.hire(duty, name) for name, duty in (READERS | VICTIMS).items()})
    now = time.monotonic()
    end = now + seconds
    doom = {name: now + 1.0 + dice.uniform(*LIVES[duty]) for name, duty in VICTIMS.items()}
    try:
        while now < end or (now < end + STOP_SECONDS and not _have_all_said(crew)):
            time.sleep(dice.uniform(0.0, 0.02))
            now = time.monotonic()
            for name in [name for name, at in doom.items() if at <= now]:
                assert crew[name].kill(), f"{name} ended by itself: {crew[name].errors()}"
                crew.kills += 1
                duty = VICTIMS[name]
                crew[name] = foreman.hire(duty, name)
                doom[name] = now + dice.uniform(*LIVES[duty])
            for name in READERS:
                assert crew[name].lives(), crew[name].errors()
    except BaseException:
        for worker in crew.values():
            worker.kill()
        raise
    for name in VICTIMS:
        crew.kills += crew[name].kill()
    return crew


def _have_all_said(crew: _Crew) -> bool:
    """Whether there is something of every kind to check; on a slow machine that takes longer."""
    return {line[0] for worker in crew.values() for line in worker.lines()} >= SAID


def _wait(worker: Worker) -> None:
    end = time.monotonic() + STOP_SECONDS
    while worker.lives():
        if time.monotonic() > end:
            worker.kill()
            pytest.fail(f"{worker.said.name} did not end within {STOP_SECONDS} s")
        time.sleep(0.01)


def _acknowledged_is_there(warehouse: Warehouse, said: list[list[str]]) -> dict[str, int]:
    """Check what was acknowledged, and return how many trials that were."""
    shards = [(line[1], int(line[2])) for line in said if line[0] == "shard"]
    assert len(shards) == len(set(shards)), "a shard was acknowledged twice"
    for study in {study for study, _ in shards}:
        live = warehouse.study(study).live
        assert {shard for name, shard in shards if name == study} <= live.keys()
    single = {int(line[1]) for line in said if line[0] == "trial"}
    found = warehouse.sql("select behaviour_hash as n from trials where study_id = 'backtest'")["n"]
    assert single <= set(found)
    assert len(found) == len(set(found))
    runs = [run.run_hash for run in warehouse.list_runs()]
    acknowledged = {line[1] for line in said if line[0] == "run"}
    assert acknowledged <= set(runs)
    assert len(runs) == len(set(runs))
    verdicts = {line[1] for line in said if line[0] == "verdict"}
    assert verdicts <= set(warehouse.sql("select id from verdicts")["id"])
    for number in {int(line[1]) for line in said if line[0] == "study"}:
        assert warehouse.study(f"s{number}").state == "completed"
    return {"rows": len(shards) * ROWS + len(single)}


def _every_study_is_whole(warehouse: Warehouse) -> int:
    """Check every row of the completed studies; return how many there are."""
    rows = SHARDS * ROWS
    table = warehouse.sql(
        """select study_id, count(*) as n, count(distinct trial_index) as distinct_n,
            sum(sharpe) as sum, count(*) filter (sharpe <> trial_index) as torn
        from trials where study_id <> 'backtest' group by study_id""",
        arrow=True,
    )
    for row in table.to_pylist():
        assert warehouse.study(row["study_id"]).state == "completed"
        assert (row["n"], row["distinct_n"], row["torn"]) == (rows, rows, 0)
        assert row["sum"] == rows * (rows - 1) / 2
        blocks = warehouse.study_blocks(row["study_id"], ["sum1"])["sum1"]
        assert (blocks[:, 5] == range(rows)).all()
    return len(table)


def _verified(warehouse: Warehouse) -> None:
    """Check artifacts, chain, checkpoint and the digests of all studies."""
    found = warehouse.verify()
    assert found.ok, found.findings
    counts = warehouse.status()
    completed = warehouse.sql("select count(*) as n from studies where state = 'completed'")["n"][0]
    assert found.links >= counts.runs + counts.verdicts + completed


def _nothing_is_left_over(warehouse: Warehouse) -> None:
    """Check that a last sweep leaves the files that rows name, and no others."""
    warehouse.sweep()
    folder = warehouse.home / "warehouse"
    with warehouse.control.read() as transaction:
        live = {f"{row['id']}.parquet" for row in transaction.rows("parts.live")}
    assert {path.name for path in (folder / "parts").iterdir()} == live
    for name in ("tmp", "pins"):
        if (folder / name).is_dir():
            assert list((folder / name).iterdir()) == []
    assert warehouse.status().pending_parts == 0
