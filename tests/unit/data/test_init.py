from __future__ import annotations

import hyprl_lab.data as door


def test_the_door_is_sorted_and_complete():
    assert door.__all__ == sorted(door.__all__)
    assert door.__all__ == [
        "Bars",
        "LongerBars",
        "Timeframe",
        "bars_per_year",
        "clock",
        "dataset_names",
        "load_bars",
        "longer_bars",
        "read_bars",
        "session_numbers",
        "square_off",
    ]
    assert all(callable(getattr(door, name)) for name in door.__all__)
