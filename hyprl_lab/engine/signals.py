"""Columns of signals that a strategy class made: named after their content, and checked by it."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from hyprl_lab.types import FloatArray

__all__ = ["SIGNALS", "check_signals", "signals_name"]

_HASH_LENGTH: Final = 32

SIGNALS: Final = re.compile(r"(signals_[0-9a-f]{32})_((?:long|short)_(?:entry|exit))")
"""The name of a column of signals: what `signals_name` says, and which of the four it is."""


def signals_name(signals: Mapping[str, FloatArray]) -> str:
    """Return `signals_` and 32 hexadecimal letters of the SHA-256 of signals and their names.

    Rows at the end at which all of them are missing don't count: signals made of the bars up to
    the end of a period have one name, whatever bars come after it.

    Parameters
    ----------
    signals
        1, 0 and NaN, one a bar, by name.

    Examples
    --------
    >>> signals_name({"long_entry": np.array([0.0, 1.0])})
    'signals_5c0e62f9774d886441ea101f3c32215e'
    >>> signals_name({"long_entry": np.array([0.0, 1.0, np.nan])})
    'signals_5c0e62f9774d886441ea101f3c32215e'
    """
    known = [np.flatnonzero(~np.isnan(values)) for values in signals.values()]
    rows = max((int(found[-1]) + 1 for found in known if found.size), default=0)
    content = hashlib.sha256()
    for name, values in sorted(signals.items()):
        content.update(name.encode() + b"\0")
        content.update(np.where(np.isnan(values), np.nan, values)[:rows].astype("<f8").tobytes())
    return f"signals_{content.hexdigest()[:_HASH_LENGTH]}"


def check_signals(columns: Mapping[str, FloatArray], read: Collection[str]) -> None:
    """Refuse columns of signals that a graph reads, and whose content is not that of their name.

    The name is what the strategy's hash, and so the ledger, knows of signals: other content under
    it would be another try that counts as none.

    Parameters
    ----------
    columns
        Of the bars.
    read
        The names that the graph reads.

    Raises
    ------
    BarsError
        The content is another one: the bars were cut, or the column was changed.

    Examples
    --------
    >>> check_signals({"close": np.array([1.0])}, ["close"])
    """
    for stem in sorted({found[1] for name in read if (found := SIGNALS.fullmatch(name))}):
        signals = {
            found[2]: values
            for name, values in columns.items()
            if (found := SIGNALS.fullmatch(name)) and found[1] == stem
        }
        if signals_name(signals) != stem:
            raise BarsError(
                f"the columns {stem}_… hold other signals than those they are named after: the "
                "bars were cut, or the columns changed; run the strategy class on these bars, by "
                "hl.backtest or hl.strategies.compiled"
            )
