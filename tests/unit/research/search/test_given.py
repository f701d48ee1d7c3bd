"""Threads and tokens: what is taken, what is refused."""

from __future__ import annotations

import os
import threading

import pytest

from hyprl_lab.errors import ConfigError
from hyprl_lab.research.search.given import checked_cancel, threads_of


def test_threads_are_those_asked_for_or_one_a_core() -> None:
    assert threads_of(3) == 3
    assert 1 <= threads_of(None) <= (os.cpu_count() or 1)


@pytest.mark.parametrize("wrong", [0, -1, 1025, True, 1.0, "2"])
def test_what_is_no_number_of_threads(wrong: object) -> None:
    with pytest.raises(ConfigError, match=r"threads is .*; expected a whole number from 1 to 1024"):
        threads_of(wrong)  # type: ignore[arg-type]  # that is the point


def test_a_token_is_anything_that_may_be_set() -> None:
    token = threading.Event()
    assert checked_cancel(token) is token
    assert checked_cancel(None) is None


@pytest.mark.parametrize("wrong", [True, 5, lambda: False])
def test_what_is_no_token(wrong: object) -> None:
    with pytest.raises(ConfigError, match=r"cancel is .*; expected a threading\.Event\(\)"):
        checked_cancel(wrong)  # type: ignore[arg-type]  # that is the point
