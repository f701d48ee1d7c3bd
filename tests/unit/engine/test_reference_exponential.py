"""The exponential of the twin, against the C library's and the native engine's."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hyprl_lab.data import Bars
from hyprl_lab.engine.reference_exponential import exponential
from hyprl_lab.research.features import matrix
from hyprl_lab.strategy import LogisticModel, col, probability

RANDOM = np.random.default_rng(7)
ARGUMENTS = np.concatenate(
    [
        RANDOM.uniform(-760, 720, 4_000),
        RANDOM.normal(0, 1, 4_000),
        RANDOM.choice([-1.0, 1.0], 2_000) * 10.0 ** RANDOM.uniform(-320, 3, 2_000),
        [0.0, -0.0, 0.5 * math.log(2), 1.5 * math.log(2), -1.5 * math.log(2), 709.78, -745.13],
    ]
)


def test_within_two_units_in_the_last_place() -> None:
    for x in ARGUMENTS.tolist():
        if -708.0 < x < 709.0:
            expected = math.exp(x)
            assert abs(exponential(x) - expected) <= 2.0 * math.ulp(expected), x


def test_the_ends() -> None:
    assert exponential(710.0) == math.inf
    assert exponential(math.inf) == math.inf
    assert exponential(-746.0) == 0.0
    assert exponential(-math.inf) == 0.0
    assert math.isnan(exponential(math.nan))
    assert exponential(-745.0) == pytest.approx(5e-324)


def test_to_the_bit_that_of_the_native_engine() -> None:
    prices = np.full(ARGUMENTS.size, 10.0)
    columns = dict.fromkeys(("open", "high", "low", "close"), prices)
    ts = np.arange(ARGUMENTS.size) * 86_400_000_000
    bars = Bars("X", "1d", "24/7", ts, {**columns, "z": ARGUMENTS})
    model = LogisticModel((col("z"),), (1.0,), intercept=0, trained_until=-1)
    native, python = (
        matrix(bars, {"p": probability(model)}, engine=engine)["p"].to_numpy()
        for engine in ("native", "python")
    )
    assert np.array_equal(native, python)
