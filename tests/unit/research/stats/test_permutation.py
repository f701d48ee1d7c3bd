from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats import permute_bars
from hyprl_lab.research.stats.permutation import BarMoves, permutations
from hyprl_lab.research.stats.streams import SplitMix64

RELATIVE = 1e-12  # a product of some hundreds of ratios, each rounded once


def walk(rows: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Bars of a random walk with gaps, and a volume that numbers them."""
    draws = np.random.Generator(np.random.PCG64(seed))
    gaps, moves = draws.normal(0.0, 0.01, rows), draws.normal(0.0, 0.02, rows)
    path = np.cumsum(np.stack((gaps, moves), axis=1).ravel())
    opened, closed = 50.0 * np.exp(path[0::2]), 50.0 * np.exp(path[1::2])
    spread = 1.0 + draws.uniform(0.0, 0.01, (2, rows))
    return {
        "open": opened,
        "high": np.maximum(opened, closed) * spread[0],
        "low": np.minimum(opened, closed) / spread[1],
        "close": closed,
        "volume": np.arange(rows, dtype=np.float64),
    }


def log_moves(bars: dict[str, np.ndarray], start: int = 1) -> dict[str, np.ndarray]:
    """Masters' moves of the bars from `start` on: differences of logarithms."""
    logs = {name: np.log(values) for name, values in bars.items() if name != "volume"}
    opened = logs["open"][start:]
    return {
        "gap": opened - logs["close"][start - 1 : -1],
        **{name: logs[name][start:] - opened for name in ("high", "low", "close")},
    }


def test_it_is_the_definition_in_logarithms() -> None:
    """Masters (2020): gaps and (high, low, close) less open, permuted apart and summed up again."""
    bars = walk(200)
    draws = np.random.Generator(np.random.PCG64(1))
    inner, gap = draws.permutation(199), draws.permutation(199)
    made = permute_bars(bars, inner=inner, gap=gap)
    moves, last = log_moves(bars), np.log(bars["close"][0])
    for row in range(1, 200):
        opened = last + moves["gap"][gap[row - 1]]
        assert made["open"][row] == pytest.approx(np.exp(opened), rel=RELATIVE)
        for name in ("high", "low", "close"):
            expected = np.exp(opened + moves[name][inner[row - 1]])
            assert made[name][row] == pytest.approx(expected, rel=RELATIVE)
        last = opened + moves["close"][inner[row - 1]]
    np.testing.assert_array_equal(made["volume"][1:], bars["volume"][1:][inner])


def test_the_first_bar_and_the_last_close_stay_and_the_moves_are_the_same() -> None:
    bars = walk(500)
    made = permute_bars(bars, seed=3, path=8)
    for name, values in made.items():
        assert values[0] == bars[name][0]
    assert made["close"][-1] == pytest.approx(bars["close"][-1], rel=RELATIVE)
    assert not np.array_equal(made["close"], bars["close"])
    before, after = log_moves(bars), log_moves(made)
    for name in before:
        np.testing.assert_allclose(np.sort(after[name]), np.sort(before[name]), atol=1e-13)
    whole = np.stack([before[name] for name in ("high", "low", "close")])
    moved = np.stack([after[name] for name in ("high", "low", "close")])
    order = np.lexsort(np.round(whole, 10))
    np.testing.assert_allclose(
        moved[:, np.lexsort(np.round(moved, 10))], whole[:, order], atol=1e-13
    )  # high, low and close went together
    np.testing.assert_array_equal(np.sort(made["volume"]), bars["volume"])


def test_the_identity_gives_the_bars_again() -> None:
    bars = walk(300)
    same = np.arange(299)
    made = permute_bars(bars, inner=same, gap=same)
    for name, values in bars.items():
        np.testing.assert_allclose(made[name], values, rtol=RELATIVE)


def test_gaps_and_inner_moves_are_permuted_apart() -> None:
    inner, gap = permutations(SplitMix64.of_path(0, 0), 1000)
    assert np.array_equal(np.sort(inner), np.arange(1000))
    assert np.array_equal(np.sort(gap), np.arange(1000))
    assert np.mean(inner == gap) < 0.01
    assert abs(np.corrcoef(inner, gap)[0, 1]) < 0.1  # three standard errors
    assert abs(np.corrcoef(inner, np.arange(1000))[0, 1]) < 0.1


def test_each_place_is_as_likely_for_each_row() -> None:
    """24 orders of 4 rows, 4,800 paths: a chi-squared with 23 degrees of freedom."""
    counts: dict[tuple[int, ...], int] = {}
    for path in range(4800):
        found, _ = permutations(SplitMix64.of_path(7, path), 4)
        counts[tuple(found.tolist())] = counts.get(tuple(found.tolist()), 0) + 1
    assert len(counts) == 24
    statistic = sum((count - 200) ** 2 / 200 for count in counts.values())
    assert statistic < 49.7  # exceeded once in a thousand seeds; this one is fixed


def test_markets_of_one_length_are_permuted_alike() -> None:
    one = walk(400, seed=1)
    other = {name: values**2 for name, values in one.items() if name != "volume"}
    made, beside = permute_bars(one, seed=5, path=2), permute_bars(other, seed=5, path=2)
    for name, values in beside.items():
        np.testing.assert_allclose(values, made[name] ** 2, rtol=RELATIVE)


def test_it_depends_on_seed_and_path() -> None:
    bars = walk(100)
    made = [permute_bars(bars, seed=s, path=p)["close"] for s, p in ((0, 0), (0, 1), (1, 0))]
    again = permute_bars(bars, seed=0, path=0)["close"]
    assert np.array_equal(made[0], again)
    assert len({values.tobytes() for values in made}) == 3


def test_leading_bars_are_kept() -> None:
    bars = walk(200)
    made = permute_bars(bars, start=150)
    for name, values in made.items():
        np.testing.assert_array_equal(values[:150], bars[name][:150])
        assert not np.array_equal(values[150:], bars[name][150:])
    np.testing.assert_allclose(
        np.sort(log_moves(made, 150)["gap"]), np.sort(log_moves(bars, 150)["gap"]), atol=1e-13
    )
    whole = permute_bars(bars, start=200)
    assert all(np.array_equal(whole[name], bars[name]) for name in bars)


@pytest.mark.parametrize("shift", [0, -3, 1 << 20])
def test_bars_are_exchanged_within_their_slots_alone(shift: int) -> None:
    """Nights are large gaps: they stay where nights are."""
    bars = walk(210)
    slots = np.arange(210) % 7 + shift
    nights = np.flatnonzero(np.arange(210) % 7 == 0)
    for name in ("open", "high", "low", "close"):
        bars[name] = bars[name] * np.exp(0.5 * (np.arange(210) // 7))
    made = permute_bars(bars, slots=slots)
    large = np.flatnonzero(log_moves(made)["gap"] > 0.3) + 1
    assert large.tolist() == nights[1:].tolist()
    came = made["volume"].astype(int)
    np.testing.assert_array_equal(slots[came], slots)
    assert np.mean(came == np.arange(210)) < 0.2


def test_slots_that_are_all_alike_are_no_slots() -> None:
    bars = walk(50)
    one = permute_bars(bars, slots=np.zeros(50, dtype=np.int64))
    assert np.array_equal(one["close"], permute_bars(bars)["close"])


def test_a_price_never_leaves_its_bar() -> None:
    """Closes at the high: rounding must not put the close above it."""
    bars = walk(2000, seed=4)
    bars["high"] = np.maximum(bars["open"], bars["close"])
    bars["low"] = np.minimum(bars["open"], bars["close"])
    made = permute_bars(bars)
    assert (made["high"] >= np.maximum(made["open"], made["close"])).all()
    assert (made["low"] <= np.minimum(made["open"], made["close"])).all()


def test_one_bar_and_two_stay() -> None:
    for rows in (1, 2):
        bars = walk(rows)
        made = permute_bars(bars)
        for name, values in made.items():
            np.testing.assert_allclose(values, bars[name], rtol=RELATIVE)


def test_what_is_given_is_not_changed() -> None:
    bars = walk(30)
    before = {name: values.copy() for name, values in bars.items()}
    made = permute_bars(bars)
    for name, values in bars.items():
        assert np.array_equal(values, before[name])
        assert not np.shares_memory(values, made[name])


@pytest.mark.parametrize(
    ("change", "arguments", "words"),
    [
        ({"open": None}, {}, r"without \['open'\]; expected open, high, low and close"),
        ({"volume": np.zeros(3)}, {}, r"column volume has shape \(3,\); expected .* \(10,\)"),
        ({"low": np.zeros(10)}, {}, r"column low has 0\.0 at row 0.*shift the series up"),
        ({"close": np.full(10, np.nan)}, {}, "column close has nan at row 0"),
        ({"high": np.full(10, np.inf)}, {}, "column high has inf at row 0"),
        ({}, {"start": 11}, "start is 11; expected at most the number of bars, 10"),
        ({}, {"start": -1}, "start is -1"),
        ({}, {"seed": -1}, "seed is -1"),
        ({}, {"path": 0.5}, r"path is 0\.5"),
        ({}, {"slots": np.zeros(9, dtype=np.int64)}, r"slots is int64 of shape \(9,\)"),
        ({}, {"slots": np.zeros(10)}, "slots is float64"),
        ({}, {"inner": [0] * 9}, "inner is no permutation; expected each of 0 … 8 once"),
        ({}, {"gap": [1, 0]}, r"gap is int64 of shape \(2,\); expected 9 whole numbers"),
    ],
)
def test_bad_input_is_named(
    change: dict[str, object], arguments: dict[str, object], words: str
) -> None:
    bars = {name: values for name, values in (walk(10) | change).items() if values is not None}
    with pytest.raises(InputError, match=words):
        permute_bars(bars, **arguments)  # type: ignore[arg-type]


def test_no_bars_are_refused() -> None:
    with pytest.raises(InputError, match="the columns are empty"):
        permute_bars({name: [] for name in ("open", "high", "low", "close")})


def test_bars_put_together_from_any_rows() -> None:
    """A row may be used twice, as a bootstrap does."""
    moves = BarMoves.of({name: [1.0, 2.0, 8.0] for name in ("open", "high", "low", "close")})
    made = moves.rebuilt(np.array([1, 1]), np.array([1, 1]))
    assert made["close"].tolist() == [1.0, 4.0, 16.0]
    assert moves.rows == 2
