"""Whoever tries to make the count of trials look smaller than it is fails, or is found.

N is what the deflated Sharpe ratio and the minimum backtest length are computed with, V the spread
of the trials' ratios: a cheat wants either smaller. Each cheat is done to a ledger with an honest
search; N and V afterwards are compared with those of that search.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sqlalchemy import text

import hyprl_lab as hl
from hyprl_lab.data import Bars
from hyprl_lab.errors import IntegrityError, LabError, WarehouseError
from hyprl_lab.research.holdout import looks_at
from hyprl_lab.research.validation.validation import LedgerFacts
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from postgres import Chosen

    from hyprl_lab.research.study import Study
    from hyprl_lab.store import Warehouse

SPACE: dict[str, Any] = {"fast": hl.ints(4, 9), "slow": hl.ints(20, 25)}
TRIALS = 36


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    opened = hl.Warehouse(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def bars() -> Bars:
    return hl.load_bars("TEST")


def search(warehouse: Warehouse, bars: Bars, strategy: Any = None, **change: Any) -> Study:
    given = {"space": SPACE, "warehouse": warehouse, **change}
    study: Study = hl.supersearch(bars, strategy or dual_sma(), **given)
    return study


def facts(warehouse: Warehouse, study: Study) -> LedgerFacts:
    found = study.search_bars.fingerprint
    return LedgerFacts.of(warehouse, warehouse.lineage_root(study.bars), fingerprint=found)


def change(warehouse: Warehouse, *statements: str) -> None:
    """Change rows by hand, without foreign keys."""
    with warehouse.control.engine.connect() as connection, connection.begin():
        if warehouse.control.backend == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for statement in statements:
            connection.execute(text(statement))


def same_columns(bars: Bars, rows: slice = slice(None), **more: Any) -> dict[str, Any]:
    return {name: values[rows] for name, values in bars.columns.items()} | more


def appended(bars: Bars) -> Bars:
    ts = np.append(bars.ts, bars.ts[-1] + 86_400_000_000)
    return Bars(
        "TEST", "1d", bars.calendar, ts, {n: np.append(v, v[-1]) for n, v in bars.columns.items()}
    )


def named(strategy: hl.Strategy, name: str) -> hl.Strategy:
    return hl.Strategy.from_json({**strategy.to_json(), "name": name})


def respelled() -> hl.Strategy:
    """The same crosses by other words: sides swapped, comparisons flipped, shifts taken apart."""
    fast = hl.ta.sma(hl.close.shift(1).shift(0), hl.param("fast", 2, 100))
    slow = hl.ta.sma(hl.close.shift(1), hl.param("slow", 5, 400))
    return hl.Strategy(
        "respelled",
        long_entry=(slow < fast) & (hl.volume * 2.0 > hl.open),
        long_exit=~(fast > slow) | (fast + slow < 0.0),
    )


def spelled() -> hl.Strategy:
    fast = hl.ta.sma(hl.close.shift(1), hl.param("fast", 2, 100))
    slow = hl.ta.sma(hl.close.shift(1), hl.param("slow", 5, 400))
    return hl.Strategy(
        "spelled",
        long_entry=(hl.open < 2.0 * hl.volume) & (fast > slow),
        long_exit=(0.0 > slow + fast) | ~(slow < fast),  # noqa: SIM300 - the point of it
    )


def rename_the_strategy(warehouse: Warehouse, bars: Bars) -> None:
    search(warehouse, bars, named(dual_sma(), "something_else"))


def repeat_it(warehouse: Warehouse, bars: Bars) -> None:
    search(warehouse, bars)


def split_it(warehouse: Warehouse, bars: Bars) -> None:
    for low, high in ((20, 22), (23, 25)):
        search(warehouse, bars, space=SPACE | {"slow": hl.ints(low, high)})


def append_a_bar(warehouse: Warehouse, bars: Bars) -> None:
    search(warehouse, appended(bars))


def cut_bars(warehouse: Warehouse, bars: Bars) -> None:
    search(warehouse, bars.slice(int(bars.ts[60]), int(bars.ts[-60])))


def add_a_column(warehouse: Warehouse, bars: Bars) -> None:
    more = same_columns(bars, mood=np.arange(len(bars), dtype=np.float64))
    search(warehouse, Bars("TEST", "1d", bars.calendar, bars.ts, more))


def drop_the_volume(warehouse: Warehouse, bars: Bars) -> None:
    columns = {name: values for name, values in bars.columns.items() if name != "volume"}
    search(warehouse, Bars("TEST", "1d", bars.calendar, bars.ts, columns))


def rename_the_symbol(warehouse: Warehouse, bars: Bars) -> None:
    search(warehouse, Bars("OTHER", "1d", bars.calendar, bars.ts, bars.columns))


def rename_and_cut(warehouse: Warehouse, bars: Bars) -> None:
    part = slice(100, 400)
    search(warehouse, Bars("OTHER", "1d", bars.calendar, bars.ts[part], same_columns(bars, part)))


def change_a_cost_by_nothing(warehouse: Warehouse, bars: Bars) -> None:
    for execution in (
        hl.Execution(fee_bps=0.0),
        hl.Execution(fee_bps=-0.0, slippage_bps=0),
        hl.Execution(fee_bps=0, leverage=1, at_end="close", lots=None, intrabar="stop_first"),
    ):
        search(warehouse, bars, execution=execution)


def change_the_cash(warehouse: Warehouse, bars: Bars) -> None:
    search(warehouse, bars, cash=77_777.0)


def search_another_way(warehouse: Warehouse, bars: Bars) -> None:
    search(warehouse, bars, sampler="random", max_trials=20, seed=3)
    search(warehouse, bars, objective="cagr", constraints=("trades >= 1",))
    search(warehouse, bars, ledger="summary")


def run_it_by_hand(warehouse: Warehouse, bars: Bars) -> None:
    for fast in range(4, 10):
        hl.backtest(bars, dual_sma(), params={"fast": fast, "slow": 20}, warehouse=warehouse)


def move_everything(warehouse: Warehouse, bars: Bars) -> None:
    run_it_by_hand(warehouse, bars)
    warehouse.compact()


EQUAL: tuple[Callable[[Warehouse, Bars], None], ...] = (
    *(rename_the_strategy, repeat_it, split_it, append_a_bar, cut_bars, add_a_column),
    *(drop_the_volume, rename_the_symbol, rename_and_cut, change_a_cost_by_nothing),
    *(change_the_cash, search_another_way, run_it_by_hand, move_everything),
)
"""What is the same trials as before, however it is done: N stays."""


@pytest.mark.parametrize("cheat", EQUAL)
def test_the_same_trials_count_once_and_no_less(
    warehouse: Warehouse, bars: Bars, cheat: Callable[[Warehouse, Bars], None]
) -> None:
    study = search(warehouse, bars)
    honest = facts(warehouse, study)
    assert honest.trials == TRIALS
    assert honest.sharpe_variance is not None
    cheat(warehouse, bars)
    found = facts(warehouse, study)
    assert found.trials == honest.trials
    assert found.sharpe_variance is not None
    assert found.sharpe_variance >= honest.sharpe_variance
    assert warehouse.verify().findings == ()


@pytest.mark.parametrize("cheat", EQUAL)
def test_what_was_looked_at_first_by_a_cheat_counts_too(
    warehouse: Warehouse, bars: Bars, cheat: Callable[[Warehouse, Bars], None]
) -> None:
    cheat(warehouse, bars)
    before = warehouse.trial_count(warehouse.lineage_root(bars))
    assert before == (6 if cheat in {run_it_by_hand, move_everything} else TRIALS)
    found = facts(warehouse, search(warehouse, bars))
    assert found.trials == TRIALS
    study_id = search(warehouse, bars).study_id
    own = warehouse.trial_columns(study_id, ["sharpe_per_period"])["sharpe_per_period"]
    alone = np.var(own, ddof=1)
    assert found.sharpe_variance is not None
    assert found.sharpe_variance >= alone * (1 - 1e-12)


def test_another_spelling_is_the_same_strategy(warehouse: Warehouse, bars: Bars) -> None:
    assert spelled().hash == respelled().hash
    study = search(warehouse, bars, spelled())
    search(warehouse, bars, respelled())
    assert facts(warehouse, study).trials == TRIALS


MORE: dict[str, tuple[dict[str, Any], int]] = {
    "a cost of almost nothing": ({"execution": hl.Execution(fee_bps=1e-300)}, TRIALS),
    "a size of almost everything": ({"risk": hl.FixedFraction(1 - 1e-15)}, TRIALS),
    "a space that reaches further": ({"space": SPACE | {"slow": hl.ints(20, 27)}}, 6 * 2),
}


@pytest.mark.parametrize("name", MORE)
def test_what_differs_by_almost_nothing_counts_no_less(
    warehouse: Warehouse, bars: Bars, name: str
) -> None:
    study = search(warehouse, bars)
    honest = facts(warehouse, study)
    given, more = MORE[name]
    search(warehouse, bars, **given)
    found = facts(warehouse, study)
    assert found.trials == honest.trials + more
    assert found.sharpe_variance is not None
    assert honest.sharpe_variance is not None
    assert found.sharpe_variance >= honest.sharpe_variance


def test_padding_with_copies_of_the_best_lowers_no_spread(warehouse: Warehouse, bars: Bars) -> None:
    study = search(warehouse, bars)
    honest = facts(warehouse, study)
    assert study.best is not None
    best = {name: [value] for name, value in study.best.params.items()}
    for number in range(1, 20):
        search(warehouse, bars, space=best, execution=hl.Execution(fee_bps=number * 1e-300))
    found = facts(warehouse, study)
    assert found.trials == honest.trials + 19
    assert found.sharpe_variance is not None
    assert honest.sharpe_variance is not None
    assert found.sharpe_variance >= honest.sharpe_variance


def test_a_small_search_after_many_runs_by_hand_hides_no_spread(
    warehouse: Warehouse, bars: Bars
) -> None:
    part = search(warehouse, bars, space={"fast": [4], "slow": [20, 21]})
    small = facts(warehouse, part)
    sharpes = [
        hl.backtest(
            part.search_bars, dual_sma(), params={"fast": fast, "slow": slow}, warehouse=warehouse
        ).metrics.sharpe_per_period
        for fast in range(4, 10)
        for slow in range(20, 26)
    ]
    found = facts(warehouse, part)
    assert found.trials == TRIALS
    assert found.sharpe_variance is not None
    assert small.sharpe_variance is not None
    assert found.sharpe_variance >= small.sharpe_variance
    assert found.sharpe_variance == pytest.approx(np.var(np.array(sharpes, dtype=float), ddof=1))


STUDY = "(SELECT study_id FROM studies ORDER BY created_at LIMIT 1)"

ELSEWHERE = "(SELECT root FROM lineages WHERE symbol = 'ELSE')"

DELETIONS: dict[str, tuple[str, ...]] = {
    "its row": (
        f"DELETE FROM shards WHERE study_id = {STUDY}",
        f"DELETE FROM studies WHERE study_id = {STUDY}",
    ),
    "its shards": (f"DELETE FROM shards WHERE study_id = {STUDY}",),
    "its parts": (f"UPDATE parts SET state = 'dead' WHERE study_id = {STUDY}",),
    "its parts' rows": (f"DELETE FROM parts WHERE study_id = {STUDY}",),
    "all of it": (
        f"DELETE FROM parts WHERE study_id = {STUDY}",
        f"DELETE FROM shards WHERE study_id = {STUDY}",
        f"DELETE FROM studies WHERE study_id = {STUDY}",
    ),
    "all of it and its link": (
        f"DELETE FROM parts WHERE study_id = {STUDY}",
        f"DELETE FROM shards WHERE study_id = {STUDY}",
        "DELETE FROM chain WHERE kind = 'study'",
        f"DELETE FROM studies WHERE study_id = {STUDY}",
    ),
    "its lineage": (f"UPDATE studies SET lineage_root = {ELSEWHERE} WHERE study_id = {STUDY}",),
    "what it saw": (f"UPDATE studies SET last_ts = first_ts WHERE study_id = {STUDY}",),
    "that it saw anything": (
        f"UPDATE studies SET first_ts = NULL, last_ts = NULL WHERE study_id = {STUDY}",
    ),
}


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("what", DELETIONS)
def test_a_study_that_was_deleted_by_hand_is_missed(
    warehouse: Warehouse, bars: Bars, what: str, alone: bool
) -> None:
    study = search(warehouse, bars)
    other = None if alone else search(warehouse, bars, objective="cagr")
    columns = {name: values * 1.5 for name, values in bars.columns.items()}
    warehouse.lineage_root(Bars("ELSE", "1d", bars.calendar, bars.ts, columns))
    assert warehouse.verify().ok
    parts = list((warehouse.home / "warehouse" / "parts").iterdir())
    change(warehouse, *DELETIONS[what])
    warehouse.close()
    assert is_noticed(warehouse.home)
    if what in {"what it saw", "that it saw anything"}:
        assert facts(warehouse, study).trials == TRIALS
    else:
        with pytest.raises(IntegrityError, match="bring the database"):
            facts(warehouse, study)
        if other is not None:  # what the deletion is for
            with pytest.raises(IntegrityError, match="bring the database"):
                hl.promote(other, name="cheat", profile="demo")
    for part in parts:  # and the files with it
        part.unlink()
    assert is_noticed(warehouse.home)
    assert study.total == TRIALS


def is_noticed(home: Path) -> bool:
    """Whether a home is not even opened, or opened and not found in order."""
    warehouse = hl.Warehouse(home)
    try:
        return not warehouse.verify().ok
    except IntegrityError:
        return True


RUNS: dict[str, str] = {
    "a row": "DELETE FROM small_trials WHERE trial_index = 1",
    "what it saw": "UPDATE small_trials SET last_ts = first_ts",
    "that it saw anything": "UPDATE small_trials SET last_ts = NULL, purpose = NULL",
    "which bars": "UPDATE small_trials SET fingerprint = 'x'",
    "what it was for": "UPDATE small_trials SET purpose = 'gate'",
}


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize("what", RUNS)
def test_a_run_that_was_changed_by_hand_is_found(
    warehouse: Warehouse, bars: Bars, what: str, moved: bool
) -> None:
    for fast in (4, 5, 6):
        hl.backtest(bars, dual_sma(), params={"fast": fast, "slow": 20}, warehouse=warehouse)
    warehouse.flush()
    if moved:
        warehouse.compact()
    assert warehouse.verify().ok
    change(warehouse, RUNS[what])
    assert not warehouse.verify().ok
    root = warehouse.lineage_root(bars)
    if what == "a row":
        with pytest.raises(IntegrityError, match="2 single backtests; 3 were recorded"):
            warehouse.trial_count(root)
    else:
        assert warehouse.trial_count(root) == 3


def test_there_is_no_way_to_delete() -> None:
    verbs = ("delete", "remove", "drop", "forget", "clear", "reset", "purge")
    assert [name for name in dir(hl.Warehouse) if name.lower().startswith(verbs)] == []


PEEK = """
import os, signal, sys
import hyprl_lab as hl
from hyprl_lab.strategy.builtin import dual_sma

warehouse, bars = hl.Warehouse(sys.argv[1]), hl.load_bars("TEST")
how, fast = sys.argv[2], int(sys.argv[3])
params = {"fast": fast, "slow": 20}
if how == "backtest":
    result = hl.backtest(bars, dual_sma(), params=params, warehouse=warehouse)
elif how == "low level":
    from hyprl_lab.engine.supercalc import prepare_supercalc_dataset, run_backtest_native
    from hyprl_lab.research.supercalc import LedgerSink
    dataset = prepare_supercalc_dataset(bars, dual_sma(), sink=LedgerSink(warehouse))
    result = run_backtest_native(dataset, params)
elif how == "fork":
    hl.backtest(bars, dual_sma(), params={"fast": 40, "slow": 60}, warehouse=warehouse)
    if os.fork():
        os.wait()
        os.kill(os.getpid(), signal.SIGKILL)
    result = hl.backtest(bars, dual_sma(), params=params, warehouse=warehouse)
elif how == "loop":
    for number in range(fast):
        result = hl.backtest(
            bars, dual_sma(), params={"fast": 2 + number % 40, "slow": 50 + number // 40},
            warehouse=warehouse)
elif how == "searched":
    result = hl.supersearch(
        bars, dual_sma(), {"fast": [fast], "slow": [20]}, holdout=0.0, warehouse=warehouse
    ).best
elif how == "batch":
    import numpy as np
    from hyprl_lab.engine.supercalc import prepare_supercalc_dataset, run_native_search_batch
    from hyprl_lab.research.supercalc import LedgerSink
    dataset = prepare_supercalc_dataset(bars, dual_sma(), sink=LedgerSink(warehouse))
    columns = {"fast": np.array([float(fast)]), "slow": np.array([20.0])}
    result = run_native_search_batch(dataset, columns)
elif how == "submit":
    result = hl.runs.submit(bars, dual_sma(), params=params, warehouse=warehouse)
elif how == "gate":
    from hyprl_lab.research.holdout import open_holdout
    study = hl.supersearch(
        bars, dual_sma(), {"fast": [4], "slow": [20]}, holdout=0.2, warehouse=warehouse)
    result = open_holdout(study, params=params).result
os.write(1, b"seen\\n" if result is not None else b"nothing\\n")
os.kill(os.getpid(), signal.SIGKILL)
"""


def peek(tmp_path: Path, home: Path, how: str, number: int = 7) -> None:
    script = tmp_path / "peek.py"
    script.write_text(PEEK)
    command = [sys.executable, str(script), str(home), how, str(number)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (-signal.SIGKILL, "seen\n"), ran.stderr


def whole_start(bars: Bars) -> int:
    return int(bars.ts[int(len(bars) * 0.8)])


@pytest.mark.parametrize(
    ("how", "runs", "openings", "searches"),
    [
        *(("backtest", 1, 0, 0), ("low level", 1, 0, 0), ("fork", 2, 0, 0), ("submit", 1, 0, 0)),
        *(("searched", 0, 0, 1), ("batch", 0, 0, 1), ("gate", 0, 1, 0)),
    ],
)
def test_a_peek_counts_though_its_process_was_killed(
    tmp_path: Path, bars: Bars, how: str, runs: int, openings: int, searches: int
) -> None:
    home = tmp_path / "home"
    peek(tmp_path, home, how)
    warehouse = hl.Warehouse(home)
    root = warehouse.lineage_root(bars)
    seen = looks_at(warehouse, root, whole_start(bars), strategy_hash=dual_sma().hash)
    assert (seen.runs, seen.openings, seen.searches) == (runs, openings, searches)
    expected = {"fork": 2, "gate": 2}.get(how, 1)
    assert warehouse.trial_count(root) == expected
    assert warehouse.verify().findings == ()
    warehouse.close()


STOPPED = """
import os, signal, sys
import hyprl_lab as hl
from hyprl_lab.strategy.builtin import dual_sma

warehouse, bars = hl.Warehouse(sys.argv[1]), hl.load_bars("TEST")
warehouse.lineage_root(bars)
for fast in (7, 8):
    hl.backtest(bars, dual_sma(), params={"fast": fast, "slow": 20}, warehouse=warehouse)
os.write(1, b"seen\\n")
os.kill(os.getpid(), signal.SIGSTOP)
hl.backtest(bars, dual_sma(), params={"fast": 9, "slow": 20}, warehouse=warehouse)
warehouse.close()
os.write(1, b"end\\n")
"""


def test_a_peek_counts_while_its_process_is_stopped(tmp_path: Path, bars: Bars) -> None:
    home, script = tmp_path / "home", tmp_path / "stopped.py"
    script.write_text(STOPPED)
    command = [sys.executable, str(script), str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "seen\n"
        os.waitid(os.P_PID, running.pid, os.WSTOPPED | os.WNOWAIT)
        warehouse = hl.Warehouse(home)
        root = warehouse.lineage_root(bars)
        try:
            assert warehouse.trial_count(root) == 2
            seen = looks_at(warehouse, root, whole_start(bars), strategy_hash=dual_sma().hash)
            assert (seen.runs, len(seen.run_rows)) == (2, 2)
        finally:
            running.send_signal(signal.SIGCONT)
        assert running.stdout.readline() == "end\n"
        assert running.wait() == 0
    assert warehouse.trial_count(root) == 3
    seen = looks_at(warehouse, root, whole_start(bars), strategy_hash=dual_sma().hash)
    assert (seen.runs, len(seen.run_rows)) == (3, 3)
    assert warehouse.verify().findings == ()
    warehouse.close()


def test_many_peeks_and_kills_are_all_counted(tmp_path: Path, bars: Bars) -> None:
    home = tmp_path / "home"
    for number in range(4, 16):
        peek(tmp_path, home, "backtest", number)
    warehouse = hl.Warehouse(home)
    root = warehouse.lineage_root(bars)
    assert warehouse.trial_count(root) == 12
    seen = looks_at(warehouse, root, whole_start(bars), strategy_hash=dual_sma().hash)
    assert (seen.runs, len(seen.run_rows)) == (12, 12)
    peek(tmp_path, home, "backtest", 4)
    assert warehouse.trial_count(root) == 12
    seen = looks_at(warehouse, root, whole_start(bars), strategy_hash=dual_sma().hash)
    assert (seen.runs, len(seen.run_rows)) == (13, 12)
    assert warehouse.verify().findings == ()
    warehouse.close()


def test_a_kill_in_a_long_loop_loses_and_doubles_nothing(tmp_path: Path, bars: Bars) -> None:
    home = tmp_path / "home"
    peek(tmp_path, home, "loop", 1_500)  # batches are committed meanwhile
    warehouse = hl.Warehouse(home)
    root = warehouse.lineage_root(bars)
    assert warehouse.trial_count(root) == 1_500
    assert int(warehouse.sql("select sum(looks) as n from backtests")["n"].iloc[0]) == 1_500
    assert warehouse.verify().findings == ()
    warehouse.close()


AT_RANDOM = """
import sys
import hyprl_lab as hl
from hyprl_lab.strategy.builtin import dual_sma

warehouse, bars = hl.Warehouse(sys.argv[1]), hl.load_bars("TEST")
for number in range(100_000):
    params = {"fast": 2 + number % 40, "slow": 50 + (number // 40 + int(sys.argv[2])) % 250}
    hl.backtest(bars, dual_sma(), params=params, warehouse=warehouse)
    print(number, flush=True)
"""


@pytest.mark.parametrize("kills", [3, pytest.param(25, marks=pytest.mark.slow)])
def test_kills_at_random_moments_lose_and_double_nothing(
    tmp_path: Path, bars: Bars, kills: int
) -> None:
    home, script = tmp_path / "home", tmp_path / "loop.py"
    script.write_text(AT_RANDOM)
    rng = np.random.default_rng(7)
    shown = made = 0
    for number in range(kills):
        command = [sys.executable, str(script), str(home), str(number * 10)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            assert running.stdout.readline() == "0\n"
            time.sleep(float(rng.uniform(0.05, 1.2)))
            running.kill()
            last = [line for line in running.stdout.read().splitlines() if line]
        lines = 1 + len(last)
        shown, made = shown + lines, made + lines + 1  # one more may have been recorded
    warehouse = hl.Warehouse(home)
    root = warehouse.lineage_root(bars)
    looks = int(warehouse.sql("select sum(looks) as n from backtests")["n"].iloc[0])
    assert shown <= looks <= made
    assert warehouse.trial_count(root) <= looks
    assert warehouse.verify().findings == ()
    warehouse.close()


def test_a_home_that_can_not_be_written_shows_nothing(
    warehouse: Warehouse, bars: Bars, monkeypatch: pytest.MonkeyPatch, database: Chosen
) -> None:
    warehouse.lineage_root(bars)
    folder = warehouse.home / "warehouse" / "pending_trials"
    folder.write_text("in the way")  # root may write anywhere, so a mode would not do
    given: dict[str, Any] = {"params": {"fast": 5, "slow": 20}, "warehouse": warehouse}
    hl.backtest(bars, dual_sma(), **given)
    assert warehouse.waiting == 0  # committed before it was shown
    with monkeypatch.context() as patch:
        patch.setattr(type(warehouse.control), "write", refused)
        with pytest.raises(LabError, match="no space"):
            hl.backtest(bars, dual_sma(), **given)
    assert warehouse.waiting == 1
    folder.unlink()
    assert warehouse.trial_count(warehouse.lineage_root(bars)) == 1
    assert database.backend == warehouse.control.backend


def refused(_: object) -> Any:
    raise WarehouseError("no space")
