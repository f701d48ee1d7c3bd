"""Strategies by name: those that ship, your own classes, and their checks (`hl.strategies`).

    import hyprl_lab as hl

    hl.strategies.table()
    cross = hl.strategies.get("dual_sma")
    hl.strategies.discover("my_strategies")
    hl.strategies.validate("MyClass")

`docs/strategies.md` tells of each.
"""

from hyprl_lab.research.strategies.checking import validate
from hyprl_lab.research.strategies.classes import StrategyClass, is_strategy_class
from hyprl_lab.research.strategies.compiled import Compiled, compiled
from hyprl_lab.research.strategies.described import Info
from hyprl_lab.research.strategies.loading import Failure
from hyprl_lab.research.strategies.options import Option
from hyprl_lab.research.strategies.registry import Discovered, discover, get, info, schema, table
from hyprl_lab.research.strategies.registry import names as list  # noqa: A004  # the registry's
from hyprl_lab.research.strategies.report import Report
from hyprl_lab.research.strategies.shown import signals
from hyprl_lab.research.strategies.usual import Settings, settings

__all__ = [
    "Compiled",
    "Discovered",
    "Failure",
    "Info",
    "Option",
    "Report",
    "Settings",
    "StrategyClass",
    "compiled",
    "discover",
    "get",
    "info",
    "is_strategy_class",
    "list",
    "schema",
    "settings",
    "signals",
    "table",
    "validate",
]
