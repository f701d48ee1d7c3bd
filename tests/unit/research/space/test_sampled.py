"""Drawn points: what they are, that they repeat, and what is refused before anything runs."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from hyprl_lab.errors import ConfigError, SpaceError
from hyprl_lab.research.space import Sampled, choice, floats, ints, points_of
from hyprl_lab.strategy import Strategy, close, param
from hyprl_lab.strategy.builtin import dual_sma

PAIR = Strategy("pair", long_entry=close * param("a", 0.0, 1.0) > param("b", 0.0, 1.0))
UNIT = {"a": floats(0, 1), "b": floats(0, 1)}
SAMPLERS = ["random", "sobol", "latin_hypercube"]


def drawn(
    sampler: str,
    count: int,
    *,
    seed: int = 0,
    where: str | None = None,
    space: object = UNIT,
    size: int = 1000,
) -> np.ndarray:
    points = points_of(PAIR, space, where, sampler=sampler, max_trials=count, seed=seed)  # type: ignore[arg-type]
    return np.concatenate([batch.values for batch in points.batches(size)])


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_points_depend_on_the_seed_alone(sampler: str) -> None:
    found = drawn(sampler, 10_000, seed=5)
    assert found.shape == (10_000, 2)
    np.testing.assert_array_equal(found, drawn(sampler, 10_000, seed=5, size=777))
    assert (found != drawn(sampler, 10_000, seed=6)).all()
    assert len(np.unique(found, axis=0)) == 10_000  # blocks don't repeat each other


@pytest.mark.parametrize("sampler", ["random", "sobol"])
def test_more_trials_begin_with_the_same_ones(sampler: str) -> None:
    np.testing.assert_array_equal(drawn(sampler, 100), drawn(sampler, 9_000)[:100])


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_points_are_uniform(sampler: str) -> None:
    found = drawn(sampler, 8_192)
    counts = np.histogram2d(found[:, 0], found[:, 1], bins=8, range=[[0, 1], [0, 1]])[0]
    # 128 expected in each cell; the most of 64 normal deviations is below 5
    assert np.abs(counts - 128).max() < 5 * np.sqrt(128)


def test_sobol_points_are_balanced() -> None:
    """A (t, m, s)-net in base 2 of dimension 2 has t = 0: each cell of 2^-m has one point."""
    found = drawn("sobol", 1_024)
    for rows in range(11):
        cells = np.stack([found[:, 0] * 2**rows, found[:, 1] * 2 ** (10 - rows)]).astype(int)
        assert len(np.unique(cells, axis=1).T) == 1_024


@pytest.mark.parametrize(("count", "strata"), [(500, 500), (4_096, 4_096)])
def test_a_latin_hypercube_has_each_part_of_each_axis_once(count: int, strata: int) -> None:
    found = drawn("latin_hypercube", count)
    for column in found.T:
        assert sorted((column * strata).astype(int)) == list(range(strata))


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_condition_keeps_the_points_that_meet_it_in_order(sampler: str) -> None:
    plain = drawn(sampler, 20_480)
    kept = drawn(sampler, 5_000, where="a < b")
    assert (kept[:, 0] < kept[:, 1]).all()
    expected = plain[plain[:, 0] < plain[:, 1]]
    np.testing.assert_array_equal(kept, expected[:5_000])


def test_axes_keep_their_values_and_scales() -> None:
    space = {"a": choice([0.25, 0.5]), "b": floats(0.001, 1, log=True)}
    found = drawn("random", 20_000, space=space)
    assert set(found[:, 0]) == {0.25, 0.5}
    assert abs((found[:, 0] == 0.5).mean() - 0.5) < 0.02
    assert abs((found[:, 1] < 0.01).mean() - 1 / 3) < 0.02  # a decade of three


def test_a_conditional_parameter_takes_its_other_value() -> None:
    space = {"a": choice([0, 1]), "b": floats(0.5, 1, when="a > 0", otherwise=0)}
    found = drawn("sobol", 1_000, space=space)
    assert (found[found[:, 0] == 0, 1] == 0).all()
    assert (found[found[:, 0] == 1, 1] >= 0.5).all()


def test_a_trillion_points_are_no_matter() -> None:
    wide = Strategy("wide", long_entry=close * param("a", 0, 10**6) > param("b", 0, 10**6))
    points = points_of(
        wide, {"a": range(10**6), "b": range(10**6)}, sampler="random", max_trials=100
    )
    (batch,) = points.batches(1_000)
    assert (batch.values == np.floor(batch.values)).all()
    assert len(np.unique(batch.values)) > 190


def test_json_has_what_decides_the_points() -> None:
    points = points_of(PAIR, UNIT, "a < b", sampler="sobol", max_trials=64)
    assert points.to_json() == {
        "axes": [
            ["a", {"kind": "floats", "low": 0.0, "high": 1.0}],
            ["b", {"kind": "floats", "low": 0.0, "high": 1.0}],
        ],
        "where": "a < b",
        "sampler": "sobol",
        "max_trials": 64,
    }


def test_memory_does_not_grow_with_the_number_of_points() -> None:
    peaks = []
    for count in (100_000, 500_000):
        points = points_of(PAIR, UNIT, sampler="random", max_trials=count)
        tracemalloc.start()
        assert sum(len(batch.values) for batch in points.batches(1 << 14)) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


@pytest.mark.parametrize(
    ("changed", "parts"),
    [
        ({"max_trials": None}, ["max_trials is not given", "max_trials=1000"]),
        ({"max_trials": 0}, ["max_trials is 0", "from 1 to 100,000,000"]),
        ({"max_trials": -5}, ["max_trials is -5"]),
        ({"max_trials": 10**8 + 1}, ["max_trials is 100000001"]),
        ({"max_trials": 10.0}, ["max_trials is 10.0", "expected a whole number"]),
        ({"max_trials": True}, ["max_trials is True"]),
        ({"where": "a > 2"}, ["points drawn 0 meet where='a > 2'", "(0 of them)", "widen"]),
        ({"space": {"a": floats(0, 2), "b": [1]}}, ["'a' is 2; expected 0 to 1"]),
        (
            {"space": {"a": floats(0, 1, count=4), "b": floats(0, 1, count=5)}, "max_trials": 20},
            ["the space has 20 points", "max_trials=20", "sampler='grid'"],
        ),
        (
            {"space": {"a": floats(0.5, 1, when="b > 0", otherwise=7), "b": [0, 1]}},
            ["'a' is 7; expected 0 to 1"],
        ),
    ],
)
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_refused(sampler: str, changed: dict[str, object], parts: list[str]) -> None:
    given = {"space": UNIT, "where": None, "max_trials": 100} | changed
    with pytest.raises(SpaceError) as caught:
        points_of(
            PAIR,
            given["space"],  # type: ignore[arg-type]
            given["where"],  # type: ignore[arg-type]
            sampler=sampler,
            max_trials=given["max_trials"],  # type: ignore[arg-type]
        )
    for part in parts:
        assert part in str(caught.value)


def test_a_condition_that_is_met_too_seldom_says_how_often() -> None:
    points = points_of(PAIR, UNIT, "a < 0.0002", sampler="random", max_trials=300, seed=1)
    assert points.size == 300
    module = __import__(Sampled.__module__, fromlist=["_REJECTED"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_REJECTED", 8_192)
        with pytest.raises(SpaceError, match=r"points drawn [1-9]\d* meet.*none of the last 8,192"):
            list(points.batches(100))


@pytest.mark.parametrize("seed", [-1, 2**53, 1.5, "x", True])
def test_a_seed_that_is_none(seed: object) -> None:
    with pytest.raises(ConfigError, match="seed is"):
        points_of(PAIR, UNIT, sampler="random", max_trials=5, seed=seed)  # type: ignore[arg-type]


def test_windows_are_drawn_whole() -> None:
    space = {"fast": ints(2, 50, log=True), "slow": range(60, 300, 7)}
    points = points_of(dual_sma(), space, "fast < slow", sampler="sobol", max_trials=1_000)
    (batch,) = points.batches(1_000)
    assert set(batch.values[:, 0]) <= set(range(2, 51))
    assert set(batch.values[:, 1]) <= set(range(60, 300, 7))
