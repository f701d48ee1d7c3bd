"""What it means that two simulations agree; every tolerance stands here, once."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from hyprl_lab.engine.simulation import Simulation
    from hyprl_lab.types import FloatArray

PRICE: Final = 1e-12
"""On quantities and prices, relative: they are a few rounded operations away from the bars."""

NUMBER: Final = 1e-10
"""On all other numbers, times max(1, |x|): the documented bound on rounding between engines."""

_PRICES: Final = {
    "trades": ("entry_price", "exit_price", "quantity", "stop_price"),
    "orders": ("asked", "quantity", "price"),
}


def assert_agree(native: Simulation, twin: Simulation) -> None:
    """Trades and orders exactly, quantities and prices to `PRICE`, numbers to `NUMBER`."""
    for table in ("orders", "trades"):
        left, right = getattr(native, table), getattr(twin, table)
        assert len(left) == len(right), f"{len(left)} and {len(right)} {table}"
        for item in fields(left):
            a, b = getattr(left, item.name), getattr(right, item.name)
            label = f"{table}.{item.name}"
            assert a.dtype == b.dtype, f"{label} is {a.dtype} and {b.dtype}"
            if a.dtype != np.float64:
                np.testing.assert_array_equal(a, b, label)
            elif item.name in _PRICES[table]:
                _close(a, b, label, relative=PRICE, absolute=0.0)
            else:
                _close(a, b, label, relative=NUMBER, absolute=NUMBER)
    _close(native.equity, twin.equity, "equity", relative=NUMBER, absolute=NUMBER)
    _close(native.blocks, twin.blocks, "blocks", relative=NUMBER, absolute=NUMBER)
    assert list(native.values) == list(twin.values)
    a, b = (np.array(list(found.values.values())) for found in (native, twin))
    _close(a, b, f"values {list(twin.values)}", relative=NUMBER, absolute=NUMBER)
    assert native.behaviour_hash == twin.behaviour_hash
    assert native.ruined_bar == twin.ruined_bar
    deficits = np.array([native.deficit]), np.array([twin.deficit])
    _close(*deficits, "deficit", relative=NUMBER, absolute=NUMBER)


def assert_same_bits(a: Simulation, b: Simulation) -> None:
    """Every output equal to the bit."""
    for table in ("orders", "trades"):
        left, right = getattr(a, table), getattr(b, table)
        for item in fields(left):
            x, y = getattr(left, item.name), getattr(right, item.name)
            np.testing.assert_array_equal(x, y, f"{table}.{item.name}", strict=True)
    np.testing.assert_array_equal(a.equity, b.equity, "equity", strict=True)
    np.testing.assert_array_equal(a.blocks, b.blocks, "blocks", strict=True)
    np.testing.assert_equal(a.values, b.values)
    assert (a.behaviour_hash, a.ruined_bar, a.deficit) == (
        b.behaviour_hash,
        b.ruined_bar,
        b.deficit,
    )


def _close(a: FloatArray, b: FloatArray, label: str, *, relative: float, absolute: float) -> None:
    """Within relative·|b|, or within `absolute` where that is more: absolute·max(1, |x|)."""
    if np.array_equal(a, b, equal_nan=True):
        return
    assert a.shape == b.shape, f"{label}: shapes {a.shape} and {b.shape}"
    allowed = np.maximum(absolute, relative * np.abs(b))
    near = (np.abs(a - b) <= allowed) | (a == b) | (np.isnan(a) & np.isnan(b))
    if not near.all():
        at = tuple(int(place[0]) for place in np.nonzero(~near))
        raise AssertionError(f"{label}{list(at)}: {a[at]!r} and {b[at]!r}")
