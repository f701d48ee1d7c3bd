from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.research.stats import combinatorial_splits
from hyprl_lab.research.validation.cross_validation import CrossValidation, cross_validation


def found_in(models: np.ndarray, *, wide: int = 100) -> CrossValidation:
    chunks = [models[:, first : first + wide] for first in range(0, models.shape[1], wide)]
    return cross_validation(
        chunks,
        lambda place: models[:, place],
        np.arange(models.shape[1]) + 1_000,
        n=len(models),
        periods_per_year=252.0,
    )


def sharpe(returns: np.ndarray) -> float:
    return float(returns.mean() / returns.std(ddof=1)) if returns.std() > 0.0 else -np.inf


def test_paths_are_what_a_plain_loop_makes() -> None:
    models = np.random.default_rng(3).normal(0.0, 0.01, (487, 12))
    models[:, 5] = 0.0  # never traded
    found = found_in(models)
    splits = combinatorial_splits(487, folds=10, tests=2, purge=5, embargo=5)
    chosen = [int(np.argmax([sharpe(m[train]) for m in models.T])) for train in splits.train]
    assert [number - 1_000 for number in found.chosen if number is not None] == chosen
    sharpes = []
    for path in splits.paths.T:
        returns = np.array(
            [models[row, chosen[path[fold]]] for row, fold in enumerate(splits.fold)]
        )
        sharpes.append(sharpe(returns) * np.sqrt(252.0))
    assert found.sharpes == pytest.approx(sharpes, rel=1e-12)
    assert found.quantile(0.05) == pytest.approx(np.quantile(sharpes, 0.05), rel=1e-12)
    returns = np.concatenate(
        [models[splits.fold == f, chosen[s]] for f, s in enumerate(splits.paths[:, 0])]
    )
    assert found.curves[0][-1] == pytest.approx(np.prod(1.0 + returns), rel=1e-12)


def test_how_trials_are_cut_into_parts_is_no_matter() -> None:
    models = np.random.default_rng(4).normal(0.0, 0.01, (200, 30))
    models[:, 20] = models[:, 3]  # a tie goes to the first
    whole, cut = found_in(models), found_in(models, wide=7)
    assert whole.to_dict() == cut.to_dict()
    assert 1_020 not in whole.chosen
    assert CrossValidation.from_dict(whole.to_dict()) == whole


def test_trials_that_never_traded_choose_nothing() -> None:
    found = found_in(np.zeros((150, 3)))
    assert set(found.chosen) == {None}
    assert set(found.sharpes) == {None}
    assert found.quantile(0.05) is None


def test_luck_is_lost_and_an_edge_is_kept() -> None:
    noise = np.random.default_rng(5).normal(0.0, 0.01, (2_000, 200))
    lucky = found_in(noise).quantile(0.5)
    noise[:, 17] += 0.0015
    skilled = found_in(noise).quantile(0.05)
    assert lucky is not None
    assert lucky < 0.8  # the best in sample has about 1.0
    assert skilled is not None
    assert skilled > 1.5
