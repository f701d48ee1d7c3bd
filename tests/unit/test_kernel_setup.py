"""What a simulation is set up with: realigned where it must be, refused where it makes no sense."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyprl_lab.errors import ConfigError, InputError, StrategyError
from hyprl_lab.kernel_setup import Setup, setup_of

BARS = 4
ROWS = np.arange(BARS)


def setup(**changes: Any) -> Setup:
    fields: dict[str, Any] = {
        "graph": "{}",
        "risk": "{}",
        "execution": "{}",
        "cash": 1.0,
        "start": 0,
        "headline": ROWS,
        "periods_per_year": 252.0,
        "years": 0.0,
        "ts": ROWS,
        "bars_per_year": 252.0,
        "clock": [("weekday", ROWS.astype(float))],
        "longer": [("1w", ROWS, ROWS > 1)],
        "session": ROWS,
        "square_off": ROWS > 1,
    }
    return Setup(**{**fields, **changes})


def at_odd_addresses(values: Any) -> Any:
    found = np.frombuffer(b"\0" + values.tobytes(), dtype=values.dtype, offset=1)
    assert values.dtype == np.bool_ or not found.flags.aligned
    return found


def test_every_array_is_realigned() -> None:
    plain = setup()
    odd = setup(
        headline=at_odd_addresses(ROWS),
        ts=at_odd_addresses(ROWS),
        clock=[("weekday", at_odd_addresses(ROWS.astype(float)))],
        longer=[("1w", at_odd_addresses(ROWS), at_odd_addresses(ROWS > 1))],
        session=at_odd_addresses(ROWS),
        square_off=at_odd_addresses(ROWS > 1),
    )
    found = setup_of(odd, (BARS,))
    arrays = [found.headline, found.ts, found.session, found.square_off]
    arrays += [values for _, values in found.clock]
    arrays += [values for _, *both in found.longer for values in both]
    wanted = [plain.headline, plain.ts, plain.session, plain.square_off]
    wanted += [plain.clock[0][1], *plain.longer[0][1:]]
    for made, given in zip(arrays, wanted, strict=True):
        assert made is not None
        assert given is not None
        assert made.flags.aligned
        assert made.flags.c_contiguous
        assert made.dtype == given.dtype
        np.testing.assert_array_equal(made, given)


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"graph": 5}, StrategyError, "graph is an int, expected text"),
        ({"graph": "\ud800"}, StrategyError, "half of a surrogate pair"),
        ({"risk": None}, ConfigError, "risk is None, expected text"),
        ({"execution": b"{}"}, ConfigError, "execution is a bytes, expected text"),
        ({"cash": float("nan")}, ConfigError, "cash is nan, expected a finite number above 0"),
        ({"cash": 0}, ConfigError, "cash is 0"),
        ({"periods_per_year": float("nan")}, ConfigError, "periods_per_year is nan"),
        ({"bars_per_year": None}, ConfigError, "bars_per_year is None"),
        ({"years": -1.0}, ConfigError, "years is -1.0, expected a finite number from 0"),
        ({"start": True}, InputError, "start is True, expected a bar index"),
        ({"start": "x"}, InputError, "start is 'x'"),
        ({"ts": None}, InputError, "ts is None, expected contiguous int64"),
        ({"clock": 5}, InputError, r"clock is an int, expected a list of \(name, values\)"),
        ({"clock": [5]}, InputError, "clock holds an int"),
        ({"clock": [(5, ROWS)]}, InputError, "clock is an int, expected text"),
        ({"clock": [("\ud800", ROWS)]}, InputError, "half of a surrogate pair"),
        ({"longer": [("1w", ROWS)]}, InputError, r"expected a list of \(timeframe, bucket, closed"),
    ],
)
def test_refused(changes: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        setup_of(setup(**changes), (BARS,))


@pytest.mark.parametrize("given", [5, None, {}])
def test_what_is_no_setup_is_refused(given: Any) -> None:
    with pytest.raises(InputError, match=r"setup is .*expected a kernels.Setup"):
        setup_of(given, (BARS,))
