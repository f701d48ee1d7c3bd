from __future__ import annotations

import pytest

from hyprl_lab.presets.rechecking.line import Line, at, compared


@pytest.mark.parametrize(
    ("found", "expected", "ok"),
    [
        (1, 1.0, True),
        (True, 1, False),
        (0, False, False),
        (None, None, True),
        ("1", 1, False),
        (0.1, 0.1 + 1e-18, True),
        (0.1, 0.1 + 1e-16, False),
    ],
)
def test_values_are_compared_with_their_kind(found: object, expected: object, ok: bool) -> None:
    assert compared("part", found, expected).ok is ok


def test_a_line_stays_one_short_line() -> None:
    line = compared("part", "a\nb\x1b[2J" + "x" * 9_999, [1] * 9_999)
    text = str(line)
    assert text.startswith("FAIL  part: found 'a\\nb\\x1b[2Jxx")
    assert text.isprintable()
    assert len(text) < 300
    assert line.to_dict() == {
        "part": "part",
        "found": line.found,
        "expected": line.expected,
        "ok": False,
    }
    assert str(Line(part="bars", found="none", expected="some", ok=None)).startswith("-     bars")


def test_a_missing_part_is_none() -> None:
    assert at({"a": {"b": [1]}}, "a", "b") == [1]
    assert at({"a": {"b": [1]}}, "a", "b", "c") is None
    assert at({}, "a", "b") is None
