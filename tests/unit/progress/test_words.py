"""A step in words."""

from __future__ import annotations

import pytest

from hyprl_lab.progress.words import count_text, duration_text, facts, leader_rows, memory_text
from hyprl_lab.types import Leader, Progress


def test_what_is_not_known_is_left_out() -> None:
    assert facts(Progress(0, 10, 0.0)) == ()
    assert facts(Progress(5, 10, 1.0)) == ("5.0 trials/s", "1.0 s left")


def test_at_the_end_stands_what_it_took() -> None:
    assert facts(Progress(1_000, 1_000, 61.0, best=-0.25)) == (
        "16.4 trials/s",
        "took 1 min 1 s",
        "best -0.25",
    )


def test_nothing_to_do_is_done() -> None:
    assert count_text(Progress(0, 0, 0.0)) == "0 of 0 trials (100 %)"
    assert count_text(Progress(999, 1_000, 1.0)) == "999 of 1,000 trials (99 %)"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(9.94, "9.9 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3_661, "1 h 1 min")],
)
def test_a_length_of_time_has_two_units(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_megabytes_become_gigabytes() -> None:
    assert memory_text(999_400_000) == "999 MB"
    assert memory_text(999_600_000) == "1.0 GB"


def test_a_leaderboard_has_a_column_a_parameter() -> None:
    leaders = (Leader(1.23456, {"fast": 12.0, "k": 0.1234567}), Leader(1.0, {"fast": 3.0}))
    heads, rows = leader_rows(leaders)
    assert heads == ("#", "objective", "fast", "k")
    assert rows == [("1", "1.235", "12", "0.123457"), ("2", "1", "3", "")]
