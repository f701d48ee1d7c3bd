"""How far an indicator is from its reference on real bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from indicators.worked_out import work_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyprl_lab.types import FloatArray
    from indicators.row import Numbers, Row
    from indicators.sets import RealBars


def values(
    row: Row, bars: RealBars, trials: Sequence[Numbers], engine: str = "native"
) -> list[FloatArray]:
    """Ours, one array a trial."""
    return work_out(
        [row.expression(numbers) for numbers in trials],
        bars.columns,
        engine,
        ts=bars.ts,
        bar_of_session=bars.bar_of_session,
    )


def difference(row: Row, bars: RealBars, numbers: Numbers, found: FloatArray) -> float:
    """The largest |ours - reference| / max(1, |reference|).

    Asserts that both have values on the same bars: ours from the warm-up on, the reference from
    the first bar that can be compared.
    """
    first, compared = row.starts(numbers)
    wanted = row.reference(bars, numbers)
    label = f"{row.name}{numbers} on {bars.name}"
    assert np.isnan(found[:first]).all(), f"{label}: a value before bar {first}"
    ours, theirs = np.isfinite(found), np.isfinite(wanted)
    assert not theirs[:compared].any(), f"{label}: its reference begins before bar {compared}"
    apart = np.flatnonzero(ours[compared:] != theirs[compared:]) + compared
    assert not len(apart), f"{label}: bar {apart[0]} is {found[apart[0]]}, {wanted[apart[0]]}"
    if not row.may_be_missing:
        assert ours[first:].all(), f"{label}: missing after bar {first}"
    both = ours[compared:]
    assert both.sum() > 0.5 * (len(bars) - compared), f"{label}: {both.sum()} values to compare"
    a, b = found[compared:][both], wanted[compared:][both]
    return float((np.abs(a - b) / np.maximum(1.0, np.abs(b))).max())


def trials_on(row: Row, bars: RealBars) -> tuple[Numbers, ...]:
    """The trials that the bars are long enough for."""
    return tuple(n for n in row.numbers if max(row.starts(n)) < len(bars) // 2)


def differences(row: Row, bars: RealBars, engine: str = "native") -> dict[Numbers, float]:
    """By the numbers that were tried; nothing where the row needs volume and there is none."""
    if row.needs_volume and bars.volume is None:
        return {}
    trials = trials_on(row, bars)
    found = values(row, bars, trials, engine)
    return {n: difference(row, bars, n, x) for n, x in zip(trials, found, strict=True)}
