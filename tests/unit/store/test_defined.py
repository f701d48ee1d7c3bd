from __future__ import annotations

import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.store.defined import defined


def test_undefined_metrics_are_null_and_whole_ones_are_floats() -> None:
    found = defined({"trades": 3, "calmar": float("nan"), "sortino": None})
    assert found == {"trades": 3.0, "calmar": None, "sortino": None}


def test_infinite_metrics_are_refused() -> None:
    with pytest.raises(InputError, match="metric calmar is inf"):
        defined({"calmar": float("inf")})
