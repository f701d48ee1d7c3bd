from __future__ import annotations

import hyprl_lab.data as door


def test_the_door_is_sorted_and_complete():
    assert door.__all__ == sorted(door.__all__)
    exported = {name for name, value in vars(door).items() if callable(value)}
    assert set(door.__all__) == exported
    assert {"Bars", "Panel", "Quality", "load_bars", "read_bars", "read_factors"} <= exported
