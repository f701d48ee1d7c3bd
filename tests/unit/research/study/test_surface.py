"""A metric over two parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.errors import InputError, SpaceError
from hyprl_lab.research import supersearch
from hyprl_lab.research.space import floats, ints
from hyprl_lab.research.study.surface import Reduce, cells, levels
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hyprl_lab.data import Bars
    from hyprl_lab.research.study import Study

    Write = Callable[..., Study]


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.one_of(st.just(np.nan), st.floats(-1e6, 1e6))), max_size=40
    ),
    st.sampled_from(["max", "mean", "median"]),
)
def test_cells_are_what_pandas_says(rows: list[tuple[int, float]], reduce: Reduce) -> None:
    places = np.array([place for place, _ in rows], dtype=np.int64)
    values = np.array([value for _, value in rows], dtype=np.float64)
    expected = pd.Series(values).groupby(places).agg(reduce).reindex(range(6))
    np.testing.assert_allclose(
        cells(places, values, 6, reduce), expected.to_numpy(dtype=float), rtol=1e-9, atol=1e-6
    )


def test_many_values_become_bins_of_equal_width() -> None:
    column = np.linspace(0.0, 10.0, 1001)
    centres, places = levels(column)
    np.testing.assert_allclose(centres, 0.125 + 0.25 * np.arange(40), rtol=1e-12)
    assert np.bincount(places).tolist() == [25] * 39 + [26]  # the last value is in the last bin


def test_the_best_where_others_differ(written: Write) -> None:
    study = written(
        {"fast": [5, 6], "slow": [20, 30, 40]},
        {"sharpe": [1, 2, 3, 4, np.nan, 6], "trades": [1, 2, 3, 4, 5, 6]},
        name="surface",
        states=["completed"] * 5 + ["pruned"],
        constraints=["trades > 3"],
    )
    found = study.surface("fast", "slow")
    assert list(found.table.columns) == [5.0, 6.0]
    assert found.table.columns.name == "fast"
    assert found.table.index.tolist() == [20.0, 30.0, 40.0]
    np.testing.assert_array_equal(found.table, [[1, 4], [2, np.nan], [3, np.nan]])
    assert repr(found) == (
        "Surface(max of sharpe over fast x slow: 2 x 3 cells, 4 with trials; .table, .figure())"
    )


def test_a_figure_shows_the_table_light_and_dark(study: Study) -> None:
    found = study.surface("fast", "slow", "-max_drawdown", "median")
    for dark, paper in ((False, "white"), (True, "#111827")):
        figure = found.figure(dark=dark)
        trace, best = figure.data
        assert study.best is not None
        assert (best.x[0], best.y[0]) == tuple(
            study.best.params[name] for name in (found.x, found.y)
        )
        assert trace.type == "heatmap"
        np.testing.assert_array_equal(trace.z, found.table.to_numpy())
        assert list(trace.x) == found.table.columns.tolist()
        assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("fast", "slow")
        assert figure.layout.title.text.startswith("Median -max_drawdown over fast and slow")
        assert figure.layout.paper_bgcolor == paper
    assert "plotly" in found._repr_html_().lower()


def test_the_surface_of_a_study_is_its_trials(study: Study) -> None:
    trials = study.trials()
    expected = trials.pivot_table(index="slow", columns="fast", values="cagr")
    for reduce in ("max", "mean", "median"):  # one trial a cell
        found = study.surface("fast", "slow", "cagr", reduce)
        pd.testing.assert_frame_equal(found.table, expected)


def test_what_can_not_be_shown(study: Study) -> None:
    with pytest.raises(InputError, match=r"has no \['nope'\].*\['fast', 'slow'\]"):
        study.surface("fast", "nope")
    with pytest.raises(InputError, match="'fast' over itself"):
        study.surface("fast", "fast")
    with pytest.raises(InputError, match=r"choose one of \['max', 'mean', 'median'\]"):
        study.surface("fast", "slow", reduce="min")  # type: ignore[arg-type]
    with pytest.raises(SpaceError, match="nope"):
        study.surface("fast", "slow", "nope")


def test_bins_of_a_logarithm() -> None:
    column = np.geomspace(1.0, 256.0, 100)
    centres, places = levels(column, most=20, bins=4, log=True)
    np.testing.assert_allclose(centres, [2, 8, 32, 128], rtol=1e-12)
    assert np.bincount(places).tolist() == [25] * 4
    assert levels(column - 1.0, most=20, bins=4, log=True)[0][0] == pytest.approx(255 / 8)


def test_drawn_values_get_bins_with_some_trials_each(stock: Bars, tmp_path: Path) -> None:
    drawn = supersearch(
        stock, dual_sma(),
        {"execution.fee_bps": floats(0.1, 100, log=True), "fast": [5], "slow": ints(6, 90)},
        sampler="sobol", max_trials=64, warehouse=Warehouse(tmp_path),
    )  # fmt: skip
    found = drawn.surface("execution.fee_bps", "slow")
    assert found.table.shape == (4, 4)  # 64 trials, 4 a cell
    assert found.table.notna().all().all()
    layout = found.figure().layout
    assert (layout.xaxis.type, layout.yaxis.type) == ("log", None)
