from __future__ import annotations

from hyprl_lab.data import importing


def test_the_door_is_complete():
    assert importing.__all__ == [
        *("DATES", "REPAIRS", "Imported", "Stamp", "import_file", "import_several"),
    ]
    assert all(hasattr(importing, name) for name in importing.__all__)
