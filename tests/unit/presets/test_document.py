from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.errors import InputError
from hyprl_lab.presets.document import dump, exact_keys, parse

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), max_size=30)
HOSTILE = [
    "a: 2020-13-45\n",
    "? [a]\n: b\n",
    "{{a: b}: c}\n",
    "a: " + "1" * 5_000 + "\n",
    "a: !!int x\n",
    "a: !!float x\n",
    "a: !!bool zz\n",
    "a: !!timestamp zz\n",
    "".join(" " * level + "a:\n" for level in range(1_200)),
    "a: " + "[" * 4_000,
    "a: " + "{" * 4_000,
    "- " * 4_000,
    "? " * 4_000,
    "a: 0x10\n",
    "a: 010\n",
    "a: 1_000\n",
    "a: 190:20:30\n",
    "a: 12345678901234567\n",
    "a: .nan\n",
    "a: -.inf\n",
    "a: 1.0e+999\n",
    "a: " + "1" * 5_000 + ".0\n",
    "<<: {a: 1}\n",
    "a: =\n",
    'a: "\\U00110000"\n',
    'a: "\\UFFFFFFFF"\n',
    "%YAML " + "9" * 5_000 + ".1\n---\na: 1\n",
    "~: 1\n",
    "true: 1\n",
    "a: \x00\n",
    "a: ]\n",
]


def flow(levels: int) -> str:
    return "a: " + "[" * levels + "]" * levels


def block(levels: int) -> str:
    return "".join(" " * level + "a:\n" for level in range(levels))


def compact(levels: int) -> str:
    return "a:\n  " + "- " * levels + "1\n"


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, PLAIN, max_size=5))
def test_what_is_written_is_read_back(data: dict[str, object]) -> None:
    assert parse(dump(data), source="test") == data  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a: 1\na: 2\n", "line 2: key 'a' stands twice"),
        ("a: {b: 1, b: 2}\n", "'b' stands twice"),
        ("a: &x [1]\nb: *x\n", "an anchor"),
        ("a: *x\n", "an alias"),
        ("a: [" + "1," * 60_000 + "]", "more than 50,000 values"),
        ("a: 1\n---\nb: 2\n", "more than one document"),
        ("%YAML 1.1\n---\na: 1\n", "a directive"),
        ("a: !!python/object/apply:os.system ['true']\n", "not plain YAML"),
        ("a: 2020-01-01\n", "date"),
        ("1: a\n", "key 1 is not text"),
        ("- a\n", "holds a list"),
        ("", "holds nothing"),
        ("a: [1\n", "not plain YAML"),
        ("a: " + "x" * 1_000_001, "characters"),
    ],
)
def test_refused(text: str, named: str) -> None:
    with pytest.raises(InputError, match=named):
        parse(text, source="test")


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_it_holds_the_refusal_is_an_input_error_at_once(text: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(InputError) as caught:
        parse(text, source="test")
    assert time.perf_counter() - begun < 2.0
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("make", [flow, block, compact])
def test_levels_are_bounded(make: Callable[[int], str]) -> None:
    parse(make(20), source="test")
    with pytest.raises(InputError, match="more than 32 levels"):
        parse(make(40), source="test")


@given(st.text(st.sampled_from("ab1-?:,[]{}#&*!|>'\"%@`\\Ux0~.<= \n\t\r\x85\ufeff\0"), max_size=40))
def test_no_text_raises_anything_else(text: str) -> None:
    with contextlib.suppress(InputError):
        parse(text, source="test")


def test_brackets_inside_text_are_no_levels() -> None:
    assert parse(f"a: '{'[' * 100}'\n", source="test") == {"a": "[" * 100}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9007199254740992", 2**53),
        ("-0", 0),
        ("+7", 7),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1.5e+3", -1500.0),
        ("1e5", "1e5"),
        ("~", None),
        ("", None),
        ("Yes", True),
        ("off", False),
        ("'0x10'", "0x10"),
    ],
)
def test_plain_values(text: str, value: object) -> None:
    found = parse(f"a: {text}\n", source="test")["a"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_exact() -> None:
    exact_keys({"a": 1, "b": 2}, ("a",), source="test", optional=("b",))
    with pytest.raises(InputError, match=r"misses \['a'\] and has unknown \['c'\]"):
        exact_keys({"c": 1}, ("a",), source="test")
