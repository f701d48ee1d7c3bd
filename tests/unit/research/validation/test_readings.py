from __future__ import annotations

import math
from dataclasses import replace

import pytest

from hyprl_lab.data import Bars
from hyprl_lab.engine import run
from hyprl_lab.research.stats import Interval, ReturnMoments, expected_max_sharpe
from hyprl_lab.research.stats.bootstrap import Bootstrap
from hyprl_lab.research.validation import LedgerFacts, ValidationRow
from hyprl_lab.research.validation.readings import READERS
from hyprl_lab.research.validation.subject import Subject, subject_of
from hyprl_lab.strategy.builtin import dual_sma

MOMENTS = ReturnMoments(n=1000, sharpe=0.05, skew=0.0, kurtosis=3.0)
LEDGER = LedgerFacts(ledger_id="id", lineage_root="root", trials=4851, sharpe_variance=0.0004)


@pytest.fixture
def subject(small_bars: Bars) -> Subject:
    made = subject_of(run(small_bars, dual_sma(), params={"fast": 3, "slow": 9}, engine="python"))
    return replace(made, years=4.0, periods_per_year=250.0)


def read(
    check: str,
    subject: Subject,
    moments: ReturnMoments | None = MOMENTS,
    ledger: LedgerFacts = LEDGER,
    found: object = None,
) -> dict[str, ValidationRow]:
    return {row.name: row for row in READERS[check](subject, moments, ledger, found)}


def test_the_track_record_says_what_is_missing(subject: Subject) -> None:
    rows = read("min_trl", subject)
    needed = 1.0 + (1.0 + 0.5 * 0.05**2) * (1.6448536269514722 / 0.05) ** 2  # 1,084.7
    assert rows["minimum_track_record_length"].value == pytest.approx(needed, rel=1e-12)
    assert rows["track_record_surplus"].value == pytest.approx(1000 - needed, rel=1e-12)
    assert rows["track_record_surplus"].reading == "There are 1,000 periods: 85 periods short."


def test_the_backtest_length_uses_the_ledgers_count_and_the_annual_ratio(
    subject: Subject,
) -> None:
    rows = read("min_btl", subject)
    annual = 0.05 * math.sqrt(250)
    needed = rows["minimum_backtest_length"].value
    assert needed == pytest.approx((expected_max_sharpe(4851) / annual) ** 2, rel=1e-12)
    assert "the best of 4,851 worthless trials" in rows["minimum_backtest_length"].reading
    assert rows["backtest_length_surplus"].value == pytest.approx(4.0 - float(needed or 0))
    assert "short" in rows["backtest_length_surplus"].reading


@pytest.mark.parametrize("check", ["min_trl", "min_btl"])
def test_a_losing_record_is_never_long_enough_and_never_infinite(
    subject: Subject, check: str
) -> None:
    losing = replace(MOMENTS, sharpe=-0.01)
    for row in read(check, subject, losing).values():
        assert row.value is None
        assert "not above 0" in str(row.reason)


def test_deflated_without_any_recorded_trial_is_undefined(subject: Subject) -> None:
    rows = read("dsr", subject, ledger=replace(LEDGER, trials=0, sharpe_variance=None))
    assert {row.value for row in rows.values()} == {None}
    assert "record the run" in str(rows["deflated_sharpe_ratio"].reason)


def test_deflated_after_one_trial_is_the_probabilistic_ratio(subject: Subject) -> None:
    rows = read("dsr", subject, ledger=replace(LEDGER, trials=1, sharpe_variance=None))
    alone = read("psr", subject)["probabilistic_sharpe_ratio"]
    assert rows["deflated_sharpe_ratio"].value == alone.value
    assert rows["deflated_sharpe_ratio"].reading.startswith("After 1 trial on")


def test_deflated_without_spread_among_trials_is_undefined(subject: Subject) -> None:
    rows = read("dsr", subject, ledger=replace(LEDGER, sharpe_variance=None))
    assert "fewer than two trials" in str(rows["deflated_sharpe_ratio"].reason)


def test_the_floored_ratio_allows_for_near_duplicates(subject: Subject) -> None:
    rows = read("dsr", subject, ledger=replace(LEDGER, sharpe_variance=1e-9))
    plain, floored = rows["deflated_sharpe_ratio"], rows["deflated_sharpe_ratio_floored"]
    assert plain.value is not None
    assert floored.value is not None
    assert plain.value > 0.9 > 0.1 > floored.value
    assert "near-duplicate" in floored.reading


def test_bootstrap_readings(subject: Subject) -> None:
    found = Bootstrap(
        n=1000,
        resamples=999,
        seed=0,
        block_length=1.0,
        confidence=0.95,
        sharpe=Interval(-0.2, 1.4),
        max_drawdown_95=0.234,
        p_value=0.041,
    )
    rows = read("bootstrap", subject, found=found)
    assert rows["bootstrap_sharpe_low"].value == -0.2
    assert rows["bootstrap_drawdown_95"].reading == (
        "One resampled history in 20 fell by 23.4% or more."
    )
    assert "4.1% of 999 resampled histories" in rows["bootstrap_p_value"].reading
    undefined = read("bootstrap", subject, found=replace(found, sharpe=None))
    assert undefined["bootstrap_sharpe_low"].value is None


@pytest.mark.parametrize("check", sorted(READERS))
def test_every_check_has_rows_when_nothing_varies(subject: Subject, check: str) -> None:
    rows = read(check, subject, None)
    assert rows
    for row in rows.values():
        assert row.value is None
        assert row.reason
        assert row.reading == f"Undefined: {row.reason}."
