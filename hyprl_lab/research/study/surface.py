"""One metric over two parameters, as a table and as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.research.space import Floats, Ints
from hyprl_lab.research.study.frames import completed_columns, reading

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from hyprl_lab.research.study.study import Study
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["Reduce", "Surface", "cells", "levels", "surface"]

Reduce: TypeAlias = Literal["max", "mean", "median"]

_MOST_LEVELS: Final = 200
"""More values of a grid than this are put into bins."""
_BINS: Final = 40
_FEWEST_BINS: Final = 4
_TRIALS_A_CELL: Final = 4
"""How many drawn trials a cell has on average, where bins are made for them."""
_FONT: Final = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
_LIGHT: Final = {"ink": "#1f2933", "line": "#52606d", "paper": "white", "empty": "#eef0f3"}
_DARK: Final = {"ink": "#e4e7eb", "line": "#9aa5b1", "paper": "#111827", "empty": "#374151"}
_SCALE: Final = "Cividis"  # even in lightness, and the same to colour-blind eyes (Nuñez 2018)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Surface:
    """A metric over two parameters.

    Parameters
    ----------
    table
        A column for each value of `x` and a row for each value of `y`, both ascending; NaN where
        there is no trial or the metric is undefined for all of them.
    x, y
        The parameters.
    metric
        The expression that is shown.
    reduce
        How trials that share both values, and differ in others, become one number.
    title
        What was searched.
    x_log, y_log
        Whether the axis was searched in its logarithm; the figure shows it so.
    chosen
        Both parameters of the study's best trial; the figure marks it. `None` without one.
    """

    table: pd.DataFrame
    x: str
    y: str
    metric: str
    reduce: Reduce
    title: str
    x_log: bool = False
    y_log: bool = False
    chosen: tuple[float, float] | None = None

    def figure(self, *, dark: bool = False) -> go.Figure:
        """Draw a heatmap.

        Parameters
        ----------
        dark
            Light letters on a dark ground.
        """
        import plotly.graph_objects as go

        look = _DARK if dark else _LIGHT
        axis: dict[str, Any] = {
            "showgrid": False, "zeroline": False, "showline": True, "linecolor": look["line"],
            "ticks": "outside", "tickcolor": look["line"], "automargin": True,
            "title": {"standoff": 10, "font": {"size": 13}},
        }  # fmt: skip
        figure = go.Figure(
            layout={
                "template": go.layout.Template(),
                "title": {
                    "text": f"{self._headline}<br><sub>{self.title}</sub>",
                    "x": 0, "xref": "container", "pad": {"l": 8}, "font": {"size": 16},
                },
                "height": 480,
                "font": {"family": _FONT, "size": 13, "color": look["ink"]},
                "paper_bgcolor": look["paper"],
                "plot_bgcolor": look["empty"],
                "margin": {"l": 70, "r": 24, "t": 72, "b": 56},
                "hovermode": "closest",
                "xaxis": axis | _scale(self.x_log) | {"title": axis["title"] | {"text": self.x}},
                "yaxis": axis | _scale(self.y_log) | {"title": axis["title"] | {"text": self.y}},
            }
        )  # fmt: skip
        figure.add_heatmap(
            x=self.table.columns.to_numpy(),
            y=self.table.index.to_numpy(),
            z=self.table.to_numpy(),
            colorscale=_SCALE,
            hoverongaps=False,
            hovertemplate=f"{self.x} %{{x:~g}}<br>{self.y} %{{y:~g}}<br>"
            f"{self.metric} %{{z:.4g}}<extra></extra>",
            colorbar={"title": {"text": self.metric, "side": "right"}, "outlinewidth": 0},
        )
        if self.chosen is not None:
            figure.add_scatter(
                x=[self.chosen[0]],
                y=[self.chosen[1]],
                mode="markers",
                name="chosen",
                showlegend=False,
                marker={
                    "symbol": "circle-open",
                    "size": 16,
                    "color": look["ink"],
                    "line": {"width": 3},
                },
                hovertemplate=f"the best trial: {self.x} %{{x:~g}}, {self.y} %{{y:~g}}"
                "<extra></extra>",
            )
        return figure

    @property
    def _headline(self) -> str:
        circled = "" if self.chosen is None else "; circled: {:g}, {:g}".format(*self.chosen)
        return f"{self._shown} over {self.x} and {self.y}{circled}"

    @property
    def _shown(self) -> str:
        word = {"max": "Best", "mean": "Mean", "median": "Median"}[self.reduce]
        return f"{word} {self.metric}"

    def __repr__(self) -> str:
        """One line: what is shown, and how many cells have a value."""
        filled = int(self.table.notna().to_numpy().sum())
        columns, rows = self.table.shape[1], self.table.shape[0]
        return (
            f"Surface({self.reduce} of {self.metric} over {self.x} x {self.y}: "
            f"{columns} x {rows} cells, {filled:,} with trials; .table, .figure())"
        )

    def _repr_html_(self) -> str:
        import plotly.io as pio

        found: str = pio.to_html(self.figure(), full_html=False, include_plotlyjs=True)
        return found


def surface(
    study: Study, x: str, y: str, metric: str | None = None, reduce: Reduce = "max"
) -> Surface:
    """Return a metric over two parameters; see `Study.surface`."""
    import pandas as pd

    if reduce not in get_args(Reduce):
        raise InputError(f"reduce is {reduce!r}; choose one of {list(get_args(Reduce))}")
    names = study.points.names
    unknown = [name for name in (x, y) if name not in names]
    if unknown or x == y:
        said = f"has no {unknown}" if unknown else f"was asked for {x!r} over itself"
        raise InputError(f"the study {said}; expected two of its parameters {names}")
    read = reading(study, metric)
    columns = completed_columns(study, sorted(read.uses()), [x, y])
    values = read.values(columns.by_name, len(columns))
    x_log, y_log = _in_logarithm(study, x), _in_logarithm(study, y)
    most, bins = _cut(len(columns), sampled=study.sampler != "grid")
    across, at_x = levels(columns.by_name[x], most=most, bins=bins, log=x_log)
    down, at_y = levels(columns.by_name[y], most=most, bins=bins, log=y_log)
    found = cells(at_y * len(across) + at_x, values, len(across) * len(down), reduce)
    return Surface(
        table=pd.DataFrame(
            found.reshape(len(down), len(across)),
            index=pd.Index(down, name=y),
            columns=pd.Index(across, name=x),
        ),
        x=x,
        y=y,
        metric=read.text,
        reduce=reduce,
        title=f"{study.strategy.name} on {study.bars.symbol} {study.bars.timeframe}, "
        f"{len(columns):,} trials",
        x_log=x_log and bool((across > 0).all()),
        y_log=y_log and bool((down > 0).all()),
        chosen=_chosen(study, x, y),
    )


def _chosen(study: Study, x: str, y: str) -> tuple[float, float] | None:
    point = {} if study.best is None else study.best.params
    return (float(point[x]), float(point[y])) if x in point and y in point else None


def _cut(trials: int, *, sampled: bool) -> tuple[int, int]:
    """Return how many values an axis may have, and into how many bins it is cut if it has more.

    Hardly two drawn trials have a value in common, so there are as many bins as leave some trials
    for each cell.
    """
    if not sampled:
        return _MOST_LEVELS, _BINS
    bins = min(max(round((trials / _TRIALS_A_CELL) ** 0.5), _FEWEST_BINS), _BINS)
    return 2 * bins, bins


def _in_logarithm(study: Study, name: str) -> bool:
    axis = (study.space or {}).get(name)
    return isinstance(axis, Floats | Ints) and axis.log


def _scale(log: bool) -> dict[str, str]:  # one thing alone
    return {"type": "log"} if log else {}


def levels(
    column: FloatArray, *, most: int = _MOST_LEVELS, bins: int = _BINS, log: bool = False
) -> tuple[FloatArray, IntArray]:
    """Return the values on an axis and where each trial stands; many values become bins.

    Bins are of equal width between the least and the largest value, and are named by their
    centre.

    Parameters
    ----------
    column
        A value a trial.
    most
        More values than this become bins.
    bins
        How many bins.
    log
        Whether widths and centres are those of the logarithm, where all values are above 0.

    Examples
    --------
    >>> levels(np.array([20.0, 5.0, 20.0]))[0].tolist()
    [5.0, 20.0]
    """
    values, places = np.unique(column, return_inverse=True)
    if len(values) <= most:
        return values, places.astype(np.int64)
    log = log and values[0] > 0
    scaled = np.log(column) if log else column
    edges = np.linspace(scaled.min(), scaled.max(), bins + 1)
    places = np.clip(np.searchsorted(edges, scaled, side="right") - 1, 0, bins - 1)
    centres = (edges[:-1] + edges[1:]) / 2.0
    return np.exp(centres) if log else centres, places.astype(np.int64)


def cells(places: IntArray, values: FloatArray, count: int, reduce: Reduce) -> FloatArray:
    """Return one number a cell from the values that fall into it; NaN where none is defined.

    Parameters
    ----------
    places
        The cell of each value.
    values
        NaN is left out.
    count
        How many cells there are.
    reduce
        How several values become one.

    Examples
    --------
    >>> where, values = np.array([0, 0, 0, 2]), np.array([1.0, 5.0, 3.0, 7.0])
    >>> cells(where, values, 3, "median").tolist()
    [3.0, nan, 7.0]
    """
    defined = ~np.isnan(values)
    where, numbers = places[defined], values[defined]
    order = np.lexsort((numbers, where))
    where, numbers = where[order], numbers[order]
    sizes = np.bincount(where, minlength=count)
    some = np.flatnonzero(sizes)
    stops = np.cumsum(sizes)[some]
    starts, sizes = stops - sizes[some], sizes[some]
    found = np.full(count, np.nan)
    if not len(some):
        return found
    if reduce == "max":
        found[some] = numbers[stops - 1]
    elif reduce == "mean":
        found[some] = np.add.reduceat(numbers, starts) / sizes
    else:
        lower, upper = starts + (sizes - 1) // 2, starts + sizes // 2
        found[some] = (numbers[lower] + numbers[upper]) / 2.0
    return found
