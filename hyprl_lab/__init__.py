"""HyprL Lab: find trading strategies that survive honest statistics, and serve the few that do.

    import hyprl_lab as hl

    bars = hl.load_bars("sp500")
    fast, slow = hl.param("fast", 2, 100), hl.param("slow", 3, 300)
    cross = hl.Strategy(
        name="sma_cross",
        long_entry=hl.ta.sma(hl.close, fast).crosses_above(hl.ta.sma(hl.close, slow)),
        long_exit=hl.ta.sma(hl.close, fast).crosses_below(hl.ta.sma(hl.close, slow)),
    )
    result = hl.backtest(bars, cross, params={"fast": 10, "slow": 30})

Names are loaded when they are first used; importing the package imports NumPy and nothing heavier.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from hyprl_lab import errors, presets
    from hyprl_lab import store as warehouse
    from hyprl_lab.data import (
        Bars,
        Factors,
        Panel,
        dataset_names,
        inspect_bars,
        load_bars,
        providers,
        read_bars,
        read_factors,
    )
    from hyprl_lab.engine import (
        AllIn,
        Execution,
        FixedFraction,
        FixedUnits,
        KellyFraction,
        Money,
        Percent,
        Result,
        RiskPct,
        VolatilityTarget,
        defaults,
        intrabar_interval,
    )
    from hyprl_lab.metrics import Metrics
    from hyprl_lab.presets import SearchPreset, Verdict, promote, search_preset
    from hyprl_lab.report import report
    from hyprl_lab.research import (
        Halving,
        SearchNull,
        Study,
        StudyGroup,
        Validation,
        backtest,
        choice,
        features,
        floats,
        ints,
        runs,
        search_null,
        stats,
        strategies,
        supersearch,
        validate,
        walk_forward_null,
    )
    from hyprl_lab.research.walk_forward import WalkForward, walk_forward
    from hyprl_lab.store import Warehouse, import_bars
    from hyprl_lab.strategy import (
        Expr,
        LogisticModel,
        Strategy,
        bar_of_session,
        close,
        col,
        high,
        low,
        maximum,
        minimum,
        minute_of_day,
        on,
        open,  # noqa: A004 - the field's name for the first price of a bar
        param,
        probability,
        stop,
        ta,
        target,
        trail,
        volume,
        weekday,
        where,
    )

__all__ = [
    "AllIn",
    "Bars",
    "Execution",
    "Expr",
    "Factors",
    "FixedFraction",
    "FixedUnits",
    "Halving",
    "KellyFraction",
    "LogisticModel",
    "Metrics",
    "Money",
    "Panel",
    "Percent",
    "Result",
    "RiskPct",
    "SearchNull",
    "SearchPreset",
    "Strategy",
    "Study",
    "StudyGroup",
    "Validation",
    "Verdict",
    "VolatilityTarget",
    "WalkForward",
    "Warehouse",
    "backtest",
    "bar_of_session",
    "choice",
    "close",
    "col",
    "dataset_names",
    "defaults",
    "errors",
    "features",
    "floats",
    "high",
    "import_bars",
    "inspect_bars",
    "intrabar_interval",
    "ints",
    "load_bars",
    "low",
    "maximum",
    "minimum",
    "minute_of_day",
    "on",
    "open",
    "param",
    "presets",
    "probability",
    "promote",
    "providers",
    "read_bars",
    "read_factors",
    "report",
    "runs",
    "search_null",
    "search_preset",
    "stats",
    "stop",
    "strategies",
    "supersearch",
    "ta",
    "target",
    "trail",
    "validate",
    "volume",
    "walk_forward",
    "walk_forward_null",
    "warehouse",
    "weekday",
    "where",
]

_HOMES = {
    "hyprl_lab.data": (
        "Bars",
        "Factors",
        "Panel",
        "dataset_names",
        "inspect_bars",
        "load_bars",
        "read_bars",
        "read_factors",
    ),
    "hyprl_lab.engine": (
        "AllIn",
        "Execution",
        "FixedFraction",
        "FixedUnits",
        "KellyFraction",
        "Money",
        "Percent",
        "Result",
        "RiskPct",
        "VolatilityTarget",
        "defaults",
        "intrabar_interval",
    ),
    "hyprl_lab.metrics": ("Metrics",),
    "hyprl_lab.presets": ("SearchPreset", "Verdict", "promote", "search_preset"),
    "hyprl_lab.report": ("report",),
    "hyprl_lab.research": (
        "Halving",
        "SearchNull",
        "Study",
        "StudyGroup",
        "Validation",
        "backtest",
        "choice",
        "floats",
        "ints",
        "search_null",
        "stats",
        "supersearch",
        "validate",
        "walk_forward_null",
    ),
    "hyprl_lab.research.walk_forward": ("WalkForward", "walk_forward"),
    "hyprl_lab.store": ("Warehouse", "import_bars"),
    "hyprl_lab.strategy": (
        "Expr",
        "LogisticModel",
        "Strategy",
        "bar_of_session",
        "close",
        "col",
        "high",
        "low",
        "maximum",
        "minimum",
        "minute_of_day",
        "on",
        "open",
        "param",
        "probability",
        "stop",
        "ta",
        "target",
        "trail",
        "volume",
        "weekday",
        "where",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_MODULES = {
    "errors": "hyprl_lab.errors",
    "features": "hyprl_lab.research.features",
    "presets": "hyprl_lab.presets",
    "providers": "hyprl_lab.data.providers",
    "runs": "hyprl_lab.research.runs",
    "strategies": "hyprl_lab.research.strategies",
    "warehouse": "hyprl_lab.store",
}


def __getattr__(name: str) -> object:
    if name in _MODULES:
        value: object = import_module(_MODULES[name])
    elif name in _HOME_OF:
        value = getattr(import_module(_HOME_OF[name]), name)
    else:
        raise AttributeError(f"module 'hyprl_lab' has no attribute {name!r}; see hyprl_lab.__all__")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
