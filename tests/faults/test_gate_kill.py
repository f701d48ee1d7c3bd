"""The gate is killed with SIGKILL between the look at a holdout and the verdict on it.

What it saw then nobody can unsee: the look is in the ledger, the next promotion tells it, and no
preset was signed by the one that died.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.store import Warehouse

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
import json, os, signal, sys

import hyprl_lab as hl
from hyprl_lab.presets.examination import examine
from hyprl_lab.presets.gate import GateCheck
from hyprl_lab.research.validation.asking import Asking
from hyprl_lab.research.validation.settings import Settings
from hyprl_lab.research.validation.subject import subject_of
from hyprl_lab.strategy.builtin import dual_sma

home, moment = sys.argv[1:]
warehouse = hl.Warehouse(home)
study = hl.supersearch(
    hl.load_bars("TEST"), dual_sma(), {"fast": [2, 3], "slow": [5, 6]},
    warehouse=warehouse, progress=False)


def killed_at(owner, name, when, *, after=False):
    made = getattr(owner, name)

    def wrapped(*given, **named):
        if when(*given) and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        found = made(*given, **named)
        if when(*given):
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(owner, name, wrapped)


store = type(warehouse)
if moment == "before the look":
    killed_at(store, "commit_trial", lambda *_: True)
elif moment == "after the look":
    killed_at(store, "commit_trial", lambda *_: True, after=True)
elif moment == "before it is kept":
    killed_at(store, "remember", lambda _, kind, *__: kind == "holdout")
elif moment == "after it is kept":
    killed_at(store, "remember", lambda _, kind, *__: kind == "holdout", after=True)

checks = [
    GateCheck(name=name, metric=name, operator=sign, threshold=threshold)
    for name, sign, threshold in (
        ("recorded", "==", True), ("holdout_looks", "<=", 3), ("holdout_searches", "<=", 0),
        ("holdout_sharpe", ">", -100.0))
]
found = examine(Asking(subject=subject_of(study), settings=Settings()), checks, stop_early=True)
print(json.dumps({
    "looks": found.rows[1].value, "passed": all(row.passed for row in found.rows),
    "openings": found.holdout.openings, "sharpe": found.holdout.sharpe}))
"""


def gate(tmp_path: Path, home: Path, moment: str) -> dict[str, float] | None:
    """Ask the gate in a process of its own; `None` where it was killed."""
    script = tmp_path / "gate.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(home), moment]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if moment != "never":
        assert (ran.returncode, ran.stdout) == (-signal.SIGKILL, ""), ran.stderr
        return None
    assert ran.returncode == 0, ran.stderr
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def gate_looks(home: Path) -> list[int]:
    warehouse = Warehouse(home)
    found = warehouse.sql("select looks from backtests where purpose = 'gate'")["looks"].tolist()
    assert warehouse.verify().findings == ()
    warehouse.close()
    return found


@pytest.mark.parametrize(
    ("moment", "seen", "looks", "openings"),
    [
        ("before the look", [], 0, 1),
        ("after the look", [1], 1, 2),
        ("before it is kept", [1], 1, 2),
        ("after it is kept", [1], 0, 1),
    ],
)
def test_a_look_counts_though_no_verdict_followed(
    tmp_path: Path, moment: str, seen: list[int], looks: int, openings: int
) -> None:
    home = tmp_path / "home"
    gate(tmp_path, home, moment)
    assert gate_looks(home) == seen
    found = gate(tmp_path, home, "never")
    assert found is not None
    assert (found["looks"], found["openings"], found["passed"]) == (looks, openings, True)
    if moment == "after the look":
        assert gate(tmp_path, home, "never") == found  # kept by now, so it is told and not opened
    assert gate_looks(home) == [openings]


def test_who_is_killed_again_and_again_runs_out_of_looks(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for number in range(1, 5):
        gate(tmp_path, home, "before it is kept")
        assert gate_looks(home) == [number]
    script = tmp_path / "gate.py"
    command = [sys.executable, str(script), str(home), "before it is kept"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stderr  # it is closed, so nothing is seen and nobody killed
    assert json.loads(ran.stdout) == {"looks": 4, "passed": False, "openings": 0, "sharpe": None}
    assert gate_looks(home) == [4]
