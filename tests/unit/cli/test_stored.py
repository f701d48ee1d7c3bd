"""Studies and runs, found again by what people type."""

from __future__ import annotations

import dataclasses
import json
import threading
from typing import Any

import pytest

import hyprl_lab as hl
from hyprl_lab.cli.stored import one_row, run_from, study_from
from hyprl_lab.engine.supercalc import prepare_supercalc_dataset, run_native_search_batch
from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.strategy import builtin

SPACE = {"fast": [5, 10], "slow": [20, 30]}


def search(**options: Any) -> Any:
    return hl.supersearch(hl.load_bars("TEST"), builtin.dual_sma(), SPACE, **options)


def shards() -> int:
    return len(hl.warehouse.sql("select * from shards"))


def change(**changes: object) -> None:
    """Write another spec, as another lab would have."""
    warehouse = hl.warehouse.default()
    with warehouse.control.engine.connect() as connection, connection.begin():
        row = connection.exec_driver_sql("SELECT spec FROM studies").scalar_one()
        spec = json.dumps({**json.loads(row), **changes})
        connection.exec_driver_sql("UPDATE studies SET spec = ?", (spec,))


def test_a_study_is_read_and_not_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    made = search()

    def evaluated(*_: object, **__: object) -> None:
        raise AssertionError("a shard was evaluated")

    monkeypatch.setattr("hyprl_lab.kernels.search", evaluated)
    found = study_from(made.study_id[:8], None)
    assert (found.study_id, found.evaluated, found.complete) == (made.study_id, 0, True)
    assert found.holdout_start == made.holdout_start
    assert found.best.params == made.best.params
    assert len(found.trials()) == 4


@pytest.mark.parametrize(
    "options",
    [
        {"sampler": "random", "max_trials": 3, "seed": 7},
        {"sampler": "sobol", "max_trials": 3, "ledger": "summary"},
        {"sampler": "tpe", "max_trials": 3},
        {"halving": hl.Halving(factor=2, rungs=1)},
        {"objective": ["sharpe", "-max_drawdown"], "where": "fast < slow"},
        {"preset": "mine@1:ab", "constraints": ["trades >= 1"]},
        {"risk": hl.FixedFraction(0.5), "holdout": 0.0},
    ],
    ids=lambda options: next(iter(options)) + str(next(iter(options.values())))[:6],
)
def test_whatever_a_search_was_given_is_read_back(options: dict[str, Any]) -> None:
    made = search(**options)
    found = study_from(made.study_id, None)
    assert (found.study_id, found.evaluated, found.complete) == (made.study_id, 0, True)
    assert found.trials().equals(made.trials())
    assert found.top().equals(made.top())


def test_a_space_of_scales_conditions_and_settings_is_read_back() -> None:
    space = {
        "fast": hl.ints(2, 50, log=True),
        "slow": hl.choice([20, 60], when="fast < 20"),
        "execution.fee_bps": hl.floats(0, 10),
    }
    made = hl.supersearch(
        hl.load_bars("TEST"), builtin.dual_sma(), space, sampler="random", max_trials=9
    )
    found = study_from(made.study_id, None)
    assert (found.study_id, found.evaluated) == (made.study_id, 0)
    assert found.best.params == made.best.params


def test_calls_of_the_low_level_layer_are_no_search() -> None:
    dataset = prepare_supercalc_dataset(hl.load_bars("TEST"), builtin.dual_sma())
    batch = run_native_search_batch(dataset, {"fast": [5], "slow": [20]})
    with pytest.raises(InputError, match="is of kind supercalc: it counts calls"):
        study_from(str(batch.study_id), None)


def test_a_study_of_a_lab_that_knew_less_is_refused() -> None:
    study = search()
    warehouse = hl.warehouse.default()
    with warehouse.control.engine.connect() as connection, connection.begin():
        row = connection.exec_driver_sql("SELECT spec FROM studies").scalar_one()
        spec = {name: value for name, value in json.loads(row).items() if name != "halving"}
        connection.exec_driver_sql("UPDATE studies SET spec = ?", (json.dumps(spec),))
    with pytest.raises(InputError, match=r"by an older lab, without \['halving'\]"):
        study_from(study.study_id, None)


def test_an_incomplete_study_is_refused_and_left_alone() -> None:
    stopped = threading.Event()
    stopped.set()
    study = search(cancel=stopped)
    with pytest.raises(InputError, match="is incomplete; run the same search again"):
        study_from(study.study_id, None)
    assert shards() == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"engine_version": "9.9.9"}, r"another engine version: found 9\.9\.9, this lab has"),
        ({"semantics": 99}, "another semantics: found 99"),
        ({"strategy": {"nodes": []}}, "another strategy"),
    ],
)
def test_a_study_of_another_lab_is_refused(changes: dict[str, object], message: str) -> None:
    study = search()
    before = shards()
    change(**changes)
    with pytest.raises(InputError, match=message):
        study_from(study.study_id, None)
    assert shards() == before
    assert len(hl.warehouse.sql("select * from studies")) == 1


def test_a_study_cut_another_way_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    study = search()
    before = shards()
    monkeypatch.setattr("hyprl_lab.research.search.plan._SHARD_TRIALS", (1, 2))
    with pytest.raises(InputError, match="would be another study now"):
        study_from(study.study_id, None)
    assert shards() == before


def test_other_bars_are_refused() -> None:
    study = search()
    with pytest.raises(InputError, match="searched other bars of TEST"):
        study_from(study.study_id, "sp500")


def test_a_run_by_both_engines_is_one_hash() -> None:
    bars, strategy = hl.load_bars("TEST"), builtin.dual_sma()
    params = {"fast": 5, "slow": 20}
    for engine in ("native", "python"):
        run_hash = hl.backtest(bars, strategy, params=params, engine=engine).save()  # type: ignore[arg-type]
    assert one_row("runs", "run_hash", run_hash[:8])["engine"] == "python"
    assert run_from(run_hash[:8], None).run_hash == run_hash


def test_what_is_typed_is_checked() -> None:
    with pytest.raises(InputError, match="too short"):
        one_row("runs", "run_hash", "abc")
    with pytest.raises(NotFoundError, match="no run_hash starts with"):
        one_row("runs", "run_hash", "abcd")


def test_a_run_on_another_calendar_is_named() -> None:
    bars = dataclasses.replace(hl.load_bars("TEST"), calendar="XNYS")
    run_hash = hl.backtest(bars, builtin.dual_sma(), params={"fast": 5, "slow": 20}).save()
    with pytest.raises(InputError, match=r"with calendar XNYS; found 24/5.*--calendar XNYS"):
        run_from(run_hash, "TEST")
    assert run_from(run_hash, None).bars.calendar == "XNYS"  # its bars are kept
