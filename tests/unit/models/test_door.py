from __future__ import annotations

import hyprl_lab.models as door


def test_the_door_is_sorted_and_complete() -> None:
    assert sorted(door.__all__) == sorted(set(door.__all__))
    assert all(hasattr(door, name) for name in door.__all__)
