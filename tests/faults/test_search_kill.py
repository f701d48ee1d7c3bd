"""A search is killed with SIGKILL, again and again, and ends as if nothing had happened.

Each search runs in a process of its own, cut into small shards. It is killed after some commits,
in the middle of whatever it does then, and the same call is made again. In the end the ledger
(trials, keys, blocks, behaviour hashes) is that of a search that nobody disturbed. Ctrl-C, in a
process too, returns the study so far.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.store import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from postgres import Chosen

SCRIPT = """
import json, sys
from importlib import import_module

import hyprl_lab as hl
from hyprl_lab.strategy.builtin import dual_sma

options = json.loads(sys.argv[2])
size = options.pop("shard_size")
import_module("hyprl_lab.research.search.plan").shard_size = lambda bars: size  # many small shards
if "halving" in options:
    options["halving"] = hl.Halving(**options["halving"])
space = {"fast": hl.ints(2, 40), "slow": hl.ints(5, 60)}


def told(step):
    print("done", step.done, flush=True)


try:
    study = hl.supersearch(
        hl.load_bars("TEST"), dual_sma(), space, where="fast < slow", threads=2,
        warehouse=hl.Warehouse(sys.argv[1]), progress=told, **options)
except BaseException as error:
    print("failed", repr(error), flush=True)
    raise
print("end", study.study_id, study.total, study.complete, len(study.trials()), flush=True)
"""

SEARCHES: dict[str, dict[str, Any]] = {
    "grid": {"shard_size": 64},
    "random": {"shard_size": 32, "sampler": "random", "max_trials": 600, "seed": 3},
    "halving": {"shard_size": 64, "halving": {"factor": 2, "rungs": 2}},
    "tpe": {"shard_size": 16, "sampler": "tpe", "max_trials": 96, "seed": 5},
}

SECONDS = 120.0
"""How long one life of a search may take on a busy machine."""


class Search:
    """A search in a process, and what it says."""

    def __init__(self, home: Path, options: dict[str, Any]) -> None:
        command = [sys.executable, "-c", SCRIPT, str(home), json.dumps(options)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def said(self) -> Iterator[list[str]]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            yield line.split()

    def end(self) -> list[str]:
        """Let it end, and return its last line."""
        lines = list(self.said())
        assert self.process.wait(SECONDS) == 0
        return lines[-1]

    def __enter__(self) -> Search:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


def life(home: Path, options: dict[str, Any], dice: random.Random) -> list[str] | None:
    """Run a search until some shards are committed, and kill it; `None` where it was killed."""
    commits, delay = dice.randint(1, 4), dice.uniform(0.0, 0.03)
    with Search(home, options) as search:
        for line in search.said():
            if line[0] == "end":
                return line
            assert line[0] == "done", line
            commits -= 1
            if commits == 0:
                time.sleep(delay)
                search.process.send_signal(signal.SIGKILL)
                break
        rest = list(search.said())
        return rest[-1] if rest and rest[-1][0] == "end" else None


def counted(warehouse: Warehouse, study_id: str) -> int:
    """Return how many distinct trials the study's lineage has seen."""
    return warehouse.trial_count(warehouse.study(study_id).lineage_root)


def whole(
    warehouse: Warehouse, study_id: str
) -> tuple[pd.DataFrame, dict[str, np.ndarray], pd.DataFrame]:
    """Return a study's trials, blocks and keys."""
    keys = warehouse.sql(
        "SELECT trial_index, trial_key, state, param_values FROM trials WHERE study_id = ? "
        "ORDER BY trial_index",
        [study_id],
    )
    return warehouse.trials_frame(study_id), warehouse.study_blocks(study_id), keys


@pytest.mark.parametrize("kind", list(SEARCHES))
@pytest.mark.parametrize("kills", [2, pytest.param(12, marks=pytest.mark.slow)])
def test_a_killed_search_ends_with_the_same_ledger(
    kind: str, kills: int, database: Chosen, tmp_path: Path
) -> None:
    options = SEARCHES[kind]
    if kind == "tpe":
        pytest.importorskip("optuna")
    seed = time.time_ns()
    print(f"seed {seed}")
    dice = random.Random(seed)
    home, calm = tmp_path / "killed", tmp_path / "calm"
    lives = 0
    last = None
    while last is None and lives < kills:
        last = life(home, options, dice)
        lives += last is None
    if last is None:
        with Search(home, options) as search:
            last = search.end()
    assert lives >= min(kills, 2)
    _, study_id, total, complete, rows = last
    assert (complete, total) == ("True", rows)
    warehouse = Warehouse(home)
    ours, count = whole(warehouse, study_id), counted(warehouse, study_id)
    assert warehouse.study(study_id).state == "completed"
    assert warehouse.verify().findings == ()
    before = database.fresh()
    with Search(calm, options) as search:
        assert search.end() == last
    undisturbed = Warehouse(calm)
    theirs = whole(undisturbed, study_id)
    assert count == counted(undisturbed, study_id) <= int(total)
    database.use(before)
    pd.testing.assert_frame_equal(ours[0], theirs[0], check_exact=True)
    pd.testing.assert_frame_equal(ours[2], theirs[2], check_exact=True)
    for name, blocks in theirs[1].items():
        np.testing.assert_array_equal(ours[1][name], blocks)
    states = set(ours[0]["state"])
    assert states == ({"completed", "pruned"} if kind == "halving" else {"completed"})


@pytest.mark.parametrize("presses", [4, pytest.param(40, marks=pytest.mark.slow)])
def test_ctrl_c_returns_what_there_is_and_the_same_call_goes_on(
    presses: int, tmp_path: Path
) -> None:
    seed = time.time_ns()
    print(f"seed {seed}")
    dice = random.Random(seed)
    options = SEARCHES["grid"] | {"shard_size": 2 if presses > 4 else 16}
    before, complete = 0, "False"
    for _ in range(presses):
        with Search(tmp_path, options) as search:
            said = search.said()
            first = next(said)
            assert first[0] == ("done" if complete == "False" else "end")
            if before:  # it says at once what was kept
                assert first == ["done", str(before)]
            time.sleep(dice.random() * 0.02)
            search.process.send_signal(signal.SIGINT)
            lines = [first, *said]
            assert search.process.wait(SECONDS) == 0
        end, study_id, total, complete, rows = lines[-1]
        assert end == "end"
        assert before <= int(rows) <= int(total)
        assert int(rows) >= max(int(line[1]) for line in lines[:-1])
        assert (complete == "True") == (rows == total)
        before = int(rows)
        if complete == "True":
            break
    with Search(tmp_path, options) as search:
        assert search.end() == ["end", study_id, total, "True", total]
