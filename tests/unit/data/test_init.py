from __future__ import annotations

import hyprl_lab.data as door


def test_the_door_is_sorted_and_complete():
    assert door.__all__ == sorted(door.__all__)
    assert door.__all__ == ["Bars", "dataset_names", "load_bars", "read_bars"]
    assert all(callable(getattr(door, name)) for name in door.__all__)
