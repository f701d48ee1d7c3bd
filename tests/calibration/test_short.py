"""The strict gate on a few markets whose truth is known; `test_full.py` has the many."""

from __future__ import annotations

import pytest
from calibration import DRIFTS, Judged, cases, judge_all, true_sharpe
from calibration.counts import most_allowed


def promoted(found: list[Judged]) -> int:
    return sum(one.promoted for one in found)


def test_noise_is_not_promoted() -> None:
    found = judge_all(cases("noise", 10))
    assert promoted(found) <= most_allowed(10, 0.05)
    assert all(one.failed for one in found if not one.promoted)


def test_noise_padded_with_near_duplicates_is_not_promoted() -> None:
    found = judge_all(cases("near-duplicates", 3))
    assert promoted(found) <= most_allowed(3, 0.05)


def test_a_planted_edge_is_promoted() -> None:
    found = judge_all(cases("planted", 3, sharpe=2.0))
    refused = {one.case.name: one.failed for one in found if not one.promoted}
    assert len(refused) <= most_allowed(3, 0.2), refused


def test_the_planted_edge_is_worth_what_is_said() -> None:
    found = true_sharpe(DRIFTS[2.0], years=1_000)
    assert found.sharpe == pytest.approx(2.0, abs=4 * found.standard_error)
    assert found.standard_error < 0.06
    assert 1.0 < found.params["fast"] < 10.0
    assert 12.0 < found.params["slow"] < 208.0
