"""What is ranked, in which order, and what no ranking can be made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.study import Ranking

NAN = np.nan
METRICS = {
    "sharpe": np.array([1.0, 2.0, NAN, 3.0, 0.5, 2.0]),
    "max_drawdown": np.array([0.1, 0.2, 0.1, 0.4, NAN, 0.2]),
    "trades": np.array([30.0, 31.0, 99.0, 50.0, 40.0, 31.0]),
}


def test_a_trial_is_ranked_by_its_objective_where_it_meets_every_constraint() -> None:
    ranking = Ranking.of("sharpe", ["max_drawdown <= 0.3", "trades > 30"])
    assert ranking.scores(METRICS, 6).tolist() == pytest.approx(
        [NAN, 2.0, NAN, NAN, NAN, 2.0], nan_ok=True
    )
    assert ranking.metrics == ["max_drawdown", "sharpe", "trades"]


def test_a_trial_that_lacks_one_of_several_objectives_is_not_ranked() -> None:
    matrix = Ranking.of(["sharpe", "-max_drawdown"]).score_matrix(METRICS, 6)
    assert np.isnan(matrix).any(axis=0).tolist() == [False, False, True, False, True, False]
    assert np.isnan(matrix).all(axis=0).tolist() == [False, False, True, False, True, False]
    assert matrix[:, 3].tolist() == [3.0, -0.4]


def test_only_the_trials_among_them_are_ranked() -> None:
    mask = np.array([True, False, True, True, True, True])
    ranking = Ranking.of("sharpe")
    assert ranking.scores(METRICS, 6, among=mask).tolist() == pytest.approx(
        [1.0, NAN, NAN, 3.0, 0.5, 2.0], nan_ok=True
    )
    assert mask.tolist() == [True, False, True, True, True, True]  # the caller's, untouched


def test_equal_scores_stand_in_the_order_of_the_grid() -> None:
    ranking = Ranking.of("sharpe")
    scores = ranking.scores(METRICS, 6)
    assert ranking.best_first(scores, 10).tolist() == [3, 1, 5, 0, 4]
    for count in range(6):
        assert ranking.best_first(scores, count).tolist() == [3, 1, 5, 0, 4][:count]


def test_several_objectives_rank_by_front_then_by_the_first() -> None:
    ranking = Ranking.of(["sharpe", "-max_drawdown"])
    matrix = ranking.score_matrix(METRICS, 6)
    # Nothing dominates 0 (least drawdown), 1 = 5 and 3 (largest Sharpe).
    assert ranking.best_first(matrix, 10).tolist() == [3, 1, 5, 0]
    assert ranking.front(matrix).tolist() == [3, 1, 5, 0]
    third = {"sharpe": np.array([9.0, 1.0, 8.0]), "max_drawdown": np.array([0.1, 0.05, 0.2])}
    matrix = ranking.score_matrix(third, 3)
    # 2 has the second largest Sharpe, and 0 dominates it: it comes after 1 all the same.
    assert ranking.best_first(matrix, 3).tolist() == [0, 1, 2]
    assert ranking.best_first(matrix, 1).tolist() == [0]
    assert ranking.front(matrix).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("objective", "constraints", "said"),
    [
        ("sharp", [], "did you mean 'sharpe'?.*there are annualised_volatility, "),
        ("cagr", ["max_drawdwn < 1"], "uses 'max_drawdwn', which is no metric.*'max_drawdown'"),
        ("zzz", [], "'zzz', which is no metric; there are"),
        ("kelly", [], "'kelly', which only single backtests have; trials have"),
        ([], [], "objective is empty"),
        (["sharpe", "sharpe"], [], "'sharpe' is given twice"),
        ("sharpe > 1", [], "is a condition; expected a number"),
        ("sharpe", "trades > 1", r"expected a list: \['trades > 1'\]"),
        ("sharpe", ["trades"], "is a number; expected a comparison"),
        ("sharpe +", [], "does not parse"),
        ("max(sharpe, 1)", [], "is not allowed"),
        (["sharpe", 3], [], "expected text"),
    ],
)
def test_what_is_no_ranking_is_refused(objective: object, constraints: object, said: str) -> None:
    with pytest.raises(SpaceError, match=said):
        Ranking.of(objective, constraints)  # type: ignore[arg-type]


def test_the_first_objective_stands_for_them() -> None:
    assert Ranking.of(["cagr", "sharpe"]).objective.text == "cagr"


@pytest.mark.parametrize("given", [None, 5, True, {"sharpe", "cagr"}, {"sharpe": 1}])
def test_what_has_no_order_or_is_no_list_is_refused(given: Any) -> None:
    with pytest.raises(SpaceError, match=r"objective is .*; expected an expression such as"):
        Ranking.of(given)
    with pytest.raises(SpaceError, match=r"constraints is .*; expected a list, \[\] for none"):
        Ranking.of("sharpe", given)


def test_there_are_only_so_many_expressions() -> None:
    conditions = [f"trades > {least}" for least in range(101)]
    with pytest.raises(SpaceError, match="constraints has 101 expressions; expected at most 100"):
        Ranking.of("sharpe", conditions)
    assert len(Ranking.of("sharpe", conditions[:100]).constraints) == 100
    with pytest.raises(SpaceError, match="objective has 17 expressions; expected at most 16"):
        Ranking.of([f"sharpe + {more}" for more in range(17)])


def test_long_texts_are_quoted_short() -> None:
    long = "sharpe + " * 1_000_000 + "nope"
    for objective, constraints in ((long, []), ([long, long], []), ("sharpe", long)):
        with pytest.raises(SpaceError, match=r"\(9,000,004 characters\)") as refused:
            Ranking.of(objective, constraints)
        assert len(str(refused.value)) < 300
