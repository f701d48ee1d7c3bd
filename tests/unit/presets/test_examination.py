from __future__ import annotations

from pathlib import Path

import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.presets.examination import Examined, examine
from hyprl_lab.presets.gate import GateCheck
from hyprl_lab.research.recording import backtest
from hyprl_lab.research.search import supersearch
from hyprl_lab.research.study import Study
from hyprl_lab.research.validation.asking import Asking
from hyprl_lab.research.validation.settings import Settings
from hyprl_lab.research.validation.subject import subject_of
from hyprl_lab.research.validation.validator import validate
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

FEW = Settings(windows=2, resamples=50, permutations=19, walk_forward_permutations=9)


def check(metric: str, operator: str, threshold: float, *, required: bool = True) -> GateCheck:
    return GateCheck(
        name=metric,
        metric=metric,
        operator=operator,  # type: ignore[arg-type]
        threshold=threshold,
        required=required,
    )


EASY = (
    check("trades", ">=", 1),
    check("holdout_looks", "<=", 1),
    check("holdout_searches", "<=", 0),
    check("bootstrap_drawdown_95", "<=", 1.0),
)
FALSE = check("profit_factor", ">=", 1e9)
LAST = (check("holdout_sharpe", ">", -100.0), check("holdout_sharpe_ratio", ">=", -100.0))


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return search(tmp_path)


def search(home: Path, **settings: object) -> Study:
    return supersearch(
        load_bars("TEST"),
        dual_sma(),
        {"fast": [2, 3], "slow": [5, 6]},
        warehouse=Warehouse(home),
        progress=False,
        **settings,  # type: ignore[arg-type]
    )


def examined(study: Study, *checks: GateCheck, stop_early: bool = True) -> Examined:
    asking = Asking(subject=subject_of(study), settings=FEW)
    return examine(asking, checks, stop_early=stop_early)


def value_of(found: Examined, metric: str) -> object:
    return next(row.value for row in found.rows if row.metric == metric)


def looks(study: Study) -> tuple[int, int]:
    rows = study.warehouse.sql("select purpose, looks from backtests")
    return tuple(
        int(rows["looks"][rows["purpose"] == purpose].sum()) for purpose in ("run", "gate")
    )  # type: ignore[return-value]


def test_checks_are_asked_in_their_order_until_one_fails(study: Study) -> None:
    found = examined(study, *EASY, FALSE, check("spa_p_value", "<=", 1.0))
    assert found.validation.settings["checks"] == ["psr", "bootstrap"]
    assert set(found.validation.evidence) == {"bootstrap"}
    assert [row.metric for row in found.rows][-1] == "spa_p_value"
    assert found.rows[-1].reason == "not asked: profit_factor failed before it"
    assert [row.passed for row in found.rows] == [True] * 4 + [False] * 2


def test_a_warning_stops_nothing(study: Study) -> None:
    warned = check("profit_factor", ">=", 1e9, required=False)
    found = examined(study, warned, check("spa_p_value", "<=", 1.0))
    assert [row.passed for row in found.rows] == [False, True]


def test_all_are_asked_where_nothing_stops_early(study: Study) -> None:
    found = examined(study, FALSE, check("spa_p_value", "<=", 1.0), *LAST, stop_early=False)
    assert value_of(found, "spa_p_value") is not None
    assert [row.reason for row in found.rows][2:] == [
        "the holdout stays closed: profit_factor failed before it"
    ] * 2
    assert looks(study) == (0, 0)


def test_what_follows_from_the_ledger_alone_is_always_told(study: Study) -> None:
    found = examined(study, FALSE, check("deflated_sharpe_ratio", ">=", 0.0))
    assert value_of(found, "deflated_sharpe_ratio") is not None


def test_the_holdout_is_opened_last_once_and_by_its_own_run(study: Study) -> None:
    found = examined(study, *LAST, *EASY)  # wherever it stands
    assert all(row.passed for row in found.rows)
    assert looks(study) == (0, 1)
    assert found.holdout is not None
    assert found.holdout.openings == 1
    assert study.best is not None
    chosen = backtest(
        study.bars,
        study.strategy,
        params=study.best.params,
        period=(study.holdout_start, None),
        record=False,
    )
    assert found.holdout.run_hash == chosen.run_hash
    assert value_of(found, "holdout_sharpe") == pytest.approx(chosen.metrics.sharpe, rel=1e-12)
    outside = found.validation.row("walk_forward_sharpe").value
    assert value_of(found, "holdout_sharpe_ratio") == pytest.approx(
        chosen.metrics.sharpe / outside, rel=1e-12
    )
    again = examined(study, *LAST, *EASY)
    assert (again.rows, again.holdout) == (found.rows, found.holdout)
    assert again.validation.hash == found.validation.hash
    assert looks(study) == (0, 1)  # what was opened is kept


def test_looks_before_the_gate_are_counted_and_refuse(study: Study) -> None:
    assert study.best is not None
    for slow in (5, 6):  # two more sets of the same strategy, on all bars
        backtest(study.bars, study.strategy, params={"fast": 4, "slow": slow},
                 warehouse=study.warehouse)  # fmt: skip
    found = examined(study, *EASY, *LAST)
    assert value_of(found, "holdout_looks") == 2
    assert value_of(found, "holdout_sharpe") is None
    assert looks(study) == (2, 0)


def test_a_search_that_saw_it_refuses(tmp_path: Path) -> None:
    study = search(tmp_path)
    search(tmp_path, holdout=0.0)
    found = examined(study, *EASY, *LAST)
    assert value_of(found, "holdout_searches") == 1
    assert value_of(found, "holdout_sharpe") is None
    assert looks(study) == (0, 0)


def test_an_opening_for_another_choice_is_a_look(tmp_path: Path) -> None:
    first = search(tmp_path)
    assert examined(first, *EASY, *LAST).holdout is not None
    second = search(tmp_path, objective="-max_drawdown", seed=1)
    found = examined(second, *EASY, *LAST)
    assert value_of(found, "holdout_looks") == 1  # the limit here
    assert value_of(found, "holdout_sharpe") is not None
    third = search(tmp_path, objective="profit_factor", seed=2)
    found = examined(third, *EASY, *LAST)
    assert value_of(found, "holdout_looks") == 2
    assert value_of(found, "holdout_sharpe") is None


def test_a_look_that_was_cut_off_before_its_verdict_counts(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(study.warehouse), "remember", killed)
        with pytest.raises(KeyboardInterrupt):
            examined(study, check("trades", ">=", 1), *LAST[:1])
    assert looks(study) == (0, 1)
    found = examined(study, *EASY, *LAST)
    assert value_of(found, "holdout_looks") == 1
    assert found.holdout is not None
    assert found.holdout.openings == 2


def test_without_a_holdout_there_is_nothing_to_open(tmp_path: Path) -> None:
    whole = search(tmp_path, holdout=0.0)
    found = examined(whole, *LAST)
    assert found.holdout is None
    assert {row.reason for row in found.rows} == {
        "the study held nothing out (holdout=0); search again with holdout=0.2"
    }
    run = backtest(
        load_bars("TEST"), dual_sma(), params={"fast": 2, "slow": 5}, warehouse=Warehouse(tmp_path)
    )
    single = examine(Asking(subject=subject_of(run), settings=FEW), LAST, stop_early=True)
    assert {row.reason for row in single.rows} == {
        "a single run reserves no holdout; promote the study"
    }


def test_trials_of_the_checks_count_in_all_rows(study: Study) -> None:
    found = examined(
        study, check("deflated_sharpe_ratio", ">=", 0.0), check("walk_forward_efficiency", ">=", -9)
    )
    now = study.warehouse.trial_count(study.lineage_root)
    assert found.validation.ledger.trials == now
    later = validate(study, checks=["dsr"]).row("deflated_sharpe_ratio").value
    assert value_of(found, "deflated_sharpe_ratio") == later


def test_looks_that_others_take_while_it_computes_count(study: Study) -> None:
    """What takes minutes gives a colleague the time to look."""
    looked: list[str] = []

    def colleague(_told: object) -> None:
        if not looked:
            looked.append("once")
            for slow in (7, 8):
                backtest(study.bars, study.strategy, params={"fast": 4, "slow": slow},
                         warehouse=study.warehouse)  # fmt: skip

    asking = Asking(subject=subject_of(study), settings=FEW, progress=colleague)
    found = examine(asking, (*EASY, *LAST), stop_early=True)
    assert looked == ["once"]
    assert value_of(found, "holdout_looks") == 2
    assert value_of(found, "holdout_sharpe") is None
    assert looks(study) == (2, 0)


def test_an_opening_changes_no_number_of_trials(study: Study) -> None:
    """The choice was counted when it was searched, so a gate's own look refuses nothing later."""
    before = examined(study, check("walk_forward_efficiency", ">=", -9))
    found = examined(study, *EASY, *LAST)
    assert looks(study) == (0, 1)
    assert found.validation.ledger == before.validation.ledger
    assert study.warehouse.trial_count(study.lineage_root) == before.validation.ledger.trials
