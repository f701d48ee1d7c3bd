"""Bars to work indicators out on, by the readable engine."""

from types import SimpleNamespace

import numpy as np
import pytest

from hyprl_lab.engine.reference_graph import evaluate_nodes
from hyprl_lab.strategy.causality import warm_ups
from hyprl_lab.strategy.graph import flatten, node_json


def _walk() -> dict[str, np.ndarray]:
    """A walk on ticks of 0.1 with a flat stretch in it, sessions of 40 bars."""
    random = np.random.default_rng(20)
    close = np.round(100 + np.cumsum(random.normal(0, 0.8, 320)), 1)
    close[200:245] = close[199]
    opened = np.r_[close[0], close[:-1]]
    wide = np.round(random.exponential(0.5, (2, 320)), 1)
    wide[:, 200:245] = 0
    return {
        "open": opened,
        "high": np.maximum(opened, close) + wide[0],
        "low": np.minimum(opened, close) - wide[1],
        "close": close,
        "volume": random.integers(1_000, 90_000, 320).astype(float),
    }


def _worked_out(expr, columns, params):
    graph = flatten({"x": expr})
    bars = len(columns["close"])
    inputs = SimpleNamespace(
        graph={"version": 1, "nodes": [node_json(node) for node in graph.nodes]},
        columns=columns,
        params={name: float(value) for name, value in params.items()},
        ts=np.arange(bars),
        clock={"bar_of_session": np.arange(bars) % 40.0},
        longer={},
    )
    warm_up = warm_ups(graph.nodes, params)[graph.roots["x"]]
    return np.array(evaluate_nodes(inputs, [graph.roots["x"]])[0]), warm_up


@pytest.fixture(scope="session")
def bars():
    return SimpleNamespace(**_walk())


@pytest.fixture(scope="session")
def on_bars(bars):
    """Return an expression's values on the walk, for given parameters."""
    return lambda expr, **params: _worked_out(expr, vars(bars), params)[0]


@pytest.fixture(scope="session")
def on_few():
    """Return an expression's values on bars that are given, high = low = open = close if not."""

    def work(expr, close, **columns):
        close = np.array(close, dtype=float)
        given = {name: np.array(column, dtype=float) for name, column in columns.items()}
        base = {**dict.fromkeys(("open", "high", "low", "close"), close), "volume": close * 0 + 1}
        return _worked_out(expr, base | given, {})[0].tolist()

    return work


@pytest.fixture(scope="session")
def agree(bars):
    """Assert that an expression has the values that are wanted, the first after its warm-up.

    Relative to max(1, |value|), 1e-9: the tolerance of all indicators.
    """

    def check(expr, wanted, **params):
        values, warm_up = _worked_out(expr, vars(bars), params)
        assert np.isnan(values[:warm_up]).all()
        assert np.isfinite(values[warm_up:]).all()
        there = np.isfinite(wanted)
        assert there.sum() > 200
        apart = np.abs(values - wanted)[there] / np.maximum(1, np.abs(wanted[there]))
        assert apart.max() <= 1e-9

    return check
