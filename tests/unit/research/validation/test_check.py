from __future__ import annotations

from typing import Any, cast

from hyprl_lab.research.validation.asking import Asking
from hyprl_lab.research.validation.check import Check


def test_a_check_that_computes_nothing_finds_nothing() -> None:
    check = Check(name="own", rows=("a",), read=lambda _asking, found: [found])
    asking: Any = cast("Asking", object())
    assert check.compute(asking) is None
    assert check.read(asking, check.compute(asking)) == [None]
