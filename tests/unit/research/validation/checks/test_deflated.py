from __future__ import annotations

from dataclasses import replace


def test_without_any_recorded_trial_it_is_undefined(read, ledger) -> None:
    rows = read("dsr", ledger=replace(ledger, trials=0, sharpe_variance=None))
    assert {row.value for row in rows.values()} == {None}
    assert "record the run" in str(rows["deflated_sharpe_ratio"].reason)


def test_after_one_trial_it_is_the_probabilistic_ratio(read, ledger) -> None:
    rows = read("dsr", ledger=replace(ledger, trials=1, sharpe_variance=None))
    alone = read("psr")["probabilistic_sharpe_ratio"]
    assert rows["deflated_sharpe_ratio"].value == alone.value
    assert rows["deflated_sharpe_ratio"].reading.startswith("After 1 trial on")


def test_without_spread_among_trials_it_is_undefined(read, ledger) -> None:
    rows = read("dsr", ledger=replace(ledger, sharpe_variance=None))
    assert "fewer than two trials" in str(rows["deflated_sharpe_ratio"].reason)


def test_the_floored_ratio_allows_for_near_duplicates(read, ledger) -> None:
    rows = read("dsr", ledger=replace(ledger, sharpe_variance=1e-9))
    plain, floored = rows["deflated_sharpe_ratio"], rows["deflated_sharpe_ratio_floored"]
    assert plain.value is not None
    assert floored.value is not None
    assert plain.value > 0.9 > 0.1 > floored.value
    assert "near-duplicate" in floored.reading
