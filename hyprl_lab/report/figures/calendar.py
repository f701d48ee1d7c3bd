"""Returns by month and by year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.report.figures.theme import lab_figure

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from hyprl_lab.report.view import RunView

__all__ = ["calendar_figure", "calendar_returns"]

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def calendar_returns(equity: pd.Series[float], *, cash: float) -> pd.DataFrame:
    """Return a table of returns, one row a year, columns `Jan` … `Dec` and `Year`.

    A period's return is its last equity over the last equity before it, less one; the first
    period starts from `cash`. Months are UTC calendar months. A month without a bar is NaN, and
    so is the return from an equity of zero.

    Parameters
    ----------
    equity
        Money at each bar's close, by UTC timestamp.
    cash
        Money at the start.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.DatetimeIndex(["2020-01-31", "2020-02-28", "2021-01-29"], tz="UTC")
    >>> table = calendar_returns(pd.Series([110.0, 121.0, 60.5], index=days), cash=100.0)
    >>> table[["Jan", "Feb", "Year"]].round(12).values.tolist()
    [[0.1, 0.1, 0.21], [-0.5, nan, -0.5]]
    """
    import pandas as pd

    index = pd.DatetimeIndex(pd.to_datetime(equity.index, utc=True))
    years = sorted(set(index.year))
    table = pd.DataFrame(
        np.nan, index=pd.Index(years, name="year"), columns=[*MONTHS, "Year"], dtype=float
    )
    for (year, month), value in _returns(equity, [index.year, index.month], cash).items():
        table.loc[year, MONTHS[month - 1]] = value
    for (year,), value in _returns(equity, [index.year], cash).items():
        table.loc[year, "Year"] = value
    return table


def _returns(
    equity: pd.Series[float], keys: list[pd.Index[int]], cash: float
) -> dict[tuple[int, ...], float]:
    last: dict[tuple[int, ...], float] = {}
    for key, money in zip(zip(*keys, strict=True), equity.tolist(), strict=True):
        last[tuple(int(part) for part in key)] = money
    found: dict[tuple[int, ...], float] = {}
    before = cash
    for period, value in last.items():
        found[period] = value / before - 1 if before > 0 else float("nan")
        before = value
    return found


def calendar_figure(run: RunView) -> go.Figure:
    """Draw the returns by month, and by year in the last column, in percent.

    The colour scale runs from orange (loss) over white to blue (gain) and saturates at the
    largest absolute monthly return; each cell also prints its number.

    Examples
    --------
    >>> from hyprl_lab.report.sample import sample_run
    >>> calendar_figure(sample_run()).data[0].x[-1]
    'Year'
    """
    table = calendar_returns(run.equity, cash=run.cash)
    values = table.to_numpy()
    months = np.abs(values[:, :-1][np.isfinite(values[:, :-1])])
    reach = max(float(months.max(initial=0.0)), 0.01)
    figure = lab_figure(
        title="Returns by month and year (%)",
        x_title="Month (UTC)",
        y_title="Year",
        height=130 + 24 * max(len(table), 2),
    )
    figure.add_heatmap(
        x=list(table.columns),
        y=[str(year) for year in table.index],
        z=values,
        text=[
            ["" if np.isnan(v) else f"{round(100 * v, 1) + 0.0:.1f}" for v in row] for row in values
        ],
        texttemplate="%{text}",
        textfont={"size": 11},
        hovertemplate="%{y} %{x}: %{z:.2%}<extra></extra>",
        colorscale=[[0.0, "#E08214"], [0.5, "#FFFFFF"], [1.0, "#4393C3"]],
        zmin=-reach,
        zmax=reach,
        xgap=1,
        ygap=1,
        showscale=False,
    )
    figure.update_xaxes(type="category", showgrid=False, side="top", title=None)
    figure.update_yaxes(type="category", showgrid=False, autorange="reversed", title=None)
    figure.update_layout(hovermode="closest", margin={"t": 84, "b": 24})
    return figure
