from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Callable, Iterator
from fractions import Fraction
from threading import Event
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyprl_lab.errors import CancelledError, ConfigError, InputError
from hyprl_lab.research.stats.overfitting import (
    block_sums,
    overfitting_of_blocks,
    overfitting_of_ranges,
    probability_of_backtest_overfitting,
)
from hyprl_lab.research.stats.overfitting_reference import reference_overfitting

NOISE = np.random.default_rng(3).normal(0.0, 0.01, (163, 40))


def shares(rows: int, trials: int, seed: int, copies: int) -> np.ndarray:
    """Returns of which some trials are copies of others, and some never trade."""
    random = np.random.default_rng(seed)
    found = random.normal(0.0, 0.01, (rows, trials))
    for _ in range(copies):
        found[:, random.integers(trials)] = found[:, random.integers(trials)]
    idle = random.random(trials) < 0.1
    found[:, idle] = 0.0
    return found


@settings(max_examples=60, deadline=None)
@given(
    half=st.integers(1, 4),
    length=st.integers(2, 7),
    extra=st.integers(0, 5),
    trials=st.integers(2, 60),
    seed=st.integers(0, 2**32),
    copies=st.integers(0, 10),
    threads=st.integers(1, 3),
)
def test_the_kernel_is_the_definition(
    half: int, length: int, extra: int, trials: int, seed: int, copies: int, threads: int
) -> None:
    blocks = 2 * half
    returns = shares(blocks * length + extra % blocks, trials, seed, copies)
    if (returns.any(axis=0)).sum() < 2:
        return
    found = probability_of_backtest_overfitting(returns, blocks, threads=threads)
    chosen, logits = reference_overfitting(returns, blocks)
    np.testing.assert_array_equal(found.chosen, chosen)
    np.testing.assert_allclose(found.logits, logits, rtol=0.0, atol=1e-12)
    assert found.probability == np.mean(logits <= 1e-12)
    assert found.dropped == extra % blocks


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 2).flatmap(
        lambda half: st.lists(
            st.lists(st.integers(-2, 2), min_size=6 * half, max_size=6 * half),
            min_size=2,
            max_size=12,
        ).map(lambda trials: (2 * half, np.array(trials, dtype=np.float64).T))
    )
)
def test_ties_are_those_of_exact_arithmetic(case: tuple[int, np.ndarray]) -> None:
    """Whole returns, Sharpe ratios squared with their sign as fractions."""
    blocks, returns = case
    expected = by_fractions(returns, blocks)
    if max((ranked for _, _, ranked in expected), default=0) < 2:
        with pytest.raises(InputError, match="fewer than two trials vary"):
            probability_of_backtest_overfitting(returns, blocks)
        return
    found = probability_of_backtest_overfitting(returns, blocks)
    assert found.chosen.tolist() == [chosen for chosen, _, _ in expected]
    odds = [float(rank / (ranked + 1 - rank)) for _, rank, ranked in expected]
    np.testing.assert_allclose(found.logits, np.log(odds), rtol=1e-14, atol=1e-15)
    assert found.probability == np.mean([odd <= 1.0 for odd in odds])


def by_fractions(returns: np.ndarray, blocks: int) -> list[tuple[int, Fraction, int]]:
    """The chosen trial, its mid-rank and how many are ranked, half by half."""
    rows = returns.astype(int).reshape(blocks, -1, returns.shape[1])

    def sharpe(half: tuple[int, ...], trial: int) -> Fraction | None:
        values = [int(value) for block in half for value in rows[block, :, trial]]
        total, square = sum(values), sum(value * value for value in values)
        spread = len(values) * square - total * total
        return Fraction(total * abs(total), spread) if spread else None

    found = []
    halves = itertools.combinations(range(blocks), blocks // 2)
    for half in sorted(halves, key=lambda half: sum(1 << b for b in half)):
        other = tuple(set(range(blocks)) - set(half))
        inside = [sharpe(half, trial) for trial in range(returns.shape[1])]
        outside = [sharpe(other, trial) for trial in range(returns.shape[1])]
        known = [value for value in inside if value is not None]
        if not known:
            continue
        best = inside.index(max(known))
        there, mine = [value for value in outside if value is not None], outside[best]
        if mine is None:
            found.append((best, Fraction(1), len(there) + 1))
            continue
        below, equal = sum(v < mine for v in there), sum(v == mine for v in there)
        found.append((best, below + Fraction(equal + 1, 2), len(there)))
    return found


def test_block_sums_are_enough() -> None:
    whole = probability_of_backtest_overfitting(NOISE, 16)
    sums, squares = block_sums(NOISE, 16)
    of_sums = overfitting_of_blocks(sums, squares, 10, dropped=3)
    parts = [(sums[a:b], squares[a:b]) for a, b in ((0, 1), (1, 24), (24, 24), (24, 40))]
    of_parts = overfitting_of_ranges(lambda: iter(parts), length=10, dropped=3)
    assert (whole.splits, whole.trials, whole.length, whole.dropped) == (12_870, 40, 10, 3)
    for other in (of_sums, of_parts):
        assert other.probability == whole.probability
        for name in ("logits", "chosen", "in_sample", "out_of_sample"):
            np.testing.assert_array_equal(getattr(other, name), getattr(whole, name))
        assert (other.trials, other.degradation) == (40, whole.degradation)


def test_threads_change_nothing() -> None:
    returns = shares(331, 203, 5, 30)
    one = probability_of_backtest_overfitting(returns, threads=1)
    for threads in (2, 7):
        other = probability_of_backtest_overfitting(returns, threads=threads)
        for name in ("logits", "chosen", "in_sample", "out_of_sample"):
            found, expected = getattr(other, name), getattr(one, name)
            assert found.tobytes() == expected.tobytes()
        assert (other.probability, other.degradation) == (one.probability, one.degradation)


def test_sharpe_ratios_slope_and_loss_are_those_of_the_chosen() -> None:
    returns = NOISE[3:, :6]
    found = probability_of_backtest_overfitting(returns, 4)
    rows = returns.reshape(4, 40, 6)
    halves = sorted(itertools.combinations(range(4), 2), key=lambda half: sum(1 << b for b in half))
    for place, half in enumerate(halves):
        other = [block for block in range(4) if block not in half]
        for blocks, sharpe in ((list(half), found.in_sample), (other, found.out_of_sample)):
            values = rows[blocks].reshape(80, 6)[:, found.chosen[place]]
            expected = values.mean() / values.std(ddof=1)
            assert sharpe[place] == pytest.approx(expected, rel=1e-12)
    slope = np.polyfit(found.in_sample, found.out_of_sample, 1)[0]
    assert found.degradation == pytest.approx(slope, rel=1e-9)
    assert found.probability_of_loss == np.mean(found.out_of_sample < 0.0)


def test_an_edge_is_told_from_noise() -> None:
    noise = np.random.default_rng(8).normal(0.0, 0.01, (800, 100))
    assert probability_of_backtest_overfitting(noise).probability > 0.3
    edge = noise.copy()
    edge[:, 17] += 0.004
    found = probability_of_backtest_overfitting(edge)
    assert found.probability < 0.01
    assert np.mean(found.chosen == 17) > 0.95
    fading = noise.copy()
    trend = np.repeat([1.0, -1.0], 400)[:, None] * np.linspace(-1.0, 1.0, 100)
    fading += 0.01 * trend  # who was best in one half of the years is worst in the other
    assert probability_of_backtest_overfitting(fading, 2).probability == 1.0


def test_all_may_lose() -> None:
    found = probability_of_backtest_overfitting(NOISE - 0.05, 8)
    chosen, logits = reference_overfitting(NOISE - 0.05, 8)
    np.testing.assert_array_equal(found.chosen, chosen)
    np.testing.assert_allclose(found.logits, logits, atol=1e-12)
    assert found.probability_of_loss == 1.0


def test_trials_that_never_trade_change_nothing() -> None:
    plain = probability_of_backtest_overfitting(NOISE, 8)
    idle = np.column_stack([np.zeros((163, 50)), NOISE, np.full((163, 3), 0.1)])
    found = probability_of_backtest_overfitting(idle, 8)
    np.testing.assert_array_equal(found.chosen, plain.chosen + 50)
    np.testing.assert_array_equal(found.logits, plain.logits)
    assert (found.trials, found.probability) == (93, plain.probability)


def test_what_is_idle_in_the_other_half_ranks_last() -> None:
    returns = NOISE[:160, :9].copy()
    returns[80:, 4] = 0.0
    returns[:80, 4] = 0.05 + 0.001 * NOISE[:80, 0]
    found = probability_of_backtest_overfitting(returns, 2)
    assert found.chosen.tolist()[0] == 4
    assert found.logits[0] == pytest.approx(np.log(1 / 9))
    assert np.isnan(found.out_of_sample[0])
    assert found.idle == 1
    late = np.zeros((160, 3))
    late[80:] = NOISE[:80, :3]
    found = probability_of_backtest_overfitting(late, 4)
    assert (found.splits, found.undecided, len(found.logits)) == (6, 1, 5)
    assert np.isnan(found.out_of_sample).tolist() == [False] * 4 + [True]
    assert found.logits[4] == 0.0  # the half of all trades, tried where nothing trades
    with pytest.raises(InputError, match="fewer than two trials vary"):
        probability_of_backtest_overfitting(late, 2)


def test_the_unit_of_returns_is_no_matter() -> None:
    plain = probability_of_backtest_overfitting(NOISE, 8)
    for unit in (2.0**-20, 2.0**20):
        scaled = probability_of_backtest_overfitting(NOISE * unit, 8)
        np.testing.assert_array_equal(scaled.logits, plain.logits)
    by_columns = probability_of_backtest_overfitting(np.asfortranarray(NOISE), 8)
    np.testing.assert_allclose(by_columns.logits, plain.logits, atol=1e-12)


def test_bad_input_is_refused() -> None:
    odd_blocks: list[Any] = [0, 3, 26, 2.0, True]
    for blocks in odd_blocks:
        with pytest.raises(InputError, match="blocks is"):
            probability_of_backtest_overfitting(NOISE, blocks)
    with pytest.raises(InputError, match="has 9 rows; expected at least 16"):
        probability_of_backtest_overfitting(NOISE[:9])
    with pytest.raises(InputError, match="has 3 rows; expected at least 4"):
        probability_of_backtest_overfitting(NOISE[:3], 2)
    for one in (NOISE[:, 0], NOISE[:, :1]):
        with pytest.raises(InputError, match="there is 1 trial; expected at least 2"):
            probability_of_backtest_overfitting(one)
    for odd in (np.nan, np.inf):
        holed = NOISE.copy()
        holed[5, 7] = odd
        with pytest.raises(InputError, match=r"matrix\[5, 7\] is"):
            probability_of_backtest_overfitting(holed)
    for flat in (np.zeros((32, 4)), np.full((32, 4), 0.001), np.full((100_000, 2), 0.1)):
        with pytest.raises(InputError, match="fewer than two trials vary"):
            probability_of_backtest_overfitting(flat)
    with pytest.raises(InputError, match="fewer than two trials vary"):
        probability_of_backtest_overfitting(np.column_stack([NOISE[:, 0], np.zeros(163)]))
    with pytest.raises(InputError, match="square is beyond float64"):
        probability_of_backtest_overfitting(NOISE * 1e200)
    with pytest.raises(ConfigError, match="threads is 0"):
        probability_of_backtest_overfitting(NOISE, threads=0)


def test_bad_block_sums_are_refused() -> None:
    sums, squares = block_sums(NOISE, 4)
    with pytest.raises(InputError, match="no 2 returns have these sums"):
        overfitting_of_blocks(np.abs(sums) + 1.0, squares, 2)
    with pytest.raises(InputError, match="expected \\(trials, blocks\\) for both"):
        overfitting_of_blocks(sums, squares[:5], 40)
    with pytest.raises(InputError, match="below 0"):
        overfitting_of_blocks(sums, -squares, 40)
    with pytest.raises(InputError, match="blocks is 3"):
        overfitting_of_blocks(sums[:, :3], squares[:, :3], 40)
    with pytest.raises(InputError, match="2 blocks of 1 return"):
        overfitting_of_blocks(np.ones((2, 2)), np.ones((2, 2)), 1)
    with pytest.raises(InputError, match="length is 0"):
        overfitting_of_blocks(sums, squares, 0)
    with pytest.raises(InputError, match="there are no trials"):
        overfitting_of_ranges(list, length=40)
    with pytest.raises(InputError, match="a range has 2 blocks, those before it 4"):
        overfitting_of_ranges(lambda: [(sums, squares), (sums[:, :2], squares[:, :2])], length=40)


def test_it_can_be_cancelled() -> None:
    token = Event()
    token.set()
    with pytest.raises(CancelledError, match="cross-validation was cancelled"):
        overfitting_of_ranges(lambda: [block_sums(NOISE, 8)], length=20, cancel=token)


def test_memory_does_not_grow_with_the_trials() -> None:
    """Python's side of it: ranges come and go."""

    def ranges(count: int) -> Callable[[], Iterator[tuple[np.ndarray, np.ndarray]]]:
        def each() -> Iterator[tuple[np.ndarray, np.ndarray]]:
            for seed in range(count):
                random = np.random.default_rng(seed)
                sums = random.normal(size=(2_000, 8))
                yield sums, sums * sums + 1.0

        return each

    def peak(count: int) -> int:
        tracemalloc.start()
        overfitting_of_ranges(ranges(count), length=10)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1)
    assert peak(40) < 1.5 * peak(4)
