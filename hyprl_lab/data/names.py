"""One spelling for the names of columns."""

from __future__ import annotations

import re

from hyprl_lab.errors import BarsError

__all__ = ["snake_case"]


def snake_case(name: str) -> str:
    """Return a column's name in lower case, its words joined by underscores.

    Raises
    ------
    BarsError
        Nothing is left, or the name begins with a digit.

    Examples
    --------
    >>> snake_case("Adj Close"), snake_case("RSI_14"), snake_case("volumeChanged")
    ('adj_close', 'rsi_14', 'volume_changed')
    """
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    plain = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
    if not plain or plain[0].isdigit():
        raise BarsError(
            f"columns: found the name {name!r}; expected a letter first, then letters and digits. "
            "Rename the column: df.rename(columns=…)"
        )
    return plain
