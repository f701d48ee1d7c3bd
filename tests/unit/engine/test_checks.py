"""Single settings: which values pass, and that a refusal names owner and setting."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from hyprl_lab.engine import checks
from hyprl_lab.errors import ConfigError


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.int64(2), Fraction(2)])
def test_any_real_number_becomes_a_float(value: Any) -> None:
    found = checks.number("Owner", "setting", value)
    assert (found, type(found)) == (2.0, float)


def test_minus_zero_is_zero() -> None:
    assert math.copysign(1.0, checks.number("Owner", "setting", -0.0)) == 1.0


@pytest.mark.parametrize("value", [math.nan, math.inf, True, "2", None, 10**400, 1j])
def test_what_is_no_finite_number_is_named(value: Any) -> None:
    with pytest.raises(ConfigError, match="Owner setting"):
        checks.number("Owner", "setting", value)


def test_ranges() -> None:
    assert checks.number("o", "n", 0, least=0.0) == 0.0
    assert checks.above_zero("o", "n", 5e-324) == 5e-324
    assert checks.above_zero("o", "n", 100, most=100.0) == 100.0
    assert checks.share("o", "n", 1) == 1.0
    for refused in (
        lambda: checks.number("o", "n", -1e-9, least=0.0),
        lambda: checks.above_zero("o", "n", 0),
        lambda: checks.above_zero("o", "n", 100.1, most=100.0),
        lambda: checks.share("o", "n", 0.0),
        lambda: checks.share("o", "n", 1.0001),
    ):
        with pytest.raises(ConfigError, match="o n="):
            refused()


@pytest.mark.parametrize("value", [3, 3.0, np.int32(3)])
def test_a_whole_number_may_be_written_as_a_float(value: Any) -> None:
    found = checks.whole("o", "n", value, least=3)
    assert (found, type(found)) == (3, int)


@pytest.mark.parametrize("value", [2, 3.5, True, "3", None, math.nan, math.inf, 2**31])
def test_what_is_not_whole_or_out_of_range_is_named(value: Any) -> None:
    with pytest.raises(ConfigError, match=r"o n=.*whole number >= 3"):
        checks.whole("o", "n", value, least=3)


def deep() -> list[Any]:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    return nested


@pytest.mark.parametrize("kind", ["integer", "negative", "list", "mapping", "text"])
def test_a_message_stays_short_whatever_was_found(kind: str) -> None:
    value: Any = {
        "integer": 10**5000,
        "negative": -(10**5000),
        "list": deep(),
        "mapping": {"a": deep()},
        "text": "x" * 9_999,
    }[kind]
    for refused in (
        lambda: checks.number("o", "n", value),
        lambda: checks.within("o", "n", value, 1e-9, 1.0),
        lambda: checks.whole("o", "n", value, least=1),
        lambda: checks.choice("o", "n", value, ("a", "b")),
        lambda: checks.flag("o", "n", value),
    ):
        with pytest.raises(ConfigError, match="o n=") as caught:
            refused()
        assert len(str(caught.value)) < 200


def test_both_ends_are_let_through_and_named() -> None:
    assert checks.within("o", "n", 1e-9, 1e-9, 1e12) == 1e-9
    assert checks.within("o", "n", 1e12, 1e-9, 1e12) == 1e12
    for value in (9e-10, 1.1e12, 0, -1):
        with pytest.raises(ConfigError, match=r"expected 1e-09 <= n <= 1e\+12"):
            checks.within("o", "n", value, 1e-9, 1e12)
    with pytest.raises(ConfigError, match="o n=11; expected n <= 10"):
        checks.number("o", "n", 11, most=10.0)
    with pytest.raises(ConfigError, match=r">= 2 and <= 1,000"):
        checks.whole("o", "n", 1_001, least=2, most=1_000)


def test_choices_flags_and_mappings() -> None:
    checks.choice("o", "n", "a", ("a", "b"))
    checks.flag("o", "n", False)
    assert checks.mapping("o", {"a": 1}) == {"a": 1}
    for refused in (
        lambda: checks.choice("o", "n", "c", ("a", "b")),
        lambda: checks.choice("o", "n", ["a"], ("a", "b")),
        lambda: checks.flag("o", "n", 1),
        lambda: checks.mapping("o n", [1]),
    ):
        with pytest.raises(ConfigError, match="o n"):
            refused()
