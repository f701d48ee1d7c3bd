"""How many trials are different, on correlations that are made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.fft import idct

from hyprl_lab.errors import InputError
from hyprl_lab.research.study.effective import Alike

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.research.study import Study

    Write = Callable[..., Study]

BASIS = np.asarray(idct(np.eye(16), axis=1, norm="ortho"))[1:]
"""15 series of 16 blocks with mean 0, each uncorrelated with the others."""


def alike(returns: np.ndarray) -> Alike:
    found = Alike(16)
    for part in np.array_split(returns, 3):
        found.add(part)
    return found


def test_uncorrelated_trials_all_count() -> None:
    found = alike(BASIS + 0.01)
    assert found.mean_correlation == pytest.approx(0.0, abs=1e-14)
    assert found.by_correlation == pytest.approx(15.0, rel=1e-12)
    assert found.by_eigenvalues == pytest.approx(15.0, rel=1e-12)


def test_copies_count_once() -> None:
    found = alike(np.outer(np.arange(1.0, 6.0), BASIS[0]))
    assert found.mean_correlation == pytest.approx(1.0, rel=1e-12)
    assert found.by_correlation == pytest.approx(1.0, rel=1e-12)
    assert found.by_eigenvalues == pytest.approx(1.0, rel=1e-12)


def test_groups_of_copies() -> None:
    """3 groups of 4: a pair is of one group in 3·4·3 of 12·11 cases, so R = r² mean = 3/11."""
    found = alike(np.repeat(BASIS[:3], 4, axis=0))
    assert found.mean_correlation == pytest.approx(3 / 11, rel=1e-12)
    assert found.by_correlation == pytest.approx(3 / 11 + 8 / 11 * 12, rel=1e-12)
    adjusted = 1 - (8 / 11) * 15 / 14
    assert found.by_eigenvalues == pytest.approx(12 / (1 + 11 * adjusted), rel=1e-12)


def test_opposites_are_one_for_eigenvalues() -> None:
    found = alike(np.stack([BASIS[0], -BASIS[0]]))
    assert found.mean_correlation == pytest.approx(-1.0, rel=1e-12)
    assert found.by_correlation == 2.0
    assert found.by_eigenvalues == pytest.approx(1.0, rel=1e-12)


def test_the_sums_are_those_of_the_correlation_matrix() -> None:
    random = np.random.default_rng(5)
    returns = random.normal(size=(40, 1)) * random.normal(size=16) + random.normal(size=(40, 16))
    matrix = np.corrcoef(returns)
    off = matrix[~np.eye(40, dtype=bool)]
    found = alike(returns)
    assert found.mean_correlation == pytest.approx(off.mean(), rel=1e-10)
    squares = 1 - (1 - np.square(off).mean()) * 15 / 14
    assert found.by_eigenvalues == pytest.approx(40 / (1 + 39 * squares), rel=1e-10)
    values = np.linalg.eigvalsh(matrix)
    raw = values.sum() ** 2 / np.square(values).sum()  # the ratio before its correction
    assert raw == pytest.approx(40 / (1 + 39 * np.square(off).mean()), rel=1e-10)


def test_sixteen_blocks_do_not_cap_independent_trials() -> None:
    """The plain ratio can't be above 15, whatever there is; the corrected one sees hundreds."""
    found = alike(np.random.default_rng(11).normal(size=(600, 16)))
    assert found.by_correlation == pytest.approx(600, rel=0.05)
    assert found.by_eigenvalues is not None
    assert found.by_eigenvalues > 200


def test_trials_that_never_traded_have_no_correlation() -> None:
    found = alike(np.vstack([BASIS[:2], np.zeros((5, 16)), np.full((1, 16), 0.3)]))
    assert found.count == 2
    lonely = alike(np.vstack([BASIS[:1], np.zeros((3, 16))]))
    assert lonely.mean_correlation is None
    assert lonely.by_correlation is None
    assert lonely.by_eigenvalues is None


def test_a_study_counts_completed_trials_and_their_behaviours(written: Write) -> None:
    returns = np.vstack([BASIS[0], BASIS[0], BASIS[1], np.zeros(16), BASIS[2], BASIS[3]])
    study = written(
        {"fast": [5, 6, 7], "slow": [20, 30]},
        {},
        name="effective",
        hashes=[1, 1, 2, 3, 4, 5],
        states=["completed"] * 4 + ["pruned", "failed"],
        returns=returns,
    )
    found = study.effective_trials()
    assert (found.trials, found.behaviours, found.correlated) == (4, 3, 3)
    assert found.mean_correlation == pytest.approx(1 / 3, rel=1e-12)
    assert found.by_correlation == pytest.approx(1 / 3 + 2 / 3 * 3, rel=1e-12)
    assert "4 trials: 3 behaviours, 2.33 by mean correlation" in repr(found)
    assert "<td style='text-align:right'>2.33</td>" in found._repr_html_()


def test_a_study_without_trials_is_said(written: Write) -> None:
    study = written({"fast": [5], "slow": [20]}, {}, name="alone")
    assert study.effective_trials().by_correlation is None
    assert "undefined by eigenvalues" in repr(study.effective_trials())
    object.__setattr__(study, "total", 0)
    with pytest.raises(InputError, match="no trials yet"):
        study.effective_trials()


def test_a_search_that_left_out_some_in_the_middle(
    written: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was stopped may have later shards without earlier ones: 0 to 2 are missing here."""
    returns = np.random.default_rng(3).normal(size=(5, 16))
    study = written(
        {"fast": [5, 6], "slow": [20, 30, 40, 50]}, {}, name="gap", skipped=3,
        states=["completed", "failed", "completed", "completed", "pruned"],
        hashes=[1, 2, 3, 3, 4], returns=returns,
    )  # fmt: skip
    monkeypatch.setattr("hyprl_lab.research.study.frames._RANGE", 2)
    found = study.effective_trials()
    assert (found.trials, found.behaviours) == (3, 2)
    alike = Alike(16)
    alike.add(returns[[0, 2, 3]])
    assert found.mean_correlation == pytest.approx(alike.mean_correlation, rel=1e-6)
