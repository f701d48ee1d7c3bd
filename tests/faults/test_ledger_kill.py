"""Writers are killed at random: what was acknowledged stays, whole and once; readers never fail.

Three writers share one study, single trials and runs in one home; each says on its standard
output what the warehouse acknowledged. They are killed with SIGKILL at random moments and started
again, while a reader checks every state it sees. A longer form is a matter of SECONDS.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from hyprl_lab.store import Warehouse

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 8.0
WRITERS = 3
SHARDS = 240
ROWS = 50

COMMON = f"""
import sys
from types import SimpleNamespace
import numpy as np, pyarrow as pa
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import (
    RunRecord, ShardHeldError, ShardLiveError, TrialRow, Warehouse, blocks_table, trades_schema,
    trials_table)

SHARDS, ROWS = {SHARDS}, {ROWS}
warehouse = Warehouse(sys.argv[1])
bars = SimpleNamespace(symbol="SPY", timeframe="1d", ts=np.arange(9), fingerprint="f")
strategy = SimpleNamespace(
    hash="h", name="n", parameters={{"n": None}}, to_json=lambda: {{}})

def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\\n")
    sys.stdout.flush()
"""

WRITER = (
    COMMON
    + """
import random
root = warehouse.lineage_root(bars)
state = warehouse.open_study(
    "s", spec={}, bars=bars, lineage_root=root, strategy=strategy, total=SHARDS * ROWS)
todo = [shard for shard in range(SHARDS) if shard not in state.live]
random.shuffle(todo)
say("ready")
for shard in todo:
    index = np.arange(shard * ROWS, (shard + 1) * ROWS)
    keys = np.zeros((ROWS, 16), np.uint8)
    keys[:, :8] = index.astype(">i8").view(np.uint8).reshape(ROWS, 8)
    trials = trials_table(
        study_id="s", first_index=int(index[0]), keys=keys, lineage_root=root,
        param_values=index[:, None].astype(float),
        metrics={name: index.astype(float) for name in TRIAL_METRICS},
        behaviour_hash=index.astype(np.uint64))
    blocks = blocks_table(
        study_id="s", first_index=int(index[0]),
        blocks=np.broadcast_to(index[:, None, None], (ROWS, 17, 6)).astype(float))
    try:
        reservation = warehouse.reserve_shard("s", shard, ROWS)
        warehouse.commit_shard(reservation, trials, blocks)
    except (ShardHeldError, ShardLiveError):
        continue
    say("shard", shard)
    warehouse.record_trial(TrialRow(
        strategy_hash="h", risk={}, execution={}, lineage_root=root, params={"n": float(shard)},
        metrics=dict.fromkeys(TRIAL_METRICS, float(shard)), behaviour_hash=shard))
    warehouse.flush()
    say("trial", shard)
    if shard % 4 == 0:
        warehouse.save_run(RunRecord(
            run_hash=f"{shard // 8:08x}", engine="native", engine_version="1", config={},
            metrics={"sharpe": float(shard)}, trades=trades_schema().empty_table(),
            equity=pa.table({"ts": pa.array([0], pa.timestamp("us", "UTC")), "equity": [1.0]}),
            symbol="SPY", timeframe="1d", fingerprint="f", lineage_root=root,
            strategy_hash="h", strategy_name="n"))
        say("run", f"{shard // 8:08x}")
say("done")
"""
)

READER = (
    COMMON
    + """
import time
seen = 0
while True:
    row = warehouse.sql('''
        select count(*) as n, count(distinct trial_index) as distinct_n,
            count(*) filter (sharpe <> trial_index or sharpe <> param_values[1]) as torn
        from trials where study_id = 's' ''', arrow=True).to_pylist()[0]
    blocks = warehouse.sql('''
        select count(*) as n,
            count(*) filter (sum1[17] <> trial_index or trades[1] <> trial_index) as torn
        from trial_blocks''', arrow=True).to_pylist()[0]
    assert row["n"] == row["distinct_n"] and row["n"] % ROWS == 0 and row["torn"] == 0, row
    assert blocks["n"] % ROWS == 0 and blocks["torn"] == 0, blocks
    assert seen <= row["n"] <= blocks["n"], (seen, row, blocks)  # blocks were read later
    seen = row["n"]
    warehouse.sql("select count(*) from runs join equity using (run_hash)", arrow=True)
    say("read", seen)
"""
)


class Process:
    """A script at work, its standard output in a file."""

    def __init__(self, code: str, home: Path, said: Path, doomed_after: int = 10) -> None:
        self.said = said
        self.doomed_at = doomed_after + (len(self.lines()) if said.exists() else 0)
        with said.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code, str(home)], stdout=output, stderr=subprocess.PIPE
            )

    def kill(self) -> str:
        """End it at once, and return what it wrote to standard error."""
        self.process.kill()
        return self.process.communicate()[1].decode()

    def lines(self) -> list[list[str]]:
        """Return what it said; a last line that was cut off was not said."""
        whole, _, _ = self.said.read_text().rpartition("\n")
        return [line.split() for line in whole.splitlines()]


def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    home = tmp_path / "home"
    seed = time.time_ns()
    dice = random.Random(seed)
    print(f"seed {seed}")
    Warehouse(home).sql("select * from trials")
    reader = Process(READER, home, tmp_path / "reader")
    writers = [Process(WRITER, home, tmp_path / f"writer{i}") for i in range(WRITERS)]
    kills, errors = 0, ""
    try:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            time.sleep(dice.uniform(0.0, 0.1))
            for i, writer in enumerate(writers):
                if len(writer.lines()) >= writer.doomed_at or dice.random() < 0.01:
                    kills += writer.process.poll() is None
                    errors += writer.kill()
                    writers[i] = Process(WRITER, home, writer.said, dice.randrange(2, 40))
            assert reader.process.poll() is None, reader.kill()
    finally:
        errors += "".join(process.kill() for process in (*writers, reader))
    assert errors == ""
    assert kills >= 3

    said = [line for writer in writers for line in writer.lines()]
    acknowledged = [int(line[1]) for line in said if line[0] == "shard"]
    assert len(acknowledged) == len(set(acknowledged)), "a shard was acknowledged twice"
    warehouse = Warehouse(home)
    assert set(acknowledged) <= warehouse.study("s").live.keys()
    assert acknowledged, "the writers got nowhere"
    assert any(line[0] == "read" and line[1] != "0" for line in reader.lines())

    single = {int(line[1]) for line in said if line[0] == "trial"}
    found = warehouse.sql("select behaviour_hash as n from trials where study_id = 'backtest'")
    assert single <= set(found["n"])
    assert len(found) == len(set(found["n"]))

    runs = [run.run_hash for run in warehouse.list_runs()]
    assert {line[1] for line in said if line[0] == "run"} <= set(runs)
    assert len(runs) == len(set(runs)) == warehouse.verify_chain()
    for run_hash in runs:
        warehouse.verify_run(run_hash)

    last = subprocess.run(
        [sys.executable, "-c", WRITER, str(home)], capture_output=True, text=True, check=True
    )
    assert last.stdout.endswith("done\n")
    warehouse.complete_study("s", {})
    rows = warehouse.sql(
        "select count(*) as n, count(distinct trial_index) as d, sum(sharpe) as s "
        "from trials where study_id = 's'"
    ).iloc[0]
    assert rows.tolist() == [SHARDS * ROWS, SHARDS * ROWS, sum(range(SHARDS * ROWS))]
    blocks = warehouse.study_blocks("s", ["sum1"])["sum1"]
    assert (blocks[:, 5] == range(SHARDS * ROWS)).all()
    warehouse.sweep()
    parts = list((home / "warehouse" / "parts").iterdir())
    assert len(parts) == warehouse.status().live_parts == 2 * SHARDS
    assert warehouse.status().pending_parts == 0
    print(f"{kills} kills, {len(acknowledged)} shards, {len(single)} trials, {len(runs)} runs")
