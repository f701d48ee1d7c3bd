"""Many processes submit one run at once, and some of them die: it is computed and stored once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import hyprl_lab as hl
from hyprl_lab.research.runs.submit import submit
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from pathlib import Path

SUBMIT = """
import sys, time
import hyprl_lab as hl
from hyprl_lab.research.runs.submit import submit
from hyprl_lab.strategy.builtin import dual_sma

bars, warehouse = hl.load_bars("TEST"), hl.Warehouse(sys.argv[1])
hang = sys.argv[2] == "hang"
if sys.argv[2] == "fail":
    bars = bars.take(0, 25)

def told(step):
    if hang:
        print("under way", flush=True)
        time.sleep(120)

print("ready", flush=True)
sys.stdin.readline()
run = submit(bars, dual_sma(), params={"fast": 5, "slow": int(sys.argv[3])}, warehouse=warehouse,
             progress=told if hang else False)
print(run.run_hash, run.seq, flush=True)
"""


def started(home: Path, how: str = "work", slow: int = 20) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SUBMIT, str(home), how, str(slow)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def go(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.write("go\n")
    child.stdin.flush()


def answer(child: subprocess.Popen[str]) -> str:
    said, wrong = child.communicate(timeout=240)
    assert child.returncode == 0, wrong
    return said.strip()


@pytest.mark.parametrize(
    "processes", [12, pytest.param(100, marks=[pytest.mark.slow, pytest.mark.timeout(1_200)])]
)
def test_identical_submissions_at_once_make_one_run(tmp_path: Path, processes: int) -> None:
    home = tmp_path / "home"
    children = []
    for _ in range(processes):  # a few start at a time, so that few import at a time
        children.append(started(home))
        if len(children) % 4 == 0:
            assert [line(child) for child in children[-4:]] == ["ready"] * 4
    for child in children:
        go(child)
    answers = [answer(child) for child in children]
    assert len(answers) == processes
    assert len(set(answers)) == 1
    warehouse = hl.Warehouse(home)
    (run,) = warehouse.list_runs()
    assert answers[0] == f"{run.run_hash} 0"
    assert warehouse.trial_count(run.lineage_root) == 1
    assert warehouse.sql("SELECT looks FROM backtests")["looks"].tolist() == [1]
    (state,) = warehouse.run_states.list()
    events = warehouse.run_states.events(state.key).events
    kinds = [event.kind for event in events if event.kind not in ("progress", "artifact")]
    assert kinds == ["queued", "running", "completed"]
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    warehouse.close()


def test_the_run_of_a_killed_process_is_computed_by_one_that_waits(tmp_path: Path) -> None:
    home = tmp_path / "home"
    victim = started(home, "hang")
    assert line(victim) == "ready"
    go(victim)
    assert line(victim) == "under way"
    waiting = [started(home) for _ in range(2)]
    for child in waiting:
        assert line(child) == "ready"
        go(child)
    warehouse = hl.Warehouse(home)
    with pytest.raises(hl.errors.NotFoundError):
        warehouse.get_run(warehouse.run_states.list()[0].run_hash)
    victim.kill()
    victim.communicate()
    answers = {answer(child) for child in waiting}
    (run,) = warehouse.list_runs()
    assert answers == {f"{run.run_hash} 0"}
    (state,) = warehouse.run_states.list()
    assert (state.state, state.attempt) == ("completed", 2)
    events = warehouse.run_states.events(state.key).events
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    started_ones = [event.body for event in events if event.kind == "running"]
    assert started_ones == [
        {"attempt": 1, "takes_over": False},
        {"attempt": 2, "takes_over": True},
    ]
    assert warehouse.trial_count(run.lineage_root) == 1
    warehouse.close()


def test_different_submissions_at_once_make_a_run_each(tmp_path: Path) -> None:
    home = tmp_path / "home"
    children = [started(home, slow=20 + i % 2) for i in range(4)]
    for child in children:
        assert line(child) == "ready"
    for child in children:
        go(child)
    answers = [answer(child).split()[0] for child in children]
    assert answers[:2] == answers[2:]
    warehouse = hl.Warehouse(home)
    assert {run.run_hash for run in warehouse.list_runs()} == set(answers)
    assert warehouse.trial_count(warehouse.list_runs()[0].lineage_root) == 2
    assert {state.attempt for state in warehouse.run_states.list("completed")} == {1}
    warehouse.close()


def test_of_many_that_submit_what_fails_one_finds_out_and_all_are_told(tmp_path: Path) -> None:
    home = tmp_path / "home"
    children = [started(home, "fail", slow=30) for _ in range(4)]
    for child in children:
        assert line(child) == "ready"
    for child in children:
        go(child)
    told = [child.communicate(timeout=240)[1].strip().splitlines()[-1] for child in children]
    assert sorted(said.partition(":")[0].rpartition(".")[2] for said in told) == [
        "StrategyError", "WarehouseError", "WarehouseError", "WarehouseError",
    ]  # fmt: skip
    warehouse = hl.Warehouse(home)
    (state,) = warehouse.run_states.list()
    events = warehouse.run_states.events(state.key).events
    assert [event.kind for event in events] == ["queued", "running", "failed"]
    assert warehouse.list_runs() == []
    warehouse.close()


NURSERY = """
import os, random, signal, sys, time
import hyprl_lab as hl
from hyprl_lab.research.runs.submit import submit
from hyprl_lab.strategy.builtin import dual_sma

home, runs, kills = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
bars, chance = hl.load_bars("TEST"), random.Random(5)
submit(bars, dual_sma(), params={"fast": 2, "slow": 10}, warehouse=hl.Warehouse(home))

def work():
    warehouse = hl.Warehouse(home)
    order = list(range(runs))
    random.Random(os.getpid()).shuffle(order)
    for i in order:
        run = submit(bars, dual_sma(), params={"fast": 2 + i % 8, "slow": 20 + i // 8},
                     warehouse=warehouse)
        os.write(1, f"{i} {run.run_hash}\\n".encode())

def born():
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    return child

living = [born() for _ in range(3)]
for _ in range(kills):
    time.sleep(chance.uniform(0.0, 0.15))
    victim = living.pop(chance.randrange(len(living)))
    os.kill(victim, signal.SIGKILL)
    os.waitpid(victim, 0)
    living.append(born())
for child in living:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


@pytest.mark.parametrize(
    ("runs", "kills"),
    [(80, 40), pytest.param(1_000, 400, marks=[pytest.mark.slow, pytest.mark.timeout(1_200)])],
)
def test_whoever_is_killed_whenever_each_run_is_stored_and_counted_once(
    tmp_path: Path, runs: int, kills: int
) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-c", NURSERY, str(home), str(runs), str(kills)]
    nursery = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert nursery.returncode == 0, nursery.stderr
    acknowledged = dict(said.split() for said in nursery.stdout.splitlines())
    warehouse = hl.Warehouse(home)
    stored = {run.run_hash for run in warehouse.list_runs()}
    assert set(acknowledged.values()) <= stored
    bars = hl.load_bars("TEST")
    for i in range(runs):  # what was left behind is taken over
        params = {"fast": 2 + i % 8, "slow": 20 + i // 8}
        run = submit(bars, dual_sma(), params=params, warehouse=warehouse)
        assert acknowledged.get(str(i), run.run_hash) == run.run_hash
    states = warehouse.run_states
    completed = states.list("completed", limit=10_000)
    assert len(states.list(limit=10_000)) == len(completed) == runs + 1
    assert {state.run_hash for state in completed} == {r.run_hash for r in warehouse.list_runs()}
    assert len(warehouse.list_runs()) == runs + 1
    for state in completed:
        events = states.events(state.key).events
        assert [event.seq for event in events] == list(range(1, state.last_event + 1))
        attempts = [event.body["attempt"] for event in events if event.kind == "running"]
        assert attempts == list(range(1, state.attempt + 1))
        assert [event.kind for event in events].count("completed") == 1
        assert events[-1].kind == "completed"
    assert warehouse.trial_count(warehouse.list_runs()[0].lineage_root) == runs + 1
    warehouse.close()
