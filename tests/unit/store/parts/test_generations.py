from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hyprl_lab.store.parts import generations

if TYPE_CHECKING:
    from hyprl_lab.store import Warehouse


def test_each_swap_begins_one(warehouse: Warehouse) -> None:
    with warehouse.control.read() as transaction:
        assert generations.current(transaction) == 0
    with warehouse.control.write() as transaction:
        assert generations.next_generation(transaction) == 1
        assert generations.current(transaction) == 1
    with pytest.raises(KeyError), warehouse.control.write() as transaction:
        raise KeyError(generations.next_generation(transaction))
    with warehouse.control.write() as transaction:
        assert generations.next_generation(transaction) == 2
