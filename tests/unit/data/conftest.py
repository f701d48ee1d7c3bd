"""Small frames that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def make_frame() -> Callable[..., pd.DataFrame]:
    """A valid daily frame of `rows` weekdays from Monday 6 January 2020, UTC."""

    def make(rows: int = 12, freq: str = "B", tz: str | None = "UTC") -> pd.DataFrame:
        index = pd.date_range("2020-01-06", periods=rows, freq=freq, tz=tz, name="ts", unit="us")
        base = 100.0 + np.arange(rows, dtype=np.float64)
        return pd.DataFrame(
            {
                "open": base,
                "high": base + 2.0,
                "low": base - 2.0,
                "close": base + 1.0,
                "volume": 1000.0 + np.arange(rows),
            },
            index=index,
        )

    return make
