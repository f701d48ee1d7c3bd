"""Every public indicator against TA-Lib 0.8.1, or a loop where it has none, over real bars.

The table of indicators and references is `tests/support/indicators`; the largest differences stand
in docs/indicators.md.
"""

from __future__ import annotations

import inspect
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import talib
from indicators import (
    PANEL,
    ROWS,
    SHIPPED,
    STORED,
    RealBars,
    differences,
    page,
    panel,
    shipped,
    stored,
    trials_on,
    values,
    work_out,
)
from indicators.row import AGREES, CANCELLED

from hyprl_lab.strategy import Expr, close, col, param, ta
from hyprl_lab.strategy.causality import warm_ups
from hyprl_lab.strategy.graph import flatten
from hyprl_lab.strategy.lines import Lines

if TYPE_CHECKING:
    from pathlib import Path

FUNCTIONS = {name: of for name in ta.__all__ if inspect.isfunction(of := getattr(ta, name))}
SYNONYMS = {"max": "highest", "min": "lowest", "stddev": "stdev", "var": "variance"}
GIVEN = {"x": close, "a": close, "b": close, "condition": col("anchor") == 1, "q": 0.5}

MORE_WINDOWS = tuple((float(window),) for window in (3, 4, 7, 10, 21, 30, 63, 100, 252, 500))

SLICE = (1_900, 2_300)
"""Bars of sp500 for the twin: 2007 and 2008, with ties, rises and falls."""


def assert_agree(name: str, bars: RealBars, engine: str = "native") -> None:
    row = ROWS[name]
    for numbers, apart in differences(row, bars, engine).items():
        allowed = row.tolerance(*numbers)
        assert apart <= allowed, f"{name}{numbers} on {bars.name}: {apart:.2e} apart"


def test_this_is_the_ta_lib_of_the_definitions() -> None:
    assert talib.__ta_version__.startswith(b"0.8.1")


def test_each_line_of_each_function_is_in_the_table() -> None:
    named = {}
    for name, function in FUNCTIONS.items():
        if name in SYNONYMS:
            assert function is FUNCTIONS[SYNONYMS[name]]
            continue
        wanted = inspect.signature(function).parameters.values()
        given = {
            argument.name: GIVEN.get(argument.name, 5)
            for argument in wanted
            if argument.default is inspect.Parameter.empty
        }
        made = function(**given)
        lines = [f"{name}.{line.name}" for line in fields(made)] if isinstance(made, Lines) else []
        assert lines or isinstance(made, Expr)
        named |= dict.fromkeys(lines or [name], name)
    assert {name.split("[")[0] for name in ROWS} == set(named)
    assert {row.function for row in ROWS.values()} == set(named.values())


@pytest.mark.parametrize("name", ROWS)
def test_numbers_of_the_table_are_those_of_the_function(name: str) -> None:
    """Each has several trials, and every argument that is a number is tried."""
    row = ROWS[name]
    arguments = set(inspect.signature(FUNCTIONS[row.function]).parameters)
    assert set(row.names) == arguments - {"x", "a", "b", "condition", "average"}
    assert len(row.numbers) >= (4 if row.names else 1)
    for numbers in row.numbers:
        graph = flatten({"x": row.expression(numbers)})
        assert warm_ups(graph.nodes, {})[graph.roots["x"]] == row.starts(numbers)[0]


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("bars", SHIPPED)
def test_native_on_the_shipped_sets(bars: str, name: str) -> None:
    row, found = ROWS[name], shipped(bars)
    assert trials_on(row, found) == row.numbers
    assert_agree(name, found)


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.names == ("window",)])
def test_native_over_more_windows(name: str) -> None:
    row = replace(ROWS[name], numbers=MORE_WINDOWS)
    for bars in SHIPPED:
        for numbers, apart in differences(row, shipped(bars)).items():
            assert apart <= row.tolerance(*numbers), f"{name}{numbers} on {bars}: {apart:.2e} apart"


@pytest.mark.parametrize("name", ROWS)
def test_the_twin_on_a_slice(name: str) -> None:
    bars = shipped("sp500").take(*SLICE)
    assert len(trials_on(ROWS[name], bars)) >= min(2, len(ROWS[name].numbers))
    assert_agree(name, bars, "python")


@pytest.mark.parametrize("name", ROWS)
def test_engines_agree_and_a_parameter_is_as_good_as_a_number(name: str) -> None:
    row, bars = ROWS[name], shipped("nasdaq").take(*SLICE)
    trials = trials_on(row, bars)
    expected = values(row, bars, trials, "python")
    for found, twin in zip(values(row, bars, trials, "native"), expected, strict=True):
        np.testing.assert_array_equal(found, twin)
    made = row.expression([param(argument) for argument in row.names])
    for engine in ("native", "python"):
        for numbers, twin in list(zip(trials, expected, strict=True))[:2]:
            (found,) = work_out(
                [made],
                bars.columns,
                engine,
                ts=bars.ts,
                bar_of_session=bars.bar_of_session,
                params=dict(zip(row.names, numbers, strict=True)),
            )
            np.testing.assert_array_equal(found, twin, f"{engine} {numbers}")


@pytest.mark.parametrize("bars", STORED)
def test_native_on_each_stored_set(shared: Path, bars: str) -> None:
    found = stored(shared, bars)
    for name in ROWS:
        assert_agree(name, found)


def test_native_on_every_share_of_the_panel(shared: Path) -> None:
    shares = panel(shared)
    assert len(shares) == 30, PANEL
    for bars in shares:
        for name in ROWS:
            assert_agree(name, bars)


def test_few_rows_are_held_to_less() -> None:
    """And only where the definition itself loses digits."""
    looser = {
        name: sorted({row.tolerance(*numbers) for numbers in row.numbers})
        for name, row in ROWS.items()
        if any(row.tolerance(*numbers) != AGREES for numbers in row.numbers)
    }
    assert looser == {
        "bbands.percent": [AGREES, CANCELLED],
        "adosc": [CANCELLED],
        "zscore": [AGREES, CANCELLED],
    }


def test_the_table_of_differences_is_that_of_these_bars() -> None:
    """Every line; the columns of the two sets that are always there, worked out anew.

    Up to a factor: other processors' exp and log may round the last digit otherwise.
    """
    found = page.committed()
    assert list(found) == list(ROWS)
    for name, cells in found.items():
        row = ROWS[name]
        assert cells["by"] == row.by
        assert set(cells) == {"by", *SHIPPED, *STORED, PANEL}
        for label in SHIPPED:
            fresh = max(differences(row, shipped(label)).values())
            written = float(cells[label])
            assert written <= 3 * max(fresh, 1e-15), f"{name} on {label}: {fresh:.1e} now"
            assert fresh <= 3 * max(written, 1e-15), f"{name} on {label}: {fresh:.1e} now"
        for label in set(cells) - {"by"}:
            if cells[label] != page.NO_VOLUME:
                assert float(cells[label]) <= CANCELLED
        assert row.needs_volume or page.NO_VOLUME not in cells.values()


@pytest.mark.parametrize("set_name", SHIPPED)
def test_the_chaikin_oscillator_without_fused_rounding(set_name: str) -> None:
    """TA-Lib's build rounds k·x + (1 - k)·e once, its source twice; ours is the source."""
    bars = shipped(set_name)
    line = talib.AD(bars.high, bars.low, bars.close, bars.volume)
    (found,) = values(ROWS["adosc"], bars, [(3, 10)])
    fast = slow = line[0]
    for t in range(1, len(line)):
        fast = 2 / 4 * line[t] + (1 - 2 / 4) * fast
        slow = 2 / 11 * line[t] + (1 - 2 / 11) * slow
        assert t < 9 or found[t] == fast - slow
