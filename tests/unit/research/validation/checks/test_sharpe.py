from __future__ import annotations

from statistics import NormalDist

import pytest

from hyprl_lab.research.validation.checks import CHECKS, check_named, check_of_row


def test_it_reads_the_moments(read) -> None:
    row = read("psr")["probabilistic_sharpe_ratio"]
    expected = NormalDist().cdf(0.05 * 999**0.5 / 1.00125**0.5)
    assert row.value == pytest.approx(expected, rel=1e-12)
    assert "94.3% sure" in row.reading


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_every_check_gives_all_its_rows_when_nothing_varies(read, check: str) -> None:
    rows = read(check, None)
    assert tuple(rows) == check_named(check).rows
    for row in rows.values():
        assert row.value is None
        assert row.reason
        assert row.reading == f"Undefined: {row.reason}."
        assert check_of_row(row.name) is check_named(check)


def test_no_row_is_of_two_checks() -> None:
    names = [row for check in CHECKS.values() for row in check.rows]
    assert len(names) == len(set(names))
    assert check_of_row("sharpe_of_tomorrow") is None
