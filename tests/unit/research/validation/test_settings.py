from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.research.validation.settings import Settings


def test_seeds_start_at_0_and_counts_at_1() -> None:
    assert asdict(Settings(seed=0, windows=1))["windows"] == 1


@pytest.mark.parametrize(
    "given",
    [{"windows": 0}, {"resamples": -1}, {"permutations": 1.5}, {"seed": -1}, {"windows": None}],
)
def test_what_is_no_count_is_refused_by_name(given: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(given))):
        Settings(**given)
