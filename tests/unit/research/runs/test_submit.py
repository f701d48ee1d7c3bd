"""A submission is computed once, counted once, and says how it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

import hyprl_lab as hl
from hyprl_lab.engine import engine_version
from hyprl_lab.research.runs.submit import submit
from hyprl_lab.store.runs.run_state import RunHeldError, RunKey, Submitted
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hyprl_lab.store import Warehouse
    from hyprl_lab.types import Progress

PARAMS = {"fast": 5, "slow": 20}


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    opened = hl.Warehouse(tmp_path / "home")
    yield opened
    opened.close()


def given(warehouse: Warehouse, **change: Any) -> Any:
    bars = change.pop("bars", None) or hl.load_bars("TEST")
    return submit(bars, dual_sma(), **{"params": PARAMS, "warehouse": warehouse} | change)


def kinds(warehouse: Warehouse, run_hash: str) -> list[str]:
    states = warehouse.run_states
    found = states.events(states.newest(run_hash).key).events
    assert [event.seq for event in found] == list(range(1, len(found) + 1))
    return [event.kind for event in found]


def looks(warehouse: Warehouse) -> list[int]:
    found: list[int] = warehouse.sql("SELECT looks FROM backtests")["looks"].tolist()
    return found


@pytest.mark.parametrize("engine", ["native", "python"])
def test_a_submission_is_the_run_that_a_backtest_would_store(
    warehouse: Warehouse, engine: str
) -> None:
    settings = {
        "risk": hl.FixedFraction(0.5), "execution": hl.Execution(fee_bps=3.0), "cash": 500,
        "period": ("2019-01-01", None), "seed": 7, "periods_per_year": 300, "engine": engine,
    }  # fmt: skip
    run = given(warehouse, **settings)
    result = hl.backtest(
        hl.load_bars("TEST"), dual_sma(), params=PARAMS, record=False, warehouse=warehouse,
        **settings,
    )  # fmt: skip
    assert (run.run_hash, run.engine) == (result.run_hash, engine)
    assert run.engine_version == result.engine_version
    assert run.config == result.config
    assert run.equity().tolist() == result.equity.tolist()
    assert kinds(warehouse, run.run_hash)[:2] == ["queued", "running"]
    assert kinds(warehouse, run.run_hash)[-1] == "completed"
    state = warehouse.run_states.newest(run.run_hash)
    assert (state.state, state.attempt, state.config) == ("completed", 1, run.config)
    files = {
        event.body["file"]
        for event in warehouse.run_states.events(state.key).events
        if event.kind == "artifact"
    }
    assert {"config.json", "metrics.json", "trades.parquet", "equity.parquet"} <= files
    assert warehouse.get_bars(run.fingerprint) == hl.load_bars("TEST")


def test_it_is_computed_and_counted_once(warehouse: Warehouse) -> None:
    run = given(warehouse)
    assert given(warehouse) == run
    assert given(warehouse, retry=True) == run
    assert len(warehouse.list_runs()) == 1
    assert looks(warehouse) == [1]
    assert warehouse.trial_count(run.lineage_root) == 1
    assert kinds(warehouse, run.run_hash).count("running") == 1


def test_what_was_saved_otherwise_is_returned_as_it_is(warehouse: Warehouse) -> None:
    result = hl.backtest(hl.load_bars("TEST"), dual_sma(), params=PARAMS, warehouse=warehouse)
    result.save()
    run = given(warehouse)
    assert run == warehouse.get_run(result.run_hash)
    assert looks(warehouse) == [1]
    assert "running" not in kinds(warehouse, run.run_hash)


def test_each_engine_computes_its_own_run(warehouse: Warehouse) -> None:
    runs = [given(warehouse, engine=engine) for engine in ("native", "python")]
    assert runs[0].run_hash == runs[1].run_hash
    assert [run.engine for run in runs] == ["native", "python"]
    assert len(warehouse.list_runs()) == 2


def test_a_strategy_class_is_submitted_with_its_signals(warehouse: Warehouse) -> None:
    class Monday:
        def get_params_config(self) -> Any:
            return {}

        def generate_signals(self, bars: Any) -> Any:
            monday = bars.to_pandas().index.day_of_week == 0
            return {"long_entry": monday, "long_exit": ~monday}

    bars = hl.load_bars("TEST")
    run = submit(bars, Monday(), warehouse=warehouse)
    assert submit(bars, Monday(), warehouse=warehouse) == run
    result = hl.backtest(bars, Monday(), warehouse=warehouse)
    assert run.run_hash == result.run_hash
    assert looks(warehouse) == [2]


def test_a_failure_is_raised_kept_in_words_and_tried_again_on_request(
    warehouse: Warehouse,
) -> None:
    bars = hl.load_bars("TEST").take(0, 25)
    change = {"bars": bars, "params": {"fast": 5, "slow": 30}}
    with pytest.raises(hl.errors.StrategyError, match="window is 30"):
        given(warehouse, **change)
    (state,) = warehouse.run_states.list()
    assert state.state == "failed"
    assert state.error is not None
    assert state.error.startswith("StrategyError: ")
    assert "window is 30" in state.error
    with pytest.raises(hl.errors.WarehouseError, match=r"failed: StrategyError.*retry=True"):
        given(warehouse, **change)
    with pytest.raises(hl.errors.StrategyError, match="window is 30"):
        given(warehouse, **change, retry=True)
    expected = ["queued", "running", "failed"]
    assert kinds(warehouse, state.run_hash) == expected * 2
    assert warehouse.sql("SELECT DISTINCT state FROM trials")["state"].tolist() == ["failed"]
    assert warehouse.list_runs() == []


def test_an_error_of_any_kind_leaves_no_run_behind_as_running(warehouse: Warehouse) -> None:
    def broken(_step: Progress) -> None:
        raise ZeroDivisionError("in the caller's own progress")

    with pytest.raises(ZeroDivisionError):
        given(warehouse, progress=broken)
    (state,) = warehouse.run_states.list()
    assert (state.state, state.error) == (
        "failed", "ZeroDivisionError: in the caller's own progress",
    )  # fmt: skip
    assert given(warehouse, retry=True).run_hash == state.run_hash


@pytest.mark.sqlite_only
def test_an_end_that_can_not_be_recorded_is_noted_and_holds_nothing_up(
    warehouse: Warehouse,
) -> None:
    path = warehouse.home / "warehouse" / "control.sqlite"
    aside = path.with_name("aside")

    def broken(_step: Progress) -> None:
        path.rename(aside)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        given(warehouse, progress=broken)
    assert "could not be recorded" in caught.value.__notes__[0]
    aside.rename(path)
    (state,) = warehouse.run_states.list()
    assert state.state == "running"
    assert given(warehouse).run_hash == state.run_hash
    assert warehouse.run_states.newest(state.run_hash).attempt == 2


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"params": {"fast": 5}}, "missing"),
        ({"risk": "all"}, "risk is 'all'"),
        ({"engine": "abacus"}, "abacus"),
        ({"cash": -1}, "cash"),
        ({"seed": -1}, "seed"),
        ({"periods_per_year": 0}, "periods_per_year"),
        ({"period": ("2090-01-01", None)}, "no bar opens"),
        ({"retry": 1}, "retry=1; expected True or False"),
        ({"wait": None}, "wait=None; expected True or False"),
        ({"cancel": 3}, "cancel=3"),
    ],
)
def test_what_can_not_be_a_run_leaves_no_trace(
    warehouse: Warehouse, change: dict[str, Any], error: str
) -> None:
    with pytest.raises(hl.errors.InputError, match=error):
        given(warehouse, **change)
    assert warehouse.run_states.list() == []
    assert looks(warehouse) == []


def test_a_token_that_is_set_before_queues_nothing(warehouse: Warehouse) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(hl.errors.CancelledError):
        given(warehouse, cancel=stop)
    assert warehouse.run_states.list() == []


def test_a_token_that_is_set_on_the_way_cancels_the_run(warehouse: Warehouse) -> None:
    stop = threading.Event()
    with pytest.raises(hl.errors.CancelledError):
        given(warehouse, cancel=stop, progress=lambda _step: stop.set())
    (state,) = warehouse.run_states.list()
    assert (state.state, state.owner) == ("cancelled", None)
    assert kinds(warehouse, state.run_hash) == ["queued", "running", "cancelled"]
    assert looks(warehouse) == []
    with pytest.raises(hl.errors.CancelledError, match="was cancelled; submit it with retry=True"):
        given(warehouse)
    assert given(warehouse, retry=True).run_hash == state.run_hash


def test_cancelling_from_elsewhere_stops_the_one_at_work(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[submit.__module__], "_TELL_SECONDS", 0.0)
    states = warehouse.run_states

    def elsewhere(_step: Progress) -> None:
        (running,) = states.list("running")
        states.cancel(running.key)

    with pytest.raises(hl.errors.CancelledError, match="was cancelled"):
        given(warehouse, progress=elsewhere)
    assert warehouse.list_runs() == []


def test_progress_becomes_events_a_few_times_a_second(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules[submit.__module__]
    told: list[Progress] = []
    run = given(warehouse, engine="python", progress=told.append)
    assert told[-1].done == told[-1].total == len(hl.load_bars("TEST"))
    quick = kinds(warehouse, run.run_hash).count("progress")
    assert quick <= 1 + told[-1].seconds / module._TELL_SECONDS
    monkeypatch.setattr(module, "_TELL_SECONDS", 0.0)
    again = given(warehouse, engine="python", seed=1, progress=told.append)
    states = warehouse.run_states
    events = states.events(states.newest(again.run_hash).key).events
    steps = [event.body for event in events if event.kind == "progress"]
    assert steps[-1] == {"attempt": 1, "done": told[-1].done, "total": told[-1].total}
    assert [step["done"] for step in steps] == sorted(step["done"] for step in steps)


def held(warehouse: Warehouse) -> tuple[RunKey, Any]:
    """The run of `given`, as another thread at work on it has it."""
    result = hl.backtest(
        hl.load_bars("TEST"), dual_sma(), params=PARAMS, record=False, warehouse=warehouse
    )
    state = warehouse.run_states.submit(
        Submitted(
            run_hash=result.run_hash, engine="native", engine_version=engine_version("native"),
            config=result.config, symbol="TEST", timeframe="1d", fingerprint="f",
            strategy_hash="h", strategy_name="n",
        )
    )  # fmt: skip
    return state.key, warehouse.run_states.start(state.key)


def test_who_waits_sees_the_other_s_progress_and_gets_its_run(warehouse: Warehouse) -> None:
    key, attempt = held(warehouse)
    told: list[Progress] = []
    found: list[Any] = []
    waiter = threading.Thread(target=lambda: found.append(given(warehouse, progress=told.append)))
    waiter.start()
    states = warehouse.run_states
    for done in (10, 20):
        states.progress(attempt, done, 99)
    time.sleep(0.1)
    assert found == []
    hl.backtest(hl.load_bars("TEST"), dual_sma(), params=PARAMS, warehouse=warehouse).save()
    waiter.join(30)
    assert [run.run_hash for run in found] == [key.run_hash]
    assert {(step.done, step.total) for step in told} <= {(10, 99), (20, 99)}
    assert kinds(warehouse, key.run_hash).count("running") == 1


def test_who_waits_learns_of_the_other_s_failure(warehouse: Warehouse) -> None:
    _key, attempt = held(warehouse)
    timer = threading.Timer(0.2, lambda: warehouse.run_states.fail(attempt, "the other's words"))
    timer.start()
    with pytest.raises(hl.errors.WarehouseError, match="failed: the other's words"):
        given(warehouse)
    timer.join()


def test_nobody_has_to_wait(warehouse: Warehouse) -> None:
    key, _attempt = held(warehouse)
    with pytest.raises(RunHeldError, match=f"being computed by process {os.getpid()}"):
        given(warehouse, wait=False)
    stop = threading.Event()
    timer = threading.Timer(0.1, stop.set)
    timer.start()
    with pytest.raises(hl.errors.CancelledError, match="stopped waiting"):
        given(warehouse, cancel=stop)
    timer.join()
    assert warehouse.run_states.get(key).state == "running"


INTERRUPTED = """
import sys, time
import hyprl_lab as hl
from hyprl_lab.research.runs.submit import submit
from hyprl_lab.strategy.builtin import dual_sma
def slow(step):
    print("under way", flush=True)
    time.sleep(30)
submit(hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20},
       warehouse=hl.Warehouse(sys.argv[1]), progress=slow)
"""


def test_ctrl_c_cancels_the_run(warehouse: Warehouse) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(warehouse.home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "under way\n"
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=30)
    assert "KeyboardInterrupt" in said
    (state,) = warehouse.run_states.list()
    assert state.state == "cancelled"
    assert given(warehouse, retry=True).run_hash == state.run_hash
