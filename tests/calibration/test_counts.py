"""Verdicts are counted, bounded and kept as they should be."""

from __future__ import annotations

from pathlib import Path

import pytest
from calibration import Case, Judged
from calibration.counts import counted, most_allowed
from calibration.many import judge_all
from scipy.stats import binom


def judged(index: int, *failed: str, kind: str = "noise") -> Judged:
    return Judged(
        case=Case(kind=kind, index=index),
        promoted=not failed,
        sharpe=float(index),
        values={},
        failed=failed,
        seconds=1.0,
    )


def test_shares_have_an_exact_interval() -> None:
    found = counted([judged(0), *(judged(index, "a") for index in range(1, 10))])
    assert (found.searches, found.promoted, found.share) == (10, 1, 0.1)
    assert found.refused == {"a": 9}
    assert found.found_sharpe == 4.5
    # Clopper and Pearson: 1 or more of 10 at the low end, 1 or fewer at the high end, in 2.5 %.
    assert 1 - (1 - found.low) ** 10 == pytest.approx(0.025)
    assert (1 - found.high) ** 10 + 10 * found.high * (1 - found.high) ** 9 == pytest.approx(0.025)


def test_a_search_that_several_checks_refuse_counts_for_each() -> None:
    found = counted([judged(0, "a", "b"), judged(1, "b")])
    assert (found.promoted, found.refused) == (0, {"b": 2, "a": 1})


def test_different_kinds_are_not_counted_together() -> None:
    with pytest.raises(ValueError, match="too many values"):
        counted([judged(0), judged(1, kind="planted")])


@pytest.mark.parametrize(("searches", "share"), [(3, 0.05), (10, 0.05), (200, 0.05), (50, 0.2)])
def test_the_bound_is_the_smallest_that_is_seldom_passed(searches: int, share: float) -> None:
    most = most_allowed(searches, share, alarm=0.01)
    assert binom.sf(most, searches, share) <= 0.01 < binom.sf(most - 1, searches, share)


def test_what_is_kept_is_not_judged_again(tmp_path: Path) -> None:
    kept = tmp_path / "gate.jsonl"
    case = Case(kind="noise", index=0)
    heard: list[Judged] = []
    [first] = judge_all([case], kept=kept, heard=heard.append)
    with kept.open("a", encoding="utf-8") as file:
        file.write('{"case": {"kind": "noi')  # a process that was killed
    [again] = judge_all([case], kept=kept, heard=heard.append)
    assert again == first
    assert heard == [first]
