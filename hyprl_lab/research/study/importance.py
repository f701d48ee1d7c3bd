"""How much of the objective's variance each parameter explains alone.

The first-order Sobol' index of a parameter is Var(E[Y | X]) / Var(Y): the share of the variance
that would go if the parameter were fixed (I. M. Sobol', "Global sensitivity indices for nonlinear
mathematical models and their Monte Carlo estimates", Mathematics and Computers in Simulation 55,
2001). From given data it is estimated by cutting the parameter into classes: the variance of the
class means over the whole variance, Pearson's correlation ratio (E. Plischke, E. Borgonovo, C. L.
Smith, "Global sensitivity measures from given data", European Journal of Operational Research
226, 2013).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.research.study.frames import completed_columns, reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from hyprl_lab.research.study.study import Study
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["first_order_indices", "importance"]

_MOST_CLASSES: Final = 64
_FEWEST_CLASSES: Final = 4


def importance(study: Study, metric: str | None = None) -> pd.Series[float]:
    """Return the shares of a metric's variance; see `Study.importance`."""
    import pandas as pd

    read = reading(study, metric)
    names = study.points.names
    columns = completed_columns(study, sorted(read.uses()), names)
    values = read.values(columns.by_name, len(columns))
    defined = ~np.isnan(values)
    shares = first_order_indices(
        {name: columns.by_name[name][defined] for name in names},
        values[defined],
        sampled=study.sampler != "grid",
    )
    alone = sorted(names, key=lambda name: -shares[name])
    rest = float(np.maximum(0.0, 1.0 - np.sum(list(shares.values()))))  # NaN where a share is
    index = pd.Index([*alone, "interactions"], name="parameter")
    return pd.Series([*(shares[name] for name in alone), rest], index=index, name="share")


def first_order_indices(
    params: Mapping[str, FloatArray], values: FloatArray, *, sampled: bool
) -> dict[str, float]:
    """Return for each parameter the share of the variance of `values` that it explains alone.

    With k classes of n values in all, η² = Σ nⱼ(ȳⱼ - ȳ)² ÷ Σ (y - ȳ)². On a grid the classes are
    the parameter's values and η² is the index of the grid itself. In a sample η² is too large even
    for a parameter that does nothing, by (k - 1)/(n - 1) on average, so the share is
    ε² = 1 - (1 - η²)(n - 1)/(n - k), at least 0 (T. L. Kelley, "An unbiased correlation ratio
    measure", PNAS 21, 1935); a parameter of more than ∛n values (at least 4, at most 64) is cut
    into as many classes of equal size.

    Parameters
    ----------
    params
        The values of each parameter, arrays of one length. No NaN.
    values
        What is explained, of that length. No NaN.
    sampled
        Whether the points were drawn; a grid holds all there are.

    Returns
    -------
    dict
        By name, from 0 to 1; NaN for all where `values` do not vary or there are fewer than two.

    Examples
    --------
    >>> a, b = np.repeat([0.0, 1.0, 2.0], 3), np.tile([0.0, 1.0, 2.0], 3)
    >>> shares = first_order_indices({"a": a, "b": b}, 2 * a + b, sampled=False)
    >>> round(shares["a"], 12), round(shares["b"], 12)
    (0.8, 0.2)
    """
    count = len(values)
    total = float(np.square(values - values.mean()).sum()) if count else 0.0
    scale = float(np.square(values).sum())
    if count < 2 or total <= 1e-24 * scale:
        return dict.fromkeys(params, float("nan"))
    found: dict[str, float] = {}
    for name, column in params.items():
        classes, many = _classes(column, sampled=sampled)
        sizes = np.bincount(classes, minlength=many)
        means = np.bincount(classes, weights=values, minlength=many) / sizes
        share = float((sizes * np.square(means - values.mean())).sum()) / total
        if sampled:
            share = 1.0 - (1.0 - share) * (count - 1) / (count - many) if count > many else np.nan
        found[name] = share if np.isnan(share) else min(max(share, 0.0), 1.0)
    return found


def _classes(column: FloatArray, *, sampled: bool) -> tuple[IntArray, int]:
    """Return the class of each value, from 0, and how many classes there are."""
    levels, places = np.unique(column, return_inverse=True)
    most = min(max(round(len(column) ** (1 / 3)), _FEWEST_CLASSES), _MOST_CLASSES)
    if not sampled or len(levels) <= most:
        return places.astype(np.int64), len(levels)
    first = np.searchsorted(np.sort(column), levels)
    whole = first[places] * most // len(column)  # equal values stay in one class
    _, classes = np.unique(whole, return_inverse=True)
    return classes.astype(np.int64), int(classes.max()) + 1
