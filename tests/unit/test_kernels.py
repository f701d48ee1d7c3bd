"""What the kernels check before they call, and that their names are the metrics' names."""

from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab import kernels
from hyprl_lab.data import load_bars
from hyprl_lab.engine import native
from hyprl_lab.engine.backtest import inputs
from hyprl_lab.engine.config import DEFAULTS, Execution
from hyprl_lab.engine.period import Period
from hyprl_lab.errors import BarsError, CancelledError, ConfigError, InputError, StrategyError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import trial_key
from hyprl_lab.strategy.builtin import dual_sma


def setup(**changes: object) -> kernels.Setup:
    bars = load_bars("TEST")
    made = native.setup(
        inputs(
            bars,
            dual_sma(),
            {"fast": 5.0, "slow": 20.0},
            risk=DEFAULTS.risk,
            execution=Execution(),
            cash=1.0,
            window=Period().window(bars),
        )
    )
    fields = {name: getattr(made, name) for name in kernels.Setup.__slots__}
    return kernels.Setup(**{**fields, **changes})


COLUMNS = dict(load_bars("TEST").columns)
ROWS = np.arange(len(COLUMNS["close"]))
HALVES = np.arange(16.0).reshape(4, 4) - 7.0


def test_metric_names_are_in_the_documented_order() -> None:
    assert kernels.METRIC_NAMES == TRIAL_METRICS


def test_trial_keys_are_those_of_the_readable_definition() -> None:
    names = ["slow", "fast", "é", "Z"]
    values = np.array([[1.0, -0.0, 1e300, 5e-324], [2.0, 0.0, -7.25, 3.0]])
    prefix = bytes(range(32))
    keys = kernels.trial_keys(prefix, names, values)
    for row, key in zip(values, keys, strict=True):
        params = dict(zip(names, row.tolist(), strict=True))
        assert key.tobytes() == trial_key(prefix, params)


def test_halves_are_the_same_by_all_instructions_and_layouts() -> None:
    random = np.random.default_rng(2)
    sums = random.normal(size=(501, 16))
    squares = sums * sums + random.random(sums.shape)
    found = kernels.best_of_halves(sums, squares, length=60, threads=2)
    stands = kernels.standing_in_halves(sums, squares, found.other, length=60, threads=2)
    portable = kernels.best_of_halves(sums, squares, length=60, threads=1, portable=True)
    columns = (np.asfortranarray(sums), np.asfortranarray(squares))
    for one, other in zip(found, portable, strict=True):
        assert one.tobytes() == other.tobytes()
    for other in (
        kernels.standing_in_halves(sums, squares, found.other, length=60, threads=1, portable=True),
        kernels.standing_in_halves(*columns, found.other, length=60, threads=3),
    ):
        for one, two in zip(stands, other, strict=True):
            assert one.tobytes() == two.tobytes()
    assert len(found.trial) == 12_870
    assert np.array_equal(stands[0], np.full(12_870, 501))
    empty = kernels.best_of_halves(np.empty((0, 16)), np.empty((0, 16)), length=60, threads=2)
    assert np.array_equal(empty.trial, np.full(12_870, 2**32 - 1, dtype=np.uint32))


def test_columns_at_odd_addresses_are_realigned() -> None:
    def moved(values: np.ndarray) -> np.ndarray:
        found = np.frombuffer(b"\0" + values.tobytes(), dtype=np.float64, offset=1)
        assert not found.flags.aligned
        return found

    odd = {name: moved(values) for name, values in COLUMNS.items()}
    found, plain = (kernels.backtest(given, setup(), [5.0, 20.0]) for given in (odd, COLUMNS))
    np.testing.assert_array_equal(found["equity"], plain["equity"])
    assert found["behaviour_hash"] == plain["behaviour_hash"]


def test_a_search_at_odd_addresses_is_the_same() -> None:
    def moved(values: np.ndarray) -> np.ndarray:
        found = np.frombuffer(b"\0" + values.tobytes(), dtype=values.dtype, offset=1)
        return found.reshape(values.shape)

    rows = np.array([[5.0, 20.0], [7.0, 30.0]])
    made = setup()
    account = ([(made.risk, made.execution)], np.zeros(2, np.uint32))
    odd = setup(ts=moved(made.ts), headline=moved(made.headline))
    plain = kernels.search(COLUMNS, made, rows, threads=1, settings=account)
    found = kernels.search(
        COLUMNS, odd, moved(rows), threads=1, settings=(account[0], moved(account[1]))
    )
    np.testing.assert_array_equal(found["values"], plain["values"])
    keys = (kernels.trial_keys(bytes(32), ["a", "b"], given) for given in (rows, moved(rows)))
    np.testing.assert_array_equal(*keys)


def test_a_stopped_search_speaks_of_trials() -> None:
    rows = np.tile([5.0, 20.0], (40_000, 1))
    with pytest.raises(CancelledError, match=r"the search was cancelled after [\d,]+ of 40,000"):
        kernels.search(COLUMNS, setup(), rows, threads=1, watch=lambda done, total: True)

    def raises(done: int, total: int) -> bool:
        raise CancelledError("by its own words")

    with pytest.raises(CancelledError, match="by its own words"):
        kernels.search(COLUMNS, setup(), rows, threads=1, watch=raises)


@pytest.mark.parametrize("portable", [False, True])
def test_a_search_row_equals_a_backtest(portable: bool) -> None:
    values = np.array([[5.0, 20.0], [7.0, 30.0]])
    found = kernels.search(COLUMNS, setup(), values, threads=2, portable=portable)
    for place, params in enumerate(([5.0, 20.0], [7.0, 30.0])):
        single = kernels.backtest(COLUMNS, setup(), params)
        np.testing.assert_array_equal(found["values"][:, place], single["values"])
        np.testing.assert_array_equal(found["blocks"][place], single["blocks"])
        assert found["behaviour_hash"][place] == single["behaviour_hash"]


def test_the_readings_of_a_run_without_levels_are_one() -> None:
    single = kernels.backtest(COLUMNS, setup(), [5, 20])
    found = kernels.intrabar(COLUMNS, setup(), [5, 20])
    assert len(found) == 3
    for reading in found:
        np.testing.assert_array_equal(reading["equity"], single["equity"])
        assert reading["behaviour_hash"] == single["behaviour_hash"]


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: kernels.search(COLUMNS, setup(), np.ones(2), threads=1), InputError, "dimensions"),
        (
            lambda: kernels.search(COLUMNS, setup(), np.ones((1, 2)), threads=0),
            InputError,
            "thread",
        ),
        (
            lambda: kernels.search(COLUMNS, setup(), np.ones((1, 3)), threads=1),
            InputError,
            "rows of 3 numbers, and the graph has 2 parameters",
        ),
        (  # twelve numbers would make six rows of two
            lambda: kernels.search(COLUMNS, setup(), np.ones((3, 4)), threads=1),
            InputError,
            "rows of 4 numbers",
        ),
        (
            lambda: kernels.search(COLUMNS, setup(graph="[]"), np.ones((1, 2)), threads=1),
            StrategyError,
            "graph: expected the JSON of a strategy",
        ),
        (
            lambda: kernels.search(
                COLUMNS, setup(graph='{"parameters":5}'), np.ones((1, 2)), threads=1
            ),
            StrategyError,
            "graph: expected the JSON of a strategy",
        ),
        (
            lambda: kernels.search(COLUMNS, setup(cash=float("nan")), np.ones((1, 2)), threads=1),
            ConfigError,
            "cash is nan",
        ),
        (lambda: kernels.backtest(COLUMNS, setup(start=1.5), [5, 20]), InputError, "start is 1.5"),
        (lambda: kernels.backtest(COLUMNS, setup(start=2**70), [5, 20]), InputError, "start is"),
        (
            lambda: kernels.backtest(COLUMNS, setup(headline=np.array([1.0, 2.0])), [5, 20]),
            InputError,
            "headline is float64 .*contiguous int64",
        ),
        (
            lambda: kernels.backtest(COLUMNS, setup(headline=ROWS[::2]), [5, 20]),
            InputError,
            "headline .*contiguous",
        ),
        (
            lambda: kernels.backtest(COLUMNS, setup(headline=[1, 2]), [5, 20]),
            InputError,
            "headline is a list",
        ),
        (
            lambda: kernels.backtest(COLUMNS, setup(headline=np.ones((2, 2), int)), [5, 20]),
            InputError,
            "one dimension",
        ),
        (
            lambda: kernels.backtest(COLUMNS, setup(headline=np.array([-1, 2])), [5, 20]),
            InputError,
            "headline holds -1",
        ),
        (
            lambda: kernels.backtest(COLUMNS, setup(session=ROWS[::-1].copy()), [5, 20]),
            InputError,
            "session falls from 499 to 498 at bar 1",
        ),
        (
            lambda: kernels.backtest(COLUMNS, setup(ts=ROWS[::-1].copy()), [5, 20]),
            InputError,
            "ts falls",
        ),
        (
            lambda: kernels.backtest(COLUMNS, setup(square_off=[True]), [5, 20]),
            InputError,
            "square_off is a list",
        ),
        (
            lambda: kernels.backtest({**COLUMNS, "x": np.ones(3)}, setup(), [5, 20]),
            InputError,
            "len",
        ),
        (lambda: kernels.backtest({"open": COLUMNS["open"]}, setup(), [5, 20]), BarsError, "high"),
        (lambda: kernels.backtest(COLUMNS, setup(start=-1), [5, 20]), InputError, "start"),
        (
            lambda: kernels.backtest(COLUMNS, setup(ts=np.arange(3)), [5, 20]),
            InputError,
            "ts is int64 of shape",
        ),
        (
            lambda: kernels.backtest(COLUMNS, setup(clock=[("weekday", ROWS)]), [5, 20]),
            InputError,
            "clock weekday is int64.*float64",
        ),
        (
            lambda: kernels.intrabar(COLUMNS, setup(longer=[("1w", ROWS, ROWS)]), [5, 20]),
            InputError,
            "longer 1w closed.*bool",
        ),
        (
            lambda: kernels.search(
                COLUMNS, setup(session=np.arange(1000)[::2]), np.ones((1, 2)), threads=1
            ),
            InputError,
            "session .*contiguous",
        ),
        (
            lambda: kernels.backtest(COLUMNS, setup(square_off=ROWS), [5, 20]),
            InputError,
            "square_off",
        ),
        (
            lambda: kernels.best_of_halves(HALVES, HALVES[:2], length=5, threads=1),
            InputError,
            "sums have shape .4, 4. and squares .2, 4.",
        ),
        (
            lambda: kernels.best_of_halves(HALVES[0], HALVES[0], length=5, threads=1),
            InputError,
            "sums has 1 dimensions, expected 2",
        ),
        (
            lambda: kernels.best_of_halves(HALVES[:, :3], HALVES[:, :3], length=5, threads=1),
            ConfigError,
            "3 blocks of time, expected an even number from 2 to 24",
        ),
        (
            lambda: kernels.best_of_halves(HALVES, HALVES, length=0, threads=1),
            ConfigError,
            "blocks of 0 returns",
        ),
        (
            lambda: kernels.best_of_halves(HALVES, HALVES, length=-1, threads=1),
            InputError,
            "length is -1",
        ),
        (
            lambda: kernels.standing_in_halves(HALVES, HALVES, np.ones(5), length=5, threads=1),
            ConfigError,
            "5 scores are given for 6 halves of 4 blocks",
        ),
        (lambda: kernels.backtest(COLUMNS, setup(start=500), [5, 20]), BarsError, "starts at bar"),
        (lambda: kernels.backtest(COLUMNS, setup(graph="{"), [5, 20]), StrategyError, "graph"),
        (lambda: kernels.backtest(COLUMNS, setup(risk="{}"), [5, 20]), ConfigError, "risk"),
        (lambda: kernels.backtest(COLUMNS, setup(execution="{}"), [5, 20]), ConfigError, "exec"),
        (lambda: kernels.backtest(COLUMNS, setup(), [5]), ConfigError, "2 parameters"),
        (
            lambda: kernels.backtest(COLUMNS, setup(headline=np.array([3, 2])), [5, 20]),
            BarsError,
            "ascend",
        ),
    ],
)
def test_refused(call: object, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        call()
