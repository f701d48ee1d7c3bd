"""`hl.strategies.signals`: what a strategy says at each bar, before anything is filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.data.given import checked_bars
from hyprl_lab.engine.features import feature_values
from hyprl_lab.research.strategies.classes import instance_of, is_strategy_class
from hyprl_lab.research.strategies.compiled import emit
from hyprl_lab.research.strategies.options import bound
from hyprl_lab.research.strategies.registry import get
from hyprl_lab.strategy import document
from hyprl_lab.strategy.features import Features
from hyprl_lab.strategy.given import checked_strategy

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.types import EngineName, FloatArray

__all__ = ["signals"]


def signals(
    bars: Bars,
    name_or_strategy: object,
    params: Mapping[str, float] | None = None,
    *,
    engine: EngineName = "native",
) -> pd.DataFrame:
    """Return a strategy's signals: a row a bar, true where it asks for an entry or an exit.

    Parameters
    ----------
    bars
        What it reads.
    name_or_strategy
        A name of the registry, a graph, or a strategy class.
    params
        Values for its parameters; a class fills in its defaults.
    engine
        Which one evaluates a graph.

    Returns
    -------
    pandas.DataFrame
        Booleans, missing as `<NA>`; those of `long_entry`, `long_exit`, `short_entry`,
        `short_exit` that the strategy has, by the bar's open (`ts`, UTC).

    Raises
    ------
    StrategyError
        No such strategy, a parameter is out of range, or the class failed.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> found = signals(load_bars("TEST"), "dual_sma", {"fast": 5, "slow": 20})
    >>> list(found.columns), int(found["long_entry"].sum())
    (['long_entry', 'long_exit'], 17)
    """
    import pandas as pd

    checked_bars(bars)
    found = get(name_or_strategy) if isinstance(name_or_strategy, str) else name_or_strategy
    if is_strategy_class(found):
        instance = instance_of(found)
        values = emit(instance, bars, bound(instance.options, params, instance.name))
    else:
        strategy = checked_strategy(found)
        outputs = {
            name: condition
            for name in document.OUTPUTS
            if (condition := getattr(strategy, name)) is not None
        }
        features, given = Features(outputs), strategy.bind(params)
        read = {name: given[name] for name in features.graph.parameters}
        values = feature_values(bars, features, read, engine)
    index = pd.DatetimeIndex(bars.ts.view("datetime64[us]"), name="ts").tz_localize("UTC")
    return pd.DataFrame({name: _booleans(column) for name, column in values.items()}, index)


def _booleans(values: FloatArray) -> pd.api.extensions.ExtensionArray:
    import pandas as pd

    return pd.arrays.BooleanArray(values == 1.0, np.isnan(values))
