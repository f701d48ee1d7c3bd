from __future__ import annotations

import json
import threading
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import run
from hyprl_lab.errors import CancelledError, InputError
from hyprl_lab.research import stats
from hyprl_lab.research.recording import backtest
from hyprl_lab.research.search import supersearch
from hyprl_lab.research.study import Study
from hyprl_lab.research.validation.checks import CHECKS
from hyprl_lab.research.validation.subject import headline_returns, subject_of
from hyprl_lab.research.validation.validator import validate
from hyprl_lab.research.walk_forward import walk_forward
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy import Strategy, close
from hyprl_lab.strategy.builtin import dual_sma

SPACE = {"fast": [2, 3, 4], "slow": [6, 9, 12]}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path))
    return tmp_path


def search(home: Path, **settings: object) -> Study:
    arguments = {"constraints": ["trades >= 5"], "warehouse": Warehouse(home)} | settings
    return supersearch(load_bars("TEST"), dual_sma(), SPACE, **arguments)  # type: ignore[arg-type]


def test_headline_returns_are_the_results_own(small_bars: Bars) -> None:
    result = run(small_bars, dual_sma(), params={"fast": 3, "slow": 9}, period=("2020-03-01", None))
    assert headline_returns(result).tolist() == result.returns.tolist()


def test_walk_forward_by_hand(home: Path) -> None:
    """Each window: the search on its training bars, then a run on the bars after it."""
    study = search(home)
    found = walk_forward(study, windows=2, train=200, test=60)
    bars, stitched = study.search_bars, []
    assert len(bars) == 400
    for number, start in enumerate((280, 340)):
        inner = supersearch(
            bars.take(start - 200, start),
            study.strategy,
            SPACE,
            constraints=["trades >= 5"],
            holdout=0.0,
            warehouse=Warehouse(home),
        )
        assert inner.best is not None
        window = found.windows[number]
        assert window.params == inner.best.params
        assert window.train_sharpe == inner.best.metrics.sharpe
        assert (window.train_start, window.test_start, window.test_end) == (
            bars.ts[start - 200],
            bars.ts[start],
            bars.ts[start + 59],
        )
        result = run(
            bars,
            study.strategy,
            params=inner.best.params,
            period=(int(bars.ts[start - 1]), int(bars.ts[start + 59]) + 1),
        )
        assert window.trades == result.metrics.trades
        stitched += result.returns.tolist()
    assert found.returns.tolist() == stitched
    assert found.ts.tolist() == bars.ts[280:].tolist()
    assert found.out_of_sample_sharpe == pytest.approx(
        np.mean(stitched) / np.std(stitched, ddof=1) * np.sqrt(bars.periods_per_year), rel=1e-9
    )


def test_walk_forward_never_reads_the_holdout(home: Path) -> None:
    """Other prices after the boundary: the same walk-forward."""
    study = search(home)
    bars = study.bars
    frame = bars.to_pandas()
    frame.iloc[400:] *= 3.0
    changed = Bars.from_pandas(
        frame, symbol=bars.symbol, timeframe=bars.timeframe, calendar=bars.calendar
    )
    other = supersearch(
        changed, dual_sma(), SPACE, constraints=["trades >= 5"], warehouse=Warehouse(home)
    )
    assert study.holdout_start == bars.ts[400]
    assert walk_forward(other, windows=3).to_dict() == walk_forward(study, windows=3).to_dict()


def test_walk_forward_does_not_raise_the_trial_count(home: Path) -> None:
    study = search(home)
    before = study.warehouse.trial_count(study.lineage_root)
    walk_forward(study, windows=3)
    assert study.warehouse.trial_count(study.lineage_root) == before == 9


def test_windows_where_nothing_meets_the_constraints_are_flat(home: Path) -> None:
    study = search(home, constraints=["trades >= 100000"])
    found = walk_forward(study, windows=3)
    assert found.flat_windows == 3
    assert not found.returns.any()
    assert {window.reason for window in found.windows} == {
        "no trial of the window met the constraints"
    }
    assert found.efficiency is None


def test_walk_forward_stops_on_cancel(home: Path) -> None:
    class Cancelled:
        def is_set(self) -> bool:
            return True

    with pytest.raises(CancelledError, match="after 0 of 5"):
        walk_forward(search(home), cancel=Cancelled())


def test_a_study_is_validated_with_the_ledgers_trials(home: Path) -> None:
    study = search(home)
    found = validate(study, windows=3, resamples=100)
    subject = subject_of(study)
    assert subject.result is not None
    returns = np.array(subject.result.returns)
    assert found.ledger.trials == 9
    moments = stats.return_moments(returns)
    assert moments is not None
    assert found.moments == moments
    variance = found.ledger.sharpe_variance
    assert variance is not None
    expected = stats.deflated_sharpe_ratio(
        moments.sharpe, moments.n, moments.skew, moments.kurtosis, 9, variance
    )
    assert found.row("deflated_sharpe_ratio").value == expected
    assert found.row("probabilistic_sharpe_ratio").value == stats.probabilistic_sharpe_ratio(
        moments.sharpe, moments.n, moments.skew, moments.kurtosis
    )
    assert found.bootstrap is not None
    assert found.row("bootstrap_drawdown_95").value == found.bootstrap.max_drawdown_95
    assert found.walk_forward is not None
    assert found.row("walk_forward_return").value == found.walk_forward.total_return
    assert found.years == pytest.approx(
        (study.search_bars.ts[-1] - study.search_bars.ts[0]) / (365.25 * 86_400e6)
    )


def test_the_ledgers_variance_is_that_of_the_study_when_it_is_alone(home: Path) -> None:
    study = search(home)
    found = validate(study, checks=["dsr"])
    assert found.ledger.sharpe_variance == pytest.approx(
        study.trials()["sharpe_per_period"].var(ddof=1), rel=1e-12
    )


def variance_of(study: Study) -> float:
    return float(study.trials()["sharpe_per_period"].var(ddof=1))


def test_shorter_windows_do_not_change_the_spread(home: Path) -> None:
    """Ratios over 120 bars scatter more than over 400; they count in N, not in V."""
    study = search(home)
    before = validate(study, checks=["dsr"])
    for start in range(0, 400, 120):
        supersearch(
            study.bars.take(start, start + 120), dual_sma(), SPACE, holdout=0.0,
            warehouse=Warehouse(home),
        )  # fmt: skip
    after = validate(study, checks=["dsr"])
    assert after.ledger == before.ledger
    assert after.ledger.variance_of == "bars"
    assert after.ledger.sharpe_variance == pytest.approx(variance_of(study), rel=1e-12)
    assert after.to_dict() == before.to_dict()


def test_the_deflated_ratio_does_not_depend_on_the_order_of_studies(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bars = load_bars("TEST")
    calls = [
        (bars, {"space": SPACE, "holdout": 0.2}),
        (bars.take(0, 120), {"space": SPACE, "holdout": 0.0}),
        (bars, {"space": {"fast": [2, 5], "slow": [20, 30]}, "holdout": 0.2}),
        (bars.take(250, 370), {"space": {"fast": [2, 3], "slow": [6]}, "holdout": 0.0}),
    ]
    found = []
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2]):
        warehouse = Warehouse(tmp_path_factory.mktemp("ledger"))
        warehouse.lineage_root(bars)  # the lineage is named by its first bars: the same for all
        made = {}
        for number in order:
            some, settings = calls[number]
            made[number] = supersearch(some, dual_sma(), warehouse=warehouse, **settings)
        validation = validate(made[0], checks=["dsr"])
        found.append(
            (
                validation.ledger.trials,
                validation.ledger.sharpe_variance,
                [row.value for row in validation.rows],
            )
        )
    assert found[0] == found[1] == found[2]
    assert found[0][0] == 13
    together = np.concatenate([made[n].trials()["sharpe_per_period"] for n in (0, 2)])
    expected = max(np.var(together, ddof=1), variance_of(made[0]), variance_of(made[2]))
    assert found[0][1] == pytest.approx(expected, rel=1e-12)


def test_a_narrow_search_after_a_wide_one_is_judged_by_the_wide_spread(home: Path) -> None:
    wide = supersearch(
        load_bars("TEST"), dual_sma(), {"fast": [2, 9], "slow": [12, 60]}, warehouse=Warehouse(home)
    )
    before = validate(wide, checks=["dsr"]).ledger.sharpe_variance
    near = supersearch(
        load_bars("TEST"),
        dual_sma(),
        {"fast": [2], "slow": range(50, 60)},
        warehouse=Warehouse(home),
    )
    after = validate(near, checks=["dsr"]).ledger
    assert before is not None
    assert after.sharpe_variance is not None
    assert variance_of(near) < before <= after.sharpe_variance
    assert after.trials == 14


def test_a_search_cut_into_single_trials_keeps_its_spread(home: Path) -> None:
    studies = [
        supersearch(
            load_bars("TEST"), dual_sma(), {"fast": [2], "slow": [slow]}, warehouse=Warehouse(home)
        )
        for slow in (6, 20, 60)
    ]
    ratios = [float(study.trials()["sharpe_per_period"].iloc[0]) for study in studies]
    found = validate(studies[0], checks=["dsr"]).ledger
    assert found.sharpe_variance == pytest.approx(np.var(ratios, ddof=1), rel=1e-12)
    assert (found.trials, found.variance_of) == (3, "bars")


def test_a_run_on_bars_that_a_study_searched_has_that_studys_spread(home: Path) -> None:
    study = search(home)
    params = {"fast": 2, "slow": 6}
    whole = backtest(study.search_bars, dual_sma(), params=params)
    assert validate(whole, checks=["dsr"]).ledger == validate(study, checks=["dsr"]).ledger
    part = backtest(study.search_bars, dual_sma(), params=params, period=(None, "2021-01-01"))
    assert validate(part, checks=["dsr"]).ledger.variance_of == "lineage"


def test_the_run_of_a_study_has_its_seed(home: Path) -> None:
    study = search(home, seed=7)
    assert study.best is not None
    result = subject_of(study).result
    assert result is not None
    same = backtest(study.search_bars, study.strategy, params=study.best.params, seed=7)
    assert result.run_hash == same.run_hash


@pytest.mark.parametrize(
    ("check", "name", "other"),
    [
        ("bootstrap", "VERSION", 99),
        ("bootstrap", "BLOCK_RULE", "another"),
        ("bootstrap", "CONFIDENCE", 0.9),
        ("walk_forward", "VERSION", 99),
    ],
)
def test_another_method_is_another_evaluation(
    home: Path, monkeypatch: pytest.MonkeyPatch, check: str, name: str, other: object
) -> None:
    study = search(home)
    kept = Warehouse(home)

    def entries() -> int:
        with kept.control.engine.connect() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM evaluations").scalar_one())

    ask = {"checks": ["walk_forward", "bootstrap"], "windows": 2, "resamples": 20}
    validate(study, **ask)
    validate(study, **ask)
    assert entries() == 2
    monkeypatch.setattr(import_module(f"hyprl_lab.research.validation.checks.{check}"), name, other)
    validate(study, **ask)
    assert entries() == 3


def test_a_later_search_raises_the_count_and_lowers_the_deflated_ratio(home: Path) -> None:
    study = search(home)
    before = validate(study, checks=["dsr"]).ledger.trials
    supersearch(
        load_bars("TEST"), dual_sma(), {"fast": [2, 5], "slow": [20, 30]}, warehouse=Warehouse(home)
    )
    after = validate(study, checks=["dsr"])
    assert (before, after.ledger.trials) == (9, 13)
    assert "13 trials" in after.row("deflated_sharpe_ratio").reading


def test_asking_again_computes_nothing_and_says_the_same(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = search(home)
    first = validate(study, windows=3, resamples=50)
    for check, name in (("walk_forward", "walk_forward"), ("bootstrap", "stationary_bootstrap")):
        module = import_module(f"hyprl_lab.research.validation.checks.{check}")
        monkeypatch.setattr(module, name, None)
    again = validate(study, windows=3, resamples=50)
    assert again.to_dict() == first.to_dict()
    assert again.hash == first.hash
    with pytest.raises(TypeError):
        validate(study, windows=3, resamples=51)


def test_it_is_plain_json_and_shows_itself(home: Path) -> None:
    found = validate(search(home), windows=3, resamples=50)
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["hash"] == found.hash
    assert [row["name"] for row in data["rows"]] == list(found.table["name"])
    assert all((row["value"] is None) == (row["reason"] is not None) for row in data["rows"])
    html = found._repr_html_()
    assert "9 trials in the ledger" in html
    assert all(row.reading.endswith(".") for row in found.rows)


def test_a_single_run_has_no_walk_forward_and_says_why(home: Path) -> None:
    search(home)
    result = run(load_bars("TEST"), dual_sma(), params={"fast": 2, "slow": 6})
    found = validate(result, resamples=50)
    assert found.walk_forward is None
    assert "no space to search again" in str(found.row("walk_forward_efficiency").reason)
    assert found.ledger.trials == 9
    assert found.row("deflated_sharpe_ratio").value is not None


def test_a_study_without_a_best_trial_is_undefined_throughout(home: Path) -> None:
    found = validate(search(home, constraints=["trades >= 100000"]), windows=2, resamples=50)
    assert found.moments is None
    assert found.row("deflated_sharpe_ratio").value is None
    assert found.row("deflated_sharpe_ratio").reason == "no trial of the study met the constraints"


def test_a_run_that_never_trades_has_no_sharpe(home: Path) -> None:
    never = Strategy("never", long_entry=close.crosses_above(1e12), long_exit=close < 0.0)
    result = backtest(load_bars("TEST"), never)
    assert result.metrics.trades == 0
    found = validate(result, resamples=50)
    for row in found.rows:
        assert row.value is None
        assert row.reason


def test_unknown_checks_are_refused(home: Path) -> None:
    with pytest.raises(InputError, match=r"\['sharpe'\]; choose some of"):
        validate(search(home), checks=["sharpe", "dsr"])
    with pytest.raises(InputError, match="are empty"):
        validate(search(home), checks=[])


def test_the_table_stands_in_one_order(home: Path) -> None:
    study = search(home)
    names = [row.name for row in validate(study, checks=["min_trl", "psr"]).rows]
    assert names == [
        "probabilistic_sharpe_ratio",
        "minimum_track_record_length",
        "track_record_surplus",
    ]
    assert next(iter(CHECKS)) == "psr"


def test_what_can_not_be_judged_is_refused(home: Path) -> None:
    bars, store = load_bars("TEST"), Warehouse(home)
    group = supersearch(
        [bars.take(0, 250), bars.take(250, 500)], dual_sma(), SPACE, warehouse=store
    )
    with pytest.raises(InputError, match=r"a group of 2 studies; expected one .*group\['TEST 1d"):
        validate(group)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"found None; expected what hl\.supersearch"):
        validate(None)  # type: ignore[arg-type]
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(InputError, match="none of the study's 9 trials is evaluated"):
        validate(search(home, cancel=stopped))


def test_an_undefined_objective_is_not_called_a_constraint(home: Path) -> None:
    study = search(home, objective="sharpe / (trades - trades)", constraints=[])
    subject = subject_of(study)
    assert subject.reason == "the objective is undefined for every trial of the study"
    unmet = subject_of(search(home, constraints=["trades >= 9999"]))
    assert unmet.reason == "no trial of the study met the constraints"
