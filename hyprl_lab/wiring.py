"""What a lower layer takes from a higher one that it must not import: the one place that says so.

Imports point one way, and the engine is pure: what records is handed to it. A call such as
`hyprl_lab.engine.supercalc.run_native_search_batch` has nobody above it to hand anything in, and it
has to count in the ledger all the same. So it asks here, and what it gets is loaded when it is
first asked for. A caller that hands a sink in is not asked about this at all. In the same way a
validation draws itself where a user looks for it, with the charts of the reports.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

__all__ = ["provided"]

_PROVIDERS: Final = {
    "supercalc_sink": ("hyprl_lab.research.supercalc", "LedgerSink"),
    "validation_figures": ("hyprl_lab.report", "validation_figures"),
}


def provided(name: str) -> Any:
    """Return what a higher layer provides under a name; whoever asks knows its type.

    Raises
    ------
    KeyError
        Nothing is provided under that name.

    Examples
    --------
    >>> provided("supercalc_sink").__name__
    'LedgerSink'
    """
    module, attribute = _PROVIDERS[name]
    return getattr(import_module(module), attribute)
