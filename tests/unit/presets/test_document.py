from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.errors import InputError
from hyprl_lab.presets.document import dump, exact_keys, parse

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), max_size=30)
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
        ("a: &x [1]\nb: *x\n", "alias 'x'"),
        ("a: !!python/object/apply:os.system ['true']\n", "not plain YAML"),
        ("a: 2020-01-01\n", "date"),
        ("1: a\n", "key 1 is not text"),
        ("- a\n", "holds list"),
        ("", "holds NoneType"),
        ("a: [1\n", "not plain YAML"),
        ("a: " + "x" * 1_000_001, "characters"),
    ],
)
def test_refused(text: str, named: str) -> None:
    with pytest.raises(InputError, match=named):
        parse(text, source="test")


def test_keys_are_exact() -> None:
    exact_keys({"a": 1, "b": 2}, ("a",), source="test", optional=("b",))
    with pytest.raises(InputError, match=r"misses \['a'\] and has unknown \['c'\]"):
        exact_keys({"c": 1}, ("a",), source="test")
