"""The null of a search is killed with SIGKILL, again and again, and ends as if nothing happened.

It runs in a process of its own, which keeps each score before it tells of it. It is killed in the
middle of whatever it does, and the same call is made again. What was told is never made twice; in
the end the scores are those of a call that nobody disturbed, and the ledger holds the study alone.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

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

home, form = sys.argv[1:]
draws = import_module("hyprl_lab.research.null.draws")
draws._KEPT_SECONDS = draws._TOLD_SECONDS = 0.0  # in the place of seconds


def told(step):
    print("done", step.done, step.before, flush=True)


study = hl.supersearch(
    hl.load_bars("TEST"), dual_sma(), {"fast": hl.ints(2, 12), "slow": hl.ints(15, 40)},
    warehouse=hl.Warehouse(home), progress=False)
if form == "search":
    null = hl.search_null(study, markets=400, threads=2, progress=told)
else:
    null = hl.walk_forward_null(study, windows=2, markets=150, threads=2, progress=told)
print("end", json.dumps(null.to_dict()), flush=True)
"""

SECONDS = 120.0
"""How long one life may take on a busy machine."""


class Life:
    """The call in a process, and what it says."""

    def __init__(self, home: Path, form: str) -> None:
        command = [sys.executable, "-c", SCRIPT, str(home), form]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def said(self) -> Iterator[list[str]]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):  # what was being written when it was killed counts for nothing
                yield line.split(maxsplit=1)

    def __enter__(self) -> Life:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


def lived(home: Path, form: str, after: int, delay: float) -> tuple[int | None, int, str | None]:
    """Run until `after` more markets are told, and kill it.

    Returns
    -------
    Markets that it found done (`None` where it said nothing), the last that it told, and what it
    ended with where it was not killed in time.
    """
    found, last, killed = None, 0, False
    with Life(home, form) as life:
        for kind, rest in life.said():
            if kind == "end":
                return found, last, rest
            done, before = map(int, rest.split())
            found, last = before, done
            if not killed and done - before >= after:
                killed = True
                time.sleep(delay)
                life.process.send_signal(signal.SIGKILL)
        assert killed, life.process.wait(SECONDS)
    return found, last, None


@pytest.mark.parametrize("form", ["search", "walk_forward"])
@pytest.mark.parametrize("kills", [3, pytest.param(12, marks=pytest.mark.slow)])
def test_a_killed_null_goes_on_and_ends_the_same(
    form: str, kills: int, database: Chosen, tmp_path: Path
) -> None:
    seed = time.time_ns()
    print(f"seed {seed}")
    dice = random.Random(seed)
    home, calm = tmp_path / "killed", tmp_path / "calm"
    most = (400 if form == "search" else 150) // (kills + 1)
    told = 0
    for _ in range(kills):
        before, last, ended = lived(home, form, dice.randint(1, most), dice.uniform(0.0, 0.03))
        if before is not None:  # else it was killed before it said anything
            assert before >= told
            told = max(told, last)
        if ended is not None:
            break
    before, _, ended = lived(home, form, 10_000, 0.0)
    assert ended is not None
    assert before is not None
    assert before >= told > 0
    warehouse = Warehouse(home)
    trials = int(warehouse.sql("SELECT count(*) AS n FROM trials")["n"][0])
    assert warehouse.verify().findings == ()
    first = database.fresh()
    _, _, expected = lived(calm, form, 10_000, 0.0)
    assert expected is not None
    ours, theirs = json.loads(ended), json.loads(expected)
    assert ours == theirs
    undisturbed = Warehouse(calm)
    assert int(undisturbed.sql("SELECT count(*) AS n FROM trials")["n"][0]) == trials
    database.use(first)
