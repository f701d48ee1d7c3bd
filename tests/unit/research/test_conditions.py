"""Conditions and objectives: what they allow, what they mean, what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.conditions import Condition, Objective

COLUMNS = {"a": np.array([1.0, 2.0, np.nan, 4.0]), "b": np.array([2.0, 2.0, 2.0, 2.0])}


def holds(text: str) -> list[bool]:
    return Condition(text, ["a", "b"]).holds(COLUMNS, 4).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b", [True, False, False, False]),
        ("a <= b", [True, True, False, False]),
        ("a != b", [True, False, False, True]),
        ("not a < b", [False, True, False, True]),  # missing is neither
        ("not not a < b", [True, False, False, False]),
        ("a < b or a > 3", [True, False, False, True]),
        ("1 < a <= 4 and b == 2", [False, True, False, True]),
        ("a * 2 - 1 >= b + 1", [False, True, False, True]),
        ("abs(a - 3) <= 1", [False, True, False, True]),
        ("a / 0 > 1", [False] * 4),  # undefined, and not large
        ("not a / 0 > 1", [False] * 4),
        ("b / (a - 1) > 1", [False, True, False, False]),
        ("not (a - a) / (a - a) > 1", [False] * 4),  # 0/0 is missing, though its names are not
        ("not (a > 3 or b > 2)", [True, True, False, False]),
        ("a < 100000000000000000000000", [True, True, False, True]),  # beyond int64
    ],
)
def test_meaning(text: str, expected: list[bool]) -> None:
    assert holds(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "a <",
        "a",
        "a + b",
        "c > 1",
        "__import__('os').system('true') > 0",
        "a.real > 0",
        "a[0] > 0",
        "(lambda: 1)() > 0",
        "[x for x in (1,)] > 0",
        "a ** 99999999 > 0",
        "'x' > a",
        "True and a > 1",
        "a > True",
        "a is b",
        "2 > 1",
        "a in (1, 2)",
        "f'{a}' > 1",
        "abs(a, b) > 1",
        "abs(x=a) > 1",
        "not a",
        "a < " + "9" * 400,
        "a < 1e999",
        "a and b",
        "(a < b) + 1 > 0",
        "a > 1" + " and a > 1" * 200,
        "(" * 30 + "a" + ")" * 30 + " > " + "-" * 30 + "1",
        "(" * 400 + "a" + ")" * 400 + " > 1",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(SpaceError):
        Condition(text, ["a", "b"])


def test_an_unknown_name_is_named_with_what_there_is() -> None:
    with pytest.raises(SpaceError, match=r"'sharp'.*there are \['sharpe', 'trades'\]"):
        Condition("sharp > 1", ["sharpe", "trades"])


def test_an_unknown_name_is_told_with_the_closest() -> None:
    with pytest.raises(SpaceError, match=r"'max_drawdwn'.*did you mean 'max_drawdown'\?"):
        Objective("-max_drawdwn", ["max_drawdown", "trades"])
    with pytest.raises(SpaceError, match=r"not known; there are \['trades'\]"):
        Objective("zzz", ["trades"])


DOTTED = {
    "execution.fee_bps": np.array([0.0, 5.0, np.nan]),
    "fee_bps": np.array([9.0, 9.0, 9.0]),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("execution.fee_bps < 5", [True, False, False]),
        ("not execution.fee_bps < 5", [False, True, False]),
        ("abs(-execution.fee_bps) >= 5 or fee_bps < execution.fee_bps", [False, True, False]),
    ],
)
def test_dotted_names(text: str, expected: list[bool]) -> None:
    condition = Condition(text, list(DOTTED))
    assert condition.holds(DOTTED, 3).tolist() == expected
    assert condition.uses() <= set(DOTTED)
    assert "execution.fee_bps" in condition.uses()


@pytest.mark.parametrize(
    "text",
    [
        "execution.fee < 5",
        "execution < 5",
        "execution.fee_bps.real < 5",
        "risk.fee_bps < 5",
        "(execution).x < 5",
        "abs(fee_bps).real < 5",
        "'a'.b < 5",
        "execution.fee_bps() < 5",
        "fee_bps.__class__ < 5",
    ],
)
def test_dotted_names_that_are_none(text: str) -> None:
    with pytest.raises(SpaceError):
        Condition(text, list(DOTTED))


def test_an_objective_is_a_number_and_never_infinite() -> None:
    values = Objective("(a - b) / (a - 1)", ["a", "b"]).values(COLUMNS, 4)
    np.testing.assert_array_equal(values, [np.nan, 0.0, np.nan, 2.0 / 3.0])
    with pytest.raises(SpaceError, match="is a condition"):
        Objective("a > b", ["a", "b"])


def test_a_number_is_told_how_it_becomes_a_condition() -> None:
    with pytest.raises(SpaceError, match=r"'a \+ b' is a number; .* such as 'a \+ b > 0'"):
        Condition("a + b", ["a", "b"])


def test_what_reads_nothing_is_refused() -> None:
    with pytest.raises(SpaceError, match=r"objective '3' is the same everywhere; .*\['sharpe'\]"):
        Objective("3", ["sharpe"])


def test_names_that_are_used() -> None:
    assert Condition("abs(abs) > 1", ["abs"]).uses() == {"abs"}  # a parameter may be named so
    assert Condition("abs(a) < 2 and not b > a", ["a", "b", "c"]).uses() == {"a", "b"}


@pytest.mark.parametrize(
    "text", ["fast + " * 2_000_000 + "fast", "x" * 10_000_000, "(fast+" * 70 + "1" + ")" * 70]
)
def test_what_is_refused_is_quoted_short(text: str) -> None:
    for kind in (Condition, Objective):
        with pytest.raises(SpaceError, match=rf"…' \({len(text):,} characters\)") as refused:
            kind(text, ["fast"])
        assert len(str(refused.value)) < 300
